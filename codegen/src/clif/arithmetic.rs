//! Arithmetic at the width and sign of its type.

use super::lower::{Lower, Result};
use crate::namespace::Intrinsic;
use cranelift_codegen::ir::Value;
use trapline_lang::hir::ArithmeticOp;
use trapline_lang::source::Span;
use trapline_lang::types::Type;

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
        Ok(self.fit(value, ty))
    }
}
