//! What a script that is recorded sends from the kernel: the bytes of a [`TraceRecord`] in, an [`Event`] out; and the
//! [`Origin`] of such a recording.

use super::event::{COMM_SIZE, Enter, Event, Exit, Observer, Origin, Thread, What};
use super::memory::Memory;
use super::names::Names;
use crate::catalog::NATIVE_ABI;
use crate::kernel::{KernelError, clock_distance, monotonic_now, possible_cpus};
use crate::ptrace::own_thread;
use std::fs;
use std::io;
use trapline_codegen::object::{RecordHeader, TraceRecord};
use trapline_lang::hir::Recorded;
use trapline_lang::syscall::Abi;

/// What the caller knows of a session.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// What makes the events: `bpf`, `ptrace`.
    pub engine: String,
    /// The `-c` command and its process id.
    pub command: Option<(String, u32)>,
    /// The calls that are recorded, as [`trapline_lang::rewrite::record`] gives them; `None`: all.
    pub calls: Option<Vec<u64>>,
    /// Most bytes of a buffer.
    pub buffer_bytes: u32,
}

/// Where the events of a session that begins now come from.
///
/// # Errors
/// If sysfs does not say how many CPUs there are.
pub fn origin(session: Session) -> Result<Origin, KernelError> {
    let (command, command_process) = session.command.unwrap_or_default();
    let tracer = own_thread();
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Ok(Origin {
        abi: NATIVE_ABI.name().to_owned(),
        cpu_count: possible_cpus()?,
        start: monotonic_now(),
        realtime_offset: clock_distance(libc::CLOCK_MONOTONIC, libc::CLOCK_REALTIME),
        boot_offset: clock_distance(libc::CLOCK_MONOTONIC, libc::CLOCK_BOOTTIME),
        tai_offset: clock_distance(libc::CLOCK_BOOTTIME, libc::CLOCK_TAI),
        command_process,
        command,
        tracer_process: tracer.process,
        tracer_parent: tracer.parent,
        tracer_user: tracer.user,
        tracer_group: tracer.group,
        tracer_cgroup: tracer.cgroup,
        engine: session.engine,
        kernel: release.trim_end().to_owned(),
        calls: session.calls,
        buffer_bytes: session.buffer_bytes,
        // Looked up only for recordings: a live session can ask the machine.
        names: Names::default(),
    })
}

/// Tells the observer of the event that a record is about (whole, header included).
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] if the record is none, or the observer's own.
pub fn read(what: Recorded, record: &[u8], observer: &mut dyn Observer) -> io::Result<()> {
    let malformed = || {
        let message =
            format!("an event of a recording makes no sense: {what:?} (a bug in Trapline)");
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    let (head, rest) = Head::parse(record).ok_or_else(malformed)?;
    let mut child = Thread::default();
    let what = match what {
        Recorded::Enter => Call::parse(rest).map(|call| {
            What::Enter(Enter {
                abi: call.abi,
                number: call.number,
                arguments: call.arguments.unwrap_or_default(),
                memory: call.memory,
            })
        }),
        Recorded::Exit => Call::parse(rest).map(|call| {
            What::Exit(Exit {
                abi: call.abi,
                number: call.number,
                result: call.result,
                arguments: call.arguments,
                memory: call.memory,
            })
        }),
        Recorded::Fork => read_child(rest, &head.thread).map(|thread| {
            child = thread;
            What::Fork { child: &child }
        }),
        Recorded::Exec => read_exec(rest),
        Recorded::End => u32_at(rest, 0).map(|last| What::End { last: last != 0 }),
    };
    observer.event(&Event {
        time: head.time,
        cpu: head.cpu,
        thread: &head.thread,
        what: what.ok_or_else(malformed)?,
    })
}

/// What every record tells.
struct Head {
    time: u64,
    cpu: u32,
    thread: Thread,
}

impl Head {
    fn parse(record: &[u8]) -> Option<(Self, &[u8])> {
        let (header, rest) = record.split_at_checked(RecordHeader::SIZE as usize)?;
        let (thread, rest) = rest.split_at_checked(TraceRecord::THREAD_SIZE as usize)?;
        let head = Self {
            time: u64_at(header, 8)?,
            cpu: u32_at(thread, 20)?,
            thread: Thread {
                process: u32_at(thread, 0)?,
                thread: u32_at(thread, 4)?,
                parent: u32_at(thread, 8)?,
                user: u32_at(thread, 12)?,
                group: u32_at(thread, 16)?,
                cgroup: u64_at(thread, 24)?,
                comm: comm_at(thread, 32)?,
            },
        };
        Some((head, rest))
    }
}

/// One end of a system call.
struct Call<'a> {
    abi: Abi,
    number: i32,
    result: i64,
    arguments: Option<[u64; 6]>,
    memory: Memory<'a>,
}

