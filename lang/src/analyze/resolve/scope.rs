//! Scratch variables: which name means which variable, block by block.

use super::super::tree::{FieldUse, Variable};
use crate::hir::VarId;
use crate::source::Span;
use std::collections::HashMap;

/// What is known inside a probe.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// All variables of the probe so far.
    pub(super) vars: Vec<Variable>,
    /// The blocks that are open, outermost first.
    blocks: Vec<HashMap<String, VarId>>,
    /// How many loops are open.
    pub(super) loops: u32,
    /// Uses of `args.name`.
    pub(super) fields: Vec<FieldUse>,
    /// First use of `args` as a whole.
    pub(super) whole_args: Option<Span>,
    /// `uaddr()` is used.
    pub(super) wants_load_address: bool,
}

/// What the body of a subprogram does not see.
#[derive(Debug)]
pub(super) struct Outside {
    blocks: Vec<HashMap<String, VarId>>,
    loops: u32,
}

impl Scope {
    /// Opens a block.
    pub(super) fn open(&mut self) {
        self.blocks.push(HashMap::new());
    }

    /// Closes the innermost block: its variables are gone.
    pub(super) fn close(&mut self) {
        self.blocks.pop();
    }

    /// Hides all variables and loops; what is given back shows them again.
    pub(super) fn enter_function(&mut self) -> Outside {
        Outside {
            blocks: std::mem::replace(&mut self.blocks, vec![HashMap::new()]),
            loops: std::mem::take(&mut self.loops),
        }
    }

    /// Shows what [`Self::enter_function`] hid.
    pub(super) fn leave_function(&mut self, outside: Outside) {
        self.blocks = outside.blocks;
        self.loops = outside.loops;
    }

    /// The variable that a name means here.
    pub(super) fn find(&self, name: &str) -> Option<VarId> {
        self.blocks
            .iter()
            .rev()
            .find_map(|block| block.get(name).copied())
    }

    /// Makes a variable in the innermost block.
    pub(super) fn declare(&mut self, name: &str, span: Span) -> VarId {
        let id = VarId(self.vars.len() as u32);
        self.vars.push(Variable {
            name: name.to_owned(),
            span,
        });
        if let Some(block) = self.blocks.last_mut() {
            block.insert(name.to_owned(), id);
        }
        id
    }

    /// The names that can be used here.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.blocks
            .iter()
            .flat_map(HashMap::keys)
            .map(String::as_str)
    }
}
