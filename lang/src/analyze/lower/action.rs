//! Functions that user space carries out: they give no value.

use super::super::tree;
use super::Lowerer;
use super::aggregate::constant;
use super::syscall::has_names;
use super::value::{cast, integer};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::{self, Function};
use crate::hir::{Action, Expr, ExprKind, FormatId, Hook, MessageLevel};
use crate::printf::{ArgumentClass, Count, Format, FormatError, FormatReason, Piece, Specifier};
use crate::source::Span;
use crate::types::{Aggregation, IntType, Type};

/// What `time()` prints without a format.
const TIME_FORMAT: &str = "%H:%M:%S\n";

/// Whether a call is carried out in user space.
pub(super) fn is_action(function: Function) -> bool {
    matches!(
        function,
        Function::Printf
            | Function::Print
            | Function::Errorf
            | Function::Warnf
            | Function::Cat
            | Function::System
            | Function::Clear
            | Function::Zero
            | Function::Exit
            | Function::Time
            | Function::Join
    )
}

/// The values that an action carries to user space.
pub(super) fn values(action: &Action) -> &[Expr] {
    match action {
        Action::Printf { args, .. }
        | Action::Message { args, .. }
        | Action::Cat { args, .. }
        | Action::System { args, .. }
        | Action::PrintMapEntry { key: args, .. } => args,
        Action::PrintValue(value) | Action::Join { argv: value, .. } => std::slice::from_ref(value),
        Action::Exit(status) => status.as_slice(),
        Action::PrintMap { .. }
        | Action::Clear(_)
        | Action::Zero(_)
        | Action::Time(_)
        | Action::Record(_)
        | Action::Dump => &[],
    }
}

