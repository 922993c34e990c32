//! Tests of the back end as a whole, by the text of what comes out.

use super::disasm::{default_target_name, print};
use super::{BackEndError, compile};
use crate::clif::optimize::{Level, optimize};
use crate::namespace::{self, Intrinsic};
use crate::object::LineEntry;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{
    AbiParam, BlockCall, ExtFuncData, ExternalName, Function, GlobalValueData, InstBuilder,
    JumpTableData, MemFlagsData, Signature, SourceLoc, StackSlotData, StackSlotKind,
    UserExternalName, Value,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

fn signature(params: usize) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = vec![AbiParam::new(I64); params];
    signature.returns = vec![AbiParam::new(I64)];
    signature
}

fn function(params: usize, body: impl FnOnce(&mut FunctionBuilder<'_>, &[Value])) -> Function {
    let mut function = Function::with_name_signature(Default::default(), signature(params));
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let values = builder.block_params(entry).to_vec();
    body(&mut builder, &values);
    builder.seal_all_blocks();
    builder.finalize(TargetFrontendConfig {
        default_call_conv: CallConv::SystemV,
        pointer_width: target_lexicon::PointerWidth::U64,
        page_size_align_log2: 12,
    });
    function
}

fn call(builder: &mut FunctionBuilder<'_>, namespace: u32, index: u32, args: &[Value]) -> Value {
    let signature = builder.import_signature(signature(args.len()));
    let name = UserExternalName::new(namespace, index);
    let name = builder.func.declare_imported_user_function(name);
    let callee = builder.import_function(ExtFuncData {
        name: ExternalName::user(name),
        signature,
        colocated: false,
        patchable: false,
    });
    let call = builder.ins().call(callee, args);
    builder.inst_results(call)[0]
}

fn map(builder: &mut FunctionBuilder<'_>, index: u32) -> Value {
    let name = UserExternalName::new(namespace::MAP, index);
    let name = builder.func.declare_imported_user_function(name);
    let global = builder.create_global_value(GlobalValueData::Symbol {
        name: ExternalName::user(name),
        offset: 0.into(),
        colocated: false,
        tls: false,
    });
    builder.ins().symbol_value(I64, global)
}

/// The text of optimized code, without addresses and the space around lines.
fn text(function: Function) -> Vec<String> {
    let function = optimize(function, Level::Speed).expect("valid IR");
    let compiled = compile(&function).expect("BPF has code for it");
    print(&compiled.bytes, &compiled.relocations, &default_target_name)
        .lines()
        .map(|line| match line.split_once(": ") {
            Some((_, instruction)) => instruction.to_owned(),
            None => line.to_owned(),
        })
        .collect()
}

#[test]
fn comparisons_addresses_and_constants_are_folded() {
    let function = function(1, |builder, params| {
        let flags = MemFlagsData::trusted();
        let (found, missing) = (builder.create_block(), builder.create_block());
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 4, 2);
        let slot = builder.create_sized_stack_slot(slot);
        let key = builder.ins().stack_addr(I64, slot, 0);
        let field = builder.ins().iadd_imm_s(params[0], 16);
        let id = builder.ins().load(I64, flags, field, 8);
        builder.ins().istore32(flags, id, key, 0);
        let map = map(builder, 3);
        let value = call(builder, namespace::HELPER, 1, &[map, key]);
        let zero = builder.ins().iconst(I64, 0);
        let is_found = builder.ins().icmp(IntCC::NotEqual, value, zero);
        builder.ins().brif(is_found, found, &[], missing, &[]);
        builder.switch_to_block(found);
        let value = call(
            builder,
            namespace::INTRINSIC,
            Intrinsic::Anchor as u32,
            &[value],
        );
        let seven = builder.ins().iconst(I64, 7);
        builder.ins().store(flags, seven, value, 8);
        builder.ins().jump(missing, &[]);
        builder.switch_to_block(missing);
        builder.ins().return_(&[zero]);
    });
    assert_eq!(
        text(function),
        [
            "r2 = *(u64 *)(r1 +24)",
            "*(u32 *)(r10 -8) = r2",
            "r1 = map3 ll",
            "r2 = r10",
            "r2 += -8",
            "call map_lookup_elem",
            "if r0 == 0 goto L1",
            "*(u64 *)(r0 +8) = 7",
            "L1:",
            "r0 = 0",
            "exit",
        ]
    );
}

