//! [`hir::Script`] in, text out: for `--emit hir` and golden files. Stable and complete, for people to read.
//!
//! Operations are written `name.type(operands)`, constants `value:type`, everything else by its id.

use crate::catalog::FieldLocation;
use crate::hir::{
    Action, Builtin, Call, CallRef, CallSet, Expr, ExprKind, Hook, Map, MapId, Period, Place,
    Probe, Script, Stmt, StmtKind, SyscallSet,
};
use crate::types::{AddressSpace, Type};
use std::fmt::{self, Write};

/// Spells out a script.
pub fn script(script: &Script) -> String {
    let mut dump = Dump {
        out: String::new(),
        depth: 0,
    };
    dump.script(script)
        .expect("invariant: a string takes any text");
    dump.out
}

/// How many events of a set are named.
const NAMED_EVENTS: usize = 8;

struct Dump {
    out: String,
    depth: usize,
}

impl Dump {
    fn line(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        writeln!(self.out, "{:1$}{text}", "", self.depth * 2)
    }

    fn script(&mut self, script: &Script) -> fmt::Result {
        for (at, map) in script.maps.iter().enumerate() {
            self.map(MapId(at as u32), map)?;
        }
        for (at, text) in script.strings.iter().enumerate() {
            self.line(format_args!("string{at} = {text:?}"))?;
        }
        for (at, format) in script.formats.iter().enumerate() {
            self.line(format_args!("format{at} = {}", pieces(format)))?;
        }
        for (at, probe) in script.probes.iter().enumerate() {
            if !self.out.is_empty() {
                self.out.push('\n');
            }
            self.probe(at, probe)?;
        }
        Ok(())
    }

    fn map(&mut self, id: MapId, map: &Map) -> fmt::Result {
        let key: Vec<String> = map
            .key
            .iter()
            .map(|part| match part.domain {
                crate::hir::Domain::Any => format!("{}: {}", part.name, part.ty),
                domain => format!("{}: {} {domain:?}", part.name, part.ty),
            })
            .collect();
        let key = if key.is_empty() {
            String::new()
        } else {
            format!("[{}]", key.join(", "))
        };
        let declared = map
            .declared
            .map(|declared| format!(" {:?}({})", declared.kind, declared.entries))
            .unwrap_or_default();
        let value = match map.value {
            Type::Aggregation(aggregation) => format!("{aggregation:?}"),
            ref ty => ty.to_string(),
        };
        self.line(format_args!("{id} = @{}{key}: {value}{declared}", map.name))
    }

    fn probe(&mut self, at: usize, probe: &Probe) -> fmt::Result {
        let points = probe.attach_points;
        self.line(format_args!(
            "probe{at} {} ({points}) on {}",
            probe.name,
            hook(&probe.hook)
        ))?;
        self.depth += 1;
        for (at, var) in probe.vars.iter().enumerate() {
            self.line(format_args!("var{at} = ${}: {}", var.name, var.ty))?;
        }
        if let Some(predicate) = &probe.predicate {
            self.line(format_args!("when {}", Text(predicate)))?;
        }
        self.body(&probe.body)?;
        self.depth -= 1;
        Ok(())
    }

    fn body(&mut self, stmts: &[Stmt]) -> fmt::Result {
        stmts.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn nested(&mut self, stmts: &[Stmt]) -> fmt::Result {
        self.depth += 1;
        self.body(stmts)?;
        self.depth -= 1;
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> fmt::Result {
        match &stmt.kind {
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.line(format_args!("if {}", Text(condition)))?;
                self.nested(then)?;
                if !otherwise.is_empty() {
                    self.line(format_args!("else"))?;
                    self.nested(otherwise)?;
                }
                Ok(())
            }
            StmtKind::While { condition, body } => {
                self.line(format_args!("while {}", Text(condition)))?;
                self.nested(body)
            }
            StmtKind::ForRange {
                var,
                start,
                end,
                body,
            } => {
                self.line(format_args!("for {var} in {}..{}", Text(start), Text(end)))?;
                self.nested(body)
            }
            StmtKind::ForMap { var, map, body } => {
                self.line(format_args!("for {var} in {map}"))?;
                self.nested(body)
            }
            simple => self.line(format_args!("{}", Line(simple))),
        }
    }
}

fn pieces(format: &crate::printf::Format) -> String {
    use crate::printf::Piece;
    let pieces: Vec<String> = format
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(bytes) => format!("\"{}\"", bytes.escape_ascii()),
            Piece::Conversion(conversion) => {
                let width = if conversion.width.is_some() || conversion.precision.is_some() {
                    " sized"
                } else {
                    ""
                };
                format!("{:?}/{}{width}", conversion.specifier, conversion.bits)
            }
        })
        .collect();
    pieces.join(" ")
}

