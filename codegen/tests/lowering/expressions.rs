//! Expressions: each is computed by a `BEGIN` and compared with what C (or the language) says.

use crate::kernel::{run, target};
use crate::script::*;
use std::ffi::CStr;
use trapline_lang::hir::{
    ArithmeticOp, Bitfield, Builtin, Call, CompareOp, Expr, ExprKind, LogicOp, Place, UnaryOp,
    VarId,
};
use trapline_lang::types::{AddressSpace, Clock, Type};

/// Runs `BEGIN { @r[0] = ...; @r[1] = ...; }` with and without the optimizer.
fn check(vars: &[Type], setup: Vec<trapline_lang::hir::Stmt>, cases: Vec<(&str, Expr, i64)>) {
    for optimize in [true, false] {
        let mut target = target();
        target.optimize = optimize;
        let mut body = setup.clone();
        body.extend(
            cases
                .iter()
                .enumerate()
                .map(|(n, (_, expr, _))| result(n, expr.clone())),
        );
        let running = run(&begin(vec![results()], vars, body), &target);
        let values = running.hash::<u64, i64>(0);
        for (n, (name, _, expected)) in cases.iter().enumerate() {
            let value = values.get(&(n as u64)).copied();
            assert_eq!(value, Some(*expected), "{name} (optimize: {optimize})");
        }
    }
}

fn unary(op: UnaryOp, operand: Expr) -> Expr {
    let ty = operand.ty.clone();
    expr(ExprKind::Unary(op, Box::new(operand)), ty)
}

fn conditional(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    let ty = then.ty.clone();
    expr(
        ExprKind::Conditional {
            condition: Box::new(condition),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        },
        ty,
    )
}

fn logic(op: LogicOp, left: Expr, right: Expr) -> Expr {
    expr(
        ExprKind::Logic(op, Box::new(left), Box::new(right)),
        Type::Bool,
    )
}

fn load(pointer: u64, offset: i64, ty: Type, bits: Option<Bitfield>) -> Expr {
    expr(
        ExprKind::Load {
            pointer: Box::new(typed(pointer as i64, Type::U64)),
            offset,
            space: AddressSpace::User,
            bits,
        },
        ty,
    )
}

#[test]
fn arithmetic_has_the_width_and_sign_of_its_type() {
    use ArithmeticOp::{Add, And, Div, Mul, Or, Rem, Shl, Shr, Sub, Xor};
    let on = |op, ty: &Type, a, b| arith(op, opaque(a, ty.clone()), opaque(b, ty.clone()));
    check(
        &[],
        vec![],
        vec![
            ("i64 +", on(Add, &Type::I64, i64::MAX, 1), i64::MIN),
            (
                "i32 + wraps",
                on(Add, &Type::I32, i32::MAX.into(), 1),
                i32::MIN.into(),
            ),
            ("u32 - wraps", on(Sub, &Type::U32, 0, 1), u32::MAX.into()),
            ("u8 * wraps", on(Mul, &U8, 200, 2), 144),
            ("i8 * wraps", on(Mul, &I8, 100, 2), -56),
            ("u16 <<", on(Shl, &U16, 0x8001, 1), 2),
            ("i64 / rounds to zero", on(Div, &Type::I64, -7, 2), -3),
            (
                "i64 % has the sign of its left side",
                on(Rem, &Type::I64, -7, 2),
                -1,
            ),
            ("u64 / is unsigned", on(Div, &Type::U64, -1, 2), i64::MAX),
            ("u32 %", on(Rem, &Type::U32, 0xffff_ffff, 10), 5),
            ("x / 0", on(Div, &Type::I64, 7, 0), 1),
            ("x % 0", on(Rem, &Type::U64, 7, 0), 1),
            (
                "MIN / -1",
                on(Div, &Type::I32, i32::MIN.into(), -1),
                i32::MIN.into(),
            ),
            ("i64 >> is arithmetic", on(Shr, &Type::I64, -8, 1), -4),
            ("u64 >> is logical", on(Shr, &Type::U64, -1, 60), 15),
            ("&", on(And, &Type::I64, 0b1100, 0b1010), 0b1000),
            ("|", on(Or, &Type::I64, 0b1100, 0b1010), 0b1110),
            ("^", on(Xor, &Type::I64, 0b1100, 0b1010), 0b0110),
            ("-e", unary(UnaryOp::Neg, opaque(5, Type::I64)), -5),
            ("~e of u8", unary(UnaryOp::BitNot, opaque(0x0f, U8)), 0xf0),
        ],
    );
}

