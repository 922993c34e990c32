//! The disassembler: BPF code in, text like llvm-objdump's out, with names where relocations have them.

use super::encoding::{
    AluOp, BYTE_ORDER, CALL, COMPARE_EXCHANGE, Comparison, EXCHANGE, EXIT, FETCH, INSTRUCTION_SIZE,
    JUMP, MOVE, NEGATE, PSEUDO_CALL, SOURCE_REGISTER, Size, Word, class, mode,
};
use super::helper_name::helper_name;
use crate::object::{Code, Object, Relocation, RelocationTarget};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// Signs of arithmetic by operation.
const ALU_SIGNS: [(u8, &str); 11] = [
    (AluOp::Add as u8, "+="),
    (AluOp::Sub as u8, "-="),
    (AluOp::Mul as u8, "*="),
    (AluOp::Div as u8, "/="),
    (AluOp::Or as u8, "|="),
    (AluOp::And as u8, "&="),
    (AluOp::Shl as u8, "<<="),
    (AluOp::Shr as u8, ">>="),
    (AluOp::Mod as u8, "%="),
    (AluOp::Xor as u8, "^="),
    (AluOp::Sar as u8, "s>>="),
];

/// Signs of comparisons by operation.
const COMPARISON_SIGNS: [(u8, &str); 10] = [
    (Comparison::Eq as u8, "=="),
    (Comparison::Gt as u8, ">"),
    (Comparison::Ge as u8, ">="),
    (Comparison::Ne as u8, "!="),
    (Comparison::SignedGt as u8, "s>"),
    (Comparison::SignedGe as u8, "s>="),
    (Comparison::Lt as u8, "<"),
    (Comparison::Le as u8, "<="),
    (Comparison::SignedLt as u8, "s<"),
    (Comparison::SignedLe as u8, "s<="),
];

/// Names of atomic operations that give the old value.
const FETCH_NAMES: [(u8, &str); 4] = [
    (AluOp::Add as u8, "add"),
    (AluOp::Or as u8, "or"),
    (AluOp::And as u8, "and"),
    (AluOp::Xor as u8, "xor"),
];

/// Prints all functions of an object, each under its section and name.
pub fn print_object(object: &Object) -> String {
    let name = |target| target_name(object, target);
    let mut text = String::new();
    for code in object.programs.iter().chain(&object.subprograms) {
        let Code {
            name: function,
            section,
            bytes,
            relocations,
            ..
        } = code;
        let body = print(bytes, relocations, &name);
        let separator = if text.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{separator}{section} {function}:\n{body}");
    }
    text
}

/// The name of what a relocation points to, as the object spells it.
fn target_name(object: &Object, target: RelocationTarget) -> String {
    let name = match target {
        RelocationTarget::Map(index) => object.maps.get(index as usize).map(|map| &map.name),
        RelocationTarget::Data(index) => object.data.get(index as usize).map(|data| &data.section),
        RelocationTarget::SubprogramAddress(index) | RelocationTarget::SubprogramCall(index) => {
            object
                .subprograms
                .get(index as usize)
                .map(|code| &code.name)
        }
    };
    name.cloned().unwrap_or_else(|| default_target_name(target))
}

/// The name of what a relocation points to, by its index: `map0`, `data0`, `subprogram0`.
pub fn default_target_name(target: RelocationTarget) -> String {
    match target {
        RelocationTarget::Map(index) => format!("map{index}"),
        RelocationTarget::Data(index) => format!("data{index}"),
        RelocationTarget::SubprogramAddress(index) | RelocationTarget::SubprogramCall(index) => {
            format!("subprogram{index}")
        }
    }
}

/// Prints a function: a line for each instruction, and a label where a branch goes.
///
/// What is no instruction is printed as `unknown` with its opcode.
pub fn print(
    bytes: &[u8],
    relocations: &[Relocation],
    name: &dyn Fn(RelocationTarget) -> String,
) -> String {
    let (chunks, _) = bytes.as_chunks::<INSTRUCTION_SIZE>();
    let words: Vec<Word> = chunks
        .iter()
        .map(|&chunk| Word::from_bytes(chunk))
        .collect();
    let symbols: HashMap<usize, String> = relocations
        .iter()
        .map(|relocation| {
            let word = relocation.offset as usize / INSTRUCTION_SIZE;
            (word, name(relocation.target))
        })
        .collect();
    let labels = labels(&words);
    let mut text = String::new();
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        if let Some(label) = labels.get(&at) {
            let _ = writeln!(text, "L{label}:");
        }
        let high = words.get(at + 1).map_or(0, |next| next.immediate);
        let goto = branch_target(at, word)
            .and_then(|target| labels.get(&target))
            .map_or_else(|| format!("{:+}", word.offset), |label| format!("L{label}"));
        let symbol = symbols.get(&at).map(String::as_str);
        let _ = writeln!(text, "{at:5}: {}", instruction(word, high, symbol, &goto));
        at += if word.is_wide() { 2 } else { 1 };
    }
    text
}

