//! The ELF writer: programs, BTF maps, line information and the manifest as a relocatable object that
//! libbpf, bpftool and aya load. [`read_manifest`] takes the manifest out again.

use crate::btf::{self, Btf, BtfExt, Line, Linkage, StringId, TypeId, Variable};
use crate::layout::map_type;
use crate::object::{
    Code, DataSection, KernelMap, MANIFEST_SECTION, MANIFEST_VERSION, Manifest, Object,
    RelocationTarget, SourceText,
};
use object::read::elf::ElfFile64;
use object::write::{Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, ObjectSection, RelocationFlags, SectionFlags,
    SectionKind, SymbolFlags, SymbolKind, SymbolScope,
};
use std::collections::HashMap;

/// A 64-bit constant (linux v6.12 Documentation/bpf/llvm_reloc.rst).
const R_BPF_64_64: u32 = 1;
/// A call.
const R_BPF_64_32: u32 = 10;
/// Flags of sections with code: allocated, executable.
const CODE_FLAGS: u64 = (object::elf::SHF_ALLOC | object::elf::SHF_EXECINSTR) as u64;
/// Alignment of everything that is addressed.
const ALIGNMENT: u64 = 8;
/// Bytes of a pointer, which is what the members of a map's definition are.
const POINTER_SIZE: u32 = 8;

/// Writes an object as ELF.
///
/// # Panics
/// If a relocation names what the object does not have: always a bug of ours.
pub fn write(object: &Object) -> Vec<u8> {
    let mut writer = Writer::new(&object.source);
    writer.license(&object.license);
    writer.maps(&object.maps);
    writer.data(&object.data);
    // Subprograms come first: programs refer to them.
    let mut placed = Vec::new();
    for code in &object.subprograms {
        let (place, symbol) = writer.function(code, Linkage::Static);
        writer.subprograms.push(symbol);
        placed.push((code, place));
    }
    for code in &object.programs {
        let (place, _) = writer.function(code, Linkage::Global);
        placed.push((code, place));
    }
    for (code, place) in placed {
        writer.relocate(code, place);
    }
    writer.manifest(&object.manifest);
    writer.finish()
}

/// Why an ELF has no manifest that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The bytes are not an ELF object.
    #[error("not an ELF object: {0}")]
    NotElf(#[from] object::read::Error),
    /// It was not made by Trapline.
    #[error("the ELF object has no section {MANIFEST_SECTION}; it was not made by Trapline")]
    Missing,
    /// The section is damaged.
    #[error("the section {MANIFEST_SECTION} cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// Another version of Trapline made it.
    #[error(
        "the ELF object has a manifest of version {found}, this Trapline reads version {MANIFEST_VERSION}; compile the script again"
    )]
    Version {
        /// Its version.
        found: u32,
    },
}

/// Reads the manifest of an ELF that [`write`](fn@write) made.
///
/// # Errors
/// If the bytes are no such ELF, or one of another version.
pub fn read_manifest(elf: &[u8]) -> Result<Manifest, ManifestError> {
    /// All that versions have in common.
    #[derive(serde::Deserialize)]
    struct Version {
        version: u32,
    }
    let file = ElfFile64::<Endianness>::parse(elf)?;
    let section = object::Object::section_by_name(&file, MANIFEST_SECTION);
    let bytes = section.ok_or(ManifestError::Missing)?.data()?;
    let Version { version: found } = serde_json::from_slice(bytes)?;
    if found != MANIFEST_VERSION {
        return Err(ManifestError::Version { found });
    }
    Ok(serde_json::from_slice(bytes)?)
}

/// Where a function's code begins.
#[derive(Clone, Copy)]
struct Place {
    section: SectionId,
    offset: u64,
}

/// Types that everything is described with.
struct BaseTypes {
    int: TypeId,
    byte: TypeId,
    word: TypeId,
    pointer: TypeId,
}

struct Writer<'a> {
    elf: object::write::Object<'a>,
    btf: Btf,
    ext: BtfExt,
    types: BaseTypes,
    lines: LineTable<'a>,
    file_name: StringId,
    sections: HashMap<String, SectionId>,
    maps: Vec<SymbolId>,
    data: Vec<SymbolId>,
    subprograms: Vec<SymbolId>,
}

impl<'a> Writer<'a> {
    fn new(source: &'a SourceText) -> Self {
        let mut btf = Btf::new();
        let types = BaseTypes {
            int: btf.int("int", 4, true),
            byte: btf.int("unsigned char", 1, false),
            word: btf.int("unsigned long long", 8, false),
            pointer: btf.pointer(btf::VOID),
        };
        let file_name = btf.string(&source.name);
        Self {
            elf: object::write::Object::new(
                BinaryFormat::Elf,
                Architecture::Bpf,
                Endianness::Little,
            ),
            btf,
            ext: BtfExt::default(),
            types,
            lines: LineTable::new(&source.text),
            file_name,
            sections: HashMap::new(),
            maps: Vec::new(),
            data: Vec::new(),
            subprograms: Vec::new(),
        }
    }

