//! Functions, aggregations included: one row each.

use crate::engine::Engines;
use crate::provider::Support;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the rows document them")]
pub enum Function {
    Printf,
    Print,
    Errorf,
    Warnf,
    Debugf,
    Fail,
    Assert,
    StaticAssert,
    Exit,
    Clear,
    Zero,
    Delete,
    HasKey,
    Find,
    Len,
    Str,
    Buf,
    StrLen,
    StrCap,
    StrStr,
    StrContains,
    StrNCmp,
    StrConcat,
    MemCmp,
    Join,
    Time,
    StrFTime,
    System,
    Cat,
    Signal,
    SignalThread,
    Override,
    WriteUser,
    KernelSymbol,
    KernelAddress,
    UserSymbol,
    UserAddress,
    PerCpuKernelAddress,
    Register,
    KernelPointer,
    UserPointer,
    NetworkToPresentation,
    PresentationToNetwork,
    MacAddress,
    CgroupId,
    CgroupPath,
    Path,
    SkbOutput,
    SocketCookie,
    StrError,
    SignalName,
    SyscallName,
    ByteSwap,
    IsErr,
    IsStr,
    IsPtr,
    IsArray,
    IsInteger,
    IsUnsignedInteger,
    IsLiteral,
    ContainerOf,
    KfuncExist,
    KfuncAllowed,
    GetOpt,
    Unwatch,
    Count,
    Sum,
    Min,
    Max,
    Avg,
    Stats,
    Hist,
    Lhist,
    TimeSeries,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// Any value.
    Any,
    /// An integer (or what stands for one: a pointer, an enum, a boolean).
    Integer,
    /// An integer that is known when the script is compiled.
    Constant,
    /// A literal string.
    Literal,
    /// A literal printf format; its arguments follow.
    Format,
    /// A string.
    String,
    /// An address: a pointer or an integer.
    Address,
    /// An address, or something that is a string or an array already.
    Readable,
    /// A map without a key.
    Map,
    /// A map with or without a key.
    MapOrEntry,
    /// A map without a key, or any value.
    MapOrAny,
    /// The key of the map before it.
    Key,
    /// A scratch variable, which the function sets.
    Variable,
}

/// What a function does to the system or where it may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An ordinary function.
    Plain,
    /// Changes the system; needs `--unsafe`.
    Unsafe,
    /// Stands only as `@m[k] = f(...)`.
    Aggregation,
}

/// One function.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub id: Function,
    /// As scripts write it.
    pub name: &'static str,
    /// What its arguments must be.
    pub params: &'static [Param],
    /// How many of them must be given.
    pub required: usize,
    /// More arguments of any type may follow.
    pub variadic: bool,
    /// How it may be used.
    pub class: Class,
    /// Who offers it.
    pub engines: Engines,
    /// Whether it works.
    pub support: Support,
    /// How it is called: `str(pointer[, length])`.
    pub usage: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// One statement that uses it.
    pub example: &'static str,
}

use Function as F;
use Param as A;
use Support::{NotYet, Ready};

const fn row(
    id: Function,
    name: &'static str,
    params: &'static [Param],
    required: usize,
    usage: &'static str,
    doc: &'static str,
    example: &'static str,
) -> Row {
    Row {
        id,
        name,
        params,
        required,
        variadic: false,
        class: Class::Plain,
        engines: Engines::ALL,
        support: Ready,
        usage,
        doc,
        example,
    }
}

/// A function that has no meaning yet: any arguments.
const fn later(id: Function, name: &'static str, usage: &'static str, doc: &'static str) -> Row {
    let mut row = row(id, name, &[], 0, usage, doc, "");
    row.support = NotYet;
    row.variadic = true;
    row
}