fn call_names(calls: &[CallRef]) -> impl ExactSizeIterator<Item = String> {
    calls
        .iter()
        .map(|call| format!("{} {}", call.abi.name(), call.number))
}

fn hook(hook: &Hook) -> String {
    let period = |period: &Period| match period {
        Period::Nanoseconds(n) => format!("{n} ns"),
        Period::Hertz(n) => format!("{n} Hz"),
    };
    match hook {
        Hook::Begin => "begin".into(),
        Hook::Test => "test".into(),
        Hook::Bench => "bench".into(),
        Hook::End => "end".into(),
        Hook::Interval(every) => format!("interval {}", period(every)),
        Hook::Profile(every) => format!("profile {}", period(every)),
        Hook::Syscall(syscall) => match &syscall.calls {
            SyscallSet::All => format!("{:?} of all system calls", syscall.edge),
            SyscallSet::Native(calls) => {
                let names = calls
                    .iter()
                    .map(|call| format!("{} {}", call.number, call.event));
                format!("{:?} of {}", syscall.edge, listed(names))
            }
            SyscallSet::Some(calls) => {
                format!("{:?} of {}", syscall.edge, listed(call_names(calls)))
            }
        },
        Hook::Call(call) => match &call.calls {
            CallSet::All => format!("{:?} of calls", call.edge),
            CallSet::Some(calls) => {
                format!("{:?} of calls {}", call.edge, listed(call_names(calls)))
            }
        },
        Hook::Tracepoint(events) => {
            let names = events
                .iter()
                .map(|event| format!("{}:{}", event.category, event.name));
            format!("tracepoints {}", listed(names))
        }
        Hook::RawTracepoint(names) => {
            format!("raw tracepoints {}", listed(names.iter().cloned()))
        }
        Hook::Signal(signal) => format!("signal {signal}"),
        Hook::Counter(counter) => {
            let kind = if counter.hardware {
                "hardware"
            } else {
                "software"
            };
            format!("{kind} {} every {}", counter.event, counter.period)
        }
        Hook::User(user) => {
            let sites = user
                .sites
                .iter()
                .map(|site| format!("{}+{:#x}", site.path, site.offset));
            format!("{:?} of {}", user.edge, listed(sites))
        }
        Hook::Function(function) => {
            let names = function
                .functions
                .iter()
                .map(|function| format!("{}:{}", function.module, function.name));
            format!("{:?} of {}", function.edge, listed(names))
        }
        Hook::Watchpoint(watchpoint) => {
            format!("{} bytes at {:#x}", watchpoint.length, watchpoint.address)
        }
        Hook::Iterator(of) => format!("iterator {of}"),
    }
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED_EVENTS);
    let mut text = names.take(NAMED_EVENTS).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A statement without others in it.
