//! The prompt, through a pseudo-terminal (that of `script`, of util-linux).

mod support;

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

/// Somebody at the prompt.
struct User {
    child: Child,
    output: Receiver<Vec<u8>>,
    seen: String,
}

impl User {
    fn new() -> Self {
        let state = support::temporary("state");
        let mut child = Command::new("script")
            .args([
                "-qefc",
                &format!("stty cols 200; exec {}", support::binary()),
                "/dev/null",
            ])
            .env("XDG_STATE_HOME", &state)
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script runs");
        let mut stdout = child.stdout.take().expect("a pipe");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut user = Self {
            child,
            output,
            seen: String::new(),
        };
        user.sees("trapline> ");
        user
    }

    fn types(&mut self, keys: &str) {
        self.seen.clear();
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        stdin.write_all(keys.as_bytes()).expect("typed");
        stdin.flush().expect("typed");
    }

    /// Waits for a text on the screen.
    #[track_caller]
    fn sees(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.seen.contains(text) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("no `{text}` in: {}", self.seen),
            }
        }
        // What comes next is behind it.
        let at = self.seen.find(text).expect("seen") + text.len();
        self.seen.drain(..at);
    }

    #[track_caller]
    fn leaves(mut self) {
        self.types(CTRL_D);
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < end, "still there");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn list_complete_run_interrupt_correct_and_run_again() {
    let mut user = User::new();
    user.types(":list tracepoint:raw_syscalls:*\r");
    user.sees("tracepoint:raw_syscalls:sys_exit");
    user.sees("trapline> ");

    user.types(":fields tracepoint:raw_syscalls:sys_enter\r");
    user.sees("long id");
    user.sees("trapline> ");

    // Tab completes the probe and the field; a script over two lines runs until Ctrl-C.
    user.types("tracepoint:raw_syscalls:sys_en\t {\r");
    user.sees("tracepoint:raw_syscalls:sys_enter");
    user.sees("... ");
    user.types("@[args.i\t] = count(); }\r");
    user.sees("Attached 1 probe");
    std::thread::sleep(Duration::from_millis(300));
    user.types(CTRL_C);
    user.sees("@[");
    user.sees("trapline> ");

    // An error is shown as on the command line; the line above comes back and is corrected.
    user.types("BEGIN { prnt(\"cor\" == \"cor\"); exit(); }\r");
    user.sees("ERROR");
    user.sees("print");
    user.sees("trapline> ");
    user.types("BEGIN { printf(\"%s\\n\", \"corrected\"); exit(); }\r");
    user.sees("\ncorrected");
    user.sees("trapline> ");

    user.types("print(6 * 7)\r");
    user.sees("\n42");
    user.sees("trapline> ");
    user.leaves();
}

#[test]
fn half_typed_text_can_be_dropped() {
    let mut user = User::new();
    user.types("BEGIN {\r");
    user.sees("... ");
    user.types(CTRL_C);
    user.sees("trapline> ");
    user.types(":nonsense\r");
    user.sees("no such command");
    user.sees("trapline> ");
    user.types(":help hist\r");
    user.sees("hist");
    user.sees("trapline> ");
    user.types(":quit\r");
    let status = user.child.wait().expect("it ends");
    assert!(status.success());
}