#[test]
fn a_clamp_is_one_comparison_of_its_own_register() {
    let function = function(2, |builder, params| {
        let max = builder.ins().iconst(I64, 63);
        let clamp = Intrinsic::Clamp as u32;
        let clamped = call(builder, namespace::INTRINSIC, clamp, &[params[1], max]);
        builder.ins().return_(&[clamped]);
    });
    assert_eq!(
        text(function),
        ["r0 = r2", "if r0 <= 63 goto L1", "r0 = 63", "L1:", "exit"]
    );
}

#[test]
fn tables_become_trees_over_ranges() {
    let function = function(1, |builder, params| {
        let leaves: Vec<_> = (0..3).map(|_| builder.create_block()).collect();
        let targets = [1, 1, 2, 2, 2, 0, 1]
            .map(|leaf| BlockCall::new(leaves[leaf], [], &mut builder.func.dfg.value_lists));
        let table = JumpTableData::new(targets[5], &targets);
        let table = builder.create_jump_table(table);
        let index = builder
            .ins()
            .ireduce(cranelift_codegen::ir::types::I32, params[0]);
        builder.ins().br_table(index, table);
        for (number, leaf) in leaves.into_iter().enumerate() {
            builder.switch_to_block(leaf);
            let number = builder.ins().iconst(I64, number as i64);
            builder.ins().return_(&[number]);
        }
    });
    let text = text(function);
    let comparisons: Vec<&str> = text
        .iter()
        .filter(|line| line.starts_with("if"))
        .map(|line| line.split(" goto").next().unwrap_or_default())
        .collect();
    // 0-1, 2-4, 5, 6, the rest.
    assert_eq!(
        comparisons,
        ["if w1 >= 5", "if w1 < 2", "if w1 < 6", "if w1 >= 7"]
    );
}

#[test]
fn what_nobody_reads_is_left_out() {
    let function = function(1, |builder, params| {
        let flags = MemFlagsData::trusted();
        let loaded = builder.ins().load(I64, flags, params[0], 0);
        builder.ins().imul(loaded, loaded);
        call(builder, namespace::HELPER, 5, &[]);
        let udiv = Intrinsic::Udiv as u32;
        call(builder, namespace::INTRINSIC, udiv, &[loaded, loaded]);
        let zero = builder.ins().iconst(I64, 0);
        builder.ins().return_(&[zero]);
    });
    assert_eq!(text(function), ["call ktime_get_ns", "r0 = 0", "exit"]);
}

#[test]
fn lines_start_with_the_first_instruction_and_name_changes_only() {
    let function = function(1, |builder, params| {
        let flags = MemFlagsData::trusted();
        builder.set_srcloc(SourceLoc::new(40));
        let a = builder.ins().load(I64, flags, params[0], 0);
        let b = builder.ins().load(I64, flags, params[0], 8);
        builder.set_srcloc(SourceLoc::new(20));
        builder.ins().store(flags, a, params[0], 16);
        builder.ins().return_(&[b]);
    });
    let entry = |instruction, source_offset| LineEntry {
        instruction,
        source_offset,
    };
    let compiled = compile(&function).expect("BPF has code for it");
    assert_eq!(compiled.lines, [entry(0, 40), entry(2, 20)]);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let large = function(0, |builder, _| {
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 513, 0);
        builder.create_sized_stack_slot(slot);
        let zero = builder.ins().iconst(I64, 0);
        builder.ins().return_(&[zero]);
    });
    assert_eq!(
        compile(&large).expect_err("520 bytes are too many"),
        BackEndError::StackTooLarge { bytes: 520 }
    );

    let far = function(1, |builder, params| {
        let flags = MemFlagsData::trusted();
        let (long, end) = (builder.create_block(), builder.create_block());
        builder.ins().brif(params[0], long, &[], end, &[]);
        builder.switch_to_block(long);
        for _ in 0..40_000 {
            builder.ins().store(flags, params[0], params[0], 0);
        }
        builder.ins().jump(end, &[]);
        builder.switch_to_block(end);
        builder.ins().return_(&[params[0]]);
    });
    assert!(matches!(
        compile(&far),
        Err(BackEndError::BranchTooFar { distance: 40_000.. })
    ));
}

#[test]
fn what_bpf_cannot_express_is_an_error() {
    let float = function(1, |builder, params| {
        let float = builder.ins().fcvt_from_uint(F64, params[0]);
        let int = builder.ins().fcvt_to_uint_sat(I64, float);
        builder.ins().return_(&[int]);
    });
    assert!(matches!(
        compile(&float),
        Err(BackEndError::Unsupported { .. })
    ));

    let empty = Function::with_name_signature(Default::default(), signature(1));
    for result in [
        compile(&empty).map(|_| ()),
        optimize(empty, Level::Speed).map(|_| ()),
    ] {
        assert!(matches!(result, Err(BackEndError::InvalidIr { .. })));
    }
}