struct Line<'a>(&'a StmtKind);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            StmtKind::Expr(expr) => Text(expr).fmt(f),
            StmtKind::SetVar(var, value) => write!(f, "{var} = {}", Text(value)),
            StmtKind::SetMap { map, key, value } => {
                write!(f, "{} = {}", Entry(*map, key), Text(value))
            }
            StmtKind::UpdateMap {
                map,
                key,
                op,
                value,
            } => {
                let op = format!("{op:?}").to_lowercase();
                write!(f, "{} {op}= {}", Entry(*map, key), Text(value))
            }
            StmtKind::Aggregate { map, key, value } => match value {
                Some(value) => write!(f, "{} <- {}", Entry(*map, key), Text(value)),
                None => write!(f, "{} <-", Entry(*map, key)),
            },
            StmtKind::Break => f.write_str("break"),
            StmtKind::Continue => f.write_str("continue"),
            StmtKind::Return => f.write_str("return"),
            StmtKind::Trace { format, args } => write!(
                f,
                "debugf({:?}{})",
                String::from_utf8_lossy(format),
                Rest(args)
            ),
            StmtKind::Action(action) => write_action(f, action),
            // Those with bodies only stand on one line inside of a value.
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => {
                write!(
                    f,
                    "if {} {{ {} }} else {{ {} }}",
                    Text(condition),
                    Lines(then),
                    Lines(otherwise)
                )
            }
            StmtKind::While { condition, body } => {
                write!(f, "while {} {{ {} }}", Text(condition), Lines(body))
            }
            StmtKind::ForRange {
                var,
                start,
                end,
                body,
            } => {
                write!(
                    f,
                    "for {var} in {}..{} {{ {} }}",
                    Text(start),
                    Text(end),
                    Lines(body)
                )
            }
            StmtKind::ForMap { var, map, body } => {
                write!(f, "for {var} in {map} {{ {} }}", Lines(body))
            }
        }
    }
}

struct Lines<'a>(&'a [Stmt]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, stmt) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "; " }, Line(&stmt.kind))?;
        }
        Ok(())
    }
}

fn write_action(f: &mut fmt::Formatter<'_>, action: &Action) -> fmt::Result {
    match action {
        Action::Printf { format, args } => write!(f, "printf({format}{})", Rest(args)),
        Action::Message {
            level,
            format,
            args,
            ..
        } => write!(f, "message({level:?}, {format}{})", Rest(args)),
        Action::PrintValue(value) => write!(f, "print({})", Text(value)),
        Action::PrintMap { map, top, div } => write!(f, "print({map}, top {top}, div {div})"),
        Action::PrintMapEntry { map, key, div } => {
            write!(f, "print({}, div {div})", Entry(*map, key))
        }
        Action::Clear(map) => write!(f, "clear({map})"),
        Action::Zero(map) => write!(f, "zero({map})"),
        Action::Exit(None) => f.write_str("exit()"),
        Action::Exit(Some(status)) => write!(f, "exit({})", Text(status)),
        Action::Time(format) => write!(f, "time({format})"),
        Action::Join { argv, separator } => write!(f, "join({}, {separator})", Text(argv)),
        Action::Cat { format, args } => write!(f, "cat({format}{})", Rest(args)),
        Action::System { format, args } => write!(f, "system({format}{})", Rest(args)),
        Action::Record(what) => write!(f, "record({what:?})"),
        Action::Dump => f.write_str("dump()"),
    }
}

/// `map0[key, ...]`
struct Entry<'a>(MapId, &'a [Expr]);

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        if !self.1.is_empty() {
            write!(f, "[{}]", List(self.1))?;
        }
        Ok(())
    }
}

/// `a, b`
struct List<'a>(&'a [Expr]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, expr) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, Text(expr))?;
        }
        Ok(())
    }
}

/// `, a, b`
struct Rest<'a>(&'a [Expr]);

impl fmt::Display for Rest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|expr| write!(f, ", {}", Text(expr)))
    }
}

