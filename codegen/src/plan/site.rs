//! Programs for whatever is neither a timer nor a tracepoint.

use super::{Arm, Entries, Event, Program, Which, asks_for_probe, bare};
use crate::object::{Attach, KprobeTarget, TraceRecord, UserTarget};
use crate::target::Target;
use trapline_lang::hir::{Edge, FunctionHook, Hook, UserHook, UserSite, WatchpointHook};

/// `HW_BREAKPOINT_R`, `HW_BREAKPOINT_W`, `HW_BREAKPOINT_X`
const READ: u32 = 1;
const WRITE: u32 = 2;
const EXECUTE: u32 = 4;

/// The object that an iterator is at lies behind `struct bpf_iter_meta *`, and behind other objects for some.
const ITERATED: [(&str, u32); 3] = [("task", 8), ("task_file", 24), ("task_vma", 16)];

/// Plans the programs of one probe.
pub(super) fn plan<'s>(
    programs: &mut Vec<Program<'s>>,
    target: &Target,
    arm: impl Fn() -> Arm<'s>,
) {
    let Arm { probe, index, .. } = arm();
    let cookies = target.features.attach_cookie;
    match &probe.hook {
        Hook::Signal(signal) => {
            let attach = Attach::Signal { signal: *signal };
            programs.push(bare(
                format!("signal_{index}"),
                "raw_tp/signal",
                attach,
                arm(),
            ));
        }
        Hook::Counter(counter) => {
            let attach = Attach::Counter {
                hardware: counter.hardware,
                event: counter.event,
                period: counter.period,
            };
            programs.push(bare(
                format!("counter_{index}"),
                "perf_event",
                attach,
                arm(),
            ));
        }
        Hook::Watchpoint(watchpoint) => programs.push(bare(
            format!("watchpoint_{index}"),
            "perf_event",
            breakpoint(watchpoint),
            arm(),
        )),
        Hook::Iterator(of) => {
            let offset = ITERATED.iter().find(|(name, _)| name == of);
            programs.push(Program {
                name: format!("iter_{index}"),
                section: format!("iter/{of}"),
                attach: Attach::Iterator { of: of.clone() },
                event: Event::Object {
                    offset: offset.map_or(8, |(_, offset)| *offset),
                },
                arms: vec![arm()],
                entries: Entries::Ignores,
            });
        }
        Hook::RawTracepoint(names) => {
            let each = names.len() > 1 && asks_for_probe(probe);
            let parts = if each { 1 } else { names.len().max(1) };
            for (event, names) in (0..).zip(names.chunks(parts)) {
                programs.push(Program {
                    name: match probe.is_recorder() {
                        true => format!("{}{}", TraceRecord::PROGRAM, names[0]),
                        false => format!("raw_{index}_{event}"),
                    },
                    section: format!("raw_tp/{}", names[0]),
                    attach: Attach::RawTracepoints(names.to_vec()),
                    event: Event::Words(event),
                    arms: vec![arm()],
                    entries: Entries::Ignores,
                });
            }
        }
        Hook::User(hook) => {
            let ask = hook.sites.len() > 1 && asks_for_probe(probe);
            for (event, which, sites) in parts(&hook.sites, ask, cookies) {
                programs.push(Program {
                    name: format!("user_{index}_{event}"),
                    section: if hook.edge == Edge::Exit {
                        "uretprobe".into()
                    } else {
                        "uprobe".into()
                    },
                    attach: user(hook, sites, which),
                    event: Event::Site(which),
                    arms: vec![arm()],
                    entries: Entries::Ignores,
                });
            }
        }
        Hook::Function(hook) if hook.trampoline => {
            for (event, function) in (0..).zip(&hook.functions) {
                let returns = hook.edge == Edge::Exit;
                let section = if returns { "fexit" } else { "fentry" };
                programs.push(Program {
                    name: format!("{section}_{index}_{event}"),
                    section: format!("{section}/{}", function.name),
                    attach: Attach::Trampoline {
                        module: function.module.clone(),
                        function: function.name.clone(),
                        returns,
                    },
                    event: Event::Trampoline(event),
                    arms: vec![arm()],
                    entries: Entries::Ignores,
                });
            }
        }
        Hook::Function(hook) => {
            let ask = hook.functions.len() > 1 && asks_for_probe(probe);
            for (event, which, functions) in parts(&hook.functions, ask, cookies) {
                let returns = hook.edge == Edge::Exit;
                let section = if returns { "kretprobe" } else { "kprobe" };
                programs.push(Program {
                    name: format!("{section}_{index}_{event}"),
                    section: format!("{section}/{}", functions[0].name),
                    attach: kprobes(hook, functions, which),
                    event: Event::Site(which),
                    arms: vec![arm()],
                    entries: Entries::Ignores,
                });
            }
        }
        Hook::Begin
        | Hook::End
        | Hook::Test
        | Hook::Bench
        | Hook::Interval(_)
        | Hook::Profile(_)
        | Hook::Syscall(_)
        | Hook::Call(_)
        | Hook::Tracepoint(_) => {}
    }
}

/// One program for all, or one each where the body asks which it is and the kernel cannot tell: the first event,
/// how the program knows its own, and what it is attached to.
fn parts<T>(all: &[T], ask: bool, cookies: bool) -> Vec<(u32, Which, &[T])> {
    if !ask || cookies {
        let which = if ask { Which::Cookie } else { Which::Fixed(0) };
        return vec![(0, which, all)];
    }
    (0..)
        .zip(all.chunks(1))
        .map(|(event, one)| (event, Which::Fixed(event), one))
        .collect()
}

/// What the program is told at each of its places: nothing if it does not ask, for not every kernel can tell it.
pub(super) fn cookies(which: Which) -> impl Iterator<Item = u64> {
    let step = u64::from(which == Which::Cookie);
    (0..).map(move |place| place * step)
}

fn user(hook: &UserHook, sites: &[UserSite], which: Which) -> Attach {
    let target = |(cookie, site): (u64, &UserSite)| UserTarget {
        path: site.path.clone(),
        offset: site.offset,
        semaphore: site.semaphore,
        cookie,
    };
    Attach::User {
        returns: hook.edge == Edge::Exit,
        sites: cookies(which).zip(sites).map(target).collect(),
        pid: hook.pid,
    }
}

fn kprobes(
    hook: &FunctionHook,
    functions: &[trapline_lang::hir::FunctionRef],
    which: Which,
) -> Attach {
    Attach::Kprobes {
        returns: hook.edge == Edge::Exit,
        targets: cookies(which)
            .zip(functions)
            .map(|(cookie, function)| KprobeTarget {
                function: function.name.clone(),
                offset: function.offset,
                cookie,
            })
            .collect(),
    }
}

fn breakpoint(hook: &WatchpointHook) -> Attach {
    let modes = [
        (hook.read, READ),
        (hook.write, WRITE),
        (hook.execute, EXECUTE),
    ];
    let wanted = modes.iter().filter(|(wanted, _)| *wanted);
    Attach::Watchpoint {
        address: hook.address,
        length: hook.length,
        mode: wanted.map(|(_, mode)| mode).sum(),
        pid: hook.pid,
    }
}
