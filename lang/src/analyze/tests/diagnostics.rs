//! What scripts are told: each complaint of the analyzer, as `place: sentence (hint)`.

use super::super::Options;
use super::{complaints, complaints_with, run};

/// Compares what is said of scripts with what should be.
fn check(cases: &[(&str, &[&str])]) {
    for (script, expected) in cases {
        assert_eq!(complaints(script), *expected, "{script}");
    }
}

#[test]
fn attach_points() {
    check(&[
        ("", &[": the script is empty: there is no probe in it"]),
        (
            "config = { max_strlen = 8 }",
            &["config = { max_strlen = 8 }: the script has no probe"],
        ),
        (
            "tracepiont:a:b { }",
            &["tracepiont: Invalid probe type: tracepiont (did you mean 'tracepoint'?)"],
        ),
        (
            "bench:a { }",
            &[
                "bench:a { }: the script has no probe (tests run with --test, benchmarks with --bench)",
            ],
        ),
        (
            "tracepoint:sched { }",
            &["tracepoint:sched: tracepoint probes are written tracepoint:CATEGORY:EVENT"],
        ),
        (
            "interval { }",
            &[
                "interval: interval probes are written interval:DURATION or interval:us:N or interval:ms:N or interval:s:N or interval:hz:N",
            ],
        ),
        (
            "t:syscalls:nonsense { print(1); }",
            &["t:syscalls:nonsense: No matches for tracepoint syscalls:nonsense."],
        ),
        (
            "t:syscals:* { print(1); }",
            &["t:syscals:*: No matches for tracepoint syscals:*. (did you mean 'syscalls'?)"],
        ),
        (
            "t:syscalls:sys_enter_[a { print(1); }",
            &["sys_enter_[a: Unmatched [ in sys_enter_[a"],
        ),
        (
            "i:s:0 { }",
            &["0: Invalid rate of interval probe: 0 is not a positive number"],
        ),
        (
            "i:min:1 { }",
            &["min: min is not an accepted unit of interval probes (us, ms, s, hz)"],
        ),
        (
            "i:1x { }",
            &["1x: Invalid rate of interval probe: 1x is not a positive number"],
        ),
        (
            "config = { max_probes = 2 } t:syscalls:* { }",
            &[
                "t:syscalls:*: Can't attach to 5 probes because it exceeds the current limit of 2 probes. (raise it with config = { max_probes = ... } or BPFTRACE_MAX_PROBES)",
            ],
        ),
        (
            "config = { missing_probes = warn } t:no:event { } begin { }",
            &["t:no:event: warning: No matches for tracepoint no:event."],
        ),
    ]);
}

#[test]
fn names() {
    check(&[
        (
            "begin { pint(1); }",
            &["pint: Unknown function: 'pint' (did you mean 'print'?)"],
        ),
        (
            "begin { @[pidd] = 1; }",
            &["pidd: Unknown identifier: 'pidd' (did you mean 'pid'?)"],
        ),
        (
            "begin { printf; }",
            &["printf: Unknown identifier: 'printf' (printf is a function: printf(...))"],
        ),
        (
            "begin { print($x); }",
            &["$x: Undefined or undeclared variable: $x"],
        ),
        (
            "begin { if (pid) { $abc = 1; } print($abc); }",
            &[
                "$abc: Undefined or undeclared variable: $abc (declare it before the block: let $abc;)",
            ],
        ),
        (
            "begin { $abc = 1; print($abd); }",
            &["$abd: Undefined or undeclared variable: $abd (did you mean '$abc'?)"],
        ),
        (
            "begin { let $y; print($y); }",
            &["$y: Undefined or undeclared variable: $y (nothing is assigned to $y)"],
        ),
        (
            "begin { print(@y); clear(@z); print(len(@w)); for ($kv : @v) { } }",
            &[
                "@y: Undefined map: @y (no probe assigns to it)",
                "@z: Undefined map: @z (no probe assigns to it)",
                "@w: Undefined map: @w (no probe assigns to it)",
                "@v: Undefined map: @v (no probe assigns to it)",
            ],
        ),
        (
            "begin { $x = 1; if (pid) { let $x = 2; } }",
            &["$x: Variable shadowing is not allowed: $x exists in an outer block"],
        ),
        (
            "begin { $x = (uint46)1; }",
            &["uint46: Cannot resolve unknown type \"uint46\" (did you mean 'uint16'?)"],
        ),
        (
            "begin { $x = sizeof(struct foo); }",
            &["struct foo: Cannot resolve unknown type \"struct foo\""],
        ),
        (
            "begin { print(args.x); }",
            &[
                "x: The args builtin can not be used with begin probes (args are the fields of a tracepoint)",
            ],
        ),
        (
            "i:s:1 { print(args); }",
            &[
                "args: The args builtin can not be used with interval probes (args are the fields of a tracepoint)",
            ],
        ),
        (
            "t:syscalls:sys_enter_openat { print(args.filname); }",
            &[
                "filname: tracepoint:syscalls:sys_enter_openat has no field named 'filname' (did you mean 'filename'?)",
            ],
        ),
        (
            "t:syscalls:sys_enter_openat { print(args.zzzzzz); }",
            &[
                "zzzzzz: tracepoint:syscalls:sys_enter_openat has no field named 'zzzzzz' (its fields are __syscall_nr, filename, flags)",
            ],
        ),
        (
            "t:syscalls:sys_enter_* { @[args.filename] = count(); }",
            &[
                "filename: 1 of 3 events have no field named 'filename': syscalls:sys_enter_close (2 events of tracepoint:syscalls:sys_enter_* have it: name these, or use a narrower wildcard)",
            ],
        ),
        (
            "begin { $r = (one=1, two=2); print($r.tow); }",
            &[
                "tow: record { .one = int8; .two = int8; } has no member named 'tow' (did you mean 'two'?)",
            ],
        ),
        (
            "begin { $r = (one=1, one=2); print(pid.x); }",
            &[
                "one: Redefinition of record member one",
                "x: uint32 has no member named 'x'",
            ],
        ),
    ]);
}

