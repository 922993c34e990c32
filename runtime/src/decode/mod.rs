//! From bytes to values, by the manifest: types say how bytes are laid out, [`Resolver`] finds names.
//!
//! Bytes that are too few or make no sense become [`Value::Invalid`]; nothing here fails.

mod aggregate;
pub(crate) mod call;
mod named;
mod network;
mod stack;

pub use call::{CallOptions, Descriptors, Words};

use crate::engine::{MapStore, RawEntry};
use crate::symbol::{DescriptorChange, Resolver};
use crate::value::{MapKind, MapSnapshot, Value};
use call::CallEvent;
use trapline_codegen::object::{Manifest, ScriptMap};
use trapline_codegen::target::Arch;
use trapline_lang::syscall::{self, Abi, errno, signal};
use trapline_lang::types::{Aggregation, Clock, IntType, Type};

/// What is done with the system calls of a script: the same for all of its events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calls {
    options: CallOptions,
    /// Calls that open and close descriptors are taken note of: their paths may be asked for.
    follows_descriptors: bool,
}

impl Calls {
    /// As the options say, and as far as the script's values ask for it.
    pub fn new(manifest: &Manifest, options: CallOptions) -> Self {
        let mut values = manifest.records.iter().flat_map(|record| &record.values);
        let follows_descriptors = options.descriptors == Descriptors::Paths
            || values.any(|value| value.ty == Type::FilePath);
        Self {
            options,
            follows_descriptors,
        }
    }
}

/// Makes values from bytes.
pub struct Decoder<'a> {
    manifest: &'a Manifest,
    resolver: &'a mut Resolver,
    maps: &'a mut dyn MapStore,
    /// Structs that the value is in.
    depth: u32,
    calls: Calls,
    /// When the event was, nanoseconds on `CLOCK_MONOTONIC`.
    time: u64,
}

impl<'a> Decoder<'a> {
    /// Decodes what a script with this manifest produced; `maps` is asked for the frames of stacks only.
    pub fn new(
        manifest: &'a Manifest,
        resolver: &'a mut Resolver,
        maps: &'a mut dyn MapStore,
    ) -> Self {
        Self {
            manifest,
            resolver,
            maps,
            depth: 0,
            calls: Calls::default(),
            time: 0,
        }
    }

    /// Decodes what an event of this time carries, and its system calls in this way.
    pub fn of_event(self, calls: Calls, time: u64) -> Self {
        Self {
            calls,
            time,
            ..self
        }
    }

