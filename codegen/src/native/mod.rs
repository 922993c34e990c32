//! The back end for native engines: the Cranelift IR that BPF code is made from becomes code of this machine.
//!
//! Takes functions whose names are those of [`crate::namespace`], and somebody who knows the addresses of helpers; gives
//! [`NativeCode`]. What helpers do is left to whoever runs the code: they run on the thread that calls
//! [`NativeCode::run`], and take and give 64-bit words.

#![expect(
    unsafe_code,
    reason = "code that was made at run time can only be called through a pointer"
)]

mod context;
mod intrinsic;

pub use context::CallContext;

use crate::namespace::{self, EngineCall};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{
    Function, GlobalValueData, Inst, InstBuilder, InstructionData, Opcode, UserExternalName, Value,
};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_codegen::{Context, ir};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, default_libcall_names};
use std::cell::RefCell;

/// Why there is no native code. All but [`Self::Machine`] are bugs of ours.
#[derive(Debug, thiserror::Error)]
pub enum NativeError {
    /// Cranelift cannot make code for this machine.
    #[error("no native code can be made for this machine: {0}")]
    Machine(String),
    /// A program calls what native engines do not have.
    #[error("native engines have no {0}; this is a bug in Trapline")]
    Missing(String),
    /// Cranelift refuses what we made.
    #[error("Cranelift refuses the program: {0}; this is a bug in Trapline")]
    Code(String),
}

/// Addresses of what programs call.
pub trait Helpers {
    /// The function that does what a BPF helper of this number does.
    fn helper(&self, number: u32) -> Option<*const u8>;

    /// The function that answers this.
    fn engine(&self, call: EngineCall) -> Option<*const u8>;

    /// What [`crate::namespace::Intrinsic::Copy`] calls.
    fn copy(&self) -> *const u8;

    /// What [`crate::namespace::Intrinsic::CopyString`] calls.
    fn copy_string(&self) -> *const u8;
}

/// Programs as code of this machine, with their constants.
pub struct NativeCode {
    /// Taken only when it is dropped.
    module: Option<JITModule>,
    programs: Vec<*const u8>,
    rodata: Box<[u64]>,
    asked: Vec<EngineCall>,
}

// SAFETY: the code does not change once it is made; what it does to memory is for its caller to guard.
unsafe impl Send for NativeCode {}

impl NativeCode {
    /// The constants, to be filled in before anything runs.
    pub fn rodata_mut(&mut self) -> &mut [u64] {
        &mut self.rodata
    }

    /// Where the constants lie, and how many bytes they have. They stay there while they can be written to.
    pub fn rodata(&self) -> (u64, u64) {
        (
            self.rodata.as_ptr() as u64,
            size_of_val::<[u64]>(&self.rodata) as u64,
        )
    }

    /// How many programs there are.
    pub fn programs(&self) -> usize {
        self.programs.len()
    }

    /// Whether any program asks its engine this.
    pub fn asks(&self, call: EngineCall) -> bool {
        self.asked.contains(&call)
    }

    /// Runs a program.
    ///
    /// # Panics
    /// If there are not so many programs.
    ///
    /// # Safety
    /// `context` is that of the program's event, and as large. Pointers that the helpers give lead to memory that is as
    /// large as the map's values, and stays until the program returns; helpers believe the pointers that they are given.
    pub unsafe fn run(&self, program: usize, context: *mut u8) -> u64 {
        // SAFETY: all programs have one parameter and one result, and the module is still there.
        let program: extern "C" fn(*mut u8) -> u64 =
            unsafe { std::mem::transmute(self.programs[program]) };
        program(context)
    }
}

impl Drop for NativeCode {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: nothing of it runs: `run` borrows what is being dropped.
            unsafe { module.free_memory() };
        }
    }
}

/// A function that code hands to a helper, which calls it back.
pub type Callback = extern "C" fn(u64, u64, u64, u64) -> u64;

/// Compiles programs and what they call. `rodata` is what names in [`namespace::DATA`] lie in; a name in
/// [`namespace::MAP`] becomes its index.
///
/// # Errors
/// See [`NativeError`].
pub fn compile(
    functions: Vec<Function>,
    subprograms: Vec<Function>,
    rodata: &[u8],
    helpers: &dyn Helpers,
) -> Result<NativeCode, NativeError> {
    let rodata: Box<[u64]> = rodata
        .chunks(8)
        .map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_ne_bytes(word)
        })
        .collect();
    let mut linker = Linker {
        module: JITModule::new(JITBuilder::with_isa(machine()?, default_libcall_names())),
        subprograms: Vec::new(),
        rodata: rodata.as_ptr() as i64,
        helpers,
        asked: RefCell::default(),
    };
    for (n, subprogram) in subprograms.iter().enumerate() {
        let id = linker.declare(&format!("subprogram{n}"), subprogram)?;
        linker.subprograms.push(id);
    }
    for (n, subprogram) in subprograms.into_iter().enumerate() {
        linker.define(linker.subprograms[n], subprogram)?;
    }
    let mut ids = Vec::new();
    for (n, function) in functions.into_iter().enumerate() {
        let id = linker.declare(&format!("program{n}"), &function)?;
        linker.define(id, function)?;
        ids.push(id);
    }
    let asked = linker.asked.into_inner();
    let mut module = linker.module;
    module.finalize_definitions().map_err(code)?;
    let programs = ids
        .into_iter()
        .map(|id| module.get_finalized_function(id))
        .collect();
    Ok(NativeCode {
        module: Some(module),
        programs,
        rodata,
        asked,
    })
}

