//! What scripts are lowered to: script and HIR dump side by side.

use super::super::Options;
use super::{dump, dump_with};

/// Compares the dump of a script with what it should be.
fn check(script: &str, expected: &str) {
    assert_eq!(dump(script).trim(), expected.trim(), "{script}");
}

#[test]
fn the_process_filter_stands_before_the_predicate() {
    let options = Options {
        pid: Some(7),
        ..Options::default()
    };
    let script = "t:raw_syscalls:sys_enter /args.id > 1/ { exit(); } i:s:1 { exit(); }";
    let dump = dump_with(script, &options);
    assert!(
        dump.contains("when and(eq.uint32(pid, 7:uint32), gt.int64("),
        "{dump}"
    );
    assert_eq!(dump.matches("when").count(), 1);
}

#[test]
fn parameters_are_numbers_or_text_by_context() {
    let options = Options {
        positional: ["12", "0x10", "hello", "i:ms:1"]
            .map(str::to_owned)
            .to_vec(),
        ..Options::default()
    };
    let script = "$4 { print(($1, $2, str($1), str($3 + 1), $3, $#, $9, str($9))); }";
    let dump = dump_with(script, &options);
    let expected = "print((12:int8, 16:int8, \"12\":string[3], \"ello\":string[5], \"hello\":string[6], 4:int8, 0:int8, \"\":string[1]))";
    assert!(dump.contains(expected), "{dump}");
    assert!(
        dump.starts_with("probe0 interval:ms:1 (1) on interval 1000000 ns"),
        "{dump}"
    );
}

#[test]
fn a_count_by_system_call() {
    check(
        "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }",
        r##"
map0 = @[args.id: int64 Syscall]: Count

probe0 tracepoint:raw_syscalls:sys_enter (1) on Enter of all system calls
  map0[field.int64(number)] <-
"##,
    );
}

#[test]
fn printf_with_a_string_of_the_process() {
    check(
        "tracepoint:syscalls:sys_enter_openat { printf(\"%s %s\\n\", comm, str(args.filename)); }",
        r##"
format0 = Default/32 " " Default/32 "\n"

probe0 tracepoint:syscalls:sys_enter_openat (1) on Enter of 257 sys_enter_openat
  printf(format0, comm, str.string[1024](cast.uint64(field.int8 *(argument 1)), user))
"##,
    );
}

#[test]
fn a_histogram_behind_a_predicate() {
    check(
        "tracepoint:syscalls:sys_exit_read /args.ret > 0/ { @bytes[comm] = hist(args.ret); }",
        r##"
map0 = @bytes[comm: string[16]]: Hist { sub_bits: 0 }

probe0 tracepoint:syscalls:sys_exit_read (1) on Exit of 0 sys_exit_read
  when gt.int64(field.int64(return), 0:int64)
  map0[comm] <- field.int64(return)
"##,
    );
}

#[test]
fn latency_by_two_probes() {
    check(
        "tracepoint:raw_syscalls:sys_enter { @start[tid] = nsecs; } tracepoint:raw_syscalls:sys_exit /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start, tid); }",
        r##"
map0 = @start[tid: uint32]: uint64
map1 = @ns[comm: string[16]]: Hist { sub_bits: 0 }

probe0 tracepoint:raw_syscalls:sys_enter (1) on Enter of all system calls
  map0[tid] = nsecs(boot)

probe1 tracepoint:raw_syscalls:sys_exit (1) on Exit of all system calls
  when cast.bool(map0[tid])
  map1[comm] <- sub.int64(cast.int64(nsecs(boot)), cast.int64(map0[tid]))
  delete(map0[tid])
"##,
    );
}

#[test]
fn a_profile_of_stacks() {
    check(
        "profile:hz:99 { @[kstack] = count(); }",
        r##"
map0 = @[kstack: kstack_t]: Count

probe0 profile:hz:99 (1) on profile 99 Hz
  map0[kstack(bpftrace, 127)] <-
"##,
    );
}