#[test]
fn calls() {
    check(&[
        (
            "begin { strncmp(comm, comm); }",
            &["strncmp: strncmp() requires at least 3 arguments (2 provided) (strncmp(a, b, n))"],
        ),
        (
            "begin { clear(); }",
            &["clear: clear() requires at least 1 argument (0 provided) (clear(@map))"],
        ),
        (
            "begin { time(\"a\", 1); @ = count(1); }",
            &[
                "time: time() takes up to 1 argument (2 provided) (time([format]))",
                "count: count() requires no arguments (1 provided) (count())",
            ],
        ),
        (
            "begin { clear(@a[1]); print(strftime(pid, nsecs)); print(strncmp(comm, \"a\", pid)); delete(1); }",
            &[
                "@a[1]: clear() expects a map without a key as argument 1 (map entry provided) (clear(@map))",
                "pid: strftime() expects a string literal as argument 1 (expression provided) (strftime(format, nsecs))",
                "pid: strncmp() expects an integer literal as argument 3 (expression provided) (strncmp(a, b, n))",
                "1: delete() expects a map as argument 1 (integer provided) (delete(@map[, key]))",
            ],
        ),
        (
            "begin { print(strlen(pid)); print(strerror(comm)); print(str(comm == comm)); join(comm); }",
            &[
                "pid: strlen() expects a string as argument 1 (uint32 provided) (strlen(string))",
                "comm: strerror() expects an integer as argument 1 (string provided) (strerror(number))",
                "comm == comm: str() expects a pointer or a string as argument 1 (bool provided) (str(pointer[, length]))",
                "comm: join() expects an address as argument 1 (string provided) (join(argv[, separator]))",
            ],
        ),
        (
            "t:syscalls:sys_enter_openat { print(strlen(args.filename)); }",
            &[
                "args.filename: strlen() expects a string as argument 1 (int8 * provided) (use str() to read the string behind this pointer)",
            ],
        ),
        (
            "begin { @ = hist(1, 6); @l = lhist(1, 5, 5, 1); @k = lhist(1, 0, 10, 0); @j = lhist(1, 0, 1000000, 1); }",
            &[
                "6: hist() bits must be from 0 to 5 (6 provided)",
                "5: lhist() max must be larger than min (5 provided)",
                "0: lhist() step must be >= 1 (0 provided)",
                "1: lhist() step must be large enough for at most 1000 buckets (1 provided)",
            ],
        ),
        (
            "begin { system(\"ls\"); }",
            &[
                "system: system() is an unsafe function being used in safe mode (allow it with --unsafe)",
            ],
        ),
        (
            "begin { print(count()); $x = sum(1); @ += count(); }",
            &[
                "count: count() must be assigned directly to a map (write @ = count(...))",
                "sum: sum() must be assigned directly to a map (write @ = sum(...))",
                "count: count() must be assigned directly to a map (write @ = count(...))",
            ],
        ),
        (
            "begin { $x = printf(\"a\"); print(if (pid) { 1 }); print({ $a = 1; }); }",
            &[
                "printf(\"a\"): printf() has no value",
                "if (pid) { 1 }: an if without else has no value",
                "{ $a = 1; }: a block that ends in a statement has no value",
            ],
        ),
        (
            "begin { print(nsecs(later)); print(kstack(fast)); print(kstack(raw, 200)); }",
            &[
                "later: nsecs takes monotonic, boot, tai or sw_tai",
                "fast: kstack takes bpftrace, perf, raw or build_id",
                "200: kstack takes 1 to 127 frames",
            ],
        ),
        (
            "begin { print(cgroupid(\"/none\")); }",
            &["\"/none\": Failed to get cgroup id of path: /none"],
        ),
        (
            "begin { print(cpid); }",
            &["cpid: cpid has no value: there is no command (give one with -c)"],
        ),
        (
            "begin { dw_ustack; print(arg0); }",
            &[
                "dw_ustack: dw_ustack is not supported yet",
                "arg0: The argN builtin can not be used with begin probes",
            ],
        ),
        (
            "fn f($a : int64) : int64 { return 1; } begin { f(1, 2); f(); f(1); }",
            &[
                "f: f() takes up to 1 argument (2 provided)",
                "f: f() requires at least 1 argument (0 provided)",
            ],
        ),
    ]);
}

