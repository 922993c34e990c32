//! Shapes in which an optimizer and the kernel's verifier get in each other's way: what is computed above a
//! check is not known to be safe below it. Intrinsics keep them apart; all of these must load.
//!
//! Maps are hashes, because the kernel knows that a look-up of a constant key in an array succeeds.

use crate::build::Builder;
use crate::kernel::{Map, Program, try_load};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I32, I64};
use cranelift_codegen::ir::{AtomicRmwOp, Block, InstBuilder, MemFlagsData, Value};
use trapline_codegen::clif::optimize::Level;
use trapline_codegen::namespace::{self, Intrinsic};

/// Words in the map's value.
const WORDS: i64 = 64;

struct Case {
    name: &'static str,
    body: fn(&mut Builder<'_>, Value),
}

const CASES: &[Case] = &[
    Case {
        name: "a pointer plus an offset that a loop does not change, under its null check",
        body: |builder, context| {
            let byte = builder.load(I8, context, 0);
            let offset = builder.zero_extend(byte);
            let value = builder.lookup_unchecked(0);
            in_loop(builder, |builder, exit| {
                let found = builder.compare(IntCC::NotEqual, value, 0);
                go_on_if(builder, found, exit);
                let value = builder.intrinsic(Intrinsic::Anchor, &[value]);
                let address = builder.inner.ins().iadd(value, offset);
                let byte = builder.load(I8, address, 0);
                builder.zero_extend(byte)
            });
        },
    },
    Case {
        name: "an index that a loop does not change, under its bounds check",
        body: |builder, context| {
            let index = builder.argument(context, 0);
            let value = found(builder);
            in_loop(builder, |builder, exit| {
                let inside = builder.compare(IntCC::UnsignedLessThan, index, WORDS);
                go_on_if(builder, inside, exit);
                word(builder, value, index)
            });
        },
    },
    Case {
        name: "an offset that is computed and used before the index is checked",
        body: |builder, context| {
            let index = builder.argument(context, 0);
            let value = found(builder);
            let eight = builder.constant(8);
            let offset = builder.inner.ins().imul(index, eight);
            builder.store(offset, value, 8);
            let inside = builder.compare(IntCC::UnsignedLessThan, index, WORDS);
            builder.guard(inside);
            let result = word(builder, value, index);
            builder.finish_with(result);
        },
    },
    Case {
        name: "a check of 32 bits, of which the 64-bit copy was made before",
        body: |builder, context| {
            let argument = builder.argument(context, 0);
            let narrow = builder.inner.ins().ireduce(I32, argument);
            let index = builder.inner.ins().uextend(I64, narrow);
            let value = found(builder);
            builder.store(index, value, 0);
            let inside = builder.compare(IntCC::UnsignedLessThan, narrow, WORDS);
            builder.guard(inside);
            let result = word(builder, value, index);
            builder.finish_with(result);
        },
    },
    Case {
        name: "a remainder as an index: multiplied by the inverse if the optimizer sees it",
        body: |builder, context| {
            let argument = builder.argument(context, 0);
            let value = found(builder);
            let ten = builder.constant(10);
            let index = builder.intrinsic(Intrinsic::Urem, &[argument, ten]);
            let result = word(builder, value, index);
            builder.finish_with(result);
        },
    },
    Case {
        name: "a quotient by a variable, and by a constant zero",
        body: |builder, context| {
            let (a, b) = (builder.argument(context, 0), builder.argument(context, 1));
            let zero = builder.constant(0);
            let x = builder.intrinsic(Intrinsic::Udiv, &[a, b]);
            let y = builder.intrinsic(Intrinsic::Urem, &[x, zero]);
            let z = builder.intrinsic(Intrinsic::Sdiv, &[y, zero]);
            builder.finish_with(z);
        },
    },
    Case {
        name: "an index that is spilled between its check and its use",
        body: |builder, context| {
            let kept: Vec<Value> = (0..9)
                .map(|index| {
                    let argument = builder.argument(context, index % 4);
                    let factor = builder.constant(i64::from(index) + 3);
                    builder.inner.ins().imul(argument, factor)
                })
                .collect();
            let index = builder.argument(context, 0);
            let value = found(builder);
            let max = builder.constant(WORDS - 1);
            let index = builder.intrinsic(Intrinsic::Clamp, &[index, max]);
            for _ in 0..3 {
                builder.helper(crate::build::PID_TGID, &[]);
            }
            let mut result = word(builder, value, index);
            for value in kept {
                result = builder.mix(result, value);
            }
            builder.finish_with(result);
        },
    },
    Case {
        name: "two look-ups and an atomic addition to each",
        body: |builder, context| {
            let argument = builder.argument(context, 0);
            for _ in 0..2 {
                let value = found(builder);
                let flags = MemFlagsData::trusted();
                let op = AtomicRmwOp::Add;
                builder
                    .inner
                    .ins()
                    .atomic_rmw(I64, flags, op, value, argument);
            }
            builder.finish_with(argument);
        },
    },
];

/// The map's value, checked and anchored.
fn found(builder: &mut Builder<'_>) -> Value {
    let value = builder.lookup(0);
    builder.intrinsic(Intrinsic::Anchor, &[value])
}

/// A word of a value at a checked index.
fn word(builder: &mut Builder<'_>, value: Value, index: Value) -> Value {
    let max = builder.constant(WORDS - 1);
    let index = builder.intrinsic(Intrinsic::Clamp, &[index, max]);
    let eight = builder.constant(8);
    let offset = builder.inner.ins().imul(index, eight);
    let address = builder.inner.ins().iadd(value, offset);
    builder.load(I64, address, 0)
}

/// Leaves a loop unless the condition holds. Cranelift hoists out of loops only what stands before it
/// has seen a block outside of the loop, so the exit is the loop's own.
fn go_on_if(builder: &mut Builder<'_>, condition: Value, exit: Block) {
    let (go_on, _) = builder.block(&[]);
    builder.branch(condition, go_on, exit);
    builder.switch_to(go_on);
}

/// Runs `body`, which is given the loop's exit, three times and returns the sum of what it gives.
fn in_loop(builder: &mut Builder<'_>, body: impl FnOnce(&mut Builder<'_>, Block) -> Value) {
    let (header, params) = builder.block(&[I64, I64]);
    let (inside, _) = builder.block(&[]);
    let (exit, _) = builder.block(&[]);
    let zero = builder.constant(0);
    builder.jump(header, &[zero, zero]);
    builder.switch_to(header);
    let more = builder.compare(IntCC::UnsignedLessThan, params[0], 3);
    builder.branch(more, inside, exit);
    builder.switch_to(inside);
    let value = body(builder, exit);
    let sum = builder.inner.ins().iadd(params[1], value);
    let one = builder.constant(1);
    let next = builder.inner.ins().iadd(params[0], one);
    builder.jump(header, &[next, sum]);
    builder.switch_to(exit);
    builder.finish_with(params[1]);
}