#[test]
fn casts_cut_and_extend() {
    let minus_one = || opaque(-1, Type::I64);
    check(
        &[],
        vec![],
        vec![
            ("(uint8)-1", cast(minus_one(), U8), 255),
            ("(int8)255", cast(opaque(255, Type::I64), I8), -1),
            ("(uint32)-1", cast(minus_one(), Type::U32), 0xffff_ffff),
            (
                "(int32)0x80000000",
                cast(opaque(0x8000_0000, Type::I64), Type::I32),
                i32::MIN.into(),
            ),
            ("(uint64)(int8)-1", cast(opaque(-1, I8), Type::U64), -1),
            (
                "(uint32)(int8)-1",
                cast(opaque(-1, I8), Type::U32),
                0xffff_ffff,
            ),
            ("(bool)256", cast(opaque(256, Type::I64), Type::Bool), 1),
            (
                "bswap",
                call(Call::ByteSwap(Box::new(opaque(0x0102, U16))), U16),
                0x0201,
            ),
            (
                "bswap of 32 bits",
                call(
                    Call::ByteSwap(Box::new(opaque(0x0102_0304, Type::U32))),
                    Type::U32,
                ),
                0x0403_0201,
            ),
        ],
    );
}

#[test]
fn comparisons_and_logic() {
    let on = |op, ty: &Type, a, b| compare(op, opaque(a, ty.clone()), opaque(b, ty.clone()));
    let bool = |value: i64| compare(CompareOp::Eq, opaque(value, Type::I64), int(1));
    // Counts how often it is evaluated in $v0.
    let touch = |value: i64| {
        let step = expr(
            ExprKind::Step {
                target: Place::Var(VarId(0)),
                by: 1,
                old: false,
            },
            Type::I64,
        );
        logic(
            LogicOp::And,
            compare(CompareOp::Gt, step, int(0)),
            bool(value),
        )
    };
    check(
        &[Type::I64],
        vec![],
        vec![
            ("-1 < 1", on(CompareOp::Lt, &Type::I64, -1, 1), 1),
            ("unsigned -1 < 1", on(CompareOp::Lt, &Type::U64, -1, 1), 0),
            ("-1 >= -1", on(CompareOp::Ge, &Type::I32, -1, -1), 1),
            ("2 != 3", on(CompareOp::Ne, &Type::I64, 2, 3), 1),
            ("2 <= 1", on(CompareOp::Le, &Type::I64, 2, 1), 0),
            ("unsigned 2 > 1", on(CompareOp::Gt, &Type::U64, 2, 1), 1),
            ("true && false", logic(LogicOp::And, bool(1), bool(0)), 0),
            ("false || true", logic(LogicOp::Or, bool(0), bool(1)), 1),
            ("false && touch", logic(LogicOp::And, bool(0), touch(1)), 0),
            ("true || touch", logic(LogicOp::Or, bool(1), touch(1)), 1),
            ("untouched", var(0, Type::I64), 0),
            ("true && touch", logic(LogicOp::And, bool(1), touch(1)), 1),
            ("touched once", var(0, Type::I64), 1),
            (
                "!true",
                expr(ExprKind::Not(Box::new(bool(1))), Type::Bool),
                0,
            ),
            ("true ? 3 : 4", conditional(bool(1), int(3), int(4)), 3),
            ("false ? 3 : 4", conditional(bool(0), int(3), int(4)), 4),
        ],
    );
}

#[test]
fn strings_are_compared_and_measured() {
    const LONG: &CStr = c"a longer string than sixteen bytes, which has to live in scratch memory";
    let place = LONG.as_ptr() as u64;
    let long = LONG.to_str().expect("ASCII");
    let text = |capacity| read_string(place, capacity);
    let strncmp = |left: Expr, right: Expr, length| {
        call(
            Call::StrNCmp {
                left: Box::new(left),
                right: Box::new(right),
                length,
            },
            Type::I64,
        )
    };
    let strlen = |string: Expr| call(Call::StrLen(Box::new(string)), Type::I64);
    let cut = |capacity| cast(text(128), Type::String { capacity });
    check(
        &[Type::String { capacity: 64 }],
        vec![set_var(0, read_string(place, 64))],
        vec![
            ("equal to a literal", equal(text(128), string(long, 128)), 1),
            (
                "a longer literal",
                equal(text(128), string(&format!("{long}!"), 128)),
                0,
            ),
            ("a prefix", equal(text(128), string("a longer", 9)), 0),
            (
                "cut by its capacity",
                equal(text(9), string("a longer", 9)),
                1,
            ),
            (
                "a literal that cannot fit",
                equal(text(9), string(long, 128)),
                0,
            ),
            ("two of different capacity", equal(text(256), text(128)), 1),
            ("cut and whole", equal(text(64), text(128)), 0),
            (
                "a variable",
                equal(var(0, Type::String { capacity: 64 }), text(64)),
                1,
            ),
            (
                "cast to fewer bytes",
                equal(cut(9), string("a longer", 9)),
                1,
            ),
            (
                "cast to more bytes",
                equal(
                    cast(text(9), Type::String { capacity: 300 }),
                    string("a longer", 9),
                ),
                1,
            ),
            (
                "strncmp within",
                strncmp(text(128), string("a longhorn", 11), 6),
                0,
            ),
            (
                "strncmp beyond",
                strncmp(text(128), string("a longhorn", 11), 8),
                1,
            ),
            (
                "strncmp of a short one",
                strncmp(string("ab", 3), text(128), 2),
                1,
            ),
            ("strlen", strlen(text(128)), long.len() as i64),
            (
                "strlen of a variable",
                strlen(var(0, Type::String { capacity: 64 })),
                63,
            ),
            (
                "unreadable is empty",
                equal(read_string(8, 32), string("", 1)),
                1,
            ),
            (
                "chosen",
                equal(
                    conditional(
                        equal(string("x", 2), text(2)),
                        string("x", 8),
                        string("yy", 8),
                    ),
                    string("yy", 8),
                ),
                1,
            ),
        ],
    );
}