impl Lowerer<'_> {
    pub(super) fn action(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<Action> {
        Some(match function {
            Function::Print => self.print(args)?,
            Function::Clear => Action::Clear(self.whole_map(args)?),
            Function::Zero => Action::Zero(self.whole_map(args)?),
            Function::Exit => Action::Exit(match args.first() {
                None => None,
                Some(_) => Some(cast(self.argument(function, args, 0)?, Type::I64)),
            }),
            Function::Time => {
                let format = match args.first() {
                    None => TIME_FORMAT.to_owned(),
                    Some(_) => self.literal_string(args, 0)?,
                };
                Action::Time(self.string(&format))
            }
            Function::Join => {
                let argv = self.argument(function, args, 0)?;
                let separator = match args.get(1) {
                    None => " ".to_owned(),
                    Some(_) => self.literal_string(args, 1)?,
                };
                Action::Join {
                    argv,
                    separator: self.string(&separator),
                }
            }
            _ => {
                let (format, args) = self.formatted(function, args, span)?;
                match function {
                    Function::Errorf => Action::Message {
                        level: MessageLevel::Error,
                        expanded_from: self.reports().expanded_from(span),
                        format,
                        args,
                    },
                    Function::Warnf => Action::Message {
                        level: MessageLevel::Warning,
                        expanded_from: self.reports().expanded_from(span),
                        format,
                        args,
                    },
                    Function::Cat => Action::Cat { format, args },
                    Function::System => Action::System { format, args },
                    _ => Action::Printf { format, args },
                }
            }
        })
    }

    fn whole_map(&mut self, args: &[tree::Expr]) -> Option<crate::hir::MapId> {
        let first = args.first()?;
        let tree::ExprKind::Map { map, .. } = first.kind else {
            return None;
        };
        self.known_map(map, first.span)?;
        Some(map)
    }

    fn print(&mut self, args: &[tree::Expr]) -> Option<Action> {
        let first = args.first()?;
        let limits: Vec<u32> = args[1..]
            .iter()
            .map(|arg| {
                let value = constant(arg)?;
                match u32::try_from(value) {
                    Ok(value) => Some(value),
                    Err(_) => self.range("print", "limits", value, "positive", arg.span),
                }
            })
            .collect::<Option<_>>()?;
        let (top, div) = (limits.first().copied(), limits.get(1).copied());
        if let tree::ExprKind::Map { map, key } = &first.kind {
            let ty = self.known_map(*map, first.span);
            let Some(key) = key else {
                let ty = ty?;
                self.check_div(&ty, div, args)?;
                return Some(Action::PrintMap {
                    map: *map,
                    top: top.unwrap_or(0),
                    div: div.unwrap_or(0),
                });
            };
            if matches!(ty, Some(Type::Aggregation(_))) {
                let key = self.key(*map, Some(key), first.span)?;
                self.only_maps_are_limited(args)?;
                return Some(Action::PrintMapEntry {
                    map: *map,
                    key,
                    div: 0,
                });
            }
        }
        self.only_maps_are_limited(args)?;
        if let (tree::ExprKind::Args, Hook::Call(_)) = (&first.kind, &self.group.hook) {
            return Some(Action::PrintValue(self.whole_call(first.span)));
        }
        let value = self.value(first)?;
        Some(Action::PrintValue(self.decoded(value)))
    }

    fn only_maps_are_limited(&mut self, args: &[tree::Expr]) -> Option<()> {
        if args.len() == 1 {
            return Some(());
        }
        let kind = AnalysisKind::TooManyArguments {
            function: "print".into(),
            most: 1,
            given: args.len(),
        };
        self.reports().error(kind, args[1].span).hint =
            Some("only whole maps are printed with limits".into());
        None
    }

    /// Only numbers can be divided.
    fn check_div(&mut self, ty: &Type, div: Option<u32>, args: &[tree::Expr]) -> Option<()> {
        let divisible = match ty {
            Type::Aggregation(aggregation) => !matches!(
                aggregation,
                Aggregation::Lhist { .. } | Aggregation::TimeSeries { .. }
            ),
            ty => integer(ty).is_some(),
        };
        if div.is_none() || divisible {
            return Some(());
        }
        self.wrong_argument(
            Function::Print,
            2,
            "a map of integers before it",
            ty,
            args[2].span,
        )
    }

    /// A format and its arguments, checked against each other.
    fn formatted(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<(FormatId, Vec<Expr>)> {
        let (format, values) = self.read_format(function, args, span)?;
        Some((self.format(format), values))
    }

    /// A format, read, and its arguments, checked against each other.
    pub(super) fn read_format(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<(Format, Vec<Expr>)> {
        let (first, rest) = args.split_first()?;
        let tree::ExprKind::Str(text) = &first.kind else {
            return None;
        };
        let name = function::all().iter().find(|row| row.id == function)?.name;
        let format = match Format::parse(text) {
            Ok(format) => format,
            Err(error) => {
                let reason = error.to_string();
                let hint = format_hint(&error);
                let report = self
                    .reports()
                    .error(AnalysisKind::BadFormat { reason }, first.span);
                report.hint = hint.map(str::to_owned);
                return None;
            }
        };
        let values = self.values(rest.iter());
        let wanted = wanted(&format);
        let (given, expected) = (rest.len(), wanted.len());
        if given < expected {
            return self.error(
                AnalysisKind::FormatTooFew {
                    function: name,
                    given,
                    expected,
                },
                span,
            );
        }
        if given > expected {
            let kind = AnalysisKind::FormatTooMany {
                function: name,
                given,
                expected,
            };
            return self.error(kind, rest[expected].span);
        }
        let values = values?;
        let mut fits = true;
        for (value, specifier) in values.iter().zip(&wanted) {
            fits &= self.check_specifier(name, *specifier, value).is_some();
        }
        let values = values.into_iter().zip(wanted);
        let values = values.map(|(value, specifier)| self.as_printed(value, specifier));
        fits.then_some((format, values.collect()))
    }

    /// A value with names, or with memory behind it, as a conversion prints it.
    fn as_printed(&self, value: Expr, specifier: Specifier) -> Expr {
        match (specifier.class(), &value.ty) {
            (ArgumentClass::Any, _) => self.decoded(value),
            (_, ty) if has_names(ty) => {
                let int = ty.int().unwrap_or(IntType::I64);
                cast(value, Type::Int(int))
            }
            _ => value,
        }
    }

    fn check_specifier(
        &mut self,
        function: &'static str,
        specifier: Specifier,
        value: &Expr,
    ) -> Option<()> {
        let number = integer(&value.ty).is_some()
            || matches!(value.ty, Type::Pointer { .. } | Type::SyscallName);
        let (expected, fits) = match specifier.class() {
            ArgumentClass::Count | ArgumentClass::Integer => ("integer", number),
            ArgumentClass::Any => ("any", true),
            ArgumentClass::Buffer => ("buffer", matches!(value.ty, Type::Buffer { .. })),
        };
        let letter = match specifier {
            Specifier::Signed => 'd',
            Specifier::Unsigned => 'u',
            Specifier::Octal => 'o',
            Specifier::Hex => 'x',
            Specifier::HexUpper => 'X',
            Specifier::Char => 'c',
            Specifier::Pointer => 'p',
            Specifier::Default => 's',
            Specifier::GfpFlags => 'g',
            Specifier::Buffer | Specifier::BufferEscaped | Specifier::BufferHex => 'r',
        };
        if fits {
            return Some(());
        }
        let kind = AnalysisKind::FormatType {
            function,
            specifier: letter,
            expected,
            found: value.ty.clone(),
        };
        let report = self.reports().error(kind, value.span);
        report.hint = match expected {
            "integer" => Some("%s prints any value".to_owned()),
            "buffer" => Some("read bytes with buf(), or print any value with %s".to_owned()),
            _ => None,
        };
        None
    }
}

/// A format with constants in the places of its conversions, as the compiler prints it.
pub(super) fn filled(format: &Format, values: &[Expr]) -> String {
    let mut values = values.iter();
    let mut text = String::new();
    for piece in &format.pieces {
        match piece {
            Piece::Literal(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
            Piece::Conversion(conversion) => match values.next().map(|value| &value.kind) {
                Some(ExprKind::Int(value)) => match conversion.specifier {
                    Specifier::Hex => text.push_str(&format!("{value:x}")),
                    _ => text.push_str(&value.to_string()),
                },
                Some(ExprKind::Str(bytes)) => text.push_str(&String::from_utf8_lossy(bytes)),
                _ => text.push('?'),
            },
        }
    }
    text
}

/// How to mend a format.
fn format_hint(error: &FormatError) -> Option<&'static str> {
    match &error.reason {
        FormatReason::Unfinished => Some("write %% for a percent sign"),
        FormatReason::Unknown { text } => Some(match text.chars().last() {
            Some('f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'a' | 'A') => {
                "there are no fractions: all numbers are integers"
            }
            _ => "there are %d %i %u %o %x %X %c %p %s and %r %rx %rh; %% prints a percent sign",
        }),
        _ => None,
    }
}

/// What each argument of a format must be, `*` widths included.
fn wanted(format: &Format) -> Vec<Specifier> {
    let mut wanted = Vec::new();
    for piece in &format.pieces {
        let Piece::Conversion(conversion) = piece else {
            continue;
        };
        for count in [conversion.width, conversion.precision] {
            if count == Some(Count::Argument) {
                wanted.push(Specifier::Signed);
            }
        }
        wanted.push(conversion.specifier);
    }
    wanted
}
