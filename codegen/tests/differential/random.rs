//! Random programs and arguments, from a seed.

use crate::build::{Builder, PID_TGID, PROBE_READ_KERNEL};
use crate::operations::{OPERATIONS, WIDE};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{
    AtomicRmwOp, Block, BlockCall, Function, InstBuilder, JumpTableData, MemFlagsData, StackSlot,
    Type, Value,
};
use trapline_codegen::namespace::Intrinsic;

/// Bytes of the map value and of the stack slot that programs work on.
pub(crate) const MAP_SIZE: u32 = 64;
const MEMORY_WORDS: u64 = MAP_SIZE as u64 / 8;
/// Blocks nest at most so deep.
const MAX_DEPTH: u32 = 3;
/// Most times that a loop runs.
const MAX_TRIPS: u64 = 4;

/// Operands that have broken code generators before.
const AWKWARD: [u64; 18] = [
    0,
    1,
    2,
    7,
    10,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    1 << 63,
    u64::MAX,
];

/// Xorshift: fast, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Numbers of all sizes, with a liking for awkward ones.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => *self.pick(&AWKWARD),
            1 => self.below(100),
            2 => (self.next() as i32 as i64) as u64,
            _ => self.next() >> self.below(64),
        }
    }
}

/// Arguments for a program.
pub(crate) fn inputs(seed: u64, count: usize) -> Vec<[u64; 4]> {
    let mut random = Random::new(seed ^ 0x5bd1_e995);
    (0..count)
        .map(|_| std::array::from_fn(|_| random.number()))
        .collect()
}

/// A random program.
pub(crate) fn function(seed: u64) -> Function {
    Builder::program(|builder, context| {
        let map_value = builder.lookup(0);
        let map_value = builder.intrinsic(Intrinsic::Anchor, &[map_value]);
        let stack = builder.slot(MAP_SIZE);
        let pool: Vec<Value> = (0..4)
            .map(|index| builder.argument(context, index))
            .collect();
        for word in 0..MEMORY_WORDS as i32 {
            let value = pool[word as usize % pool.len()];
            builder.store(value, map_value, word * 8);
            let address = builder.address(stack, 0);
            builder.store(value, address, word * 8);
        }
        let mut generator = Generator {
            random: Random::new(seed),
            builder,
            pool,
            map_value,
            stack,
            depth: 0,
            loops: 0,
        };
        let count = 8 + generator.random.below(16);
        generator.statements(count);
        generator.finish();
    })
}

struct Generator<'a, 'b> {
    random: Random,
    builder: &'a mut Builder<'b>,
    /// Values of 64 bits that can be used here.
    pool: Vec<Value>,
    map_value: Value,
    stack: StackSlot,
    depth: u32,
    loops: u32,
}

impl Generator<'_, '_> {
    fn value(&mut self) -> Value {
        if self.random.below(4) == 0 {
            let number = self.random.number();
            return self.builder.constant(number as i64);
        }
        *self.random.pick(&self.pool)
    }

    fn ty(&mut self) -> Type {
        *self.random.pick(&[I8, I16, I32, I64, I64, I64])
    }

    /// Extends to 64 bits, one way or the other.
    fn widen(&mut self, value: Value) -> Value {
        if self.random.below(2) == 0 {
            self.builder.zero_extend(value)
        } else {
            self.builder.sign_extend(value)
        }
    }

    fn statements(&mut self, count: u64) {
        for _ in 0..count {
            let value = self.statement();
            self.pool.push(value);
        }
    }

    fn statement(&mut self) -> Value {
        let nested = self.depth < MAX_DEPTH;
        match self.random.below(20) {
            0..=9 => self.operation(),
            10 => self.stack_access(),
            11 => self.map_access(),
            12 => self.atomic(),
            13 => self.compare_exchange(),
            14 => self.copy_by_helper(),
            15 => {
                self.builder.helper(PID_TGID, &[]);
                self.value()
            }
            16 | 17 if nested => self.diamond(),
            18 if nested && self.loops < 2 => self.bounded_loop(),
            19 if nested => self.table(),
            _ => self.operation(),
        }
    }

    fn operation(&mut self) -> Value {
        let operation = self.random.pick(OPERATIONS);
        let ty = *self.random.pick(operation.types());
        let values = [self.value(), self.value(), self.value()];
        let result = operation.apply(self.builder, ty, values);
        self.widen(result)
    }

