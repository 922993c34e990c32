//! The state of lowering one function, and what every other part of the lowering asks of it: temporary
//! memory, values that are computed once, branches, callbacks, counting of failures.

use super::build::{self, Build, Mem, STACK_VALUE};
use super::module::{Module, Scratch, Subprogram};
use super::routine::{self, Routine};
use crate::CodegenError;
use crate::layout::map_type;
use crate::object::{Counter, Failure, HelperName, KernelMap, RecordAction};
use crate::plan::{Calls, Event};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Value};
use cranelift_frontend::Variable;
use std::collections::HashMap;
use trapline_lang::hir::{Builtin, Probe, VarId};
use trapline_lang::source::Span;
use trapline_lang::syscall::Abi;
use trapline_lang::types::Type;

pub(crate) type Result<T> = std::result::Result<T, CodegenError>;

/// A program in the making: what its function and its callbacks share.
pub(crate) struct ProgramState<'s> {
    /// How it reads its event.
    pub(crate) event: Event,
    /// Memory over 16 bytes.
    pub(crate) scratch: Scratch,
    /// Which probe's body is being lowered.
    pub(crate) probe: &'s Probe,
    /// Its place in the script.
    pub(crate) probe_index: u32,
    /// Where its scratch variables are.
    pub(crate) vars: Vec<VarStorage>,
    /// For which system calls the body runs.
    pub(crate) calls: CallsKind,
    /// The one ABI of the system calls that the body runs for.
    pub(crate) abi: Option<Abi>,
    /// Some of those calls lose their arguments.
    pub(crate) loses: bool,
    /// Where callbacks find what is known of the system call, in scratch memory.
    pub(crate) call: Option<u32>,
}

/// For which system calls a body runs, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallsKind {
    /// For whatever runs the program.
    Any,
    /// For some of the native ABI.
    Native,
    /// As events of their own: for all.
    Every,
    /// As events of their own: for some.
    These,
}

impl CallsKind {
    /// The kind of an arm's calls.
    pub(crate) fn of(calls: &Calls<'_>) -> Self {
        match calls {
            Calls::Any | Calls::Raw(_) => Self::Any,
            Calls::Native(_) => Self::Native,
            Calls::Every => Self::Every,
            Calls::These(_) => Self::These,
        }
    }
}

/// Where a scratch variable is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum VarStorage {
    /// In a register, as 64 bits.
    Register(Variable),
    /// At an offset in scratch memory: it is large, or a callback uses it.
    Scratch(u32),
}

/// What is computed once and used again where that dominates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cached {
    /// Pointer to scratch memory.
    Scratch,
    /// Pointer to the program's context.
    Context,
    /// `pt_regs`
    Registers,
    /// One register, by its offset.
    Register(u32),
    /// Whether the task is a 32-bit one: 0 or not.
    Compat,
    /// The system call's number.
    Number,
    /// The system call, as [`trapline_lang::syscall::encode`] has it.
    Call,
    /// The same, or [`super::program::NOT_LISTED`].
    Listed,
    /// Nanoseconds since the system call's entry; -1 if that was not seen.
    Latency,
    /// Where the entry of a call that has lost its arguments is kept; null for any other.
    LostEntry,
    /// The current task, as a pointer.
    Task,
    /// An argument of the system call.
    Argument(u8),
    /// `pid << 32 | tid`
    PidTgid,
    /// `gid << 32 | uid`
    UidGid,
    /// [`Lower::comm`] is filled; the value means nothing.
    Comm,
    /// A builtin whose value does not change while a body runs.
    Builtin(Builtin),
}

/// Which function is being lowered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Function {
    /// A program; a body ends by jumping to the block.
    Program {
        /// The program's parameter.
        context: Value,
        /// Behind the body.
        leave: Block,
    },
    /// The body of a loop, called by the kernel.
    Callback {
        /// Pointer to the program's [`frame`](FRAME_CONTEXT).
        frame: Value,
    },
}

/// Where `return` leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Returns {
    /// Out of the probe.
    Probe,
    /// Behind a subprogram's body, in the same function.
    To(Block),
    /// Behind a subprogram's body that the loop is in, of which this function is the body.
    Outward,
}

/// Where a callback finds the program's context in the frame that the program hands it.
pub(crate) const FRAME_CONTEXT: u32 = 0;
/// Where a callback says that more than the loop ends: [`LEAVES_PROBE`], [`LEAVES_SUBPROGRAM`].
pub(crate) const FRAME_RETURNED: u32 = 8;

