//! Memory of stopped threads, read live and as it comes with events.

use crate::support::{on_thread, options, trace_with};
use trapline_lang::syscall;
use trapline_runtime::ptrace::{Capture, Options, Wanted};
use trapline_runtime::trace::event::{Event, What};
use trapline_runtime::trace::memory::{AddressSpace, Memory};

fn is(abi: syscall::Abi, number: i32, name: &str) -> bool {
    syscall::by_number(abi, number as u32).is_some_and(|call| call.name == name)
}

fn run(
    command: &str,
    options: &Options,
    see: &mut (dyn FnMut(&Event<'_>, &mut dyn AddressSpace) + Send),
) {
    on_thread(|| {
        let (traced, _) = trace_with(command, options, see, drop).expect("traced");
        assert!(traced.status.expect("ended").success());
    });
}

fn text(memory: Memory<'_>, address: u64) -> Option<String> {
    let bytes = memory.at(address)?;
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

#[test]
fn file_names_are_read_live() {
    let mut names = Vec::new();
    run(
        "sh -c 'cat /etc/hostname /etc/passwd >/dev/null'",
        &options(Wanted::All),
        &mut |event, memory| {
            if let What::Enter(enter) = event.what
                && is(enter.abi, enter.number, "openat")
            {
                let mut name = [0; 64];
                let length = memory
                    .read_string(enter.arguments[1], &mut name)
                    .expect("a name");
                names.push(String::from_utf8_lossy(&name[..length - 1]).into_owned());
            }
        },
    );
    assert!(names.contains(&"/etc/hostname".to_owned()));
    assert!(names.contains(&"/etc/passwd".to_owned()));
}

#[test]
fn what_execve_takes_with_it_comes_with_its_beginning() {
    let mut words = Vec::new();
    run(
        "sh -c '/bin/echo one two >/dev/null; true'",
        &options(Wanted::All),
        &mut |event, _| {
            if let What::Enter(enter) = event.what
                && is(enter.abi, enter.number, "execve")
            {
                assert!(text(enter.memory, enter.arguments[0]).is_some());
                let array = enter.memory.at(enter.arguments[1]).expect("an array");
                let pointers = array
                    .chunks_exact(8)
                    .map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")));
                words = pointers.map_while(|at| text(enter.memory, at)).collect();
                let environment = enter.memory.at(enter.arguments[2]).expect("an array");
                let first = u64::from_le_bytes(environment[..8].try_into().expect("eight bytes"));
                assert!(text(enter.memory, first).expect("a variable").contains('='));
            }
        },
    );
    assert_eq!(words, ["/bin/echo", "one", "two"]);
}

#[test]
fn recordings_get_everything() {
    let options = Options {
        wanted: Wanted::All,
        capture: Capture::Everything,
        buffer_bytes: 8,
    };
    let (mut opened, mut written, mut read, mut stats) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut arguments = [0; 6];
    run(
        "dd if=/proc/self/comm of=/dev/null status=none",
        &options,
        &mut |event, memory| match event.what {
            What::Enter(enter) => {
                arguments = enter.arguments;
                if is(enter.abi, enter.number, "openat") {
                    opened.extend(text(enter.memory, arguments[1]));
                }
                if is(enter.abi, enter.number, "write") && arguments[0] == 1 {
                    written.extend(enter.memory.at(arguments[1]).map(<[u8]>::to_vec));
                }
            }
            What::Exit(exit) => {
                if is(exit.abi, exit.number, "read") && arguments[0] == 0 && exit.result > 0 {
                    read.extend(exit.memory.at(arguments[1]).map(<[u8]>::to_vec));
                }
                if is(exit.abi, exit.number, "newfstatat") && exit.result == 0 {
                    let captured = exit.memory.at(arguments[2]).expect("a structure").to_vec();
                    let mut live = vec![0; captured.len()];
                    memory.read(arguments[2], &mut live).expect("still there");
                    assert_eq!(captured, live);
                    stats += 1;
                }
            }
            _ => {}
        },
    );
    assert!(opened.contains(&"/proc/self/comm".to_owned()));
    assert_eq!(written, [b"dd\n"]);
    assert_eq!(read, [b"dd\n"]);
    assert!(stats > 0);
}
