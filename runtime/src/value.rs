//! What scripts print, as data.
//!
//! [`crate::decode`] makes values from bytes; sinks ([`crate::output`]) give them a form. Nothing here reads
//! a map, a file or a clock: names are resolved before they become part of a value.

use crate::symbol::FilePlace;
use std::cmp::Ordering;
use trapline_lang::types::{AddressSpace, StackMode};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: what `print()` and its kin give.
    None,
    /// `true`, `false`
    Bool(bool),
    /// An integer of any width and sign.
    Int(i128),
    /// The bytes of a string, without its NUL.
    Str(Vec<u8>),
    /// Bytes with a length.
    Buffer(Vec<u8>),
    /// `(a, b)`
    Tuple(Vec<Value>),
    /// `{ .a = 1, .b = 2 }`: a record or a struct.
    Record(Vec<(String, Value)>),
    /// `[1,2]`
    Array(Vec<Value>),
    /// An address.
    Pointer(u64),
    /// A number that prints as its name: a user, a system call, an error, a symbol, a time.
    Name {
        /// What prints.
        text: String,
        /// What it stands for.
        number: u64,
    },
    /// A constant of an enum.
    Enum {
        /// `None` if no constant has this value.
        name: Option<String>,
        /// Its value.
        number: i128,
    },
    /// A system call.
    Call(Box<Call>),
    /// A call stack.
    Stack(Stack),
    /// `stats()`
    Stats(Stats),
    /// `hist()`, `lhist()`
    Histogram(Histogram),
    /// `tseries()`
    TimeSeries(TimeSeries),
    /// Bytes that do not fit their type; the text says how.
    Invalid(String),
}

/// A system call with what its arguments mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The line that strace would print.
    pub line: String,
    /// Its name; `syscall_0x1b5` if there is no such call.
    pub syscall: String,
    /// The name of its ABI.
    pub abi: &'static str,
    /// The process.
    pub process: u32,
    /// The thread.
    pub thread: u32,
    /// The thread's name.
    pub comm: String,
    /// Those that count.
    pub arguments: Vec<CallArgument>,
    /// `None` if it has only begun, or never returns.
    pub result: Option<i64>,
    /// The name of its error, if it failed.
    pub error: Option<String>,
    /// Nanoseconds, if its beginning was seen.
    pub latency: Option<i64>,
    /// Nanoseconds, `CLOCK_MONOTONIC`.
    pub time: u64,
}

/// An argument of a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallArgument {
    /// As in the manual page.
    pub name: String,
    /// What stands in front of it in the line: `flags` in `flags=CLONE_VM`.
    pub label: Option<&'static str>,
    /// The word.
    pub raw: i128,
    /// What it means.
    pub text: String,
}

/// A call stack, innermost frame first.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The kernel's or the process's.
    pub space: AddressSpace,
    /// How it prints.
    pub mode: StackMode,
    /// Its frames.
    pub frames: Vec<Frame>,
}

/// A frame of a call stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where it will continue.
    pub address: u64,
    /// `function+offset`, if known.
    pub symbol: Option<String>,
    /// The file that is mapped there, for user frames of modes that print it.
    pub file: Option<FilePlace>,
}

/// What `stats()` keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// How many values.
    pub count: u64,
    /// Their average, towards zero.
    pub average: i128,
    /// Their sum.
    pub total: i128,
}

/// A histogram: the buckets from the first to the last that counted anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// How bounds are spelled.
    pub scale: Scale,
    /// Ascending, without gaps.
    pub buckets: Vec<Bucket>,
}

/// Values over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSeries {
    /// One for each interval, oldest first, without gaps.
    pub points: Vec<Point>,
}

/// An interval of a time series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// When it began, nanoseconds since boot.
    pub start: u64,
    /// The same by the wall clock.
    pub time: String,
    /// What was seen in it, if anything.
    pub value: Option<i128>,
}

/// How the buckets of a histogram were cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Powers of two, each in `2^sub_bits` parts.
    Log2 {
        /// 0 to 5.
        sub_bits: u8,
    },
    /// Equal steps.
    Linear {
        /// Width of a bucket.
        step: i64,
    },
}

/// A bucket of a histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Lowest value; `None`: no bound.
    pub low: Option<i128>,
    /// One past the highest value; `None`: no bound.
    pub high: Option<i128>,
    /// How many values.
    pub count: u64,
}

/// What a map holds, at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct MapSnapshot {
    /// With its sign: `@m`.
    pub name: String,
    /// Names of the parts of its keys; empty for a map without a key.
    pub columns: Vec<String>,
    /// Which kind of record it is.
    pub kind: MapKind,
    /// Keys and values; at most one if there are no columns.
    pub entries: Vec<(Vec<Value>, Value)>,
}

/// What kind of values a map holds, where sinks tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// Anything but these.
    Plain,
    /// `avg()`, `stats()`
    Stats,
    /// `hist()`, `lhist()`
    Histogram,
    /// `tseries()`
    TimeSeries,
}