#[test]
fn formats() {
    check(&[
        (
            "begin { printf(\"%z\", 1); }",
            &[
                "\"%z\": Invalid format string: the format ends within a conversion (write %% for a percent sign)",
            ],
        ),
        (
            "begin { printf(\"%d %d\", 1); }",
            &[
                "printf(\"%d %d\", 1): printf: Not enough arguments for format string (1 supplied, 2 expected)",
            ],
        ),
        (
            "begin { printf(\"%d\", 1, 2); }",
            &["2: printf: Too many arguments for format string (2 supplied, 1 expected)"],
        ),
        (
            "begin { printf(\"%d\", comm); printf(\"%r\", comm); }",
            &[
                "comm: printf: %d specifier expects a value of type integer (string supplied) (%s prints any value)",
                "comm: printf: %r specifier expects a value of type buffer (string supplied) (read bytes with buf(), or print any value with %s)",
            ],
        ),
    ]);
}

#[test]
fn types() {
    check(&[
        (
            "begin { if (comm == 5) { } }",
            &[
                "comm == 5: Type mismatch for '==': comparing string with int8 (one is text, the other a number)",
            ],
        ),
        (
            "t:syscalls:sys_enter_openat /args.filename == \"/etc\"/ { }",
            &[
                "args.filename == \"/etc\": Type mismatch for '==': comparing int8 * with string (use str() to read the string behind this pointer)",
            ],
        ),
        (
            "begin { if (comm < \"a\") { } $x = comm + 1; $y = -comm; @z = \"a\"; @z++; }",
            &[
                "comm < \"a\": Type mismatch for '<': comparing string with string (strings can be compared with == and !=)",
                "comm + 1: Type mismatch for '+': operands are string with int8 (one is text, the other a number)",
                "comm: The - operator can not be used on expressions of type 'string'",
                "@z: The ++ operator can not be used on expressions of type 'string'",
            ],
        ),
        (
            "begin { $a = nsecs; $b = -pid; if ($a < $b) { } print($a / $b); }",
            &[
                "$a < $b: warning: comparison of integers of different signs: 'uint64' and 'int64' can lead to undefined behavior (cast one of them)",
                "$a / $b: warning: arithmetic on integers of different signs: 'uint64' and 'int64' can lead to undefined behavior (cast one of them)",
            ],
        ),
        (
            "begin { if (comm) { } while (kstack) { } print(!comm); print(comm && 1); }",
            &[
                "comm: Invalid condition in if(): string (compare it: != \"\")",
                "kstack: Invalid condition in while(): kstack_t",
                "comm: Invalid condition in !: string (compare it: != \"\")",
                "comm: Invalid condition in &&: string (compare it: != \"\")",
            ],
        ),
        (
            "begin { $x = 1; $x = \"a\"; }",
            &[
                "\"a\": Type mismatch for $x: trying to assign value of type 'string' when variable already has a type 'int8'",
            ],
        ),
        (
            "begin { let $x : uint8 = 300; let $y : string = 1; let $z : int8 = pid; }",
            &[
                "300: 300 does not fit in uint8",
                "1: Type mismatch for $y: trying to assign value of type 'int8' when variable already has a type 'string'",
                "pid: Type mismatch for $z: trying to assign value of type 'uint32' when variable already has a type 'int8'",
            ],
        ),
        (
            "begin { @a = 1; @a = \"x\"; }",
            &[
                "\"x\": Type mismatch for @a: trying to assign value of type 'string' when map already has a type 'int64'",
            ],
        ),
        (
            "begin { @a = count(); @a = sum(1); @b = count(); @b = 1; @b++; @c = lhist(1, 0, 10, 1); @c = lhist(1, 0, 10, 2); }",
            &[
                "@a: Type mismatch for @a: trying to assign value of type 'sum_t' when map already has a type 'count_t'",
                "1: Type mismatch for @b: trying to assign value of type 'int8' when map already has a type 'count_t'",
                "@b: The ++ operator can not be used on expressions of type 'count_t'",
                "@c: Type mismatch for @c: trying to assign value of type 'lhist(n, 0, 10, 2)' when map already has a type 'lhist(n, 0, 10, 1)'",
            ],
        ),
        (
            "begin { @a[1] = 1; @a[\"x\"] = 2; @a[1, 2] = 3; }",
            &[
                "@a[\"x\"]: Argument mismatch for @a: trying to access with arguments: 'string' when map expects arguments: 'int8'",
                "@a[1, 2]: Argument mismatch for @a: trying to access with arguments: 'int8,int8' when map expects arguments: 'int8'",
            ],
        ),
        (
            "begin { @c[1] = 1; @c = 2; @d = 1; @d[1] = 1; }",
            &[
                "@c: @c used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)",
                "@d[1]: @d used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)",
            ],
        ),
        (
            "begin { $x = (int8)comm; }",
            &["(int8)comm: Cannot cast from \"string\" to \"int8\""],
        ),
        (
            "begin { @h = hist(1); print(@h + 1); @s = stats(1); $x = @s; }",
            &[
                "@h: Map value '@h' of type 'hist_t' can only be printed, not used as an integer",
                "@s: Map value '@s' of type 'stats_t' can only be printed, not used as an integer",
            ],
        ),
        (
            "begin { $x = 1; print($x.0); $t = (1, 2); print($t.2); print(pid[0]); }",
            &[
                "$x: Can not access index on expression of type 'int8'",
                "$t.2: Invalid tuple index: 2. Found 2 elements in tuple.",
                "pid: The array index operator [] can only be used on arrays, pointers, and tuples, found uint32.",
            ],
        ),
        (
            "t:raw_syscalls:sys_enter { print(args.args[6]); }",
            &["args.args[6]: the index 6 is out of bounds for array of size 6"],
        ),
        (
            "begin { for ($x : pid) { } @s = 1; for ($kv : @s) { } }",
            &[
                "pid: Only a map or a range can be walked by a for loop",
                "@s: @s has no explicit keys (scalar map), and cannot be used for iteration",
            ],
        ),
        (
            "begin { $x = pid ? 1 : \"a\"; }",
            &[
                "pid ? 1 : \"a\": Branches must return the same type or compatible types: have 'int8' and 'string'",
            ],
        ),
        (
            "begin { $x = 1 / 0; $x %= 0; }",
            &["0: Division by zero", "0: Modulo by zero"],
        ),
        (
            "begin { $x = *pid; }",
            &["pid: The * operator can not be used on expressions of type 'uint32'"],
        ),
    ]);
}

