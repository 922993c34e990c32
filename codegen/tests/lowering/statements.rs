//! Statements: branches, loops, leaving.

use crate::kernel::{run, target};
use crate::script::*;
use trapline_lang::hir::{
    ArithmeticOp, Call, CompareOp, Domain, Expr, MapId, Stmt, StmtKind, VarId,
};
use trapline_lang::types::Type;

fn if_stmt(condition: Expr, then: Vec<Stmt>, otherwise: Vec<Stmt>) -> Stmt {
    stmt(StmtKind::If {
        condition,
        then,
        otherwise,
    })
}

fn add_var(n: u32, by: Expr) -> Stmt {
    set_var(n, arith(ArithmeticOp::Add, var(n, Type::I64), by))
}

fn range(n: u32, start: Expr, end: Expr, body: Vec<Stmt>) -> Stmt {
    stmt(StmtKind::ForRange {
        var: VarId(n),
        start,
        end,
        body,
    })
}

#[test]
fn branches_and_return() {
    let is = |n: i64| compare(CompareOp::Eq, opaque(1, Type::I64), int(n));
    let body = vec![
        if_stmt(is(1), vec![result(0, int(10))], vec![result(0, int(20))]),
        if_stmt(is(2), vec![result(1, int(10))], vec![result(1, int(20))]),
        if_stmt(is(2), vec![stmt(StmtKind::Return)], vec![]),
        result(2, int(1)),
        if_stmt(is(1), vec![stmt(StmtKind::Return)], vec![]),
        result(3, int(1)),
    ];
    let values = run(&begin(vec![results()], &[], body), &target()).hash::<u64, i64>(0);
    assert_eq!(
        values.into_iter().collect::<Vec<_>>(),
        [(0, 10), (1, 20), (2, 1)]
    );
}

#[test]
fn loops_count_break_continue_and_nest() {
    let i = || var(0, Type::I64);
    let is = |n| compare(CompareOp::Eq, i(), int(n));
    let body = vec![
        // The sum of 1..10 without 3, up to 7: 1+2+4+5+6 = 18.
        range(
            0,
            int(1),
            opaque(10, Type::I64),
            vec![
                if_stmt(is(3), vec![stmt(StmtKind::Continue)], vec![]),
                if_stmt(is(7), vec![stmt(StmtKind::Break)], vec![]),
                add_var(1, i()),
            ],
        ),
        result(0, var(1, Type::I64)),
        // 100 times 50, each in a loop of its own.
        range(
            0,
            int(0),
            int(100),
            vec![range(2, int(0), int(50), vec![add_var(3, int(1))])],
        ),
        result(1, var(3, Type::I64)),
        stmt(StmtKind::While {
            condition: compare(CompareOp::Lt, var(4, Type::I64), int(100_000)),
            body: vec![add_var(4, int(1))],
        }),
        result(2, var(4, Type::I64)),
        range(0, int(5), int(5), vec![result(3, int(1))]),
        range(
            0,
            int(0),
            int(5),
            vec![range(
                2,
                int(0),
                int(5),
                vec![
                    result(4, i()),
                    if_stmt(is(2), vec![stmt(StmtKind::Return)], vec![]),
                ],
            )],
        ),
        result(5, int(1)),
    ];
    for optimize in [true, false] {
        let mut target = target();
        target.optimize = optimize;
        let script = begin(vec![results()], &[const { Type::I64 }; 5], body.clone());
        let values = run(&script, &target).hash::<u64, i64>(0);
        assert_eq!(
            values.into_iter().collect::<Vec<_>>(),
            [(0, 18), (1, 5000), (2, 100_000), (4, 2)]
        );
    }
}

#[test]
fn loops_over_maps_see_keys_and_values() {
    let key = [
        (Type::U64, Domain::Any),
        (Type::String { capacity: 16 }, Domain::Any),
    ];
    let count = Type::Aggregation(trapline_lang::types::Aggregation::Count);
    let maps = vec![
        results(),
        map("m", &key, Type::I64),
        map("c", &[(Type::U64, Domain::Any)], count),
    ];
    let pair = Type::Tuple(vec![
        Type::Tuple(vec![Type::U64, Type::String { capacity: 16 }]),
        Type::I64,
    ]);
    let counted = Type::Tuple(vec![Type::U64, Type::I64]);
    let entry = |n: i64, name: &str| vec![typed(n, Type::U64), string(name, 16)];
    let sum = |n: u32, by: Expr| set_var(n, arith(ArithmeticOp::Add, var(n, Type::I64), by));
    let kv = || var(0, pair.clone());
    let body = vec![
        set_map(1, entry(1, "one"), int(10)),
        set_map(1, entry(2, "two"), int(20)),
        set_map(1, entry(3, "three"), int(30)),
        stmt(StmtKind::ForMap {
            var: VarId(0),
            map: MapId(1),
            body: vec![
                sum(1, member(kv(), 1)),
                if_stmt(
                    equal(member(member(kv(), 0), 1), string("two", 4)),
                    vec![result(0, member(member(kv(), 0), 0))],
                    vec![],
                ),
            ],
        }),
        result(1, var(1, Type::I64)),
        result(2, call(Call::MapLength(MapId(1)), Type::I64)),
        aggregate(2, vec![typed(5, Type::U64)], None),
        aggregate(2, vec![typed(5, Type::U64)], None),
        stmt(StmtKind::ForMap {
            var: VarId(2),
            map: MapId(2),
            body: vec![
                result(3, member(var(2, counted.clone()), 0)),
                result(4, member(var(2, counted.clone()), 1)),
            ],
        }),
    ];
    let script = begin(maps, &[pair.clone(), Type::I64, counted.clone()], body);
    let values = run(&script, &target()).hash::<u64, i64>(0);
    assert_eq!(
        values.into_iter().collect::<Vec<_>>(),
        [(0, 2), (1, 60), (2, 3), (3, 5), (4, 2)]
    );
}