    /// The section of a name, made when it is first asked for.
    fn section(&mut self, name: &str, kind: SectionKind) -> SectionId {
        if let Some(&id) = self.sections.get(name) {
            return id;
        }
        let id = self
            .elf
            .add_section(Vec::new(), name.as_bytes().to_vec(), kind);
        self.sections.insert(name.to_owned(), id);
        id
    }

    fn symbol(
        &mut self,
        name: &str,
        kind: SymbolKind,
        scope: SymbolScope,
        place: Place,
        size: u64,
    ) -> SymbolId {
        self.elf.add_symbol(Symbol {
            name: name.as_bytes().to_vec(),
            value: place.offset,
            size,
            kind,
            scope,
            weak: false,
            section: SymbolSection::Section(place.section),
            flags: SymbolFlags::None,
        })
    }

    fn license(&mut self, license: &str) {
        let section = self.section("license", SectionKind::Data);
        let mut bytes = license.as_bytes().to_vec();
        bytes.push(0);
        self.elf.append_section_data(section, &bytes, 1);
    }

    /// Maps as libbpf 1.x wants them: a variable each, whose struct type holds the numbers as array lengths.
    fn maps(&mut self, maps: &[KernelMap]) {
        if maps.is_empty() {
            return;
        }
        let section = self.section(".maps", SectionKind::Data);
        let mut variables = Vec::with_capacity(maps.len());
        let mut offset = 0;
        for map in maps {
            let typed = map.map_type == map_type::TASK_STORAGE;
            let sized = |size| if typed { 0 } else { size };
            let fields = [
                ("type", map.map_type),
                ("key_size", sized(map.key_size)),
                ("value_size", sized(map.value_size)),
                ("max_entries", map.max_entries),
                ("map_flags", map.flags),
            ];
            let mut members = Vec::with_capacity(fields.len() + 2);
            let mut size = 0;
            if typed {
                // The kernel wants to know the types of what hangs on its objects; keys are descriptors.
                let words = map.value_size.div_ceil(8);
                let value = self.btf.array(self.types.word, self.types.int, words);
                for (name, ty) in [("key", self.types.int), ("value", value)] {
                    members.push((name, self.btf.pointer(ty), size));
                    size += POINTER_SIZE;
                }
            }
            for (name, value) in fields.into_iter().filter(|&(_, value)| value != 0) {
                let array = self.btf.array(self.types.int, self.types.int, value);
                members.push((name, self.btf.pointer(array), size));
                size += POINTER_SIZE;
            }
            let structure = self.btf.structure(size, &members);
            let ty = self.btf.variable(&map.name, structure);
            variables.push(Variable { ty, offset, size });
            let bytes = vec![0; size as usize];
            let place = Place {
                section,
                offset: self.elf.append_section_data(section, &bytes, ALIGNMENT),
            };
            let symbol = self.symbol(
                &map.name,
                SymbolKind::Data,
                SymbolScope::Dynamic,
                place,
                u64::from(size),
            );
            self.maps.push(symbol);
            offset += size;
        }
        self.btf.data_section(".maps", offset, &variables);
    }

    /// Data sections, one variable each or several in the same one.
    fn data(&mut self, data: &[DataSection]) {
        let mut described: Vec<(&str, Vec<Variable>)> = Vec::new();
        for item in data {
            let kind = match item.section.as_str() {
                ".bss" => SectionKind::UninitializedData,
                name if name.starts_with(".rodata") => SectionKind::ReadOnlyData,
                _ => SectionKind::Data,
            };
            let section = self.section(&item.section, kind);
            let size = item.bytes.len() as u64;
            let offset = if kind == SectionKind::UninitializedData {
                self.elf.append_section_bss(section, size, ALIGNMENT)
            } else {
                self.elf
                    .append_section_data(section, &item.bytes, ALIGNMENT)
            };
            let place = Place { section, offset };
            let symbol = self.symbol(
                &item.name,
                SymbolKind::Data,
                SymbolScope::Dynamic,
                place,
                size,
            );
            self.data.push(symbol);
            let array = self.btf.array(self.types.byte, self.types.int, size as u32);
            let variable = Variable {
                ty: self.btf.variable(&item.name, array),
                offset: offset as u32,
                size: size as u32,
            };
            match described.iter_mut().find(|(name, _)| *name == item.section) {
                Some((_, variables)) => variables.push(variable),
                None => described.push((&item.section, vec![variable])),
            }
        }
        for (name, variables) in described {
            let end = |variable: &Variable| variable.offset + variable.size;
            let size = variables.last().map_or(0, end);
            self.btf.data_section(name, size, &variables);
        }
    }