/// An expression.
struct Text<'a>(&'a Expr);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ty = &self.0.ty;
        match &self.0.kind {
            ExprKind::Int(value) if *ty == Type::Bool => write!(f, "{}", *value != 0),
            ExprKind::Int(value) if *ty == Type::U64 => write!(f, "{}:{ty}", *value as u64),
            ExprKind::Int(value) => write!(f, "{value}:{ty}"),
            ExprKind::Str(bytes) => write!(f, "\"{}\":{ty}", bytes.escape_ascii()),
            ExprKind::Var(var) => write!(f, "{var}"),
            ExprKind::Builtin(builtin) => write_builtin(f, *builtin),
            ExprKind::Field(location) => write_field(f, *location, ty),
            ExprKind::Map { map, key } => Entry(*map, key).fmt(f),
            ExprKind::Unary(op, operand) => write!(f, "{}.{ty}({})", lower(op), Text(operand)),
            ExprKind::Not(operand) => write!(f, "not({})", Text(operand)),
            ExprKind::Arithmetic(op, left, right) => {
                write!(f, "{}.{ty}({}, {})", lower(op), Text(left), Text(right))
            }
            ExprKind::Compare(op, left, right) => {
                write!(
                    f,
                    "{}.{}({}, {})",
                    lower(op),
                    left.ty,
                    Text(left),
                    Text(right)
                )
            }
            ExprKind::Equal {
                left,
                right,
                negated,
            } => {
                let name = if *negated { "differ" } else { "equal" };
                write!(f, "{name}({}, {})", Text(left), Text(right))
            }
            ExprKind::Logic(op, left, right) => {
                write!(f, "{}({}, {})", lower(op), Text(left), Text(right))
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                let (condition, then, otherwise) = (Text(condition), Text(then), Text(otherwise));
                write!(f, "select.{ty}({condition}, {then}, {otherwise})")
            }
            ExprKind::Cast(operand) => write!(f, "cast.{ty}({})", Text(operand)),
            ExprKind::Tuple(members) => write_tuple(f, ty, members),
            ExprKind::Member(base, at) => write!(f, "{}.{at}", Text(base)),
            ExprKind::Index { base, index } => write!(f, "{}[{}]", Text(base), Text(index)),
            ExprKind::Part { base, offset, bits } => {
                write!(f, "part.{ty}({}, {offset}", Text(base))?;
                if let Some(bits) = bits {
                    write!(f, ", bits {}+{}", bits.shift, bits.width)?;
                }
                f.write_str(")")
            }
            ExprKind::AddressOf(operand) => write!(f, "address({})", Text(operand)),
            ExprKind::Load {
                pointer,
                offset,
                space,
                bits,
            } => {
                write!(
                    f,
                    "load.{ty}({} + {offset}, {}",
                    Text(pointer),
                    space_name(*space)
                )?;
                if let Some(bits) = bits {
                    write!(f, ", bits {}+{}", bits.shift, bits.width)?;
                }
                f.write_char(')')
            }
            ExprKind::Call(call) => write_call(f, call, ty),
            ExprKind::Step { target, by, old } => {
                let when = if *old { "old" } else { "new" };
                match target {
                    Place::Var(var) => write!(f, "step({var}, {by:+}, {when})"),
                    Place::Map { map, key } => {
                        write!(f, "step({}, {by:+}, {when})", Entry(*map, key))
                    }
                }
            }
            ExprKind::Block(stmts, value) => write!(f, "{{ {}; {} }}", Lines(stmts), Text(value)),
            ExprKind::Inline(stmts, value) => {
                write!(f, "inline {{ {}; {} }}", Lines(stmts), Text(value))
            }
        }
    }
}

fn write_tuple(f: &mut fmt::Formatter<'_>, ty: &Type, members: &[Expr]) -> fmt::Result {
    let Type::Record(names) = ty else {
        return write!(f, "({})", List(members));
    };
    f.write_str("(")?;
    for (at, (member, (name, _))) in members.iter().zip(names).enumerate() {
        write!(
            f,
            "{}{name}={}",
            if at == 0 { "" } else { ", " },
            Text(member)
        )?;
    }
    f.write_str(")")
}

