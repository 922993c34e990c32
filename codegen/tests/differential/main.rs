//! The BPF back end against the kernel: random programs give the same results there as natively, shapes
//! that the verifier is hard on are accepted, and its log shows lines of the script.
//!
//! Needs root and a kernel that runs BPF; fails without. `TRAPLINE_FUZZ_PROGRAMS` sets how many random
//! programs are tried, `TRAPLINE_FUZZ_SEED` where they start.

mod build;
mod hazards;
mod kernel;
mod lines;
mod native;
mod operations;
mod random;

use build::Builder;
use cranelift_codegen::ir::Function;
use kernel::{Loaded, Map, Program};
use trapline_codegen::clif::optimize::Level;

/// Programs in one object. Loading an object costs more than a program.
const BATCH: usize = 25;
const DEFAULT_PROGRAMS: usize = 300;
/// Sets of arguments that each program runs with.
const INPUTS: usize = 12;

fn setting(name: &str, default: usize) -> usize {
    match std::env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} must be a number, it is `{value}`")),
        Err(_) => default,
    }
}

#[test]
fn random_programs_do_the_same_natively() {
    let seed = setting("TRAPLINE_FUZZ_SEED", 1) as u64;
    let count = setting("TRAPLINE_FUZZ_PROGRAMS", DEFAULT_PROGRAMS) as u64;
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for batch in seeds.chunks(BATCH) {
        let functions: Vec<Function> = batch.iter().map(|&seed| random::function(seed)).collect();
        let native = native::compile(&functions);
        for level in [Level::None, Level::Speed] {
            let mut loaded = load(&functions, level);
            for (index, (&seed, function)) in batch.iter().zip(&functions).enumerate() {
                for args in random::inputs(seed, INPUTS) {
                    let expected = native.run(index, &args);
                    let found = loaded.run(index, &args);
                    assert!(
                        found == expected,
                        "seed {seed}, {level:?}: BPF gives {found:#x}, native code {expected:#x} for {args:x?}\n{}",
                        function.display()
                    );
                }
            }
        }
    }
}

fn load(functions: &[Function], level: Level) -> Loaded {
    let programs: Vec<Program> = functions
        .iter()
        .map(|function| Program::new(function, level))
        .collect();
    kernel::load(&programs, &[], &[Map::hash(random::MAP_SIZE)])
}

/// Every operation at every width on awkward operands, one program each.
#[test]
fn every_operation_does_the_same_natively() {
    let functions: Vec<Function> = operations::OPERATIONS
        .iter()
        .flat_map(|operation| operation.types().iter().map(move |&ty| (operation, ty)))
        .map(|(operation, ty)| {
            Builder::program(|builder, context| {
                let a = builder.argument(context, 0);
                let b = builder.argument(context, 1);
                let c = builder.argument(context, 2);
                let result = operation.apply(builder, ty, [a, b, c]);
                let signed = builder.sign_extend(result);
                let unsigned = builder.zero_extend(result);
                let mixed = builder.mix(signed, unsigned);
                builder.finish_with(mixed);
            })
        })
        .collect();
    let native = native::compile(&functions);
    for level in [Level::None, Level::Speed] {
        let mut loaded = load(&functions, level);
        for (index, function) in functions.iter().enumerate() {
            for args in random::inputs(7, 40) {
                assert_eq!(
                    loaded.run(index, &args),
                    native.run(index, &args),
                    "{level:?}, {args:x?}\n{}",
                    function.display()
                );
            }
        }
    }
}
