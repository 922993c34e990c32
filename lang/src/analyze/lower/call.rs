//! Functions that give a value.

use super::super::tree;
use super::aggregate::constant;
use super::expr::string;
use super::value::{cast, expr, integer};
use super::{Lowerer, Unknown};
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::type_name;
use crate::function::{self, Function, Row};
use crate::hir::{Builtin, Call, Expr, ExprKind, MapId};
use crate::source::Span;
use crate::types::{AddressSpace, Clock, IntType, Type};

impl Lowerer<'_> {
    pub(super) fn call(&mut self, function: Function, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let row = row(function)?;
        let number = |lowerer: &mut Self, at: usize| lowerer.number(function, args, at);
        let converted = |value: Expr, ty: Type| Some(expr(ExprKind::Cast(Box::new(value)), ty, span));
        let called = |call: Call, ty: Type| Some(expr(ExprKind::Call(call), ty, span));
        match function {
            Function::Str => self.read_string(args, span),
            Function::Buf => self.read_buffer(args, span),
            Function::StrLen => {
                let text = self.text(function, args, 0)?;
                called(Call::StrLen(Box::new(text)), Type::U64)
            }
            Function::StrNCmp => self.strncmp(args, span),
            Function::Len => self.len(args, span),
            Function::HasKey => {
                let (map, key) = self.map_and_key(args)?;
                called(Call::HasKey { map, key }, Type::Bool)
            }
            Function::Delete => {
                let (map, key) = self.map_and_key(args)?;
                called(Call::Delete { map, key }, Type::Bool)
            }
            Function::ByteSwap => {
                let value = number(self, 0)?;
                let bits = integer(&value.ty).map_or(64, |int| int.bits);
                // A literal is as wide as it has to be, but at least an int.
                let bits = if super::value::is_literal(&value) { bits.max(32) } else { bits };
                let ty = Type::Int(IntType { bits, signed: false });
                let value = cast(value, ty.clone());
                called(Call::ByteSwap(Box::new(value)), ty)
            }
            Function::Signal | Function::SignalThread => {
                let signal = Box::new(cast(number(self, 0)?, Type::U32));
                let thread = function == Function::SignalThread;
                called(Call::Signal { signal, thread }, Type::Bool)
            }
            Function::StrError => converted(number(self, 0)?, Type::ErrorText),
            Function::SignalName => converted(number(self, 0)?, Type::SignalName),
            Function::SyscallName => converted(number(self, 0)?, Type::SyscallName),
            Function::StrFTime => {
                let format = self.literal_string(args, 0)?;
                let time = number(self, 1)?;
                let clock = match time.kind {
                    ExprKind::Builtin(Builtin::Nsecs(clock)) => clock,
                    _ => Clock::Boot,
                };
                let format = self.string(&format).0;
                converted(time, Type::Timestamp { format, clock })
            }
            Function::CgroupPath => {
                let id = number(self, 0)?;
                let filter = match args.get(1) {
                    None => None,
                    Some(_) => {
                        let filter = self.literal_string(args, 1)?;
                        Some(self.string(&filter).0)
                    }
                };
                converted(id, Type::CgroupPath { filter })
            }
            Function::CgroupId => {
                let path = self.literal_string(args, 0)?;
                match self.shared.catalog.cgroup_id(&path) {
                    // Ids take all 64 bits.
                    Some(id) => Some(expr(ExprKind::Int(id as i64), Type::U64, span)),
                    None => self.error(AnalysisKind::CgroupNotFound { path }, args[0].span),
                }
            }
            Function::KernelSymbol => {
                let address = self.address(function, args, 0)?;
                converted(address, Type::KernelSymbol)
            }
            Function::KernelPointer => self.in_space(function, args, AddressSpace::Kernel, span),
            Function::UserPointer => self.in_space(function, args, AddressSpace::User, span),
            _ => self.error(
                AnalysisKind::NoValue {
                    what: format!("{}()", row.name),
                },
                span,
            ),
        }
    }

    /// `str(pointer[, length])`
    fn read_string(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let source = self.value(args.first()?)?;
        let max = self.shared.config.max_strlen;
        // So many bytes and the NUL.
        let bounded = |length: i128| (length.clamp(0, i128::from(max) - 1) as u32) + 1;
        let length = match args.get(1) {
            None => None,
            Some(_) => Some(self.number(Function::Str, args, 1)?),
        };
        let fixed = args.get(1).and_then(constant).map(bounded);
        if let Type::String { capacity } = source.ty {
            let capacity = fixed.unwrap_or(capacity).min(capacity);
            return Some(match source.kind {
                ExprKind::Str(mut bytes) => {
                    bytes.truncate(capacity as usize - 1);
                    string(bytes, span)
                }
                kind => cast(expr(kind, source.ty, span), Type::String { capacity }),
            });
        }
        let space = self.space_of(&source);
        let Some(space) = space else {
            let found = source.ty.clone();
            return self.wrong_argument(Function::Str, 0, "a pointer or a string", &found, source.span);
        };
        let length = match (fixed, length) {
            (Some(_), _) | (None, None) => None,
            (None, Some(length)) => {
                let one = expr(ExprKind::Int(1), Type::U64, span);
                let length = cast(length, Type::U64);
                let with_nul = super::binary::operation(crate::hir::ArithmeticOp::Add, length, one, span);
                Some(Box::new(with_nul))
            }
        };
        let call = Call::ReadString {
            pointer: Box::new(cast(source, Type::U64)),
            length,
            space,
        };
        let capacity = fixed.unwrap_or(max);
        Some(expr(ExprKind::Call(call), Type::String { capacity }, span))
    }

    /// `buf(pointer, length)`
    fn read_buffer(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let source = self.value(args.first()?)?;
        let Some(space) = self.space_of(&source) else {
            if matches!(source.ty, Type::String { .. } | Type::Array { .. } | Type::Buffer { .. }) {
                let what = format!("buf() of {}", type_name(&source.ty));
                self.reports().not_supported(what, source.span);
                return None;
            }
            let found = source.ty.clone();
            return self.wrong_argument(Function::Buf, 0, "a pointer", &found, source.span);
        };
        let max = self.shared.config.max_strlen;
        let Some(length_tree) = args.get(1) else {
            let kind = AnalysisKind::TooFewArguments {
                function: "buf".into(),
                required: 2,
                given: 1,
            };
            return self.error(kind, span);
        };
        let length = self.number(Function::Buf, args, 1)?;
        let capacity = match constant(length_tree) {
            Some(length) if length < 0 => {
                return self.range("buf", "length", length, "positive", length_tree.span);
            }
            Some(length) => length.min(i128::from(max)) as u32,
            None => max,
        };
        let call = Call::ReadBuffer {
            pointer: Box::new(cast(source, Type::U64)),
            length: Box::new(cast(length, Type::U64)),
            space,
        };
        Some(expr(ExprKind::Call(call), Type::Buffer { capacity }, span))
    }

    /// Whose memory an address leads to; `None` if it is no address.
    fn space_of(&self, value: &Expr) -> Option<AddressSpace> {
        match &value.ty {
            Type::Pointer { space, .. } => Some(*space),
            Type::Int(_) => Some(self.default_space()),
            _ => None,
        }
    }

    fn in_space(&mut self, function: Function, args: &[tree::Expr], space: AddressSpace, span: Span) -> Option<Expr> {
        let value = self.address(function, args, 0)?;
        let target = match &value.ty {
            Type::Pointer { target, .. } => target.clone(),
            _ => Box::new(Type::Void),
        };
        Some(expr(
            ExprKind::Cast(Box::new(value)),
            Type::Pointer { target, space },
            span,
        ))
    }

    fn strncmp(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let left = self.text(Function::StrNCmp, args, 0);
        let right = self.text(Function::StrNCmp, args, 1);
        let length_tree = args.get(2)?;
        let length = constant(length_tree)?;
        let Ok(length) = u32::try_from(length) else {
            return self.range("strncmp", "length", length, "positive", length_tree.span);
        };
        let call = Call::StrNCmp {
            left: Box::new(left?),
            right: Box::new(right?),
            length,
        };
        Some(expr(ExprKind::Call(call), Type::U64, span))
    }

    fn len(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let arg = args.first()?;
        if let tree::ExprKind::Map { map, key: None } = arg.kind {
            self.known_map(map, arg.span)?;
            return Some(expr(ExprKind::Call(Call::MapLength(map)), Type::U64, span));
        }
        let value = self.value(arg)?;
        if !matches!(value.ty, Type::Stack(_)) {
            let found = value.ty.clone();
            return self.wrong_argument(Function::Len, 0, "a map or a stack", &found, value.span);
        }
        let call = Call::StackLength(Box::new(value));
        Some(expr(ExprKind::Call(call), Type::U64, span))
    }

    /// `(@m, key)`, `(@m)` and the old `(@m[key])`.
    fn map_and_key(&mut self, args: &[tree::Expr]) -> Option<(MapId, Vec<Expr>)> {
        let first = args.first()?;
        let tree::ExprKind::Map { map, key } = &first.kind else {
            return None;
        };
        let span = args.last().map_or(first.span, |last| first.span.to(last.span));
        let key = self.key(*map, args.get(1).map(std::slice::from_ref).or(key.as_deref()), span);
        self.known_map(*map, first.span)?;
        Some((*map, key?))
    }

    /// A map that some statement assigns to.
    pub(super) fn known_map(&mut self, map: MapId, span: Span) -> Option<Type> {
        let ty = self.table.map_value(map);
        if ty.is_none() {
            self.round.unknown.push(Unknown::Map(map, span));
        }
        ty
    }

    /// An argument that must be an integer.
    pub(super) fn number(&mut self, function: Function, args: &[tree::Expr], at: usize) -> Option<Expr> {
        let value = self.value(args.get(at)?)?;
        if integer(&value.ty).is_some() {
            return Some(value);
        }
        let found = value.ty.clone();
        self.wrong_argument(function, at, "an integer", &found, value.span)
    }

    /// An argument that must be a string.
    fn text(&mut self, function: Function, args: &[tree::Expr], at: usize) -> Option<Expr> {
        let value = self.value(args.get(at)?)?;
        if matches!(value.ty, Type::String { .. }) {
            return Some(value);
        }
        let found = value.ty.clone();
        self.wrong_argument(function, at, "a string", &found, value.span)
    }

    /// An argument that must be a pointer or an integer.
    pub(super) fn address(&mut self, function: Function, args: &[tree::Expr], at: usize) -> Option<Expr> {
        let value = self.value(args.get(at)?)?;
        if matches!(value.ty, Type::Pointer { .. } | Type::Int(_)) {
            return Some(value);
        }
        let found = value.ty.clone();
        self.wrong_argument(function, at, "an address", &found, value.span)
    }

    /// The text of an argument that was checked to be a literal string.
    pub(super) fn literal_string(&mut self, args: &[tree::Expr], at: usize) -> Option<String> {
        match &args.get(at)?.kind {
            tree::ExprKind::Str(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    pub(super) fn wrong_argument<T>(
        &mut self,
        function: Function,
        index: usize,
        expected: &'static str,
        found: &Type,
        span: Span,
    ) -> Option<T> {
        let row = row(function)?;
        let hint = match found {
            Type::Pointer { .. } if expected == "a string" => {
                "use str() to read the string behind this pointer".to_owned()
            }
            _ => row.usage.to_owned(),
        };
        let kind = AnalysisKind::ArgumentType {
            function: row.name,
            index,
            expected,
            found: type_name(found),
        };
        self.reports().error(kind, span).hint = Some(hint);
        None
    }
}

fn row(function: Function) -> Option<&'static Row> {
    function::all().iter().find(|row| row.id == function)
}
