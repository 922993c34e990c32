//! Results as JSON, one object a line: `{"type": …, "data": …}`, with the record types that bpftrace has.

use super::buffer::Buffer;
use super::render;
use super::sink::{Benchmark, Loss, Message, Sink, TestResult, TextKind, Warning};
use crate::value::{Bucket, Call, CallArgument, MapKind, MapSnapshot, Stack, Stats, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::Formatter;
use std::collections::BTreeMap;
use std::io::{self, Write};
use trapline_codegen::object::Failure;

/// Writes JSON lines.
pub struct JsonSink {
    buffer: Buffer,
}

impl JsonSink {
    /// Writes to `writer`, which need not be buffered.
    pub fn new(writer: Box<dyn Write>) -> Self {
        Self {
            buffer: Buffer::new(writer),
        }
    }

    fn line(&mut self, record: &impl Serialize) -> io::Result<()> {
        let mut line = Vec::new();
        record.serialize(&mut serde_json::Serializer::with_formatter(
            &mut line, Spaced,
        ))?;
        line.push(b'\n');
        self.buffer.push(&line)
    }

    fn count(&mut self, kind: &'static str, name: &'static str, count: u64) -> io::Result<()> {
        self.line(&CountLine {
            kind,
            count,
            data: BTreeMap::from([(name, count)]),
        })
    }
}

impl Sink for JsonSink {
    fn attached(&mut self, probes: u32, _diagnostics: &mut dyn Write) -> io::Result<()> {
        self.count("attached_probes", "probes", probes.into())
    }

    fn text(&mut self, kind: TextKind, text: &[u8]) -> io::Result<()> {
        let kind = match kind {
            TextKind::Printf => "printf",
            TextKind::Time => "time",
            TextKind::Cat => "cat",
            TextKind::Join => "join",
            TextKind::System => "syscall",
        };
        self.line(&Line {
            kind,
            data: String::from_utf8_lossy(text),
        })
    }

    fn value(&mut self, value: &Value) -> io::Result<()> {
        self.line(&Line {
            kind: "value",
            data: Json(value),
        })
    }

    fn map(&mut self, map: &MapSnapshot) -> io::Result<()> {
        if map.entries.is_empty() {
            return Ok(());
        }
        let kind = match map.kind {
            MapKind::Plain => "map",
            MapKind::Stats => "stats",
            MapKind::Histogram => "hist",
            MapKind::TimeSeries => "tseries",
        };
        self.line(&Line {
            kind,
            data: BTreeMap::from([(&map.name, MapData(map))]),
        })
    }

    fn message(&mut self, message: &Message<'_>, _diagnostics: &mut dyn Write) -> io::Result<()> {
        self.line(&MessageLine {
            kind: if message.error { "errorf" } else { "warnf" },
            msg: &String::from_utf8_lossy(message.text),
            filename: message.script,
            line: message.start.line,
            col: message.start.column,
        })
    }

    fn warning(&mut self, warning: &Warning<'_>, _diagnostics: &mut dyn Write) -> io::Result<()> {
        let (kind, helper) = match warning.failure {
            Failure::DivisionByZero => ("runtime_error", None),
            Failure::Helper(helper) => ("helper_error", Some(helper.name())),
        };
        self.line(&WarningLine {
            kind,
            msg: warning.text,
            helper,
            retcode: helper.map(|_| warning.returned),
            filename: warning.script,
            line: warning.position.line,
            col: warning.position.column,
        })
    }

    fn loss(&mut self, loss: &Loss, _diagnostics: &mut dyn Write) -> io::Result<()> {
        self.count("lost_events", loss.kind.name(), loss.count)
    }

    fn test(&mut self, result: &TestResult) -> io::Result<()> {
        let data = TestData {
            passed: result.passed,
            nanoseconds: result.duration.as_nanos() as u64,
        };
        self.line(&Line {
            kind: "test_result",
            data: BTreeMap::from([(&result.name, data)]),
        })
    }

    fn tests(&mut self, _results: &[TestResult]) -> io::Result<()> {
        Ok(())
    }

    fn benchmarks(&mut self, results: &[Benchmark]) -> io::Result<()> {
        for result in results {
            let data = BenchmarkData {
                average: result.average,
                iters: result.runs,
            };
            self.line(&Line {
                kind: "benchmark_result",
                data: BTreeMap::from([(&result.name, data)]),
            })?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn flush_lines(&mut self) -> io::Result<()> {
        self.buffer.flush_lines()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.buffer.flush()
    }
}

#[derive(serde::Serialize)]
struct Line<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    data: T,
}

#[derive(serde::Serialize)]
struct TestData {
    passed: bool,
    nanoseconds: u64,
}

#[derive(serde::Serialize)]
struct BenchmarkData {
    average: u64,
    iters: u64,
}

#[derive(serde::Serialize)]
struct CountLine {
    #[serde(rename = "type")]
    kind: &'static str,
    count: u64,
    data: BTreeMap<&'static str, u64>,
}

#[derive(serde::Serialize)]
struct MessageLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    msg: &'a str,
    filename: &'a str,
    line: usize,
    col: usize,
}

#[derive(serde::Serialize)]
struct WarningLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    helper: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retcode: Option<i64>,
    filename: &'a str,
    line: usize,
    col: usize,
}

