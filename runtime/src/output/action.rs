//! What records ask for.

use super::sink::Warning;
use super::{Flow, Message, Output, Selection, TextKind, command, failure, printf};
use crate::decode::Decoder;
use crate::engine::MapStore;
use crate::value::Value;
use std::io;
use std::sync::Arc;
use trapline_codegen::object::{Failure, Manifest, Record, RecordAction, RecordHeader, ScriptMap};
use trapline_lang::diagnostic::{Label, Severity, render};
use trapline_lang::hir::Recorded;
use trapline_lang::printf::Format;
use trapline_lang::source::Span;
use trapline_lang::types::{Aggregation, Clock, Type};

/// Where a record's kind stands in its header.
const KIND: std::ops::Range<usize> = 4..8;
/// Where its time stands.
const TIME: std::ops::Range<usize> = 8..16;

impl Output {
    /// What of an event a record has written to a trace; `None` if it asks for something else.
    pub(super) fn recorded(&self, bytes: &[u8]) -> io::Result<Option<Recorded>> {
        let record = row(&self.manifest.records, kind(bytes)?, "record")?;
        Ok(match record.action {
            RecordAction::Record(what) => Some(what),
            _ => None,
        })
    }

    /// Does what a record asks for.
    pub(super) fn act(&mut self, bytes: &[u8], maps: &mut dyn MapStore) -> io::Result<Flow> {
        let manifest = Arc::clone(&self.manifest);
        let kind = kind(bytes)?;
        let record = row(&manifest.records, kind, "record")?;
        let time = time(bytes);
        let mut decoder =
            Decoder::new(&manifest, &mut self.resolver, maps).of_event(self.calls, time);
        let values: Vec<Value> = record
            .values
            .iter()
            .map(|value| decoder.value_at(&value.ty, bytes, value.offset))
            .collect();

        match &record.action {
            RecordAction::Dump => return Ok(Flow::Dump),
            RecordAction::Printf { format } => {
                let text = fill(&manifest, *format, &values)?;
                self.sink.text(TextKind::Printf, &text)?;
            }
            RecordAction::Message {
                format,
                error,
                expanded_from,
            } => {
                let text = fill(&manifest, *format, &values)?;
                self.message(record, *error, expanded_from, &text)?;
            }
            RecordAction::PrintValue => {
                let value = values.first().unwrap_or(&Value::None);
                self.sink.value(value)?;
            }
            RecordAction::PrintMap { map, top, div } => {
                let script_map = row(&manifest.maps, *map, "map")?;
                // A histogram that counted nothing has no rows, so there is nothing to print of it.
                let absent = !is_histogram(&script_map.value);
                let selection = Selection {
                    top: *top,
                    divisor: *div,
                    absent,
                };
                self.print_map(script_map, *map as usize, maps, selection)?;
            }
            RecordAction::PrintMapEntry { map, div } => {
                let script_map = row(&manifest.maps, *map, "map")?;
                let entry = maps.read_entry(*map as usize, &key(script_map, record, bytes))?;
                let mut decoder = Decoder::new(&manifest, &mut self.resolver, maps);
                let mut value = match entry {
                    Some(entry) => decoder.map_value(script_map, &entry.values),
                    None => decoder.absent(script_map),
                };
                value.divide(*div);
                self.sink.value(&value)?;
            }
            RecordAction::Clear { map } => maps.clear(*map as usize)?,
            RecordAction::Zero { map } => maps.zero(*map as usize)?,
            RecordAction::Exit => {
                let status = values.first().and_then(Value::number).unwrap_or(0);
                return Ok(Flow::Exit(status as i32));
            }
            RecordAction::Time { format } => {
                let format = row(&manifest.strings, *format, "string")?;
                let now = self.resolver.wall_time(Clock::Monotonic, time);
                match now.format(format) {
                    Some(text) => self.sink.text(TextKind::Time, text.as_bytes())?,
                    None => self.warn("time(): the text is too long"),
                }
            }
            RecordAction::Join { separator } => {
                let separator = row(&manifest.strings, *separator, "string")?;
                self.sink.text(TextKind::Join, &join(&values, separator))?;
            }
            RecordAction::Cat { format } => {
                let path = fill(&manifest, *format, &values)?;
                match command::read(&path, manifest.options.max_cat_bytes) {
                    Ok(content) => self.sink.text(TextKind::Cat, &content)?,
                    Err(error) => {
                        self.warn(&format!("cat({}): {error}", String::from_utf8_lossy(&path)));
                    }
                }
            }
            RecordAction::System { format } => {
                let line = fill(&manifest, *format, &values)?;
                // What was printed before comes before what the command writes to the terminal itself.
                self.sink.flush()?;
                match command::run(&line) {
                    Ok(printed) => self.sink.text(TextKind::System, &printed)?,
                    Err(error) => self.warn(&format!("system(): sh: {error}")),
                }
            }
            RecordAction::Failure(failure) => {
                let returned = values.first().and_then(Value::number).unwrap_or(0);
                self.failure(record, *failure, returned as i64)?;
            }
            // These come far too often to be decoded as the others are.
            RecordAction::Record(_) => {}
        }
        Ok(Flow::Continue)
    }

