//! How the analyzer's complaints read. Where bpftrace has words for something, they are used.

use super::kind::AnalysisKind;
use crate::types::{Aggregation, Type};
use std::fmt;

impl fmt::Display for AnalysisKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyScript => f.write_str("the script has no probe"),

            Self::UnknownProvider { name } => {
                write!(f, "Invalid probe type: {}", name.escape_debug())
            }
            Self::AttachPointForm { provider, forms } => {
                write!(f, "{provider} probes are written {}", alternatives(forms))
            }
            Self::NoMatch { provider, pattern } => {
                write!(f, "No matches for {provider} {pattern}.")
            }
            Self::NoAttachPoints => f.write_str("Probe has no valid attach points."),
            Self::NoProgram {
                provider,
                name,
                reason,
            } => write!(f, "No program for {provider} {name}: {reason}"),
            Self::UnknownSymbol { what, name } => write!(f, "Failed to find {what}: {name}"),
            Self::BadRate { provider, text } => {
                write!(
                    f,
                    "Invalid rate of {provider} probe: {text} is not a positive number"
                )
            }
            Self::BadUnit { provider, unit } => {
                write!(
                    f,
                    "{unit} is not an accepted unit of {provider} probes (us, ms, s, hz)"
                )
            }
            Self::BadPattern { pattern } => write!(f, "Unmatched [ in {pattern}"),
            Self::TooManyProbes { count, limit } => write!(
                f,
                "Can't attach to {count} probes because it exceeds the current limit of {limit} probes."
            ),

            Self::UnknownFunction { name } => write!(f, "Unknown function: '{name}'"),
            Self::UnknownIdentifier { name } => write!(f, "Unknown identifier: '{name}'"),
            Self::UndefinedVariable { name } => {
                write!(f, "Undefined or undeclared variable: ${name}")
            }
            Self::UndefinedMap { name } => write!(f, "Undefined map: @{name}"),
            Self::ShadowedVariable { name } => write!(
                f,
                "Variable shadowing is not allowed: ${name} exists in an outer block"
            ),
            Self::UnknownType { name } => write!(f, "Cannot resolve unknown type \"{name}\""),
            Self::BuiltinNotOffered { name, provider } => {
                write!(
                    f,
                    "The {name} builtin can not be used with {provider} probes"
                )
            }
            Self::NoResult { name } => {
                write!(f, "'{name}' has no value before the call has finished")
            }
            Self::WholeCall => f.write_str("args of a system call as a whole can only be printed"),
            Self::CallsLeftOut { field, calls } => write!(
                f,
                "{} left out: no argument is named '{field}' there",
                calls.join(", ")
            ),
            Self::VdsoCall { name } => write!(
                f,
                "programs mostly call {name} without the kernel, by the vDSO"
            ),
            Self::UnknownName { ty, name } => {
                write!(f, "no {} is named '{name}'", type_name(ty))
            }
            Self::UnknownField { event, field } => {
                write!(f, "{event} has no field named '{field}'")
            }
            Self::FieldMissingInSome {
                field,
                missing,
                total,
                examples,
            } => write!(
                f,
                "{missing} of {total} events have no field named '{field}': {}{}",
                examples.join(", "),
                if examples.len() < *missing {
                    ", ..."
                } else {
                    ""
                }
            ),
            Self::UnknownMember { ty, member } => {
                write!(f, "{} has no member named '{member}'", type_name(ty))
            }
            Self::Duplicate { what, name } => write!(f, "Redefinition of {what} {name}"),

            Self::TooFewArguments {
                function,
                required,
                given,
            } => write!(
                f,
                "{function}() requires at least {required} argument{} ({given} provided)",
                plural(*required)
            ),
            Self::TooManyArguments {
                function,
                most: 0,
                given,
            } => {
                write!(f, "{function}() requires no arguments ({given} provided)")
            }
            Self::TooManyArguments {
                function,
                most,
                given,
            } => write!(
                f,
                "{function}() takes up to {most} argument{} ({given} provided)",
                plural(*most)
            ),
            Self::ArgumentType {
                function,
                index,
                expected,
                found,
            } => write!(
                f,
                "{function}() expects {expected} as argument {} ({found} provided)",
                index + 1
            ),
            Self::ArgumentRange {
                function,
                what,
                found,
                range,
            } => {
                write!(f, "{function}() {what} must be {range} ({found} provided)")
            }
            Self::UnsafeFunction { function } => {
                write!(
                    f,
                    "{function}() is an unsafe function being used in safe mode"
                )
            }
            Self::MisplacedAggregation { function } => {
                write!(f, "{function}() must be assigned directly to a map")
            }
            Self::NoValue { what } => write!(f, "{what} has no value"),
            Self::BuiltinArgument { builtin, expected } => write!(f, "{builtin} takes {expected}"),
            Self::BadAddress { text } => write!(f, "'{text}' is no IPv4 or IPv6 address"),
            Self::Failed { message } => f.write_str(message),
            Self::NotConstant { function } => {
                write!(
                    f,
                    "{function}() needs a condition that is known when the script is compiled"
                )
            }
            Self::CgroupNotFound { path } => write!(f, "Failed to get cgroup id of path: {path}"),
            Self::NoChild => f.write_str("cpid has no value: there is no command"),

            Self::BadFormat { reason } => write!(f, "Invalid format string: {reason}"),
            Self::FormatTooFew {
                function,
                given,
                expected,
            } => write!(
                f,
                "{function}: Not enough arguments for format string ({given} supplied, {expected} expected)"
            ),
            Self::FormatTooMany {
                function,
                given,
                expected,
            } => write!(
                f,
                "{function}: Too many arguments for format string ({given} supplied, {expected} expected)"
            ),
            Self::FormatType {
                function,
                specifier,
                expected,
                found,
            } => write!(
                f,
                "{function}: %{specifier} specifier expects a value of type {expected} ({} supplied)",
                type_name(found)
            ),

            Self::OperandTypes {
                operator,
                left,
                right,
            } => {
                let verb = if matches!(*operator, "==" | "!=" | "<" | "<=" | ">" | ">=") {
                    "comparing"
                } else {
                    "operands are"
                };
                let (left, right) = (type_name(left), type_name(right));
                write!(
                    f,
                    "Type mismatch for '{operator}': {verb} {left} with {right}"
                )
            }
            Self::OperandType { operator, found } => write!(
                f,
                "The {operator} operator can not be used on expressions of type '{}'",
                type_name(found)
            ),
            Self::MixedSigns {
                comparison,
                left,
                right,
            } => write!(
                f,
                "{} integers of different signs: '{left}' and '{right}' can lead to undefined behavior",
                if *comparison {
                    "comparison of"
                } else {
                    "arithmetic on"
                },
            ),
            Self::ShiftAmount { operator, bits } => write!(
                f,
                "{operator} by {bits}: only the lowest six bits count, so this shifts by {}",
                bits & 63
            ),
            Self::Condition { context, found } => {
                write!(f, "Invalid condition in {context}: {}", type_name(found))
            }
            Self::VariableType { name, has, given } => write!(
                f,
                "Type mismatch for ${name}: trying to assign value of type '{}' when variable already has a type '{}'",
                type_name(given),
                type_name(has)
            ),
            Self::MapValueType { name, has, given } => write!(
                f,
                "Type mismatch for @{name}: trying to assign value of type '{}' when map already has a type '{}'",
                detailed(given, has),
                detailed(has, given)
            ),
            Self::MapKeyType { name, has, given } => write!(
                f,
                "Argument mismatch for @{name}: trying to access with arguments: '{}' when map expects arguments: '{}'",
                key_name(given),
                key_name(has)
            ),
            Self::MapKeyPresence {
                name,
                keyed_first: true,
            } => write!(
                f,
                "@{name} used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)"
            ),
            Self::MapKeyPresence {
                name,
                keyed_first: false,
            } => write!(
                f,
                "@{name} used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)"
            ),
            Self::NotComptime => f.write_str("this is not known when the script is compiled"),
            Self::NoAddress => f.write_str(
                "only variables, map entries and what a pointer leads to have an address",
            ),
            Self::NoMembers { found } => write!(f, "{} has no members", type_name(found)),
            Self::CannotCast { from, to } => {
                write!(
                    f,
                    "Cannot cast from \"{}\" to \"{}\"",
                    type_name(from),
                    type_name(to)
                )
            }
            Self::CannotStore { found, place } => {
                write!(f, "Value of type '{}' cannot be {place}", type_name(found))
            }
            Self::NotAnInteger { name, found } => write!(
                f,
                "Map value '@{name}' of type '{found}' can only be printed, not used as an integer"
            ),
            Self::NotATuple { found } => {
                write!(
                    f,
                    "Can not access index on expression of type '{}'",
                    type_name(found)
                )
            }
            Self::TupleIndex { index, length } => {
                write!(
                    f,
                    "Invalid tuple index: {index}. Found {length} elements in tuple."
                )
            }
            Self::ArrayIndex { index, length } => {
                write!(
                    f,
                    "the index {index} is out of bounds for array of size {length}"
                )
            }
            Self::NotIndexable { found } => write!(
                f,
                "The array index operator [] can only be used on arrays, pointers, and tuples, found {}.",
                type_name(found)
            ),
            Self::NotAMap => f.write_str("Only a map or a range can be walked by a for loop"),
            Self::BranchTypes { left, right } => write!(
                f,
                "Branches must return the same type or compatible types: have '{}' and '{}'",
                type_name(left),
                type_name(right)
            ),
            Self::DivisionByZero { remainder: false } => f.write_str("Division by zero"),
            Self::DivisionByZero { remainder: true } => f.write_str("Modulo by zero"),
            Self::LiteralTooLarge { value, ty } => write!(f, "{value} does not fit in {ty}"),

            Self::NotAssignable => {
                f.write_str("Only variables, maps and map entries can be assigned to")
            }
            Self::OutsideLoop { word } => write!(f, "{word} statement must be inside of a loop"),
            Self::UnrollCount { found: None } => {
                f.write_str("Invalid unroll value: not a constant")
            }
            Self::UnrollCount { found: Some(n) } if *n < 1 => {
                f.write_str("unroll minimum value is 1")
            }
            Self::UnrollCount { .. } => f.write_str("unroll maximum value is 100"),
            Self::ReturnValue => f.write_str("A probe returns no value"),
            Self::ReturnOfVoid => f.write_str("A void function returns no value"),
            Self::ReturnType { has, given } => write!(
                f,
                "The function returns {}, not {}",
                type_name(has),
                type_name(given)
            ),
            Self::NotAllReturn { name } => {
                write!(f, "Not all code paths of {name}() return a value")
            }
            Self::SubprogramRecursion { name } => write!(f, "Recursive call: {name}()"),
            Self::ParameterValue {
                name,
                given,
                expected,
            } => write!(f, "Invalid value for --{name}: '{given}' is not {expected}"),
            Self::LoopVariableMap { name } => write!(
                f,
                "@{name} has no explicit keys (scalar map), and cannot be used for iteration"
            ),
            Self::UnusedValue => f.write_str("Return value discarded."),
            Self::Unreachable { after } => write!(f, "Code after a '{after}' is unreachable."),

            Self::UnknownOption { name } => write!(f, "{name}: not a known configuration option"),
            Self::RenamedOption { old, new } => {
                write!(f, "{old} is deprecated and has changed to {new}")
            }
            Self::OptionValue { name, expected } => {
                write!(f, "Invalid value for {name}: expected {expected}")
            }
            Self::UnknownMapKind { name } => write!(f, "Invalid bpf map type: {name}"),
            Self::MapEntries => {
                f.write_str("The number of a map's entries must be a positive literal integer")
            }
            Self::MapKindUse {
                kind,
                aggregation: true,
            } => {
                write!(
                    f,
                    "Incompatible map types: a {kind} map cannot hold an aggregation"
                )
            }
            Self::MapKindUse {
                kind,
                aggregation: false,
            } => {
                write!(
                    f,
                    "Incompatible map types: a {kind} map can only hold an aggregation"
                )
            }
            Self::MapDeclaredTwice { name } => write!(f, "Redeclaration of existing map: @{name}"),
            Self::MapNeverUsed { name } => write!(f, "Unused map: @{name}"),

            Self::Import { path, reason } => write!(f, "Can't import '{path}': {reason}"),

            Self::MacroArguments {
                name,
                expected,
                given,
            } => write!(
                f,
                "Call to macro {name}() has wrong number of arguments. Expected: {expected} but got {given}"
            ),
            Self::MacroArgumentKind {
                name,
                parameter,
                expected,
            } => {
                write!(
                    f,
                    "Macro {name}() expects {expected} for its parameter {parameter}"
                )
            }
            Self::MacroRecursion { name } => write!(f, "Recursive macro call: {name}()"),
            Self::MacroSize => f.write_str("Macros expand to too large a script"),
        }
    }
}

/// A type as messages call it: how much a string can hold is no news to anybody.
pub(crate) fn type_name(ty: &Type) -> String {
    match ty {
        Type::String { .. } => "string".into(),
        Type::Buffer { .. } => "buffer".into(),
        Type::Tuple(members) => format!("({})", key_name(members)),
        Type::Void => "none".into(),
        other => other.to_string(),
    }
}

/// A type's name, with more of it if the name of the other is the same.
fn detailed(ty: &Type, other: &Type) -> String {
    match ty {
        Type::Aggregation(Aggregation::Hist { sub_bits: bits })
            if type_name(ty) == type_name(other) =>
        {
            format!("hist(n, {bits})")
        }
        Type::Aggregation(Aggregation::Lhist { min, max, step })
            if type_name(ty) == type_name(other) =>
        {
            format!("lhist(n, {min}, {max}, {step})")
        }
        _ => type_name(ty),
    }
}

fn key_name(types: &[Type]) -> String {
    types.iter().map(type_name).collect::<Vec<_>>().join(",")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn alternatives(forms: &[&str]) -> String {
    forms.join(" or ")
}
