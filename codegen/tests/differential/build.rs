//! Building Cranelift IR for tests.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I64};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, ExtFuncData, ExternalName, FuncRef, Function, GlobalValueData,
    InstBuilder, MemFlagsData, Signature, StackSlot, StackSlotData, StackSlotKind, Type,
    UserExternalName, UserFuncName, Value,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::collections::HashMap;
use trapline_codegen::namespace::{self, Intrinsic};

/// `bpf_map_lookup_elem`
pub(crate) const MAP_LOOKUP: u32 = 1;
/// `bpf_get_current_pid_tgid`
pub(crate) const PID_TGID: u32 = 14;
/// `bpf_probe_read_kernel`
pub(crate) const PROBE_READ_KERNEL: u32 = 113;

/// A function builder that knows the namespaces.
pub(crate) struct Builder<'a> {
    pub(crate) inner: FunctionBuilder<'a>,
    callees: HashMap<(u32, u32, usize), FuncRef>,
}

impl Builder<'_> {
    /// A function of one parameter, the context.
    pub(crate) fn program(body: impl FnOnce(&mut Builder<'_>, Value)) -> Function {
        Self::function(1, |builder, params| body(builder, params[0]))
    }

    /// A function of some parameters.
    pub(crate) fn function(
        params: usize,
        body: impl FnOnce(&mut Builder<'_>, &[Value]),
    ) -> Function {
        let name = UserFuncName::user(0, 0);
        let mut function = Function::with_name_signature(name, signature(params));
        let mut context = FunctionBuilderContext::new();
        let mut inner = FunctionBuilder::new(&mut function, &mut context);
        let entry = inner.create_block();
        inner.append_block_params_for_function_params(entry);
        inner.switch_to_block(entry);
        let values = inner.block_params(entry).to_vec();
        let mut builder = Builder {
            inner,
            callees: HashMap::new(),
        };
        body(&mut builder, &values);
        builder.inner.seal_all_blocks();
        builder.inner.finalize(TargetFrontendConfig {
            default_call_conv: CallConv::SystemV,
            pointer_width: target_lexicon::PointerWidth::U64,
            page_size_align_log2: 12,
        });
        function
    }

    pub(crate) fn callee(&mut self, namespace: u32, index: u32, params: usize) -> FuncRef {
        if let Some(&known) = self.callees.get(&(namespace, index, params)) {
            return known;
        }
        let signature = self.inner.import_signature(signature(params));
        let name = UserExternalName::new(namespace, index);
        let name = self.inner.func.declare_imported_user_function(name);
        let callee = self.inner.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: false,
            patchable: false,
        });
        self.callees.insert((namespace, index, params), callee);
        callee
    }

    pub(crate) fn call(&mut self, namespace: u32, index: u32, args: &[Value]) -> Value {
        let callee = self.callee(namespace, index, args.len());
        let call = self.inner.ins().call(callee, args);
        self.inner.inst_results(call)[0]
    }

    pub(crate) fn helper(&mut self, number: u32, args: &[Value]) -> Value {
        self.call(namespace::HELPER, number, args)
    }

    pub(crate) fn intrinsic(&mut self, intrinsic: Intrinsic, args: &[Value]) -> Value {
        self.call(namespace::INTRINSIC, intrinsic as u32, args)
    }

    pub(crate) fn symbol(&mut self, namespace: u32, index: u32, offset: i64) -> Value {
        let name = UserExternalName::new(namespace, index);
        let name = self.inner.func.declare_imported_user_function(name);
        let global = self.inner.create_global_value(GlobalValueData::Symbol {
            name: ExternalName::user(name),
            offset: offset.into(),
            colocated: false,
            tls: false,
        });
        self.inner.ins().symbol_value(I64, global)
    }

    pub(crate) fn map(&mut self, index: u32) -> Value {
        self.symbol(namespace::MAP, index, 0)
    }

    pub(crate) fn slot(&mut self, size: u32) -> StackSlot {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3);
        self.inner.create_sized_stack_slot(data)
    }

    pub(crate) fn address(&mut self, slot: StackSlot, offset: i32) -> Value {
        self.inner.ins().stack_addr(I64, slot, offset)
    }

    pub(crate) fn constant(&mut self, value: i64) -> Value {
        self.inner.ins().iconst(I64, value)
    }

    pub(crate) fn load(&mut self, ty: Type, base: Value, offset: i32) -> Value {
        let flags = MemFlagsData::trusted();
        self.inner.ins().load(ty, flags, base, offset)
    }

    pub(crate) fn store(&mut self, value: Value, base: Value, offset: i32) {
        let flags = MemFlagsData::trusted();
        self.inner.ins().store(flags, value, base, offset);
    }

    /// A 64-bit word of the context.
    pub(crate) fn argument(&mut self, context: Value, index: i32) -> Value {
        self.load(I64, context, index * 8)
    }

    pub(crate) fn compare(&mut self, cc: IntCC, value: Value, constant: i64) -> Value {
        let constant = self.constant_of(self.type_of(value), constant);
        self.inner.ins().icmp(cc, value, constant)
    }

    /// A constant of a type, cut to its bits.
    pub(crate) fn constant_of(&mut self, ty: Type, value: i64) -> Value {
        let mask = u64::MAX >> (64 - ty.bits());
        self.inner.ins().iconst(ty, (value as u64 & mask) as i64)
    }

    pub(crate) fn type_of(&self, value: Value) -> Type {
        self.inner.func.dfg.value_type(value)
    }

    pub(crate) fn reduce(&mut self, ty: Type, value: Value) -> Value {
        if ty == I64 {
            value
        } else {
            self.inner.ins().ireduce(ty, value)
        }
    }

    pub(crate) fn zero_extend(&mut self, value: Value) -> Value {
        if self.type_of(value) == I64 {
            value
        } else {
            self.inner.ins().uextend(I64, value)
        }
    }

    pub(crate) fn sign_extend(&mut self, value: Value) -> Value {
        if self.type_of(value) == I64 {
            value
        } else {
            self.inner.ins().sextend(I64, value)
        }
    }

    /// A block with parameters.
    pub(crate) fn block(&mut self, params: &[Type]) -> (Block, Vec<Value>) {
        let block = self.inner.create_block();
        let values = params
            .iter()
            .map(|&ty| self.inner.append_block_param(block, ty))
            .collect();
        (block, values)
    }

    pub(crate) fn switch_to(&mut self, block: Block) {
        self.inner.switch_to_block(block);
    }

    pub(crate) fn jump(&mut self, block: Block, args: &[Value]) {
        let args: Vec<BlockArg> = args.iter().map(|&arg| arg.into()).collect();
        self.inner.ins().jump(block, &args);
    }

    pub(crate) fn branch(&mut self, condition: Value, then: Block, otherwise: Block) {
        self.inner.ins().brif(condition, then, &[], otherwise, &[]);
    }

    /// Goes on if the condition holds, else returns 0.
    pub(crate) fn guard(&mut self, condition: Value) {
        assert_eq!(self.type_of(condition), I8);
        let (go_on, _) = self.block(&[]);
        let (leave, _) = self.block(&[]);
        self.branch(condition, go_on, leave);
        self.switch_to(leave);
        let zero = self.constant(0);
        self.inner.ins().return_(&[zero]);
        self.switch_to(go_on);
    }

    /// The value of key 0 in a map with keys of 4 bytes; returns if there is none. Not anchored.
    pub(crate) fn lookup(&mut self, map: u32) -> Value {
        let value = self.lookup_unchecked(map);
        let found = self.compare(IntCC::NotEqual, value, 0);
        self.guard(found);
        value
    }

    /// The value of key 0, or null.
    pub(crate) fn lookup_unchecked(&mut self, map: u32) -> Value {
        let slot = self.slot(4);
        let key = self.address(slot, 0);
        let zero = self.constant_of(cranelift_codegen::ir::types::I32, 0);
        self.store(zero, key, 0);
        let map = self.map(map);
        self.helper(MAP_LOOKUP, &[map, key])
    }

    /// A value that depends on all bits of two others.
    pub(crate) fn mix(&mut self, a: Value, b: Value) -> Value {
        let factor = self.constant(31);
        let product = self.inner.ins().imul(a, factor);
        self.inner.ins().iadd(product, b)
    }

    /// Returns all of a value in the 32 bits that a test run gives back.
    pub(crate) fn finish_with(&mut self, value: Value) {
        let distance = self.constant(32);
        let high = self.inner.ins().ushr(value, distance);
        let folded = self.inner.ins().bxor(value, high);
        let mask = self.constant(0xffff_ffff);
        let result = self.inner.ins().band(folded, mask);
        self.inner.ins().return_(&[result]);
    }
}

fn signature(params: usize) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = vec![AbiParam::new(I64); params];
    signature.returns = vec![AbiParam::new(I64)];
    signature
}
