//! Register allocation: virtual registers in, the machine's registers and moves between them out.
//!
//! r0 to r9 can all be allocated; r10 is the frame pointer. Debug builds check the result.

use super::BackEndError;
use super::inst::{Reg, preg};
use super::vcode::VCode;
use regalloc2::{Algorithm, MachineEnv, Output, PRegSet, RegallocOptions};

/// Allocates registers and puts them into the instructions; moves and spills are left to the emitter.
///
/// # Errors
/// If the allocator refuses the code, which is a bug of instruction selection.
pub(super) fn allocate(code: &mut VCode) -> Result<Output, BackEndError> {
    let environment = environment();
    let options = RegallocOptions {
        verbose_log: false,
        validate_ssa: cfg!(debug_assertions),
        algorithm: Algorithm::Ion,
    };
    let output =
        regalloc2::run(code, &environment, &options).map_err(|error| BackEndError::Allocation {
            reason: error.to_string(),
        })?;
    if cfg!(debug_assertions) {
        check(code, &environment, &output)?;
    }
    for (index, inst) in code.insts.iter_mut().enumerate() {
        let mut allocations = output
            .inst_allocs(regalloc2::Inst::new(index))
            .iter()
            .copied();
        inst.visit_operands(&mut |reg, _| {
            let allocated = allocations
                .next()
                .and_then(|allocation| allocation.as_reg())
                .expect("invariant: every operand asks for a register and is given one");
            *reg = Reg::new(allocated.hw_enc() as u32);
        });
    }
    Ok(output)
}

fn check(code: &VCode, environment: &MachineEnv, output: &Output) -> Result<(), BackEndError> {
    let mut checker = regalloc2::checker::Checker::new(code, environment);
    checker.prepare(output);
    checker.run().map_err(|errors| BackEndError::Allocation {
        reason: format!("{errors:?}"),
    })
}

/// Calls destroy r0 to r5, so short-lived values go there and r6 to r9 are left to the others.
fn environment() -> MachineEnv {
    let set = |numbers: std::ops::RangeInclusive<u8>| {
        let mut set = PRegSet::empty();
        for number in numbers {
            set.add(preg(number));
        }
        set
    };
    MachineEnv {
        preferred_regs_by_class: [set(0..=5), PRegSet::empty(), PRegSet::empty()],
        non_preferred_regs_by_class: [set(6..=9), PRegSet::empty(), PRegSet::empty()],
        scratch_by_class: [None; 3],
        fixed_stack_slots: Vec::new(),
    }
}
