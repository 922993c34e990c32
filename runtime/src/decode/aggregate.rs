//! Aggregations: the values of all CPUs in (laid out as [`aggregation_words`] says), one value out.

use crate::value::{Bucket, Histogram, Point, Scale, Stats, TimeSeries, Value};
use std::collections::BTreeMap;
use trapline_codegen::object::{SERIES_WORDS, aggregation_words};
use trapline_lang::types::{Aggregation, Reduce};

/// Most sub-buckets of a power of two, as a power of two.
const MAX_SUB_BITS: u8 = 5;

/// Merges what the CPUs counted.
pub(super) fn merge(aggregation: Aggregation, cpus: &[Vec<u8>]) -> Value {
    let Some(words) = words(aggregation) else {
        return Value::Invalid(format!("{} without buckets", aggregation.name()));
    };
    if let Some(short) = cpus.iter().find(|bytes| bytes.len() / 8 < words) {
        return Value::Invalid(format!("{} of {} bytes", aggregation.name(), short.len()));
    }
    match aggregation {
        Aggregation::Count => Value::Int(total(cpus, 0, false)),
        Aggregation::Sum { signed } => Value::Int(total(cpus, 0, signed)),
        Aggregation::Min { signed } => extreme(cpus, signed, i128::min),
        Aggregation::Max { signed } => extreme(cpus, signed, i128::max),
        Aggregation::Avg { signed } => {
            let (total, count) = (total(cpus, 0, signed), total(cpus, 1, false));
            Value::Int(average(total, count))
        }
        Aggregation::Stats { signed } => {
            let (count, total) = (total(cpus, 0, false), total(cpus, 1, signed));
            Value::Stats(Stats {
                count: count as u64,
                average: average(total, count),
                total,
            })
        }
        Aggregation::Hist { sub_bits } => {
            histogram(Scale::Log2 { sub_bits }, &counts(cpus, words), |index| {
                log2_bounds(index, sub_bits)
            })
        }
        Aggregation::Lhist { min, max, step } => {
            histogram(Scale::Linear { step }, &counts(cpus, words), |index| {
                linear_bounds(
                    index,
                    words,
                    i128::from(min),
                    i128::from(max),
                    i128::from(step),
                )
            })
        }
        Aggregation::TimeSeries {
            signed,
            interval,
            count,
            reduce,
        } => time_series((interval, count as usize), reduce, signed, cpus),
    }
}

/// Multiplies what counts events, where only one of so many was seen. Extremes and averages stay.
pub(super) fn scale(value: &mut Value, aggregation: Aggregation, by: u32) {
    match (value, aggregation) {
        (Value::Int(number), Aggregation::Count | Aggregation::Sum { .. }) => {
            *number *= i128::from(by);
        }
        (Value::Stats(stats), _) => {
            stats.count = stats.count.saturating_mul(by.into());
            stats.total *= i128::from(by);
        }
        (Value::Histogram(histogram), _) => {
            for bucket in &mut histogram.buckets {
                bucket.count = bucket.count.saturating_mul(by.into());
            }
        }
        _ => {}
    }
}

/// The last intervals up to the latest that any CPU saw something in.
fn time_series(
    (interval, count): (u64, usize),
    reduce: Reduce,
    signed: bool,
    cpus: &[Vec<u8>],
) -> Value {
    // Intervals by number: value or total, and how many values made it.
    let mut seen: BTreeMap<u64, (i128, i128)> = BTreeMap::new();
    for bytes in cpus {
        for slot in (0..count).map(|slot| slot * SERIES_WORDS as usize) {
            let (value, times) = (number(word(bytes, slot + 1), signed), word(bytes, slot + 2));
            if times == 0 {
                continue;
            }
            let entry = seen.entry(word(bytes, slot));
            let times = i128::from(times);
            entry
                .and_modify(|(kept, before)| {
                    *kept = match reduce {
                        Reduce::Last => value,
                        Reduce::Sum | Reduce::Avg => *kept + value,
                        Reduce::Min => value.min(*kept),
                        Reduce::Max => value.max(*kept),
                    };
                    *before += times;
                })
                .or_insert((value, times));
        }
    }
    let Some((&last, _)) = seen.last_key_value() else {
        return Value::TimeSeries(TimeSeries { points: Vec::new() });
    };
    let oldest = last.saturating_sub(count as u64 - 1);
    let first = seen
        .range(oldest..)
        .next()
        .map_or(last, |(first, _)| *first);
    let points = (first..=last).map(|at| Point {
        start: at.saturating_mul(interval),
        time: String::new(),
        value: seen.get(&at).map(|&(value, times)| match reduce {
            Reduce::Avg => average(value, times),
            _ => value,
        }),
    });
    Value::TimeSeries(TimeSeries {
        points: points.collect(),
    })
}

