//! From HIR to Cranelift IR: the only module that knows what the language means.

pub mod optimize;
