//! Runs scripts without the kernel's BPF: events in, records and maps out.
//!
//! [`Machine`] holds a script as code of this machine, with [`store`] for its maps and [`helper`] for what BPF has helpers
//! for. The engines [`crate::ptrace`] and [`crate::replay`] tell it of events; it pairs beginnings and ends of calls,
//! and knows nothing of where events come from.

#![expect(
    unsafe_code,
    reason = "programs and what they call hand pointers to each other"
)]

mod context;
mod family;
mod helper;
mod machine;
mod maps;
mod names;
mod pairing;
mod reach;
mod ring;
mod state;
mod store;
mod timer;

pub use family::Family;
pub use machine::Machine;