impl<'a> Call<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (fixed, memory) = bytes.split_at_checked(TraceRecord::CALL_SIZE as usize)?;
        let abi = u32_at(fixed, 0)?;
        let (abi, flags) = (abi & 0xffff, abi >> 16);
        let mut arguments = [0; 6];
        for (argument, at) in arguments.iter_mut().zip((16..).step_by(8)) {
            *argument = u64_at(fixed, at)?;
        }
        Some(Self {
            abi: Abi::ALL.into_iter().find(|known| *known as u32 == abi)?,
            number: u32_at(fixed, 4)? as i32,
            result: u64_at(fixed, 8)? as i64,
            arguments: (flags & TraceRecord::NO_ARGUMENTS == 0).then_some(arguments),
            memory: Memory::from_bytes(memory),
        })
    }
}

/// A new thread is whose its maker is; names and ids are its own.
fn read_child(bytes: &[u8], maker: &Thread) -> Option<Thread> {
    Some(Thread {
        process: u32_at(bytes, 0)?,
        thread: u32_at(bytes, 4)?,
        parent: u32_at(bytes, 8)?,
        comm: comm_at(bytes, 16)?,
        ..*maker
    })
}

fn read_exec(bytes: &[u8]) -> Option<What<'_>> {
    let (fixed, name) = bytes.split_at_checked(TraceRecord::WORD_SIZE as usize)?;
    let end = name.iter().position(|byte| *byte == 0);
    Some(What::Exec {
        file: &name[..end.unwrap_or(name.len())],
        old_thread: u32_at(fixed, 0)?,
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*field))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*field))
}

