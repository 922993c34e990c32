//! One function of Cranelift IR in the making: the only code that calls Cranelift's builder.
//!
//! Keeps the rules that stand between the optimizer and the verifier: integers are `I64` between loads
//! and stores, accesses are aligned (the verifier wants that on the stack), loads never move, a pointer
//! is [`anchor`](Build::anchor)ed behind its null check.

use crate::CodegenError;
use crate::namespace::{self, EngineCall, Intrinsic};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, AtomicRmwOp, Block, BlockArg, ExtFuncData, ExternalName, FuncRef, Function,
    GlobalValue, GlobalValueData, InstBuilder, InstructionData, MemFlagsData, Opcode, Signature,
    SourceLoc, StackSlot, StackSlotData, StackSlotKind, Type, UserExternalName, UserFuncName,
    Value,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use std::collections::HashMap;
use trapline_lang::source::Span;

/// Bytes of a slot of the stack that a value may take; larger ones live in scratch memory.
pub(crate) const STACK_VALUE: u32 = 16;
/// How many of them a function may have: main program and nested callbacks share 512 bytes.
const STACK_VALUES: usize = 8;

/// A place in memory: a base and a constant offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mem {
    base: Base,
    offset: i32,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    Stack(StackSlot),
    Pointer(Value),
    Data,
}

impl Mem {
    /// Where a pointer leads.
    pub(crate) fn at(pointer: Value) -> Self {
        Self {
            base: Base::Pointer(pointer),
            offset: 0,
        }
    }

    /// A byte of `.rodata`.
    pub(crate) fn data(offset: u32) -> Self {
        Self {
            base: Base::Data,
            offset: offset as i32,
        }
    }

    /// So many bytes further.
    pub(crate) fn plus(self, bytes: u32) -> Self {
        Self {
            offset: self.offset + bytes as i32,
            ..self
        }
    }

    /// Bytes past a multiple of 8; all bases are multiples of 8.
    pub(crate) fn misalignment(self) -> u32 {
        self.offset.rem_euclid(8) as u32
    }
}

/// How bits above a value's width are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extend {
    /// With zeros.
    Zero,
    /// With its sign.
    Sign,
}

/// A function in the making.
pub(crate) struct Build<'f> {
    f: FunctionBuilder<'f>,
    functions: HashMap<(u32, u32), FuncRef>,
    symbols: HashMap<(u32, u32, i64), GlobalValue>,
    slots: Vec<StackSlot>,
    slots_used: usize,
    span: Span,
}

/// Makes a function of `params` 64-bit parameters and a 64-bit result.
pub(crate) fn function(
    index: u32,
    params: usize,
    body: impl FnOnce(Build<'_>, &[Value]) -> Result<(), CodegenError>,
) -> Result<Function, CodegenError> {
    let mut function =
        Function::with_name_signature(UserFuncName::user(0, index), signature(params));
    let mut context = FunctionBuilderContext::new();
    let mut f = FunctionBuilder::new(&mut function, &mut context);
    let entry = f.create_block();
    f.append_block_params_for_function_params(entry);
    f.switch_to_block(entry);
    let params = f.block_params(entry).to_vec();
    let build = Build {
        f,
        functions: HashMap::new(),
        symbols: HashMap::new(),
        slots: Vec::new(),
        slots_used: 0,
        span: Span::default(),
    };
    body(build, &params)?;
    Ok(function)
}

fn signature(params: usize) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = vec![AbiParam::new(I64); params];
    signature.returns.push(AbiParam::new(I64));
    signature
}

fn int_type(bytes: u32) -> Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}

impl<'f> Build<'f> {
    /// Ends the function.
    pub(crate) fn finish(mut self) {
        self.f.seal_all_blocks();
        self.f.finalize(TargetFrontendConfig {
            default_call_conv: CallConv::SystemV,
            pointer_width: target_lexicon::PointerWidth::U64,
            page_size_align_log2: 12,
        });
    }

    /// Whatever follows comes from this place in the script.
    pub(crate) fn set_span(&mut self, span: Span) {
        self.f.set_srcloc(SourceLoc::new(span.start));
        self.span = span;
    }

