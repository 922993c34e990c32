//! BTF: the type information that describes maps, data, functions and lines.
//!
//! `Btf` makes the `.BTF` section, `BtfExt` the `.BTF.ext` section, which ties instructions to
//! functions and to lines of the script. Formats: linux v6.12 Documentation/bpf/btf.rst and
//! tools/lib/bpf/libbpf_internal.h.

use std::collections::HashMap;

const MAGIC: u16 = 0xeb9f;
const VERSION: u8 = 1;
/// Bytes of both headers as written here.
const HEADER_SIZE: u32 = 24;
/// Bytes of a `struct bpf_func_info`.
const FUNC_INFO_SIZE: u32 = 8;
/// Bytes of a `struct bpf_line_info`.
const LINE_INFO_SIZE: u32 = 16;
/// Columns have ten bits.
const MAX_COLUMN: u32 = 1023;

/// `enum` of type kinds.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Kind {
    Int = 1,
    Pointer = 2,
    Array = 3,
    Struct = 4,
    Func = 12,
    FuncProto = 13,
    Var = 14,
    DataSection = 15,
}

/// Whether a function can be called from outside its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linkage {
    /// Verified at each call; may be a callback.
    Static = 0,
    /// A program.
    Global = 1,
}

/// A type by its number, which counts from one; zero is `void`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeId(u32);

/// `void`
pub(crate) const VOID: TypeId = TypeId(0);

/// A string by its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StringId(u32);

/// A variable in a data section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable {
    pub(crate) ty: TypeId,
    pub(crate) offset: u32,
    pub(crate) size: u32,
}

/// The types of an object.
pub(crate) struct Btf {
    strings: Vec<u8>,
    known_strings: HashMap<String, StringId>,
    types: Vec<u8>,
    count: u32,
}

impl Btf {
    pub(crate) fn new() -> Self {
        Self {
            strings: vec![0],
            known_strings: HashMap::new(),
            types: Vec::new(),
            count: 0,
        }
    }

    /// Adds a string once. It ends at its first NUL.
    pub(crate) fn string(&mut self, text: &str) -> StringId {
        let text = text.split('\0').next().unwrap_or_default();
        if text.is_empty() {
            return StringId(0);
        }
        if let Some(&id) = self.known_strings.get(text) {
            return id;
        }
        let id = StringId(self.strings.len() as u32);
        self.strings.extend_from_slice(text.as_bytes());
        self.strings.push(0);
        self.known_strings.insert(text.to_owned(), id);
        id
    }

    /// `size_or_type` and `tail` are as the kind has them.
    fn add(
        &mut self,
        name: &str,
        kind: Kind,
        length: usize,
        size_or_type: u32,
        tail: &[u32],
    ) -> TypeId {
        let name = self.string(name).0;
        let info = (kind as u32) << 24 | length as u32;
        for word in [name, info, size_or_type].iter().chain(tail) {
            self.types.extend_from_slice(&word.to_le_bytes());
        }
        self.count += 1;
        TypeId(self.count)
    }

    /// An integer of so many bytes.
    pub(crate) fn int(&mut self, name: &str, size: u32, signed: bool) -> TypeId {
        let encoding = u32::from(signed) << 24;
        self.add(name, Kind::Int, 0, size, &[encoding | (size * 8)])
    }

    pub(crate) fn pointer(&mut self, to: TypeId) -> TypeId {
        self.add("", Kind::Pointer, 0, to.0, &[])
    }

    pub(crate) fn array(&mut self, element: TypeId, index: TypeId, length: u32) -> TypeId {
        self.add("", Kind::Array, 0, 0, &[element.0, index.0, length])
    }

    /// A struct of members with their offsets in bytes.
    pub(crate) fn structure(&mut self, size: u32, members: &[(&str, TypeId, u32)]) -> TypeId {
        let mut tail = Vec::with_capacity(members.len() * 3);
        for &(name, ty, offset) in members {
            tail.extend([self.string(name).0, ty.0, offset * 8]);
        }
        self.add("", Kind::Struct, members.len(), size, &tail)
    }

    pub(crate) fn prototype(&mut self, result: TypeId, params: &[(&str, TypeId)]) -> TypeId {
        let mut tail = Vec::with_capacity(params.len() * 2);
        for &(name, ty) in params {
            tail.extend([self.string(name).0, ty.0]);
        }
        self.add("", Kind::FuncProto, params.len(), result.0, &tail)
    }

