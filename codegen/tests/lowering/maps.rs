//! Maps that hold values: setting, changing, reading, dropping.

use crate::kernel::{run, target};
use crate::script::*;
use trapline_lang::hir::{
    ArithmeticOp, Builtin, Call, Domain, Expr, ExprKind, MapId, Place, Stmt, StmtKind,
};
use trapline_lang::types::{Aggregation, Type};

fn step(map: u32, key: Vec<Expr>, by: i64, old: bool) -> Expr {
    expr(
        ExprKind::Step {
            target: Place::Map {
                map: MapId(map),
                key,
            },
            by,
            old,
        },
        Type::I64,
    )
}

fn update(map: u32, key: Vec<Expr>, op: ArithmeticOp, value: Expr) -> Stmt {
    stmt(StmtKind::UpdateMap {
        map: MapId(map),
        key,
        op,
        value,
    })
}

#[test]
fn entries_are_set_changed_read_and_dropped() {
    for domain in [Domain::Any, Domain::Signal] {
        let maps = vec![results(), map("m", &[(Type::I64, domain)], Type::I64)];
        let key = |n| vec![opaque(n, Type::I64)];
        let read = |n| read_map(1, key(n), Type::I64);
        let has = |n| {
            call(
                Call::HasKey {
                    map: MapId(1),
                    key: key(n),
                },
                Type::Bool,
            )
        };
        let delete = |n| {
            call(
                Call::Delete {
                    map: MapId(1),
                    key: key(n),
                },
                Type::Bool,
            )
        };
        let body = vec![
            result(0, has(1)),
            set_map(1, key(1), int(7)),
            result(1, read(1)),
            update(1, key(1), ArithmeticOp::Mul, int(6)),
            result(2, read(1)),
            update(1, key(1), ArithmeticOp::Sub, int(2)),
            update(1, key(1), ArithmeticOp::Or, int(1)),
            result(3, read(1)),
            result(4, step(1, key(1), 1, true)),
            result(5, step(1, key(1), 1, false)),
            result(6, step(1, key(1000), -1, false)),
            stmt(StmtKind::Expr(step(1, key(1), 1, true))),
            result(7, read(1)),
            result(8, has(1)),
            result(9, delete(1)),
            result(10, delete(1)),
            result(11, has(1)),
            result(12, read(1)),
            result(13, has(1000)),
            result(14, delete(1000)),
        ];
        let values = run(&begin(maps, &[], body), &target()).hash::<u64, i64>(0);
        assert_eq!(
            values.into_values().collect::<Vec<_>>(),
            [0, 7, 42, 41, 41, 43, -1, 44, 1, 1, 0, 0, 0, 1, 1],
            "{domain:?}"
        );
    }
}

#[test]
fn keys_and_values_of_any_type() {
    let text = Type::String { capacity: 32 };
    let key = [
        (U8, Domain::Any),
        (text.clone(), Domain::Any),
        (Type::U64, Domain::Any),
    ];
    let pair = Type::Tuple(vec![Type::I64, text.clone()]);
    let maps = vec![
        results(),
        map("m", &key, pair.clone()),
        map("s", &[], text.clone()),
        map(
            "d",
            &[(Type::U64, Domain::Any)],
            Type::Aggregation(Aggregation::Count),
        ),
    ];
    let dirty = c"something long before";
    let clean = c"short";
    let entry = |place: &std::ffi::CStr| {
        vec![
            opaque(3, U8),
            read_string(place.as_ptr() as u64, 32),
            opaque(4, Type::U64),
        ]
    };
    let count = |place| {
        aggregate(
            3,
            vec![call(
                Call::StrLen(Box::new(read_string(place, 32))),
                Type::U64,
            )],
            None,
        )
    };
    let body = vec![
        // The same scratch memory holds a longer string first.
        set_map(1, entry(dirty), tuple(vec![int(1), string("first", 32)])),
        set_map(1, entry(clean), tuple(vec![int(2), string("second", 32)])),
        count(clean.as_ptr() as u64),
        result(
            0,
            member(
                read_map(
                    1,
                    vec![typed(3, U8), string("short", 32), typed(4, Type::U64)],
                    pair.clone(),
                ),
                0,
            ),
        ),
        result(
            1,
            equal(
                member(
                    read_map(
                        1,
                        vec![typed(3, U8), string("short", 32), typed(4, Type::U64)],
                        pair.clone(),
                    ),
                    1,
                ),
                string("second", 7),
            ),
        ),
        result(2, equal(read_map(2, vec![], text.clone()), string("", 1))),
        set_map(
            2,
            vec![],
            cast(
                builtin(Builtin::Comm, Type::String { capacity: 16 }),
                text.clone(),
            ),
        ),
        result(
            3,
            equal(
                read_map(2, vec![], text.clone()),
                builtin(Builtin::Comm, Type::String { capacity: 16 }),
            ),
        ),
    ];
    let running = run(&begin(maps, &[], body), &target());
    let values = running.hash::<u64, i64>(0);
    assert_eq!(values.into_values().collect::<Vec<_>>(), [2, 1, 1, 1]);
    assert_eq!(running.hash::<[u8; 48], [u8; 40]>(1).len(), 2);
    assert_eq!(
        running.per_cpu_hash::<u64, 1>(3).into_iter().next(),
        Some((5, [1]))
    );
}

#[test]
fn aggregations_are_dropped_on_all_cpus() {
    let count = Type::Aggregation(Aggregation::Count);
    let maps = vec![results(), map("c", &[(Type::I64, Domain::Signal)], count)];
    let key = || vec![int(9)];
    let delete = call(
        Call::Delete {
            map: MapId(1),
            key: key(),
        },
        Type::Bool,
    );
    let body = vec![
        aggregate(1, key(), None),
        result(0, read_map(1, key(), Type::I64)),
        result(1, delete),
        result(2, read_map(1, key(), Type::I64)),
    ];
    let running = run(&begin(maps, &[], body), &target());
    let values = running.hash::<u64, i64>(0);
    assert_eq!(values.into_values().collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(running.per_cpu_slot(1, 9), [0, 0]);
}