/// The probe ends with the loop.
const LEAVES_PROBE: i64 = 1;
/// The subprogram's body around the loop ends with it.
const LEAVES_SUBPROGRAM: i64 = 2;

/// Lowers one function.
pub(crate) struct Lower<'l, 's, 'f> {
    pub(crate) module: &'l mut Module<'s>,
    pub(crate) program: &'l mut ProgramState<'s>,
    pub(crate) b: Build<'f>,
    pub(crate) function: Function,
    pub(crate) returns: Returns,
    scopes: Vec<HashMap<Cached, Value>>,
    comm: Option<Mem>,
}

/// What [`Lower::release`] goes back to.
pub(crate) struct Mark {
    stack: usize,
    scratch: u32,
}

impl<'l, 's, 'f> Lower<'l, 's, 'f> {
    pub(crate) fn new(
        module: &'l mut Module<'s>,
        program: &'l mut ProgramState<'s>,
        b: Build<'f>,
        function: Function,
    ) -> Self {
        Self {
            module,
            program,
            b,
            function,
            returns: Returns::Probe,
            scopes: vec![HashMap::new()],
            comm: None,
        }
    }

    /// Gives up on what the target's kernel does not have.
    pub(crate) fn kernel_lacks<T>(&self, what: &str, needs: &str, span: Span) -> Result<T> {
        let why = format!("this kernel does not offer {what}: it needs {needs}");
        Err(CodegenError::Refused { why, span })
    }

    pub(crate) fn not_supported<T>(&self, what: impl Into<String>, span: Span) -> Result<T> {
        Err(CodegenError::NotSupported {
            what: what.into(),
            span,
        })
    }

    // What dominates

    /// What is computed from here on counts only until [`Self::leave_scope`].
    pub(crate) fn enter_scope(&mut self) {
        self.scopes.push(HashMap::new());
    }

    pub(crate) fn leave_scope(&mut self) {
        self.scopes.pop();
    }

