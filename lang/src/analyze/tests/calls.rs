//! Every system call of the table, with every argument.

use super::{Options, run};
use crate::diagnostic::Severity;
use crate::syscall::shape::Shape;
use crate::syscall::{self, Abi};
use std::fmt::Write;

#[test]
fn every_argument_of_every_call_prints_and_is_a_key() {
    for (_, call) in syscall::all(Abi::X86_64) {
        let mut body = String::from("print(args);");
        for (at, argument) in call.args.iter().enumerate() {
            let known = call.shape(at).expect("an argument has a shape");
            let name = known.name;
            let _ = write!(
                body,
                "print(args.{}); printf(\"%s\", args.{name}); @a{at}[args.{name}] = count();",
                argument.name
            );
            if matches!(known.shape, Shape::Set("fd" | "dirfd")) {
                let _ = write!(body, "print(args.{name}.path);");
            }
        }
        for moment in ["", ":enter"] {
            let script = format!("syscall:{}{moment} {{ {body} }}", call.name);
            let (_, analysis) = run(&script, &Options::default());
            let errors = analysis.diagnostics.iter();
            let errors = errors.filter(|report| report.severity == Severity::Error);
            let errors: Vec<_> = errors.map(|report| report.kind.to_string()).collect();
            assert!(errors.is_empty(), "{script}: {errors:?}");
        }
    }
}
