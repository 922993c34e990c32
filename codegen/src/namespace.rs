//! Names in Cranelift IR: a function or global is named by a namespace and an index.
//!
//! `clif` makes them; the BPF back end and the native one give each its meaning. All calls take and
//! give `I64`, at most five arguments, exactly one result.

/// A BPF helper; the index is its number in `enum bpf_func_id` (linux v6.12 include/uapi/linux/bpf.h).
pub const HELPER: u32 = 1;
/// The address of a BPF map (as helpers take it); the index is its place in [`crate::object::Object::maps`].
pub const MAP: u32 = 2;
/// A byte of a data section (`.rodata`, `.bss`), addressed directly; the index is its place in
/// [`crate::object::Object::data`], the symbol's offset the byte.
pub const DATA: u32 = 3;
/// A subprogram of the same object (a call, or with `func_addr` a callback); the index is its place in
/// [`crate::object::Object::subprograms`].
pub const SUBPROGRAM: u32 = 4;
/// A kernel function by BTF; reserved.
pub const KFUNC: u32 = 5;
/// An [`Intrinsic`]; the index is its discriminant.
pub const INTRINSIC: u32 = 6;

/// What only native engines are asked: an [`EngineCall`]; the index is its discriminant.
pub const ENGINE: u32 = 7;

/// What code for native engines asks its engine, where BPF reads the kernel's structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum EngineCall {
    /// `parent()`: the process id of the event's process's parent.
    Parent = 0,
    /// `followed()`: 1 if the event's process is the command or one of its descendants, else 0.
    Followed = 1,
    /// `moment(m)`: memory is read as it was when the call began (0), or as it is now (1), until the event ends.
    Moment = 2,
    /// `parent_name(to, size)`: the parent's name with zeros behind it, or all zeros.
    ParentName = 3,
}

/// Calls that the optimizer cannot see through.
///
/// They keep apart what the verifier must see in order: Cranelift's optimizer hoists and merges
/// arithmetic above the check that makes it safe, but it never moves anything across its own operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Intrinsic {
    /// `clamp(i, max)`: the unsigned minimum, computed where it stands (2-3 instructions). `max` is constant.
    Clamp = 0,
    /// `udiv(a, b)`: unsigned; a / 0 = 0, as BPF has it.
    Udiv = 1,
    /// `urem(a, b)`: unsigned; a % 0 = a, as BPF has it.
    Urem = 2,
    /// `anchor(p)`: `p` itself, but nothing derived from the result can be computed before it. No code.
    Anchor = 3,
    /// `sdiv(a, b)`: signed 64-bit; a / 0 = 0, MIN / -1 = MIN.
    Sdiv = 4,
    /// `srem(a, b)`: signed 64-bit; a % 0 = a, MIN % -1 = 0.
    Srem = 5,
    /// `copy(to, size, from)`: bytes of the program's own memory, which do not overlap. The result means nothing. BPF has a
    /// helper for that; it also reads what is not the program's, which a native program must not do by mistake.
    Copy = 6,
    /// `copy_string(to, size, from)`: the same up to a NUL, which is put at the end if need be. How many bytes that were, the
    /// NUL included.
    CopyString = 7,
}

impl EngineCall {
    /// All, by index.
    pub const ALL: [Self; 4] = [Self::Parent, Self::Followed, Self::Moment, Self::ParentName];

    /// The call of an index in [`ENGINE`].
    pub fn from_index(index: u32) -> Option<Self> {
        Self::ALL.get(index as usize).copied()
    }
}

impl Intrinsic {
    /// All, by index.
    pub const ALL: [Self; 8] = [
        Self::Clamp,
        Self::Udiv,
        Self::Urem,
        Self::Anchor,
        Self::Sdiv,
        Self::Srem,
        Self::Copy,
        Self::CopyString,
    ];

    /// It does more than give a result.
    pub fn has_effect(self) -> bool {
        matches!(self, Self::Copy | Self::CopyString)
    }

    /// The intrinsic of an index in [`INTRINSIC`].
    pub fn from_index(index: u32) -> Option<Self> {
        Self::ALL.get(index as usize).copied()
    }
}
