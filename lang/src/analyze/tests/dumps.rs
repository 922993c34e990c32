//! What scripts are lowered to.

use super::super::Options;
use super::{dump, dump_with};

#[test]
fn scratch() {
    for text in [
        "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }",
        "tracepoint:syscalls:sys_enter_openat { printf(\"%s %s\\n\", comm, str(args.filename)); }",
        "tracepoint:syscalls:sys_exit_read /args.ret > 0/ { @bytes[comm] = hist(args.ret); }",
        "tracepoint:raw_syscalls:sys_enter { @start[tid] = nsecs; } tracepoint:raw_syscalls:sys_exit /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start, tid); }",
        "profile:hz:99 { @[kstack] = count(); }",
        "interval:s:1 { print(@); clear(@); } tracepoint:raw_syscalls:sys_enter { @ = count(); }",
        "tracepoint:syscalls:sys_enter_open* { @[str(args.filename), args.flags] = count(); }",
        "t:syscalls:sys_* { @[probe] = count(); }",
        "begin { $a = 1; unroll(2) { $a = $a + 1; } print(($a, \"x\")); $b = $a ?: 10; }",
        "begin { @a[(int16)-1, ((int32)-2, 3)] = 10; @a[5, (6, 7)] = 11; $c = ((int8)-4, ((int16)-5, -6)); @a[$c] = 12; }",
        "begin { @map[16,17] = 32; for ($kv : @map) { printf(\"%d\", $kv.0.0); delete(@map, $kv.0); } }",
        "begin { $a = (foo=1, bar=2); $a = (bar=3, foo=4); print($a.bar); }",
        "t:raw_syscalls:sys_enter { print(args); @x[args.args[1]]++; $p = args.args[0]; @y[str($p, 8)] += 2; }",
    ] {
        println!("== {text}\n{}", dump(text));
    }
    let _ = dump_with("begin {}", &Options::default());
}
