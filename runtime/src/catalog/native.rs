//! Which probes native engines offer: system calls by the built-in table, and what processes do. Nothing of the kernel
//! that it runs on is asked, so that traces of other machines are read as well.

use super::{cgroup, include, process_event, syscall};
use crate::kernel::possible_cpus;
use crate::trace::event::Origin;
use std::cell::OnceCell;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use trapline_lang::catalog::{Catalog, TracepointEvent, TracepointName};
use trapline_lang::ctypes::{Include, IncludeKind};
use trapline_lang::syscall::Abi;

/// The catalog of a machine whose system calls are seen without its kernel's help.
#[derive(Debug)]
pub struct NativeCatalog {
    abi: Abi,
    cpu_count: u32,
    include_folders: Vec<PathBuf>,
    names: OnceCell<Vec<TracepointName>>,
}

impl NativeCatalog {
    /// The catalog of a machine of that ABI and with so many CPUs.
    pub fn new(abi: Abi, cpu_count: u32) -> Self {
        Self {
            abi,
            cpu_count,
            include_folders: Vec::new(),
            names: OnceCell::new(),
        }
    }

    /// The catalog of this machine.
    pub fn of_this_machine() -> Self {
        // A container may lack sysfs; then those that we may run on have to do.
        let usable = || thread::available_parallelism().map_or(1, NonZero::get) as u32;
        let cpu_count = possible_cpus().unwrap_or_else(|_| usable());
        Self::new(syscall::NATIVE, cpu_count)
    }

    /// The catalog of the machine that a trace is from; `None` if its ABI is not known.
    pub fn of_trace(origin: &Origin) -> Option<Self> {
        let abi = Abi::by_name(&origin.abi)?;
        Some(Self::new(abi, origin.cpu_count))
    }

    /// Looks for included files in these folders as well.
    #[must_use]
    pub fn with_include_folders(mut self, folders: Vec<PathBuf>) -> Self {
        self.include_folders = folders;
        self
    }

