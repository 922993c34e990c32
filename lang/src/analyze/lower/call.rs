//! Functions that give a value.

use super::super::tree;
use super::aggregate::constant;
use super::binary::operation;
use super::leaf::string;
use super::memory::is_byte;
use super::value::{cast, expr, integer, is_literal};
use super::{Lowerer, Unknown};
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::type_name;
use crate::function::{self, Function, Param, Row};
use crate::hir::{ArithmeticOp, Builtin, Call, CompareOp, Expr, ExprKind, MapId};
use crate::source::Span;
use crate::types::{AddressSpace, Clock, IntType, Type};

impl Lowerer<'_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        match function {
            Function::HasKey | Function::Delete => self.key_function(function, args, span),
            Function::Len => self.len(args, span),
            Function::StrNCmp => self.strncmp(args, span),
            Function::CgroupId => self.cgroup_id(args, span),
            Function::KernelAddress => self.kernel_address(args, span),
            Function::KfuncExist => self.kernel_function_exists(args, span),
            Function::UserAddress => self.user_address(args, span),
            Function::Register => self.register(args, span),
            Function::Find => self.find(args, span),
            Function::PresentationToNetwork => self.internet_constant(args, span),
            _ => {
                // Arguments before all else, by a small function: calls nest deeply.
                let values = self.arguments(function, args)?;
                self.called(function, values, args, span)
            }
        }
    }

    /// The values of arguments, each of the kind that the function's row asks for.
    fn arguments(&mut self, function: Function, args: &[tree::Expr]) -> Option<Vec<Expr>> {
        let row = row(function)?;
        let (mut values, mut complete) = (Vec::new(), true);
        for (at, arg) in args.iter().enumerate() {
            let value = self.value(arg);
            match value.and_then(|value| self.checked(row, at, value)) {
                Some(value) => values.push(value),
                None => complete = false,
            }
        }
        complete.then_some(values)
    }

    /// Checks a value against its row.
    fn checked(&mut self, row: &'static Row, at: usize, value: Expr) -> Option<Expr> {
        let number = integer(&value.ty).is_some();
        let (fits, expected) = match row.param(at)? {
            Param::Integer => (number, "an integer"),
            Param::String => (matches!(value.ty, Type::String { .. }), "a string"),
            Param::Address => (
                matches!(value.ty, Type::Pointer { .. } | Type::Int(_)),
                "an address",
            ),
            _ => return Some(value),
        };
        if fits {
            return Some(value);
        }
        let found = value.ty.clone();
        self.wrong_argument(row.id, at, expected, &found, value.span)
    }

    /// A call with its arguments.
    fn called(
        &mut self,
        function: Function,
        values: Vec<Expr>,
        trees: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        let mut values = values.into_iter();
        let Some(first) = values.next() else {
            let what = format!("{}()", row(function)?.name);
            return self.error(AnalysisKind::NoValue { what }, span);
        };
        let second = values.next();
        if let Some(answer) = type_test(function, &first, trees) {
            return Some(expr(ExprKind::Int(i64::from(answer)), Type::Bool, span));
        }
        let ty = match function {
            Function::StrCap
            | Function::StrStr
            | Function::StrContains
            | Function::StrConcat
            | Function::MemCmp
            | Function::WriteUser
            | Function::NetworkToPresentation
            | Function::MacAddress => {
                return self.bytes_function(function, first, second, trees, span);
            }
            Function::IsErr => return Some(is_error(first, span)),
            Function::Str => return self.read_string(first, second, trees, span),
            Function::Buf => return self.read_buffer(first, second, trees, span),
            Function::StrLen => {
                let call = Call::StrLen(Box::new(first));
                return Some(expr(ExprKind::Call(call), Type::U64, span));
            }
            Function::ByteSwap => return Some(byte_swap(first, span)),
            Function::UserSymbol => {
                let call = Call::UserSymbol(Box::new(cast(first, Type::U64)));
                return Some(expr(ExprKind::Call(call), Type::UserSymbol, span));
            }
            Function::Signal | Function::SignalThread => {
                let signal = Box::new(self.signal_number(function, first)?);
                let thread = function == Function::SignalThread;
                let call = Call::Signal { signal, thread };
                return Some(expr(ExprKind::Call(call), Type::Bool, span));
            }
            Function::StrFTime => {
                let format = self.literal_string(trees, 0)?;
                let time = second?;
                let clock = match time.kind {
                    ExprKind::Builtin(Builtin::Nsecs(clock)) => clock,
                    _ => Clock::Boot,
                };
                let format = self.string(&format).0;
                let ty = Type::Timestamp { format, clock };
                return Some(expr(ExprKind::Cast(Box::new(time)), ty, span));
            }
            Function::CgroupPath => {
                let filter = self
                    .literal_string(trees, 1)
                    .map(|filter| self.string(&filter).0);
                Type::CgroupPath { filter }
            }
            Function::StrError => Type::ErrorText,
            Function::SignalName => Type::SignalName,
            Function::SyscallName => Type::SyscallName,
            Function::KernelSymbol => Type::KernelSymbol,
            Function::KernelPointer => pointer_in(&first.ty, AddressSpace::Kernel),
            Function::UserPointer => pointer_in(&first.ty, AddressSpace::User),
            _ => {
                let what = format!("{}()", row(function)?.name);
                return self.error(AnalysisKind::NoValue { what }, span);
            }
        };
        Some(expr(ExprKind::Cast(Box::new(first)), ty, span))
    }

    /// `str(pointer[, length])`
    fn read_string(
        &mut self,
        source: Expr,
        length: Option<Expr>,
        trees: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        let max = self.shared.config.max_strlen;
        // So many bytes and the NUL.
        let bounded = |length: i128| (length.clamp(0, i128::from(max) - 1) as u32) + 1;
        let fixed = trees.get(1).and_then(constant).map(bounded);
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
        if let Type::Array { element, length } = &source.ty
            && is_byte(element)
        {
            let most = match length {
                // How long it is, its bytes tell.
                0 => max,
                length => length.saturating_add(1).min(max),
            };
            let capacity = fixed.unwrap_or(most).min(most);
            return Some(self.string_of_bytes(source, capacity, span));
        }
        let Some(space) = self.space_of(&source) else {
            let found = source.ty.clone();
            return self.wrong_argument(
                Function::Str,
                0,
                "a pointer or a string",
                &found,
                source.span,
            );
        };
        let length = length.filter(|_| fixed.is_none()).map(|length| {
            let one = expr(ExprKind::Int(1), Type::U64, span);
            Box::new(operation(
                ArithmeticOp::Add,
                cast(length, Type::U64),
                one,
                span,
            ))
        });
        let call = Call::ReadString {
            pointer: Box::new(cast(source, Type::U64)),
            length,
            space,
        };
        let capacity = fixed.unwrap_or(max);
        Some(expr(ExprKind::Call(call), Type::String { capacity }, span))
    }

    /// `buf(pointer, length)`
    fn read_buffer(
        &mut self,
        source: Expr,
        length: Option<Expr>,
        trees: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        if matches!(source.ty, Type::Buffer { .. }) && length.is_none() {
            return Some(source);
        }
        // What is in memory already has a size of its own.
        let own_size = match &source.ty {
            Type::String { .. } | Type::Array { .. } | Type::Struct { .. } => {
                Some(source.ty.size())
            }
            _ => None,
        };
        let (source, known) = match own_size {
            Some(_) => {
                let (address, space) = self.address_of_value(source, span);
                (address, Some(space))
            }
            None => {
                let space = self.space_of(&source);
                (source, space)
            }
        };
        let Some(space) = known else {
            let found = source.ty.clone();
            return self.wrong_argument(Function::Buf, 0, "a pointer", &found, source.span);
        };
        // An array at the end of a struct may say nothing of its length.
        let own_size = own_size.filter(|size| *size > 0);
        let max = self.shared.config.max_strlen;
        if let (Some(size), None) = (own_size, &length) {
            let capacity = size.min(max);
            let length = expr(ExprKind::Int(i64::from(capacity)), Type::U64, span);
            return Some(buffer(source, length, capacity, space, span));
        }
        let (Some(length), Some(length_tree)) = (length, trees.get(1)) else {
            let kind = AnalysisKind::TooFewArguments {
                function: "buf".into(),
                required: 2,
                given: 1,
            };
            return self.error(kind, span);
        };
        // Behind the end of a value lies something else.
        let max = own_size.map_or(max, |size| size.min(max));
        let capacity = match constant(length_tree) {
            Some(length) if length < 0 => {
                return self.range("buf", "length", length, "positive", length_tree.span);
            }
            Some(length) => length.min(i128::from(max)) as u32,
            None => max,
        };
        Some(buffer(source, length, capacity, space, span))
    }

    fn key_function(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        let (map, key) = self.map_and_key(args)?;
        let call = match function {
            Function::HasKey => Call::HasKey { map, key },
            _ => Call::Delete { map, key },
        };
        Some(expr(ExprKind::Call(call), Type::Bool, span))
    }

    fn cgroup_id(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let path = self.literal_string(args, 0)?;
        match self.shared.catalog.cgroup_id(&path) {
            // Ids take all 64 bits.
            Some(id) => Some(expr(ExprKind::Int(id as i64), Type::U64, span)),
            None => self.error(AnalysisKind::CgroupNotFound { path }, args[0].span),
        }
    }

    /// Whose memory an address leads to; `None` if it is no address.
    pub(super) fn space_of(&self, value: &Expr) -> Option<AddressSpace> {
        match &value.ty {
            Type::Pointer { space, .. } => Some(*space),
            Type::Int(_) => Some(self.default_space()),
            _ => None,
        }
    }

    fn strncmp(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let [left, right, _] =
            <[Expr; 3]>::try_from(self.arguments(Function::StrNCmp, args)?).ok()?;
        let length_tree = args.get(2)?;
        let length = constant(length_tree)?;
        let Ok(length) = u32::try_from(length) else {
            return self.range("strncmp", "length", length, "positive", length_tree.span);
        };
        let call = Call::StrNCmp {
            left: Box::new(left),
            right: Box::new(right),
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
    pub(super) fn map_and_key(&mut self, args: &[tree::Expr]) -> Option<(MapId, Vec<Expr>)> {
        let first = args.first()?;
        let tree::ExprKind::Map { map, key } = &first.kind else {
            return None;
        };
        let span = args
            .last()
            .map_or(first.span, |last| first.span.to(last.span));
        let key = self.key(
            *map,
            args.get(1).map(std::slice::from_ref).or(key.as_deref()),
            span,
        );
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

    /// One argument, of the kind that the function's row asks for.
    pub(super) fn argument(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        at: usize,
    ) -> Option<Expr> {
        let value = self.value(args.get(at)?)?;
        self.checked(row(function)?, at, value)
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

/// `length` bytes at an address.
fn buffer(address: Expr, length: Expr, capacity: u32, space: AddressSpace, span: Span) -> Expr {
    let call = Call::ReadBuffer {
        pointer: Box::new(cast(address, Type::U64)),
        length: Box::new(cast(length, Type::U64)),
        space,
    };
    expr(ExprKind::Call(call), Type::Buffer { capacity }, span)
}

/// What a function answers that only looks at the type of its argument.
fn type_test(function: Function, value: &Expr, trees: &[tree::Expr]) -> Option<bool> {
    Some(match function {
        Function::IsStr => matches!(value.ty, Type::String { .. }),
        Function::IsPtr => matches!(value.ty, Type::Pointer { .. }),
        Function::IsArray => matches!(value.ty, Type::Array { .. }),
        Function::IsInteger => matches!(value.ty, Type::Int(_)),
        Function::IsUnsignedInteger => matches!(value.ty, Type::Int(int) if !int.signed),
        Function::IsLiteral => matches!(
            trees.first().map(|tree| &tree.kind),
            Some(
                tree::ExprKind::Int(_)
                    | tree::ExprKind::Str(_)
                    | tree::ExprKind::Bool(_)
                    | tree::ExprKind::Constant(..)
            )
        ),
        _ => return None,
    })
}

/// Linux v6.12 include/linux/err.h: the last 4095 addresses are error numbers.
fn is_error(pointer: Expr, span: Span) -> Expr {
    let least = expr(ExprKind::Int(-4095), Type::U64, span);
    let pointer = Box::new(cast(pointer, Type::U64));
    let kind = ExprKind::Compare(CompareOp::Ge, pointer, Box::new(least));
    expr(kind, Type::Bool, span)
}

/// The bytes of an integer in the other order.
fn byte_swap(value: Expr, span: Span) -> Expr {
    let bits = integer(&value.ty).map_or(64, |int| int.bits);
    // A literal is as wide as it has to be, but at least an int.
    let bits = if is_literal(&value) {
        bits.max(32)
    } else {
        bits
    };
    let ty = Type::Int(IntType {
        bits,
        signed: false,
    });
    let value = cast(value, ty.clone());
    expr(ExprKind::Call(Call::ByteSwap(Box::new(value))), ty, span)
}

/// The same pointer in another address space; an integer becomes a pointer to anything.
fn pointer_in(ty: &Type, space: AddressSpace) -> Type {
    let target = match ty {
        Type::Pointer { target, .. } => target.clone(),
        _ => Box::new(Type::Void),
    };
    Type::Pointer { target, space }
}

pub(super) fn row(function: Function) -> Option<&'static Row> {
    function::all().iter().find(|row| row.id == function)
}