    /// The value of a type at the start of some bytes.
    pub fn value(&mut self, ty: &Type, bytes: &[u8]) -> Value {
        if *ty == Type::CallRecord {
            return self.call(bytes);
        }
        let Some(bytes) = bytes.get(..ty.size() as usize) else {
            return Value::Invalid(format!("{ty} in {} bytes", bytes.len()));
        };
        match ty {
            Type::Void => Value::None,
            Type::Bool => Value::Bool(bytes[0] != 0),
            Type::Int(int) => Value::Int(integer(*int, bytes)),
            Type::Enum { name, repr } => self.enumeration(name, integer(*repr, bytes)),
            Type::String { .. } => Value::Str(self.string(bytes)),
            Type::Buffer { .. } => buffer(bytes),
            Type::Tuple(members) => {
                let places = ty.member_offsets().into_iter().zip(members);
                Value::Tuple(
                    places
                        .map(|(at, ty)| self.value_at(ty, bytes, at))
                        .collect(),
                )
            }
            Type::Record(members) => {
                let places = ty.member_offsets().into_iter().zip(members);
                let member = |(at, (name, ty)): (u32, &(String, Type))| {
                    (name.clone(), self.value_at(ty, bytes, at))
                };
                Value::Record(places.map(member).collect())
            }
            Type::Array { element, length } => {
                let size = element.size();
                let places = (0..*length).map(|n| n * size);
                Value::Array(places.map(|at| self.value_at(element, bytes, at)).collect())
            }
            Type::Pointer { .. } => Value::Pointer(word(bytes)),
            Type::Struct { name, .. } => self.structure(name, bytes),
            Type::Timestamp { format, clock } => self.timestamp(*format, *clock, word(bytes)),
            Type::Stack(stack) => {
                let process = bytes.get(8..).unwrap_or_default();
                self.stack(*stack, word(bytes), word(process) as u32)
            }
            Type::UserSymbol => self.user_symbol(word(bytes), word(&bytes[8..]) as u32),
            Type::MacAddress => network::mac_address(bytes),
            Type::Inet => network::internet_address(bytes),
            // An aggregation that was read as an integer.
            Type::Aggregation(aggregation) => {
                let signed = is_signed(*aggregation);
                Value::Int(integer(IntType { bits: 64, signed }, bytes))
            }
            Type::Named { repr, .. } if self.calls.options.words == Words::Raw => {
                Value::Int(integer(*repr, bytes))
            }
            Type::Named { set, repr } => {
                let number = integer(*repr, bytes) as i64;
                let set = syscall::set::by_name(set);
                Value::Name {
                    text: set.map_or_else(|| number.to_string(), |set| set.format(number)),
                    number: number as u64,
                }
            }
            // `value` has taken it: it is as long as what was captured.
            Type::CallRecord => Value::None,
            Type::CallArgument {
                syscall,
                argument,
                capacity,
            } => {
                let (number, text) = call::argument(
                    self.abi(),
                    (syscall, *argument, *capacity),
                    self.calls.options.words,
                    bytes,
                    &mut |_| String::new(),
                );
                Value::Name { text, number }
            }
            Type::FilePath => {
                let (number, process) = (word(bytes) as i32, word(&bytes[8..]) as u32);
                Value::Name {
                    text: self.resolver.descriptor_description(process, number),
                    number: number as u64,
                }
            }
            Type::Username
            | Type::Container
            | Type::SyscallName
            | Type::ErrorText
            | Type::SignalName
            | Type::CgroupPath { .. }
            | Type::ProbeName
            | Type::KernelSymbol => {
                let number = word(bytes);
                Value::Name {
                    text: self.name(ty, number),
                    number,
                }
            }
        }
    }

    /// A captured system call, up to the end of its record.
    fn call(&mut self, bytes: &[u8]) -> Value {
        let Some(event) = CallEvent::parse(bytes) else {
            return Value::Invalid(format!("system call in {} bytes", bytes.len()));
        };
        let native = self.abi();
        let changes = match self.calls.follows_descriptors {
            true => call::changes(&event),
            false => Vec::new(),
        };
        // What was opened has to be known when the result prints; what was closed is still known then.
        let (opened, closed): (Vec<_>, Vec<_>) = changes
            .iter()
            .partition(|change| matches!(change, DescriptorChange::Opened { .. }));
        for change in opened {
            self.resolver.note_descriptor(event.process, change);
        }
        let with_paths = self.calls.options.descriptors == Descriptors::Paths;
        let resolver = &*self.resolver;
        let mut path = |number: i32| match with_paths {
            true => path(resolver.descriptor_target(event.process, number)),
            false => String::new(),
        };
        let call = call::call(
            &event,
            native,
            self.calls.options.words,
            self.time,
            &mut path,
        );
        for change in closed {
            self.resolver.note_descriptor(event.process, change);
        }
        Value::Call(Box::new(call))
    }

    /// The value of a type at an offset.
    pub fn value_at(&mut self, ty: &Type, bytes: &[u8], offset: u32) -> Value {
        self.value(ty, bytes.get(offset as usize..).unwrap_or_default())
    }

    /// What a map holds, sorted.
    pub fn snapshot(&mut self, map: &ScriptMap, entries: &[RawEntry]) -> MapSnapshot {
        let entries = entries.iter().map(|entry| {
            let key = map
                .key
                .iter()
                .map(|part| self.value_at(&part.ty, &entry.key, part.offset));
            (key.collect(), self.map_value(map, &entry.values))
        });
        let mut snapshot = MapSnapshot {
            name: format!("@{}", map.name),
            columns: map.key.iter().map(|part| part.name.clone()).collect(),
            kind: kind(&map.value),
            entries: entries.collect(),
        };
        snapshot.sort();
        snapshot
    }