    pub(crate) fn cached(&self, what: Cached) -> Option<Value> {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.get(&what).copied())
    }

    pub(crate) fn cache(&mut self, what: Cached, value: Value) -> Value {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(what, value);
        }
        value
    }

    /// Runs `then` if the condition holds.
    pub(crate) fn when(
        &mut self,
        condition: Value,
        then: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let (inside, after) = (self.b.block(), self.b.block());
        self.b.branch(condition, inside, after);
        self.b.switch_to(inside);
        self.scoped(then)?;
        self.b.jump(after);
        self.b.switch_to(after);
        Ok(())
    }

    /// The value of one of two computations.
    pub(crate) fn choose(
        &mut self,
        condition: Value,
        then: impl FnOnce(&mut Self) -> Result<Value>,
        otherwise: impl FnOnce(&mut Self) -> Result<Value>,
    ) -> Result<Value> {
        let (yes, no) = (self.b.block(), self.b.block());
        let (after, result) = self.b.join();
        self.b.branch(condition, yes, no);
        self.b.switch_to(yes);
        let value = self.scoped(then)?;
        self.b.jump_with(after, value);
        self.b.switch_to(no);
        let value = self.scoped(otherwise)?;
        self.b.jump_with(after, value);
        self.b.switch_to(after);
        Ok(result)
    }

    /// Runs one of two.
    pub(crate) fn either(
        &mut self,
        condition: Value,
        then: impl FnOnce(&mut Self) -> Result<()>,
        otherwise: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let (yes, no, after) = (self.b.block(), self.b.block(), self.b.block());
        self.b.branch(condition, yes, no);
        self.b.switch_to(yes);
        self.scoped(then)?;
        self.b.jump(after);
        self.b.switch_to(no);
        self.scoped(otherwise)?;
        self.b.jump(after);
        self.b.switch_to(after);
        Ok(())
    }

    /// Runs something whose values count only inside it.
    pub(crate) fn scoped<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.enter_scope();
        let result = inside(self);
        self.leave_scope();
        result
    }

    /// Runs `then` with a pointer if it is not null.
    pub(crate) fn when_found(
        &mut self,
        pointer: Value,
        then: impl FnOnce(&mut Self, Value) -> Result<()>,
    ) -> Result<()> {
        let found = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        self.when(found, |lower| {
            let pointer = lower.b.anchor(pointer);
            then(lower, pointer)
        })
    }

    // Leaving

    /// Ends the body; what follows is never reached.
    pub(crate) fn leave(&mut self) {
        match self.function {
            Function::Program { leave, .. } => self.b.jump(leave),
            Function::Callback { frame } => self.end_loops(frame, LEAVES_PROBE),
        }
        self.unreachable();
    }

    /// Ends the subprogram's body, or the probe's outside of one; what follows is never reached.
    pub(crate) fn return_(&mut self) {
        match (self.returns, self.function) {
            (Returns::To(after), _) => self.b.jump(after),
            (Returns::Outward, Function::Callback { frame }) => {
                self.end_loops(frame, LEAVES_SUBPROGRAM);
            }
            _ => return self.leave(),
        }
        self.unreachable();
    }

    fn end_loops(&mut self, frame: Value, leaves: i64) {
        let returned = Mem::at(frame).plus(FRAME_RETURNED);
        self.b.store_int(returned, 8, leaves);
        self.b.return_int(1);
    }

    fn unreachable(&mut self) {
        let unreachable = self.b.block();
        self.b.switch_to(unreachable);
    }

    // Memory

    /// Where temporary memory ends now.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            stack: self.b.mark(),
            scratch: self.program.scratch.mark(),
        }
    }

    /// Gives back temporary memory.
    pub(crate) fn release(&mut self, mark: &Mark) {
        self.b.release(mark.stack);
        self.program.scratch.release(mark.scratch);
    }

    /// Temporary memory until the end of the statement.
    pub(crate) fn temporary(&mut self, size: u32) -> Mem {
        if size <= STACK_VALUE
            && let Some(slot) = self.b.take_slot()
        {
            return slot;
        }
        let offset = self.program.scratch.take(size);
        self.scratch_at(offset)
    }

    /// A place in scratch memory.
    pub(crate) fn scratch_at(&mut self, offset: u32) -> Mem {
        Mem::at(self.scratch()).plus(offset)
    }

    fn scratch(&mut self) -> Value {
        if let Some(pointer) = self.cached(Cached::Scratch) {
            return pointer;
        }
        let map = match self.program.scratch.map {
            Some(map) => map,
            None => {
                // Its size is known when the program is finished.
                let name = format!("scratch_{}", self.module.kernel_maps.len());
                let map = self.module.add_map(KernelMap {
                    name,
                    map_type: map_type::PERCPU_ARRAY,
                    key_size: 4,
                    value_size: 0,
                    max_entries: 1,
                    flags: 0,
                });
                *self.program.scratch.map.insert(map)
            }
        };
        let zero = self.b.int(0);
        let pointer = self.array_slot(map, zero);
        let (found, missing) = (self.b.block(), self.b.block());
        let there = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        self.b.branch(there, found, missing);
        self.b.switch_to(missing);
        self.leave_from_block();
        self.b.switch_to(found);
        let pointer = self.b.anchor(pointer);
        self.cache(Cached::Scratch, pointer)
    }

    /// Ends the body from a block that ends here.
    fn leave_from_block(&mut self) {
        match self.function {
            Function::Program { leave, .. } => self.b.jump(leave),
            Function::Callback { .. } => self.b.return_int(1),
        }
    }

    /// Looks up an element of an array: a pointer or null.
    pub(crate) fn array_slot(&mut self, map: u32, index: Value) -> Value {
        let mark = self.b.mark();
        let key = match self.b.take_slot() {
            Some(slot) => slot,
            // Scratch memory itself is found by such a look-up.
            None => self.b.own_slot(),
        };
        self.b.store(key, 4, index);
        let pointer = routine::look_up(&mut self.b, map, key);
        self.b.release(mark);
        pointer
    }

    /// 16 bytes for the thread's name.
    pub(crate) fn comm_slot(&mut self) -> Mem {
        match self.comm {
            Some(slot) => slot,
            None => {
                let slot = self.b.own_slot();
                *self.comm.insert(slot)
            }
        }
    }

    pub(crate) fn var(&self, var: VarId) -> VarStorage {
        self.program.vars[var.index()]
    }

    // Failures

    /// Counts that something went wrong.
    pub(crate) fn count_failure(&mut self, counter: Counter) -> Result<()> {
        let counter = self.b.int(counter as i64);
        self.count(counter)
    }

    /// Counts a failure whose counter is known only when it happens.
    pub(crate) fn count(&mut self, counter: Value) -> Result<()> {
        let routine = routine::index(self.module, Routine::CountFailure)?;
        self.b.call_subprogram(routine, &[counter]);
        Ok(())
    }

    /// Counts a failure if what a helper returned is negative.
    pub(crate) fn check(&mut self, returned: Value, counter: Counter) -> Result<()> {
        let failed = self.b.compare_int(IntCC::SignedLessThan, returned, 0);
        self.when(failed, |lower| lower.count_failure(counter))
    }

    /// As [`Self::check`], for a read of memory: with `-k`, it is told.
    pub(crate) fn check_read(&mut self, returned: Value, helper: HelperName) -> Result<()> {
        let failed = self.b.compare_int(IntCC::SignedLessThan, returned, 0);
        self.when(failed, |lower| {
            lower.count_failure(Counter::ReadFailed)?;
            lower.warn(helper, returned)
        })
    }

    /// With `-k`, tells that a helper failed.
    pub(crate) fn warn(&mut self, helper: HelperName, returned: Value) -> Result<()> {
        if self.module.script.config.runtime_warnings {
            self.tell(Failure::Helper(helper), returned)?;
        }
        Ok(())
    }

    /// Tells of a failure at the place in the script that is being lowered.
    pub(crate) fn tell(&mut self, failure: Failure, value: Value) -> Result<()> {
        let routine = routine::index(self.module, Routine::Tell)?;
        let action = RecordAction::Failure(failure);
        let (kind, _) = self.module.add_record(action, [Type::I64], self.b.span());
        let kind = self.b.int(kind.into());
        self.b.call_subprogram(routine, &[kind, value]);
        Ok(())
    }

    // Callbacks

    /// Lowers a callback of `params` parameters, the last of which is the program's frame; gives its
    /// address.
    pub(crate) fn callback(
        &mut self,
        params: usize,
        body: impl FnOnce(&mut Lower<'_, 's, '_>, &[Value]) -> Result<()>,
    ) -> Result<Value> {
        let number = self.module.number_function();
        let returns = match self.returns {
            Returns::Probe => Returns::Probe,
            Returns::To(_) | Returns::Outward => Returns::Outward,
        };
        let module = &mut *self.module;
        let program = &mut *self.program;
        let function = build::function(number, params, |b, values| {
            let frame = values[params - 1];
            let mut lower = Lower::new(module, program, b, Function::Callback { frame });
            lower.returns = returns;
            body(&mut lower, values)?;
            lower.b.finish();
            Ok(())
        })?;
        let name = format!("callback_{number}");
        let index = self.module.add_subprogram(Subprogram { name, function });
        Ok(self.b.subprogram_address(index, params))
    }

    /// Calls a helper that runs a callback, with the program's frame as the callback's last parameter,
    /// and ends the body if the callback said so.
    pub(crate) fn run_callback(
        &mut self,
        call: impl FnOnce(&mut Self, Value) -> Value,
    ) -> Result<()> {
        let mark = self.b.mark();
        let (frame, own) = match self.function {
            Function::Callback { frame } => (Mem::at(frame), false),
            Function::Program { context, .. } => {
                let frame = match self.b.take_slot() {
                    Some(slot) => slot,
                    None => self.b.own_slot(),
                };
                self.b.store_word(frame.plus(FRAME_CONTEXT), context);
                self.b.store_int(frame.plus(FRAME_RETURNED), 8, 0);
                (frame, true)
            }
        };
        let address = self.b.address(frame);
        call(self, address);
        let leaves = self.b.load_word(frame.plus(FRAME_RETURNED));
        let returned = self.b.compare_int(IntCC::NotEqual, leaves, 0);
        let (leave, after) = (self.b.block(), self.b.block());
        self.b.branch(returned, leave, after);
        self.b.switch_to(leave);
        if let Returns::To(end) = self.returns {
            let here = self.b.compare_int(IntCC::Equal, leaves, LEAVES_SUBPROGRAM);
            let (inside, outside) = (self.b.block(), self.b.block());
            self.b.branch(here, inside, outside);
            self.b.switch_to(inside);
            self.b.store_int(frame.plus(FRAME_RETURNED), 8, 0);
            self.b.jump(end);
            self.b.switch_to(outside);
        }
        match self.function {
            Function::Program { leave, .. } => self.b.jump(leave),
            Function::Callback { .. } => self.b.return_int(1),
        }
        self.b.switch_to(after);
        if own {
            self.b.release(mark);
        }
        Ok(())
    }
}
