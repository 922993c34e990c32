//! Operators between two operands.
//!
//! Arithmetic is done at 64 bits. It has no sign if one operand is a `uint64` or both have none (literals
//! go with either); subtraction always gives a signed integer.

use super::super::join::{Given, join};
use super::super::tree;
use super::syscall::has_names;
use super::value::{cast, expr, given, integer, is_literal, known, truth};
use super::{Lowerer, int64};
use crate::ast::BinaryOp;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{ArithmeticOp, CompareOp, Expr, ExprKind, LogicOp};
use crate::source::Span;
use crate::types::{IntType, Type};

impl Lowerer<'_> {
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: &tree::Expr,
        right: &tree::Expr,
        span: Span,
    ) -> Option<Expr> {
        let logic = match op {
            BinaryOp::And => Some(LogicOp::And),
            BinaryOp::Or => Some(LogicOp::Or),
            _ => None,
        };
        if let Some(logic) = logic {
            let left = self.condition(left, op.symbol());
            let right = self.condition(right, op.symbol());
            let (left, right) = (left?, right?);
            let decides = logic == LogicOp::Or;
            return Some(match known(&left) {
                Some(value) if value == decides => truth(decides, span),
                Some(_) => right,
                None => {
                    let kind = ExprKind::Logic(logic, Box::new(left), Box::new(right));
                    expr(kind, Type::Bool, span)
                }
            });
        }
        let (left, right) = (self.value(left), self.value(right));
        let (left, right) = (left?, right?);
        match comparison(op) {
            Some(compare) => self.compare(compare, op, left, right, span),
            None => self.arithmetic(op, left, right, span),
        }
    }

    fn compare(
        &mut self,
        compare: CompareOp,
        op: BinaryOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Option<Expr> {
        let equality = matches!(compare, CompareOp::Eq | CompareOp::Ne);
        let scalar = |left: Expr, right: Expr| {
            if let (ExprKind::Int(a), ExprKind::Int(b)) = (&left.kind, &right.kind) {
                return Some(truth(holds(compare, *a, *b, &left.ty), span));
            }
            let kind = ExprKind::Compare(compare, Box::new(left), Box::new(right));
            Some(expr(kind, Type::Bool, span))
        };
        match (&left.kind, &right.kind) {
            (_, ExprKind::Str(name)) if equality && has_names(&left.ty) => {
                let name = (name.as_slice(), right.span);
                return self.compare_name(compare, left, name, span);
            }
            (ExprKind::Str(name), _) if equality && has_names(&right.ty) => {
                let name = (name.as_slice(), left.span);
                return self.compare_name(compare, right, name, span);
            }
            _ => {}
        }
        if equality && left.ty == right.ty && left.ty.is_scalar() {
            return scalar(left, right);
        }
        if integer(&left.ty).is_some() && integer(&right.ty).is_some() {
            let (ty, mixed) = common(&left, &right);
            if mixed {
                self.mixed_signs(true, &left, &right, span);
            }
            return scalar(cast(left, ty.clone()), cast(right, ty));
        }
        // `syscall == 257`
        let number = |ty: &Type| *ty == Type::SyscallName || integer(ty).is_some();
        if number(&left.ty) && number(&right.ty) {
            return scalar(cast(left, Type::I64), cast(right, Type::I64));
        }
        if is_address(&left.ty) && is_address(&right.ty) {
            return scalar(cast(left, Type::U64), cast(right, Type::U64));
        }
        if equality && is_comparable(&left.ty) && is_comparable(&right.ty) {
            if matches!(
                (&left.ty, &right.ty),
                (Type::String { .. }, Type::String { .. })
            ) {
                return Some(equal(left, right, compare, span));
            }
            if let Some(joined) = join(&given(&left), &given(&right)) {
                let left = self.coerce(left, &joined.ty);
                let right = self.coerce(right, &joined.ty);
                return Some(equal(left, right, compare, span));
            }
        }
        self.mismatch(op, left, right, span)
    }

    /// Arithmetic on two integers, or on a pointer and an integer.
    pub(super) fn arithmetic(
        &mut self,
        op: BinaryOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Option<Expr> {
        let Some(arithmetic) = arithmetic_op(op) else {
            return self.mismatch(op, left, right, span);
        };
        if is_address(&left.ty)
            && is_address(&right.ty)
            && (is_pointer(&left.ty) || is_pointer(&right.ty))
        {
            return self.pointer_arithmetic(arithmetic, op, left, right, span);
        }
        if integer(&left.ty).is_none() || integer(&right.ty).is_none() {
            return self.mismatch(op, left, right, span);
        }
        if matches!(arithmetic, ArithmeticOp::Shl | ArithmeticOp::Shr) {
            let int = integer(&left.ty).unwrap_or(IntType::I64);
            let ty = Type::Int(int64(int.signed));
            self.check_shift(op, &right);
            return Some(operation(arithmetic, cast(left, ty), right, span));
        }
        let (mut ty, mixed) = common(&left, &right);
        if mixed && matches!(arithmetic, ArithmeticOp::Div | ArithmeticOp::Rem) {
            self.mixed_signs(false, &left, &right, span);
        }
        if arithmetic == ArithmeticOp::Sub {
            ty = Type::I64;
        }
        Some(operation(
            arithmetic,
            cast(left, ty.clone()),
            cast(right, ty),
            span,
        ))
    }

    /// Warns of a shift that is known to be by more bits than there are.
    pub(super) fn check_shift(&mut self, op: BinaryOp, by: &Expr) {
        if let ExprKind::Int(bits) = by.kind
            && !(0..64).contains(&bits)
        {
            let kind = AnalysisKind::ShiftAmount {
                operator: op.symbol(),
                bits,
            };
            self.reports().warning(kind, by.span);
        }
    }

    fn pointer_arithmetic(
        &mut self,
        arithmetic: ArithmeticOp,
        op: BinaryOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Option<Expr> {
        let (pointer, scaled) = match (&left.ty, &right.ty, arithmetic) {
            (Type::Pointer { .. }, Type::Pointer { .. }, ArithmeticOp::Sub) => {
                let (left, right) = (cast(left, Type::I64), cast(right, Type::I64));
                return Some(operation(arithmetic, left, right, span));
            }
            (Type::Pointer { .. }, Type::Int(_), ArithmeticOp::Add | ArithmeticOp::Sub) => {
                (left, right)
            }
            (Type::Int(_), Type::Pointer { .. }, ArithmeticOp::Add) => (right, left),
            _ => return self.mismatch(op, left, right, span),
        };
        let ty = pointer.ty.clone();
        let offset = scale(scaled, &ty, span);
        let sum = operation(
            arithmetic,
            cast(pointer, Type::U64),
            cast(offset, Type::U64),
            span,
        );
        Some(cast(sum, ty))
    }

    fn mismatch(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Option<Expr> {
        let string = |ty: &Type| matches!(ty, Type::String { .. });
        let number = |ty: &Type| integer(ty).is_some();
        let hint = match (&left.ty, &right.ty) {
            (a, b) if (string(a) && is_pointer(b)) || (is_pointer(a) && string(b)) => {
                Some("use str() to read the string behind this pointer")
            }
            (Type::ProbeName, b) if string(b) => {
                Some("print it instead: names of probes are not strings here")
            }
            (Type::Username, _) | (_, Type::Username) => Some("compare uid with a number"),
            (a, b) if string(a) && string(b) => Some("strings can be compared with == and !="),
            (a, b) if (string(a) && number(b)) || (number(a) && string(b)) => {
                Some("one is text, the other a number")
            }
            _ => None,
        };
        let label = |expr: &Expr, side: &str| {
            let name = crate::diagnostic::type_name(&expr.ty);
            (expr.span, format!("{side} ({name})"))
        };
        let labels = [label(&left, "left"), label(&right, "right")];
        let kind = AnalysisKind::OperandTypes {
            operator: op.symbol(),
            left: left.ty,
            right: right.ty,
        };
        let report = self.reports().error(kind, span);
        report.hint = hint.map(str::to_owned);
        report
            .labels
            .extend(labels.map(|(span, text)| crate::diagnostic::Label { span, text }));
        None
    }

    fn mixed_signs(&mut self, comparison: bool, left: &Expr, right: &Expr, span: Span) {
        let kind = AnalysisKind::MixedSigns {
            comparison,
            left: left.ty.clone(),
            right: right.ty.clone(),
        };
        self.reports().warning(kind, span).hint = Some("cast one of them".into());
    }
}

/// An arithmetic operation at the type of its left operand.
pub(super) fn operation(op: ArithmeticOp, left: Expr, right: Expr, span: Span) -> Expr {
    let ty = left.ty.clone();
    expr(
        ExprKind::Arithmetic(op, Box::new(left), Box::new(right)),
        ty,
        span,
    )
}

/// An integer times the size of what a pointer leads to.
pub(super) fn scale(value: Expr, pointer: &Type, span: Span) -> Expr {
    let size = match pointer {
        Type::Pointer { target, .. } => target.size().max(1),
        _ => 1,
    };
    if size == 1 {
        return value;
    }
    let size = expr(ExprKind::Int(i64::from(size)), Type::I64, span);
    operation(ArithmeticOp::Mul, cast(value, Type::I64), size, span)
}

/// Compares two constants of a type.
fn holds(compare: CompareOp, left: i64, right: i64, ty: &Type) -> bool {
    let order = if integer(ty).is_some_and(|int| int.signed) {
        left.cmp(&right)
    } else {
        (left as u64).cmp(&(right as u64))
    };
    match compare {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

fn equal(left: Expr, right: Expr, compare: CompareOp, span: Span) -> Expr {
    if let (ExprKind::Str(a), ExprKind::Str(b)) = (&left.kind, &right.kind) {
        return truth((a == b) == (compare == CompareOp::Eq), span);
    }
    let kind = ExprKind::Equal {
        left: Box::new(left),
        right: Box::new(right),
        negated: compare == CompareOp::Ne,
    };
    expr(kind, Type::Bool, span)
}

/// The 64-bit type in which two integers meet, and whether a sign is lost on the way.
fn common(left: &Expr, right: &Expr) -> (Type, bool) {
    let side = |expr: &Expr| Given {
        ty: Type::Int(integer(&expr.ty).unwrap_or(IntType::I64)),
        literal: is_literal(expr) || expr.ty == Type::Bool,
    };
    let (left, right) = (side(left), side(right));
    let firm_signed =
        |given: &Given| matches!(given.ty, Type::Int(int) if int.signed) && !given.literal;
    let unsigned64 = |given: &Given| given.ty == Type::U64;
    let mixed =
        (unsigned64(&left) && firm_signed(&right)) || (firm_signed(&left) && unsigned64(&right));
    if mixed {
        return (Type::U64, true);
    }
    let signed = match join(&left, &right) {
        Some(Given {
            ty: Type::Int(int), ..
        }) => int.signed,
        _ => true,
    };
    (Type::Int(int64(signed)), false)
}

fn is_pointer(ty: &Type) -> bool {
    matches!(ty, Type::Pointer { .. })
}

fn is_address(ty: &Type) -> bool {
    is_pointer(ty) || matches!(ty, Type::Int(_))
}

fn is_comparable(ty: &Type) -> bool {
    matches!(
        ty,
        Type::String { .. }
            | Type::Buffer { .. }
            | Type::Tuple(_)
            | Type::Record(_)
            | Type::Array { .. }
    )
}

fn comparison(op: BinaryOp) -> Option<CompareOp> {
    Some(match op {
        BinaryOp::Eq => CompareOp::Eq,
        BinaryOp::Ne => CompareOp::Ne,
        BinaryOp::Lt => CompareOp::Lt,
        BinaryOp::Le => CompareOp::Le,
        BinaryOp::Gt => CompareOp::Gt,
        BinaryOp::Ge => CompareOp::Ge,
        _ => return None,
    })
}

/// The operation that an operator stands for.
pub(super) fn arithmetic_op(op: BinaryOp) -> Option<ArithmeticOp> {
    Some(match op {
        BinaryOp::Add => ArithmeticOp::Add,
        BinaryOp::Sub => ArithmeticOp::Sub,
        BinaryOp::Mul => ArithmeticOp::Mul,
        BinaryOp::Div => ArithmeticOp::Div,
        BinaryOp::Rem => ArithmeticOp::Rem,
        BinaryOp::BitAnd => ArithmeticOp::And,
        BinaryOp::BitOr => ArithmeticOp::Or,
        BinaryOp::BitXor => ArithmeticOp::Xor,
        BinaryOp::Shl => ArithmeticOp::Shl,
        BinaryOp::Shr => ArithmeticOp::Shr,
        _ => return None,
    })
}