#[test]
fn a_map_without_a_key() {
    check(
        "interval:s:1 { print(@); clear(@); } tracepoint:raw_syscalls:sys_enter { @ = count(); }",
        r##"
map0 = @: Count

probe0 interval:s:1 (1) on interval 1000000000 ns
  print(map0, top 0, div 0)
  clear(map0)

probe1 tracepoint:raw_syscalls:sys_enter (1) on Enter of all system calls
  map0 <-
"##,
    );
}

#[test]
fn events_whose_fields_differ_are_split() {
    check(
        "tracepoint:syscalls:sys_enter_open* { @[str(args.filename), args.flags] = count(); }",
        r##"
map0 = @[str(args.filename): string[1024], args.flags: int32]: Count

probe0 tracepoint:syscalls:sys_enter_open* (1) on Enter of 2 sys_enter_open
  map0[str.string[1024](cast.uint64(field.int8 *(argument 0)), user), field.int32(argument 1)] <-

probe1 tracepoint:syscalls:sys_enter_open* (1) on Enter of 257 sys_enter_openat
  map0[str.string[1024](cast.uint64(field.int8 *(argument 1)), user), field.int32(argument 2)] <-
"##,
    );
}

#[test]
fn both_edges_of_a_wildcard() {
    check(
        "t:syscalls:sys_* { @[probe] = count(); }",
        r##"
map0 = @[probe: probe_name_t]: Count

probe0 tracepoint:syscalls:sys_* (3) on Enter of 2 sys_enter_open, 3 sys_enter_close, 257 sys_enter_openat
  map0[probe] <-

probe1 tracepoint:syscalls:sys_* (2) on Exit of 0 sys_exit_read, 257 sys_exit_openat
  map0[probe] <-
"##,
    );
}

#[test]
fn several_attach_points() {
    check(
        "t:sched:sched_switch, t:irq:* { print(comm); }",
        r##"
probe0 tracepoint:sched:sched_switch (1) on tracepoints sched:sched_switch
  print(comm)

probe1 tracepoint:irq:* (1) on tracepoints irq:irq_handler_entry
  print(comm)
"##,
    );
}

#[test]
fn fields_of_records() {
    check(
        "t:sched:sched_switch { print((args.prev_comm, args->prev_pid)); } t:irq:irq_handler_entry { print(str(args.name)); }",
        r##"
probe0 tracepoint:sched:sched_switch (1) on tracepoints sched:sched_switch
  print((field.string[16](record + 8), field.int32(record + 24)))

probe1 tracepoint:irq:irq_handler_entry (1) on tracepoints irq:irq_handler_entry
  print(field.string[1024](data_loc + 12))
"##,
    );
}

#[test]
fn arrays_of_records_are_pointers() {
    check(
        "t:irq:irq_handler_entry { print(args.lengths[2]); }",
        r##"
probe0 tracepoint:irq:irq_handler_entry (1) on tracepoints irq:irq_handler_entry
  print(load.uint32(field.uint32 *(data_loc + 16) + 8, kernel))
"##,
    );
}

#[test]
fn debugf_takes_the_kernel_s_format() {
    check(
        r#"begin { debugf("100%% %5d %-4x|%s", pid, (int8)2, comm); debugf("%c %s %s", 65, curtask, (int8)-1); }"#,
        r##"
probe0 begin (1) on begin
  debugf("100%% %5lld %-4llx|%s", pid, 2:int8, comm)
  debugf("%c 0x%llx %lld", 65:int8, currenttask, -1:int8)
"##,
    );
}

#[test]
fn scratch_variables_grow() {
    check(
        "begin { $a = 1; unroll(2) { $a = $a + 1; } print(($a, \"x\")); $b = $a ?: 10; }",
        r##"
probe0 begin (1) on begin
  var0 = $a: int64
  var1 = $b: int64
  var0 = 1:int64
  var0 = add.int64(var0, 1:int64)
  var0 = add.int64(var0, 1:int64)
  print((var0, "x":string[2]))
  var1 = select.int64(cast.bool(var0), var0, 10:int64)
"##,
    );
}