/// Entries of a map by their keys; the value alone if there are no keys.
struct MapData<'a>(&'a MapSnapshot);

impl Serialize for MapData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.entries.as_slice() {
            [(_, value)] if self.0.is_scalar() => Json(value).serialize(serializer),
            entries => serializer.collect_map(
                entries
                    .iter()
                    .map(|(parts, value)| (key(parts), Json(value))),
            ),
        }
    }
}

/// A value. Names are strings, other things that print as text but are numbers are numbers.
struct Json<'a>(&'a Value);

/// Writes a value as it stands in a line: without its kind.
///
/// # Errors
/// If the writer cannot write.
pub fn json_value(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Spaced);
    Json(value).serialize(&mut serializer)?;
    Ok(())
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) | Value::Enum { number: value, .. } => {
                Integer(*value).serialize(serializer)
            }
            Value::Pointer(address) => Integer(i128::from(*address)).serialize(serializer),
            Value::Str(bytes) => serializer.serialize_str(&String::from_utf8_lossy(bytes)),
            Value::Buffer(bytes) => serializer.collect_seq(bytes),
            Value::Tuple(members) | Value::Array(members) => {
                serializer.collect_seq(members.iter().map(Json))
            }
            Value::Record(members) => {
                serializer.collect_map(members.iter().map(|(name, member)| (name, Json(member))))
            }
            Value::Name { text, .. } => serializer.serialize_str(text),
            Value::Stats(Stats {
                count,
                average,
                total,
            }) => {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("count", &Integer(i128::from(*count)))?;
                map.serialize_entry("average", &Integer(*average))?;
                map.serialize_entry("total", &Integer(*total))?;
                map.end()
            }
            Value::Histogram(histogram) => {
                serializer.collect_seq(histogram.buckets.iter().map(JsonBucket))
            }
            Value::TimeSeries(series) => {
                let points = series.points.iter();
                serializer.collect_seq(points.map(|point| JsonPoint {
                    interval_start: &point.time,
                    value: point.value.map(Integer),
                }))
            }
            Value::Call(call) => JsonCall::of(call).serialize(serializer),
            Value::Stack(_) | Value::Invalid(_) => {
                let mut text = Vec::new();
                render::value(&mut text, self.0);
                serializer.serialize_str(&String::from_utf8_lossy(&text))
            }
        }
    }
}

/// A system call.
#[derive(serde::Serialize)]
struct JsonCall<'a> {
    syscall: &'a str,
    abi: &'a str,
    pid: u32,
    tid: u32,
    comm: &'a str,
    args: JsonArguments<'a>,
    result: Option<Integer>,
    error: Option<&'a str>,
    latency_ns: Option<i64>,
    time_ns: u64,
}

