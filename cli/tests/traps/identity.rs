//! A call is a number of an ABI, and a result of its kind.

use crate::support::run;
use crate::{
    EVERY_ABI, HOOKS, everywhere, on_every_abi, printed, program_of_32_bits, scene, trace,
};

#[test]
fn trap_1_32_bit_calls_are_told_apart() {
    on_every_abi(
        "compat",
        "syscall:openat,getppid /errno != 0/ { @[abi, errno] = count(); }",
        &["@[i386, ENOENT]: 5"],
    );
    on_every_abi(
        "compat",
        "syscall:* /abi != \"x86_64\"/ { @[abi, syscall] = count(); }",
        &["@[i386, i386:getppid]: 3", "@[i386, i386:openat]: 5"],
    );
    on_every_abi(
        "compat",
        "syscall:openat /errno != 0/ { @[abi, args.filename] = count(); }",
        &["@[i386, /nonexistent/32]: 5"],
    );
    // Number 295 is preadv of 64 bits, number 64 is semget.
    on_every_abi(
        "compat",
        "syscall:preadv,semget { @[abi, syscall] = count(); }",
        &["@[x86_64, preadv]: 2"],
    );
}

#[test]
fn trap_1_arguments_of_32_bits_are_cut() {
    on_every_abi(
        "wide",
        "syscall:close /abi == \"i386\"/ { @[args.fd, errno] = count(); print(args); }",
        &[
            "[i386] close(99)                        = -1 EBADF (Bad file descriptor)",
            "@[99, EBADF]: 1",
        ],
    );
}

#[test]
fn trap_1_x32_is_an_abi_of_its_own() {
    on_every_abi(
        "x32",
        "syscall:getpid { @[abi, syscall] = count(); }",
        &["@[x32, x32:getpid]: 1", "@[x86_64, getpid]: 1"],
    );
}

#[test]
fn trap_1_hooks_that_miss_32_bit_calls_say_so() {
    let script = "syscall:openat { @[abi] = count(); }";
    let command = scene("compat");
    let ran = run(&["-F", "--attach", "event", "-e", script, "-c", &command]);
    assert!(!ran.stdout.contains("i386"), "{}", ran.stdout);
    let said = "system calls of 32-bit programs are not seen";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn trap_2_number_minus_one_is_no_call() {
    everywhere(
        "no_calls",
        "syscall:* /errno == ENOSYS/ { @ = count(); @timed = sum(latency > 0); }
         tracepoint:raw_syscalls:sys_enter /args.id == -1/ { @raw = count(); }",
        &["@: 2", "@raw: 3", "@timed: 2"],
    );
}

#[test]
fn trap_3_execve_into_another_abi() {
    let command = scene(&format!("execve {} /bin/true", program_of_32_bits()));
    let script = "
        syscall:execve { @[abi, syscall, retval, latency > 0] = count(); @name[args.pathname] = count(); }
        syscall:getppid { @[abi, syscall, retval > 0, latency > 0] = count(); }
        syscall:exit_group { @last[abi] = count(); }";
    for hook in &HOOKS[..EVERY_ABI] {
        let run = trace(hook, &command, script);
        let names = printed(&run);
        assert_eq!(
            names
                .iter()
                .filter(|line| !line.starts_with("@name"))
                .collect::<Vec<_>>(),
            [
                "@[i386, i386:execve, 0, true]: 1",
                "@[x86_64, execve, 0, true]: 2",
                "@[i386, i386:getppid, 1, true]: 3",
                "@last[x86_64]: 1",
            ],
            "{hook}"
        );
        assert!(names.contains(&"@name[/bin/true]: 1".into()), "{names:?}");
        assert_eq!(
            names
                .iter()
                .filter(|name| name.starts_with("@name"))
                .count(),
            3
        );
    }
}

#[test]
fn trap_5_calls_that_stand_for_many_say_which() {
    on_every_abi(
        "multiplexed",
        "syscall:socketcall { @[syscall, args.call, retval >= 0] = count(); print(args.call); }
         syscall:ipc { @[syscall, args.call, retval >= 0] = count(); }
         syscall:socket,listen,msgget { @direct = count(); }",
        &[
            "SYS_SOCKET",
            "SYS_LISTEN",
            "@[i386:ipc, 13, false]: 1",
            "@[i386:socketcall, 1, true]: 1",
            "@[i386:socketcall, 4, false]: 1",
        ],
    );
}

#[test]
fn trap_7_only_small_negative_results_are_errors() {
    everywhere(
        "negative",
        "syscall:lseek { @[retval, errno] = count(); }",
        &["@[-65536, 0]: 1", "@[-9, EBADF]: 1"],
    );
    everywhere(
        "negative",
        "tracepoint:syscalls:sys_exit_lseek { @[args.ret, errno] = count(); }",
        &["@[-65536, 0]: 1", "@[-9, EBADF]: 1"],
    );
}

#[test]
fn trap_8_errno_is_a_type_with_names() {
    let script = r#"syscall:lseek /errno == EBADF && errno == "EBADF" && errno == 9/ {
        @[errno] = count(); printf("%s %d %s\n", errno, errno, strerror(errno)); }"#;
    everywhere(
        "negative",
        script,
        &["EBADF 9 Bad file descriptor", "@[EBADF]: 1"],
    );
    let json = run(&[
        "-q",
        "-F",
        "-f",
        "json",
        "-e",
        script,
        "-c",
        &scene("negative"),
    ]);
    assert_eq!(json.maps()["@"], serde_json::json!({"EBADF": 1}));
    // What the kernel keeps to itself is shown by name, too, and is not out of an error's range.
    everywhere(
        "killed",
        "syscall:pause { @[errno == 514, retval, errno] = count(); }",
        &["@[true, -514, ERESTARTNOHAND]: 5"],
    );
}
