//! Memory that belongs to arguments of system calls: strings, and what else lies behind their pointers.
//!
//! It is read at exit, where it has been paged in. Strings of calls that lose their arguments are read at entry and
//! kept; one that could not be read there is tried again if the call has failed.

use super::build::{Extend, Mem};
use super::entry::Missing;
use super::lower::{Lower, Result};
use super::memory::{self, Padding};
use crate::helper;
use crate::object::{Counter, HelperName};
use crate::plan::Keep;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Builtin, Edge, Expr};
use trapline_lang::source::Span;
use trapline_lang::syscall::shape::{Access, Length, Pointee, Shape};
use trapline_lang::syscall::{self, Abi};
use trapline_lang::types::Type;

/// What stands for a null pointer, and for a string that cannot be read.
const NULL: &[u8] = b"NULL";
const FAULT: &[u8] = b"<fault>";
/// `-EFAULT`
const BAD_ADDRESS: i64 = -14;
/// In front of a kept string: what the helper that has read it returned.
const STATUS: u32 = 8;
/// Kept strings, where tasks have no storage of their own.
const KEPT_STRINGS: u32 = 1024;

/// Where the string of an argument lies among the kept ones, and the bytes of all.
fn kept_place(strings: &[u32; 6], argument: u8) -> (u32, u32) {
    let size = |capacity: &u32| match *capacity {
        0 => 0,
        capacity => STATUS + capacity.next_multiple_of(8),
    };
    let before = strings.iter().take(argument.into()).map(size).sum();
    (before, strings.iter().map(size).sum())
}

impl<'s> Lower<'_, 's, '_> {
    /// A string argument as text.
    pub(crate) fn argument_string(
        &mut self,
        argument: u8,
        capacity: u32,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        let pointer = self.syscall_argument(argument)?;
        let null = self.b.compare_int(IntCC::Equal, pointer, 0);
        self.either(
            null,
            |lower| {
                lower.text(NULL, capacity, to, padding);
                Ok(())
            },
            |lower| {
                let entry = lower.lost_entry();
                let strings = lower.module.kept_strings;
                let (Some(entry), Some(kept)) = (entry, strings) else {
                    return lower.read_argument(pointer, capacity, to, padding);
                };
                let lost = lower.b.compare_int(IntCC::NotEqual, entry, 0);
                lower.either(
                    lost,
                    |lower| lower.kept_string(kept, argument, capacity, pointer, (to, padding)),
                    |lower| lower.read_argument(pointer, capacity, to, padding),
                )
            },
        )
    }

    /// Constant text at the front of a string.
    fn text(&mut self, text: &[u8], capacity: u32, to: Mem, padding: Padding) {
        let text = &text[..text.len().min(capacity.saturating_sub(1) as usize)];
        let size = match padding {
            Padding::Zeroed => capacity,
            Padding::Loose => text.len() as u32 + 1,
        };
        memory::write(&mut self.b, self.module, to, text, size);
    }

    fn read_argument(
        &mut self,
        pointer: Value,
        capacity: u32,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        if padding == Padding::Zeroed {
            self.zero(to, capacity);
        }
        let address = self.b.address(to);
        let size = self.b.int(capacity.into());
        let returned = self
            .b
            .call(helper::PROBE_READ_USER_STR, &[address, size, pointer]);
        self.fault(returned, capacity, to)
    }

    /// Says so in the text if it could not be read.
    fn fault(&mut self, returned: Value, capacity: u32, to: Mem) -> Result<()> {
        let failed = self.b.compare_int(IntCC::SignedLessThan, returned, 0);
        self.when(failed, |lower| {
            // The helper has left zeros behind this.
            lower.text(FAULT, capacity, to, Padding::Loose);
            lower.count_failure(Counter::ReadFailed)?;
            lower.warn(HelperName::ProbeReadUserStr, returned)
        })
    }