impl<'a> JsonCall<'a> {
    fn of(call: &'a Call) -> Self {
        Self {
            syscall: &call.syscall,
            abi: call.abi,
            pid: call.process,
            tid: call.thread,
            comm: &call.comm,
            args: JsonArguments(&call.arguments),
            result: call.result.map(|result| Integer(result.into())),
            error: call.error.as_deref(),
            latency_ns: call.latency,
            time_ns: call.time,
        }
    }
}

/// Arguments by their names.
struct JsonArguments<'a>(&'a [CallArgument]);

impl Serialize for JsonArguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|argument| {
            let value = JsonArgument {
                raw: Integer(argument.raw),
                text: &argument.text,
            };
            (&argument.name, value)
        }))
    }
}

#[derive(serde::Serialize)]
struct JsonArgument<'a> {
    raw: Integer,
    text: &'a str,
}

/// An interval of a time series.
#[derive(serde::Serialize)]
struct JsonPoint<'a> {
    interval_start: &'a str,
    value: Option<Integer>,
}

/// A bucket with closed bounds.
struct JsonBucket<'a>(&'a Bucket);

impl Serialize for JsonBucket<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(low) = self.0.low {
            map.serialize_entry("min", &Integer(low))?;
        }
        if let Some(high) = self.0.high {
            map.serialize_entry("max", &Integer(high - 1))?;
        }
        map.serialize_entry("count", &self.0.count)?;
        map.end()
    }
}

/// An integer: a number if a double holds it exactly, as many readers of JSON know no other; else a string.
struct Integer(i128);

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 as f64 as i128 == self.0 {
            serializer.serialize_i128(self.0)
        } else {
            serializer.collect_str(&self.0)
        }
    }
}

/// The parts of a key with commas between them, without the spaces that the text form has.
fn key(parts: &[Value]) -> String {
    let parts = match parts {
        [Value::Tuple(members)] => members,
        parts => parts,
    };
    parts.iter().map(key_part).collect::<Vec<_>>().join(",")
}

