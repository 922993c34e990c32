//! Aggregations, in slots, arrays and hashes.

use crate::kernel::{run, target};
use crate::script::*;
use trapline_codegen::object::Counter;
use trapline_lang::hir::Domain;
use trapline_lang::types::{Aggregation, Type};

fn aggregation(name: &str, aggregation: Aggregation) -> trapline_lang::hir::Map {
    map(name, &[], Type::Aggregation(aggregation))
}

#[test]
fn every_aggregation_adds_up() {
    let signed = true;
    let maps = vec![
        aggregation("count", Aggregation::Count),
        aggregation("sum", Aggregation::Sum { signed }),
        aggregation("min", Aggregation::Min { signed }),
        aggregation("max", Aggregation::Max { signed: false }),
        aggregation("avg", Aggregation::Avg { signed }),
        aggregation("stats", Aggregation::Stats { signed }),
    ];
    let mut body = Vec::new();
    for value in [5, -3, 10] {
        body.push(aggregate(0, vec![], None));
        for map in 1..6 {
            let value = opaque(value, if map == 3 { Type::U64 } else { Type::I64 });
            body.push(aggregate(map, vec![], Some(value)));
        }
    }
    let running = run(&begin(maps, &[], body), &target());
    // The last word of a slot says that the key exists.
    assert_eq!(running.per_cpu_slot(0, 0), [3, 1]);
    assert_eq!(running.per_cpu_slot(1, 0), [12, 1]);
    assert_eq!(running.per_cpu_slot(2, 0), [-3_i64 as u64, 1, 1]);
    assert_eq!(running.per_cpu_slot(3, 0), [-3_i64 as u64, 1, 1]);
    assert_eq!(running.per_cpu_slot(4, 0), [12, 3, 1]);
    assert_eq!(running.per_cpu_slot(5, 0), [3, 12, 1]);
}

#[test]
fn aggregations_are_numbers_in_the_kernel() {
    let signed = true;
    let key = [(Type::U64, Domain::Any)];
    let kinds = [
        (Aggregation::Count, 2),
        (Aggregation::Sum { signed }, -10),
        (Aggregation::Min { signed }, -30),
        (Aggregation::Max { signed }, 20),
        (Aggregation::Avg { signed }, -5),
        (Aggregation::Stats { signed }, -5),
    ];
    let mut maps = vec![results()];
    let mut body = Vec::new();
    for (n, (kind, _)) in (1..).zip(kinds) {
        maps.push(map("a", &key, Type::Aggregation(kind)));
        for value in [20, -30] {
            let value = (kind != Aggregation::Count).then(|| opaque(value, Type::I64));
            body.push(aggregate(n, vec![typed(9, Type::U64)], value));
        }
        let read = |key| read_map(n, vec![typed(key, Type::U64)], Type::I64);
        body.push(result(n as usize, read(9)));
        body.push(result(100 + n as usize, read(8)));
    }
    let values = run(&begin(maps, &[], body), &target()).hash::<u64, i64>(0);
    for (n, (kind, expected)) in (1..).zip(kinds) {
        assert_eq!(values[&n], expected, "{kind:?}");
        assert_eq!(values[&(100 + n)], 0, "{kind:?} without an entry");
    }
}

#[test]
fn histograms_find_their_buckets() {
    let maps = vec![
        aggregation("h0", Aggregation::Hist { sub_bits: 0 }),
        aggregation("h2", Aggregation::Hist { sub_bits: 2 }),
        aggregation(
            "l",
            Aggregation::Lhist {
                min: 10,
                max: 40,
                step: 10,
            },
        ),
        aggregation("u", Aggregation::Hist { sub_bits: 0 }),
    ];
    let values = [-5, 0, 1, 2, 3, 4, 7, 9, 1023, 1024, i64::MAX, 10, 39, 40];
    let mut body = Vec::new();
    for value in values {
        for map in 0..3 {
            body.push(aggregate(map, vec![], Some(opaque(value, Type::I64))));
        }
        body.push(aggregate(3, vec![], Some(opaque(value, Type::U64))));
    }
    let running = run(&begin(maps, &[], body), &target());

    let mut expected = [0u64; 67];
    for value in values {
        expected[match value {
            ..0 => 0,
            0 => 1,
            _ => 2 + value.ilog2() as usize,
        }] += 1;
    }
    expected[66] = 1;
    assert_eq!(running.per_cpu_slot::<67>(0, 0), expected);

    let mut expected = [0u64; 254];
    for value in values {
        expected[match value {
            ..0 => 0,
            0..4 => 1 + value as usize,
            _ => {
                let power = value.ilog2() as usize;
                1 + (power - 1) * 4 + ((value >> (power - 2)) & 3) as usize
            }
        }] += 1;
    }
    expected[253] = 1;
    assert_eq!(running.per_cpu_slot::<254>(1, 0), expected);

    // Below 10: -5, 0, 1, 2, 3, 4, 7, 9; 10 and 39 within; 1023, 1024, MAX, 40 above.
    assert_eq!(running.per_cpu_slot::<6>(2, 0), [8, 1, 0, 1, 4, 1]);
    // As an unsigned number, -5 is huge.
    assert_eq!(running.per_cpu_slot::<67>(3, 0)[65], 1);
}

#[test]
fn keys_of_a_domain_live_in_an_array_and_others_in_a_hash() {
    let count = Type::Aggregation(Aggregation::Count);
    let maps = vec![map("s", &[(Type::I64, Domain::Syscall)], count)];
    let body = [0, 511, 511, 512, -1]
        .map(|key| aggregate(0, vec![opaque(key, Type::I64)], None))
        .to_vec();
    let running = run(&begin(maps, &[], body), &target());
    assert_eq!(running.per_cpu_slot(0, 0), [1, 1]);
    assert_eq!(running.per_cpu_slot(0, 1), [0, 0]);
    assert_eq!(running.per_cpu_slot(0, 511), [2, 1]);
    let others = running.per_cpu_hash::<i64, 1>(0);
    assert_eq!(
        others.into_iter().collect::<Vec<_>>(),
        [(-1, [1]), (512, [1])]
    );
}

#[test]
fn a_full_map_is_counted() {
    let count = Type::Aggregation(Aggregation::Count);
    let maps = vec![map("m", &[(Type::U64, Domain::Any)], count)];
    let body = (0..5)
        .map(|key| aggregate(0, vec![typed(key, Type::U64)], None))
        .collect();
    let mut script = begin(maps, &[], body);
    script.config.max_map_keys = 3;
    let mut target = target();
    target.features.bpf_allocator = false;
    let running = run(&script, &target);
    assert_eq!(running.per_cpu_hash::<u64, 1>(0).len(), 3);
    assert_eq!(running.failures()[Counter::MapFull as usize], 2);
}
