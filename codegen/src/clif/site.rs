//! Reading what a function, a raw tracepoint or a static marker was hit with.

use super::build::{Extend, Mem};
use super::lower::{Lower, Result};
use crate::helper;
use crate::object::Counter;
use crate::plan::{self, Event};
use crate::target::Arch;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::catalog::{Operand, OperandPlace};
use trapline_lang::hir::Hook;
use trapline_lang::source::Span;

const WORD: u32 = 8;

/// Where functions find their arguments in `struct pt_regs`, by calling convention, and leave what they return.
struct Convention {
    arguments: &'static [u32],
    result: u32,
}

impl Convention {
    fn of(arch: Arch) -> Self {
        match arch {
            // linux v6.12 arch/x86/include/asm/ptrace.h: di si dx cx r8 r9; ax.
            Arch::X86_64 => Self {
                arguments: &[112, 104, 96, 88, 72, 64],
                result: 80,
            },
            // linux v6.12 arch/arm64/include/asm/ptrace.h: x0 to x7; x0.
            Arch::Aarch64 => Self {
                arguments: &[0, 8, 16, 24, 32, 40, 48, 56],
                result: 0,
            },
        }
    }
}

/// `pt_regs.cs` and the bits of it that are not zero in user mode (x86).
const CODE_SEGMENT: u32 = 136;
const PRIVILEGE: i64 = 3;
/// `pt_regs.pstate` and the bits of it that are zero in user mode (arm64).
const PROCESSOR_STATE: u32 = 264;
const EXCEPTION_LEVEL: i64 = 0xf;

impl Lower<'_, '_, '_> {
    /// Argument 0 and so on, as 64 bits.
    pub(crate) fn site_argument(&mut self, n: u8, span: Span) -> Result<Value> {
        match self.program.event {
            Event::Words(_) => {
                let context = self.context();
                Ok(self.b.load_word(Mem::at(context).plus(WORD * u32::from(n))))
            }
            Event::Trampoline(_) => Ok(self.trampoline_word(n)),
            Event::Site(_) => {
                let convention = Convention::of(self.module.target.arch);
                match convention.arguments.get(usize::from(n)) {
                    Some(offset) => Ok(self.site_register(*offset)),
                    None => self.not_supported("an argument on the stack", span),
                }
            }
            _ => self.malformed("an argument of something that has none", span),
        }
    }

    /// What the function returned.
    pub(crate) fn site_result(&mut self, span: Span) -> Result<Value> {
        match self.program.event {
            Event::Trampoline(event) => match &self.program.probe.hook {
                // It comes behind the arguments.
                Hook::Function(hook) => match hook.functions.get(event as usize) {
                    Some(function) => Ok(self.trampoline_word(function.argument_words)),
                    None => self.malformed("a function that the probe does not have", span),
                },
                _ => self.malformed("a trampoline without a function", span),
            },
            Event::Site(_) => {
                let offset = Convention::of(self.module.target.arch).result;
                Ok(self.site_register(offset))
            }
            _ => self.malformed("the result of something that returns nothing", span),
        }
    }

    /// A register where the program was hit.
    pub(crate) fn site_register(&mut self, offset: u32) -> Value {
        let context = self.context();
        self.b.load_word(Mem::at(context).plus(offset))
    }

    /// An argument of a static marker.
    pub(crate) fn operand(&mut self, operand: Operand) -> Result<Value> {
        let extend = if operand.signed {
            Extend::Sign
        } else {
            Extend::Zero
        };
        let value = match operand.place {
            OperandPlace::Constant(constant) => self.b.int(constant),
            OperandPlace::Register(offset) => self.site_register(offset),
            OperandPlace::Memory {
                base,
                index,
                displacement,
            } => {
                let mut address = self.site_register(base);
                if let Some((index, factor)) = index {
                    let index = self.site_register(index);
                    let factor = self.b.int(factor.into());
                    let scaled = self.b.mul(index, factor);
                    address = self.b.add(address, scaled);
                }
                let address = self.b.add_int(address, displacement);
                self.read_user_word(address, u32::from(operand.bits) / 8)?
            }
        };
        Ok(self.b.extend(value, operand.bits, extend))
    }

    /// Not zero if the CPU was in user mode when the program was started.
    pub(crate) fn user_mode(&mut self) -> Value {
        // Trapline itself runs these.
        if matches!(self.program.probe.hook, Hook::Begin | Hook::End) {
            return self.b.int(1);
        }
        let user = match self.module.target.arch {
            Arch::X86_64 => {
                let segment = self.site_register(CODE_SEGMENT);
                let level = self.b.and_int(segment, PRIVILEGE);
                self.b.compare_int(IntCC::NotEqual, level, 0)
            }
            Arch::Aarch64 => {
                let state = self.site_register(PROCESSOR_STATE);
                let level = self.b.and_int(state, EXCEPTION_LEVEL);
                self.b.compare_int(IntCC::Equal, level, 0)
            }
        };
        self.b.truth(user)
    }

    /// A word of what a trampoline passes: a number, whatever the verifier knows of the argument's type. Hence
    /// it is not loaded; the helper for it, `bpf_get_func_arg`, came with Linux 5.17 only.
    fn trampoline_word(&mut self, n: u8) -> Value {
        let mark = self.mark();
        let to = self.temporary(WORD);
        let to_address = self.b.address(to);
        let context = self.context();
        let from = self.b.address(Mem::at(context).plus(WORD * u32::from(n)));
        let size = self.b.int(WORD.into());
        self.b
            .call(helper::PROBE_READ_KERNEL, &[to_address, size, from]);
        let value = self.b.load_word(to);
        self.release(&mark);
        value
    }

    /// `func`: a number that is the same wherever the name is the same, as far as that is known now.
    pub(crate) fn function_name(&mut self) -> Result<Value> {
        let probes = &self.module.script.probes;
        let own = plan::function_names(self.program.probe).names;
        let here = self.program.probe_index;
        let numbered = |probe: u32, event: u32| {
            // Names of functions come behind those of probes.
            i64::from(probes.len() as u32 + probe) << 32 | i64::from(event)
        };
        let mut earlier = (0..here).zip(probes).map(|(index, probe)| {
            let names = plan::function_names(probe).names;
            (index, names)
        });
        if let Some(event) = self.program.event.fixed() {
            let name = own.iter().find(|(number, _)| *number == event);
            let same = name.and_then(|(_, name)| {
                earlier.find_map(|(index, names)| {
                    let (number, _) = names.iter().find(|(_, other)| other == name)?;
                    Some(numbered(index, *number))
                })
            });
            return Ok(self.b.int(same.unwrap_or(numbered(here, event))));
        }
        let index = earlier.find_map(|(index, names)| (names == own).then_some(index));
        let first = numbered(index.unwrap_or(here), 0);
        let event = self.event_number()?;
        let first = self.b.int(first);
        Ok(self.b.or(first, event))
    }

    /// Reads up to 8 bytes of the process; zero if that fails.
    fn read_user_word(&mut self, address: Value, bytes: u32) -> Result<Value> {
        let mark = self.mark();
        let to = self.temporary(WORD);
        let to_address = self.b.address(to);
        let size = self.b.int(bytes.into());
        let returned = self
            .b
            .call(helper::PROBE_READ_USER, &[to_address, size, address]);
        self.check(returned, Counter::ReadFailed)?;
        let value = self.b.load(to, bytes, Extend::Zero);
        self.release(&mark);
        Ok(value)
    }
}
