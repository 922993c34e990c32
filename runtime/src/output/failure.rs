//! What people are told of failures in the kernel: bpftrace's sentences.

use std::io;
use trapline_codegen::object::{Failure, HelperName};
use trapline_lang::diagnostic::Diagnostic;
use trapline_lang::diagnostic::kind::{AnalysisKind, Kind};
use trapline_lang::diagnostic::render::{Style, render};
use trapline_lang::source::{Source, Span};

/// What happened, in one sentence.
pub(super) fn sentence(failure: Failure, returned: i64) -> String {
    match failure {
        Failure::DivisionByZero => {
            "Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the \
             result."
                .into()
        }
        Failure::Helper(HelperName::MapLookupElem) if returned == 0 => {
            "Can't lookup map element because it does not exist.".into()
        }
        Failure::Helper(_) => {
            let errno = i32::try_from(returned.unsigned_abs()).unwrap_or(i32::MAX);
            let text = io::Error::from_raw_os_error(errno).to_string();
            // The number follows.
            let end = text.find(" (os error").unwrap_or(text.len());
            text[..end].to_owned()
        }
    }
}

/// The warning with its place, as the compiler shows its own.
pub(super) fn shown(
    sentence: &str,
    failure: Failure,
    returned: i64,
    source: &Source,
    span: Span,
) -> String {
    let mut message = sentence.to_owned();
    if let Failure::Helper(helper) = failure {
        let helper = helper.name();
        message += &format!("\nAdditional Info - helper: {helper}, retcode: {returned}");
    }
    let kind = Kind::Analysis(AnalysisKind::Failed { message });
    render(&Diagnostic::warning(kind, span), source, Style::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_shown_where_it_was_read() {
        let source = Source::new("stdin", "BEGIN { print(@x[2]); @x[1] = 1; }");
        let span = Span { start: 14, end: 19 };
        let failure = Failure::Helper(HelperName::MapLookupElem);
        let shown = shown(&sentence(failure, 0), failure, 0, &source, span);
        let expected = "\
stdin:1:15-20: WARNING: Can't lookup map element because it does not exist.
Additional Info - helper: map_lookup_elem, retcode: 0
BEGIN { print(@x[2]); @x[1] = 1; }
              ~~~~~
";
        assert_eq!(shown.trim_end(), expected.trim_end());
    }

    #[test]
    fn errors_of_helpers_have_the_text_of_their_number() {
        let failure = Failure::Helper(HelperName::ProbeReadUser);
        assert_eq!(sentence(failure, -14), "Bad address");
    }
}