/// Words of one CPU's value; `None` if the aggregation's parameters make no sense.
fn words(aggregation: Aggregation) -> Option<usize> {
    let sensible = match aggregation {
        Aggregation::Hist { sub_bits } => sub_bits <= MAX_SUB_BITS,
        Aggregation::Lhist { min, max, step } => {
            step > 0 && max.checked_sub(min).is_some_and(|range| range > 0)
        }
        Aggregation::TimeSeries {
            interval, count, ..
        } => interval > 0 && count > 0,
        _ => true,
    };
    sensible.then(|| aggregation_words(aggregation) as usize)
}

/// The 64-bit word at an index; 0 if the bytes end before it.
fn word(bytes: &[u8], index: usize) -> u64 {
    bytes
        .get(index * 8..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |word| u64::from_le_bytes(*word))
}

/// The number that a word is.
fn number(word: u64, signed: bool) -> i128 {
    if signed {
        i128::from(word as i64)
    } else {
        i128::from(word)
    }
}

/// The sum of a word over the CPUs; it wraps at 64 bits as one counter would.
fn total(cpus: &[Vec<u8>], index: usize, signed: bool) -> i128 {
    let sum = cpus
        .iter()
        .fold(0u64, |sum, bytes| sum.wrapping_add(word(bytes, index)));
    number(sum, signed)
}

/// The lowest or highest of what the CPUs saw, of those that saw any; 0 if none did.
fn extreme(cpus: &[Vec<u8>], signed: bool, choose: fn(i128, i128) -> i128) -> Value {
    let seen = cpus.iter().filter(|bytes| word(bytes, 1) != 0);
    let values = seen.map(|bytes| number(word(bytes, 0), signed));
    Value::Int(values.reduce(choose).unwrap_or(0))
}

fn average(total: i128, count: i128) -> i128 {
    total.checked_div(count).unwrap_or(0)
}

/// Counts of the buckets, summed over the CPUs.
fn counts(cpus: &[Vec<u8>], buckets: usize) -> Vec<u64> {
    let sum = |index| {
        cpus.iter()
            .fold(0u64, |sum, bytes| sum.wrapping_add(word(bytes, index)))
    };
    (0..buckets).map(sum).collect()
}

/// The buckets from the first to the last that counted anything.
fn histogram(
    scale: Scale,
    counts: &[u64],
    bounds: impl Fn(usize) -> (Option<i128>, Option<i128>),
) -> Value {
    let first = counts.iter().position(|count| *count > 0);
    let last = counts.iter().rposition(|count| *count > 0);
    let range = first
        .zip(last)
        .map_or(0..0, |(first, last)| first..last + 1);
    let buckets = range
        .map(|index| {
            let (low, high) = bounds(index);
            Bucket {
                low,
                high,
                count: counts[index],
            }
        })
        .collect();
    Value::Histogram(Histogram { scale, buckets })
}

/// Bounds of a bucket of `hist()`.
fn log2_bounds(index: usize, sub_bits: u8) -> (Option<i128>, Option<i128>) {
    let start = |step: usize| {
        let parts = 1usize << sub_bits;
        if step < 2 * parts {
            return step as i128;
        }
        ((parts + (step & (parts - 1))) as i128) << ((step >> sub_bits) - 1)
    };
    match index.checked_sub(1) {
        None => (None, Some(0)),
        Some(step) => (Some(start(step)), Some(start(step + 1))),
    }
}

