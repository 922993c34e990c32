//! Functions on strings, on other bytes and on addresses of networks.

use super::super::tree;
use super::Lowerer;
use super::aggregate::constant;
use super::value::{cast, expr, integer, literal};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{Call, CompareOp, Expr, ExprKind, Stmt, StmtKind};
use crate::source::Span;
use crate::types::{IntType, Type};
use std::net::IpAddr;

/// Address families (linux v6.12 include/linux/socket.h).
const AF_INET: i128 = 2;
const AF_INET6: i128 = 10;

impl Lowerer<'_> {
    pub(super) fn bytes_function(
        &mut self,
        function: Function,
        first: Expr,
        second: Option<Expr>,
        trees: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        match function {
            Function::StrCap => {
                let bytes = first.ty.size().saturating_sub(1);
                Some(cast(literal(bytes.into(), span), Type::U64))
            }
            Function::StrStr => Some(find_string(first, second?, span)),
            Function::StrContains => {
                let place = find_string(first, second?, span);
                let zero = cast(literal(0, span), Type::I64);
                let kind = ExprKind::Compare(CompareOp::Ge, Box::new(place), Box::new(zero));
                Some(expr(kind, Type::Bool, span))
            }
            Function::StrConcat => {
                let (left, right) = (Box::new(first), Box::new(second?));
                let exact = left.ty.size() + right.ty.size() - 1;
                let constant = [&left, &right]
                    .iter()
                    .all(|side| matches!(side.kind, ExprKind::Str(_)));
                // A variable may be joined to itself: its type grows in a few large steps, and ends.
                let capacity = if constant {
                    exact
                } else {
                    let most = self.shared.config.max_strlen;
                    exact.next_power_of_two().min(most)
                };
                let call = Call::StrConcat { left, right };
                Some(expr(ExprKind::Call(call), Type::String { capacity }, span))
            }
            Function::MemCmp => {
                let length = self.byte_count(function, trees)?;
                let left = Box::new(self.bytes_at(function, 0, first, length)?);
                let right = Box::new(self.bytes_at(function, 1, second?, length)?);
                let call = Call::MemCmp {
                    left,
                    right,
                    length,
                };
                Some(expr(ExprKind::Call(call), Type::I64, span))
            }
            Function::WriteUser => {
                let length = self.byte_count(function, trees)?;
                let from = Box::new(self.bytes_at(function, 1, second?, length)?);
                let to = Box::new(cast(first, Type::U64));
                let call = Call::WriteUser { to, from, length };
                Some(expr(ExprKind::Call(call), Type::Bool, span))
            }
            Function::MacAddress => self.mac_address(first, span),
            _ => self.internet_address(first, second, span),
        }
    }

    /// A length that must be known: the third argument.
    fn byte_count(&mut self, function: Function, trees: &[tree::Expr]) -> Option<u32> {
        let tree = trees.get(2)?;
        let length = constant(tree)?;
        let name = super::call::row(function)?.name;
        let max = self.shared.config.max_strlen;
        match u32::try_from(length) {
            Ok(length) if length <= max => Some(length),
            _ => self.range(name, "length", length, "from 0 to max_strlen", tree.span),
        }
    }

    /// A value in memory of at least so many bytes: the value itself, or what it points to.
    fn bytes_at(
        &mut self,
        function: Function,
        index: usize,
        value: Expr,
        length: u32,
    ) -> Option<Expr> {
        let span = value.span;
        let inside = matches!(
            value.ty,
            Type::String { .. } | Type::Array { .. } | Type::Tuple(_) | Type::Record(_)
        );
        if inside && value.ty.size() >= length {
            return Some(value);
        }
        if let (ExprKind::Str(bytes), Type::String { .. }) = (&value.kind, &value.ty) {
            // Zeros follow the text.
            let kind = ExprKind::Str(bytes.clone());
            return Some(expr(kind, Type::String { capacity: length }, span));
        }
        match self.space_of(&value) {
            Some(space) => {
                let kind = ExprKind::Load {
                    pointer: Box::new(cast(value, Type::U64)),
                    offset: 0,
                    space,
                    bits: None,
                };
                Some(expr(kind, octets(length), span))
            }
            None => {
                let found = value.ty.clone();
                self.wrong_argument(
                    function,
                    index,
                    "a pointer or a value of that many bytes",
                    &found,
                    span,
                )
            }
        }
    }

    /// `find(@map, key, $value)`
    pub(super) fn find(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let tree::ExprKind::Var(var) = args.get(2)?.kind else {
            return None;
        };
        self.table.assign_var(self.index, var);
        let (map, key) = self.map_and_key(&args[..2])?;
        let ty = self.map_read_type(map, span)?;
        let (mut setup, mut kept) = (Vec::new(), Vec::new());
        for part in key {
            let (stmt, part) = self.keep(part);
            setup.extend(stmt);
            kept.push(part);
        }
        let key = kept.clone();
        let there = expr(ExprKind::Call(Call::HasKey { map, key }), Type::Bool, span);
        let (stmt, there) = self.keep(there);
        setup.extend(stmt);
        let value = expr(ExprKind::Map { map, key: kept }, ty, span);
        let kind = self.set_var(var, value)?;
        setup.push(Stmt {
            kind: StmtKind::If {
                condition: there.clone(),
                then: vec![Stmt { kind, span }],
                otherwise: Vec::new(),
            },
            span,
        });
        let kind = ExprKind::Block(setup, Box::new(there));
        Some(expr(kind, Type::Bool, span))
    }

    /// `pton(text)`: an array of bytes.
    pub(super) fn internet_constant(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let text = self.literal_string(args, 0)?;
        let bytes = match text.parse() {
            Ok(IpAddr::V4(address)) => address.octets().to_vec(),
            Ok(IpAddr::V6(address)) => address.octets().to_vec(),
            Err(_) => return self.error(AnalysisKind::BadAddress { text }, args[0].span),
        };
        let ty = octets(bytes.len() as u32);
        Some(expr(ExprKind::Str(bytes), ty, span))
    }

    /// `ntop([family, ]address)`
    fn internet_address(&mut self, first: Expr, second: Option<Expr>, span: Span) -> Option<Expr> {
        let (family, address) = match second {
            Some(address) => (Some(first), address),
            None => (None, first),
        };
        let address = match &address.ty {
            ty if integer(ty).is_some() => cast(address, Type::U32),
            Type::Pointer { .. } => self.load(address, 0, span)?,
            _ => address,
        };
        let known = match address.ty.size() {
            4 => AF_INET,
            16 if matches!(address.ty, Type::Array { .. }) => AF_INET6,
            _ => {
                let found = address.ty.clone();
                let expected = "an integer or an array of 4 or 16 bytes";
                let at = usize::from(family.is_some());
                return self.wrong_argument(
                    Function::NetworkToPresentation,
                    at,
                    expected,
                    &found,
                    address.span,
                );
            }
        };
        let family = match family {
            None => literal(known, span),
            Some(family) if integer(&family.ty).is_some() => family,
            Some(family) => {
                let (found, span) = (family.ty.clone(), family.span);
                let expected = "an address family";
                return self.wrong_argument(
                    Function::NetworkToPresentation,
                    0,
                    expected,
                    &found,
                    span,
                );
            }
        };
        let call = Call::InetAddress {
            family: Box::new(cast(family, Type::U64)),
            address: Box::new(address),
        };
        Some(expr(ExprKind::Call(call), Type::Inet, span))
    }

    fn mac_address(&mut self, address: Expr, span: Span) -> Option<Expr> {
        let address = match (&address.ty, self.space_of(&address)) {
            (_, Some(_)) => self.bytes_at(Function::MacAddress, 0, address, 6)?,
            (Type::Array { .. }, None) if address.ty.size() >= 6 => address,
            (found, None) => {
                let found = found.clone();
                return self.wrong_argument(
                    Function::MacAddress,
                    0,
                    "a pointer or an array of 6 bytes",
                    &found,
                    address.span,
                );
            }
        };
        let call = Call::MacAddress(Box::new(address));
        Some(expr(ExprKind::Call(call), Type::MacAddress, span))
    }
}

/// Where one string occurs in another.
fn find_string(haystack: Expr, needle: Expr, span: Span) -> Expr {
    let call = Call::StrFind {
        haystack: Box::new(haystack),
        needle: Box::new(needle),
    };
    expr(ExprKind::Call(call), Type::I64, span)
}

/// `uint8[length]`
fn octets(length: u32) -> Type {
    Type::Array {
        element: Box::new(Type::Int(IntType {
            bits: 8,
            signed: false,
        })),
        length,
    }
}
