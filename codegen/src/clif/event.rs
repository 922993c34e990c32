//! Reading the event: the only place that knows how each hook hands over a system call or a trace record.

use super::build::{Extend, Mem};
use super::lower::{Cached, CallsKind, FRAME_CONTEXT, Function, Lower, Result};
use crate::helper;
use crate::native::CallContext;
use crate::object::Counter;
use crate::plan::{Event, Which};
use crate::target::Arch;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::Edge;
use trapline_lang::syscall::Abi;

/// Where system calls find their parts in `struct pt_regs`.
struct Registers {
    /// The number, which is an `int`.
    number: u32,
    arguments: [u32; 6],
    /// Of a 32-bit task; 32 bits each.
    compat_arguments: [u32; 6],
}

impl Registers {
    fn of(arch: Arch) -> Self {
        match arch {
            // linux v6.12 arch/x86/include/asm/ptrace.h, syscall.h: di si dx r10 r8 r9; bx cx dx si di bp.
            Arch::X86_64 => Self {
                number: 120,
                arguments: [112, 104, 96, 56, 72, 64],
                compat_arguments: [40, 88, 96, 104, 112, 32],
            },
            // linux v6.12 arch/arm64/include/asm/ptrace.h, syscall.h: orig_x0, then x1 to x5.
            Arch::Aarch64 => Self {
                number: 280,
                arguments: [272, 8, 16, 24, 32, 40],
                compat_arguments: [272, 8, 16, 24, 32, 40],
            },
        }
    }
}

/// `TS_COMPAT` (linux v6.12 arch/x86/include/asm/thread_info.h).
const TS_COMPAT: i64 = 2;
/// `_TIF_32BIT` (linux v6.12 arch/arm64/include/asm/thread_info.h).
const TIF_32BIT: i64 = 1 << 22;

/// Offsets in the trace records of `raw_syscalls`.
const RECORD_NUMBER: u32 = 8;
const RECORD_ARGUMENTS: u32 = 16;
const RECORD_RETURN: u32 = 16;
/// Offset of the second word of a raw tracepoint's context: the number, or what the call returned.
const RAW_SECOND: u32 = 8;

