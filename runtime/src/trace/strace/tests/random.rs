//! Logs that were cut, torn and mixed up are read to their end, whatever they say.

use super::super::{StraceReader, looks_like_strace};
use std::io::Cursor;
use std::time::{Duration, Instant};

/// Lines of all forms, to be torn.
const LINES: &str = r#"18064 1795706591.424036 execve("/usr/bin/sh", ["sh", "-c", "cat /etc/passwd | wc; exec true"], 0x7ffdcbbc0c20 /* 35 vars */) = 0 <0.000341>
18064 1795706591.424522 brk(NULL)       = 0x55ca9a821000 <0.000008>
18064 1795706591.424784 access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory) <0.000009>
18064 1795706591.425000 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
18065 1795706591.425100 read(0<pipe:[461745]>,  <unfinished ...>
18064 1795706591.425200 <... clone resumed>, child_tidptr=0x7ff9ac03da10) = 18065<sh> <0.000100>
18065 1795706591.441086 <... read resumed>"root:x:0:0:root:/root:/bin/bash\n\33\x1b\377"..., 16384) = 1221 <0.006787>
18065 1795706591.441100 newfstatat(3</etc/ld.so.cache>, "", {st_mode=S_IFREG|0644, st_size=33883, ...}, AT_EMPTY_PATH) = 0 <0.000009>
18065 1795706591.441200 rt_sigaction(SIGINT, {sa_handler=SIG_IGN, sa_mask=[INT], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x7fa058547050}, {sa_handler=0x55f16bb9fdc0, sa_mask=~[KILL STOP RTMIN RT_1], sa_flags=0}, 8) = 0 <0.000003>
18065 1795706591.441300 poll([{fd=3, events=POLLIN}, {fd=4, events=POLLPRI|POLLOUT}], 2, -1) = 1 ([{fd=4, revents=POLLOUT}]) <0.000003>
18065 1795706591.441400 recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="onet", iov_len=4}, {iov_base="wo", iov_len=8}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 6 <0.000003>
18065 1795706591.441500 connect(4<TCP:[127.0.0.1:1->127.0.0.1:2]>, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0 <0.000003>
[pid 18065] 12:00:00.5 wait4(-1, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP} | PTRACE_EVENT_FORK << 16], WSTOPPED, NULL) = 18066 <0.000003>
[pid 18065] 12:00:00 rt_sigsuspend([], 8strace: Process 18087 attached
 <unfinished ...>
18065      0.000289 [   9] [00007f903788aca3] pselect6(5, [3], [4], NULL, {tv_sec=1, tv_nsec=0}, {sigmask=[], sigsetsize=8}) = 1 (out [4], left {tv_sec=0, tv_nsec=9})
18065 1795706591.442000 clone3({flags=CLONE_VM|CLONE_THREAD, child_tid=0x7f, parent_tid=0x7f, exit_signal=0, stack=0x7f, stack_size=0x8000, tls=0x7f} => {parent_tid=[18066]}, 88) = 18066 <0.1>
18065 1795706591.442100 +++ superseded by execve in pid 18066 +++
18065 1795706591.442200 getdents64(3, [{d_ino=19, d_off=2232908316014189079, d_reclen=24, d_type=DT_DIR, d_name="etc"}], 32768) = 24 <0.1>
18065 1795706591.442300 mknod("x", S_IFCHR|0600, makedev(0x1, 0x3)) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
strace: [ Process PID=18065 runs in 32 bit mode. ]
18065 1795706591.442400 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=18066, si_uid=0} ---
18065 1795706591.442500 +++ killed by SIGSEGV (core dumped) +++
"#;

/// Numbers that are the same in each run (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

const NASTY: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"<",
    b">",
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b"/*",
    b"*/",
    b",",
    b"=",
    b"|",
    b"<<",
    b"~",
    b" => ",
    b"...",
    b"<unfinished ...>",
    b"resumed>",
    b"\n",
    b"\0",
    b"\xff",
    b"99999999999999999999",
    b"-1",
    b"0x",
    b"'",
    b"?",
    b"1<<64",
    b"makedev(",
    b"_IOC(1, 2",
    b"strace: Process ",
    b"[pid ",
    b"+++ ",
    b"18446744073709551615",
];

fn mutate(log: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(8) {
        let at = random.below(log.len());
        match random.below(6) {
            0 => log.truncate(at),
            1 => {
                let end = (at + random.below(40)).min(log.len());
                log.drain(at..end);
            }
            2 => {
                let end = (at + random.below(200)).min(log.len());
                let copy = log[at..end].to_vec();
                let to = random.below(log.len());
                log.splice(to..to, copy);
            }
            3 if at < log.len() => log[at] = random.below(256) as u8,
            _ => {
                let nasty = NASTY[random.below(NASTY.len())];
                log.splice(at..at, nasty.iter().copied());
            }
        }
    }
}

#[test]
fn torn_logs_do_no_harm() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let end = Instant::now() + Duration::from_secs(3);
    let (mut logs, mut events) = (0u64, 0u64);
    while logs < 20_000 && Instant::now() < end {
        let mut log = LINES.as_bytes().to_vec();
        mutate(&mut log, &mut random);
        logs += 1;
        looks_like_strace(&log);
        let Ok(mut reader) = StraceReader::new(Cursor::new(log)) else {
            continue;
        };
        let mut last = 0;
        while let Some(event) = reader.next().expect("bytes can be read") {
            assert!(event.time >= last, "{} after {last}", event.time);
            last = event.time;
            events += 1;
        }
    }
    assert!(logs > 20 && events > logs, "{logs} logs, {events} events");
}

#[test]
fn nothing_panics_at_any_cut() {
    let bytes = LINES.as_bytes();
    for end in (0..bytes.len()).step_by(3) {
        let Ok(mut reader) = StraceReader::new(Cursor::new(bytes[..end].to_vec())) else {
            continue;
        };
        while reader.next().expect("bytes can be read").is_some() {}
    }
    const OPEN: &[&[u8]] = &[
        b"({[", b"{a=", b"->", b"[[", b"1<<", b"~", b"a|", b"1*", b"f(",
    ];
    let nested = NASTY.iter().chain(OPEN);
    for piece in nested {
        let piece = String::from_utf8_lossy(piece).repeat(300_000 / piece.len());
        let log = format!(
            "5 close(1) = 0\n5 close({piece}) = 0\n5 poll({{{piece}}}, [{piece}], 3<[{piece}) = 1 ({piece})\n"
        );
        let start = Instant::now();
        let mut reader =
            StraceReader::new(Cursor::new(log.into_bytes())).expect("its first line is one");
        while reader.next().expect("bytes can be read").is_some() {}
        // Time grows with the length, not faster.
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            &piece[..8]
        );
    }
    let nested = format!("5 close(1) = 0\n5 close({}) = 0\n", "({[".repeat(200_000));
    let mut reader =
        StraceReader::new(Cursor::new(nested.into_bytes())).expect("its first line is one");
    while reader.next().expect("bytes can be read").is_some() {}
}
