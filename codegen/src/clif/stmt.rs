//! Statements.

use super::build::Mem;
use super::lower::{Lower, Result, Returns, VarStorage};
use super::memory::Padding;
use crate::helper;
use cranelift_codegen::ir::Value;
use trapline_lang::hir::{Action, Expr, ExprKind, Place, Stmt, StmtKind, VarId};

/// Whether what follows a statement can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It can.
    Goes,
    /// It cannot.
    Ends,
}

impl<'s> Lower<'_, 's, '_> {
    /// Lowers statements up to the first that ends their block.
    pub(crate) fn body(&mut self, body: &'s [Stmt]) -> Result<Flow> {
        for stmt in body {
            let mark = self.mark();
            self.b.set_span(stmt.span);
            let flow = self.statement(stmt)?;
            self.release(&mark);
            if flow == Flow::Ends {
                return Ok(Flow::Ends);
            }
        }
        Ok(Flow::Goes)
    }

    fn statement(&mut self, stmt: &'s Stmt) -> Result<Flow> {
        match &stmt.kind {
            StmtKind::Expr(expr) => self.discard(expr)?,
            StmtKind::SetVar(var, value) => self.set_var(*var, value)?,
            StmtKind::SetMap { map, key, value } => self.set_map(*map, key, value)?,
            StmtKind::UpdateMap {
                map,
                key,
                op,
                value,
            } => self.update_map(*map, key, *op, value)?,
            StmtKind::Aggregate { map, key, value } => {
                self.aggregate(*map, key, value.as_ref())?;
            }
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => return self.if_statement(condition, then, otherwise),
            StmtKind::While { condition, body } => self.while_loop(condition, body, stmt.span)?,
            StmtKind::ForRange {
                var,
                start,
                end,
                body,
            } => self.range_loop(*var, start, end, body, stmt.span)?,
            StmtKind::ForMap { var, map, body } => self.map_loop(*var, *map, body, stmt.span)?,
            StmtKind::Break => {
                self.end_iteration(1);
                return Ok(Flow::Ends);
            }
            StmtKind::Continue => {
                self.end_iteration(0);
                return Ok(Flow::Ends);
            }
            StmtKind::Return => {
                self.return_();
                return Ok(Flow::Ends);
            }
            StmtKind::Trace { format, args } => self.trace(format, args)?,
            StmtKind::Action(action) => {
                self.action(action, stmt.span)?;
                if matches!(action, Action::Exit(_)) {
                    self.leave();
                    return Ok(Flow::Ends);
                }
            }
        }
        Ok(Flow::Goes)
    }

    fn if_statement(
        &mut self,
        condition: &'s Expr,
        then: &'s [Stmt],
        otherwise: &'s [Stmt],
    ) -> Result<Flow> {
        let (yes, no, after) = (self.b.block(), self.b.block(), self.b.block());
        self.branch_on(condition, yes, no)?;
        let mut flow = Flow::Ends;
        for (block, body) in [(yes, then), (no, otherwise)] {
            self.b.switch_to(block);
            if self.scoped(|lower| lower.body(body))? == Flow::Goes {
                flow = Flow::Goes;
            }
            // Where the body ended, this is a block that nothing reaches.
            self.b.jump(after);
        }
        self.b.switch_to(after);
        Ok(flow)
    }

    /// Lowers the body of a subprogram; its returns lead behind it.
    pub(crate) fn inline(&mut self, body: &'s [Stmt]) -> Result<()> {
        let after = self.b.block();
        let outer = self.returns;
        self.returns = Returns::To(after);
        self.scoped(|lower| lower.body(body))?;
        self.returns = outer;
        self.b.jump(after);
        self.b.switch_to(after);
        Ok(())
    }

    /// Prints into the kernel's trace buffer.
    fn trace(&mut self, format: &[u8], args: &'s [Expr]) -> Result<()> {
        let size = format.len() as u32 + 1;
        let text = Mem::data(self.module.rodata.literal(format, size));
        let none = self.b.int(0);
        let mut values = [none; 3];
        for (value, arg) in values.iter_mut().zip(args) {
            *value = if arg.ty.is_scalar() {
                self.scalar(arg)?
            } else {
                let memory = self.memory_of(arg, Padding::Loose)?;
                self.b.address(memory)
            };
        }
        let (text, size) = (self.b.address(text), self.b.int(size.into()));
        let [first, second, third] = values;
        self.b
            .call(helper::TRACE_PRINTK, &[text, size, first, second, third]);
        Ok(())
    }

    /// Runs an expression for its effects.
    fn discard(&mut self, expr: &'s Expr) -> Result<()> {
        match &expr.kind {
            ExprKind::Step {
                target: Place::Map { map, key },
                by,
                ..
            } => {
                let by = self.b.int(*by);
                self.add_to_map(*map, key, by)?;
            }
            ExprKind::Block(body, value) => {
                if self.body(body)? == Flow::Goes {
                    self.discard(value)?;
                }
            }
            _ if expr.ty == trapline_lang::types::Type::Void || expr.ty.is_scalar() => {
                self.scalar(expr)?;
            }
            _ => {
                self.memory(expr)?;
            }
        }
        Ok(())
    }

    fn set_var(&mut self, var: VarId, value: &'s Expr) -> Result<()> {
        match self.var(var) {
            VarStorage::Register(register) => {
                let value = self.scalar(value)?;
                self.b.set(register, value);
            }
            VarStorage::Scratch(offset) => {
                if value.ty.is_scalar() {
                    let value = self.scalar(value)?;
                    self.set_scratch_word(offset, value);
                    return Ok(());
                }
                // The variable may be part of its own new value.
                let from = self.memory_of(value, Padding::Zeroed)?;
                let to = self.scratch_at(offset);
                self.copy_value(to, from, &value.ty);
            }
        }
        Ok(())
    }

    /// Sets a scalar variable that lives in scratch memory.
    pub(crate) fn set_scratch_word(&mut self, offset: u32, value: Value) {
        let to: Mem = self.scratch_at(offset);
        self.b.store_word(to, value);
    }
}
