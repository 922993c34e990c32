//! Fields of the event.

use super::build::{Extend, Mem};
use super::expr::extension;
use super::lower::{Lower, Result};
use super::memory::{self, Padding};
use crate::helper;
use crate::object::{Counter, HelperName};
use cranelift_codegen::ir::Value;
use trapline_lang::catalog::FieldLocation;
use trapline_lang::hir::Expr;
use trapline_lang::types::{AddressSpace, Type};

/// The first bytes of a record, which the kernel overwrites before a program sees it.
const HIDDEN: u32 = 8;
/// `common_pid` lies among them, but is known.
const COMMON_PID: u32 = 4;
/// Arguments of a system call.
const ARGUMENTS: u8 = 6;

impl<'s> Lower<'_, 's, '_> {
    /// A scalar field.
    pub(crate) fn field(&mut self, location: FieldLocation, expr: &'s Expr) -> Result<Value> {
        let value = match location {
            FieldLocation::SyscallNumber => self.syscall_number()?,
            FieldLocation::SyscallArgument(n) => self.syscall_argument(n)?,
            FieldLocation::SyscallReturn => self.syscall_return(),
            FieldLocation::Argument(n) => self.site_argument(n, expr.span)?,
            FieldLocation::Return => self.site_result(expr.span)?,
            FieldLocation::Register(offset) => self.site_register(offset),
            FieldLocation::Operand(operand) => self.operand(operand)?,
            FieldLocation::Record { offset } => return self.record_field(offset, expr),
            FieldLocation::DataLoc { .. } | FieldLocation::RelLoc { .. } => {
                let word = self.dynamic_word(location);
                let place = self.dynamic_place(location, word);
                self.as_number(place)
            }
            FieldLocation::SyscallArguments => {
                return self.malformed(
                    "a field in memory stands where a number is wanted",
                    expr.span,
                );
            }
        };
        Ok(self.fit(value, &expr.ty))
    }

    fn record_field(&mut self, offset: u32, expr: &'s Expr) -> Result<Value> {
        if offset < HIDDEN {
            if offset != COMMON_PID {
                return self.not_supported("this common field of a tracepoint", expr.span);
            }
            let task = self.b.call(helper::GET_CURRENT_PID_TGID, &[]);
            return Ok(self.b.extend(task, 32, Extend::Zero));
        }
        let size = expr.ty.size();
        let context = self.context();
        if offset.is_multiple_of(size) {
            return Ok(self.load_scalar(Mem::at(context).plus(offset), &expr.ty));
        }
        // A packed record: the verifier allows no unaligned access to a context.
        let value = self.read_kernel_word(context, offset, size)?;
        let int = expr.ty.int().unwrap_or(trapline_lang::types::IntType::U64);
        Ok(self.b.extend(value, int.bits, extension(int)))
    }

    /// An element of an array field at a constant index, without a copy of the array.
    pub(crate) fn field_element(
        &mut self,
        location: FieldLocation,
        field: &'s Expr,
        n: i64,
        ty: &Type,
    ) -> Result<Option<Value>> {
        let Type::Array { length, .. } = &field.ty else {
            return Ok(None);
        };
        let Ok(n) = u32::try_from(n) else {
            return Ok(Some(self.b.int(0)));
        };
        if n >= *length {
            return Ok(Some(self.b.int(0)));
        }
        let size = ty.size();
        Ok(match location {
            FieldLocation::SyscallArguments if n < u32::from(ARGUMENTS) => {
                let value = self.syscall_argument(n as u8)?;
                Some(self.fit(value, ty))
            }
            FieldLocation::Record { offset } if offset >= HIDDEN && offset.is_multiple_of(size) => {
                let context = self.context();
                Some(self.load_scalar(Mem::at(context).plus(offset + n * size), ty))
            }
            _ => None,
        })
    }

    /// A field of any other type.
    pub(crate) fn place_field(
        &mut self,
        location: FieldLocation,
        expr: &'s Expr,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        let size = expr.ty.size();
        match location {
            FieldLocation::SyscallArguments => {
                for n in 0..ARGUMENTS.min((size / 8) as u8) {
                    let argument = self.syscall_argument(n)?;
                    self.b.store_word(to.plus(8 * u32::from(n)), argument);
                }
                Ok(())
            }
            FieldLocation::Record { offset } => {
                let context = self.context();
                let from = self.b.add_int(context, offset.into());
                self.place_pointer(from, AddressSpace::Kernel, to, &expr.ty, padding)
            }
            FieldLocation::DataLoc { .. } | FieldLocation::RelLoc { .. } => {
                let word = self.dynamic_word(location);
                let from = self.dynamic_place(location, word);
                if let Type::Buffer { capacity } = expr.ty {
                    let length = self.b.shr_int(word, 16);
                    return self.read_buffer(
                        from,
                        length,
                        capacity,
                        AddressSpace::Kernel,
                        to,
                        padding,
                    );
                }
                self.place_pointer(from, AddressSpace::Kernel, to, &expr.ty, padding)
            }
            _ => self.malformed(
                "a number stands where a value in memory is wanted",
                expr.span,
            ),
        }
    }

    /// Where in the record a field of its own length lies, and how long it is: see [`FieldLocation::DataLoc`].
    fn dynamic_word(&mut self, location: FieldLocation) -> Value {
        let context = self.context();
        let at = Mem::at(context).plus(word_offset(location));
        self.b.load(at, 4, Extend::Zero)
    }

    /// The address of such a field.
    fn dynamic_place(&mut self, location: FieldLocation, word: Value) -> Value {
        let context = self.context();
        let start = self.b.and_int(word, 0xffff);
        let start = match location {
            FieldLocation::RelLoc { offset } => self.b.add_int(start, i64::from(offset) + 4),
            _ => start,
        };
        self.b.add(context, start)
    }

    /// Reads `length` bytes, at most `capacity`, behind their length.
    pub(crate) fn read_buffer(
        &mut self,
        from: Value,
        length: Value,
        capacity: u32,
        space: AddressSpace,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        if padding == Padding::Zeroed {
            memory::zero(&mut self.b, self.module, to, 4 + capacity);
        }
        let length = self.b.clamp(length, capacity.into());
        self.b.store(to, 4, length);
        let (read, _) = super::module::read_helpers(space);
        let bytes = self.b.address(to.plus(4));
        let returned = self.b.call(read, &[bytes, length, from]);
        let failed = self.b.compare_int(
            cranelift_codegen::ir::condcodes::IntCC::SignedLessThan,
            returned,
            0,
        );
        self.when(failed, |lower| {
            lower.b.store_int(to, 4, 0);
            lower.count_failure(Counter::ReadFailed)?;
            lower.warn(
                match space {
                    AddressSpace::Kernel => HelperName::ProbeReadKernel,
                    AddressSpace::User => HelperName::ProbeReadUser,
                },
                returned,
            )
        })
    }
}

/// Where the word of a field of its own length lies.
fn word_offset(location: FieldLocation) -> u32 {
    match location {
        FieldLocation::DataLoc { offset } | FieldLocation::RelLoc { offset } => offset,
        _ => 0,
    }
}