#[test]
fn tuple_keys_are_keys() {
    check(
        "begin { @a[(int16)-1, ((int32)-2, 3)] = 10; @a[5, (6, 7)] = 11; $c = ((int8)-4, ((int16)-5, -6)); @a[$c] = 12; }",
        r##"
map0 = @a[(int16)-1: int16, ((int32)-2, 3): (int32,int8)]: int64

probe0 begin (1) on begin
  var0 = $c: (int8,(int16,int8))
  map0[cast.int16(-1:int8), (cast.int32(-2:int8), 3:int8)] = 10:int64
  map0[5:int16, (6:int32, 7:int8)] = 11:int64
  var0 = (-4:int8, (cast.int16(-5:int8), -6:int8))
  map0[cast.int16(var0.0), (cast.int32(var0.1.0), var0.1.1)] = 12:int64
"##,
    );
}

#[test]
fn loops_over_maps() {
    check(
        "begin { @map[16,17] = 32; for ($kv : @map) { printf(\"%d\", $kv.0.0); delete(@map, $kv.0); } }",
        r##"
map0 = @map[16: int8, 17: int8]: int64
format0 = Signed/32

probe0 begin (1) on begin
  var0 = $kv: ((int8,int8),int64)
  map0[16:int8, 17:int8] = 32:int64
  for var0 in map0
    printf(format0, var0.0.0)
    delete(map0[var0.0.0, var0.0.1])
"##,
    );
}

#[test]
fn records_are_joined_by_name() {
    check(
        "begin { $a = (foo=1, bar=2); $a = (bar=3, foo=4); print($a.bar); }",
        r##"
probe0 begin (1) on begin
  var0 = $a: record { .foo = int8; .bar = int8; }
  var1 = $#0: record { .bar = int8; .foo = int8; }
  var0 = (foo=1:int8, bar=2:int8)
  var0 = { var1 = (bar=3:int8, foo=4:int8); (foo=var1.1, bar=var1.0) }
  print(var0.1)
"##,
    );
}

#[test]
fn whole_arguments_and_registers() {
    check(
        "t:raw_syscalls:sys_enter { print(args); @x[args.args[1]]++; $p = args.args[0]; @y[str($p, 8)] += 2; }",
        r##"
map0 = @x[args.args[1]: uint64]: int64
map1 = @y[str($p, 8): string[9]]: int64

probe0 tracepoint:raw_syscalls:sys_enter (1) on Enter of all system calls
  var0 = $p: uint64
  print((id=field.int64(number), args=field.uint64[6](arguments)))
  step(map0[field.uint64(argument 1)], +1, old)
  var0 = field.uint64(argument 0)
  map1[str.string[9](var0, user)] add= 2:int64
"##,
    );
}

#[test]
fn domains_of_keys() {
    check(
        "begin { @[cpu, pid == 1] = count(); @[0, true] = count(); print(@[1, false]); print(@, 5, 10); if (@[0, true] > 5) { exit(3); } }",
        r##"
map0 = @[cpu: uint32 Cpu, pid == 1: bool Bool]: Count

probe0 begin (1) on begin
  map0[cpu, eq.uint64(cast.uint64(pid), 1:uint64)] <-
  map0[0:uint32, true] <-
  print(map0[1:uint32, false], div 0)
  print(map0, top 5, div 10)
  if gt.uint64(map0[0:uint32, true], 5:uint64)
    exit(3:int64)
"##,
    );
}

#[test]
fn signs_and_unknown_types() {
    check(
        "begin { $a = (uint64)3 - (uint64)5; $b = !nsecs ? 0 : 1; @++; @--; @x += 3; @x = nsecs; @y = @y + 1; }",
        r##"
map0 = @: int64
map1 = @x: uint64
map2 = @y: int64

probe0 begin (1) on begin
  var0 = $a: int64
  var1 = $b: int8
  var0 = sub.int64(cast.int64(cast.uint64(3:int8)), cast.int64(cast.uint64(5:int8)))
  var1 = select.int8(not(cast.bool(nsecs(boot))), 0:int8, 1:int8)
  step(map0, +1, old)
  step(map0, -1, old)
  map1 add= 3:uint64
  map1 = nsecs(boot)
  map2 = add.int64(map2, 1:int64)
"##,
    );
}