    /// A string that was read at entry.
    fn kept_string(
        &mut self,
        (map, places): (u32, [u32; 6]),
        argument: u8,
        capacity: u32,
        pointer: Value,
        (to, padding): (Mem, Padding),
    ) -> Result<()> {
        let (place, _) = kept_place(&places, argument);
        let kept_size = places[usize::from(argument.min(5))];
        let bad = self.b.int(BAD_ADDRESS);
        let status = self.b.variable(bad);
        let strings = self.task_entry(map, Missing::Null)?;
        self.when_found(strings, |lower, strings| {
            let kept = Mem::at(strings).plus(place);
            let returned = lower.b.load_word(kept);
            lower.b.set(status, returned);
            let size = capacity.min(kept_size);
            memory::copy(&mut lower.b, to, kept.plus(STATUS), size);
            if size < kept_size {
                lower.b.store_int(to.plus(size - 1), 1, 0);
            }
            if size < capacity && padding == Padding::Zeroed {
                lower.zero(to.plus(size), capacity - size);
            }
            Ok(())
        })?;
        let status = self.b.get(status);
        let unread = self.b.compare_int(IntCC::SignedLessThan, status, 0);
        self.when(unread, |lower| {
            let result = lower.syscall_return();
            let failed = lower.b.compare_int(IntCC::SignedLessThan, result, 0);
            lower.either(
                failed,
                |lower| lower.read_argument(pointer, capacity, to, padding),
                |lower| {
                    lower.text(FAULT, capacity, to, padding);
                    lower.count_failure(Counter::ReadFailed)
                },
            )
        })
    }

    /// At entry: keeps the strings of a call that loses its arguments.
    pub(super) fn keep_strings(&mut self, keep: &Keep) -> Result<()> {
        let Some((map, places)) = self.module.kept_strings else {
            return Ok(());
        };
        let strings = self.task_entry(map, Missing::Made)?;
        let found = self.b.compare_int(IntCC::NotEqual, strings, 0);
        self.either(
            found,
            |lower| {
                let strings = Mem::at(lower.b.anchor(strings));
                for (n, capacity) in (0..).zip(keep.strings) {
                    if capacity == 0 {
                        continue;
                    }
                    let pointer = lower.syscall_argument(n)?;
                    let kept = strings.plus(kept_place(&places, n).0);
                    lower.zero(kept.plus(STATUS), capacity);
                    let to = lower.b.address(kept.plus(STATUS));
                    let size = lower.b.int(capacity.into());
                    let returned = lower
                        .b
                        .call(helper::PROBE_READ_USER_STR, &[to, size, pointer]);
                    lower.b.store_word(kept, returned);
                }
                Ok(())
            },
            |lower| lower.count_failure(Counter::LostEntry),
        )
    }

    /// Makes the map of kept strings, if any are.
    pub(super) fn prepare_strings(&mut self, keep: &Keep) {
        if self.module.kept_strings.is_none() && keep.any_string() && !keep.lost.is_empty() {
            let (_, size) = kept_place(&keep.strings, 0);
            let map = self.task_map("strings", size, KEPT_STRINGS);
            self.module.kept_strings = Some((map, keep.strings));
        }
    }

    /// A file descriptor and the process that it belongs to.
    pub(crate) fn file_path(&mut self, descriptor: &'s Expr, to: Mem) -> Result<()> {
        let number = self.scalar(descriptor)?;
        let pid = self.builtin(Builtin::Pid, descriptor.span)?;
        self.b.store_word(to, number);
        self.b.store_word(to.plus(8), pid);
        Ok(())
    }

