//! The default text form of values: what `print()` and `%s` give.

use super::{histogram, series};
use crate::value::{Frame, MapSnapshot, Stack, Stats, Value};
use std::borrow::Cow;
use std::io::Write;
use trapline_lang::types::{AddressSpace, StackMode};

/// Writes a value. Histograms end with a line break, stacks begin and end with one.
pub fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None => out.extend_from_slice(b"null"),
        Value::Bool(value) => push(out, format_args!("{value}")),
        Value::Int(value) => push(out, format_args!("{value}")),
        Value::Str(bytes) => out.extend_from_slice(bytes),
        Value::Buffer(bytes) => escaped(out, bytes),
        Value::Tuple(members) => {
            out.push(b'(');
            list(out, members, ", ", self::value);
            out.push(b')');
        }
        Value::Array(members) => {
            out.push(b'[');
            list(out, members, ",", self::value);
            out.push(b']');
        }
        Value::Record(members) => record(out, members),
        Value::Pointer(address) => push(out, format_args!("{address:#x}")),
        Value::Name { text, .. } => out.extend_from_slice(text.as_bytes()),
        Value::Enum {
            name: Some(name), ..
        } => out.extend_from_slice(name.as_bytes()),
        Value::Enum { name: None, number } => push(out, format_args!("{number}")),
        Value::Call(call) => out.extend_from_slice(call.line.as_bytes()),
        Value::Stack(stack) => self::stack(out, stack),
        Value::Stats(Stats {
            count,
            average,
            total,
        }) => push(
            out,
            format_args!("{{ .count = {count}, .average = {average}, .total = {total} }}"),
        ),
        Value::Histogram(histogram) => histogram::rows(out, histogram),
        Value::TimeSeries(series) => series::rows(out, series),
        Value::Invalid(problem) => push(out, format_args!("<invalid: {problem}>")),
    }
}

/// Writes a map: an entry a line, `@m[key]: value`.
pub(super) fn map(out: &mut Vec<u8>, map: &MapSnapshot) {
    for (key, value) in &map.entries {
        out.extend_from_slice(map.name.as_bytes());
        if !map.is_scalar() {
            out.push(b'[');
            self::key(out, key);
            out.push(b']');
        }
        let separator = if matches!(value, Value::Histogram(_) | Value::TimeSeries(_)) {
            ":\n"
        } else {
            ": "
        };
        out.extend_from_slice(separator.as_bytes());
        self::value(out, value);
        out.push(b'\n');
    }
}

/// Writes the parts of a key with commas. The parentheses of a tuple that is the whole key are left out.
fn key(out: &mut Vec<u8>, parts: &[Value]) {
    match parts {
        [Value::Tuple(members)] => list(out, members, ", ", value),
        parts => list(out, parts, ", ", value),
    }
}

/// Writes printable bytes as they are and others as `\x00`.
pub(super) fn escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b' '..=b'~' => out.push(*byte),
            _ => push(out, format_args!("\\x{byte:02x}")),
        }
    }
}

fn record(out: &mut Vec<u8>, members: &[(String, Value)]) {
    if members.is_empty() {
        out.extend_from_slice(b"{}");
        return;
    }
    out.extend_from_slice(b"{ ");
    list(out, members, ", ", |out, (name, member)| {
        push(out, format_args!(".{name} = "));
        value(out, member);
    });
    out.extend_from_slice(b" }");
}

fn stack(out: &mut Vec<u8>, stack: &Stack) {
    out.push(b'\n');
    for frame in &stack.frames {
        let address = frame.address;
        match stack.mode {
            StackMode::Bpftrace => push(out, format_args!("        {}\n", place(frame))),
            StackMode::Perf => {
                push(out, format_args!("\t{address:x} {}", place(frame)));
                if stack.space == AddressSpace::User {
                    push(out, format_args!(" ({})", module(frame)));
                }
                out.push(b'\n');
            }
            StackMode::Raw => push(out, format_args!("{address:x}\n")),
            StackMode::BuildId => match build_id(frame) {
                Some((id, offset)) => push(out, format_args!("{id} {offset:#04x}\n")),
                None => push(out, format_args!("{address:x}\n")),
            },
        }
    }
}

/// `function+offset`, or the address.
fn place(frame: &Frame) -> Cow<'_, str> {
    match &frame.symbol {
        Some(symbol) => symbol.into(),
        None => format!("{:#x}", frame.address).into(),
    }
}

/// The file of a frame; as in bpftrace, only if its function is known.
fn module(frame: &Frame) -> &str {
    match (&frame.symbol, &frame.file) {
        (Some(_), Some(file)) => &file.path,
        _ => "[unknown]",
    }
}

fn build_id(frame: &Frame) -> Option<(&str, u64)> {
    let file = frame.file.as_ref()?;
    Some((file.build_id.as_deref()?, file.offset))
}