    /// A place in memory that is aligned for the type, and its type.
    fn place(&mut self) -> (Type, i32) {
        let ty = self.ty();
        let count = u64::from(MAP_SIZE / ty.bytes());
        (
            ty,
            (self.random.below(count) * u64::from(ty.bytes())) as i32,
        )
    }

    fn store_and_load(&mut self, base: Value) -> Value {
        let (ty, offset) = self.place();
        let value = self.value();
        let value = self.builder.reduce(ty, value);
        self.builder.store(value, base, offset);
        let (ty, offset) = self.place();
        let flags = MemFlagsData::trusted();
        let ins = self.builder.inner.ins();
        match ty {
            I8 => ins.sload8(I64, flags, base, offset),
            I16 => ins.sload16(I64, flags, base, offset),
            _ => {
                let loaded = ins.load(ty, flags, base, offset);
                self.widen(loaded)
            }
        }
    }

    fn stack_access(&mut self) -> Value {
        let base = self.builder.address(self.stack, 0);
        self.store_and_load(base)
    }

    /// The address of a word in the map's value whose index is not known.
    fn word_address(&mut self) -> Value {
        let index = self.value();
        let max = self.builder.constant(MEMORY_WORDS as i64 - 1);
        let index = self.builder.intrinsic(Intrinsic::Clamp, &[index, max]);
        let eight = self.builder.constant(8);
        let offset = self.builder.inner.ins().imul(index, eight);
        self.builder.inner.ins().iadd(self.map_value, offset)
    }

    fn map_access(&mut self) -> Value {
        if self.random.below(2) == 0 {
            return self.store_and_load(self.map_value);
        }
        let address = self.word_address();
        let value = self.value();
        self.builder.store(value, address, 0);
        let address = self.word_address();
        self.builder.load(I64, address, 0)
    }

    fn atomic(&mut self) -> Value {
        let op = *self.random.pick(&[
            AtomicRmwOp::Add,
            AtomicRmwOp::Sub,
            AtomicRmwOp::Or,
            AtomicRmwOp::And,
            AtomicRmwOp::Xor,
            AtomicRmwOp::Xchg,
        ]);
        let ty = *self.random.pick(WIDE);
        let address = self.word_address();
        let value = self.value();
        let operand = self.builder.reduce(ty, value);
        let flags = MemFlagsData::trusted();
        let old = self
            .builder
            .inner
            .ins()
            .atomic_rmw(ty, flags, op, address, operand);
        if self.random.below(2) == 0 {
            self.widen(old)
        } else {
            value
        }
    }

    fn compare_exchange(&mut self) -> Value {
        let ty = *self.random.pick(WIDE);
        let address = self.word_address();
        let expected = if self.random.below(2) == 0 {
            self.builder.load(ty, address, 0)
        } else {
            let value = self.value();
            self.builder.reduce(ty, value)
        };
        let value = self.value();
        let value = self.builder.reduce(ty, value);
        let flags = MemFlagsData::trusted();
        let old = self
            .builder
            .inner
            .ins()
            .atomic_cas(flags, address, expected, value);
        self.widen(old)
    }

    /// Copies a word of the stack to another.
    fn copy_by_helper(&mut self) -> Value {
        let to = self.random.below(MEMORY_WORDS) as i32 * 8;
        let from = self.random.below(MEMORY_WORDS) as i32 * 8;
        let to = self.builder.address(self.stack, to);
        let from = self.builder.address(self.stack, from);
        let size = self.builder.constant(8);
        let result = self.builder.helper(PROBE_READ_KERNEL, &[to, size, from]);
        let copied = self.builder.load(I64, to, 0);
        self.builder.inner.ins().iadd(copied, result)
    }

    /// Some statements whose values are not seen outside; gives one of them.
    fn scope(&mut self) -> Value {
        let outer = self.pool.len();
        self.depth += 1;
        let count = 1 + self.random.below(4);
        self.statements(count);
        self.depth -= 1;
        let value = *self.random.pick(&self.pool);
        self.pool.truncate(outer);
        value
    }