    pub(crate) fn function(&mut self, name: &str, prototype: TypeId, linkage: Linkage) -> TypeId {
        self.add(name, Kind::Func, linkage as usize, prototype.0, &[])
    }

    /// A global variable.
    pub(crate) fn variable(&mut self, name: &str, ty: TypeId) -> TypeId {
        self.add(name, Kind::Var, 0, ty.0, &[Linkage::Global as u32])
    }

    pub(crate) fn data_section(&mut self, name: &str, size: u32, variables: &[Variable]) -> TypeId {
        let tail: Vec<u32> = variables
            .iter()
            .flat_map(|variable| [variable.ty.0, variable.offset, variable.size])
            .collect();
        self.add(name, Kind::DataSection, variables.len(), size, &tail)
    }

    /// The `.BTF` section.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (types, strings) = (self.types.len() as u32, self.strings.len() as u32);
        let mut bytes = header();
        push_words(&mut bytes, &[0, types, types, strings]);
        bytes.extend_from_slice(&self.types);
        bytes.extend_from_slice(&self.strings);
        bytes
    }
}

/// A place in the script, for a line entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Bytes from the start of the ELF section to the instruction.
    pub(crate) instruction_offset: u32,
    pub(crate) file: StringId,
    pub(crate) text: StringId,
    /// From 1.
    pub(crate) line: u32,
    /// From 1.
    pub(crate) column: u32,
}

/// Functions and lines by ELF section.
#[derive(Default)]
pub(crate) struct BtfExt {
    sections: Vec<ExtSection>,
}

struct ExtSection {
    name: StringId,
    functions: Vec<(u32, TypeId)>,
    lines: Vec<Line>,
}

impl BtfExt {
    /// Adds a function that starts at a byte of a section. Functions come in the order of their offsets.
    pub(crate) fn function(
        &mut self,
        section: StringId,
        offset: u32,
        ty: TypeId,
        lines: impl Iterator<Item = Line>,
    ) {
        let index = match self.sections.iter().position(|known| known.name == section) {
            Some(index) => index,
            None => {
                self.sections.push(ExtSection {
                    name: section,
                    functions: Vec::new(),
                    lines: Vec::new(),
                });
                self.sections.len() - 1
            }
        };
        self.sections[index].functions.push((offset, ty));
        self.sections[index].lines.extend(lines);
    }

    /// The `.BTF.ext` section.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut functions = Vec::new();
        let mut lines = Vec::new();
        for section in &self.sections {
            push_words(
                &mut functions,
                &[section.name.0, section.functions.len() as u32],
            );
            for &(offset, ty) in &section.functions {
                push_words(&mut functions, &[offset, ty.0]);
            }
            // libbpf refuses a section without records.
            if section.lines.is_empty() {
                continue;
            }
            push_words(&mut lines, &[section.name.0, section.lines.len() as u32]);
            for line in &section.lines {
                let place = line.line << 10 | line.column.min(MAX_COLUMN);
                push_words(
                    &mut lines,
                    &[line.instruction_offset, line.file.0, line.text.0, place],
                );
            }
        }
        let functions = with_record_size(FUNC_INFO_SIZE, functions);
        let lines = with_record_size(LINE_INFO_SIZE, lines);
        let (functions_size, lines_size) = (functions.len() as u32, lines.len() as u32);
        let mut bytes = header();
        push_words(&mut bytes, &[0, functions_size, functions_size, lines_size]);
        bytes.extend(functions);
        bytes.extend(lines);
        bytes
    }
}

/// Each table starts with the size of its records, unless it is empty.
fn with_record_size(size: u32, records: Vec<u8>) -> Vec<u8> {
    if records.is_empty() {
        return records;
    }
    let mut bytes = size.to_le_bytes().to_vec();
    bytes.extend(records);
    bytes
}

/// Magic, version, flags and the header's own size.
fn header() -> Vec<u8> {
    let mut bytes = MAGIC.to_le_bytes().to_vec();
    bytes.extend([VERSION, 0]);
    bytes.extend(HEADER_SIZE.to_le_bytes());
    bytes
}

fn push_words(bytes: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
}