impl Row {
    const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    const fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    const fn only(mut self, engines: Engines) -> Self {
        self.engines = engines;
        self
    }
}

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row(F::Printf, "printf", &[A::Format], 1, "printf(format, ...)", "prints by a format", r#"printf("%s %d\n", comm, pid);"#).variadic(),
    row(F::Print, "print", &[A::MapOrAny, A::Constant, A::Constant], 1, "print(value) | print(@map[, top[, div]])", "prints a value or a whole map", "print(@bytes, 10);"),
    row(F::Errorf, "errorf", &[A::Format], 1, "errorf(format, ...)", "prints an error with its place in the script to stderr", r#"errorf("unexpected: %d", pid);"#).variadic(),
    row(F::Warnf, "warnf", &[A::Format], 1, "warnf(format, ...)", "prints a warning with its place in the script to stderr", r#"warnf("odd: %d", pid);"#).variadic(),
    row(F::Debugf, "debugf", &[A::Format], 1, "debugf(format, ...)", "writes up to three integers, pointers or strings to the kernel's trace buffer", r#"debugf("%s %d", comm, pid);"#).variadic().only(Engines::BPF),
    row(F::Fail, "fail", &[A::Format], 1, "fail(format, ...)", "fails the build, unless it stands where a constant condition never leads", r#"if comptime (sizeof(uint64) != 8) { fail("a machine with %d-byte words", 8); }"#).variadic(),
    row(F::Assert, "assert", &[A::Integer, A::Literal], 2, "assert(condition, message)", "prints an error and ends the script with status 1 unless the condition holds", r#"assert(pid != 0, "who is this?");"#),
    row(F::StaticAssert, "static_assert", &[A::Integer, A::Literal], 2, "static_assert(condition, message)", "fails the build unless the condition, a constant, holds", r#"static_assert(sizeof(uint64) == 8, "a strange machine");"#),
    row(F::Exit, "exit", &[A::Integer], 0, "exit([status])", "ends the script; end probes run and maps print", "exit();"),
    row(F::Clear, "clear", &[A::Map], 1, "clear(@map)", "drops all keys of a map", "clear(@bytes);"),
    row(F::Zero, "zero", &[A::Map], 1, "zero(@map)", "sets all values of a map to zero", "zero(@bytes);"),
    row(F::Delete, "delete", &[A::MapOrEntry, A::Key], 1, "delete(@map[, key])", "removes a key; true if it was there", "delete(@start, tid);"),
    row(F::HasKey, "has_key", &[A::Map, A::Key], 2, "has_key(@map, key)", "whether a map has a key", "if (has_key(@start, tid)) { exit(); }"),
    row(F::Find, "find", &[A::Map, A::Key, A::Variable], 3, "find(@map, key, $value)", "whether a map has a key; sets the variable to its value if so", "if (find(@start, tid, $ns)) { print($ns); }"),
    row(F::Len, "len", &[A::MapOrAny], 1, "len(@map) | len(stack)", "how many keys or frames", "print(len(@start));"),
    row(F::Str, "str", &[A::Readable, A::Integer], 1, "str(pointer[, length])", "reads a NUL-terminated string", "print(str(args.filename));"),
    row(F::Buf, "buf", &[A::Readable, A::Integer], 1, "buf(pointer, length) | buf(value[, length])", "reads bytes", r#"printf("%r\n", buf(args.buf, 16));"#),
    row(F::StrLen, "strlen", &[A::String], 1, "strlen(string)", "how many bytes a string has", "print(strlen(comm));"),
    row(F::StrCap, "strcap", &[A::String], 1, "strcap(string)", "how many bytes a string can have", "print(strcap(comm));"),
    row(F::StrStr, "strstr", &[A::String, A::String], 2, "strstr(haystack, needle)", "where a string first occurs in another; -1 if nowhere", r#"print(strstr(comm, "sh"));"#),
    row(F::StrContains, "strcontains", &[A::String, A::String], 2, "strcontains(haystack, needle)", "whether a string occurs in another", r#"if (strcontains(comm, "sh")) { exit(); }"#),
    row(F::StrNCmp, "strncmp", &[A::String, A::String, A::Constant], 3, "strncmp(a, b, n)", "0 if the first n bytes of two strings are equal", r#"if (strncmp(comm, "ssh", 3) == 0) { exit(); }"#),
    row(F::StrConcat, "str_concat", &[A::String, A::String], 2, "str_concat(a, b)", "two strings as one", r#"print(str_concat(comm, "!"));"#),
    row(F::MemCmp, "memcmp", &[A::Readable, A::Readable, A::Constant], 3, "memcmp(a, b, n)", "0 if the first n bytes of two values (or of what two pointers lead to) are equal, else -1 or 1", r#"if (memcmp(comm, "ssh", 3) == 0) { exit(); }"#),
    row(F::Join, "join", &[A::Address, A::Literal], 1, "join(argv[, separator])", "prints an array of strings of the process", "join(args.argv);"),
    row(F::Time, "time", &[A::Literal], 0, "time([format])", "prints the wall clock", r#"time("%H:%M:%S\n");"#),
    row(F::StrFTime, "strftime", &[A::Literal, A::Integer], 2, "strftime(format, nsecs)", "a time stamp as text", r#"print(strftime("%H:%M:%S", nsecs));"#),
    row(F::System, "system", &[A::Format], 1, "system(format, ...)", "runs a shell command", r#"system("ps -p %d", pid);"#).variadic().class(Class::Unsafe),
    row(F::Cat, "cat", &[A::Format], 1, "cat(format, ...)", "prints a file", r#"cat("/proc/%d/cmdline", pid);"#).variadic(),
    row(F::Signal, "signal", &[A::Any], 1, "signal(number or name)", "sends a signal to the traced process", "signal(9);").class(Class::Unsafe).only(Engines::BPF),
    row(F::SignalThread, "signal_thread", &[A::Any], 1, "signal_thread(number or name)", "sends a signal to the traced thread", "signal_thread(9);").class(Class::Unsafe).only(Engines::BPF),
    later(F::Override, "override", "override(value)", "replaces what a kernel function returns").class(Class::Unsafe).only(Engines::BPF),
    row(F::WriteUser, "write_user", &[A::Address, A::Readable, A::Constant], 3, "write_user(to, from, length)", "writes the first bytes of a value to the memory of the process; true if that worked", r#"write_user(args.buf, "x", 1);"#).class(Class::Unsafe).only(Engines::BPF),
    row(F::KernelSymbol, "ksym", &[A::Address], 1, "ksym(address)", "the kernel's symbol at an address", "print(ksym(args.function));").only(Engines::BPF),
    row(F::KernelAddress, "kaddr", &[A::Literal], 1, "kaddr(name)", "the address of a kernel symbol", "printf(\"%p\\n\", kaddr(\"schedule\"));").only(Engines::BPF),
    row(F::UserSymbol, "usym", &[A::Address], 1, "usym(address)", "the program's symbol at an address", "print(usym(reg(\"ip\")));").only(Engines::LIVE),
    row(F::UserAddress, "uaddr", &[A::Literal], 1, "uaddr(name)", "the address of a symbol of the traced program, wherever that was loaded", "print(uaddr(\"malloc\"));").only(Engines::BPF),
    later(F::PerCpuKernelAddress, "percpu_kaddr", "percpu_kaddr(name[, cpu])", "the address of a per-CPU variable of the kernel").only(Engines::BPF),
    row(F::Register, "reg", &[A::Literal], 1, "reg(name)", "a register, where a function or marker is hit", "print(reg(\"ip\"));").only(Engines::BPF),
    row(F::KernelPointer, "kptr", &[A::Address], 1, "kptr(pointer)", "says that a pointer leads to kernel memory", "print(str(kptr(args.name)));").only(Engines::BPF),
    row(F::UserPointer, "uptr", &[A::Address], 1, "uptr(pointer)", "says that a pointer leads to the memory of the process", "print(str(uptr(args.args[1])));"),
    row(F::NetworkToPresentation, "ntop", &[A::Readable, A::Readable], 1, "ntop([family, ]address)", "an internet address as text: an integer, or an array of 4 or 16 bytes", r#"print(ntop(pton("127.0.0.1")));"#),
    row(F::PresentationToNetwork, "pton", &[A::Literal], 1, "pton(text)", "an internet address as an array of 4 or 16 bytes", r#"print(ntop(pton("::1")));"#),
    row(F::MacAddress, "macaddr", &[A::Readable], 1, "macaddr(address)", "a link-layer address, an array of 6 bytes, as text", "print(macaddr(args.buf));"),
    row(F::CgroupId, "cgroupid", &[A::Literal], 1, "cgroupid(path)", "the id of a cgroup v2 directory", r#"if (cgroup == cgroupid("/sys/fs/cgroup")) { exit(); }"#).only(Engines::LIVE),
    row(F::CgroupPath, "cgroup_path", &[A::Integer, A::Literal], 1, "cgroup_path(id[, filter])", "the path of a cgroup v2 id", "print(cgroup_path(cgroup));"),
    later(F::Path, "path", "path(pointer[, length])", "the path of a struct path").only(Engines::BPF),
    later(F::SkbOutput, "skboutput", "skboutput(file, skb, length, offset)", "writes a packet to a file").only(Engines::BPF),
    later(F::SocketCookie, "socket_cookie", "socket_cookie(socket)", "the cookie of a socket").only(Engines::BPF),
    row(F::StrError, "strerror", &[A::Integer], 1, "strerror(number)", "the text of an error number", "print(strerror(2));"),
    row(F::SignalName, "signal_name", &[A::Integer], 1, "signal_name(number)", "the name of a signal", "print(signal_name(args.sig));"),
    row(F::SyscallName, "syscall_name", &[A::Integer], 1, "syscall_name(number)", "the name of a system call", "@[syscall_name(args.id)] = count();"),
    row(F::ByteSwap, "bswap", &[A::Integer], 1, "bswap(integer)", "the bytes of an integer in the other order", "print(bswap((uint16)0x1234));"),
    row(F::IsErr, "is_err", &[A::Address], 1, "is_err(pointer)", "whether a pointer is an error number", "print(is_err(curtask));"),
    row(F::IsStr, "is_str", &[A::Any], 1, "is_str(value)", "whether a value is a string", "print(is_str(comm));"),
    row(F::IsPtr, "is_ptr", &[A::Any], 1, "is_ptr(value)", "whether a value is a pointer", "print(is_ptr(curtask));"),
    row(F::IsArray, "is_array", &[A::Any], 1, "is_array(value)", "whether a value is an array", "print(is_array((uint8[4])pid));"),
    row(F::IsInteger, "is_integer", &[A::Any], 1, "is_integer(value)", "whether a value is an integer", "print(is_integer(pid));"),
    row(F::IsUnsignedInteger, "is_unsigned_integer", &[A::Any], 1, "is_unsigned_integer(value)", "whether a value is an integer without a sign", "print(is_unsigned_integer(pid));"),
    row(F::IsLiteral, "is_literal", &[A::Any], 1, "is_literal(value)", "whether a value is a literal", "print(is_literal(1));"),
    row(F::ContainerOf, "container_of", &[A::Address, A::Any, A::Any], 3, "container_of(pointer, type, member)", "the struct around a member", "print(container_of(curtask, struct task_struct, thread_info));"),
    row(F::KfuncExist, "kfunc_exist", &[A::Literal], 1, "kfunc_exist(name)", "whether the kernel's type information has a function; known when the script is compiled", r#"if comptime kfunc_exist("bpf_rcu_read_lock") { print("new"); }"#).only(Engines::BPF),
    later(F::KfuncAllowed, "kfunc_allowed", "kfunc_allowed(name)", "whether the probe may call a kfunc").only(Engines::BPF),
    row(F::GetOpt, "getopt", &[A::Literal, A::Any, A::Literal], 1, "getopt(name[, default[, text]])", "a named parameter of the script, `-- --name=value`", r#"$limit = getopt("limit", 10, "how many");"#),
    later(F::Unwatch, "unwatch", "unwatch(address)", "removes a watchpoint").only(Engines::BPF),
    row(F::Count, "count", &[], 0, "count()", "how often", "@[comm] = count();").class(Class::Aggregation),
    row(F::Sum, "sum", &[A::Integer], 1, "sum(n)", "the sum", "@ = sum(args.ret);").class(Class::Aggregation),
    row(F::Min, "min", &[A::Integer], 1, "min(n)", "the smallest", "@ = min(args.ret);").class(Class::Aggregation),
    row(F::Max, "max", &[A::Integer], 1, "max(n)", "the largest", "@ = max(args.ret);").class(Class::Aggregation),
    row(F::Avg, "avg", &[A::Integer], 1, "avg(n)", "the average", "@ = avg(args.ret);").class(Class::Aggregation),
    row(F::Stats, "stats", &[A::Integer], 1, "stats(n)", "how often, the average and the sum", "@ = stats(args.ret);").class(Class::Aggregation),
    row(F::Hist, "hist", &[A::Integer, A::Constant], 1, "hist(n[, k])", "a histogram by powers of two, each cut in 2^k", "@ = hist(args.ret);").class(Class::Aggregation),
    row(F::Lhist, "lhist", &[A::Integer, A::Constant, A::Constant, A::Constant], 4, "lhist(n, min, max, step)", "a histogram with equal steps", "@ = lhist(args.ret, 0, 1000, 100);").class(Class::Aggregation),
    row(F::TimeSeries, "tseries", &[A::Integer, A::Constant, A::Constant, A::Literal], 3, "tseries(n, interval, count[, how])", "values over time: the last, or \"sum\", \"min\", \"max\" or \"avg\", of each of the last intervals", r#"@ = tseries(args.ret, 100ms, 20, "max");"#).class(Class::Aggregation),
];

/// Every function.
pub fn all() -> &'static [Row] {
    ROWS
}

/// The function of a name.
pub fn by_name(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

impl Row {
    /// What argument number `index` must be, if it may be given.
    pub fn param(&self, index: usize) -> Option<Param> {
        let beyond = self.variadic.then_some(Param::Any);
        self.params.get(index).copied().or(beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn rows_are_consistent() {
        let names: HashSet<_> = all().iter().map(|row| row.name).collect();
        let ids: HashSet<_> = all().iter().map(|row| row.id).collect();
        assert_eq!((names.len(), ids.len()), (all().len(), all().len()));
        for row in all() {
            assert!(row.required <= row.params.len(), "{}", row.name);
            assert!(row.usage.starts_with(row.name), "{}", row.name);
            if row.support == Support::Ready {
                assert!(row.example.contains(row.name), "{}", row.name);
            }
        }
    }

    #[test]
    fn no_function_has_the_name_of_a_builtin() {
        for row in all() {
            assert!(crate::builtin::by_name(row.name).is_none(), "{}", row.name);
        }
    }
}
