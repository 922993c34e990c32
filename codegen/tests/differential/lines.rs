//! Script lines in the kernel's view of a program, and the objects that other loaders take.

use crate::build::Builder;
use crate::kernel::{Map, Program, object, try_load};
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, SourceLoc};
use std::path::Path;
use std::process::Command;
use trapline_codegen::clif::optimize::Level;
use trapline_codegen::elf;
use trapline_codegen::object::{DataSection, Object};

/// Byte offsets in the text that test objects carry.
const FIRST_LINE: u32 = 0;
const SECOND_LINE: u32 = 15;

#[test]
fn the_verifier_names_the_script_line() {
    let function = Builder::program(|builder, context| {
        builder.inner.set_srcloc(SourceLoc::new(FIRST_LINE));
        let pointer = builder.argument(context, 0);
        builder.inner.set_srcloc(SourceLoc::new(SECOND_LINE));
        // A number is no pointer: the verifier refuses.
        let loaded = builder.load(I64, pointer, 0);
        builder.inner.ins().return_(&[loaded]);
    });
    let program = Program::new(&function, Level::Speed);
    let log = match try_load(&[program], &[], &[]) {
        Ok(_) => panic!("the verifier accepts a load from a number"),
        Err(log) => log,
    };
    assert!(log.contains("; first line @ test.tl:1"), "{log}");
    assert!(log.contains("; second line @ test.tl:2"), "{log}");
}

/// Everything that an object can hold.
fn full_object() -> Object {
    let callback = Builder::function(2, |builder, _| {
        let zero = builder.constant(0);
        builder.inner.ins().return_(&[zero]);
    });
    let main = Builder::program(|builder, _| {
        builder.inner.set_srcloc(SourceLoc::new(SECOND_LINE));
        let callee = builder.callee(trapline_codegen::namespace::SUBPROGRAM, 0, 2);
        let callback = builder.inner.ins().func_addr(I64, callee);
        let times = builder.constant(2);
        let zero = builder.constant(0);
        builder.helper(181, &[times, callback, zero, zero]);
        let constant = builder.symbol(trapline_codegen::namespace::DATA, 0, 8);
        let counter = builder.symbol(trapline_codegen::namespace::DATA, 1, 0);
        let value = builder.load(I64, constant, 0);
        builder.store(value, counter, 0);
        builder.lookup(0);
        builder.inner.ins().return_(&[value]);
    });
    let program = || Program::new(&main, Level::Speed);
    let subprogram = Program::new(&callback, Level::Speed);
    let mut object = object(&[program(), program()], &[subprogram], &[Map::hash(64)]);
    // bpftool takes sections for types of programs.
    for program in &mut object.programs {
        program.section = "raw_tp/sys_enter".to_owned();
    }
    let data = |section: &str, name: &str, bytes: Vec<u8>| DataSection {
        section: section.to_owned(),
        name: name.to_owned(),
        bytes,
    };
    object.data = vec![
        data(".rodata", "constants", (0..16).collect()),
        data(".bss", "variables", vec![0; 8]),
    ];
    object
}

#[test]
fn the_manifest_comes_back() {
    let object = full_object();
    let read = elf::read_manifest(&elf::write(&object)).expect("the ELF has a manifest");
    assert_eq!(read, object.manifest);
}

/// Runs bpftool.
fn bpftool(args: &[&str]) -> String {
    let output = Command::new("bpftool")
        .args(args)
        .output()
        .expect("bpftool runs (Debian's package bpftool)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "bpftool {args:?}: {text}{errors}");
    text
}

#[test]
fn libbpf_loads_the_object() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = directory.join("full.o");
    std::fs::write(&path, elf::write(&full_object())).expect("the directory can be written to");
    let path = path.to_str().expect("the path is UTF-8");
    let pins = format!("/sys/fs/bpf/trapline-test-{}", std::process::id());
    bpftool(&["prog", "loadall", path, &pins]);
    let dump = bpftool(&["prog", "dump", "xlated", "pinned", &format!("{pins}/p0")]);
    std::fs::remove_dir_all(&pins).expect("pins can be removed");
    assert!(dump.contains("; second line"), "{dump}");
}
