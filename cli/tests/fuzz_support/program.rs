//! Random programs that follow the grammar: most are wrong in their types, many compile.

use super::Random;
use std::fmt::Write;

const PROBES: &[&str] = &[
    "BEGIN",
    "END",
    "interval:s:1",
    "profile:hz:99",
    "tracepoint:raw_syscalls:sys_enter",
    "tracepoint:raw_syscalls:sys_exit",
    "tracepoint:syscalls:sys_enter_openat",
    "tracepoint:syscalls:sys_enter_*",
    "tracepoint:syscalls:sys_exit_*",
    "tracepoint:sched:sched_switch",
];

const LEAVES: &[&str] = &[
    "0",
    "1",
    "2",
    "-1",
    "7",
    "255",
    "256",
    "65536",
    "0x7fffffff",
    "4294967295",
    "9223372036854775807",
    "18446744073709551615",
    "1e9",
    "5ms",
    "true",
    "false",
    "\"\"",
    "\"text\"",
    "\"a longer text of some words\"",
    "pid",
    "tid",
    "comm",
    "nsecs",
    "cpu",
    "uid",
    "rand",
    "probe",
    "elapsed",
    "kstack",
    "username",
    "cgroup",
    "args.id",
    "args",
    "args.ret",
    "args.args[1]",
    "args.filename",
    "args.fd",
    "args.prev_comm",
    "$1",
    "$#",
    "$x",
    "$y",
    "$s",
    "$t",
    "@n",
    "@s",
    "@k[1]",
    "@k[pid]",
    "@two[comm, 1]",
    "@c",
    "@h",
    "@t",
];

const BINARY: &[&str] = &[
    "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&&",
    "||",
];

const TYPES: &[&str] = &[
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool", "string",
    "int64 *", "int8[8]",
];

const CALLS: &[&str] = &[
    "str",
    "strlen",
    "buf",
    "bswap",
    "ksym",
    "strerror",
    "signal_name",
    "syscall_name",
    "kptr",
    "uptr",
    "len",
    "strncmp",
    "has_key",
    "delete",
    "cgroup_path",
    "strftime",
    "exit",
    "clear",
    "zero",
    "print",
    "join",
    "time",
    "sizeof",
    "hist",
    "cat",
    "system",
    "signal",
];

const PLACES: &[&str] = &[
    "$x",
    "$y",
    "$s",
    "$t",
    "@n",
    "@s",
    "@k[1]",
    "@k[pid]",
    "@two[comm, 1]",
    "@t",
    "@c",
    "@h",
];

const AGGREGATIONS: &[&str] = &[
    "count()",
    "sum(E)",
    "min(E)",
    "max(E)",
    "avg(E)",
    "stats(E)",
    "hist(E)",
    "hist(E, 3)",
    "lhist(E, 0, 100, 10)",
];

/// A script of some probes.
pub(crate) fn program(random: &mut Random) -> String {
    let mut writer = Writer {
        random,
        out: String::new(),
    };
    if writer.one_in(6) {
        writer
            .out
            .push_str("config = { max_strlen = 80; missing_probes = warn }\n");
    }
    if writer.one_in(4) {
        writer
            .out
            .push_str("macro twice(a) { a + a }\nmacro set($v, e) { $v = e; $v }\n");
    }
    for _ in 0..=writer.random.below(3) {
        writer.probe();
    }
    writer.out
}

struct Writer<'r> {
    random: &'r mut Random,
    out: String,
}