fn list<T>(
    out: &mut Vec<u8>,
    members: &[T],
    separator: &str,
    mut write: impl FnMut(&mut Vec<u8>, &T),
) {
    for (n, member) in members.iter().enumerate() {
        if n > 0 {
            out.extend_from_slice(separator.as_bytes());
        }
        write(out, member);
    }
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::FilePlace;
    use crate::value::MapKind;

    fn text(shown: &Value) -> String {
        let mut out = Vec::new();
        value(&mut out, shown);
        String::from_utf8(out).unwrap()
    }

    fn string(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn default_forms() {
        let named = |members: &[(&str, Value)]| {
            Value::Record(
                members
                    .iter()
                    .map(|(name, value)| ((*name).into(), value.clone()))
                    .collect(),
            )
        };
        for (shown, expected) in [
            (Value::Bool(true), "true"),
            (Value::Int(-5), "-5"),
            (Value::Int(u64::MAX.into()), "18446744073709551615"),
            (Value::Pointer(0), "0x0"),
            (Value::Pointer(0xffff_0000), "0xffff0000"),
            (Value::Buffer(b"hi\x00\xff\\".to_vec()), "hi\\x00\\xff\\"),
            (
                Value::Tuple(vec![Value::Int(1), string("a"), Value::Tuple(vec![])]),
                "(1, a, ())",
            ),
            (Value::Array(vec![Value::Int(1), Value::Int(2)]), "[1,2]"),
            (named(&[]), "{}"),
            (
                named(&[("a", Value::Int(1)), ("b", named(&[("c", string(""))]))]),
                "{ .a = 1, .b = { .c =  } }",
            ),
            (
                Value::Stats(Stats {
                    count: 3,
                    average: -3,
                    total: -10,
                }),
                "{ .count = 3, .average = -3, .total = -10 }",
            ),
            (
                Value::Enum {
                    name: Some("SECOND".into()),
                    number: 2,
                },
                "SECOND",
            ),
            (
                Value::Enum {
                    name: None,
                    number: 3,
                },
                "3",
            ),
            (Value::None, "null"),
        ] {
            assert_eq!(text(&shown), expected);
        }
    }

    #[test]
    fn stacks_stand_on_lines_of_their_own() {
        let file = FilePlace {
            path: "/bin/a b".into(),
            build_id: Some("00ff".into()),
            offset: 5,
        };
        let frame = |address, symbol: Option<&str>, file: Option<&FilePlace>| Frame {
            address,
            symbol: symbol.map(str::to_owned),
            file: file.cloned(),
        };
        let kernel = [
            frame(0xffff_ffff_8100_0010, Some("do_idle+16"), None),
            frame(0xffff_ffff_a000_0000, None, None),
        ];
        let user = [
            frame(0x55ff, Some("foo(int)+3"), Some(&file)),
            frame(0x56ff, None, Some(&file)),
            frame(0x57ff, None, None),
        ];
        let print = |space, mode| {
            let frames = match space {
                AddressSpace::Kernel => kernel.to_vec(),
                AddressSpace::User => user.to_vec(),
            };
            text(&Value::Stack(Stack {
                space,
                mode,
                frames,
            }))
        };
        for (mode, in_kernel, in_user) in [
            (
                StackMode::Bpftrace,
                "\n        do_idle+16\n        0xffffffffa0000000\n",
                "\n        foo(int)+3\n        0x56ff\n        0x57ff\n",
            ),
            (
                StackMode::Perf,
                "\n\tffffffff81000010 do_idle+16\n\tffffffffa0000000 0xffffffffa0000000\n",
                "\n\t55ff foo(int)+3 (/bin/a b)\n\t56ff 0x56ff ([unknown])\n\t57ff 0x57ff ([unknown])\n",
            ),
            (
                StackMode::Raw,
                "\nffffffff81000010\nffffffffa0000000\n",
                "\n55ff\n56ff\n57ff\n",
            ),
            (
                StackMode::BuildId,
                "\nffffffff81000010\nffffffffa0000000\n",
                "\n00ff 0x05\n00ff 0x05\n57ff\n",
            ),
        ] {
            assert_eq!(print(AddressSpace::Kernel, mode), in_kernel);
            assert_eq!(print(AddressSpace::User, mode), in_user);
        }
    }

    #[test]
    fn keys_of_maps() {
        for (columns, parts, expected) in [
            (1, vec![Value::Int(1)], "@m[1]: 7\n"),
            (2, vec![Value::Int(1), string("a b")], "@m[1, a b]: 7\n"),
            (
                1,
                vec![Value::Tuple(vec![Value::Int(1), Value::Int(2)])],
                "@m[1, 2]: 7\n",
            ),
            (
                2,
                vec![
                    Value::Tuple(vec![Value::Int(1), Value::Int(2)]),
                    Value::Int(3),
                ],
                "@m[(1, 2), 3]: 7\n",
            ),
            (1, vec![string("(sd-pam)")], "@m[(sd-pam)]: 7\n"),
            (0, vec![], "@m: 7\n"),
        ] {
            let snapshot = MapSnapshot {
                name: "@m".into(),
                columns: vec![String::new(); columns],
                kind: MapKind::Plain,
                entries: vec![(parts, Value::Int(7))],
            };
            let mut out = Vec::new();
            map(&mut out, &snapshot);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
