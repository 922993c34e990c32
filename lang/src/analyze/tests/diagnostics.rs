//! What scripts are told.

use super::super::Options;
use super::{complaints, complaints_with};

#[test]
fn scratch() {
    for text in [
        "t:syscalls:nonsense { print(1); }",
        "tracepiont:a:b { }",
        "t:syscalls:sys_enter_openat { print(args.filname) }",
        "t:syscalls:sys_enter_* { @[args.filename] = count() }",
        "begin { pint(1); @[pidd] = 1; print($x); print(@y) }",
        "begin { @a[1] = 1; @a[\"x\"] = 2; @b = count(); @b = sum(1); @c[1]=1; @c = 2 }",
        "begin { if (comm == 5) { } $x = 1 / 0; $x = \"a\"; }",
        "begin { printf(\"%d %d\", 1); printf(\"%d\", comm); printf(\"x\", 2); strncmp(1, 2); }",
        "config = { bad_config=raw } begin {}",
        "begin { unroll(101) { } }",
    ] {
        println!("== {text}\n{:#?}", complaints(text));
    }
    let _ = complaints_with("begin {}", &Options::default());
}