#[test]
fn statements() {
    check(&[
        (
            "begin { pid = 1; (1, 2)++; }",
            &[
                "pid: Only variables, maps and map entries can be assigned to",
                "(1, 2): Only variables, maps and map entries can be assigned to",
            ],
        ),
        (
            "begin { break; }",
            &["break: break statement must be inside of a loop"],
        ),
        (
            "begin { unroll(101) { } unroll(0) { } unroll(pid) { } }",
            &[
                "101: unroll maximum value is 100",
                "0: unroll minimum value is 1",
                "pid: Invalid unroll value: not a constant",
            ],
        ),
        (
            "begin { return 1; }",
            &["1: A probe returns no value (write 'return;')"],
        ),
        (
            "begin { return; print(1); }",
            &["print(1): warning: Code after a 'return' is unreachable."],
        ),
        (
            "begin { 1 + pid; comm; _ = pid; }",
            &[
                "1 + pid: warning: Return value discarded. (write '_ = ...' if this is meant)",
                "comm: warning: Return value discarded. (write '_ = ...' if this is meant)",
            ],
        ),
    ]);
}

#[test]
fn options_and_declarations() {
    check(&[
        (
            "config = { bad_config=raw } begin {}",
            &["bad_config=raw: bad_config: not a known configuration option"],
        ),
        (
            "config = { strlen = 5; max_strlen = big; missing_probes = never; print_maps_on_exit = 2 } begin {}",
            &[
                "strlen = 5: strlen is deprecated and has changed to max_strlen (write max_strlen)",
                "big: Invalid value for max_strlen: expected a number from 1 to 65536",
                "never: Invalid value for missing_probes: expected one of error, warn, ignore",
                "2: Invalid value for print_maps_on_exit: expected true or false",
            ],
        ),
        (
            "let @a = hsh(1); let @b = hash(0); let @c = hash(1); let @c = hash(2); begin { @a = 1; @b = 1; @c = 1 }",
            &[
                "hsh: Invalid bpf map type: hsh (did you mean 'hash'?)",
                "0: The number of a map's entries must be a positive literal integer",
                "@c: Redeclaration of existing map: @c",
            ],
        ),
        (
            "let @a = percpuhash(1); let @b = hash(1); let @c = hash(1); begin { @a[1] = 1; @b[1] = count(); }",
            &[
                "let @a = percpuhash(1): Incompatible map types: a percpuhash map can only hold an aggregation",
                "let @b = hash(1): Incompatible map types: a hash map cannot hold an aggregation",
                "@c: warning: Unused map: @c",
            ],
        ),
    ]);
}

