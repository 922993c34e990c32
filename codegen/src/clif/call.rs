//! Functions that compute something in the kernel.

use super::build::Mem;
use super::lower::{Lower, Result};
use super::memory::{self, Padding};
use crate::helper;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Builtin, Call, Expr, ExprKind};
use trapline_lang::source::Span;
use trapline_lang::types::Type;

impl<'s> Lower<'_, 's, '_> {
    /// A function of a scalar type.
    pub(crate) fn call(&mut self, call: &'s Call, expr: &'s Expr) -> Result<Value> {
        match call {
            Call::StrNCmp {
                left,
                right,
                length,
            } => self.strncmp(left, right, *length),
            Call::StrLen(string) => self.strlen(string),
            Call::TaskOf(thread) => {
                let thread = self.scalar(thread)?;
                self.task_of(thread, expr.span)
            }
            Call::Delete { map, key } => self.delete(*map, key, expr.span),
            Call::HasKey { map, key } => self.has_key(*map, key, expr.span),
            Call::MapLength(map) => self.map_length(*map, expr.span),
            Call::StackLength(stack) => match &stack.kind {
                ExprKind::Builtin(Builtin::Stack(stack)) => self.stack_length(*stack),
                _ => self.not_supported("len() of a stack that is kept in a variable", expr.span),
            },
            Call::ByteSwap(operand) => {
                let bits = expr.ty.int().map_or(64, |int| int.bits);
                let value = self.scalar(operand)?;
                let swapped = self.b.swap_bytes(value, bits);
                Ok(self.fit(swapped, &expr.ty))
            }
            Call::Signal { signal, thread } => {
                let signal = self.scalar(signal)?;
                let helper = if *thread {
                    helper::SEND_SIGNAL_THREAD
                } else {
                    helper::SEND_SIGNAL
                };
                Ok(self.b.call(helper, &[signal]))
            }
            Call::StrFind { haystack, needle } => self.find_string(haystack, needle, expr.span),
            Call::MemCmp {
                left,
                right,
                length,
            } => self.memcmp(left, right, *length, expr.span),
            Call::MacAddress(address) => self.mac_address(address),
            Call::WriteUser { to, from, length } => self.write_user(to, from, *length, expr.span),
            Call::ReadString { .. }
            | Call::ReadBuffer { .. }
            | Call::ArgumentString { .. }
            | Call::ArgumentMemory { .. }
            | Call::FilePath(_)
            | Call::UserSymbol(_)
            | Call::StrConcat { .. }
            | Call::InetAddress { .. } => self.malformed(
                "a value in memory stands where a number is wanted",
                expr.span,
            ),
        }
    }