#[test]
fn tuples_with_strings() {
    check(
        "begin { $t = (\"hi\", 1); $t = (\"hellolongstr\", 2); if ($t == (\"hi\", 1)) { print(strncmp(comm, \"ssh\", 3) == 0); } }",
        r##"
probe0 begin (1) on begin
  var0 = $t: (string[13],int8)
  var0 = ("hi":string[13], 1:int8)
  var0 = ("hellolongstr":string[13], 2:int8)
  if equal(var0, ("hi":string[13], 1:int8))
    print(eq.uint64(strncmp(comm, "ssh":string[4], 3), 0:uint64))
"##,
    );
}

#[test]
fn values_that_print_as_something_else() {
    check(
        "begin { print((strerror(2), syscall_name(0), signal_name(9), strftime(\"%H\", nsecs), cgroup_path(cgroup), username)); print(cgroup == cgroupid(\"/sys/fs/cgroup/one\")); }",
        r##"
string0 = "%H"

probe0 begin (1) on begin
  print((cast.strerror_t(2:int8), cast.syscall_name_t(0:int8), cast.signal_name_t(9:int8), cast.timestamp(nsecs(boot)), cast.cgroup_path_t(cgroup), cast.username_t(uid)))
  print(eq.uint64(cgroup, 77:uint64))
"##,
    );
}

#[test]
fn declared_maps_and_loops() {
    check(
        "let @m = lruhash(10); begin { @m[1] = 1; } i:1500ms { for ($i : 0..5) { if ($i == 2) { continue; } @m[$i] = $i; } while (1) { break; } return; }",
        r##"
map0 = @m[1: int64]: int64 LruHash(10)

probe0 begin (1) on begin
  map0[1:int64] = 1:int64

probe1 interval:1500ms (1) on interval 1500000000 ns
  var0 = $i: int64
  for var0 in 0:int64..5:int64
    if eq.int64(var0, 2:int64)
      continue
    map0[var0] = var0
  while true
    break
  return
"##,
    );
}

#[test]
fn macros_are_inlined() {
    check(
        "macro inc($x) { $x += 1; $x } macro twice(e) { e; e; } begin { $a = 1; $b = inc($a); twice({ print($b) }); }",
        r##"
probe0 begin (1) on begin
  var0 = $a: int64
  var1 = $b: int64
  var0 = 1:int64
  var1 = { var0 = add.int64(var0, 1:int64); var0 }
  print(var1)
  print(var1)
"##,
    );
}

#[test]
fn members_are_read_where_they_lie() {
    check(
        "begin { print(curtask->parent.comm); print((curtask.b, curtask->y)); print(curtask.states[1]); }",
        "probe0 begin (1) on begin
  print(load.string[16](load.struct task_struct *(currenttask + 24, kernel) + 5, kernel))
  print((load.uint32(currenttask + 4, kernel, bits 3+5), load.int16(currenttask + 40, kernel)))
  print(load.enum state(currenttask + 36, kernel))",
    );
    check(
        "begin { $t = *curtask; print($t.pid); print(&curtask->parent); }",
        "probe0 begin (1) on begin
  var0 = $t: struct task_struct
  var0 = load.struct task_struct(currenttask + 0, kernel)
  print(part.int32(var0, 0))
  print(cast.struct task_struct * *(add.uint64(cast.uint64(currenttask), 24:uint64)))",
    );
}

#[test]
fn the_c_part_defines_types_and_constants() {
    check(
        "#include <linux/sched.h>
#include \"own.h\"
#ifdef BPFTRACE_HAVE_BTF
#define N (OWN + 1)
#endif
struct pair { pid_t pid; char name[N]; };
begin { @[BUSY] = (N, AF_INET, sizeof(struct pair), offsetof(struct pair, name)); if comptime (N == 3) { print(curtask.nothing); } }",
        "map0 = @[BUSY: enum state]: (int8,int8,int8,int8)

probe0 begin (1) on begin
  map0[5:enum state] = (4:int8, 2:int8, 8:int8, 4:int8)",
    );
}
