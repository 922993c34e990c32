//! What lines show of arguments and of memory.

use super::OneCall;

fn words(line: &str) -> [u64; 6] {
    let call = OneCall::of(line);
    assert_eq!(call.notes, [""; 0], "{line}");
    call.words
}

#[test]
fn words_are_what_the_kernel_has() {
    let fdcwd = -100i32 as u32 as u64;
    for (line, expected) in [
        (
            "openat(AT_FDCWD, 0x1, O_RDWR|O_CREAT, 0644) = 3",
            [fdcwd, 1, 0o102, 0o644, 0, 0],
        ),
        (
            "openat(AT_FDCWD</root>, NULL, O_RDONLY) = -1 EFAULT (Bad)",
            [fdcwd, 0, 0, 0, 0, 0],
        ),
        (
            "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f00",
            [0, 8192, 3, 0x22, 0xffff_ffff, 0],
        ),
        ("lseek(3, -1, SEEK_END) = 5", [3, u64::MAX, 2, 0, 0, 0]),
        (
            "mknod(0x1, S_IFCHR|0600, makedev(0x1, 0x3)) = 0",
            [1, 0o20_600, 0x103, 0, 0, 0],
        ),
        ("kill(-1, SIGRT_3) = 0", [0xffff_ffff, 35, 0, 0, 0, 0]),
        ("fchown(3, 0, -1) = 0", [3, 0, 0xffff_ffff, 0, 0, 0]),
        (
            "arch_prctl(0x3001 /* ARCH_??? */, 0x7ff0) = -1 EINVAL (Invalid)",
            [0x3001, 0x7ff0, 0, 0, 0, 0],
        ),
        (
            "ioctl(3, _IOC(_IOC_READ, 0xfe, 0x1, 0x4), 0x5) = 0",
            [3, 0x8004_fe01, 5, 0, 0, 0],
        ),
        (
            "fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK) = 0",
            [3, 4, 0o4000, 0, 0, 0],
        ),
        (
            "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3",
            [2, 0x80001, 6, 0, 0, 0],
        ),
        (
            "futex(0x10, FUTEX_WAKE_PRIVATE, 2147483647) = 0",
            [0x10, 129, 0x7fff_ffff, 0, 0, 0],
        ),
        (
            "futex(0x10, FUTEX_LOCK_PI_PRIVATE, NULL) = 0",
            [0x10, 134, 0, 0, 0, 0],
        ),
        (
            "futex(0x10, FUTEX_WAIT_BITSET_PRIVATE, 2, NULL, FUTEX_BITSET_MATCH_ANY) = 0",
            [0x10, 137, 2, 0, 0, 0xffff_ffff],
        ),
        (
            "preadv2(3, 0x1, 1, 512, RWF_NOWAIT) = 0",
            [3, 1, 1, 512, 0, 8],
        ),
        ("exit_group(7) = ?", [7, 0, 0, 0, 0, 0]),
        (
            "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7fa0) = 9",
            [0x0120_0011, 0, 0, 0x7fa0, 0, 0],
        ),
        (
            "clone(child_stack=0x10, flags=CLONE_VM|CLONE_SETTLS|CLONE_PARENT_SETTID, parent_tid=0x20, tls=0x30, child_tidptr=0x40) = 9",
            [0x0018_0100, 0x10, 0x20, 0x40, 0x30, 0],
        ),
        (
            "openat(dfd=AT_FDCWD, filename=0x5, flags=O_RDONLY) = 3",
            [fdcwd, 5, 0, 0, 0, 0],
        ),
        ("rt_sigreturn({mask=[]}) = 0", [0; 6]),
        (
            "restart_syscall(<... resuming interrupted nanosleep ...>) = 0",
            [0; 6],
        ),
        (
            "openat(-100 /* AT_FDCWD */, 0x9, 0x80000 /* O_RDONLY|O_CLOEXEC */) = 3",
            [fdcwd, 9, 0x80000, 0, 0, 0],
        ),
        (
            "quotactl(QCMD(Q_GETQUOTA, USRQUOTA), 0x1, 0, 0x2) = 0",
            [0x8000_0700, 1, 0, 2, 0, 0],
        ),
    ] {
        assert_eq!(words(line), expected, "{line}");
    }
}