impl Writer<'_> {
    fn one_in(&mut self, n: usize) -> bool {
        self.random.below(n) == 0
    }

    fn word(&mut self, words: &[&str]) {
        self.out.push_str(self.random.pick(words));
    }

    fn probe(&mut self) {
        self.word(PROBES);
        if self.one_in(5) {
            self.out.push_str(", ");
            self.word(PROBES);
        }
        if self.one_in(3) {
            self.out.push_str(" /");
            self.expr(2);
            self.out.push('/');
        }
        self.out.push(' ');
        self.block(3);
        self.out.push('\n');
    }

    fn block(&mut self, depth: usize) {
        self.out.push_str("{ ");
        for _ in 0..self.random.below(5) {
            self.statement(depth);
        }
        self.out.push_str("} ");
    }

    fn statement(&mut self, depth: usize) {
        match self.random.below(if depth == 0 { 8 } else { 14 }) {
            0..=2 => {
                self.word(PLACES);
                let operators = [
                    "=", "=", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "<<=",
                ];
                self.word(&operators);
                self.expr(3);
            }
            3 => {
                self.out.push_str(
                    ["@c = ", "@h = ", "@k[pid] = ", "@a[comm, cpu] = "][self.random.below(4)],
                );
                let call = self.random.pick(AGGREGATIONS);
                let (before, after) = call.split_once('E').unwrap_or((call, ""));
                self.out.push_str(before);
                if !after.is_empty() {
                    self.expr(2);
                }
                self.out.push_str(after);
            }
            4 => {
                self.word(PLACES);
                self.word(&["++", "--"]);
            }
            5 => {
                let conversion = self
                    .random
                    .pick(&["%d", "%s", "%x", "%5s", "%*d", "%rh", "%c", "%llu"]);
                let _ = write!(self.out, "printf(\"{conversion}\\n\", ");
                self.expr(3);
                self.out.push(')');
            }
            6 => self.call(2),
            7 => {
                self.word(&[
                    "let $x = ",
                    "let $s : string = ",
                    "let $y : uint8 = ",
                    "_ = ",
                    "$t = ",
                ]);
                self.expr(3);
            }
            8 | 9 => {
                self.out.push_str("if (");
                self.expr(2);
                self.out.push_str(") ");
                self.block(depth - 1);
                if self.one_in(2) {
                    self.out.push_str("else ");
                    self.block(depth - 1);
                }
                return;
            }
            10 => {
                self.word(&[
                    "for ($i : 0..5) ",
                    "for ($e : @k) ",
                    "unroll (3) ",
                    "while ($x < 5) ",
                ]);
                self.block(depth - 1);
                return;
            }
            11 => self.word(&["break", "continue", "return", "exit()"]),
            12 => self.block(depth - 1),
            _ => self.expr(4),
        }
        self.out.push_str("; ");
    }

    fn call(&mut self, depth: usize) {
        self.word(CALLS);
        self.out.push('(');
        for at in 0..self.random.below(4) {
            if at > 0 {
                self.out.push_str(", ");
            }
            self.expr(depth.saturating_sub(1));
        }
        self.out.push(')');
    }

    fn expr(&mut self, depth: usize) {
        if depth == 0 {
            return self.word(LEAVES);
        }
        match self.random.below(14) {
            0..=3 => self.word(LEAVES),
            4..=6 => {
                self.out.push('(');
                self.expr(depth - 1);
                let operator = self.random.pick(BINARY);
                let _ = write!(self.out, " {operator} ");
                self.expr(depth - 1);
                self.out.push(')');
            }
            7 => {
                self.word(&["-", "!", "~", "*"]);
                self.out.push('(');
                self.expr(depth - 1);
                self.out.push(')');
            }
            8 => {
                let ty = self.random.pick(TYPES);
                let _ = write!(self.out, "({ty})(");
                self.expr(depth - 1);
                self.out.push(')');
            }
            9 => {
                self.out.push('(');
                self.expr(depth - 1);
                self.out.push_str(" ? ");
                self.expr(depth - 1);
                self.out.push_str(" : ");
                self.expr(depth - 1);
                self.out.push(')');
            }
            10 => {
                self.out.push('(');
                self.expr(depth - 1);
                self.out.push_str(", ");
                self.expr(depth - 1);
                self.out.push(')');
                self.word(&["", "", ".0", ".1", ".2", "[0]"]);
            }
            11 => self.call(depth - 1),
            12 => {
                self.out.push_str("twice(");
                self.expr(depth - 1);
                self.out.push(')');
            }
            _ => {
                self.out.push_str("{ let $z = ");
                self.expr(depth - 1);
                self.out.push_str("; $z }");
            }
        }
    }
}
