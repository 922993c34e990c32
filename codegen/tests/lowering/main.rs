//! What HIR means: scripts are compiled, loaded into the kernel and run there; their maps and records
//! show what they computed. Needs root and a kernel that allows BPF.

mod aggregations;
mod calls;
mod events;
mod expressions;
mod kernel;
mod maps;
mod records;
mod script;
mod statements;
