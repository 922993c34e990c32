//! Aggregations: adding an event to one, and the number that one stands for.
//!
//! How their values lie in memory stands at [`crate::object::aggregation_words`].

use super::build::Mem;
use super::lower::{Lower, Result};
use super::routine;
use crate::helper;
use crate::namespace::Intrinsic;
use crate::object::{Counter, SERIES_WORDS, bucket_count};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AtomicRmwOp, Value};
use trapline_lang::hir::{Edge, Expr, MapId};
use trapline_lang::source::Span;
use trapline_lang::types::{Aggregation, Reduce, Type};

/// Bytes of a word.
const WORD: u32 = 8;

impl<'s> Lower<'_, 's, '_> {
    /// `@m[k] = count()` and its kin.
    pub(crate) fn aggregate(
        &mut self,
        map: MapId,
        key: &'s [Expr],
        value: Option<&'s Expr>,
    ) -> Result<()> {
        let declared = &self.module.script.maps[map.index()];
        let Type::Aggregation(aggregation) = declared.value else {
            return self.malformed("an aggregation into a map that holds none", declared.span);
        };
        if let Some(known) = value.and_then(|value| self.timed(value)) {
            return self.either(
                known,
                |lower| lower.add_to_aggregation(map, aggregation, key, value),
                |lower| match lower.program.event.edge() {
                    // A call that never returns has none.
                    Some(Edge::Enter) => Ok(()),
                    _ => lower.count_failure(Counter::NoLatency),
                },
            );
        }
        self.add_to_aggregation(map, aggregation, key, value)
    }

    fn add_to_aggregation(
        &mut self,
        map: MapId,
        aggregation: Aggregation,
        key: &'s [Expr],
        value: Option<&'s Expr>,
    ) -> Result<()> {
        let atomic = self.module.layout(map).atomic;
        let number = match value {
            Some(value) => self.scalar(value)?,
            None => self.b.int(1),
        };
        // Which bucket it is, is computed before the look-up: nothing is alive across helper calls then.
        let number = match aggregation {
            Aggregation::Hist { sub_bits } => {
                let signed = value
                    .and_then(|value| value.ty.int())
                    .is_some_and(|int| int.signed);
                self.log_bucket(number, signed, sub_bits)
            }
            Aggregation::Lhist { min, max, step } => {
                let signed = value
                    .and_then(|value| value.ty.int())
                    .is_some_and(|int| int.signed);
                let last = i64::from(bucket_count(aggregation)) - 1;
                self.linear_bucket(number, signed, (min, max, step), last)
            }
            _ => number,
        };
        let moment = match aggregation {
            Aggregation::TimeSeries {
                interval, count, ..
            } => Some(self.moment(interval, count)),
            _ => None,
        };
        let key = self.key(map, key)?;
        self.with_entry(map, key, |lower, pointer| {
            let first = Mem::at(pointer);
            let second = first.plus(WORD);
            match aggregation {
                Aggregation::Count | Aggregation::Sum { .. } => {
                    lower.add_word(first, number, atomic);
                    Ok(())
                }
                Aggregation::Avg { .. } => {
                    let one = lower.b.int(1);
                    lower.add_word(first, number, atomic);
                    lower.add_word(second, one, atomic);
                    Ok(())
                }
                Aggregation::Stats { .. } => {
                    let one = lower.b.int(1);
                    lower.add_word(first, one, atomic);
                    lower.add_word(second, number, atomic);
                    Ok(())
                }
                Aggregation::Min { signed } => lower.keep_extreme(first, number, less(signed)),
                Aggregation::Max { signed } => lower.keep_extreme(first, number, greater(signed)),
                Aggregation::Hist { .. } | Aggregation::Lhist { .. } => {
                    let last = i64::from(bucket_count(aggregation)) - 1;
                    let bucket = lower.b.clamp(number, last);
                    let offset = lower.b.shl_int(bucket, 3);
                    let bucket = lower.b.add(pointer, offset);
                    let one = lower.b.int(1);
                    lower.add_word(Mem::at(bucket), one, atomic);
                    Ok(())
                }
                Aggregation::TimeSeries {
                    signed,
                    count,
                    reduce,
                    ..
                } => {
                    let Some((interval, index)) = moment else {
                        return Ok(());
                    };
                    let index = lower.b.clamp(index, i64::from(count) - 1);
                    let size = lower.b.int((SERIES_WORDS * WORD).into());
                    let offset = lower.b.mul(index, size);
                    let slot = Mem::at(lower.b.add(pointer, offset));
                    lower.add_to_interval(slot, interval, number, reduce, signed)
                }
            }
        })
    }

