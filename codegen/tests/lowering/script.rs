//! Scripts written down as HIR.

use trapline_lang::hir::{
    ArithmeticOp, Builtin, Call, CompareOp, Domain, Expr, ExprKind, Hook, KeyPart, Map, MapId,
    Probe, Script, Stmt, StmtKind, Var, VarId,
};
use trapline_lang::source::Span;
use trapline_lang::types::{AddressSpace, IntType, Type};

pub(crate) const I8: Type = Type::Int(IntType {
    bits: 8,
    signed: true,
});
pub(crate) const U8: Type = Type::Int(IntType {
    bits: 8,
    signed: false,
});
pub(crate) const U16: Type = Type::Int(IntType {
    bits: 16,
    signed: false,
});

pub(crate) fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr {
        kind,
        ty,
        span: Span::default(),
    }
}

pub(crate) fn int(value: i64) -> Expr {
    typed(value, Type::I64)
}

pub(crate) fn typed(value: i64, ty: Type) -> Expr {
    expr(ExprKind::Int(value), ty)
}

/// A number that the optimizer cannot see through.
pub(crate) fn opaque(value: i64, ty: Type) -> Expr {
    let random = builtin(Builtin::Random, Type::U64);
    let zero = arith(ArithmeticOp::Shr, random, typed(32, Type::U64));
    arith(ArithmeticOp::Or, cast(zero, ty.clone()), typed(value, ty))
}

pub(crate) fn builtin(builtin: Builtin, ty: Type) -> Expr {
    expr(ExprKind::Builtin(builtin), ty)
}

pub(crate) fn string(text: &str, capacity: u32) -> Expr {
    expr(
        ExprKind::Str(text.as_bytes().to_vec()),
        Type::String { capacity },
    )
}

/// `str(p)` of a place in this process.
pub(crate) fn read_string(pointer: u64, capacity: u32) -> Expr {
    expr(
        ExprKind::Call(Call::ReadString {
            pointer: Box::new(typed(pointer as i64, Type::U64)),
            length: None,
            space: AddressSpace::User,
        }),
        Type::String { capacity },
    )
}

pub(crate) fn arith(op: ArithmeticOp, left: Expr, right: Expr) -> Expr {
    let ty = left.ty.clone();
    expr(
        ExprKind::Arithmetic(op, Box::new(left), Box::new(right)),
        ty,
    )
}

pub(crate) fn compare(op: CompareOp, left: Expr, right: Expr) -> Expr {
    expr(
        ExprKind::Compare(op, Box::new(left), Box::new(right)),
        Type::Bool,
    )
}

pub(crate) fn equal(left: Expr, right: Expr) -> Expr {
    expr(
        ExprKind::Equal {
            left: Box::new(left),
            right: Box::new(right),
            negated: false,
        },
        Type::Bool,
    )
}

pub(crate) fn cast(operand: Expr, ty: Type) -> Expr {
    expr(ExprKind::Cast(Box::new(operand)), ty)
}

pub(crate) fn tuple(members: Vec<Expr>) -> Expr {
    let ty = Type::Tuple(members.iter().map(|member| member.ty.clone()).collect());
    expr(ExprKind::Tuple(members), ty)
}

pub(crate) fn member(base: Expr, n: u32) -> Expr {
    let Type::Tuple(members) = &base.ty else {
        panic!("no tuple")
    };
    let ty = members[n as usize].clone();
    expr(ExprKind::Member(Box::new(base), n), ty)
}

pub(crate) fn call(call: Call, ty: Type) -> Expr {
    expr(ExprKind::Call(call), ty)
}

pub(crate) fn stmt(kind: StmtKind) -> Stmt {
    Stmt {
        kind,
        span: Span::default(),
    }
}

pub(crate) fn set_var(var: u32, value: Expr) -> Stmt {
    stmt(StmtKind::SetVar(VarId(var), value))
}

pub(crate) fn var(var: u32, ty: Type) -> Expr {
    expr(ExprKind::Var(VarId(var)), ty)
}

pub(crate) fn set_map(map: u32, key: Vec<Expr>, value: Expr) -> Stmt {
    stmt(StmtKind::SetMap {
        map: MapId(map),
        key,
        value,
    })
}

pub(crate) fn read_map(map: u32, key: Vec<Expr>, ty: Type) -> Expr {
    expr(
        ExprKind::Map {
            map: MapId(map),
            key,
        },
        ty,
    )
}

pub(crate) fn aggregate(map: u32, key: Vec<Expr>, value: Option<Expr>) -> Stmt {
    stmt(StmtKind::Aggregate {
        map: MapId(map),
        key,
        value,
    })
}

/// A map with keys of these types.
pub(crate) fn map(name: &str, key: &[(Type, Domain)], value: Type) -> Map {
    Map {
        name: name.to_owned(),
        key: key
            .iter()
            .map(|(ty, domain)| KeyPart {
                name: "k".to_owned(),
                ty: ty.clone(),
                domain: *domain,
            })
            .collect(),
        shared: !matches!(value, Type::Aggregation(_)),
        internal: false,
        scale: 1,
        value,
        declared: None,
        span: Span::default(),
    }
}

pub(crate) fn probe(hook: Hook, vars: &[Type], body: Vec<Stmt>) -> Probe {
    Probe {
        name: "test".to_owned(),
        span: Span::default(),
        hook,
        attach_points: 1,
        internal: false,
        predicate: None,
        body,
        vars: vars
            .iter()
            .map(|ty| Var {
                name: "v".to_owned(),
                ty: ty.clone(),
            })
            .collect(),
    }
}

/// `BEGIN { ... }`
pub(crate) fn begin(maps: Vec<Map>, vars: &[Type], body: Vec<Stmt>) -> Script {
    Script {
        maps,
        probes: vec![probe(Hook::Begin, vars, body)],
        ..Script::default()
    }
}

/// The map that takes the results of expressions.
pub(crate) fn results() -> Map {
    map("r", &[(Type::U64, Domain::Any)], Type::I64)
}

/// `@r[n] = value`
pub(crate) fn result(n: usize, value: Expr) -> Stmt {
    let value = if value.ty == Type::I64 {
        value
    } else {
        cast(value, Type::I64)
    };
    set_map(0, vec![typed(n as i64, Type::U64)], value)
}
