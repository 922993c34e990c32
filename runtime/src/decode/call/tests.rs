//! Lines as strace 6.1 prints them, from records as the kernel sends them.

use super::*;
use trapline_lang::syscall::shape::Pointee;

const ENTRY: u8 = 0;
const EXIT: u8 = 1;
const FAILED: &[u8] = b"!";

/// The bytes of a record: words, result (`None`: only begun) and pieces. [`FAILED`] stands for memory that could not be
/// read.
fn record(
    (abi, number): (Abi, u32),
    arguments: &[u64],
    result: Option<i64>,
    pieces: &[(u8, u8, &[u8])],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend((abi as u32).to_le_bytes());
    bytes.extend(number.to_le_bytes());
    for n in 0..6 {
        let word = arguments.get(n).copied().unwrap_or(0);
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(result.unwrap_or(0).to_le_bytes());
    bytes.extend(1500i64.to_le_bytes());
    bytes.extend(41u32.to_le_bytes());
    bytes.extend(42u32.to_le_bytes());
    bytes.extend(*b"cat\0\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes.extend(u32::from(result.is_none()).to_le_bytes());
    bytes.extend((pieces.len() as u32).to_le_bytes());
    for (argument, moment, content) in pieces {
        let failed = *content == FAILED;
        let length = if failed { -14 } else { content.len() as i32 };
        bytes.extend([*argument, *moment, 0, 0]);
        bytes.extend(length.to_le_bytes());
        if !failed {
            bytes.extend(*content);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
    }
    bytes
}

fn decode(record: &[u8], words: Words) -> Call {
    let event = CallEvent::parse(record).unwrap();
    call(&event, Abi::X86_64, words, 7, &mut |_| String::new())
}

fn line(
    name: &str,
    arguments: &[u64],
    result: impl Into<Option<i64>>,
    pieces: &[(u8, u8, &[u8])],
) -> String {
    let syscall = syscall::by_name(name).unwrap();
    let number = syscall::number(Abi::X86_64, syscall).unwrap();
    let record = record((Abi::X86_64, number), arguments, result.into(), pieces);
    decode(&record, Words::Names).line
}

const HERE: u64 = -100i64 as u64;
const AT: u64 = 0x7ffe_0000;

#[test]
fn calls_print_as_strace_prints_them() {
    let hosts: &[u8] = b"/etc/hosts\0";
    let exit = |argument, bytes| (argument, EXIT, bytes);
    assert_eq!(
        line("openat", &[HERE, AT, 0o2_000_000, 7], 3, &[exit(1, hosts)]),
        "openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3"
    );
    assert_eq!(
        line("openat", &[HERE, AT, 0o102, 0o600], -2, &[exit(1, hosts)]),
        "openat(AT_FDCWD, \"/etc/hosts\", O_RDWR|O_CREAT, 0600) = -1 ENOENT (No such file or directory)"
    );
    assert_eq!(
        line("openat", &[HERE, AT, 0, 0], -14, &[exit(1, FAILED)]),
        "openat(AT_FDCWD, 0x7ffe0000, O_RDONLY)  = -1 EFAULT (Bad address)"
    );
    assert_eq!(
        line("openat", &[HERE, AT, 0], None, &[(1, ENTRY, hosts)]),
        "openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY <unfinished ...>"
    );
    assert_eq!(
        line("close", &[3], 0, &[]),
        "close(3)                                = 0"
    );
    assert_eq!(
        line("exit_group", &[0], None, &[]),
        "exit_group(0)                           = ?"
    );
    assert_eq!(
        line("read", &[u64::from(u32::MAX), AT, 100], -512, &[]),
        "read(-1, 0x7ffe0000, 100)               = ? ERESTARTSYS (To be restarted if SA_RESTART is set)"
    );
    let start = b"127.0.0.1 localhost\n127.0.0.1 ru";
    assert_eq!(
        line("read", &[3, AT, 100], 49, &[exit(1, start)]),
        "read(3, \"127.0.0.1 localhost\\n127.0.0.1 ru\"..., 100) = 49"
    );
    assert_eq!(
        line("read", &[3, AT, 100], 0, &[]),
        "read(3, \"\", 100)                        = 0"
    );
    assert_eq!(
        line(
            "mmap",
            &[0, 8192, 3, 0x22, u32::MAX.into(), 0],
            0x7faa_b4da_f000,
            &[]
        ),
        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7faab4daf000"
    );
    assert_eq!(
        line(
            "execve",
            &[AT, AT, AT],
            -2,
            &[
                (0, ENTRY, b"/nope\0"),
                (1, ENTRY, b"x\0arg with \n\0"),
                (2, ENTRY, &1u64.to_le_bytes()),
            ]
        ),
        "execve(\"/nope\", [\"x\", \"arg with \\n\"], 0x7ffe0000 /* 1 var */) = -1 ENOENT (No such file or directory)"
    );
    assert_eq!(
        line("pipe2", &[AT, 0], 0, &[exit(0, &[3, 0, 0, 0, 4, 0, 0, 0])]),
        "pipe2([3, 4], 0)                        = 0"
    );
    assert_eq!(
        line("getrandom", &[AT, 4, 1], 4, &[exit(0, b"\x89fNE")]),
        "getrandom(\"\\x89\\x66\\x4e\\x45\", 4, GRND_NONBLOCK) = 4"
    );
    assert_eq!(
        line("getdents64", &[22, 0x7ffd, 1000], 0, &[]),
        "getdents64(22, 0x7ffd /* 0 entries */, 1000) = 0"
    );
    assert_eq!(
        line("kill", &[1, 9], 0, &[]),
        "kill(1, SIGKILL)                        = 0"
    );
}

#[test]
fn arguments_count_by_what_is_asked() {
    for (name, arguments, result, expected) in [
        (
            "fcntl",
            vec![3, 1, 99],
            1,
            "fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)",
        ),
        (
            "fcntl",
            vec![3, 3],
            0,
            "fcntl(3, F_GETFL) = 0 (flags O_RDONLY)",
        ),
        (
            "fcntl",
            vec![3, 2, 1],
            0,
            "fcntl(3, F_SETFD, FD_CLOEXEC) = 0",
        ),
        (
            "fcntl",
            vec![3, 4, 0o4000],
            0,
            "fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK) = 0",
        ),
        ("fcntl", vec![3, 0, 20], 20, "fcntl(3, F_DUPFD, 20) = 20"),
        (
            "futex",
            vec![AT, 129, 1, 5, 6, 7],
            0,
            "futex(0x7ffe0000, FUTEX_WAKE_PRIVATE, 1) = 0",
        ),
        (
            "futex",
            vec![AT, 0, 5, 0],
            0,
            "futex(0x7ffe0000, FUTEX_WAIT, 5, NULL) = 0",
        ),
        (
            "futex",
            vec![AT, 3, 1, 2, AT],
            0,
            "futex(0x7ffe0000, FUTEX_REQUEUE, 1, 2, 0x7ffe0000) = 0",
        ),
        (
            "mremap",
            vec![AT, 4096, 8192, 1, 5],
            4096,
            "mremap(0x7ffe0000, 4096, 8192, MREMAP_MAYMOVE) = 0x1000",
        ),
        (
            "prctl",
            vec![1, 9],
            0,
            "prctl(PR_SET_PDEATHSIG, SIGKILL) = 0",
        ),
        (
            "prctl",
            vec![38, 0, 0, 0, 0],
            0,
            "prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) = 0",
        ),
        ("ptrace", vec![0, 1, 2, 3], 0, "ptrace(PTRACE_TRACEME) = 0"),
        (
            "ioctl",
            vec![0, 0x1234, 5],
            0,
            "ioctl(0, _IOC(_IOC_NONE, 0x12, 0x34, 0), 0x5) = 0",
        ),
        (
            "clone",
            vec![0x0120_0011, 0, AT, 0x7fce],
            27474,
            "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7fce) = 27474",
        ),
        ("umask", vec![0o22], 0o22, "umask(022) = 022"),
    ] {
        let line = line(name, &arguments, result, &[]);
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>().join(" "),
            expected
        );
    }
}

#[test]
fn what_calls_change_prints_behind_an_arrow_or_the_result() {
    let squeezed = |line: String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let address = [1, 0, 0, b'a', b'b', b'c'];
    let full = [&address[..], &[0; 122]].concat();
    let pieces: [(u8, u8, &[u8]); 3] = [
        (1, EXIT, &full),
        (2, ENTRY, &[128, 0, 0, 0]),
        (2, EXIT, &[6, 0, 0, 0]),
    ];
    assert_eq!(
        squeezed(line("getsockname", &[11, AT, AT], 0, &pieces)),
        "getsockname(11, {sa_family=AF_UNIX, sun_path=@\"abc\"}, [128 => 6]) = 0"
    );
    assert_eq!(
        squeezed(line("getpeername", &[11, AT, AT], -107, &pieces[1..2])),
        "getpeername(11, 0x7ffe0000, [128]) = -1 ENOTCONN (Transport endpoint is not connected)"
    );
    let wanted: &[u8] = &[3, 0, 0, 0, 5, 0, 0, 0, 99, 0, 0, 0, 1, 0, 0, 0];
    let happened: &[u8] = &[3, 0, 0, 0, 5, 0, 1, 0, 99, 0, 0, 0, 1, 0, 32, 0];
    assert_eq!(
        line(
            "poll",
            &[AT, 2, 100],
            2,
            &[(0, ENTRY, wanted), (0, EXIT, happened)]
        ),
        "poll([{fd=3, events=POLLIN|POLLOUT}, {fd=99, events=POLLIN}], 2, 100) = 2 ([{fd=3, revents=POLLIN}, {fd=99, \
         revents=POLLNVAL}])"
    );
    assert_eq!(
        line("poll", &[AT, 0, 1], 0, &[]),
        "poll([], 0, 1)                          = 0 (Timeout)"
    );
    let time = |nanoseconds: i64| [1i64.to_le_bytes(), nanoseconds.to_le_bytes()].concat();
    let (before, after) = (time(5000), time(3306));
    assert_eq!(
        line(
            "pselect6",
            &[4, AT, 0, 0, AT, 0],
            1,
            &[
                (1, ENTRY, &[8; 128]),
                (1, EXIT, &[8; 128]),
                (4, ENTRY, &before),
                (4, EXIT, &after),
            ]
        ),
        "pselect6(4, [3], NULL, NULL, {tv_sec=1, tv_nsec=5000}, NULL) = 1 (in [3], left {tv_sec=1, tv_nsec=3306})"
    );
    let offsets: [(u8, u8, &[u8]); 2] =
        [(2, ENTRY, &[0; 8]), (2, EXIT, &[10, 0, 0, 0, 0, 0, 0, 0])];
    assert_eq!(
        squeezed(line("sendfile", &[4, 21, AT, 10], 10, &offsets)),
        "sendfile(4, 21, [0] => [10], 10) = 10"
    );
}

#[test]
fn other_abis_and_unknown_calls_are_told_apart() {
    let minus_hundred = u64::from(-100i32 as u32);
    let i386 = record(
        (Abi::I386, 295),
        &[minus_hundred, 0x1000, 0],
        Some(-2),
        &[(1, EXIT, b"/x\0")],
    );
    assert_eq!(
        decode(&i386, Words::Names).line,
        "[i386] openat(AT_FDCWD, \"/x\", O_RDONLY) = -1 ENOENT (No such file or directory)"
    );
    let unknown = record((Abi::X86_64, 0x219), &[1, 2, 3, 4, 5, 0], Some(-38), &[]);
    assert_eq!(
        decode(&unknown, Words::Names).line,
        "syscall_0x219(0x1, 0x2, 0x3, 0x4, 0x5, 0) = -1 ENOSYS (Function not implemented)"
    );
}

#[test]
fn raw_lines_have_numbers_only() {
    let call = (Abi::X86_64, 257);
    let arguments = [HERE & 0xffff_ffff, AT, 0x80000, 0];
    let opened = record(call, &arguments, Some(3), &[(1, EXIT, b"/x\0")]);
    assert_eq!(
        decode(&opened, Words::Raw).line,
        "openat(0xffffff9c, 0x7ffe0000, 0x80000, 0) = 3"
    );
    let failed = record(call, &arguments, Some(-2), &[]);
    assert_eq!(
        decode(&failed, Words::Raw).line,
        "openat(0xffffff9c, 0x7ffe0000, 0x80000, 0) = -2"
    );
}

#[test]
fn a_call_tells_more_than_its_line() {
    let call = decode(
        &record(
            (Abi::X86_64, 257),
            &[HERE, AT, 0],
            Some(-2),
            &[(1, EXIT, b"/x\0")],
        ),
        Words::Names,
    );
    let arguments: Vec<_> = call
        .arguments
        .iter()
        .map(|argument| (argument.name.as_str(), argument.raw, argument.text.as_str()))
        .collect();
    assert_eq!(
        arguments,
        [
            ("dirfd", -100, "AT_FDCWD"),
            ("pathname", i128::from(AT), "\"/x\""),
            ("flags", 0, "O_RDONLY")
        ]
    );
    assert_eq!(
        (call.process, call.thread, call.comm.as_str()),
        (41, 42, "cat")
    );
    assert_eq!(
        (call.result, call.error.as_deref()),
        (Some(-2), Some("ENOENT"))
    );
    assert_eq!((call.latency, call.time), (Some(1500), 7));
}

#[test]
fn arguments_print_by_themselves() {
    let print = |name, argument, capacity, length: i64, content: &[u8]| {
        let bytes = [&AT.to_le_bytes()[..], &length.to_le_bytes(), content].concat();
        let place = (name, argument, capacity);
        super::argument(Abi::X86_64, place, Words::Names, &bytes, &mut |_| {
            String::new()
        })
        .1
    };
    let inet = [2, 0, 1, 187, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(print("connect", 1, 128, 16, &inet), "1.2.3.4:443");
    assert_eq!(print("read", 1, 32, 2, b"hi"), "\"hi\"");
    assert_eq!(print("read", 1, 2, 2, b"hi"), "\"hi\"...");
    assert_eq!(print("read", 1, 32, -14, b""), "0x7ffe0000");
    assert_eq!(print("read", 1, 32, 999, b""), "\"\"...");
    assert_eq!(print("nosuchcall", 1, 32, 2, b"hi"), "0x7ffe0000");
}

#[rustfmt::skip]
/// Structures that the rows name and that print as their addresses; every other one has a formatter.
const WITHOUT_FORMATTER: &[&str] = &[
    "bpf_attr", "cachestat", "cachestat_range", "compat_sel_arg_struct", "file_attr", "file_handle", "io_event",
    "io_uring_params", "iocb", "landlock_ruleset_attr", "mmap_arg_struct", "mnt_id_req", "mount_attr", "ns_id_req",
    "old_dirent", "old_kernel_stat", "oldold_utsname", "perf_event_attr", "sigevent", "socketcall_args", "user_desc",
    "ustat", "xattr_args",
];

#[test]
fn structures_of_the_rows_have_formatters() {
    let mut missing = Vec::new();
    for abi in Abi::ALL {
        for syscall in (0..600).filter_map(|number| syscall::by_number(abi, number)) {
            for argument in 0..syscall.args.len() {
                if let Some(Shape::Memory {
                    what: Pointee::Structure(name),
                    ..
                }) = syscall.shape(argument).map(|shape| shape.shape)
                    && let name = name.split_once('[').map_or(name, |(name, _)| name)
                    && structure::by_name(name).is_none()
                    && !missing.contains(&name)
                {
                    missing.push(name);
                }
            }
        }
    }
    missing.sort_unstable();
    assert_eq!(missing, WITHOUT_FORMATTER);
}

/// Records that make no sense, of every call of every ABI: nothing panics.
#[test]
fn any_record_prints() {
    let mut state = 7u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 29
    };
    for abi in Abi::ALL {
        for number in 0..600 {
            let words: Vec<u64> = (0..6).map(|_| random() >> (random() % 36)).collect();
            let contents: Vec<Vec<u8>> = (0..6)
                .map(|_| (0..random() % 150).map(|_| random() as u8).collect())
                .collect();
            let pieces: Vec<(u8, u8, &[u8])> = contents
                .iter()
                .map(|content| (random() as u8 % 6, random() as u8 & 1, content.as_slice()))
                .collect();
            let result = (random() % 5 > 0).then(|| random() as i64 % 64 - 8);
            let mut record = record((abi, number), &words, result, &pieces);
            for cut in 0..4 {
                if cut > 0 {
                    let place = random() as usize % record.len();
                    record[place] = random() as u8;
                    record.truncate(record.len() - random() as usize % 40);
                }
                if let Some(event) = CallEvent::parse(&record) {
                    for words in [Words::Names, Words::Raw] {
                        call(&event, Abi::X86_64, words, 0, &mut |_| String::new());
                    }
                }
            }
        }
    }
    assert!(CallEvent::parse(&[0; 103]).is_none());
}
