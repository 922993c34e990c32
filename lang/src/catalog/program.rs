//! User programs and libraries: which functions and static markers they have, and where.

use super::Operand;

/// A program or library.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The file, as the kernel is to open it.
    pub path: String,
    /// Its functions by name, ascending.
    pub functions: Vec<UserFunction>,
    /// Its variables by name, ascending.
    pub variables: Vec<UserFunction>,
    /// Its static markers, by provider and name.
    pub markers: Vec<Marker>,
    /// Parts of it that are loaded, for addresses.
    pub segments: Vec<Segment>,
    /// It may be loaded anywhere.
    pub is_relocatable: bool,
}

/// A function or variable of a user program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserFunction {
    /// As the linker knows it.
    pub name: String,
    /// In the file.
    pub offset: u64,
    /// Bytes; 0 if that is not known.
    pub size: u64,
    /// As the program's symbol table has it.
    pub address: u64,
}

/// A static marker (`DTRACE_PROBE`), at one of its places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marker {
    /// The provider.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// In the file.
    pub offset: u64,
    /// Where in the file its counter of listeners lies; 0 if it has none.
    pub semaphore: u64,
    /// Its arguments; `None` for one that cannot be read here.
    pub arguments: Vec<Option<Operand>>,
}

/// A part of a program that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where, before it is moved.
    pub address: u64,
    /// In the file.
    pub offset: u64,
    /// Bytes in the file.
    pub size: u64,
}

impl Program {
    /// Where an address lies in the file.
    pub fn file_offset(&self, address: u64) -> Option<u64> {
        let segment = self.segments.iter().find(|segment| {
            address
                .checked_sub(segment.address)
                .is_some_and(|into| into < segment.size)
        })?;
        Some(address - segment.address + segment.offset)
    }

    /// The address of a place in the file, before it is moved.
    pub fn address(&self, file_offset: u64) -> Option<u64> {
        let segment = self.segments.iter().find(|segment| {
            file_offset
                .checked_sub(segment.offset)
                .is_some_and(|into| into < segment.size)
        })?;
        Some(file_offset - segment.offset + segment.address)
    }

    /// The function that a place in the file lies in.
    pub fn function_at(&self, file_offset: u64) -> Option<&UserFunction> {
        self.functions.iter().find(|function| {
            file_offset
                .checked_sub(function.offset)
                .is_some_and(|into| into < function.size.max(1))
        })
    }

    /// The function of that name.
    pub fn function(&self, name: &str) -> Option<&UserFunction> {
        find(&self.functions, name)
    }

    /// The function or variable of that name.
    pub fn symbol(&self, name: &str) -> Option<&UserFunction> {
        self.function(name).or_else(|| find(&self.variables, name))
    }
}

fn find<'a>(symbols: &'a [UserFunction], name: &str) -> Option<&'a UserFunction> {
    let at = symbols.partition_point(|symbol| symbol.name.as_str() < name);
    symbols.get(at).filter(|symbol| symbol.name == name)
}