    fn list(&self) -> Vec<TracepointName> {
        let mut names: Vec<_> = [syscall::RAW, syscall::CATEGORY]
            .iter()
            .flat_map(|category| syscall::events(self.abi, category))
            .chain(process_event::names())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Catalog for NativeCatalog {
    fn tracepoints(&self) -> &[TracepointName] {
        self.names.get_or_init(|| self.list())
    }

    fn tracepoint(&self, category: &str, name: &str) -> Option<Arc<TracepointEvent>> {
        syscall::event(self.abi, category, name)
            .map(Arc::new)
            .or_else(|| process_event::event(category, name))
    }

    fn cgroup_id(&self, path: &str) -> Option<u64> {
        cgroup::id(Path::new(path))
    }

    fn abi(&self) -> Abi {
        self.abi
    }

    fn cpu_count(&self) -> u32 {
        self.cpu_count
    }

    fn include(&self, path: &str, kind: IncludeKind) -> Include {
        include::find(&self.include_folders, path, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trapline_lang::analyze::{Mode, Options, analyze};
    use trapline_lang::diagnostic::{Diagnostic, Kind};
    use trapline_lang::engine::Engine;
    use trapline_lang::parse::parse;
    use trapline_lang::provider::{Provider, Support};
    use trapline_lang::source::Source;
    use trapline_lang::{builtin, function};

    const NATIVE: [Engine; 2] = [Engine::Ptrace, Engine::Replay];
    /// What a row may need is in one of them.
    const PROBES: [&str; 10] = [
        "begin",
        "interval:s:1",
        "syscall:read",
        "syscall:kill",
        "syscall:execve",
        "tracepoint:raw_syscalls:sys_enter",
        "tracepoint:syscalls:sys_enter_openat",
        "tracepoint:syscalls:sys_exit_read",
        "tracepoint:syscalls:sys_enter_sethostname",
        "tracepoint:sched:sched_process_exec",
    ];

    /// What is said of a script, warnings left out.
    fn errors(text: &str, engine: Engine, catalog: &NativeCatalog) -> Vec<Diagnostic> {
        let mode = match text.split(':').next() {
            Some("test") => Mode::Test,
            Some("bench") => Mode::Bench,
            _ => Mode::Run,
        };
        let options = Options {
            engine,
            mode,
            has_child: true,
            allow_unsafe: true,
            positional: vec!["1".into()],
            ..Options::default()
        };
        let source = Source::new("stdin", text);
        let parsed = parse(&source);
        let analysis = analyze(&parsed.script, &source, catalog, &options);
        let mut said = [parsed.diagnostics, analysis.diagnostics].concat();
        if analysis.script.is_some() {
            said.clear();
        } else {
            assert!(!said.is_empty(), "{text}");
        }
        said
    }

    /// The statement in each probe: what is said of it where least is said.
    fn best(statement: &str, engine: Engine, catalog: &NativeCatalog) -> Vec<Diagnostic> {
        let tried = PROBES.iter().map(|probe| {
            let script = format!(
                "{probe} {{ {statement} }} end {{ @bytes[comm] = 1; @start[tid] = nsecs; }}"
            );
            errors(&script, engine, catalog)
        });
        tried.min_by_key(Vec::len).expect("there are probes")
    }

    fn lacks(said: &[Diagnostic], engine: Engine) -> bool {
        said.iter().any(
            |report| matches!(&report.kind, Kind::EngineLacks { engine: of, .. } if *of == engine),
        )
    }

    /// A row is accepted where its engines say so, and else refused for that reason.
    fn check(name: &str, statement: &str, engine: Engine, offered: bool) {
        let catalog = NativeCatalog::new(Abi::X86_64, 4);
        let said = best(statement, engine, &catalog);
        // A machine without cgroup v2 has no ids.
        let no_cgroup = |report: &Diagnostic| report.kind.message().contains("cgroup id");
        match offered {
            true => assert!(
                said.iter().all(no_cgroup),
                "{name} on {engine}: {statement}: {said:?}"
            ),
            false => assert!(lacks(&said, engine), "{name} on {engine}: {said:?}"),
        }
    }

    #[test]
    fn builtins_are_offered_as_their_rows_say() {
        let rows = builtin::all().iter();
        for row in rows.filter(|row| row.support == Support::Ready) {
            let name = match row.id {
                builtin::Builtin::Args => "args.ret",
                builtin::Builtin::Argument => "arg0",
                _ => row.name,
            };
            for engine in NATIVE {
                check(
                    row.name,
                    &format!("print({name});"),
                    engine,
                    row.engines.has(engine),
                );
                let word = row.arguments.split([' ', ',', '[', '|']).next();
                let Some(word) = word.filter(|word| !word.is_empty()) else {
                    continue;
                };
                let word = match word {
                    "PID" => "1",
                    "TASK" => "tid",
                    word => word,
                };
                let form = format!("print({name}({word}));");
                check(&form, &form, engine, row.argument_engines.has(engine));
            }
        }
    }

    #[test]
    fn functions_are_offered_as_their_rows_say() {
        let rows = function::all().iter();
        for row in rows.filter(|row| row.support == Support::Ready) {
            for engine in NATIVE {
                // Examples of these use a task, which is not what they are about.
                let example = row.example.replace("curtask", "args.filename");
                let example = match row.id {
                    function::Function::Fail | function::Function::ContainerOf => continue,
                    function::Function::UserSymbol => "print(usym(1));".to_owned(),
                    _ => example,
                };
                check(row.name, &example, engine, row.engines.has(engine));
            }
        }
    }

    #[test]
    fn providers_are_offered_as_their_rows_say() {
        let catalog = NativeCatalog::new(Abi::X86_64, 4);
        for row in trapline_lang::provider::all() {
            let attach_point = match row.id {
                Provider::Syscall => "syscall:openat",
                Provider::Tracepoint => "tracepoint:raw_syscalls:sys_exit",
                Provider::Interval | Provider::Profile => "s:1",
                _ => row.forms[0],
            };
            let attach_point = match attach_point {
                "s:1" => format!("{}:s:1", row.name),
                whole => whole.to_owned(),
            };
            let script = format!("{attach_point} {{ print(1); }} begin {{ print(2); }}");
            for engine in NATIVE {
                let said = errors(&script, engine, &catalog);
                assert_eq!(said.is_empty(), row.engines.has(engine), "{script}");
                assert_eq!(lacks(&said, engine), !said.is_empty(), "{said:?}");
            }
        }
    }

    #[test]
    fn traces_of_other_machines_have_their_calls() {
        let origin = |abi: &str| Origin {
            abi: abi.to_owned(),
            cpu_count: 2,
            ..Origin::default()
        };
        assert!(NativeCatalog::of_trace(&origin("vax")).is_none());
        let arm = NativeCatalog::of_trace(&origin("arm64")).expect("is known");
        assert_eq!((arm.abi(), arm.cpu_count()), (Abi::Aarch64, 2));
        assert!(arm.tracepoint("syscalls", "sys_enter_openat").is_some());
        assert!(arm.tracepoint("syscalls", "sys_enter_open").is_none());
        let x86 = NativeCatalog::new(Abi::X86_64, 2);
        assert!(x86.tracepoint("syscalls", "sys_enter_open").is_some());
    }

    #[test]
    fn what_is_listed_can_be_described() {
        for abi in [Abi::X86_64, Abi::Aarch64] {
            let catalog = NativeCatalog::new(abi, 1);
            let names = catalog.tracepoints();
            assert!(names.is_sorted() && names.len() > 500);
            for TracepointName { category, name } in names {
                let event = catalog.tracepoint(category, name);
                assert!(
                    event.is_some_and(|event| !event.fields.is_empty()),
                    "{category}:{name}"
                );
            }
            assert!(catalog.tracepoint("sched", "sched_switch").is_none());
        }
    }
}