    /// Appends a function's code to its section and describes it.
    fn function(&mut self, code: &Code, linkage: Linkage) -> (Place, SymbolId) {
        let section = self.section(&code.section, SectionKind::Text);
        self.elf.section_mut(section).flags = SectionFlags::Elf {
            sh_flags: CODE_FLAGS,
        };
        let offset = self
            .elf
            .append_section_data(section, &code.bytes, ALIGNMENT);
        let place = Place { section, offset };
        // A hidden symbol is a static function to libbpf, which cannot find local ones by name.
        let scope = match linkage {
            Linkage::Static => SymbolScope::Linkage,
            Linkage::Global => SymbolScope::Dynamic,
        };
        let size = code.bytes.len() as u64;
        let symbol = self.symbol(&code.name, SymbolKind::Text, scope, place, size);
        let prototype = self.prototype(code, linkage);
        let ty = self.btf.function(&code.name, prototype, linkage);
        let section_name = self.btf.string(&code.section);
        let lines: Vec<Line> = code
            .lines
            .iter()
            .map(|entry| {
                let (line, column, text) = self.lines.at(entry.source_offset);
                Line {
                    instruction_offset: offset as u32 + entry.instruction * 8,
                    file: self.file_name,
                    text: self.btf.string(text),
                    line,
                    column,
                }
            })
            .collect();
        self.ext
            .function(section_name, offset as u32, ty, lines.into_iter());
        (place, symbol)
    }

    fn prototype(&mut self, code: &Code, linkage: Linkage) -> TypeId {
        match linkage {
            Linkage::Global => {
                let params = [("ctx", self.types.pointer)];
                self.btf.prototype(self.types.int, &params)
            }
            Linkage::Static => {
                let names = ["a", "b", "c", "d", "e"];
                let params: Vec<_> = names
                    .into_iter()
                    .take(usize::from(code.params))
                    .map(|name| (name, self.types.word))
                    .collect();
                self.btf.prototype(self.types.word, &params)
            }
        }
    }

    fn relocate(&mut self, code: &Code, place: Place) {
        for relocation in &code.relocations {
            let (symbols, index, r_type) = match relocation.target {
                RelocationTarget::Map(index) => (&self.maps, index, R_BPF_64_64),
                RelocationTarget::Data(index) => (&self.data, index, R_BPF_64_64),
                RelocationTarget::SubprogramAddress(index) => {
                    (&self.subprograms, index, R_BPF_64_64)
                }
                RelocationTarget::SubprogramCall(index) => (&self.subprograms, index, R_BPF_64_32),
            };
            let symbol = *symbols
                .get(index as usize)
                .expect("invariant: a relocation names a part of its object");
            self.elf
                .add_relocation(
                    place.section,
                    Relocation {
                        offset: place.offset + u64::from(relocation.offset),
                        symbol,
                        addend: 0,
                        flags: RelocationFlags::Elf { r_type },
                    },
                )
                .expect("invariant: BPF's relocations fit in an ELF object");
        }
    }

    fn manifest(&mut self, manifest: &Manifest) {
        let bytes = serde_json::to_vec(manifest)
            .expect("invariant: a manifest holds nothing that JSON cannot express");
        let section = self.section(MANIFEST_SECTION, SectionKind::Other);
        self.elf.append_section_data(section, &bytes, 1);
    }

    fn finish(mut self) -> Vec<u8> {
        let sections = [
            (".BTF", self.btf.to_bytes()),
            (".BTF.ext", self.ext.to_bytes()),
        ];
        for (name, bytes) in sections {
            let section = self.section(name, SectionKind::Other);
            self.elf.append_section_data(section, &bytes, 4);
        }
        self.elf
            .write()
            .expect("invariant: sections, symbols and relocations were added by the writer itself")
    }
}

/// Lines of the script by byte offset.
struct LineTable<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineTable<'a> {
    fn new(text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    /// Line and column from 1, and the line's text without the space around it.
    fn at(&self, offset: u32) -> (u32, u32, &'a str) {
        let offset = (offset as usize).min(self.text.len());
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts[line - 1];
        let text = self.text[start..].lines().next().unwrap_or_default();
        let before = &self.text.as_bytes()[start..offset];
        // Continuation bytes of UTF-8 are not characters.
        let column = before.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() + 1;
        (line as u32, column as u32, text.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines() {
        let table = LineTable::new("a\n  bé c\n");
        assert_eq!(table.at(0), (1, 1, "a"));
        assert_eq!(table.at(2), (2, 1, "bé c"));
        assert_eq!(table.at(8), (2, 6, "bé c"));
        assert_eq!(table.at(900), (3, 1, ""));
    }

    #[test]
    fn other_files_have_no_manifest() {
        assert!(matches!(
            read_manifest(b"hello"),
            Err(ManifestError::NotElf(_))
        ));
    }
}