    /// The value of a map's entry, merged over CPUs.
    pub fn map_value(&mut self, map: &ScriptMap, cpus: &[Vec<u8>]) -> Value {
        match &map.value {
            Type::Aggregation(aggregation) => {
                let mut value = aggregate::merge(*aggregation, cpus);
                aggregate::scale(&mut value, *aggregation, map.scale);
                if let Value::TimeSeries(series) = &mut value {
                    for point in &mut series.points {
                        let time = self.resolver.wall_time(Clock::Boot, point.start);
                        point.time = time
                            .format_with_fractions("%H:%M:%S.%f")
                            .unwrap_or_default();
                    }
                }
                value
            }
            Type::Int(int) if map.per_cpu => {
                let sum: i128 = cpus.iter().map(|bytes| integer(*int, bytes)).sum();
                Value::Int(cut(*int, sum as u64))
            }
            ty => self.value(ty, cpus.first().map_or(&[], Vec::as_slice)),
        }
    }

    /// What a map gives for a key that it does not have.
    pub fn absent(&mut self, map: &ScriptMap) -> Value {
        self.map_value(map, &[vec![0; map.value_size as usize]])
    }

    /// The bytes before the first NUL. A string without one was cut, and gets the script's trailer; so does one
    /// that fills all that `max_strlen` gives it, for the kernel ends what it cuts with a NUL as well.
    fn string(&self, bytes: &[u8]) -> Vec<u8> {
        let options = &self.manifest.options;
        let length = bytes.iter().position(|byte| *byte == 0);
        let text = &bytes[..length.unwrap_or(bytes.len())];
        let full = bytes.len() == options.max_strlen as usize && text.len() + 1 == bytes.len();
        if text.is_empty() || (length.is_some() && !full) {
            return text.to_vec();
        }
        [text, options.str_trunc_trailer.as_bytes()].concat()
    }

    fn timestamp(&mut self, format: u32, clock: Clock, nanoseconds: u64) -> Value {
        let format = self.manifest.strings.get(format as usize);
        let time = self.resolver.wall_time(clock, nanoseconds);
        let text = format.and_then(|format| time.format_with_fractions(format));
        Value::Name {
            text: text.unwrap_or_else(|| "(?)".into()),
            number: nanoseconds,
        }
    }

    /// What a number of a named kind is called.
    fn name(&mut self, ty: &Type, number: u64) -> String {
        let known = match ty {
            Type::Username => self.resolver.user_name(number).map(str::to_owned),
            Type::SyscallName => syscall::full_name(self.abi(), number),
            Type::ErrorText => return error_text(number as i64),
            Type::SignalName => return signal_text(number as i64),
            Type::CgroupPath { filter } => {
                let filter = filter.and_then(|index| self.manifest.strings.get(index as usize));
                return self
                    .resolver
                    .cgroup_path(number, filter.map_or("", String::as_str));
            }
            Type::Container => return self.resolver.container(number),
            Type::ProbeName => self.probe_name(number),
            Type::KernelSymbol => self
                .resolver
                .kernel_symbol(number)
                .map(|symbol| symbol.name.to_owned()),
            _ => None,
        };
        known.unwrap_or_else(|| match ty {
            Type::KernelSymbol => stack::address(number),
            Type::SyscallName => (number as i64).to_string(),
            _ => number.to_string(),
        })
    }

    fn probe_name(&self, number: u64) -> Option<String> {
        let (list, event) = ((number >> 32) as usize, number as u32);
        let names = &self.manifest.probe_names.get(list)?.names;
        let at = names
            .binary_search_by_key(&event, |(event, _)| *event)
            .ok()?;
        Some(names[at].1.clone())
    }