#[test]
fn the_verifier_accepts_optimized_code() {
    for case in CASES {
        let function = Builder::program(case.body);
        for level in [Level::None, Level::Speed] {
            let program = Program::new(&function, level);
            let map = Map::hash(WORDS as u32 * 8);
            if let Err(log) = try_load(&[program], &[], &[map]) {
                panic!("{} ({level:?}):\n{log}", case.name);
            }
        }
    }
}

/// `bpf_loop`
const LOOP: u32 = 181;

#[test]
fn subprograms_are_called_and_passed_as_callbacks() {
    let add = Builder::function(2, |builder, params| {
        let three = builder.constant(3);
        let product = builder.inner.ins().imul(params[0], three);
        let sum = builder.inner.ins().iadd(product, params[1]);
        builder.inner.ins().return_(&[sum]);
    });
    // Adds the index to the sum that the context points to, with a call of the other one on the way.
    let callback = Builder::function(2, |builder, params| {
        let old = builder.load(I64, params[1], 0);
        let zero = builder.constant(0);
        let tripled = builder.call(namespace::SUBPROGRAM, 0, &[params[0], zero]);
        let new = builder.inner.ins().iadd(old, tripled);
        builder.store(new, params[1], 0);
        builder.inner.ins().return_(&[zero]);
    });
    let main = Builder::program(|builder, context| {
        let slot = builder.slot(8);
        let sum = builder.address(slot, 0);
        let start = builder.argument(context, 0);
        builder.store(start, sum, 0);
        let callee = builder.callee(namespace::SUBPROGRAM, 1, 2);
        let callback = builder.inner.ins().func_addr(I64, callee);
        let times = builder.constant(10);
        let zero = builder.constant(0);
        builder.helper(LOOP, &[times, callback, sum, zero]);
        let total = builder.load(I64, sum, 0);
        let result = builder.call(namespace::SUBPROGRAM, 0, &[total, times]);
        builder.inner.ins().return_(&[result]);
    });
    for level in [Level::None, Level::Speed] {
        let subprograms = [Program::new(&add, level), Program::new(&callback, level)];
        let programs = [Program::new(&main, level), Program::new(&main, level)];
        let mut loaded = crate::kernel::load(&programs, &subprograms, &[]);
        // (5 + 3 * 45) * 3 + 10
        assert_eq!(loaded.run(0, &[5, 0, 0, 0]), 430);
        assert_eq!(loaded.run(1, &[6, 0, 0, 0]), 433);
    }
}
