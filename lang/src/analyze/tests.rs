//! Scripts in, HIR dumps or complaints out.

use super::{Analysis, Options, analyze};
use crate::catalog::file::FileCatalog;
use crate::catalog::{Field, FieldLocation, TracepointEvent, TracepointKind};
use crate::diagnostic::Severity;
use crate::hir_dump;
use crate::parse::parse;
use crate::source::Source;
use crate::syscall::Abi;
use crate::types::{AddressSpace, IntType, Type};

fn field(name: &str, ty: Type, location: FieldLocation) -> Field {
    Field {
        name: name.into(),
        c_type: ty.to_string(),
        ty,
        location,
    }
}

fn catalog() -> FileCatalog {
    let mut catalog = FileCatalog::new(Abi::X86_64, 4);
    let mut add = |category: &str, name: &str, kind, fields| {
        catalog.add_event(TracepointEvent {
            category: category.into(),
            name: name.into(),
            kind,
            fields,
        });
    };
    let number = |name, ty| field(name, ty, FieldLocation::SyscallNumber);
    let ret = || field("ret", Type::I64, FieldLocation::SyscallReturn);
    let words = Type::Array {
        element: Box::new(Type::U64),
        length: 6,
    };
    add(
        "raw_syscalls",
        "sys_enter",
        TracepointKind::RawSysEnter,
        vec![
            number("id", Type::I64),
            field("args", words, FieldLocation::SyscallArguments),
        ],
    );
    add(
        "raw_syscalls",
        "sys_exit",
        TracepointKind::RawSysExit,
        vec![number("id", Type::I64), ret()],
    );
    let path = || Type::Pointer {
        target: Box::new(Type::Int(IntType {
            bits: 8,
            signed: true,
        })),
        space: AddressSpace::User,
    };
    for (call, nr, at) in [("open", 2, 0), ("openat", 257, 1)] {
        add(
            "syscalls",
            &format!("sys_enter_{call}"),
            TracepointKind::SysEnter { number: nr },
            vec![
                number("__syscall_nr", Type::I32),
                field("filename", path(), FieldLocation::SyscallArgument(at)),
                field("flags", Type::I32, FieldLocation::SyscallArgument(at + 1)),
            ],
        );
    }
    add(
        "syscalls",
        "sys_enter_close",
        TracepointKind::SysEnter { number: 3 },
        vec![
            number("__syscall_nr", Type::I32),
            field("fd", Type::U32, FieldLocation::SyscallArgument(0)),
        ],
    );
    for (call, nr) in [("read", 0), ("openat", 257)] {
        add(
            "syscalls",
            &format!("sys_exit_{call}"),
            TracepointKind::SysExit { number: nr },
            vec![number("__syscall_nr", Type::I32), ret()],
        );
    }
    catalog.add_types(
        "enum state { IDLE, BUSY = 5 }; typedef int pid_t;
        struct task_struct { pid_t pid; unsigned a : 3, b : 5; char comm[16];
            struct task_struct *parent; enum state states[2]; union { int x; short y; }; };",
    );
    catalog.add_file("own.h", "#define OWN 3");
    catalog.add(
        "sched",
        "sched_switch",
        "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n\
         \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n",
    );
    catalog.add(
        "irq",
        "irq_handler_entry",
        "\tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:0;\n\
         \tfield:__data_loc unsigned int[] lengths;\toffset:16;\tsize:4;\tsigned:0;\n",
    );
    catalog.add_cgroup("/sys/fs/cgroup/one", 77);
    catalog
}

fn run(text: &str, options: &Options) -> (Source, Analysis) {
    let source = Source::new("stdin", text);
    let parsed = parse(&source);
    let mut analysis = analyze(&parsed.script, &source, &catalog(), options);
    analysis.diagnostics.splice(0..0, parsed.diagnostics);
    (source, analysis)
}

/// The dump of a script that must be right.
fn dump_with(text: &str, options: &Options) -> String {
    let (_, analysis) = run(text, options);
    let errors: Vec<_> = analysis
        .diagnostics
        .iter()
        .map(|d| d.kind.to_string())
        .collect();
    let script = analysis
        .script
        .unwrap_or_else(|| panic!("{text}: {errors:?}"));
    hir_dump::script(&script)
}

fn dump(text: &str) -> String {
    dump_with(text, &Options::default())
}

/// What is said of a script: `place: sentence (hint)`.
fn complaints_with(text: &str, options: &Options) -> Vec<String> {
    let (source, analysis) = run(text, options);
    analysis
        .diagnostics
        .iter()
        .map(|d| {
            let place = source.slice(d.span);
            let severity = if d.severity == Severity::Warning {
                "warning: "
            } else {
                ""
            };
            let hint = d
                .hint
                .as_ref()
                .map(|hint| format!(" ({hint})"))
                .unwrap_or_default();
            format!("{place}: {severity}{}{hint}", d.kind)
        })
        .collect()
}

fn complaints(text: &str) -> Vec<String> {
    complaints_with(text, &Options::default())
}

mod calls;
mod diagnostics;
mod dumps;
mod engines;