impl Lower<'_, '_, '_> {
    /// The program's context.
    pub(crate) fn context(&mut self) -> Value {
        match self.function {
            Function::Program { context, .. } => context,
            Function::Callback { frame } => match self.cached(Cached::Context) {
                Some(context) => context,
                None => {
                    let context = self.b.load_word(Mem::at(frame).plus(FRAME_CONTEXT));
                    self.cache(Cached::Context, context)
                }
            },
        }
    }

    /// The number of the system call, as the kernel shows it.
    pub(crate) fn syscall_number(&mut self) -> Result<Value> {
        if let Some(number) = self.cached(Cached::Number) {
            return Ok(number);
        }
        let context = self.context();
        let number = match self.program.event {
            Event::Registers {
                edge: Edge::Exit, ..
            } => {
                let offset = Registers::of(self.module.target.arch).number;
                let register = self.register(offset)?;
                self.b.extend(register, 32, Extend::Sign)
            }
            Event::Whole(_) => self.b.load_word(Mem::at(context).plus(CallContext::NUMBER)),
            // What follows these bytes is not always set.
            Event::CallRecord { .. } => {
                self.b
                    .load(Mem::at(context).plus(RECORD_NUMBER), 4, Extend::Sign)
            }
            _ => self.b.load_word(Mem::at(context).plus(RECORD_NUMBER)),
        };
        Ok(self.cache(Cached::Number, number))
    }

    /// What the system call returned.
    ///
    /// 0 for events of calls that never return.
    pub(crate) fn syscall_return(&mut self) -> Value {
        let as_event = matches!(self.program.calls, CallsKind::Every | CallsKind::These);
        if as_event && self.program.event.edge() == Some(Edge::Enter) {
            return self.b.int(0);
        }
        let offset = match self.program.event {
            Event::Registers { .. } => RAW_SECOND,
            Event::Whole(_) => CallContext::RESULT,
            _ => RECORD_RETURN,
        };
        let context = self.context();
        self.b.load_word(Mem::at(context).plus(offset))
    }

    /// One of the six arguments, as 64 bits.
    pub(crate) fn syscall_argument(&mut self, n: u8) -> Result<Value> {
        if let Some(argument) = self.cached(Cached::Argument(n)) {
            return Ok(argument);
        }
        let argument = match self.program.event {
            Event::Registers { .. } | Event::SyscallRecord(Edge::Exit) => {
                self.lost_argument(n, |lower| lower.register_argument(n))?
            }
            Event::CallRecord { arguments, .. } if n >= arguments => {
                self.lost_argument(n, |lower| lower.register_argument(n))?
            }
            event => {
                let start = match event {
                    Event::Whole(_) => CallContext::ARGUMENTS,
                    _ => RECORD_ARGUMENTS,
                };
                let context = self.context();
                self.b
                    .load_word(Mem::at(context).plus(start + 8 * u32::from(n)))
            }
        };
        Ok(self.cache(Cached::Argument(n), argument))
    }

    fn register_argument(&mut self, n: u8) -> Result<Value> {
        let registers = Registers::of(self.module.target.arch);
        let n = usize::from(n).min(5);
        let (native, compat) = (registers.arguments[n], registers.compat_arguments[n]);
        let cut = |lower: &mut Self| {
            let register = lower.register(compat)?;
            Ok(lower.b.extend(register, 32, Extend::Zero))
        };
        match self.program.abi {
            Some(Abi::I386 | Abi::Arm) => return cut(self),
            Some(_) => return self.register(native),
            None => {}
        }
        let is_compat = match self.cached(Cached::Call) {
            Some(call) => {
                let distance = self.b.shr_int(call, 32);
                let far = i64::from(self.module.target.arch == Arch::Aarch64) + 1;
                self.b.compare_int(IntCC::Equal, distance, far)
            }
            None => {
                let Some(is_compat) = self.compat()? else {
                    return self.register(native);
                };
                self.b.compare_int(IntCC::NotEqual, is_compat, 0)
            }
        };
        self.choose(is_compat, cut, |lower| lower.register(native))
    }

    fn register(&mut self, offset: u32) -> Result<Value> {
        if let Some(value) = self.cached(Cached::Register(offset)) {
            return Ok(value);
        }
        let registers = match self.cached(Cached::Registers) {
            Some(registers) => registers,
            None => {
                let registers = self.registers()?;
                self.cache(Cached::Registers, registers)
            }
        };
        let value = match self.program.event {
            Event::Registers { btf: true, .. }
            | Event::SyscallRecord(_)
            | Event::CallRecord { .. } => {
                // The kernel knows `syscallno` as an `int`: a wider load would be refused.
                let bytes = match (self.module.target.arch, offset) {
                    (Arch::Aarch64, 280) => 4,
                    _ => 8,
                };
                self.b
                    .load(Mem::at(registers).plus(offset), bytes, Extend::Zero)
            }
            _ => self.read_kernel_word(registers, offset, 8)?,
        };
        Ok(self.cache(Cached::Register(offset), value))
    }

    /// The registers at the entry of the system call.
    fn registers(&mut self) -> Result<Value> {
        if matches!(self.program.event, Event::Registers { .. }) {
            let context = self.context();
            return Ok(self.b.load_word(Mem::at(context)));
        }
        let features = &self.module.target.features;
        if !features.task_pt_regs || !features.current_task_btf {
            return self.not_supported(
                "an argument at the end of a call, on this hook (it needs Linux 5.15)",
                self.b.span(),
            );
        }
        let task = self.task();
        Ok(self.b.call(helper::TASK_PT_REGS, &[task]))
    }

    /// Reads up to 8 bytes of kernel memory; zero if that fails.
    pub(crate) fn read_kernel_word(
        &mut self,
        pointer: Value,
        offset: u32,
        bytes: u32,
    ) -> Result<Value> {
        let mark = self.mark();
        let to = self.temporary(8);
        let address = self.b.address(to);
        let size = self.b.int(bytes.into());
        let from = self.b.add_int(pointer, offset.into());
        let returned = self
            .b
            .call(helper::PROBE_READ_KERNEL, &[address, size, from]);
        self.check(returned, Counter::ReadFailed)?;
        let value = self.b.load(to, bytes, Extend::Zero);
        self.release(&mark);
        Ok(value)
    }

    /// Not zero if the call is one of a 32-bit ABI; `None` if that cannot be told, or cannot be.
    pub(crate) fn compat(&mut self) -> Result<Option<Value>> {
        if let Some(compat) = self.cached(Cached::Compat) {
            return Ok(Some(compat));
        }
        match self.program.event {
            Event::CallRecord { .. } => return Ok(None),
            Event::Whole(_) => {
                let call = self.whole_call();
                let distance = self.b.shr_int(call, 32);
                return Ok(Some(self.cache(Cached::Compat, distance)));
            }
            _ => {}
        }
        let offsets = &self.module.target.offsets;
        let (offset, bytes, bit) = match self.module.target.arch {
            Arch::X86_64 => (offsets.thread_info_status, 4, TS_COMPAT),
            Arch::Aarch64 => (offsets.thread_info_flags, 8, TIF_32BIT),
        };
        let Some(offset) = offset else {
            return Ok(None);
        };
        let flags = self.task_word(offset, bytes)?;
        let compat = self.b.and_int(flags, bit);
        Ok(Some(self.cache(Cached::Compat, compat)))
    }

    /// The call as a native engine knows it, as [`trapline_lang::syscall::encode`] has it.
    pub(crate) fn whole_call(&mut self) -> Value {
        let context = self.context();
        self.b.load_word(Mem::at(context).plus(CallContext::CALL))
    }

    /// The number by which the call is told from others: at exit that of its entry, if that is known.
    pub(crate) fn listed_number(&mut self) -> Result<Value> {
        match self.program.event {
            Event::Whole(_) => {
                let call = self.whole_call();
                Ok(self.b.extend(call, 32, Extend::Zero))
            }
            _ => self.syscall_number(),
        }
    }

    /// Reads a member of the current `task_struct`.
    pub(crate) fn task_word(&mut self, offset: u32, bytes: u32) -> Result<Value> {
        if self.module.target.features.current_task_btf {
            let task = self.task();
            return Ok(self.b.load(Mem::at(task).plus(offset), bytes, Extend::Zero));
        }
        let task = self.b.call(helper::GET_CURRENT_TASK, &[]);
        self.read_kernel_word(task, offset, bytes)
    }

    /// Which of the probe's events fired: the low half of `probe`.
    pub(crate) fn event_number(&mut self) -> Result<Value> {
        match self.program.event {
            Event::Bare | Event::Object { .. } => Ok(self.b.int(0)),
            Event::Record(Which::Fixed(event))
            | Event::Site(Which::Fixed(event))
            | Event::Words(event)
            | Event::Trampoline(event) => Ok(self.b.int(event.into())),
            Event::Record(Which::Cookie) | Event::Site(Which::Cookie) => {
                let context = self.context();
                Ok(self.b.call(helper::GET_ATTACH_COOKIE, &[context]))
            }
            Event::Registers { .. }
            | Event::SyscallRecord(_)
            | Event::CallRecord { .. }
            | Event::Whole(_) => {
                let call = match self.program.calls {
                    CallsKind::Any => return Ok(self.b.int(0)),
                    CallsKind::Native => self.syscall_number()?,
                    CallsKind::Every | CallsKind::These => {
                        let call = self.syscall()?;
                        let distance = self.b.shr_int(call, 32);
                        let foreign = self.b.compare_int(IntCC::NotEqual, distance, 0);
                        let foreign = self.b.truth(foreign);
                        let foreign = self.b.shl_int(foreign, 31);
                        self.b.or(call, foreign)
                    }
                };
                Ok(self.b.extend(call, 32, Extend::Zero))
            }
        }
    }
}