    fn abi(&self) -> Abi {
        match self.manifest.target.arch {
            Arch::X86_64 => Abi::X86_64,
            Arch::Aarch64 => Abi::Aarch64,
        }
    }
}

/// What stands behind the number of a descriptor: `</etc/hosts>`, `<closed>`.
fn path(target: String) -> String {
    match target.starts_with('<') {
        true => target,
        false => format!("<{target}>"),
    }
}

/// The text of an error number, negative or positive.
fn error_text(number: i64) -> String {
    if number == 0 {
        return "Success".to_owned();
    }
    let text = i32::try_from(number)
        .ok()
        .and_then(|number| errno::text(number.unsigned_abs()));
    text.map_or_else(|| format!("Unknown error {number}"), str::to_owned)
}

/// What a signal number means.
fn signal_text(number: i64) -> String {
    let text = u32::try_from(number).ok().and_then(signal::text);
    match (text, number) {
        (Some(text), _) => text.to_owned(),
        (None, 0) => "Unknown signal 0".to_owned(),
        (None, _) => "N/A".to_owned(),
    }
}

fn kind(value: &Type) -> MapKind {
    match value {
        Type::Aggregation(Aggregation::Avg { .. } | Aggregation::Stats { .. }) => MapKind::Stats,
        Type::Aggregation(Aggregation::Hist { .. } | Aggregation::Lhist { .. }) => {
            MapKind::Histogram
        }
        Type::Aggregation(Aggregation::TimeSeries { .. }) => MapKind::TimeSeries,
        _ => MapKind::Plain,
    }
}

fn is_signed(aggregation: Aggregation) -> bool {
    match aggregation {
        Aggregation::Sum { signed }
        | Aggregation::Min { signed }
        | Aggregation::Max { signed }
        | Aggregation::Avg { signed }
        | Aggregation::Stats { signed }
        | Aggregation::TimeSeries { signed, .. } => signed,
        Aggregation::Count | Aggregation::Hist { .. } | Aggregation::Lhist { .. } => false,
    }
}

/// The first 8 bytes, or as many as there are; all targets are little-endian.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    let length = bytes.len().min(8);
    word[..length].copy_from_slice(&bytes[..length]);
    u64::from_le_bytes(word)
}

/// The integer at the start of some bytes.
fn integer(int: IntType, bytes: &[u8]) -> i128 {
    cut(int, word(&bytes[..bytes.len().min(int.size() as usize)]))
}

/// The lowest bits of a word as an integer.
fn cut(int: IntType, word: u64) -> i128 {
    let unused = 64 - u32::from(int.bits.clamp(1, 64));
    if int.signed {
        i128::from((word << unused) as i64 >> unused)
    } else {
        i128::from(word << unused >> unused)
    }
}