#[test]
fn strings_are_memory_when_they_are_read_or_written() {
    let call = OneCall::of(r#"openat(AT_FDCWD, "/tmp/a\n\"b", O_RDONLY) = 3</tmp/a>"#);
    assert_eq!(
        (call.before(1), call.after(1)),
        (Some(&b"/tmp/a\n\"b\0"[..]), None)
    );
    let call = OneCall::of(r#"read(3</etc/x>, "root:\0\177"..., 4096) = 7"#);
    assert_eq!(
        (call.before(1), call.after(1)),
        (None, Some(&b"root:\0\x7f"[..]))
    );
    assert_eq!(call.words[2], 4096);
    let call = OneCall::of(r#"write(1, "abc"..., 300) = 300"#);
    assert_eq!((call.before(1), call.after(1)), (Some(&b"abc"[..]), None));
    let call = OneCall::of(r#"read(3, 0x7ffe, 5) = -1 EIO (Input/output error)"#);
    assert_eq!(
        (call.words[1], call.before.len(), call.after.len()),
        (0x7ffe, 0, 0)
    );
    let call = OneCall::of(r#"getcwd("/", 1024) = 2"#);
    assert_eq!(call.after(0), Some(&b"/\0"[..]));
    let call = OneCall::of(r#"rename("a", "b") = 0"#);
    assert_ne!(call.words[0], call.words[1]);
    assert_eq!(
        (call.before(0), call.before(1)),
        (Some(&b"a\0"[..]), Some(&b"b\0"[..]))
    );
    let call = OneCall::of(r#"prctl(PR_SET_NAME, "worker") = 0"#);
    assert_eq!(
        (call.words[0], call.before(1)),
        (15, Some(&b"worker\0"[..]))
    );
}

#[test]
fn programs_have_arguments_and_environments() {
    let call =
        OneCall::of(r#"execve("/bin/ls", ["ls", "-l", "/usr"...], 0x7ffe10 /* 2 vars */) = 0"#);
    let pointers = call.before(1).unwrap();
    assert_eq!(pointers.len(), 32);
    let memory = super::Memory::from_bytes(&call.before);
    let pointed: Vec<_> = pointers
        .chunks(8)
        .map(|pointer| memory.at(u64::from_le_bytes(pointer.try_into().unwrap())))
        .collect();
    assert_eq!(
        pointed,
        [Some(&b"ls\0"[..]), Some(b"-l\0"), Some(b"/usr\0"), None]
    );
    assert_eq!(call.words[2], 0x7ffe10);
    let variables = call.before(2).unwrap();
    assert_eq!((variables.len(), &variables[16..]), (24, &[0; 8][..]));
    let call = OneCall::of(r#"execve("/bin/ls", ["ls"], ["A=1", "B=2"]) = 0"#);
    assert_eq!(call.before(2).map(<[u8]>::len), Some(24));
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

fn half(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[test]
fn structures_are_bytes() {
    let call = OneCall::of("clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=5}, NULL) = 0");
    let time = call.before(2).unwrap();
    assert_eq!((time.len(), number(time, 0), number(time, 8)), (16, 1, 5));
    let call = OneCall::of("pipe2([3, 4], O_CLOEXEC) = 0");
    assert_eq!(call.after(0), Some(&[3, 0, 0, 0, 4, 0, 0, 0][..]));
    let call = OneCall::of("wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 9");
    assert_eq!(call.after(1), Some(&[0, 3, 0, 0][..]));
    let call = OneCall::of(
        "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
    );
    let limits = call.after(3).unwrap();
    assert_eq!((number(limits, 0), number(limits, 8)), (8 << 20, u64::MAX));
    let call = OneCall::of(
        "rt_sigaction(SIGINT, {sa_handler=0x55, sa_mask=[INT], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x66}, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0",
    );
    let (new, old) = (call.before(1).unwrap(), call.after(2).unwrap());
    assert_eq!(
        [
            number(new, 0),
            number(new, 8),
            number(new, 16),
            number(new, 24)
        ],
        [0x55, 0x1400_0000, 0x66, 2]
    );
    assert_eq!((old.len(), number(old, 0)), (32, 0));
    let call = OneCall::of(
        r#"connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, 16) = 0"#,
    );
    assert_eq!(
        call.before(1).map(|bytes| &bytes[..8]),
        Some(&[2, 0, 0, 80, 10, 0, 0, 1][..])
    );
    let call = OneCall::of(r#"accept(3, {sa_family=AF_UNIX}, [110 => 2]) = 4"#);
    assert_eq!(call.after(1), Some(&[1, 0][..]));
    assert_eq!(
        (call.before(2), call.after(2)),
        (Some(&[110, 0, 0, 0][..]), Some(&[2, 0, 0, 0][..]))
    );
    let call = OneCall::of("sendfile(4, 3, [2] => [7], 5) = 5");
    assert_eq!(
        (call.before(2).map(|b| b[0]), call.after(2).map(|b| b[0])),
        (Some(2), Some(7))
    );
    let call = OneCall::of("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0");
    assert_eq!(call.before(3), Some(&[1, 0, 0, 0][..]));
    let call = OneCall::of("epoll_wait(5, [{events=EPOLLIN, data={u32=7, u64=7}}], 4, -1) = 1");
    assert_eq!(
        call.after(1),
        Some(&[1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0][..])
    );
    let call = OneCall::of("nanosleep({1, 500}, NULL) = 0");
    assert_eq!(call.before(0).map(|time| number(time, 8)), Some(500));
    let call = OneCall::of(
        "utimensat(3, NULL, [UTIME_OMIT, {tv_sec=9, tv_nsec=5} /* 2001-09-09T01:46:40 */], 0) = 0",
    );
    let times = call.before(2).unwrap();
    assert_eq!(
        [number(times, 8), number(times, 16), number(times, 24)],
        [(1 << 30) - 2, 9, 5]
    );
}

#[test]
fn of_abbreviated_structures_only_what_is_shown_is_known() {
    let call = OneCall::of("fstat(3, {st_mode=S_IFREG|0644, st_size=33883, ...}) = 0");
    let memory = super::Memory::from_bytes(&call.after);
    let member = |at| memory.at(call.words[1] + at);
    assert_eq!(member(24).map(|bytes| half(bytes, 0)), Some(0o100_644));
    assert_eq!(member(48).map(|bytes| number(bytes, 0)), Some(33_883));
    assert_eq!((member(0), member(28), member(72)), (None, None, None));
    assert_eq!(call.notes, [""; 0]);
    let call = OneCall::of(
        "fstat(3, {st_dev=makedev(0xfe, 0), st_ino=2, st_mode=S_IFDIR|0755, st_nlink=21, st_uid=0, st_gid=7, st_blksize=4096, st_blocks=8, st_size=4096, st_atime=1795703944 /* 2026-11-26T14:39:04+0000 */, st_atime_nsec=695347663, st_mtime=1, st_mtime_nsec=2, st_ctime=3, st_ctime_nsec=4}) = 0",
    );
    let stat = call.after(1).unwrap();
    assert_eq!(
        (stat.len(), half(stat, 32), number(stat, 72)),
        (144, 7, 1_795_703_944)
    );
}

#[test]
fn structures_point_to_buffers() {
    let call = OneCall::of(
        r#"writev(3, [{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}], 2) = 6"#,
    );
    let vectors = call.before(1).unwrap();
    let memory = super::Memory::from_bytes(&call.before);
    assert_eq!(
        (memory.at(number(vectors, 0)), number(vectors, 8)),
        (Some(&b"one"[..]), 3)
    );
    assert_eq!(memory.at(number(vectors, 16)), Some(&b"two"[..]));
    let call = OneCall::of(r#"readv(3, [{iov_base="onet", iov_len=4}], 1) = 4"#);
    let vectors = call.before(1).unwrap();
    let after = super::Memory::from_bytes(&call.after);
    assert_eq!(after.at(number(vectors, 0)), Some(&b"onet"[..]));
    let call = OneCall::of(
        r#"sendmsg(3, {msg_name={sa_family=AF_UNIX, sun_path="s"}, msg_namelen=4, msg_iov=[{iov_base="one", iov_len=3}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 3"#,
    );
    let message = call.before(1).unwrap();
    let memory = super::Memory::from_bytes(&call.before);
    assert_eq!(memory.at(number(message, 0)), Some(&b"\x01\0s\0"[..]));
    assert_eq!(
        memory.at(number(memory.at(number(message, 16)).unwrap(), 0)),
        Some(&b"one"[..])
    );
}

#[test]
fn what_has_happened_to_descriptors_stands_behind_the_result() {
    let call = OneCall::of(
        "poll([{fd=3, events=POLLIN}, {fd=4, events=POLLPRI|POLLOUT}], 2, -1) = 1 ([{fd=4, revents=POLLOUT}])",
    );
    assert_eq!(
        call.before(0),
        Some(&[3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0][..])
    );
    assert_eq!(
        call.after(0),
        Some(&[3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 6, 0, 4, 0][..])
    );
    let call = OneCall::of(
        "pselect6(5, [3], [4], NULL, {tv_sec=1, tv_nsec=0}, {sigmask=[], sigsetsize=8}) = 1 (out [4], left {tv_sec=0, tv_nsec=9})",
    );
    assert_eq!(
        (
            call.before(1).map(|set| set[0]),
            call.after(1).map(|set| set[0])
        ),
        (Some(8), Some(0))
    );
    assert_eq!(call.after(2).map(|set| set[0]), Some(16));
    assert_eq!(call.after(4).map(|time| number(time, 8)), Some(9));
}

#[test]
fn what_is_not_understood_is_told_by_name() {
    let call = OneCall::of("ioctl(0, TCGETS, {c_iflag=ICRNL, c_oflag=OPOST, ...}) = 0");
    assert_eq!(
        call.notes,
        ["1 structure ioctl argp without bytes; first: line 1"]
    );
    assert!(call.words[2] >= super::super::material::WIDE.0);
    let call = OneCall::of("openat(AT_FDCWD, 0x1, O_RDONLY|O_FUTURE) = 3");
    assert_eq!(
        call.notes,
        ["O_FUTURE, whose number is not known, was taken for 0 1 time; first: line 1"]
    );
    let call = OneCall::of("getpid(1, 2) = 3");
    assert_eq!(
        call.notes,
        ["2 arguments were left out: the call has none there; first: line 1"]
    );
}
