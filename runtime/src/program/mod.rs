//! User programs and libraries: a name in, functions and static markers with their places in the file out.

mod find;
mod marker;
pub(crate) mod register;

use crate::symbol;
use object::read::elf::ElfFile64;
use object::{
    Endianness, Object, ObjectKind, ObjectSection, ObjectSegment, ObjectSymbol, ReadCache,
    SymbolKind,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trapline_lang::catalog::Program;
use trapline_lang::catalog::program::{Segment, UserFunction};

/// Programs that were read.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    read: RefCell<HashMap<PathBuf, Result<Arc<Program>, String>>>,
}

impl Programs {
    /// All programs that a name stands for.
    ///
    /// # Errors
    /// If there is none: why.
    pub(crate) fn named(&self, name: &str, pid: Option<u32>) -> Result<Vec<Arc<Program>>, String> {
        let mut found: Vec<Arc<Program>> = Vec::new();
        let mut reason = "it is neither in PATH nor a library that the loader knows".to_owned();
        let all = trapline_lang::catalog::pattern::Pattern::is_pattern(name);
        for path in find::candidates(name, pid) {
            match self.open(&path) {
                Ok(program) if !all => return Ok(vec![program]),
                Ok(program) if found.iter().all(|other| other.path != program.path) => {
                    found.push(program);
                }
                Ok(_) => {}
                Err(error) => reason = error,
            }
        }
        if found.is_empty() {
            return Err(reason);
        }
        Ok(found)
    }

    /// The name that the source has for a symbol.
    pub(crate) fn source_name(&self, linker_name: &str) -> Option<String> {
        let name = symbol::demangle(linker_name);
        (name != linker_name).then_some(name)
    }

    fn open(&self, path: &Path) -> Result<Arc<Program>, String> {
        let path = fs::canonicalize(path).map_err(|error| describe(&error))?;
        if let Some(known) = self.read.borrow().get(&path) {
            return known.clone();
        }
        let program = read(&path).map(Arc::new);
        self.read.borrow_mut().insert(path, program.clone());
        program
    }
}

/// "No such file or directory", without the number.
fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_owned()
}

fn read(path: &Path) -> Result<Program, String> {
    let file = File::open(path).map_err(|error| describe(&error))?;
    let cache = ReadCache::new(file);
    let elf: ElfFile64<'_, Endianness, _> =
        ElfFile64::parse(&cache).map_err(|_| "it is no 64-bit ELF file".to_owned())?;
    let segments = elf.segments().map(|segment| {
        let (offset, size) = segment.file_range();
        Segment {
            address: segment.address(),
            offset,
            size,
        }
    });
    let mut program = Program {
        path: path.to_string_lossy().into_owned(),
        segments: segments.collect(),
        is_relocatable: elf.kind() == ObjectKind::Dynamic,
        ..Program::default()
    };
    add_symbols(&mut program, &elf);
    if let Some(path) = elf.build_id().ok().flatten().and_then(debug_file)
        && let Ok(file) = File::open(path)
    {
        let cache = ReadCache::new(file);
        if let Ok(elf) = ElfFile64::<Endianness, _>::parse(&cache) {
            add_symbols(&mut program, &elf);
        }
    }
    for symbols in [&mut program.functions, &mut program.variables] {
        symbols.sort_unstable();
        symbols.dedup_by(|a, b| a.name == b.name && a.offset == b.offset);
    }
    if let Some(notes) = elf.section_by_name(marker::NOTES) {
        let base = elf
            .section_by_name(marker::BASE)
            .map(|section| section.address());
        let notes = notes.data().unwrap_or_default();
        program.markers = marker::read(notes, base, &program);
    }
    Ok(program)
}

/// Where distributions install symbols that were split off.
fn debug_file(build_id: &[u8]) -> Option<PathBuf> {
    let id: String = build_id.iter().map(|byte| format!("{byte:02x}")).collect();
    let (start, rest) = id.split_at_checked(2)?;
    let path = format!("/usr/lib/debug/.build-id/{start}/{rest}.debug");
    Some(path.into())
}

/// Adds the symbols of a file to the program that they belong to.
fn add_symbols<'e>(program: &mut Program, elf: &ElfFile64<'e, Endianness, &'e ReadCache<File>>) {
    for symbol in elf.symbols().chain(elf.dynamic_symbols()) {
        if !symbol.is_definition() || symbol.address() == 0 {
            continue;
        }
        let (Ok(name), Some(offset)) = (symbol.name(), program.file_offset(symbol.address()))
        else {
            continue;
        };
        // Old linkers put the version behind the name.
        let name = name.split('@').next().unwrap_or(name).to_owned();
        let found = UserFunction {
            name,
            offset,
            size: symbol.size(),
            address: symbol.address(),
        };
        match symbol.kind() {
            SymbolKind::Text => program.functions.push(found),
            SymbolKind::Data => program.variables.push(found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_this_program_are_found() {
        let exe = std::env::current_exe().expect("has a path");
        let programs = Programs::default();
        let found = programs.named(&exe.to_string_lossy(), None).expect("ELF");
        let main = found[0].function("main").expect("has one");
        assert_eq!(found[0].file_offset(main.address), Some(main.offset));
        let error = programs.named("/etc/passwd", None).expect_err("no ELF");
        assert!(error.contains("ELF"), "{error}");
        assert!(programs.named("/no/such/file", None).is_err());
        assert_eq!(programs.source_name("_Z3fooi").as_deref(), Some("foo(int)"));
        assert_eq!(programs.source_name("main"), None);
    }
}