    /// Tells of something that went wrong in the kernel.
    fn failure(&mut self, record: &Record, failure: Failure, returned: i64) -> io::Result<()> {
        let text = failure::sentence(failure, returned);
        let span = Span {
            start: record.source_offset,
            end: record.source_end,
        };
        let position = self.source.position(record.source_offset);
        let warning = Warning {
            failure,
            returned,
            text: &text,
            script: self.source.name_at(record.source_offset),
            position,
            shown: &failure::shown(&text, failure, returned, &self.source, span),
        };
        self.sink.warning(&warning, &mut *self.diagnostics)
    }

    /// Prints what `errorf()` or `warnf()` said.
    fn message(
        &mut self,
        record: &Record,
        error: bool,
        expanded_from: &[(u32, u32)],
        text: &[u8],
    ) -> io::Result<()> {
        let severity = if error {
            Severity::Error
        } else {
            Severity::Warning
        };
        let calls: String = expanded_from
            .iter()
            .map(|(start, end)| {
                let call = Label {
                    span: Span::new(*start as usize, *end as usize),
                    text: "expanded from".to_owned(),
                };
                render::label(&call, severity, &self.source, render::Style::Plain)
            })
            .collect();
        let message = Message {
            error,
            script: self.source.name_at(record.source_offset),
            calls: &calls,
            start: self.source.position(record.source_offset),
            end: self.source.position(record.source_end),
            text,
        };
        self.sink.message(&message, &mut *self.diagnostics)
    }
}

/// The kind of a record.
fn kind(bytes: &[u8]) -> io::Result<u32> {
    match bytes.get(KIND).and_then(|kind| kind.first_chunk()) {
        Some(kind) if bytes.len() >= RecordHeader::SIZE as usize => Ok(u32::from_le_bytes(*kind)),
        _ => Err(unknown(&format!("record of {} bytes", bytes.len()))),
    }
}

/// When a record was made.
pub(super) fn time(bytes: &[u8]) -> u64 {
    let time = bytes.get(TIME).and_then(|time| time.first_chunk());
    time.map_or(0, |time| u64::from_le_bytes(*time))
}

/// A row of one of the manifest's tables.
fn row<'a, T>(table: &'a [T], index: u32, what: &str) -> io::Result<&'a T> {
    table
        .get(index as usize)
        .ok_or_else(|| unknown(&format!("{what} {index}")))
}

