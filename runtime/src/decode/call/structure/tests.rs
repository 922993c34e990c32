//! Structures as strace 6.1 prints them; the bytes are what the kernel gave it.

use super::*;
use crate::decode::call::CallEvent;

/// A call with this result that has nothing captured.
fn event(abi: Abi, result: i64) -> CallEvent<'static> {
    CallEvent {
        abi,
        number: 0,
        arguments: [7, 0, 0, 0, 0, 0],
        result: Some(result),
        latency: None,
        process: 1,
        thread: 1,
        comm: b"x",
        pieces: Vec::new(),
    }
}

fn print_as(abi: Abi, name: &str, bytes: &[u8]) -> String {
    let mut descriptor = |number: i32| format!("{number}</x>");
    let event = event(abi, 1);
    let row = by_name(name).unwrap();
    assert!(
        bytes.len() >= (row.size)(abi),
        "{name}: {} bytes",
        bytes.len()
    );
    (row.print)(&mut Reader::new(&event, bytes, &mut descriptor)).unwrap()
}

fn print(name: &str, bytes: &[u8]) -> String {
    print_as(Abi::X86_64, name, bytes)
}

fn longs(words: &[i64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn ints(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn times() {
    for (name, words, text) in [
        ("timespec", vec![1, 5000], "{tv_sec=1, tv_nsec=5000}"),
        ("timeval", vec![-1, 5], "{tv_sec=-1, tv_usec=5}"),
        (
            "itimerspec",
            vec![1, 0, 0, 999],
            "{it_interval={tv_sec=1, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=999}}",
        ),
        (
            "itimerval",
            vec![0, 1, 5, 0],
            "{it_interval={tv_sec=0, tv_usec=1}, it_value={tv_sec=5, tv_usec=0}}",
        ),
        (
            "file_timespec",
            vec![1, 2],
            "{tv_sec=1, tv_nsec=2} /* 1970-01-01T00:00:01.000000002+0000 */",
        ),
        ("file_timespec", vec![0, 0x3fff_ffff], "UTIME_NOW"),
        ("file_timespec", vec![0, 0x3fff_fffe], "UTIME_OMIT"),
        (
            "utimbuf",
            vec![951_782_400, 1_795_183_215],
            "{actime=951782400 /* 2000-02-29T00:00:00+0000 */, modtime=1795183215 /* 2026-11-20T14:00:15+0000 */}",
        ),
        (
            "tms",
            vec![1, 2, 3, 4],
            "{tms_utime=1, tms_stime=2, tms_cutime=3, tms_cstime=4}",
        ),
    ] {
        assert_eq!(print(name, &longs(&words)), text);
    }
    let halves = ints(&[1, 5]);
    for (name, text) in [
        ("old_timespec32", "{tv_sec=1, tv_nsec=5}"),
        ("timeval", "{tv_sec=1, tv_usec=5}"),
        ("old_timeval32", "{tv_sec=1, tv_usec=5}"),
        ("timezone", "{tz_minuteswest=1, tz_dsttime=5}"),
    ] {
        assert_eq!(print_as(Abi::I386, name, &halves), text);
    }
    assert_eq!(date(i64::MAX), None);
    assert_eq!(date(-1).unwrap(), "1969-12-31T23:59:59+0000");
}

#[test]
fn the_clock_of_adjtimex() {
    let mut words = vec![0; 26];
    words[3] = 16_000_000;
    words[4] = 16_000_000;
    words[5] = 0x40;
    words[6..9].copy_from_slice(&[2, 1, 32_768_000]);
    words[9..12].copy_from_slice(&[1_795_183_215, 452_003, 10_000]);
    assert_eq!(
        print("timex", &longs(&words)),
        "{modes=0, offset=0, freq=0, maxerror=16000000, esterror=16000000, status=STA_UNSYNC, constant=2, \
         precision=1, tolerance=32768000, time={tv_sec=1795183215, tv_usec=452003}, tick=10000, ppsfreq=0, jitter=0, \
         shift=0, stabil=0, jitcnt=0, calcnt=0, errcnt=0, stbcnt=0, tai=0}"
    );
}

/// Addresses of sockets: bytes, strace's form, the form of people.
#[test]
fn addresses_of_sockets() {
    let mut inet6 = vec![10, 0, 0, 53, 0, 0, 0, 0];
    inet6.extend([0; 15]);
    inet6.extend([1, 0, 0, 0, 0]);
    let cases: [(&[u8], &str, Option<&str>); 9] = [
        (
            &[2, 0, 1, 187, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0],
            r#"{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("1.2.3.4")}"#,
            Some("1.2.3.4:443"),
        ),
        (
            &inet6,
            r#"{sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}"#,
            Some("[::1]:53"),
        ),
        (
            b"\x01\0/tmp/x\0junk",
            r#"{sa_family=AF_UNIX, sun_path="/tmp/x"}"#,
            Some("/tmp/x"),
        ),
        (
            b"\x01\0\0abc",
            r#"{sa_family=AF_UNIX, sun_path=@"abc"}"#,
            Some("@abc"),
        ),
        (b"\x01\0", "{sa_family=AF_UNIX}", Some("(unnamed)")),
        (
            &[16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
            "{sa_family=AF_NETLINK, nl_pid=0, nl_groups=0x000001}",
            None,
        ),
        (
            &[0, 0, 0, 0],
            r#"{sa_family=AF_UNSPEC, sa_data="\0\0"}"#,
            None,
        ),
        (
            &[99, 0, 1],
            r#"{sa_family=0x63 /* AF_??? */, sa_data="\1"}"#,
            None,
        ),
        // Cut within the address.
        (
            &[2, 0, 1, 187, 1],
            r#"{sa_family=AF_INET, sa_data="\1\273\1"}"#,
            None,
        ),
    ];
    for (bytes, text, short) in cases {
        assert_eq!(print("sockaddr", bytes), text);
        let event = event(Abi::X86_64, 0);
        let mut descriptor = |number: i32| number.to_string();
        let shown = endpoint(&mut Reader::new(&event, bytes, &mut descriptor));
        assert_eq!(shown.as_deref(), short);
    }
    let mut packet = vec![17, 0, 0, 3, 1, 0, 0, 0, 1, 0, 0, 2, 0xaa, 0xbb];
    packet.extend([0; 6]);
    assert_eq!(
        print("sockaddr", &packet),
        "{sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=1, sll_hatype=0x1, sll_pkttype=PACKET_HOST, \
         sll_halen=2, sll_addr=[0xaa, 0xbb]}"
    );
}

#[test]
fn vectors_and_messages() {
    let vector = longs(&[0x7ff0, 3]);
    assert_eq!(print("iovec", &vector), "{iov_base=0x7ff0, iov_len=3}");
    assert_eq!(
        print_as(Abi::I386, "iovec", &ints(&[0, 3])),
        "{iov_base=NULL, iov_len=3}"
    );
    assert_eq!(
        print("msghdr", &longs(&[0, 0, 0x7ff0, 1, 0, 0, 0])),
        "{msg_name=NULL, msg_namelen=0, msg_iov=0x7ff0, msg_iovlen=1, msg_controllen=0, msg_flags=0}"
    );
}

#[test]
fn files() {
    let mut stat = vec![0; 144];
    stat[24..28].copy_from_slice(&0o100_644u32.to_le_bytes());
    stat[48..56].copy_from_slice(&158u64.to_le_bytes());
    assert_eq!(
        print("stat", &stat),
        "{st_mode=S_IFREG|0644, st_size=158, ...}"
    );
    stat[24..28].copy_from_slice(&0o020_620u32.to_le_bytes());
    stat[40..48].copy_from_slice(&0x8800u64.to_le_bytes());
    assert_eq!(
        print("stat", &stat),
        "{st_mode=S_IFCHR|0620, st_rdev=makedev(0x88, 0), ...}"
    );
    let mut small = vec![0; 96];
    small[16..20].copy_from_slice(&0o041_777u32.to_le_bytes());
    small[44..52].copy_from_slice(&4096u64.to_le_bytes());
    assert_eq!(
        print_as(Abi::I386, "stat64", &small),
        "{st_mode=S_IFDIR|S_ISVTX|0777, st_size=4096, ...}"
    );
    let mut statx = vec![0; 256];
    statx[0..4].copy_from_slice(&0x17ffu32.to_le_bytes());
    statx[28..30].copy_from_slice(&0o100_755u16.to_le_bytes());
    statx[40..48].copy_from_slice(&49u64.to_le_bytes());
    assert_eq!(
        print("statx", &statx),
        "{stx_mask=STATX_BASIC_STATS|STATX_MNT_ID, stx_attributes=0, stx_mode=S_IFREG|0755, stx_size=49, ...}"
    );
    let statfs = longs(&[
        0x9fa0, 4096, 0, 0, 0, 0, 0, 0x15, 255, 4096, 0x1020, 0, 0, 0, 0,
    ]);
    assert_eq!(
        print("statfs", &statfs),
        "{f_type=PROC_SUPER_MAGIC, f_bsize=4096, f_blocks=0, f_bfree=0, f_bavail=0, f_files=0, f_ffree=0, \
         f_fsid={val=[0x15, 0]}, f_namelen=255, f_frsize=4096, f_flags=ST_VALID|ST_RELATIME}"
    );
    let mut entries = vec![0; 24 + 32];
    entries[16] = 24;
    entries[24 + 16] = 32;
    assert_eq!(print("dirent64", &entries), "/* 2 entries */");
    assert_eq!(print("dirent64", &[]), "/* 0 entries */");
    let how = |mode| longs(&[0o102, mode, 8]);
    assert_eq!(
        print("open_how", &how(0o644)),
        "{flags=O_RDWR|O_CREAT, mode=0644, resolve=RESOLVE_BENEATH}"
    );
    assert_eq!(
        print("open_how", &longs(&[0, 0, 0])),
        "{flags=O_RDONLY, resolve=0}"
    );
}

#[test]
fn waiting_for_descriptors() {
    let wanted = [3, 0, 0, 0, 5, 0, 1, 0];
    assert_eq!(
        print("pollfd", &wanted),
        "{fd=3</x>, events=POLLIN|POLLOUT}"
    );
    assert_eq!(print("pollfd", &[0xff; 8]), "{fd=-1</x>}");
    let happened = [1, 0, 0, 0x80, 3, 0, 0, 0, 0, 0, 0, 0];
    let text = "{events=EPOLLIN|EPOLLET, data={u32=3, u64=3}}";
    assert_eq!(print("epoll_event", &happened), text);
    let padded = [1, 0, 0, 0x80, 9, 9, 9, 9, 3, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(print_as(Abi::Aarch64, "epoll_event", &padded), text);
    // The call's first argument is 7.
    assert_eq!(print("fd_set", &[0b1110_1000, 1]), "[3 5 6]");
}

#[test]
fn signals() {
    for (set, text) in [
        (0, "[]"),
        (2, "[INT]"),
        (2 | 1 << 33 | 1 << 63, "[INT RT_2 RT_32]"),
        (!(1 << 31 | 1 << 32), "~[RTMIN RT_1]"),
        (-1, "~[]"),
        (
            0x1fff_ffff,
            "[HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN \
             TTOU URG XCPU XFSZ VTALRM PROF WINCH IO]",
        ),
    ] {
        assert_eq!(print("sigset", &longs(&[set])), text);
    }
    for (words, text) in [
        (
            [0, 0, 0x99, 0],
            "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}",
        ),
        (
            [1, 0x0400_0000, 0x7fce, 2],
            "{sa_handler=SIG_IGN, sa_mask=[INT], sa_flags=SA_RESTORER, sa_restorer=0x7fce}",
        ),
        (
            [0x55b6, 0x1400_0004, 0x7fce, 0],
            "{sa_handler=0x55b6, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART|SA_SIGINFO, sa_restorer=0x7fce}",
        ),
    ] {
        assert_eq!(print("sigaction", &longs(&words)), text);
    }
    assert_eq!(
        print("stack_t", &longs(&[0, 2, 0])),
        "{ss_sp=NULL, ss_flags=SS_DISABLE, ss_size=0}"
    );
    let mut child = ints(&[17, 0, 1, 0, 27476, 1000, 3, 0]);
    child.extend(longs(&[0, 3]));
    assert_eq!(
        print("siginfo", &child),
        "{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=27476, si_uid=1000, si_status=3, si_utime=0, si_stime=3 /* 0.03 s \
         */}"
    );
    let mut user = ints(&[10, 0, 0, 0, 5, 6]);
    user.resize(48, 0);
    assert_eq!(
        print("siginfo", &user),
        "{si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=6}"
    );
    assert_eq!(print("siginfo", &[0; 48]), "{}");
}

#[test]
fn ends_of_processes() {
    for (status, text) in [
        (0, "{WIFEXITED(s) && WEXITSTATUS(s) == 0}"),
        (0x300, "{WIFEXITED(s) && WEXITSTATUS(s) == 3}"),
        (9, "{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}"),
        (
            0x86,
            "{WIFSIGNALED(s) && WTERMSIG(s) == SIGABRT && WCOREDUMP(s)}",
        ),
        (0x137f, "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}"),
        (
            0x4057f,
            "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP} | PTRACE_EVENT_EXEC << 16",
        ),
        (0x857f, "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}"),
        (0xffff, "{WIFCONTINUED(s)}"),
    ] {
        assert_eq!(print("wait_status", &ints(&[status])), text);
    }
    let event = event(Abi::X86_64, 0);
    let mut descriptor = |number: i32| number.to_string();
    let nobody =
        (by_name("wait_status").unwrap().print)(&mut Reader::new(&event, &[0; 4], &mut descriptor));
    assert_eq!(nobody, None);
}

#[test]
fn what_processes_may_use() {
    assert_eq!(
        print("rlimit64", &longs(&[8 << 20, -1])),
        "{rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}"
    );
    assert_eq!(
        print_as(Abi::I386, "rlimit", &ints(&[20000, u32::MAX])),
        "{rlim_cur=20000, rlim_max=RLIM_INFINITY}"
    );
    let mut usage = longs(&[0, 154, 1, 0]);
    usage.resize(144, 0);
    assert_eq!(
        print("rusage", &usage),
        "{ru_utime={tv_sec=0, tv_usec=154}, ru_stime={tv_sec=1, tv_usec=0}, ...}"
    );
    assert_eq!(print("cpu_mask", &[3, 0, 1]), "[0 1 16]");
    let clone = longs(&[0x0120_0000, 0, 0x7f10, 0, 17, 0, 0, 0, 0, 0, 0]);
    let text = print("clone_args", &clone);
    assert!(
        text.ends_with(", child_tid=0x7f10, exit_signal=SIGCHLD, stack=NULL, stack_size=0}"),
        "{text}"
    );
    assert_eq!(
        print("cap_header", &ints(&[0x2008_0522, 0])),
        "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}"
    );
    assert_eq!(
        print("cap_data", &ints(&[3, 0, 0, 0, 0x100, 1 << 30])),
        "{effective=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE, permitted=1<<CAP_CHECKPOINT_RESTORE, inheritable=1<<62}"
    );
}

#[test]
fn the_system() {
    let mut name = vec![0; 390];
    name[..5].copy_from_slice(b"Linux");
    name[65..67].copy_from_slice(b"vm");
    assert_eq!(
        print("utsname", &name),
        r#"{sysname="Linux", nodename="vm", ...}"#
    );
    let mut words = longs(&[
        12442,
        298_272,
        182_336,
        125_376,
        25_276_510_208,
        1,
        2,
        3,
        0,
        0,
    ]);
    words.extend(longs(&[109, 0, 0, 1]));
    assert_eq!(
        print("sysinfo", &words),
        "{uptime=12442, loads=[298272, 182336, 125376], totalram=25276510208, freeram=1, sharedram=2, bufferram=3, \
         totalswap=0, freeswap=0, procs=109, totalhigh=0, freehigh=0, mem_unit=1}"
    );
}

/// Whatever the bytes are, and however few: nothing panics, and no row has another's name.
#[test]
fn any_bytes_print() {
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    };
    for (at, row) in ROWS.iter().enumerate() {
        assert!(
            !ROWS[..at].iter().any(|other| other.name == row.name),
            "{}",
            row.name
        );
        for abi in Abi::ALL {
            for _ in 0..50 {
                let length = random() as usize % 200;
                let bytes: Vec<u8> = (0..length).map(|_| random() as u8).collect();
                let mut event = event(abi, random() as i64 - 3);
                event.arguments = [random(); 6];
                let mut descriptor = |number: i32| number.to_string();
                let _ = (row.print)(&mut Reader::new(&event, &bytes, &mut descriptor));
            }
        }
    }
}