fn code(error: impl std::fmt::Debug) -> NativeError {
    NativeError::Code(format!("{error:?}"))
}

/// The machine that this runs on. The IR is optimized already.
fn machine() -> Result<OwnedTargetIsa, NativeError> {
    let mut flags = settings::builder();
    let verify = if cfg!(debug_assertions) {
        "true"
    } else {
        "false"
    };
    for (name, value) in [
        ("opt_level", "none"),
        ("is_pic", "false"),
        ("enable_verifier", verify),
        ("unwind_info", "false"),
    ] {
        flags.set(name, value).map_err(code)?;
    }
    let machine = cranelift_native::builder().map_err(|why| NativeError::Machine(why.into()))?;
    machine
        .finish(Flags::new(flags))
        .map_err(|error| NativeError::Machine(error.to_string()))
}

/// Gives names their addresses.
struct Linker<'h> {
    module: JITModule,
    subprograms: Vec<FuncId>,
    /// Address.
    rodata: i64,
    helpers: &'h dyn Helpers,
    /// What engines were asked so far.
    asked: RefCell<Vec<EngineCall>>,
}

impl Linker<'_> {
    fn declare(&mut self, name: &str, function: &Function) -> Result<FuncId, NativeError> {
        self.module
            .declare_function(name, Linkage::Local, &function.signature)
            .map_err(code)
    }

    fn define(&mut self, id: FuncId, mut function: Function) -> Result<(), NativeError> {
        intrinsic::expand(&mut function, self.helpers);
        self.resolve(&mut function)?;
        let names: Vec<_> = function
            .params
            .user_named_funcs()
            .iter()
            .map(|(reference, name)| (reference, name.clone()))
            .collect();
        for (reference, name) in names {
            if name.namespace == namespace::SUBPROGRAM {
                let id = self.subprograms.get(name.index as usize);
                let id = id.ok_or_else(|| NativeError::Missing(format!("subprogram {name}")))?;
                // As cranelift-module names functions.
                let renamed = UserExternalName::new(0, id.as_u32());
                function.params.reset_user_func_name(reference, renamed);
            }
        }
        let mut context = Context::for_function(function);
        self.module.define_function(id, &mut context).map_err(code)
    }

    /// Puts addresses in the place of data and maps, and of the functions that are called.
    fn resolve(&self, function: &mut Function) -> Result<(), NativeError> {
        let mut cursor = FuncCursor::new(function);
        while cursor.next_block().is_some() {
            while let Some(inst) = cursor.next_inst() {
                match cursor.func.dfg.insts[inst] {
                    InstructionData::UnaryGlobalValue {
                        opcode: Opcode::SymbolValue,
                        global_value,
                    } => {
                        let address = self.address(cursor.func, global_value)?;
                        let value = cursor.ins().iconst(I64, address);
                        replace(&mut cursor, inst, value);
                    }
                    InstructionData::Call { func_ref, .. } => {
                        let callee = &cursor.func.dfg.ext_funcs[func_ref];
                        let signature = callee.signature;
                        let Some(address) = self.callee(cursor.func, func_ref)? else {
                            continue;
                        };
                        let args = cursor.func.dfg.inst_args(inst).to_vec();
                        let address = cursor.ins().iconst(I64, address);
                        let call = cursor.ins().call_indirect(signature, address, &args);
                        let value = cursor.func.dfg.first_result(call);
                        replace(&mut cursor, inst, value);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn address(&self, function: &Function, global: ir::GlobalValue) -> Result<i64, NativeError> {
        let GlobalValueData::Symbol { name, offset, .. } = &function.global_values[global] else {
            return Err(NativeError::Missing(format!("{global}")));
        };
        match intrinsic::user_name(function, name) {
            Some(name) if name.namespace == namespace::DATA => Ok(self.rodata + offset.bits()),
            Some(name) if name.namespace == namespace::MAP => Ok(name.index.into()),
            _ => Err(NativeError::Missing(format!("{name:?}"))),
        }
    }

    /// The address of a function that is not one of the module's.
    fn callee(&self, function: &Function, callee: ir::FuncRef) -> Result<Option<i64>, NativeError> {
        let name = &function.dfg.ext_funcs[callee].name;
        let Some(name) = intrinsic::user_name(function, name) else {
            return Ok(None);
        };
        let address = match name.namespace {
            namespace::HELPER => self.helpers.helper(name.index),
            namespace::ENGINE => {
                let call = EngineCall::from_index(name.index);
                self.asked.borrow_mut().extend(call);
                call.and_then(|call| self.helpers.engine(call))
            }
            namespace::SUBPROGRAM => return Ok(None),
            _ => None,
        };
        match address {
            Some(address) => Ok(Some(address as i64)),
            None => Err(NativeError::Missing(match name.namespace {
                namespace::HELPER => crate::bpf::helper_name::helper_name(name.index as i32)
                    .map_or_else(|| name.to_string(), |helper| format!("helper {helper}")),
                _ => name.to_string(),
            })),
        }
    }
}

/// The value stands for the instruction's result.
fn replace(cursor: &mut FuncCursor<'_>, inst: Inst, value: Value) {
    let result = cursor.func.dfg.first_result(inst);
    cursor.func.dfg.clear_results(inst);
    cursor.func.dfg.change_to_alias(result, value);
    cursor.remove_inst_and_step_back();
}