#[test]
fn macros() {
    check(&[
        (
            "macro m($v, e) { e } begin { $a = 1; m($a); m(1, 2); print(m2()); }",
            &[
                "m: Call to macro m() has wrong number of arguments. Expected: 2 but got 1",
                "m: Macro m() expects a variable for its parameter v",
                "m2: Unknown function: 'm2' (did you mean 'm'?)",
            ],
        ),
        (
            "macro f(x) { g(x) } macro g(x) { f(x) } begin { f(1); }",
            &["f(x): Recursive macro call: f()"],
        ),
        (
            "macro f(x) { x } macro f(y) { y } begin { f(1); }",
            &[
                "f: Redefinition of macro f",
                "1: warning: Return value discarded. (write '_ = ...' if this is meant)",
            ],
        ),
        (
            "macro d(x) { x + x } begin { $a = d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(1)))))))))))))))))))); }",
            &[
                "d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(1))))))))))))))): Macros expand to too large a script",
            ],
        ),
        (
            "begin { $a = &1; }",
            &["&1: only variables, map entries and what a pointer leads to have an address"],
        ),
    ]);
}

#[test]
fn the_first_use_is_pointed_at() {
    let (source, analysis) = run("begin { @a[1] = 1; @a[comm] = 2; }", &Options::default());
    let label = &analysis.diagnostics[0].labels[0];
    assert_eq!(source.slice(label.span), "@a[1]");
    assert!(analysis.script.is_none());
}

#[test]
fn unsafe_functions_and_the_child_depend_on_options() {
    let options = Options {
        allow_unsafe: true,
        has_child: true,
        ..Options::default()
    };
    let script = "begin { system(\"ls %d\", cpid); signal(9); }";
    assert_eq!(complaints_with(script, &options), [""; 0]);
}

#[test]
fn deep_scripts_do_no_harm() {
    let depth = 250;
    let nested = |open: &str, inner: &str, close: &str| {
        format!(
            "begin {{ $a = 1; print({}{inner}{}); }}",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    for script in [
        nested("(", "pid", ")"),
        nested("-", "$a", ""),
        nested("pid ? 1 : (", "2", ")"),
        nested("(1, ", "2", ")"),
        nested("str(", "pid", ")"),
        nested("@x[", "1", "]"),
    ] {
        // Whatever is said of it: it ends.
        let _ = complaints(&script);
    }
}

#[test]
fn a_long_script_takes_no_long_time() {
    let script = format!("begin {{ {} }}", "@a[pid, comm] = $1 + 2; ".repeat(5_000));
    assert_eq!(complaints(&script), [""; 0]);
}
