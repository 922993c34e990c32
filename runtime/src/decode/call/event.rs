//! A captured system call: the bytes of a [`CallRecord`] in, its words and the memory that was read out.

use trapline_codegen::object::CallRecord;
use trapline_lang::syscall::Abi;

/// A system call, as it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallEvent<'a> {
    /// Whose number.
    pub(crate) abi: Abi,
    /// Which call, as at entry.
    pub(crate) number: u32,
    /// The six words.
    pub(crate) arguments: [u64; 6],
    /// What it returned; `None` if the event is its beginning.
    pub(crate) result: Option<i64>,
    /// Nanoseconds; `None` if its beginning was not seen.
    pub(crate) latency: Option<i64>,
    /// The process.
    pub(crate) process: u32,
    /// The thread.
    pub(crate) thread: u32,
    /// The thread's name.
    pub(crate) comm: &'a [u8],
    /// Memory that belongs to arguments.
    pub(crate) pieces: Vec<Piece<'a>>,
}

/// When memory was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// When the call began.
    Entry,
    /// When it had finished.
    Exit,
}

/// Memory that belongs to an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// Which argument, from 0.
    pub(crate) argument: u8,
    /// When it was read.
    pub(crate) moment: Moment,
    /// The bytes; `None` if they could not be read.
    pub(crate) bytes: Option<&'a [u8]>,
}

impl<'a> CallEvent<'a> {
    /// Reads what the kernel sent; `None` if it is too short or makes no sense. Pieces that are cut off are left out.
    pub(crate) fn parse(record: &'a [u8]) -> Option<Self> {
        let (fixed, mut rest) = record.split_at_checked(CallRecord::FIXED_SIZE as usize)?;
        let abi = number::<4>(fixed, 0)?;
        let mut arguments = [0; 6];
        for (argument, at) in arguments.iter_mut().zip((8..).step_by(8)) {
            *argument = number::<8>(fixed, at)?;
        }
        let comm = fixed.get(80..96)?;
        let comm_length = comm.iter().position(|byte| *byte == 0);
        let latency = number::<8>(fixed, 64)? as i64;
        let finished = number::<4>(fixed, 96)? as u32 & CallRecord::NO_RESULT == 0;
        let mut pieces = Vec::new();
        for _ in 0..number::<4>(fixed, 100)? {
            let Some((piece, after)) = Piece::parse(rest) else {
                break;
            };
            pieces.push(piece);
            rest = after;
        }
        Some(Self {
            abi: Abi::ALL.into_iter().find(|known| *known as u64 == abi)?,
            number: number::<4>(fixed, 4)? as u32,
            arguments,
            result: finished.then_some(number::<8>(fixed, 56)? as i64),
            latency: (latency >= 0).then_some(latency),
            process: number::<4>(fixed, 72)? as u32,
            thread: number::<4>(fixed, 76)? as u32,
            comm: &comm[..comm_length.unwrap_or(comm.len())],
            pieces,
        })
    }

    /// The error number that it failed with, restart codes included.
    pub(crate) fn error(&self) -> Option<u32> {
        match self.result {
            Some(result @ -4095..=-1) => Some(result.unsigned_abs() as u32),
            _ => None,
        }
    }

    /// It has finished, and did what it was asked to.
    pub(crate) fn succeeded(&self) -> bool {
        self.result.is_some() && self.error().is_none()
    }

    /// The memory of an argument at a moment.
    pub(crate) fn memory(&self, argument: usize, moment: Moment) -> Option<&'a [u8]> {
        let mut pieces = self.pieces.iter();
        pieces
            .find(|piece| usize::from(piece.argument) == argument && piece.moment == moment)?
            .bytes
    }

    /// Bytes of a pointer, and of C's `long`.
    pub(crate) fn word_size(&self) -> usize {
        match self.abi {
            Abi::X86_64 | Abi::Aarch64 => 8,
            Abi::I386 | Abi::X32 | Abi::Arm => 4,
        }
    }
}

impl<'a> Piece<'a> {
    /// The first piece of some bytes, and what is behind it.
    fn parse(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (head, rest) = bytes.split_at_checked(CallRecord::PIECE_SIZE as usize)?;
        let length = number::<4>(head, 4)? as u32 as i32;
        let size = usize::try_from(length).unwrap_or(0);
        let content = rest.get(..size)?;
        let piece = Self {
            argument: head[0],
            moment: if head[1] == 0 {
                Moment::Entry
            } else {
                Moment::Exit
            },
            bytes: (length >= 0).then_some(content),
        };
        let end = size.next_multiple_of(8).min(rest.len());
        Some((piece, &rest[end..]))
    }
}

/// So many bytes at an offset, as a number; all targets are little-endian.
fn number<const SIZE: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..)?.first_chunk::<SIZE>()?;
    Some(super::super::word(field))
}
