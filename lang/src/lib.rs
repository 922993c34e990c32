//! The front end of Trapline: script text and a [`catalog::Catalog`] of probes in, typed
//! [`hir::Script`] or [`diagnostic::Diagnostic`]s out.
//!
//! Nothing here reads files, the environment, the clock or the kernel: whatever the script needs to
//! know of the machine comes through the [`catalog::Catalog`] and [`analyze::Options`].
//!
//! The passes, in order: [`parse::parse`] → [`analyze::analyze`].

#![forbid(unsafe_code)]

pub mod analyze;
pub mod ast;
pub mod builtin;
pub mod catalog;
pub mod constant;
pub mod counter;
pub mod ctypes;
pub mod diagnostic;
pub mod dump;
pub mod engine;
pub mod format;
pub mod function;
pub mod hir;
pub mod hir_dump;
pub mod import;
pub mod parse;
pub mod printf;
pub mod provider;
pub mod rewrite;
pub mod source;
pub mod syscall;
pub mod types;
