//! Builtin values.

use super::build::{Extend, Mem};
use super::lower::{Cached, Lower, Result};
use crate::helper;
use crate::namespace::EngineCall;
use crate::object::{ConstantKind, Counter};
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::Builtin;
use trapline_lang::source::Span;
use trapline_lang::types::{AddressSpace, Clock};

/// `TASK_COMM_LEN`
const COMM_SIZE: i64 = 16;
/// `PID_MAX_LIMIT` is 1 << 22.
const THREAD_ID_BITS: u32 = 22;

impl Lower<'_, '_, '_> {
    /// A builtin of a scalar type.
    pub(crate) fn builtin(&mut self, builtin: Builtin, span: Span) -> Result<Value> {
        match builtin {
            Builtin::Pid => {
                let both = self.pid_tgid()?;
                Ok(self.b.shr_int(both, 32))
            }
            Builtin::Tid => {
                let both = self.pid_tgid()?;
                Ok(self.b.extend(both, 32, Extend::Zero))
            }
            Builtin::Uid => {
                let both = self.once(Cached::UidGid, helper::GET_CURRENT_UID_GID);
                Ok(self.b.extend(both, 32, Extend::Zero))
            }
            Builtin::Gid => {
                let both = self.once(Cached::UidGid, helper::GET_CURRENT_UID_GID);
                Ok(self.b.shr_int(both, 32))
            }
            Builtin::Cgroup => {
                Ok(self.once(Cached::Builtin(builtin), helper::GET_CURRENT_CGROUP_ID))
            }
            Builtin::AncestorCgroup { level } => {
                if !self.module.target.features.ancestor_cgroup {
                    return self.kernel_lacks("--cgroup", "Linux 5.15", span);
                }
                let level = self.b.int(level.into());
                let id = self
                    .b
                    .call(helper::GET_CURRENT_ANCESTOR_CGROUP_ID, &[level]);
                Ok(id)
            }
            Builtin::Followed if self.module.target.is_native() => {
                Ok(self.b.engine(EngineCall::Followed, &[]))
            }
            Builtin::Followed => self.malformed("what only native engines know", span),
            Builtin::Sample { one_in } => self.sample(one_in),
            Builtin::Cpu => Ok(self.once(Cached::Builtin(builtin), helper::GET_SMP_PROCESSOR_ID)),
            Builtin::CurrentTask => {
                Ok(self.once(Cached::Builtin(builtin), helper::GET_CURRENT_TASK))
            }
            Builtin::NumaNode => Ok(self.once(Cached::Builtin(builtin), helper::GET_NUMA_NODE_ID)),
            Builtin::Ppid => self.ppid(span),
            Builtin::Nsecs(clock) => self.nsecs(clock, span),
            Builtin::Elapsed => {
                let now = self.b.call(helper::KTIME_GET_NS, &[]);
                let start = self.constant(ConstantKind::StartTime);
                Ok(self.b.sub(now, start))
            }
            Builtin::Random => Ok(self.b.call(helper::GET_PRANDOM_U32, &[])),
            Builtin::Jiffies => {
                if !self.module.target.features.jiffies {
                    return self.kernel_lacks("jiffies", "Linux 5.5", span);
                }
                Ok(self.b.call(helper::JIFFIES64, &[]))
            }
            Builtin::CpuCount => Ok(self.constant(ConstantKind::CpuCount)),
            Builtin::ChildPid => Ok(self.constant(ConstantKind::ChildPid)),
            Builtin::Probe => {
                let event = self.event_number()?;
                let probe = self.b.int(i64::from(self.program.probe_index) << 32);
                Ok(self.b.or(probe, event))
            }
            Builtin::Function => self.function_name(),
            Builtin::UserMode => Ok(self.user_mode()),
            Builtin::Context => {
                let context = self.context();
                Ok(self.as_number(context))
            }
            Builtin::Stack(stack) if stack.space == AddressSpace::Kernel => self.stack_id(stack),
            Builtin::Syscall => self.syscall(),
            Builtin::Abi => self.syscall_abi(),
            Builtin::Errno => Ok(self.errno()),
            Builtin::Latency => Ok(self.latency()),
            Builtin::Comm | Builtin::ParentComm | Builtin::Stack(_) | Builtin::CallRecord => {
                self.malformed("a value in memory stands where a number is wanted", span)
            }
        }
    }

    /// A builtin of any other type.
    pub(crate) fn place_builtin(&mut self, builtin: Builtin, to: Mem, span: Span) -> Result<()> {
        match builtin {
            Builtin::Comm => {
                let from = self.comm()?;
                for offset in [0, 8] {
                    let word = self.b.load_word(from.plus(offset));
                    self.b.store_word(to.plus(offset), word);
                }
                Ok(())
            }
            Builtin::ParentComm if self.module.target.is_native() => {
                let address = self.b.address(to);
                let size = self.b.int(COMM_SIZE);
                self.b.engine(EngineCall::ParentName, &[address, size]);
                Ok(())
            }
            Builtin::Stack(stack) => {
                let id = self.stack_id(stack)?;
                let pid = self.builtin(Builtin::Pid, span)?;
                self.b.store_word(to, id);
                self.b.store_word(to.plus(8), pid);
                Ok(())
            }
            _ => self.malformed("a number stands where a value in memory is wanted", span),
        }
    }

    /// The thread's name, with zeros behind it.
    pub(crate) fn comm(&mut self) -> Result<Mem> {
        let slot = self.comm_slot();
        if self.cached(Cached::Comm).is_none() {
            // Linux 6.1 writes nothing behind the text, and the slot held something else before.
            let zero = self.b.int(0);
            for offset in [0, 8] {
                self.b.store_word(slot.plus(offset), zero);
            }
            let address = self.b.address(slot);
            let size = self.b.int(COMM_SIZE);
            let returned = self.b.call(helper::GET_CURRENT_COMM, &[address, size]);
            self.cache(Cached::Comm, returned);
        }
        Ok(slot)
    }

    /// A word that the runtime fills in.
    pub(crate) fn constant(&mut self, kind: ConstantKind) -> Value {
        let offset = self.module.rodata.constant(kind);
        self.b.load_word(Mem::data(offset))
    }

    /// What a helper without parameters gives, which is the same while the body runs.
    fn once(&mut self, what: Cached, helper: u32) -> Value {
        match self.cached(what) {
            Some(value) => value,
            None => {
                let value = self.b.call(helper, &[]);
                self.cache(what, value)
            }
        }
    }

    /// Process and thread id as the tracer's pid namespace has them: `pid << 32 | tid`.
    fn pid_tgid(&mut self) -> Result<Value> {
        if let Some(both) = self.cached(Cached::PidTgid) {
            return Ok(both);
        }
        let both = if self.module.target.features.ns_pid {
            let inside = self.in_pid_namespace();
            self.choose(
                inside,
                |lower| Ok(lower.namespace_pid_tgid()),
                |lower| Ok(lower.b.call(helper::GET_CURRENT_PID_TGID, &[])),
            )?
        } else {
            self.b.call(helper::GET_CURRENT_PID_TGID, &[])
        };
        Ok(self.cache(Cached::PidTgid, both))
    }

    /// The tracer is in a pid namespace of its own. The verifier knows the answer, and drops the other
    /// side of the branch.
    pub(super) fn in_pid_namespace(&mut self) -> Value {
        let device = self.constant(ConstantKind::PidNamespaceDevice);
        self.b.compare_int(IntCC::NotEqual, device, 0)
    }

    fn namespace_pid_tgid(&mut self) -> Value {
        let mark = self.mark();
        let device = self.constant(ConstantKind::PidNamespaceDevice);
        let inode = self.constant(ConstantKind::PidNamespaceInode);
        // struct bpf_pidns_info { u32 pid; u32 tgid; }; zeros for a task of another namespace.
        let info = self.temporary(8);
        let address = self.b.address(info);
        let size = self.b.int(8);
        self.b.call(
            helper::GET_NS_CURRENT_PID_TGID,
            &[device, inode, address, size],
        );
        let both = self.b.load_word(info);
        self.release(&mark);
        both
    }

    fn ppid(&mut self, span: Span) -> Result<Value> {
        if let Some(ppid) = self.cached(Cached::Builtin(Builtin::Ppid)) {
            return Ok(ppid);
        }
        if self.module.target.is_native() {
            let ppid = self.b.engine(EngineCall::Parent, &[]);
            return Ok(self.cache(Cached::Builtin(Builtin::Ppid), ppid));
        }
        let offsets = self.module.target.offsets.clone();
        let (Some(real_parent), Some(tgid)) = (offsets.task_real_parent, offsets.task_tgid) else {
            return self.not_supported("ppid without the kernel's BTF", span);
        };
        let parent = self.task_word(real_parent, 8)?;
        let namespaced = match (
            offsets.task_group_leader,
            offsets.task_thread_pid,
            offsets.pid_level,
            offsets.pid_numbers,
            offsets.upid_nr,
            offsets.upid_size,
        ) {
            (Some(leader), Some(pid), Some(level), Some(numbers), Some(nr), Some(size)) => {
                Some((leader, pid, level, numbers + nr, size))
            }
            _ => None,
        };
        let ppid = match namespaced {
            None => self.read_kernel_word(parent, tgid, 4)?,
            Some((leader, pid, level, number, size)) => {
                let inside = self.in_pid_namespace();
                self.choose(
                    inside,
                    |lower| {
                        // The number in the parent's own namespace: the innermost of its `struct pid`.
                        let leader = lower.read_kernel_word(parent, leader, 8)?;
                        let pid = lower.read_kernel_word(leader, pid, 8)?;
                        let level = lower.read_kernel_word(pid, level, 4)?;
                        let size = lower.b.int(size.into());
                        let offset = lower.b.mul(level, size);
                        let upid = lower.b.add(pid, offset);
                        lower.read_kernel_word(upid, number, 4)
                    },
                    |lower| lower.read_kernel_word(parent, tgid, 4),
                )?
            }
        };
        Ok(self.cache(Cached::Builtin(Builtin::Ppid), ppid))
    }

    /// True once in so many times; the other times are counted.
    fn sample(&mut self, one_in: u32) -> Result<Value> {
        let random = self.b.call(helper::GET_PRANDOM_U32, &[]);
        let random = self.b.extend(random, 32, Extend::Zero);
        // Chances are equal but for one in 2^32.
        let below = (1 << 32) / i64::from(one_in.max(1));
        let hit = self.b.compare_int(IntCC::UnsignedLessThan, random, below);
        let missed = self
            .b
            .compare_int(IntCC::UnsignedGreaterThanOrEqual, random, below);
        self.when(missed, |lower| lower.count_failure(Counter::NotSampled))?;
        Ok(self.b.truth(hit))
    }

    /// The task of a thread id, found as the kernel's `find_task_by_pid_ns` does; 0 if there is none.
    pub(crate) fn task_of(&mut self, thread: Value, span: Span) -> Result<Value> {
        let offsets = self.module.target.offsets.clone();
        let (Some(tree), Some(pid), Some(level), Some(numbers), Some(nr), Some(size)) = (
            offsets.pid_tree,
            offsets.task_thread_pid,
            offsets.pid_level,
            offsets.pid_numbers,
            offsets.upid_nr,
            offsets.upid_size,
        ) else {
            return self.not_supported("the task of a thread id without the kernel's BTF", span);
        };
        // A thread has a number in each namespace from the initial one to its own.
        let pid = self.task_word(pid, 8)?;
        let inside = self.in_pid_namespace();
        let level = self.choose(
            inside,
            |lower| lower.read_kernel_word(pid, level, 4),
            |lower| Ok(lower.b.int(0)),
        )?;
        let size = self.b.int(size.into());
        let position = self.b.mul(level, size);
        let number = self.b.add(pid, position);
        let namespace = self.read_kernel_word(number, numbers + tree.namespace, 8)?;
        let mut entry = self.read_kernel_word(namespace, tree.head, 8)?;
        let bits = tree.slot_count.ilog2();
        for _ in 0..THREAD_ID_BITS.div_ceil(bits) {
            // linux v6.12 include/linux/xarray.h, `xa_to_node`: nodes are marked, leaves are not.
            let mark = self.b.and_int(entry, 3);
            let is_node = self.b.compare_int(IntCC::Equal, mark, 2);
            entry = self.choose(
                is_node,
                |lower| {
                    let node = lower.b.add_int(entry, -2);
                    let shift = lower.read_kernel_word(node, tree.shift, 1)?;
                    let slot = lower.b.shr(thread, shift);
                    let slot = lower.b.and_int(slot, i64::from(tree.slot_count - 1));
                    let slot = lower.b.shl_int(slot, 3);
                    let slot = lower.b.add(node, slot);
                    lower.read_kernel_word(slot, tree.slots, 8)
                },
                |_| Ok(entry),
            )?;
        }
        // A number beyond all threads leads somewhere as well.
        let is_leaf = self.b.compare_int(IntCC::NotEqual, entry, 0);
        let number = self.choose(
            is_leaf,
            |lower| {
                let number = lower.b.add(entry, position);
                lower.read_kernel_word(number, numbers + nr, 4)
            },
            |lower| Ok(lower.b.int(-1)),
        )?;
        let found = self.b.compare(IntCC::Equal, number, thread);
        self.choose(
            found,
            |lower| {
                let link = lower.read_kernel_word(entry, tree.tasks, 8)?;
                Ok(lower.b.add_int(link, -i64::from(tree.links)))
            },
            |lower| Ok(lower.b.int(0)),
        )
    }

    fn nsecs(&mut self, clock: Clock, span: Span) -> Result<Value> {
        let helper = match clock {
            Clock::Monotonic => helper::KTIME_GET_NS,
            Clock::Boot => helper::KTIME_GET_BOOT_NS,
            Clock::SoftwareTai => {
                let boot = self.b.call(helper::KTIME_GET_BOOT_NS, &[]);
                let offset = self.constant(ConstantKind::TaiOffset);
                return Ok(self.b.add(boot, offset));
            }
            Clock::Tai if self.module.target.features.ktime_tai => helper::KTIME_GET_TAI_NS,
            Clock::Tai => {
                return self.kernel_lacks(
                    "the TAI clock",
                    "Linux 6.1 (sw_tai needs nothing)",
                    span,
                );
            }
        };
        Ok(self.b.call(helper, &[]))
    }
}