    fn diamond(&mut self) -> Value {
        let (a, b) = (self.value(), self.value());
        let ty = self.ty();
        let (a, b) = (self.builder.reduce(ty, a), self.builder.reduce(ty, b));
        let cc = *self.random.pick(&[
            IntCC::Equal,
            IntCC::UnsignedLessThan,
            IntCC::SignedGreaterThanOrEqual,
        ]);
        let condition = self.builder.inner.ins().icmp(cc, a, b);
        let (then, _) = self.builder.block(&[]);
        let (otherwise, _) = self.builder.block(&[]);
        let (join, params) = self.builder.block(&[I64]);
        if self.random.below(3) == 0 {
            // A critical edge with an argument.
            let value = self.value();
            self.builder
                .inner
                .ins()
                .brif(condition, then, &[], join, &[value.into()]);
        } else {
            self.builder.branch(condition, then, otherwise);
            self.builder.switch_to(otherwise);
            let value = self.scope();
            self.builder.jump(join, &[value]);
        }
        self.builder.switch_to(then);
        let value = self.scope();
        self.builder.jump(join, &[value]);
        self.builder.switch_to(join);
        params[0]
    }

    fn bounded_loop(&mut self) -> Value {
        let trips = 1 + self.random.below(MAX_TRIPS);
        let (header, params) = self.builder.block(&[I64, I64, I64]);
        let (body, _) = self.builder.block(&[]);
        let (exit, _) = self.builder.block(&[]);
        let start = self.builder.constant(0);
        let (a, b) = (self.value(), self.value());
        self.builder.jump(header, &[start, a, b]);
        self.builder.switch_to(header);
        let &[count, first, second] = params.as_slice() else {
            unreachable!("the block was made with three parameters")
        };
        let more = self
            .builder
            .compare(IntCC::UnsignedLessThan, count, trips as i64);
        self.builder.branch(more, body, exit);
        self.builder.switch_to(body);
        self.loops += 1;
        self.pool.extend([first, second]);
        let value = self.scope();
        let kept = self.pool.len() - 2;
        self.pool.truncate(kept);
        self.loops -= 1;
        let one = self.builder.constant(1);
        let next = self.builder.inner.ins().iadd(count, one);
        self.builder.jump(header, &[next, second, value]);
        self.builder.switch_to(exit);
        self.builder.mix(first, second)
    }

    fn table(&mut self) -> Value {
        let index = self.value();
        let mask = self.builder.constant(7);
        let index = self.builder.inner.ins().band(index, mask);
        let index = self.builder.reduce(I32, index);
        let (join, params) = self.builder.block(&[I64]);
        let values: Vec<Value> = (0..3).map(|_| self.value()).collect();
        let arms: Vec<_> = (0..2).map(|_| self.builder.block(&[]).0).collect();
        let targets: Vec<(Block, Option<Value>)> = values
            .iter()
            .map(|&value| (join, Some(value)))
            .chain(arms.iter().map(|&arm| (arm, None)))
            .collect();
        let mut entries = vec![targets[3], targets[4]];
        entries.extend((0..4).map(|_| *self.random.pick(&targets)));
        // Each entry has a list of arguments of its own: optimizers change them in place.
        let lists = &mut self.builder.inner.func.dfg.value_lists;
        let mut call = |(block, value): (Block, Option<Value>)| {
            BlockCall::new(block, value.map(Into::into), lists)
        };
        let default = call(targets[0]);
        let entries: Vec<BlockCall> = entries.into_iter().map(call).collect();
        let table = JumpTableData::new(default, &entries);
        let table = self.builder.inner.create_jump_table(table);
        self.builder.inner.ins().br_table(index, table);
        for arm in arms {
            self.builder.switch_to(arm);
            let value = self.scope();
            self.builder.jump(join, &[value]);
        }
        self.builder.switch_to(join);
        params[0]
    }

    /// Returns everything that was computed, memory included.
    fn finish(mut self) {
        let mut result = self.builder.constant(1);
        for value in std::mem::take(&mut self.pool) {
            result = self.builder.mix(result, value);
        }
        for word in 0..MEMORY_WORDS as i32 {
            let value = self.builder.load(I64, self.map_value, word * 8);
            result = self.builder.mix(result, value);
            let address = self.builder.address(self.stack, 0);
            let value = self.builder.load(I64, address, word * 8);
            result = self.builder.mix(result, value);
        }
        self.builder.finish_with(result);
    }
}