impl Value {
    /// The number that the value is or stands for.
    pub fn number(&self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some(i128::from(*value)),
            Self::Int(value) | Self::Enum { number: value, .. } => Some(*value),
            Self::Pointer(value) | Self::Name { number: value, .. } => Some(i128::from(*value)),
            _ => None,
        }
    }

    /// What maps are sorted by; `None` for values that leave the order to the keys.
    fn weight(&self) -> Option<i128> {
        match self {
            Self::Int(value) | Self::Enum { number: value, .. } => Some(*value),
            Self::Stats(stats) => Some(stats.average),
            Self::Histogram(histogram) => Some(
                histogram
                    .buckets
                    .iter()
                    .map(|bucket| i128::from(bucket.count))
                    .sum(),
            ),
            _ => None,
        }
    }

    /// Divides what `print(@m, top, div)` divides: integers also inside of tuples, records and arrays, averages,
    /// counts of power-of-two histograms.
    pub fn divide(&mut self, divisor: u32) {
        if divisor < 2 {
            return;
        }
        match self {
            Self::Int(value) => *value /= i128::from(divisor),
            Self::Stats(stats) => stats.average /= i128::from(divisor),
            Self::Tuple(members) | Self::Array(members) => {
                members.iter_mut().for_each(|member| member.divide(divisor));
            }
            Self::Record(members) => {
                members
                    .iter_mut()
                    .for_each(|(_, member)| member.divide(divisor));
            }
            Self::Histogram(Histogram {
                scale: Scale::Log2 { .. },
                buckets,
            }) => {
                buckets
                    .iter_mut()
                    .for_each(|bucket| bucket.count /= u64::from(divisor));
            }
            _ => {}
        }
    }

    /// The order of keys: numbers by value, text and bytes bytewise, members one after the other.
    fn key_order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Name { text: one, .. }, Self::Name { text: two, .. }) => one.cmp(two),
            (Self::Str(one), Self::Str(two)) | (Self::Buffer(one), Self::Buffer(two)) => {
                one.cmp(two)
            }
            (Self::Tuple(one), Self::Tuple(two)) | (Self::Array(one), Self::Array(two)) => {
                keys_order(one, two)
            }
            (Self::Record(one), Self::Record(two)) => first_difference(
                one.iter()
                    .zip(two)
                    .map(|((_, one), (_, two))| one.key_order(two)),
            ),
            (Self::Stack(one), Self::Stack(two)) => {
                let addresses = |stack: &Stack| {
                    stack
                        .frames
                        .iter()
                        .map(|frame| frame.address)
                        .collect::<Vec<_>>()
                };
                addresses(one).cmp(&addresses(two))
            }
            _ => self.number().cmp(&other.number()),
        }
    }
}

/// The order of two lists of keys.
fn keys_order(one: &[Value], two: &[Value]) -> Ordering {
    first_difference(one.iter().zip(two).map(|(one, two)| one.key_order(two)))
        .then(one.len().cmp(&two.len()))
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

impl MapSnapshot {
    /// It has no key, and so one value.
    pub fn is_scalar(&self) -> bool {
        self.columns.is_empty()
    }

    /// Sorts by value, equal values by key, ascending; values that are no numbers by key only.
    pub fn sort(&mut self) {
        self.entries.sort_by(|(key, value), (other_key, other)| {
            value
                .weight()
                .cmp(&other.weight())
                .then_with(|| keys_order(key, other_key))
        });
    }

    /// Keeps the last `top` entries; all if 0.
    pub fn keep_top(&mut self, top: u32) {
        let surplus = self.entries.len().saturating_sub(top as usize);
        if top > 0 {
            self.entries.drain(..surplus);
        }
    }

    /// Divides all values ([`Value::divide`]).
    pub fn divide(&mut self, divisor: u32) {
        self.entries
            .iter_mut()
            .for_each(|(_, value)| value.divide(divisor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, i128)]) -> MapSnapshot {
        MapSnapshot {
            name: "@".into(),
            columns: vec!["comm".into()],
            kind: MapKind::Plain,
            entries: entries
                .iter()
                .map(|(key, value)| (vec![Value::Str((*key).into())], Value::Int(*value)))
                .collect(),
        }
    }

    #[test]
    fn maps_sort_by_value_then_key() {
        let mut sorted = map(&[("b", 2), ("z", -1), ("a", 2), ("c", 1)]);
        sorted.sort();
        assert_eq!(sorted, map(&[("z", -1), ("c", 1), ("a", 2), ("b", 2)]));
        sorted.keep_top(2);
        assert_eq!(sorted, map(&[("a", 2), ("b", 2)]));
    }

    #[test]
    fn values_without_weight_sort_by_key() {
        let mut sorted = map(&[("b", 0), ("a", 0)]);
        for (key, value) in &mut sorted.entries {
            *value = Value::Str(b"x".to_vec());
            key.push(Value::Int(0));
        }
        sorted.sort();
        assert_eq!(sorted.entries[0].0[0], Value::Str(b"a".to_vec()));
    }

    #[test]
    fn division_is_towards_zero_and_leaves_linear_histograms() {
        let mut value = Value::Tuple(vec![Value::Int(-25), Value::Str(b"s".to_vec())]);
        value.divide(10);
        assert_eq!(
            value,
            Value::Tuple(vec![Value::Int(-2), Value::Str(b"s".to_vec())])
        );

        let bucket = Bucket {
            low: Some(0),
            high: Some(1),
            count: 10,
        };
        let mut linear = Value::Histogram(Histogram {
            scale: Scale::Linear { step: 1 },
            buckets: vec![bucket],
        });
        let before = linear.clone();
        linear.divide(10);
        assert_eq!(linear, before);
    }
}
