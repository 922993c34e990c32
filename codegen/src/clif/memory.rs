//! Moving and comparing bytes.

use super::build::{Build, Extend, Mem};
use super::module::Module;
use crate::namespace::Intrinsic;
use cranelift_codegen::ir::Value;

/// Up to here, bytes are moved by loads and stores; above, by the kernel.
pub(super) const INLINE: u32 = 128;

/// What a value in memory has behind the end of a string and between members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Zeros: it can be a key, and be compared word by word.
    Zeroed,
    /// Anything.
    Loose,
}

/// Cuts `size` bytes in pieces that are naturally aligned at both places (given as bytes past a
/// multiple of 8): offset and width of each.
fn pieces(left: u32, right: u32, size: u32) -> impl Iterator<Item = (u32, u32)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let width = [8, 4, 2, 1].into_iter().find(|width| {
            at + width <= size
                && (left + at).is_multiple_of(*width)
                && (right + at).is_multiple_of(*width)
        })?;
        let piece = (at, width);
        at += width;
        Some(piece)
    })
}

/// Fills bytes with zeros.
pub(crate) fn zero(b: &mut Build<'_>, module: &mut Module<'_>, to: Mem, size: u32) {
    if size <= INLINE {
        for (offset, width) in pieces(to.misalignment(), 0, size) {
            b.store_int(to.plus(offset), width, 0);
        }
    } else {
        let zeros = module.rodata.zeros(size);
        copy_block(b, to, Mem::data(zeros), size);
    }
}

/// Copies bytes that do not overlap.
pub(crate) fn copy(b: &mut Build<'_>, to: Mem, from: Mem, size: u32) {
    if size > INLINE {
        copy_block(b, to, from, size);
        return;
    }
    for (offset, width) in pieces(to.misalignment(), from.misalignment(), size) {
        let value = b.load(from.plus(offset), width, Extend::Zero);
        b.store(to.plus(offset), width, value);
    }
}

fn copy_block(b: &mut Build<'_>, to: Mem, from: Mem, size: u32) {
    let size = b.int(size.into());
    copy_counted(b, to, from, size);
}

/// Copies so many bytes that do not overlap; the verifier must know a bound of `size`.
pub(super) fn copy_counted(b: &mut Build<'_>, to: Mem, from: Mem, size: Value) {
    let to = b.address(to);
    let from = b.address(from);
    b.intrinsic(Intrinsic::Copy, &[to, size, from]);
}

/// Copies a string of the program's own, at most `size` bytes; gives its length with the NUL.
pub(super) fn copy_string(b: &mut Build<'_>, to: Mem, from: Mem, size: u32) -> Value {
    let to = b.address(to);
    let size = b.int(size.into());
    let from = b.address(from);
    b.intrinsic(Intrinsic::CopyString, &[to, size, from])
}

/// Writes constant bytes, then zeros up to `size`.
pub(crate) fn write(b: &mut Build<'_>, module: &mut Module<'_>, to: Mem, bytes: &[u8], size: u32) {
    if size > INLINE {
        let literal = module.rodata.literal(bytes, size);
        copy_block(b, to, Mem::data(literal), size);
        return;
    }
    for (offset, width) in pieces(to.misalignment(), 0, size) {
        b.store_int(to.plus(offset), width, word(bytes, offset, width));
    }
}

/// One side of a comparison.
#[derive(Clone, Copy)]
pub(crate) enum Side<'a> {
    /// In memory.
    Memory(Mem),
    /// Constant; zeros follow its end.
    Constant(&'a [u8]),
}

/// A word that is zero if the first `size` bytes of both are equal.
pub(crate) fn difference(b: &mut Build<'_>, left: Side<'_>, right: Side<'_>, size: u32) -> Value {
    let misalignment = |side: Side<'_>| match side {
        Side::Memory(mem) => mem.misalignment(),
        Side::Constant(_) => 0,
    };
    let mut all = b.int(0);
    for (offset, width) in pieces(misalignment(left), misalignment(right), size) {
        let mut load = |side: Side<'_>| match side {
            Side::Memory(mem) => b.load(mem.plus(offset), width, Extend::Zero),
            Side::Constant(bytes) => b.int(word(bytes, offset, width)),
        };
        let (left, right) = (load(left), load(right));
        let differs = b.xor(left, right);
        all = b.or(all, differs);
    }
    all
}

/// `width` bytes at `offset` as a little-endian number; zeros follow the end.
fn word(bytes: &[u8], offset: u32, width: u32) -> i64 {
    let mut word = [0; 8];
    let start = bytes.len().min(offset as usize);
    let end = bytes.len().min((offset + width) as usize);
    word[..end - start].copy_from_slice(&bytes[start..end]);
    i64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_aligned_and_cover_everything() {
        let list = |left, right, size| pieces(left, right, size).collect::<Vec<_>>();
        assert_eq!(list(0, 0, 16), [(0, 8), (8, 8)]);
        assert_eq!(list(0, 0, 7), [(0, 4), (4, 2), (6, 1)]);
        assert_eq!(list(3, 3, 6), [(0, 1), (1, 4), (5, 1)]);
        assert_eq!(list(4, 0, 8), [(0, 4), (4, 4)]);
    }

    #[test]
    fn constants_are_padded_with_zeros() {
        assert_eq!(word(b"ab", 0, 8), 0x6261);
        assert_eq!(word(b"abc", 2, 2), 0x63);
        assert_eq!(word(b"abc", 8, 8), 0);
    }
}
