//! The same Cranelift IR as native code: intrinsics expanded, helpers imitated.

use crate::build::{MAP_LOOKUP, PID_TGID, PROBE_READ_KERNEL};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{
    ExternalName, Function, Inst, InstBuilder, InstructionData, UserExternalName, Value,
};
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_codegen::{Context, isa::OwnedTargetIsa};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, default_libcall_names};
use std::collections::HashMap;
use trapline_codegen::namespace::{self, Intrinsic};

/// Bytes of the one value that every map has.
const VALUE_SIZE: usize = 512;

thread_local! {
    static VALUE: std::cell::UnsafeCell<[u64; VALUE_SIZE / 8]> =
        const { std::cell::UnsafeCell::new([0; VALUE_SIZE / 8]) };
}

extern "C" fn map_lookup(_map: *const u8, _key: *const u8) -> *mut u64 {
    VALUE.with(|value| value.get().cast())
}

extern "C" fn pid_tgid() -> u64 {
    1
}

extern "C" fn probe_read_kernel(to: *mut u8, size: u64, from: *const u8) -> u64 {
    // SAFETY: test programs copy between stack slots of their own, of at least `size` bytes.
    unsafe { std::ptr::copy(from, to, size as usize) };
    0
}

/// Functions that can be called.
pub(crate) struct Native {
    _module: JITModule,
    entries: Vec<*const u8>,
}

impl Native {
    pub(crate) fn run(&self, index: usize, args: &[u64; 4]) -> u32 {
        // SAFETY: all functions were built with this signature, and the module is still there.
        let entry: extern "C" fn(*const u64) -> u64 =
            unsafe { std::mem::transmute(self.entries[index]) };
        entry(args.as_ptr()) as u32
    }
}

/// Compiles programs.
pub(crate) fn compile(functions: &[Function]) -> Native {
    let mut builder = JITBuilder::with_isa(host(), default_libcall_names());
    builder.symbol(helper_symbol(MAP_LOOKUP), map_lookup as *const u8);
    builder.symbol(helper_symbol(PID_TGID), pid_tgid as *const u8);
    builder.symbol(
        helper_symbol(PROBE_READ_KERNEL),
        probe_read_kernel as *const u8,
    );
    builder.symbol("map", map_lookup as *const u8);
    let mut module = JITModule::new(builder);
    let ids: Vec<FuncId> = functions
        .iter()
        .enumerate()
        .map(|(index, function)| define(&mut module, index, function.clone()))
        .collect();
    module.finalize_definitions().expect("relocations fit");
    let entries = ids
        .iter()
        .map(|&id| module.get_finalized_function(id))
        .collect();
    Native {
        _module: module,
        entries,
    }
}

fn host() -> OwnedTargetIsa {
    let mut flags = settings::builder();
    for (name, value) in [("opt_level", "none"), ("is_pic", "false")] {
        flags.set(name, value).expect("a setting of Cranelift");
    }
    cranelift_native::builder()
        .expect("Cranelift knows this machine")
        .finish(Flags::new(flags))
        .expect("flags go together")
}

fn helper_symbol(number: u32) -> String {
    format!("helper{number}")
}

fn define(module: &mut JITModule, index: usize, mut function: Function) -> FuncId {
    expand_intrinsics(&mut function);
    let name = format!("function{index}");
    let id = module
        .declare_function(&name, Linkage::Local, &function.signature)
        .expect("names are unique");
    let signatures: HashMap<_, _> = function
        .dfg
        .ext_funcs
        .values()
        .filter_map(|callee| match callee.name {
            ExternalName::User(name) => {
                Some((name, function.dfg.signatures[callee.signature].clone()))
            }
            _ => None,
        })
        .collect();
    let names: Vec<_> = function
        .params
        .user_named_funcs()
        .iter()
        .map(|(reference, name)| (reference, name.clone()))
        .collect();
    for (reference, name) in names {
        let renamed = match name.namespace {
            namespace::HELPER => {
                let symbol = helper_symbol(name.index);
                let callee = module
                    .declare_function(&symbol, Linkage::Import, &signatures[&reference])
                    .expect("helpers have one signature");
                UserExternalName::new(0, callee.as_u32())
            }
            namespace::MAP => {
                let map = module
                    .declare_data("map", Linkage::Import, true, false)
                    .expect("a map is data");
                UserExternalName::new(1, map.as_u32())
            }
            _ => continue,
        };
        function.params.reset_user_func_name(reference, renamed);
    }
    let mut context = Context::for_function(function);
    module
        .define_function(id, &mut context)
        .unwrap_or_else(|error| panic!("{error:?}\n{}", context.func.display()));
    id
}

/// Replaces calls of intrinsics by what they mean.
fn expand_intrinsics(function: &mut Function) {
    let mut cursor = FuncCursor::new(function);
    while cursor.next_block().is_some() {
        while let Some(inst) = cursor.next_inst() {
            let Some(intrinsic) = called(cursor.func, inst) else {
                continue;
            };
            let args = cursor.func.dfg.inst_args(inst).to_vec();
            let replacement = expand(&mut cursor, intrinsic, &args);
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
    let ExternalName::User(name) = function.dfg.ext_funcs[func_ref].name else {
        return None;
    };
    let name = &function.params.user_named_funcs()[name];
    (name.namespace == namespace::INTRINSIC)
        .then(|| Intrinsic::from_index(name.index))
        .flatten()
}

fn expand(cursor: &mut FuncCursor<'_>, intrinsic: Intrinsic, args: &[Value]) -> Value {
    let a = args[0];
    if intrinsic == Intrinsic::Anchor {
        return a;
    }
    let b = args[1];
    if intrinsic == Intrinsic::Clamp {
        return cursor.ins().umin(a, b);
    }
    // The machine traps where BPF does not.
    let zero = cursor.ins().iconst(I64, 0);
    let one = cursor.ins().iconst(I64, 1);
    let by_zero = cursor.ins().icmp(IntCC::Equal, b, zero);
    let minus_one = cursor.ins().iconst(I64, -1);
    let by_minus_one = cursor.ins().icmp(IntCC::Equal, b, minus_one);
    let divisor = cursor.ins().select(by_zero, one, b);
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
