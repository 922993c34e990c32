//! What intrinsics mean on a machine with registers: calls of them are replaced by plain Cranelift IR.

use super::Helpers;
use crate::namespace::{self, Intrinsic};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{
    AbiParam, ExternalName, Function, Inst, InstBuilder, InstructionData, Signature,
    UserExternalName, Value,
};
use cranelift_codegen::isa::CallConv;

/// Replaces all calls of intrinsics.
pub(super) fn expand(function: &mut Function, helpers: &dyn Helpers) {
    let mut cursor = FuncCursor::new(function);
    while cursor.next_block().is_some() {
        while let Some(inst) = cursor.next_inst() {
            let Some(intrinsic) = called(cursor.func, inst) else {
                continue;
            };
            let args = cursor.func.dfg.inst_args(inst).to_vec();
            let replacement = replacement(&mut cursor, intrinsic, &args, helpers);
            let result = cursor.func.dfg.first_result(inst);
            cursor.func.dfg.clear_results(inst);
            cursor.func.dfg.change_to_alias(result, replacement);
            cursor.remove_inst_and_step_back();
        }
    }
}

fn called(function: &Function, inst: Inst) -> Option<Intrinsic> {
    let InstructionData::Call { func_ref, .. } = function.dfg.insts[inst] else {
        return None;
    };
    let name = user_name(function, &function.dfg.ext_funcs[func_ref].name)?;
    (name.namespace == namespace::INTRINSIC)
        .then(|| Intrinsic::from_index(name.index))
        .flatten()
}

/// The namespace and index behind an external name.
pub(super) fn user_name<'f>(
    function: &'f Function,
    name: &ExternalName,
) -> Option<&'f UserExternalName> {
    match name {
        ExternalName::User(reference) => Some(&function.params.user_named_funcs()[*reference]),
        _ => None,
    }
}

fn replacement(
    cursor: &mut FuncCursor<'_>,
    intrinsic: Intrinsic,
    args: &[Value],
    helpers: &dyn Helpers,
) -> Value {
    let (a, b) = match *args {
        [a] => return a,
        [a, b, ..] => (a, b),
        [] => return cursor.ins().iconst(I64, 0),
    };
    match intrinsic {
        Intrinsic::Anchor => a,
        Intrinsic::Clamp => cursor.ins().umin(a, b),
        Intrinsic::Copy | Intrinsic::CopyString => {
            let address = match intrinsic {
                Intrinsic::Copy => helpers.copy(),
                _ => helpers.copy_string(),
            };
            let mut signature = Signature::new(CallConv::SystemV);
            signature.params = vec![AbiParam::new(I64); 3];
            signature.returns.push(AbiParam::new(I64));
            let signature = cursor.func.import_signature(signature);
            let address = cursor.ins().iconst(I64, address as i64);
            let call = cursor.ins().call_indirect(signature, address, args);
            cursor.func.dfg.first_result(call)
        }
        Intrinsic::Udiv | Intrinsic::Urem | Intrinsic::Sdiv | Intrinsic::Srem => {
            divide(cursor, intrinsic, a, b)
        }
    }
}

/// Divisions and remainders where the machine would trap: by zero, and of the smallest number by -1.
fn divide(cursor: &mut FuncCursor<'_>, intrinsic: Intrinsic, a: Value, b: Value) -> Value {
    let zero = cursor.ins().iconst(I64, 0);
    let one = cursor.ins().iconst(I64, 1);
    let by_zero = cursor.ins().icmp(IntCC::Equal, b, zero);
    let divisor = cursor.ins().select(by_zero, one, b);
    let minus_one = cursor.ins().iconst(I64, -1);
    let by_minus_one = cursor.ins().icmp(IntCC::Equal, b, minus_one);
    let signed_divisor = cursor.ins().select(by_minus_one, one, divisor);
    match intrinsic {
        Intrinsic::Udiv => {
            let quotient = cursor.ins().udiv(a, divisor);
            cursor.ins().select(by_zero, zero, quotient)
        }
        Intrinsic::Urem => {
            let remainder = cursor.ins().urem(a, divisor);
            cursor.ins().select(by_zero, a, remainder)
        }
        Intrinsic::Sdiv => {
            let quotient = cursor.ins().sdiv(a, signed_divisor);
            let negated = cursor.ins().ineg(a);
            let quotient = cursor.ins().select(by_minus_one, negated, quotient);
            cursor.ins().select(by_zero, zero, quotient)
        }
        _ => {
            let remainder = cursor.ins().srem(a, signed_divisor);
            cursor.ins().select(by_zero, a, remainder)
        }
    }
}
