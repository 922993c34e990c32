//! Programs and libraries: an ELF file in, the function at an offset in it out.
//!
//! Which process has mapped which file where is for [`super::process`] to know.

use blazesym::helper::{ElfResolver, read_elf_build_id};
use blazesym::symbolize::{FindSymOpts, Symbolize, TranslateFileOffset};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a build id in `struct bpf_stack_build_id` (linux v6.12 include/uapi/linux/bpf.h).
const BUILD_ID_SIZE: usize = 20;

/// An ELF file that a process has mapped.
#[derive(Debug)]
pub(super) struct Module {
    /// As the process calls it.
    pub(super) path: Arc<str>,
    /// In hexadecimal, with zeros up to 20 bytes.
    pub(super) build_id: Option<Arc<str>>,
    /// The file itself; `None` if it could not be opened.
    elf: Option<ElfResolver>,
    /// Its symbols, if they were split off.
    debug: Option<ElfResolver>,
}

/// A function of a user program, and a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFunction {
    /// As in the source: `foo::bar(int)`.
    pub name: String,
    /// Bytes from its start.
    pub offset: u64,
}

impl Module {
    /// Opens a file that a process calls `path` and that may be found at `file`; `debug_files` is where symbols that
    /// were split off are, by build id.
    pub(super) fn open(path: &str, file: Option<&Path>, debug_files: &Path) -> Self {
        let build_id = file.and_then(build_id);
        let debug = build_id
            .as_deref()
            .and_then(|id| debug_file(debug_files, id));
        Self {
            path: path.into(),
            build_id: build_id.map(|id| format!("{id:0<width$}", width = 2 * BUILD_ID_SIZE).into()),
            elf: file.and_then(|file| ElfResolver::open(file).ok()),
            debug: debug.and_then(|file| ElfResolver::open(file).ok()),
        }
    }

    /// The file could be opened.
    pub(super) fn is_open(&self) -> bool {
        self.elf.is_some()
    }

    /// The function at an offset in the file.
    pub(super) fn function(&self, file_offset: u64) -> Option<UserFunction> {
        let elf = self.elf.as_ref()?;
        let address = elf.file_offset_to_virt_offset(file_offset).ok()??;
        // The file's own symbols first: of a function with several names, they have the public one.
        [Some(elf), self.debug.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|symbols| function(symbols, address))
    }
}

fn function(symbols: &ElfResolver, address: u64) -> Option<UserFunction> {
    let symbol = symbols.find_sym(address, &FindSymOpts::Basic).ok()?.ok()?;
    Some(UserFunction {
        name: demangle(symbol.name),
        offset: address.checked_sub(symbol.addr)?,
    })
}

/// The name that the source has for what the linker calls `symbol`, for Rust and C++.
pub(crate) fn demangle(symbol: &str) -> String {
    if let Ok(name) = rustc_demangle::try_demangle(symbol) {
        // Without the hash.
        return format!("{name:#}");
    }
    cpp_demangle::Symbol::new(symbol)
        .ok()
        .and_then(|name| name.demangle().ok())
        .unwrap_or_else(|| symbol.to_owned())
}

fn build_id(file: &Path) -> Option<String> {
    let bytes = read_elf_build_id(file).ok()??;
    let mut text = String::new();
    for byte in bytes.iter().take(BUILD_ID_SIZE) {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

/// Where distributions install symbols: `.build-id/ab/cdef.debug`.
fn debug_file(directory: &Path, build_id: &str) -> Option<PathBuf> {
    let (start, rest) = build_id.split_at_checked(2)?;
    let file = directory.join(format!(".build-id/{start}/{rest}.debug"));
    file.exists().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_source() {
        for (symbol, expected) in [
            ("main", "main"),
            ("_start", "_start"),
            ("_ZN3foo3barEPKc", "foo::bar(char const*)"),
            (
                "_ZN4core3ptr13drop_in_place17h0123456789abcdefE",
                "core::ptr::drop_in_place",
            ),
            ("_RNvC7mycrate3foo", "mycrate::foo"),
            ("_Z", "_Z"),
        ] {
            assert_eq!(demangle(symbol), expected);
        }
    }

    #[test]
    fn files_that_are_no_programs_have_no_functions() {
        let path = std::env::temp_dir().join(format!("module-{}", std::process::id()));
        for content in [
            "",
            "\x7fELF",
            "rubbish that is longer than an ELF header has to be, by far",
        ] {
            std::fs::write(&path, content).unwrap();
            let module = Module::open("/bin/x", Some(&path), Path::new("/nowhere"));
            assert_eq!((module.function(0), &module.build_id), (None, &None));
        }
        std::fs::remove_file(&path).unwrap();
    }
}