/// Numbers for the places that branches go to, in order.
fn labels(words: &[Word]) -> BTreeMap<usize, usize> {
    let mut targets = BTreeSet::new();
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        targets.extend(branch_target(at, word).filter(|&target| target < words.len()));
        at += if word.is_wide() { 2 } else { 1 };
    }
    targets.into_iter().zip(1..).collect()
}

fn branch_target(at: usize, word: Word) -> Option<usize> {
    let is_branch = matches!(word.class(), class::JMP | class::JMP32)
        && !matches!(operation(word), CALL | EXIT);
    is_branch
        .then(|| (at + 1).checked_add_signed(isize::from(word.offset)))
        .flatten()
}

/// The operation bits of arithmetic and jumps.
fn operation(word: Word) -> u8 {
    word.opcode & 0xf0
}

fn lookup(table: &[(u8, &'static str)], key: u8) -> Option<&'static str> {
    let row = table.iter().find(|&&(known, _)| known == key);
    row.map(|&(_, text)| text)
}

fn instruction(word: Word, high: i32, symbol: Option<&str>, goto: &str) -> String {
    let text = match word.class() {
        class::LD if word.is_wide() => Some(wide(word, high, symbol)),
        class::LDX | class::ST | class::STX => memory(word),
        class::ALU | class::ALU64 => arithmetic(word),
        class::JMP | class::JMP32 => jump(word, symbol, goto),
        _ => None,
    };
    text.unwrap_or_else(|| format!("unknown {:#04x}", word.opcode))
}

fn wide(word: Word, high: i32, symbol: Option<&str>) -> String {
    let Word { dst, immediate, .. } = word;
    match (symbol, immediate) {
        (Some(symbol), 0) => format!("r{dst} = {symbol} ll"),
        (Some(symbol), offset) => format!("r{dst} = {symbol}{offset:+} ll"),
        (None, _) => {
            let value = i64::from(high) << 32 | i64::from(immediate as u32);
            format!("r{dst} = {value:#x} ll")
        }
    }
}

fn memory(word: Word) -> Option<String> {
    let Word {
        dst,
        src,
        offset,
        immediate,
        ..
    } = word;
    let size = match word.opcode & 0x18 {
        size if size == Size::Byte as u8 => 8,
        size if size == Size::Half as u8 => 16,
        size if size == Size::Word as u8 => 32,
        _ => 64,
    };
    let place = |base: u8| format!("*(u{size} *)(r{base} {offset:+})");
    let address = || format!("(u{size} *)(r{dst} {offset:+})");
    Some(match (word.class(), word.opcode & 0xe0) {
        (class::LDX, mode::MEM) => format!("r{dst} = {}", place(src)),
        (class::ST, mode::MEM) => format!("{} = {immediate}", place(dst)),
        (class::STX, mode::MEM) => format!("{} = r{src}", place(dst)),
        (class::STX, mode::ATOMIC) => match immediate {
            EXCHANGE => format!("r{src} = xchg({}, r{src})", address()),
            COMPARE_EXCHANGE => format!("r0 = cmpxchg({}, r0, r{src})", address()),
            _ if immediate & FETCH != 0 => {
                let name = lookup(&FETCH_NAMES, (immediate & !FETCH) as u8)?;
                format!("r{src} = atomic_fetch_{name}({}, r{src})", address())
            }
            _ => {
                let sign = lookup(&ALU_SIGNS, immediate as u8)?;
                format!("lock {} {sign} r{src}", place(dst))
            }
        },
        _ => return None,
    })
}

/// `r` for whole registers, `w` for their low halves.
fn register_letter(word: Word) -> char {
    match word.class() {
        class::ALU | class::JMP32 => 'w',
        _ => 'r',
    }
}

fn source(word: Word) -> String {
    if word.opcode & SOURCE_REGISTER != 0 {
        format!("{}{}", register_letter(word), word.src)
    } else {
        word.immediate.to_string()
    }
}

fn arithmetic(word: Word) -> Option<String> {
    let dst = format!("{}{}", register_letter(word), word.dst);
    Some(match operation(word) {
        MOVE => format!("{dst} = {}", source(word)),
        NEGATE => format!("{dst} = -{dst}"),
        BYTE_ORDER => {
            let order = if word.opcode & SOURCE_REGISTER != 0 {
                "be"
            } else {
                "le"
            };
            format!("r{0} = {order}{1} r{0}", word.dst, word.immediate)
        }
        operation => format!("{dst} {} {}", lookup(&ALU_SIGNS, operation)?, source(word)),
    })
}

fn jump(word: Word, symbol: Option<&str>, goto: &str) -> Option<String> {
    Some(match operation(word) {
        JUMP => format!("goto {goto}"),
        EXIT => "exit".to_owned(),
        CALL if word.src == PSEUDO_CALL => format!("call {}", symbol.unwrap_or("subprogram")),
        CALL => match helper_name(word.immediate) {
            Some(name) => format!("call {name}"),
            None => format!("call {}", word.immediate),
        },
        operation => {
            let sign = lookup(&COMPARISON_SIGNS, operation)?;
            let letter = register_letter(word);
            format!(
                "if {letter}{} {sign} {} goto {goto}",
                word.dst,
                source(word)
            )
        }
    })
}