/// The program sent something that its manifest does not know. This always represents a bug, or an object file that
/// was changed.
fn unknown(what: &str) -> io::Error {
    let message = format!("the manifest does not fit the program: no {what} (a bug in Trapline)");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn fill(manifest: &Manifest, format: u32, values: &[Value]) -> io::Result<Vec<u8>> {
    let format: &Format = row(&manifest.formats, format, "format")?;
    Ok(printf::fill(format, values))
}

fn is_histogram(value: &Type) -> bool {
    matches!(
        value,
        Type::Aggregation(
            Aggregation::Hist { .. } | Aggregation::Lhist { .. } | Aggregation::TimeSeries { .. }
        )
    )
}

/// The key that a record's values make, as the map's hash lays it out.
fn key(map: &ScriptMap, record: &Record, bytes: &[u8]) -> Vec<u8> {
    let mut key = vec![0; map.key_size as usize];
    for (part, value) in map.key.iter().zip(&record.values) {
        let size = part.ty.size().min(value.ty.size()) as usize;
        let (from, to) = (value.offset as usize, part.offset as usize);
        if let (Some(to), Some(from)) = (key.get_mut(to..to + size), bytes.get(from..from + size)) {
            to.copy_from_slice(from);
        }
    }
    key
}

/// Strings up to the first empty one.
fn join(values: &[Value], separator: &str) -> Vec<u8> {
    let strings = values.iter().map_while(|value| match value {
        Value::Str(text) if !text.is_empty() => Some(text.as_slice()),
        _ => None,
    });
    strings.collect::<Vec<_>>().join(separator.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{Maps, Printed, bytes, manifest, map, record};
    use trapline_lang::printf::Piece;

    /// What a script with one kind of record prints when that comes once: results, messages and whether it goes on.
    fn run(manifest: Manifest, maps: &mut Maps, values: &[u64]) -> (String, String, Flow) {
        let mut printed = Printed::text(manifest);
        let flow = printed.output.event(&bytes(0, values), maps).unwrap();
        printed.output.flush().unwrap();
        (printed.results.text(), printed.diagnostics.text(), flow)
    }

    fn script(action: RecordAction, values: &[Type]) -> Manifest {
        let format = |text: &str| Format {
            pieces: vec![Piece::Literal(text.into())],
        };
        Manifest {
            records: vec![record(action, values)],
            formats: [
                "hello",
                "Something bad\n",
                "/proc/self/comm",
                "echo a b",
                "/nowhere",
            ]
            .map(format)
            .to_vec(),
            maps: vec![
                map("x", &[], Type::I64),
                map("h", &[Type::I64], Type::I64),
                map(
                    "empty",
                    &[],
                    Type::Aggregation(Aggregation::Hist { sub_bits: 0 }),
                ),
            ],
            ..manifest()
        }
    }

    fn results(action: RecordAction, values: &[Type], words: &[u64]) -> String {
        run(script(action, values), &mut Maps::default(), words).0
    }

    #[test]
    fn text_actions() {
        let system = RecordAction::System { format: 3 };
        let string = Type::String { capacity: 8 };
        let join = RecordAction::Join { separator: 1 };
        let [a, b] = [*b"a\0\0\0\0\0\0\0", *b"bc\0\0\0\0\0\0"].map(u64::from_le_bytes);
        assert_eq!(
            results(RecordAction::Printf { format: 0 }, &[], &[]),
            "hello"
        );
        assert_eq!(results(RecordAction::PrintValue, &[Type::I64], &[7]), "7\n");
        assert_eq!(results(join, &vec![string; 4], &[a, b, 0, a]), "a, bc\n");
        assert_eq!(results(system, &[], &[]), "a b\n");
        assert!(!results(RecordAction::Cat { format: 2 }, &[], &[]).is_empty());
        assert!(results(RecordAction::Time { format: 0 }, &[], &[]).ends_with(".%f"));
    }

    #[test]
    fn messages_have_a_place() {
        let action = RecordAction::Message {
            format: 1,
            error: true,
            expanded_from: vec![(0, 5)],
        };
        let (results, diagnostics, _) = run(script(action, &[]), &mut Maps::default(), &[]);
        assert_eq!(results, "");
        assert_eq!(
            diagnostics,
            "stdin:1:9-62: ERROR: Something bad\nstdin:1:1-6: ERROR: expanded from\nbegin { errorf(\"Something bad with args: %d, %s\", 10, \"arg2\"); }\n~~~~~\n"
        );

        let action = RecordAction::Cat { format: 4 };
        let (_, diagnostics, _) = run(script(action, &[]), &mut Maps::default(), &[]);
        assert_eq!(
            diagnostics,
            "WARNING: cat(/nowhere): No such file or directory (os error 2)\n"
        );
    }

    #[test]
    fn exit_has_a_status() {
        let exit = |values: &[Type], words: &[u64]| {
            run(
                script(RecordAction::Exit, values),
                &mut Maps::default(),
                words,
            )
            .2
        };
        assert_eq!(exit(&[], &[]), Flow::Exit(0));
        assert_eq!(exit(&[Type::I64], &[3]), Flow::Exit(3));
    }

    #[test]
    fn maps_print_by_request() {
        let mut maps = Maps::default();
        for key in 1..=3u64 {
            maps.add(1, &key.to_le_bytes(), &(key * 10).to_le_bytes());
        }
        let mut print = |action, values: &[Type], words: &[u64]| {
            run(script(action, values), &mut maps, words).0
        };
        let print_map = |map, top, div| RecordAction::PrintMap { map, top, div };
        assert_eq!(
            print(print_map(1, 0, 0), &[], &[]),
            "@h[1]: 10\n@h[2]: 20\n@h[3]: 30\n"
        );
        assert_eq!(print(print_map(1, 2, 10), &[], &[]), "@h[2]: 2\n@h[3]: 3\n");
        assert_eq!(print(print_map(0, 0, 0), &[], &[]), "@x: 0\n");
        assert_eq!(print(print_map(2, 0, 0), &[], &[]), "");

        let entry = RecordAction::PrintMapEntry { map: 1, div: 0 };
        assert_eq!(print(entry.clone(), &[Type::I64], &[2]), "20\n");
        assert_eq!(print(entry, &[Type::I64], &[9]), "0\n");
    }

    #[test]
    fn maps_change_by_request() {
        let mut maps = Maps::default();
        maps.add(1, &[0; 8], &[0; 8]);
        run(script(RecordAction::Zero { map: 1 }, &[]), &mut maps, &[]);
        assert_eq!(maps.zeroed, [1]);
        run(script(RecordAction::Clear { map: 1 }, &[]), &mut maps, &[]);
        assert!(maps.entries.is_empty());
    }

    #[test]
    fn what_the_manifest_does_not_know_is_an_error() {
        let mut maps = Maps::default();
        let mut printed = Printed::text(script(RecordAction::Printf { format: 99 }, &[]));
        for record in [bytes(0, &[]), bytes(7, &[]), vec![0; 3]] {
            let error = printed.output.event(&record, &mut maps).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
    }
}