    /// Where in the script what follows comes from.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The value, if it is a constant here.
    pub(crate) fn constant(&self, value: Value) -> Option<i64> {
        let dfg = &self.f.func.dfg;
        let inst = dfg.value_def(value).inst()?;
        match dfg.insts[inst] {
            InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                imm,
            } => Some(imm.bits()),
            _ => None,
        }
    }

    // Values

    pub(crate) fn int(&mut self, value: i64) -> Value {
        self.f.ins().iconst(I64, value)
    }

    pub(crate) fn add(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().iadd(a, b)
    }

    pub(crate) fn add_int(&mut self, a: Value, b: i64) -> Value {
        if b == 0 {
            return a;
        }
        let b = self.int(b);
        self.add(a, b)
    }

    pub(crate) fn sub(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().isub(a, b)
    }

    pub(crate) fn neg(&mut self, a: Value) -> Value {
        self.f.ins().ineg(a)
    }

    pub(crate) fn not(&mut self, a: Value) -> Value {
        self.f.ins().bnot(a)
    }

    pub(crate) fn mul(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().imul(a, b)
    }

    pub(crate) fn and(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().band(a, b)
    }

    pub(crate) fn and_int(&mut self, a: Value, b: i64) -> Value {
        let b = self.int(b);
        self.and(a, b)
    }

    pub(crate) fn or(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().bor(a, b)
    }

    pub(crate) fn xor(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().bxor(a, b)
    }

    pub(crate) fn shl(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().ishl(a, b)
    }

    pub(crate) fn shl_int(&mut self, a: Value, b: i64) -> Value {
        if b == 0 {
            return a;
        }
        let b = self.int(b);
        self.shl(a, b)
    }

    pub(crate) fn shr(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().ushr(a, b)
    }

    pub(crate) fn shr_int(&mut self, a: Value, b: i64) -> Value {
        let b = self.int(b);
        self.shr(a, b)
    }

    pub(crate) fn sar(&mut self, a: Value, b: Value) -> Value {
        self.f.ins().sshr(a, b)
    }

    /// Reverses the bytes of the low `bits` bits and clears all above.
    pub(crate) fn swap_bytes(&mut self, a: Value, bits: u8) -> Value {
        match bits {
            8 => a,
            64 => self.f.ins().bswap(a),
            _ => {
                let narrow = self.f.ins().ireduce(int_type(u32::from(bits) / 8), a);
                let swapped = self.f.ins().bswap(narrow);
                self.f.ins().uextend(I64, swapped)
            }
        }
    }

    /// Cuts to `bits` bits and fills up again.
    pub(crate) fn extend(&mut self, a: Value, bits: u8, extend: Extend) -> Value {
        if bits >= 64 {
            return a;
        }
        let narrow = self.f.ins().ireduce(int_type(u32::from(bits) / 8), a);
        self.widen(narrow, extend)
    }

    fn widen(&mut self, narrow: Value, extend: Extend) -> Value {
        if self.f.func.dfg.value_type(narrow) == I64 {
            return narrow;
        }
        match extend {
            Extend::Zero => self.f.ins().uextend(I64, narrow),
            Extend::Sign => self.f.ins().sextend(I64, narrow),
        }
    }

    /// Compares; the result is a condition (`I8`), for branches and [`Self::select`].
    pub(crate) fn compare(&mut self, condition: IntCC, a: Value, b: Value) -> Value {
        self.f.ins().icmp(condition, a, b)
    }

    pub(crate) fn compare_int(&mut self, condition: IntCC, a: Value, b: i64) -> Value {
        let b = self.int(b);
        self.compare(condition, a, b)
    }

    /// A condition as 0 or 1.
    pub(crate) fn truth(&mut self, condition: Value) -> Value {
        self.f.ins().uextend(I64, condition)
    }

    pub(crate) fn select(&mut self, condition: Value, then: Value, otherwise: Value) -> Value {
        self.f.ins().select(condition, then, otherwise)
    }

    /// A variable that may change in loops and branches.
    pub(crate) fn variable(&mut self, value: Value) -> Variable {
        let variable = self.f.declare_var(I64);
        self.f.def_var(variable, value);
        variable
    }

    pub(crate) fn get(&mut self, variable: Variable) -> Value {
        self.f.use_var(variable)
    }

    pub(crate) fn set(&mut self, variable: Variable, value: Value) {
        self.f.def_var(variable, value);
    }

    // Calls

    /// Calls a helper of the kernel.
    pub(crate) fn call(&mut self, helper: u32, args: &[Value]) -> Value {
        self.call_named(namespace::HELPER, helper, args)
    }

    /// Asks the engine; only in code for native ones.
    pub(crate) fn engine(&mut self, call: EngineCall, args: &[Value]) -> Value {
        self.call_named(namespace::ENGINE, call as u32, args)
    }

    /// Calls an intrinsic.
    pub(crate) fn intrinsic(&mut self, intrinsic: Intrinsic, args: &[Value]) -> Value {
        self.call_named(namespace::INTRINSIC, intrinsic as u32, args)
    }

    /// The pointer itself, from which nothing can be computed before this place.
    pub(crate) fn anchor(&mut self, pointer: Value) -> Value {
        self.intrinsic(Intrinsic::Anchor, &[pointer])
    }

    /// The smaller of an index and a constant, as the verifier sees it here.
    pub(crate) fn clamp(&mut self, index: Value, max: i64) -> Value {
        let max = self.int(max);
        self.intrinsic(Intrinsic::Clamp, &[index, max])
    }

    /// Calls a subprogram.
    pub(crate) fn call_subprogram(&mut self, index: u32, args: &[Value]) -> Value {
        self.call_named(namespace::SUBPROGRAM, index, args)
    }

    /// The address of a subprogram of `params` parameters.
    pub(crate) fn subprogram_address(&mut self, index: u32, params: usize) -> Value {
        let function = self.import(namespace::SUBPROGRAM, index, params);
        self.f.ins().func_addr(I64, function)
    }

    fn call_named(&mut self, namespace: u32, index: u32, args: &[Value]) -> Value {
        let function = self.import(namespace, index, args.len());
        let call = self.f.ins().call(function, args);
        self.f.inst_results(call)[0]
    }

    fn import(&mut self, namespace: u32, index: u32, params: usize) -> FuncRef {
        if let Some(function) = self.functions.get(&(namespace, index)) {
            return *function;
        }
        let signature = self.f.import_signature(signature(params));
        let name = self
            .f
            .func
            .declare_imported_user_function(UserExternalName::new(namespace, index));
        let function = self.f.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: false,
            patchable: false,
        });
        self.functions.insert((namespace, index), function);
        function
    }

    // Memory

    /// The address of a kernel map, as helpers take it.
    pub(crate) fn map(&mut self, index: u32) -> Value {
        self.symbol(namespace::MAP, index, 0)
    }

    fn symbol(&mut self, namespace: u32, index: u32, offset: i64) -> Value {
        let symbol = match self.symbols.get(&(namespace, index, offset)) {
            Some(symbol) => *symbol,
            None => {
                let name = self
                    .f
                    .func
                    .declare_imported_user_function(UserExternalName::new(namespace, index));
                let symbol = self.f.create_global_value(GlobalValueData::Symbol {
                    name: ExternalName::user(name),
                    offset: offset.into(),
                    colocated: false,
                    tls: false,
                });
                self.symbols.insert((namespace, index, offset), symbol);
                symbol
            }
        };
        self.f.ins().symbol_value(I64, symbol)
    }

    /// The address of a place.
    pub(crate) fn address(&mut self, mem: Mem) -> Value {
        match mem.base {
            Base::Stack(slot) => self.f.ins().stack_addr(I64, slot, mem.offset),
            Base::Pointer(pointer) => self.add_int(pointer, mem.offset.into()),
            Base::Data => self.symbol(namespace::DATA, 0, mem.offset.into()),
        }
    }

    fn base(&mut self, mem: Mem) -> (Value, i32) {
        match mem.base {
            Base::Pointer(pointer) => (pointer, mem.offset),
            Base::Stack(_) | Base::Data => (self.address(mem), 0),
        }
    }

    /// Loads 1, 2, 4 or 8 bytes.
    pub(crate) fn load(&mut self, mem: Mem, bytes: u32, extend: Extend) -> Value {
        let (base, offset) = self.base(mem);
        let narrow = self
            .f
            .ins()
            .load(int_type(bytes), MemFlagsData::trusted(), base, offset);
        self.widen(narrow, extend)
    }

    /// Loads 8 bytes.
    pub(crate) fn load_word(&mut self, mem: Mem) -> Value {
        self.load(mem, 8, Extend::Zero)
    }

    /// Stores the low 1, 2, 4 or 8 bytes.
    pub(crate) fn store(&mut self, mem: Mem, bytes: u32, value: Value) {
        let (base, offset) = self.base(mem);
        let value = match int_type(bytes) {
            I64 => value,
            narrow => self.f.ins().ireduce(narrow, value),
        };
        self.f
            .ins()
            .store(MemFlagsData::trusted(), value, base, offset);
    }

    /// Stores 8 bytes.
    pub(crate) fn store_word(&mut self, mem: Mem, value: Value) {
        self.store(mem, 8, value);
    }

    /// Stores a constant of 1, 2, 4 or 8 bytes.
    pub(crate) fn store_int(&mut self, mem: Mem, bytes: u32, value: i64) {
        let value = self.int(value);
        self.store(mem, bytes, value);
    }

    /// Changes 4 or 8 bytes atomically and gives what was there.
    pub(crate) fn atomic(&mut self, op: AtomicRmwOp, mem: Mem, bytes: u32, value: Value) -> Value {
        let address = self.address(mem);
        let ty = int_type(bytes);
        let value = match ty {
            I64 => value,
            narrow => self.f.ins().ireduce(narrow, value),
        };
        let old = self
            .f
            .ins()
            .atomic_rmw(ty, MemFlagsData::trusted(), op, address, value);
        self.widen(old, Extend::Zero)
    }

    /// 16 bytes of stack that nothing else uses while the function runs.
    pub(crate) fn own_slot(&mut self) -> Mem {
        Mem {
            base: Base::Stack(self.new_slot()),
            offset: 0,
        }
    }

    fn new_slot(&mut self) -> StackSlot {
        self.f.create_sized_stack_slot(StackSlotData::new(
            StackSlotKind::ExplicitSlot,
            STACK_VALUE,
            3,
        ))
    }

    /// 16 bytes of stack until [`Self::release`]; `None` if there is no more.
    pub(crate) fn take_slot(&mut self) -> Option<Mem> {
        if self.slots_used == self.slots.len() {
            if self.slots.len() == STACK_VALUES {
                return None;
            }
            let slot = self.new_slot();
            self.slots.push(slot);
        }
        let slot = self.slots[self.slots_used];
        self.slots_used += 1;
        Some(Mem {
            base: Base::Stack(slot),
            offset: 0,
        })
    }

    /// What [`Self::release`] goes back to.
    pub(crate) fn mark(&self) -> usize {
        self.slots_used
    }

    /// Gives back the slots taken since the mark.
    pub(crate) fn release(&mut self, mark: usize) {
        self.slots_used = mark;
    }

    // Control

    pub(crate) fn block(&mut self) -> Block {
        self.f.create_block()
    }

    /// A block with one parameter.
    pub(crate) fn join(&mut self) -> (Block, Value) {
        let block = self.f.create_block();
        let value = self.f.append_block_param(block, I64);
        (block, value)
    }

    pub(crate) fn switch_to(&mut self, block: Block) {
        self.f.switch_to_block(block);
    }

    pub(crate) fn jump(&mut self, block: Block) {
        self.f.ins().jump(block, &[]);
    }

    pub(crate) fn jump_with(&mut self, block: Block, value: Value) {
        self.f.ins().jump(block, &[BlockArg::Value(value)]);
    }

    pub(crate) fn branch(&mut self, condition: Value, then: Block, otherwise: Block) {
        self.f.ins().brif(condition, then, &[], otherwise, &[]);
    }

    pub(crate) fn return_value(&mut self, value: Value) {
        self.f.ins().return_(&[value]);
    }

    pub(crate) fn return_int(&mut self, value: i64) {
        let value = self.int(value);
        self.return_value(value);
    }
}
