//! The parser that pest makes of `grammar.pest`. Nothing of it leaves [`crate::parse`].

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "grammar.pest"]
pub(super) struct Grammar;