fn comm_at(bytes: &[u8], at: usize) -> Option<[u8; COMM_SIZE]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::memory::MemoryBuffer;

    /// Writes down what it is told.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Observer for Told {
        fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
            let name = String::from_utf8_lossy(event.thread.name()).into_owned();
            let (process, parent) = (event.thread.process, event.thread.parent);
            self.0.push(format!(
                "{} {name} {process} {parent} {:?}",
                event.time, event.what
            ));
            Ok(())
        }
    }

    /// A record of process 10, then these bytes.
    fn record(rest: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend([0u32, 0].map(u32::to_le_bytes).concat());
        bytes.extend(77u64.to_le_bytes());
        bytes.extend([10u32, 11, 9, 1000, 1001, 3].map(u32::to_le_bytes).concat());
        bytes.extend(5u64.to_le_bytes());
        bytes.extend(Thread::comm(b"cat"));
        bytes.extend(rest);
        bytes
    }

    fn call(abi: u16, flags: u16, memory: &MemoryBuffer) -> Vec<u8> {
        let mut bytes = [abi, flags].map(u16::to_le_bytes).concat();
        bytes.extend((-1i32).to_le_bytes());
        bytes.extend((-38i64).to_le_bytes());
        bytes.extend((1u64..=6).flat_map(u64::to_le_bytes));
        bytes.extend(memory.memory().as_bytes());
        bytes
    }

    fn told(what: Recorded, rest: &[u8]) -> io::Result<String> {
        let mut told = Told::default();
        read(what, &record(rest), &mut told)?;
        Ok(told.0.join("\n"))
    }

    #[test]
    fn calls_are_read_with_their_memory() {
        let mut memory = MemoryBuffer::default();
        memory.push(0x1000, Ok(b"/etc\0"));
        memory.push(0x2000, Err(14));
        let mut seen = 0;
        struct Look<'a>(&'a mut u32);
        impl Observer for Look<'_> {
            fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
                let What::Exit(exit) = event.what else {
                    panic!("{event:?}")
                };
                assert_eq!((exit.abi, exit.number, exit.result), (Abi::I386, -1, -38));
                assert_eq!(exit.arguments, Some([1, 2, 3, 4, 5, 6]));
                assert_eq!(exit.memory.at(0x1001), Some(&b"etc\0"[..]));
                assert_eq!(exit.memory.pieces().count(), 2);
                assert_eq!((event.cpu, event.thread.cgroup), (3, 5));
                *self.0 += 1;
                Ok(())
            }
        }
        let bytes = record(&call(Abi::I386 as u16, 0, &memory));
        read(Recorded::Exit, &bytes, &mut Look(&mut seen)).unwrap();
        assert_eq!(seen, 1);
        let unknown = call(
            0,
            TraceRecord::NO_ARGUMENTS as u16,
            &MemoryBuffer::default(),
        );
        let text = told(Recorded::Exit, &unknown).unwrap();
        assert!(text.contains("arguments: None"), "{text}");
    }

    #[test]
    fn threads_come_and_go() {
        let mut child = [20u32, 21, 10, 0].map(u32::to_le_bytes).concat();
        child.extend(Thread::comm(b"sh"));
        let fork = told(Recorded::Fork, &child).unwrap();
        assert!(fork.contains("process: 20, thread: 21, parent: 10, user: 1000"));
        let exec = [&[12, 0, 0, 0, 0, 0, 0, 0], &b"/bin/ls\0"[..]].concat();
        let exec = told(Recorded::Exec, &exec).unwrap();
        let file = format!("{:?}", b"/bin/ls");
        assert!(
            exec.contains(&file) && exec.contains("old_thread: 12"),
            "{exec}"
        );
        let end = told(Recorded::End, &1u64.to_le_bytes()).unwrap();
        assert_eq!(end, "77 cat 10 9 End { last: true }");
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        let whole = call(0, 0, &MemoryBuffer::default());
        let strange = call(99, 0, &MemoryBuffer::default());
        for what in [Recorded::Enter, Recorded::Exit] {
            assert!(told(what, &whole).is_ok());
            assert!(told(what, &strange).is_err());
            for end in 0..whole.len() {
                let error = told(what, &whole[..end]).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            }
        }
        for what in [Recorded::Fork, Recorded::Exec, Recorded::End] {
            assert!(told(what, &[0; 3]).is_err());
        }
        let bytes = record(&[]);
        for end in 0..bytes.len() {
            assert!(read(Recorded::End, &bytes[..end], &mut Told::default()).is_err());
        }
    }

    #[test]
    fn clocks_are_apart_as_they_are() {
        let origin = origin(Session {
            command: Some(("ls".into(), 7)),
            ..Session::default()
        })
        .unwrap();
        let since_1970 = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        let now = monotonic_now() as i64 + origin.realtime_offset;
        let apart = since_1970.as_nanos() as i64 - now;
        assert!(apart.abs() < 1_000_000_000, "{apart}");
        assert!(origin.boot_offset >= -1_000_000);
        assert_eq!((origin.command_process, origin.command.as_str()), (7, "ls"));
        assert!(!origin.kernel.is_empty() && origin.cpu_count > 0);
    }
}
