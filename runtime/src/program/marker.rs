//! Static markers: the notes that `sys/sdt.h` leaves in programs in, places and arguments out.
//!
//! Form of the notes: <https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation>.

use super::register;
use trapline_lang::catalog::program::{Marker, Program};
use trapline_lang::catalog::{Operand, OperandPlace};

/// The section of the notes.
pub(super) const NOTES: &str = ".note.stapsdt";
/// A section whose address the linker of an object knew already.
pub(super) const BASE: &str = ".stapsdt.base";

/// Owner and type of a note.
const OWNER: &[u8] = b"stapsdt\0";
const TYPE: u32 = 3;

/// The markers of a program; `base` is where [`BASE`] is now.
pub(super) fn read(notes: &[u8], base: Option<u64>, program: &Program) -> Vec<Marker> {
    let mut markers: Vec<Marker> = Notes(notes)
        .filter_map(|note| marker(note, base, program))
        .collect();
    markers.sort_unstable();
    markers
}

/// Descriptions of the notes of a section.
struct Notes<'a>(&'a [u8]);

impl<'a> Iterator for Notes<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let word = |at: usize| {
                let bytes = self.0.get(at..at + 4)?;
                Some(u32::from_ne_bytes(bytes.try_into().ok()?))
            };
            let (owner, size, kind) = (word(0)? as usize, word(4)? as usize, word(8)?);
            let description = 12 + owner.checked_next_multiple_of(4)?;
            let end = description.checked_add(size)?;
            let (note, name) = (self.0.get(description..end)?, self.0.get(12..12 + owner)?);
            self.0 = self
                .0
                .get(end.checked_next_multiple_of(4)?..)
                .unwrap_or_default();
            if kind == TYPE && name == OWNER {
                return Some(note);
            }
        }
    }
}

fn marker(note: &[u8], base: Option<u64>, program: &Program) -> Option<Marker> {
    let word = |n: usize| {
        let bytes = note.get(8 * n..8 * n + 8)?;
        Some(u64::from_ne_bytes(bytes.try_into().ok()?))
    };
    let moved = match base {
        Some(base) => base.wrapping_sub(word(1)?),
        None => 0,
    };
    let mut texts = note.get(24..)?.split(|byte| *byte == 0);
    let mut text = || std::str::from_utf8(texts.next()?).ok();
    let (provider, name, arguments) = (text()?, text()?, text()?);
    let semaphore = match word(2)? {
        0 => 0,
        address => program.file_offset(address.wrapping_add(moved))?,
    };
    Some(Marker {
        provider: provider.to_owned(),
        name: name.to_owned(),
        offset: program.file_offset(word(0)?.wrapping_add(moved))?,
        semaphore,
        arguments: split(arguments).into_iter().map(operand).collect(),
    })
}

/// Arguments are apart by blanks, but `[sp, 8]` has one within.
fn split(arguments: &str) -> Vec<&str> {
    let mut depth = 0i32;
    let parts = arguments.split(|c: char| {
        depth += match c {
            '[' | '(' => 1,
            ']' | ')' => -1,
            _ => 0,
        };
        depth == 0 && c == ' '
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// `-4@%edi`, `8@-16(%rbp)`, `4@$5`, `8@(%rax,%rcx,8)`, `-4@[sp, 12]`, `8@x0`
fn operand(text: &str) -> Option<Operand> {
    let (size, place) = text.split_once('@')?;
    let size: i8 = size.parse().ok()?;
    let bits = size.checked_abs()?.checked_mul(8)? as u8;
    if ![8, 16, 32, 64].contains(&bits) {
        return None;
    }
    Some(Operand {
        place: operand_place(place)?,
        bits,
        signed: size < 0,
    })
}

fn operand_place(text: &str) -> Option<OperandPlace> {
    if let Some(constant) = text.strip_prefix('$') {
        return integer(constant).map(OperandPlace::Constant);
    }
    if let Some(inside) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        let (base, displacement) = inside.split_once(',').unwrap_or((inside, "0"));
        return Some(OperandPlace::Memory {
            base: register::offset(base.trim())?,
            index: None,
            displacement: integer(displacement.trim().trim_start_matches('#'))?,
        });
    }
    if let Some((displacement, inside)) = text.split_once('(') {
        let mut parts = inside.strip_suffix(')')?.split(',');
        let base = register_of(parts.next()?)?;
        let index = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(index), factor) => {
                let factor = factor.map_or(Some(1), |factor| factor.trim().parse().ok());
                Some((register_of(index)?, factor?))
            }
        };
        let displacement = match displacement {
            "" => 0,
            text => integer(text)?,
        };
        return Some(OperandPlace::Memory {
            base,
            index,
            displacement,
        });
    }
    match integer(text) {
        Some(constant) => Some(OperandPlace::Constant(constant)),
        None => register_of(text).map(OperandPlace::Register),
    }
}

fn register_of(text: &str) -> Option<u32> {
    let text = text.trim();
    register::offset(text.strip_prefix('%').unwrap_or(text))
}

fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { -value } else { value })
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_all_forms() {
        let memory = |base: &str, displacement| OperandPlace::Memory {
            base: register::offset(base).expect("a register"),
            index: None,
            displacement,
        };
        let expect = |text: &str, place, bits, signed| {
            let expected = Operand {
                place,
                bits,
                signed,
            };
            assert_eq!(operand(text), Some(expected), "{text}");
        };
        expect("-4@%edi", OperandPlace::Register(112), 32, true);
        expect("8@-16(%rbp)", memory("rbp", -16), 64, false);
        expect("1@(%rax)", memory("rax", 0), 8, false);
        expect("-4@$-7", OperandPlace::Constant(-7), 32, true);
        let indexed = OperandPlace::Memory {
            base: 80,
            index: Some((88, 8)),
            displacement: 4,
        };
        expect("8@4(%rax,%rcx,8)", indexed, 64, false);
        for bad in [
            "",
            "3@%eax",
            "4@%xmm0",
            "4@global(%rip)",
            "x@%eax",
            "-128@%eax",
        ] {
            assert_eq!(operand(bad), None, "{bad}");
        }
        assert_eq!(split("4@[sp, 8] 8@x1"), ["4@[sp, 8]", "8@x1"]);
    }

    #[test]
    fn broken_notes_end_the_list() {
        let note = [8u32, 3, TYPE].map(u32::to_ne_bytes).concat();
        for length in 0..note.len() {
            assert_eq!(Notes(&note[..length]).count(), 0);
        }
        let program = Program::default();
        assert!(read(&[note, OWNER.to_vec(), vec![1; 4]].concat(), None, &program).is_empty());
    }
}
