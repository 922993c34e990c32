//! `debugf`: a format of the script becomes one that the kernel's own printing takes.

use super::super::tree;
use super::Lowerer;
use super::value::integer;
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{Expr, StmtKind};
use crate::printf::{Conversion, Count, Format, Piece, Specifier};
use crate::source::Span;
use crate::types::Type;

/// Most values that `bpf_trace_printk` takes (linux v6.12 kernel/trace/bpf_trace.c).
const MOST_ARGUMENTS: usize = 3;

impl Lowerer<'_> {
    /// `debugf(format, ...)`
    pub(super) fn debugf(&mut self, args: &[tree::Expr], span: Span) -> Option<StmtKind> {
        let (format, values) = self.read_format(Function::Debugf, args, span)?;
        if values.len() > MOST_ARGUMENTS {
            let kind = AnalysisKind::TooManyArguments {
                function: "debugf".into(),
                most: MOST_ARGUMENTS + 1,
                given: args.len(),
            };
            return self.error(kind, args[MOST_ARGUMENTS + 1].span);
        }
        for (at, value) in values.iter().enumerate() {
            if !is_traceable(&value.ty) {
                let found = value.ty.clone();
                let expected = "an integer, a pointer or a string";
                return self.wrong_argument(Function::Debugf, at + 1, expected, &found, value.span);
            }
        }
        match kernel_format(&format, &values) {
            Ok(format) => Some(StmtKind::Trace {
                format,
                args: values,
            }),
            Err(what) => {
                let kind = AnalysisKind::BadFormat {
                    reason: format!("the kernel prints no {what}"),
                };
                self.error(kind, args.first()?.span)
            }
        }
    }
}

fn is_traceable(ty: &Type) -> bool {
    integer(ty).is_some() || matches!(ty, Type::Pointer { .. } | Type::String { .. })
}

/// The format as `bpf_trace_printk` reads it, without a NUL; or what it cannot say. All integers are given
/// as 64 bits.
fn kernel_format(format: &Format, values: &[Expr]) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    let mut values = values.iter();
    for piece in &format.pieces {
        match piece {
            Piece::Literal(bytes) => {
                // Linux v6.12 kernel/bpf/helpers.c, bpf_bprintf_prepare: a format is plain ASCII.
                let plain = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
                if !bytes.iter().all(plain) {
                    return Err("characters outside ASCII and no control characters");
                }
                for byte in bytes {
                    out.extend(std::iter::repeat_n(*byte, 1 + usize::from(*byte == b'%')));
                }
            }
            Piece::Conversion(conversion) => {
                let ty = values.next().map(|value| &value.ty);
                out.extend(kernel_conversion(conversion, ty)?.into_bytes());
            }
        }
    }
    Ok(out)
}

fn kernel_conversion(conversion: &Conversion, ty: Option<&Type>) -> Result<String, &'static str> {
    let mut text = String::from("%");
    let flags = [
        (conversion.left, '-'),
        (conversion.plus, '+'),
        (conversion.space, ' '),
        (conversion.zero, '0'),
    ];
    text.extend(flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag));
    match (conversion.width, conversion.precision) {
        (Some(Count::Argument), _) => return Err("width from an argument"),
        (_, Some(_)) => return Err("precision"),
        (Some(Count::Fixed(width)), None) => text.push_str(&width.to_string()),
        (None, None) => {}
    }
    let signed = ty.and_then(integer).is_some_and(|int| int.signed);
    let letters = match (conversion.specifier, ty) {
        (Specifier::Default, Some(Type::String { .. })) => "s",
        (Specifier::Default, Some(Type::Pointer { .. })) | (Specifier::Pointer, _) => {
            text.insert_str(0, "0x");
            "llx"
        }
        (Specifier::Signed, _) => "lld",
        (Specifier::Default, _) if signed => "lld",
        (Specifier::Unsigned | Specifier::Default, _) => "llu",
        (Specifier::Hex, _) => "llx",
        (Specifier::HexUpper, _) => "llX",
        (Specifier::Char, _) => "c",
        (Specifier::Octal, _) => return Err("%o"),
        _ => return Err("%r"),
    };
    text.push_str(letters);
    Ok(text)
}
