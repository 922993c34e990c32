//! Arithmetic at the width and sign of its type.

use super::lower::{Lower, Result};
use crate::namespace::Intrinsic;
use crate::object::Failure;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::ArithmeticOp;
use trapline_lang::source::Span;
use trapline_lang::types::{IntType, Type};

impl Lower<'_, '_, '_> {
    /// One operation on two scalars in canonical form.
    pub(crate) fn arithmetic(
        &mut self,
        op: ArithmeticOp,
        left: Value,
        right: Value,
        ty: &Type,
        span: Span,
    ) -> Result<Value> {
        let Some(int) = ty.int() else {
            return self.malformed("arithmetic on something that is no number", span);
        };
        if matches!(op, ArithmeticOp::Div | ArithmeticOp::Rem)
            && self.b.constant(right).is_none_or(|divisor| divisor == 0)
        {
            let divides = self.b.compare_int(IntCC::NotEqual, right, 0);
            return self.choose(
                divides,
                |lower| Ok(lower.operation(op, left, right, int, ty)),
                |lower| {
                    let nothing = lower.b.int(0);
                    lower.tell(Failure::DivisionByZero, nothing)?;
                    Ok(lower.b.int(1))
                },
            );
        }
        Ok(self.operation(op, left, right, int, ty))
    }

    fn operation(
        &mut self,
        op: ArithmeticOp,
        left: Value,
        right: Value,
        int: IntType,
        ty: &Type,
    ) -> Value {
        // Division goes through intrinsics: the optimizer's own has no x / 0, and its multiplications by
        // reciprocals are longer than BPF's instruction.
        let value = match (op, int.signed) {
            (ArithmeticOp::Add, _) => self.b.add(left, right),
            (ArithmeticOp::Sub, _) => self.b.sub(left, right),
            (ArithmeticOp::Mul, _) => self.b.mul(left, right),
            (ArithmeticOp::Div, false) => self.b.intrinsic(Intrinsic::Udiv, &[left, right]),
            (ArithmeticOp::Div, true) => self.b.intrinsic(Intrinsic::Sdiv, &[left, right]),
            (ArithmeticOp::Rem, false) => self.b.intrinsic(Intrinsic::Urem, &[left, right]),
            (ArithmeticOp::Rem, true) => self.b.intrinsic(Intrinsic::Srem, &[left, right]),
            (ArithmeticOp::And, _) => self.b.and(left, right),
            (ArithmeticOp::Or, _) => self.b.or(left, right),
            (ArithmeticOp::Xor, _) => self.b.xor(left, right),
            (ArithmeticOp::Shl, _) => self.b.shl(left, right),
            (ArithmeticOp::Shr, false) => self.b.shr(left, right),
            (ArithmeticOp::Shr, true) => self.b.sar(left, right),
        };
        self.fit(value, ty)
    }
}