/// A 4-byte length, then so many bytes.
fn buffer(bytes: &[u8]) -> Value {
    let (length, content) = bytes.split_at(bytes.len().min(4));
    let length = word(length) as usize;
    match content.get(..length) {
        Some(content) => Value::Buffer(content.to_vec()),
        None => Value::Invalid(format!("buffer of {length} bytes in {}", content.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{Maps, Printed, bytes, manifest, map, record, resolver};
    use trapline_codegen::object::RecordAction;

    fn decode(ty: Type, bytes: &[u8]) -> Value {
        Decoder::new(&manifest(), &mut resolver(), &mut Maps::default()).value(&ty, bytes)
    }

    fn name(ty: Type, number: i64) -> String {
        match decode(ty, &number.to_le_bytes()) {
            Value::Name { text, .. } => text,
            other => panic!("{other:?}"),
        }
    }

    fn int(bits: u8, signed: bool) -> Type {
        Type::Int(IntType { bits, signed })
    }

    #[test]
    fn integers_have_width_and_sign() {
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        for (ty, expected) in [
            (int(8, false), 0xfe),
            (int(8, true), -2),
            (int(16, false), 0xfffe),
            (int(32, true), -2),
            (int(32, false), 0xffff_fffe),
            (int(64, true), -2),
            (int(64, false), 0xffff_ffff_ffff_fffe),
        ] {
            assert_eq!(decode(ty, &bytes), Value::Int(expected));
        }
    }

    #[test]
    fn strings_end_at_nul_or_are_cut() {
        let string = Type::String { capacity: 4 };
        assert_eq!(decode(string.clone(), b"ab\0d"), Value::Str(b"ab".to_vec()));
        assert_eq!(
            decode(string.clone(), b"abc\0"),
            Value::Str(b"abc".to_vec())
        );
        assert_eq!(
            decode(string.clone(), b"abcd"),
            Value::Str(b"abcd..".to_vec())
        );
        assert_eq!(
            decode(string, b"ab"),
            Value::Invalid("string[4] in 2 bytes".into())
        );
        let buffer = Type::Buffer { capacity: 4 };
        assert_eq!(
            decode(buffer.clone(), b"\x02\0\0\0h\0xx"),
            Value::Buffer(b"h\0".to_vec())
        );
        assert!(matches!(
            decode(buffer, b"\xff\0\0\0abcd"),
            Value::Invalid(_)
        ));
    }

    #[test]
    fn members_lie_where_their_type_says() {
        let members = vec![Type::Bool, Type::U32, Type::String { capacity: 3 }];
        let bytes = [1, 9, 9, 9, 5, 0, 0, 0, b'h', b'i', 0, 0];
        let values = vec![Value::Bool(true), Value::Int(5), Value::Str(b"hi".to_vec())];
        assert_eq!(
            decode(Type::Tuple(members.clone()), &bytes),
            Value::Tuple(values)
        );

        let record = Type::Record(vec![("a".into(), Type::Bool), ("b".into(), Type::U32)]);
        let values = vec![
            ("a".to_owned(), Value::Bool(true)),
            ("b".to_owned(), Value::Int(5)),
        ];
        assert_eq!(decode(record, &bytes), Value::Record(values));

        let array = Type::Array {
            element: Box::new(int(16, false)),
            length: 2,
        };
        let values = vec![Value::Int(0x901), Value::Int(0x909)];
        assert_eq!(decode(array, &bytes), Value::Array(values));
    }

    #[test]
    fn numbers_have_names() {
        let path = Type::CgroupPath { filter: None };
        for (ty, number, expected) in [
            (Type::SyscallName, 0, "read"),
            (Type::SyscallName, -1, "-1"),
            (Type::ErrorText, 2, "No such file or directory"),
            (Type::ErrorText, -2, "No such file or directory"),
            (Type::ErrorText, 0, "Success"),
            (Type::ErrorText, 9999, "Unknown error 9999"),
            (Type::SignalName, 2, "Interrupt"),
            (Type::SignalName, 0, "Unknown signal 0"),
            (Type::SignalName, -1, "N/A"),
            (Type::SignalName, 1024, "N/A"),
            (Type::Username, 1234, "1234"),
            (Type::ProbeName, 3, "tracepoint:syscalls:sys_enter_close"),
            (Type::ProbeName, 4, "4"),
            (Type::KernelSymbol, 0x10, "0x10"),
            (Type::KernelSymbol, 0, "0"),
            (path, 1, ""),
        ] {
            assert_eq!(name(ty.clone(), number), expected, "{ty} {number}");
        }
    }

    #[test]
    fn maps_are_merged_and_sorted() {
        let mut maps = Maps::default();
        let mut counts = map("m", &[int(64, true)], Type::Aggregation(Aggregation::Count));
        counts.per_cpu = true;
        let entry = |key: i64, cpus: [u64; 2]| RawEntry {
            key: key.to_le_bytes().to_vec(),
            values: cpus.map(|cpu| cpu.to_le_bytes().to_vec()).to_vec(),
        };
        let entries = [entry(5, [2, 2]), entry(-1, [4, 0]), entry(3, [1, 0])];
        let manifest = manifest();
        let mut resolver = resolver();
        let mut decoder = Decoder::new(&manifest, &mut resolver, &mut maps);
        let snapshot = decoder.snapshot(&counts, &entries);
        assert_eq!(snapshot.name, "@m");
        let rows = [(3, 1), (-1, 4), (5, 4)]
            .map(|(key, value)| (vec![Value::Int(key)], Value::Int(value)));
        assert_eq!(snapshot.entries, rows);
    }

    /// The words of a call of which nothing is captured.
    fn call_record(number: u32, arguments: [u64; 6], result: i64) -> Vec<u64> {
        let mut words = vec![u64::from(number) << 32];
        words.extend(arguments);
        words.extend([result as u64, 1500, 42 << 32 | 41]);
        words.extend([u64::from_le_bytes(*b"cat\0\0\0\0\0"), 0, 0]);
        words
    }

    #[test]
    fn system_calls_print_as_lines_and_as_objects() {
        let manifest = || Manifest {
            records: vec![record(RecordAction::PrintValue, &[Type::CallRecord])],
            ..manifest()
        };
        let event = bytes(0, &call_record(3, [99, 0, 0, 0, 0, 0], -9));
        let [text, json] =
            [Printed::text(manifest()), Printed::json(manifest())].map(|mut printed| {
                printed.output.event(&event, &mut Maps::default()).unwrap();
                printed.output.flush().unwrap();
                printed.results.text()
            });
        assert_eq!(
            text,
            "close(99)                               = -1 EBADF (Bad file descriptor)\n"
        );
        assert_eq!(
            json,
            "{\"type\": \"value\", \"data\": {\"syscall\": \"close\", \"abi\": \"x86_64\", \"pid\": 41, \"tid\": 42, \
             \"comm\": \"cat\", \"args\": {\"fd\": {\"raw\": 99, \"text\": \"99\"}}, \"result\": -9, \"error\": \"EBADF\", \
             \"latency_ns\": 1500, \"time_ns\": 0}}\n"
        );
        assert!(matches!(
            decode(Type::CallRecord, &[0; 103]),
            Value::Invalid(_)
        ));
    }

    #[test]
    fn descriptors_print_as_what_they_are_open_on() {
        let own = u64::from(std::process::id());
        let words = [99_999, own].map(u64::to_le_bytes).concat();
        let mut resolver = Resolver::new();
        let (manifest, mut maps) = (manifest(), Maps::default());
        let mut decoder = Decoder::new(&manifest, &mut resolver, &mut maps);
        let closed = decoder.value(&Type::FilePath, &words);
        assert!(matches!(closed, Value::Name { text, number: 99_999 } if text == "<closed>"));

        let calls = CallOptions {
            descriptors: Descriptors::Paths,
            ..CallOptions::default()
        };
        let mut decoder = decoder.of_event(Calls::new(&manifest, calls), 7);
        let record: Vec<u8> = call_record(3, [99_999, 0, 0, 0, 0, 0], -9)
            .into_iter()
            .map(|word| if word == 42 << 32 | 41 { own } else { word })
            .flat_map(u64::to_le_bytes)
            .collect();
        match decoder.value(&Type::CallRecord, &record) {
            Value::Call(call) => {
                assert!(
                    call.line.starts_with("close(99999<closed>) "),
                    "{}",
                    call.line
                );
                assert_eq!(call.time, 7);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn raw_words_are_numbers() {
        let named = Type::Named {
            set: "errno".into(),
            repr: IntType::I64,
        };
        let bytes = 2u64.to_le_bytes();
        assert_eq!(name(named.clone(), 2), "ENOENT");
        let (manifest, mut resolver, mut maps) = (manifest(), resolver(), Maps::default());
        let raw = CallOptions {
            words: Words::Raw,
            ..CallOptions::default()
        };
        let mut decoder = Decoder::new(&manifest, &mut resolver, &mut maps)
            .of_event(Calls::new(&manifest, raw), 0);
        assert_eq!(decoder.value(&named, &bytes), Value::Int(2));
    }
}