fn key_part(part: &Value) -> String {
    let mut text = Vec::new();
    match part {
        Value::Tuple(members) => return format!("({})", key(members)),
        Value::Stack(Stack { .. }) => {
            render::value(&mut text, part);
            text.retain(|byte| *byte != b' ');
        }
        part => render::value(&mut text, part),
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// `{"a": 1, "b": [1,2]}`: spaces in objects, none in arrays.
struct Spaced;

impl Formatter for Spaced {
    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::LossKind;
    use crate::output::testing::Shared;
    use crate::value::{Histogram, Scale};
    use trapline_lang::source::Position;

    fn line(print: impl FnOnce(&mut JsonSink) -> io::Result<()>) -> String {
        let shared = Shared::default();
        let mut sink = JsonSink::new(Box::new(shared.clone()));
        print(&mut sink).unwrap();
        sink.flush().unwrap();
        shared.text()
    }

    fn string(text: &str) -> Value {
        Value::Str(text.into())
    }

    fn map(kind: MapKind, columns: usize, entries: Vec<(Vec<Value>, Value)>) -> String {
        let columns = vec![String::new(); columns];
        let snapshot = MapSnapshot {
            name: "@".into(),
            columns,
            kind,
            entries,
        };
        line(|sink| sink.map(&snapshot))
    }

    #[test]
    fn records_that_are_not_values() {
        let mut nowhere = io::sink();
        assert_eq!(
            line(|sink| sink.attached(1, &mut nowhere)),
            "{\"type\": \"attached_probes\", \"count\": 1, \"data\": {\"probes\": 1}}\n"
        );
        let loss = Loss {
            kind: LossKind::Events,
            count: 7,
        };
        assert_eq!(
            line(|sink| sink.loss(&loss, &mut nowhere)),
            "{\"type\": \"lost_events\", \"count\": 7, \"data\": {\"events\": 7}}\n"
        );
        assert_eq!(
            line(|sink| sink.text(TextKind::System, b"a \"b\"\xff\n\x01")),
            "{\"type\": \"syscall\", \"data\": \"a \\\"b\\\"\u{fffd}\\n\\u0001\"}\n"
        );
        let place = Position { line: 1, column: 9 };
        let message = Message {
            error: false,
            script: "stdin",
            start: place,
            end: place,
            calls: "",
            text: b"bad\n",
        };
        assert_eq!(
            line(|sink| sink.message(&message, &mut nowhere)),
            "{\"type\": \"warnf\", \"msg\": \"bad\\n\", \"filename\": \"stdin\", \"line\": 1, \"col\": 9}\n"
        );
    }

    #[test]
    fn values() {
        let nested = Value::Tuple(vec![Value::Int(4), Value::Bool(true)]);
        let pair = ("a".to_owned(), Value::Pointer(0x32));
        for (value, expected) in [
            (Value::Int(5), "5"),
            (Value::Int(i64::MIN.into()), "-9223372036854775808"),
            (Value::Int((1 << 53) + 1), "\"9007199254740993\""),
            (Value::Int(u64::MAX.into()), "\"18446744073709551615\""),
            (
                Value::Tuple(vec![Value::Int(1), string("s"), nested]),
                "[1,\"s\",[4,true]]",
            ),
            (
                Value::Record(vec![pair.clone(), pair]),
                "{\"a\": 50, \"a\": 50}",
            ),
            (Value::Buffer(b"hi\xff".to_vec()), "[104,105,255]"),
            (
                Value::Enum {
                    name: Some("A".into()),
                    number: -1,
                },
                "-1",
            ),
            (Value::None, "null"),
        ] {
            let expected = format!("{{\"type\": \"value\", \"data\": {expected}}}\n");
            assert_eq!(line(|sink| sink.value(&value)), expected);
        }
    }

    #[test]
    fn maps_by_kind() {
        let average = map(
            MapKind::Stats,
            1,
            vec![
                (vec![string("c")], Value::Int(3)),
                (vec![string("d")], Value::Int(4)),
            ],
        );
        assert_eq!(
            average,
            "{\"type\": \"stats\", \"data\": {\"@\": {\"c\": 3, \"d\": 4}}}\n"
        );

        let stats = Value::Stats(Stats {
            count: 1,
            average: 2,
            total: 2,
        });
        assert_eq!(
            map(MapKind::Stats, 0, vec![(vec![], stats)]),
            "{\"type\": \"stats\", \"data\": {\"@\": {\"count\": 1, \"average\": 2, \"total\": 2}}}\n"
        );

        let bucket = |low: Option<i128>, high: Option<i128>| Bucket {
            low,
            high,
            count: 1,
        };
        let histogram = Value::Histogram(Histogram {
            scale: Scale::Log2 { sub_bits: 0 },
            buckets: vec![
                bucket(None, Some(0)),
                bucket(Some(16), Some(32)),
                bucket(Some(32), None),
            ],
        });
        assert_eq!(
            map(
                MapKind::Histogram,
                1,
                vec![(vec![Value::Int(2)], histogram)]
            ),
            "{\"type\": \"hist\", \"data\": {\"@\": {\"2\": [{\"max\": -1, \"count\": 1},\
             {\"min\": 16, \"max\": 31, \"count\": 1},{\"min\": 32, \"count\": 1}]}}}\n"
        );

        let tuple = Value::Tuple(vec![Value::Int(1), Value::Int(2)]);
        let entries = vec![(vec![tuple, string("a b")], Value::Int(3))];
        assert_eq!(
            map(MapKind::Plain, 2, entries),
            "{\"type\": \"map\", \"data\": {\"@\": {\"(1,2),a b\": 3}}}\n"
        );
        assert_eq!(map(MapKind::Plain, 1, vec![]), "");
    }
}
