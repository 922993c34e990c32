//! Functions of the kernel, and raw tracepoints, which look like them.

use super::Field;

/// What the kernel itself is called among its modules.
pub const KERNEL: &str = "vmlinux";

/// A function's name and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionName {
    /// The module; `vmlinux` for the kernel itself.
    pub module: String,
    /// Its name.
    pub name: String,
}

/// A function with the types that the kernel's BTF gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Which.
    pub name: FunctionName,
    /// Its arguments, in order.
    pub arguments: Vec<Field>,
    /// How many words all of them take.
    pub words: u8,
    /// What it returns; `None` if that is nothing.
    pub result: Option<Field>,
}