    /// An argument and what lies behind it.
    pub(crate) fn argument_memory(&mut self, ty: &Type, to: Mem, span: Span) -> Result<()> {
        let Type::CallArgument {
            syscall,
            argument,
            capacity,
        } = ty
        else {
            return self.malformed("the memory of an argument of a type that has none", span);
        };
        let Some(row) = syscall::by_name(syscall) else {
            return self.malformed("the memory of an argument of no system call", span);
        };
        let n = usize::from(*argument);
        let native = self.module.target.arch.abi();
        let narrow = native.compat().first().copied().unwrap_or(native);
        // Of one name, ABIs may have calls of different definitions.
        let shape_in = |abi| {
            let own = syscall::number(abi, row).and_then(|number| syscall::by_number(abi, number));
            own.unwrap_or(row).shape_in(abi, n)
        };
        let wide_shape = shape_in(self.program.abi.unwrap_or(native));
        let narrow_shape = shape_in(narrow);
        let (
            Some(Shape::Memory {
                what,
                access,
                length,
            }),
            Some(Shape::Memory {
                length: narrow_length,
                ..
            }),
        ) = (
            wide_shape.map(|argument| argument.shape),
            narrow_shape.map(|argument| argument.shape),
        )
        else {
            return self.malformed("the memory of an argument that has none", span);
        };
        // Which ABI's structures these are goes with the length.
        let call = self.syscall()?;
        let distance = self.b.shr_int(call, 32);
        let (bytes, capacity) = (to.plus(16), *capacity);
        let pointer = self.syscall_argument(*argument)?;
        self.b.store_word(to, pointer);
        let bad = self.b.int(BAD_ADDRESS);
        self.b.store(to.plus(8), 4, bad);
        self.b.store(to.plus(12), 4, distance);
        let far = (narrow as i64 - native as i64).rem_euclid(Abi::ALL.len() as i64);
        let mut there = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        if access == Access::Out && self.program.event.edge() == Some(Edge::Exit) {
            let result = self.syscall_return();
            let done = self
                .b
                .compare_int(IntCC::SignedGreaterThanOrEqual, result, 0);
            there = self.b.and(there, done);
        }
        self.when(there, |lower| {
            let to_address = lower.b.address(bytes);
            let returned = if what == Pointee::String {
                let size = lower.b.int(capacity.into());
                lower
                    .b
                    .call(helper::PROBE_READ_USER_STR, &[to_address, size, pointer])
            } else {
                let size = match lower.program.abi.is_some() || length == narrow_length {
                    true => lower.memory_length(length, capacity)?,
                    false => {
                        let is_narrow = lower.b.compare_int(IntCC::Equal, distance, far);
                        lower.choose(
                            is_narrow,
                            |lower| lower.memory_length(narrow_length, capacity),
                            |lower| lower.memory_length(length, capacity),
                        )?
                    }
                };
                let returned = lower
                    .b
                    .call(helper::PROBE_READ_USER, &[to_address, size, pointer]);
                let failed = lower.b.compare_int(IntCC::SignedLessThan, returned, 0);
                lower.b.select(failed, returned, size)
            };
            lower.b.store(to.plus(8), 4, returned);
            lower.check_read(returned, HelperName::ProbeReadUser)
        })
    }

    /// How many bytes belong to an argument, at most `capacity`.
    fn memory_length(&mut self, length: Length, capacity: u32) -> Result<Value> {
        let bytes = match length {
            Length::Terminated => self.b.int(capacity.into()),
            Length::Fixed(bytes) => self.b.int(bytes.into()),
            Length::Argument(n, unit) => {
                let count = self.syscall_argument(n)?;
                // More than fits is cut before it is multiplied.
                let count = self.b.clamp(count, capacity.into());
                let unit = self.b.int(unit.into());
                self.b.mul(count, unit)
            }
            Length::Result(unit) => {
                let count = self.syscall_return();
                let count = self.b.clamp(count, capacity.into());
                let unit = self.b.int(unit.into());
                self.b.mul(count, unit)
            }
            Length::Behind(n) => {
                let pointer = self.syscall_argument(n)?;
                let mark = self.mark();
                let word = self.temporary(8);
                self.b.store_int(word, 8, 0);
                let address = self.b.address(word);
                let size = self.b.int(4);
                self.b
                    .call(helper::PROBE_READ_USER, &[address, size, pointer]);
                let bytes = self.b.load(word, 4, Extend::Zero);
                self.release(&mark);
                bytes
            }
        };
        Ok(self.b.clamp(bytes, capacity.into()))
    }
}