/// Bounds of a bucket of `lhist()`.
fn linear_bounds(
    index: usize,
    buckets: usize,
    min: i128,
    max: i128,
    step: i128,
) -> (Option<i128>, Option<i128>) {
    if index == 0 {
        return (None, Some(min));
    }
    if index + 1 == buckets {
        return (Some(max), None);
    }
    let low = min + (index as i128 - 1) * step;
    (Some(low), Some((low + step).min(max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn buckets(value: Value) -> Vec<(Option<i128>, Option<i128>, u64)> {
        let Value::Histogram(histogram) = value else {
            panic!("no histogram: {value:?}")
        };
        histogram
            .buckets
            .into_iter()
            .map(|b| (b.low, b.high, b.count))
            .collect()
    }

    #[test]
    fn numbers_merge_over_cpus() {
        let minus = |n: i64| n as u64;
        let pair = |a, b| vec![cpu(&[a, b]), cpu(&[0, 0])];
        for (aggregation, cpus, expected) in [
            (Aggregation::Count, vec![cpu(&[2]), cpu(&[3])], 5),
            (
                Aggregation::Sum { signed: true },
                vec![cpu(&[10]), cpu(&[minus(-20)])],
                -10,
            ),
            (
                Aggregation::Sum { signed: false },
                vec![cpu(&[u64::MAX])],
                u64::MAX.into(),
            ),
            // The other CPU saw nothing; its 0 does not count.
            (Aggregation::Min { signed: false }, pair(7, 1), 7),
            (Aggregation::Max { signed: true }, pair(minus(-7), 1), -7),
            (Aggregation::Max { signed: false }, vec![cpu(&[0, 0])], 0),
            (Aggregation::Avg { signed: true }, pair(minus(-40), 2), -20),
            (Aggregation::Avg { signed: false }, vec![cpu(&[0, 0])], 0),
        ] {
            assert_eq!(
                merge(aggregation, &cpus),
                Value::Int(expected),
                "{aggregation:?}"
            );
        }
        assert_eq!(
            merge(
                Aggregation::Stats { signed: true },
                &[cpu(&[3, minus(-10)])]
            ),
            Value::Stats(Stats {
                count: 3,
                average: -3,
                total: -10
            })
        );
    }

    #[test]
    fn short_values_are_invalid_not_fatal() {
        let merged = merge(Aggregation::Avg { signed: false }, &[vec![1, 2, 3]]);
        assert_eq!(merged, Value::Invalid("avg of 3 bytes".into()));
        let merged = merge(Aggregation::Hist { sub_bits: 0 }, &[vec![1]]);
        assert_eq!(merged, Value::Invalid("hist of 1 bytes".into()));
        let endless = Aggregation::Lhist {
            min: i64::MIN,
            max: i64::MAX,
            step: 0,
        };
        assert_eq!(
            merge(endless, &[]),
            Value::Invalid("lhist without buckets".into())
        );
    }

    #[test]
    fn power_of_two_buckets() {
        let mut words = vec![0; 66];
        (words[0], words[1], words[2], words[3], words[65]) = (1, 2, 3, 4, 5);
        let merged = buckets(merge(Aggregation::Hist { sub_bits: 0 }, &[cpu(&words)]));
        assert_eq!(merged[0], (None, Some(0), 1));
        assert_eq!(merged[1], (Some(0), Some(1), 2));
        assert_eq!(merged[2], (Some(1), Some(2), 3));
        assert_eq!(merged[3], (Some(2), Some(4), 4));
        assert_eq!(merged[65], (Some(1 << 63), Some(1 << 64), 5));
    }

    #[test]
    fn sub_buckets_agree_with_the_formula_of_the_layout() {
        let sub_bits = 2;
        for n in [0u64, 1, 7, 8, 9, 10, 224, 255, 256, 1 << 40, u64::MAX] {
            let (k, parts) = (u32::from(sub_bits), 1u64 << sub_bits);
            let index = if n < parts {
                1 + n
            } else {
                let e = n.ilog2();
                1 + u64::from(e - k + 1) * parts + ((n >> (e - k)) & (parts - 1))
            };
            let (low, high) = log2_bounds(index as usize, sub_bits);
            let n = i128::from(n);
            assert!(low <= Some(n) && Some(n) < high, "{n}: {low:?}..{high:?}");
        }
        assert_eq!(log2_bounds(1 + 27, 2), (Some(224), Some(256)));
    }

    #[test]
    fn linear_buckets_have_ends() {
        let aggregation = Aggregation::Lhist {
            min: 0,
            max: 95,
            step: 50,
        };
        let merged = buckets(merge(aggregation, &[cpu(&[1, 2, 0, 4])]));
        let ends = [
            (None, Some(0), 1),
            (Some(0), Some(50), 2),
            (Some(50), Some(95), 0),
        ];
        assert_eq!(merged[..3], ends);
        assert_eq!(merged[3], (Some(95), None, 4));
    }
}