    /// A function of any other type.
    pub(crate) fn place_call(
        &mut self,
        call: &'s Call,
        expr: &'s Expr,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        match (call, &expr.ty) {
            (
                Call::ReadString {
                    pointer,
                    length,
                    space,
                },
                Type::String { capacity },
            ) => {
                let pointer = self.scalar(pointer)?;
                let length = match length {
                    Some(length) => Some(self.scalar(length)?),
                    None => None,
                };
                self.read_string(pointer, length, *capacity, *space, to, padding)?;
                Ok(())
            }
            (
                Call::ReadBuffer {
                    pointer,
                    length,
                    space,
                },
                Type::Buffer { capacity },
            ) => {
                let pointer = self.scalar(pointer)?;
                let length = self.scalar(length)?;
                self.read_buffer(pointer, length, *capacity, *space, to, padding)
            }
            (Call::UserSymbol(address), _) => {
                let address = self.scalar(address)?;
                let pid = self.builtin(Builtin::Pid, expr.span)?;
                self.b.store_word(to, address);
                self.b.store_word(to.plus(8), pid);
                Ok(())
            }
            (Call::ArgumentString { argument }, Type::String { capacity }) => {
                self.argument_string(*argument, *capacity, to, padding)
            }
            (Call::ArgumentMemory { .. }, ty) => self.argument_memory(ty, to, expr.span),
            (Call::FilePath(descriptor), _) => self.file_path(descriptor, to),
            (Call::StrConcat { left, right }, Type::String { capacity }) => {
                self.concat(left, right, *capacity, to, padding)
            }
            (Call::InetAddress { family, address }, Type::Inet) => {
                let family = self.scalar(family)?;
                self.b.store_word(to, family);
                let address_at = to.plus(8);
                self.zero(address_at, 16);
                self.place(address, address_at, Padding::Loose)
            }
            _ => self.malformed(
                "a number stands where a value in memory is wanted",
                expr.span,
            ),
        }
    }

    /// The first 6 bytes of a value in memory, as a word.
    fn mac_address(&mut self, address: &'s Expr) -> Result<Value> {
        const SIZE: u32 = 6;
        if address.ty.is_scalar() || address.ty.size() < SIZE {
            return self.malformed("macaddr of something else", address.span);
        }
        let mark = self.mark();
        let from = self.memory_of(address, Padding::Loose)?;
        let word = self.temporary(8);
        self.b.store_int(word, 8, 0);
        memory::copy(&mut self.b, word, from, SIZE);
        let value = self.b.load_word(word);
        self.release(&mark);
        Ok(value)
    }

    /// Writes bytes to the memory of the process; 1 if that worked.
    fn write_user(
        &mut self,
        to: &'s Expr,
        from: &'s Expr,
        length: u32,
        span: Span,
    ) -> Result<Value> {
        if !self.module.target.features.write_user {
            let needs = "bpf_probe_write_user, for CAP_SYS_ADMIN and without kernel lockdown";
            return self.kernel_lacks("write_user()", needs, span);
        }
        if from.ty.is_scalar() || from.ty.size() < length {
            return self.malformed("write_user of more bytes than there are", from.span);
        }
        let mark = self.mark();
        let to = self.scalar(to)?;
        let from = self.memory_of(from, Padding::Zeroed)?;
        let from = self.b.address(from);
        let size = self.b.int(length.into());
        let returned = self.b.call(helper::PROBE_WRITE_USER, &[to, from, size]);
        self.release(&mark);
        let done = self.b.compare_int(IntCC::Equal, returned, 0);
        Ok(self.b.truth(done))
    }

    /// 0 if the first `length` bytes are equal, or both strings end before; else 1.
    fn strncmp(&mut self, left: &'s Expr, right: &'s Expr, length: u32) -> Result<Value> {
        let (Type::String { capacity: a }, Type::String { capacity: b }) = (&left.ty, &right.ty)
        else {
            return self.malformed("strncmp of something that is no string", left.span);
        };
        let difference = self.difference(left, right, length.min(*a).min(*b))?;
        let differs = self.b.compare_int(IntCC::NotEqual, difference, 0);
        Ok(self.b.truth(differs))
    }

    /// The kernel's copying of a string tells its length.
    fn strlen(&mut self, string: &'s Expr) -> Result<Value> {
        let Type::String { capacity } = string.ty else {
            return self.malformed("strlen of something that is no string", string.span);
        };
        if let ExprKind::Str(bytes) = &string.kind {
            return Ok(self.b.int(bytes.len() as i64));
        }
        let mark = self.mark();
        let from = self.memory_of(string, Padding::Loose)?;
        let copy = self.temporary(capacity);
        let returned = memory::copy_string(&mut self.b, copy, from, capacity);
        self.release(&mark);
        let failed = self.b.compare_int(IntCC::SignedLessThan, returned, 1);
        let length = self.b.add_int(returned, -1);
        let zero = self.b.int(0);
        Ok(self.b.select(failed, zero, length))
    }

    /// Zeros a value in memory.
    pub(crate) fn zero(&mut self, to: Mem, size: u32) {
        memory::zero(&mut self.b, self.module, to, size);
    }
}
