//! A trace like that of a busy server, in memory: five million events of twenty threads that read, write, wait, open and
//! close.

#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

use trapline_lang::syscall::Abi;
use trapline_runtime::trace::event::{Enter, Event, Exit, Observer, Origin, Thread, What};
use trapline_runtime::trace::file::TraceWriter;
use trapline_runtime::trace::memory::MemoryBuffer;

/// Calls that are made.
const CALLS: u64 = 2_500_000;

/// Numbers of calls on x86_64, each as often as servers make them.
const MIX: [i32; 16] = [0, 0, 0, 1, 1, 1, 232, 232, 44, 45, 202, 202, 257, 3, 9, 35];

/// Whether events carry memory.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Names {
    Without,
    With,
}

/// A trace, and how many events are in it.
pub(crate) fn record(names: Names) -> (Vec<u8>, u64) {
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random >> 11
    };
    let threads: Vec<Thread> = (0..20)
        .map(|index| Thread {
            process: 1000 + index / 5,
            thread: 1000 + index,
            parent: 1,
            cgroup: 4_242,
            comm: Thread::comm(format!("worker-{index}").as_bytes()),
            ..Thread::default()
        })
        .collect();
    let origin = Origin {
        abi: Abi::X86_64.name().to_owned(),
        cpu_count: 8,
        ..Origin::default()
    };
    let mut bytes = Vec::with_capacity(CALLS as usize * 16);
    let mut writer = TraceWriter::new(&mut bytes, &origin).unwrap();
    let mut buffer = MemoryBuffer::default();
    let mut time = 1_000_000_000_u64;
    // What each thread is in, to be ended some events later.
    let mut open: Vec<Option<(i32, [u64; 6])>> = vec![None; threads.len()];
    let mut events = 0;
    while events < 2 * CALLS {
        let index = (next() % 20) as usize;
        time += 100 + next() % 2_000;
        let cpu = (index % 8) as u32;
        let what = match open[index].take() {
            Some((number, arguments)) => What::Exit(Exit {
                abi: Abi::X86_64,
                number,
                result: (next() % 8_192) as i64 - 11,
                arguments: Some(arguments),
                memory: Default::default(),
            }),
            None => {
                let number = MIX[(next() % 16) as usize];
                let buffer_at = 0x7f00_0000_0000 + index as u64 * 0x80_0000 + next() % 64 * 0x1000;
                // The registers behind a call's arguments hold what they held.
                let arguments = [next() % 64, buffer_at, next() % 8_192, 0, buffer_at / 3, 7];
                open[index] = Some((number, arguments));
                buffer.clear();
                if names == Names::With && number == 257 {
                    let name = format!(
                        "/var/lib/service/{}/data-{}.bin\0",
                        next() % 16,
                        next() % 4_096
                    );
                    buffer.push(buffer_at, Ok(name.as_bytes()));
                }
                What::Enter(Enter {
                    abi: Abi::X86_64,
                    number,
                    arguments,
                    memory: buffer.memory(),
                })
            }
        };
        let event = Event {
            time,
            cpu,
            thread: &threads[index],
            what,
        };
        writer.event(&event).unwrap();
        events += 1;
    }
    writer.finish(&[]).unwrap();
    (bytes, events)
}