    /// The number of the present interval of a time series, and where it stands.
    fn moment(&mut self, interval: u64, count: u32) -> (Value, Value) {
        let now = self.b.call(helper::KTIME_GET_BOOT_NS, &[]);
        let interval = self.b.int(interval as i64);
        let number = self.b.intrinsic(Intrinsic::Udiv, &[now, interval]);
        let count = self.b.int(count.into());
        let index = self.b.intrinsic(Intrinsic::Urem, &[number, count]);
        (number, index)
    }

    /// Adds a value to an interval of a time series; what stands there from an older one goes.
    fn add_to_interval(
        &mut self,
        slot: Mem,
        interval: Value,
        value: Value,
        reduce: Reduce,
        signed: bool,
    ) -> Result<()> {
        let (kept, times) = (slot.plus(WORD), slot.plus(2 * WORD));
        let before = self.b.load_word(slot);
        let count = self.b.load_word(times);
        let other = self.b.xor(before, interval);
        let unused = self.b.compare_int(IntCC::Equal, count, 0);
        let unused = self.b.truth(unused);
        let fresh = self.b.or(other, unused);
        let fresh = self.b.compare_int(IntCC::NotEqual, fresh, 0);
        self.either(
            fresh,
            |lower| {
                lower.b.store_word(slot, interval);
                lower.b.store_word(kept, value);
                lower.b.store_int(times, WORD, 1);
                Ok(())
            },
            |lower| {
                let old = lower.b.load_word(kept);
                let new = match reduce {
                    Reduce::Last => value,
                    Reduce::Sum | Reduce::Avg => lower.b.add(old, value),
                    Reduce::Min | Reduce::Max => {
                        let beats = match reduce {
                            Reduce::Min => less(signed),
                            _ => greater(signed),
                        };
                        let better = lower.b.compare(beats, value, old);
                        lower.b.select(better, value, old)
                    }
                };
                lower.b.store_word(kept, new);
                let count = lower.b.add_int(count, 1);
                lower.b.store_word(times, count);
                Ok(())
            },
        )
    }

    fn add_word(&mut self, to: Mem, value: Value, atomic: bool) {
        if atomic {
            self.b.atomic(AtomicRmwOp::Add, to, WORD, value);
        } else {
            let old = self.b.load_word(to);
            let new = self.b.add(old, value);
            self.b.store_word(to, new);
        }
    }

    /// Keeps a value if none is kept or it beats the one that is.
    fn keep_extreme(&mut self, kept: Mem, value: Value, beats: IntCC) -> Result<()> {
        let set = self.b.load_word(kept.plus(WORD));
        let old = self.b.load_word(kept);
        let unset = self.b.compare_int(IntCC::Equal, set, 0);
        let better = self.b.compare(beats, value, old);
        let keep = self.b.or(unset, better);
        self.when(keep, |lower| {
            lower.b.store_word(kept, value);
            lower.b.store_int(kept.plus(WORD), WORD, 1);
            Ok(())
        })
    }

    /// The bucket of `hist(n, k)`, without a branch: the verifier would follow each both ways.
    fn log_bucket(&mut self, n: Value, signed: bool, sub_bits: u8) -> Value {
        // floor(log2(n)), by halves.
        let mut rest = n;
        let mut log = self.b.int(0);
        for half in [32, 16, 8, 4, 2, 1] {
            // What lies above the lower half is smaller than 2^32, so its negation shows whether it is zero.
            let above = self.b.shr_int(rest, half);
            let negated = self.b.neg(above);
            let bit = self.b.shr_int(negated, 63);
            let part = self.b.shl_int(bit, half.trailing_zeros().into());
            rest = self.b.shr(rest, part);
            log = self.b.or(log, part);
        }
        let bucket = if sub_bits == 0 {
            // 1 for zero, 2 + log for all others.
            let negated = self.b.neg(n);
            let either = self.b.or(n, negated);
            let some = self.b.shr_int(either, 63);
            let bucket = self.b.add(log, some);
            self.b.add_int(bucket, 1)
        } else {
            let sub = i64::from(sub_bits);
            let small = self.b.compare_int(IntCC::UnsignedLessThan, n, 1 << sub);
            let own = self.b.add_int(n, 1);
            let power = self.b.add_int(log, -sub);
            let within = self.b.shr(n, power);
            let within = self.b.and_int(within, (1 << sub) - 1);
            let power = self.b.add_int(power, 1);
            let start = self.b.shl_int(power, sub);
            let shared = self.b.add(start, within);
            let shared = self.b.add_int(shared, 1);
            self.b.select(small, own, shared)
        };
        if !signed {
            return bucket;
        }
        let negative = self.b.compare_int(IntCC::SignedLessThan, n, 0);
        let zero = self.b.int(0);
        self.b.select(negative, zero, bucket)
    }