fn write_call(f: &mut fmt::Formatter<'_>, call: &Call, ty: &Type) -> fmt::Result {
    match call {
        Call::ArgumentString { argument } => write!(f, "argument_string.{ty}({argument})"),
        Call::ArgumentMemory { argument } => write!(f, "argument_memory.{ty}({argument})"),
        Call::FilePath(descriptor) => write!(f, "file_path({})", Text(descriptor)),
        Call::ReadString {
            pointer,
            length,
            space,
        } => {
            write!(f, "str.{ty}({}", Text(pointer))?;
            if let Some(length) = length {
                write!(f, ", {}", Text(length))?;
            }
            write!(f, ", {})", space_name(*space))
        }
        Call::ReadBuffer {
            pointer,
            length,
            space,
        } => {
            write!(
                f,
                "buf.{ty}({}, {}, {})",
                Text(pointer),
                Text(length),
                space_name(*space)
            )
        }
        Call::StrNCmp {
            left,
            right,
            length,
        } => {
            write!(f, "strncmp({}, {}, {length})", Text(left), Text(right))
        }
        Call::TaskOf(thread) => write!(f, "task_of({})", Text(thread)),
        Call::StrLen(text) => write!(f, "strlen({})", Text(text)),
        Call::StrFind { haystack, needle } => {
            write!(f, "strstr({}, {})", Text(haystack), Text(needle))
        }
        Call::StrConcat { left, right } => {
            write!(f, "str_concat.{ty}({}, {})", Text(left), Text(right))
        }
        Call::MemCmp {
            left,
            right,
            length,
        } => write!(f, "memcmp({}, {}, {length})", Text(left), Text(right)),
        Call::InetAddress { family, address } => {
            write!(f, "ntop({}, {})", Text(family), Text(address))
        }
        Call::MacAddress(address) => write!(f, "macaddr({})", Text(address)),
        Call::WriteUser { to, from, length } => {
            write!(f, "write_user({}, {}, {length})", Text(to), Text(from))
        }
        Call::Delete { map, key } => write!(f, "delete({})", Entry(*map, key)),
        Call::HasKey { map, key } => write!(f, "has_key({})", Entry(*map, key)),
        Call::MapLength(map) => write!(f, "len({map})"),
        Call::StackLength(stack) => write!(f, "len({})", Text(stack)),
        Call::ByteSwap(value) => write!(f, "bswap.{ty}({})", Text(value)),
        Call::UserSymbol(address) => write!(f, "usym({})", Text(address)),
        Call::Signal { signal, thread } => {
            let name = if *thread { "signal_thread" } else { "signal" };
            write!(f, "{name}({})", Text(signal))
        }
    }
}

fn write_builtin(f: &mut fmt::Formatter<'_>, builtin: Builtin) -> fmt::Result {
    match builtin {
        Builtin::Nsecs(clock) => write!(f, "nsecs({})", lower(&clock)),
        Builtin::Stack(stack) => {
            let name = match stack.space {
                AddressSpace::Kernel => "kstack",
                AddressSpace::User => "ustack",
            };
            write!(f, "{name}({}, {})", lower(&stack.mode), stack.limit)
        }
        other => f.write_str(&lower(&other)),
    }
}

fn write_field(f: &mut fmt::Formatter<'_>, location: FieldLocation, ty: &Type) -> fmt::Result {
    match location {
        FieldLocation::Record { offset } => write!(f, "field.{ty}(record + {offset})"),
        FieldLocation::DataLoc { offset } => write!(f, "field.{ty}(data_loc + {offset})"),
        FieldLocation::RelLoc { offset } => write!(f, "field.{ty}(rel_loc + {offset})"),
        FieldLocation::SyscallNumber => write!(f, "field.{ty}(number)"),
        FieldLocation::SyscallArgument(n) => write!(f, "field.{ty}(argument {n})"),
        FieldLocation::SyscallArguments => write!(f, "field.{ty}(arguments)"),
        FieldLocation::SyscallReturn | FieldLocation::Return => write!(f, "field.{ty}(return)"),
        FieldLocation::Argument(n) => write!(f, "field.{ty}(argument {n})"),
        FieldLocation::Register(offset) => write!(f, "field.{ty}(register {offset})"),
        FieldLocation::Operand(operand) => write!(f, "field.{ty}({:?})", operand.place),
    }
}

fn space_name(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Kernel => "kernel",
        AddressSpace::User => "user",
    }
}

/// The name of a variant in small letters.
fn lower(variant: &impl fmt::Debug) -> String {
    format!("{variant:?}").to_lowercase()
}
