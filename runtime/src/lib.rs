//! The runtime of Trapline: a compiled [`trapline_codegen::object::Object`] in, printed results out.
//!
//! [`engine::Engine`] runs programs and keeps maps; [`kernel`] is the one that uses BPF. [`session`] drives
//! an engine from attach to the last printed map. [`decode`] turns bytes into [`value::Value`]s by the
//! manifest; [`output`] prints them as text or JSON. [`catalog`] tells the front end which probes exist.

#![deny(unsafe_code)]

pub mod catalog;
pub mod cgroup;
pub mod child;
mod command;
pub mod decode;
pub mod engine;
pub mod kernel;
pub mod native;
pub mod output;
pub mod process;
pub mod program;
pub mod ptrace;
pub mod regex;
pub mod replay;
pub mod session;
mod slot;
pub mod symbol;
pub mod trace;
pub mod trial;
pub mod value;
mod wait;
mod witness;