    /// The bucket of `lhist(n, min, max, step)`.
    fn linear_bucket(
        &mut self,
        n: Value,
        signed: bool,
        (min, max, step): (i64, i64, i64),
        last: i64,
    ) -> Value {
        let distance = self.b.add_int(n, min.wrapping_neg());
        let step = self.b.int(step);
        let bucket = self.b.intrinsic(Intrinsic::Udiv, &[distance, step]);
        let bucket = self.b.add_int(bucket, 1);
        let above = self.b.compare_int(IntCC::SignedGreaterThanOrEqual, n, max);
        let last = self.b.int(last);
        let bucket = self.b.select(above, last, bucket);
        let below = self.b.compare_int(IntCC::SignedLessThan, n, min);
        let zero = self.b.int(0);
        let bucket = self.b.select(below, zero, bucket);
        if signed {
            return bucket;
        }
        // Bounds are signed: what has the highest bit set is above them all.
        let huge = self.b.compare_int(IntCC::SignedLessThan, n, 0);
        self.b.select(huge, last, bucket)
    }

    /// The number that an aggregation stands for, over all CPUs.
    pub(crate) fn read_aggregation(
        &mut self,
        map: MapId,
        aggregation: Aggregation,
        kernel_map: u32,
        key: Mem,
        span: Span,
    ) -> Result<Value> {
        if matches!(
            aggregation,
            Aggregation::Hist { .. } | Aggregation::Lhist { .. } | Aggregation::TimeSeries { .. }
        ) {
            return self.not_supported("a histogram or a time series as a number", span);
        }
        let zero = self.b.int(0);
        let first = self.b.variable(zero);
        let second = self.b.variable(zero);
        let merge = |lower: &mut Self, pointer: Value| {
            let value = lower.b.load_word(Mem::at(pointer));
            let total = lower.b.get(first);
            match aggregation {
                Aggregation::Min { signed } => {
                    return lower.merge_extreme((first, second), pointer, value, less(signed));
                }
                Aggregation::Max { signed } => {
                    return lower.merge_extreme((first, second), pointer, value, greater(signed));
                }
                Aggregation::Avg { .. } | Aggregation::Stats { .. } => {
                    let other = lower.b.load_word(Mem::at(pointer).plus(WORD));
                    let before = lower.b.get(second);
                    let other = lower.b.add(before, other);
                    lower.b.set(second, other);
                }
                _ => {}
            }
            let total = lower.b.add(total, value);
            lower.b.set(first, total);
            Ok(())
        };
        if self.module.layout(map).per_cpu {
            self.each_cpu(kernel_map, key, span, merge)?;
        } else {
            let pointer = routine::look_up(&mut self.b, kernel_map, key);
            self.when_found(pointer, merge)?;
        }
        let (first, second) = (self.b.get(first), self.b.get(second));
        let (total, count, signed) = match aggregation {
            Aggregation::Avg { signed } => (first, second, signed),
            Aggregation::Stats { signed } => (second, first, signed),
            Aggregation::Count | Aggregation::Sum { .. } => {
                let scale = self.module.script.maps[map.index()].scale;
                if scale == 1 {
                    return Ok(first);
                }
                let scale = self.b.int(scale.into());
                return Ok(self.b.mul(first, scale));
            }
            _ => return Ok(first),
        };
        let divide = if signed {
            Intrinsic::Sdiv
        } else {
            Intrinsic::Udiv
        };
        Ok(self.b.intrinsic(divide, &[total, count]))
    }

    /// Takes over another CPU's extreme if it has one that beats what was seen so far.
    fn merge_extreme(
        &mut self,
        (kept, any): (cranelift_frontend::Variable, cranelift_frontend::Variable),
        pointer: Value,
        value: Value,
        beats: IntCC,
    ) -> Result<()> {
        let set = self.b.load_word(Mem::at(pointer).plus(WORD));
        let set = self.b.compare_int(IntCC::NotEqual, set, 0);
        self.when(set, |lower| {
            let (old, seen) = (lower.b.get(kept), lower.b.get(any));
            let first = lower.b.compare_int(IntCC::Equal, seen, 0);
            let better = lower.b.compare(beats, value, old);
            let take = lower.b.or(first, better);
            let new = lower.b.select(take, value, old);
            lower.b.set(kept, new);
            let one = lower.b.int(1);
            lower.b.set(any, one);
            Ok(())
        })
    }
}

fn less(signed: bool) -> IntCC {
    if signed {
        IntCC::SignedLessThan
    } else {
        IntCC::UnsignedLessThan
    }
}

fn greater(signed: bool) -> IntCC {
    if signed {
        IntCC::SignedGreaterThan
    } else {
        IntCC::UnsignedGreaterThan
    }
}