#[test]
fn tuples_arrays_and_memory() {
    #[repr(C)]
    struct Memory {
        small: i8,
        word: u32,
        long: [i64; 3],
    }
    static MEMORY: Memory = Memory {
        small: -3,
        word: 0xfedc_ba98,
        long: [10, -20, 30],
    };
    let at = (&raw const MEMORY) as u64;
    let pair = || {
        tuple(vec![
            opaque(7, U8),
            opaque(-5, Type::I64),
            read_string(c"tuple".as_ptr() as u64, 16),
        ])
    };
    let array = Type::Array {
        element: Box::new(Type::I64),
        length: 3,
    };
    let index = |n: Expr| {
        expr(
            ExprKind::Index {
                base: Box::new(load(at, 8, array.clone(), None)),
                index: Box::new(n),
            },
            Type::I64,
        )
    };
    let stored = pair().ty;
    check(
        std::slice::from_ref(&stored),
        vec![set_var(0, pair())],
        vec![
            ("first member", member(pair(), 0), 7),
            ("second member", member(pair(), 1), -5),
            (
                "string member",
                equal(member(pair(), 2), string("tuple", 6)),
                1,
            ),
            ("of a variable", member(var(0, stored.clone()), 1), -5),
            ("equal tuples", equal(pair(), var(0, stored.clone())), 1),
            ("int8", load(at, 0, I8, None), -3),
            ("uint32", load(at, 4, Type::U32, None), 0xfedc_ba98),
            (
                "int32",
                load(at, 4, Type::I32, None),
                i64::from(0xfedc_ba98_u32 as i32),
            ),
            (
                "bits",
                load(at, 4, Type::U32, Some(Bitfield { shift: 4, width: 8 })),
                0xa9,
            ),
            (
                "signed bits",
                load(at, 4, Type::I32, Some(Bitfield { shift: 4, width: 8 })),
                i64::from(0xa9_u8 as i8),
            ),
            ("element", index(opaque(1, Type::I64)), -20),
            ("constant element", index(int(2)), 30),
            ("no such element", index(opaque(3, Type::I64)), 0),
            ("negative index", index(opaque(-1, Type::I64)), 0),
            ("unreadable", load(8, 0, Type::I64, None), 0),
        ],
    );
}

#[test]
fn builtins_know_who_runs() {
    let pid = i64::from(std::process::id());
    let comm = std::fs::read_to_string("/proc/thread-self/comm").expect("the thread's name");
    let now = || builtin(Builtin::Nsecs(Clock::Monotonic), Type::U64);
    let number = |which| builtin(which, Type::U64);
    let below = |a: Expr, b: Expr| compare(CompareOp::Le, a, b);
    check(
        &[Type::U64],
        vec![set_var(0, now())],
        vec![
            ("pid", number(Builtin::Pid), pid),
            ("pid again", number(Builtin::Pid), pid),
            (
                "tid is another thread",
                compare(CompareOp::Ne, number(Builtin::Tid), number(Builtin::Pid)),
                1,
            ),
            ("uid", number(Builtin::Uid), 0),
            ("gid", number(Builtin::Gid), 0),
            (
                "comm",
                equal(
                    builtin(Builtin::Comm, Type::String { capacity: 16 }),
                    string(comm.trim_end(), 16),
                ),
                1,
            ),
            ("cpid", number(Builtin::ChildPid), 4321),
            ("probe", builtin(Builtin::Probe, Type::ProbeName), 0),
            ("time goes on", below(var(0, Type::U64), now()), 1),
            (
                "elapsed",
                below(builtin(Builtin::Elapsed, Type::U64), now()),
                1,
            ),
            (
                "boot time",
                below(now(), builtin(Builtin::Nsecs(Clock::Boot), Type::U64)),
                1,
            ),
            (
                "TAI",
                below(now(), builtin(Builtin::Nsecs(Clock::Tai), Type::U64)),
                1,
            ),
            (
                "cpu",
                compare(
                    CompareOp::Lt,
                    number(Builtin::Cpu),
                    number(Builtin::CpuCount),
                ),
                1,
            ),
            ("numaid", number(Builtin::NumaNode), 0),
            (
                "jiffies",
                compare(CompareOp::Gt, number(Builtin::Jiffies), typed(0, Type::U64)),
                1,
            ),
            (
                "cgroup",
                compare(CompareOp::Gt, number(Builtin::Cgroup), typed(0, Type::U64)),
                1,
            ),
            (
                "curtask",
                compare(
                    CompareOp::Ne,
                    number(Builtin::CurrentTask),
                    typed(0, Type::U64),
                ),
                1,
            ),
        ],
    );
}
