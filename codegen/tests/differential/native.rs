//! The same Cranelift IR as native code, with helpers imitated.

#![expect(
    unsafe_code,
    reason = "native code and its helpers hand pointers to each other"
)]

use cranelift_codegen::ir::Function;
use trapline_codegen::helper;
use trapline_codegen::namespace::EngineCall;
use trapline_codegen::native::{self, Helpers, NativeCode};

/// Bytes of the one value that every map has.
const VALUE_SIZE: usize = 512;

thread_local! {
    static VALUE: std::cell::UnsafeCell<[u64; VALUE_SIZE / 8]> =
        const { std::cell::UnsafeCell::new([0; VALUE_SIZE / 8]) };
}

extern "C" fn map_lookup(_map: u64, _key: u64) -> *mut u64 {
    VALUE.with(|value| value.get().cast())
}

extern "C" fn pid_tgid() -> u64 {
    1
}

extern "C" fn probe_read_kernel(to: *mut u8, size: u64, from: *const u8) -> u64 {
    // SAFETY: test programs copy between stack slots of their own, of at least `size` bytes.
    unsafe { std::ptr::copy(from, to, size as usize) };
    0
}

struct Imitated;

impl Helpers for Imitated {
    fn helper(&self, number: u32) -> Option<*const u8> {
        match number {
            helper::MAP_LOOKUP_ELEM => Some(map_lookup as *const u8),
            helper::GET_CURRENT_PID_TGID => Some(pid_tgid as *const u8),
            helper::PROBE_READ_KERNEL => Some(probe_read_kernel as *const u8),
            _ => None,
        }
    }

    fn engine(&self, _call: EngineCall) -> Option<*const u8> {
        None
    }

    fn copy(&self) -> *const u8 {
        probe_read_kernel as *const u8
    }

    fn copy_string(&self) -> *const u8 {
        panic!("test programs copy no strings")
    }
}

/// Functions that can be called.
pub(crate) struct Native(NativeCode);

impl Native {
    pub(crate) fn run(&self, index: usize, args: &[u64; 4]) -> u32 {
        let context = args.as_ptr().cast_mut().cast();
        // SAFETY: test programs only read their four words; the one value is as large as all maps'.
        unsafe { self.0.run(index, context) as u32 }
    }
}

/// Compiles programs.
pub(crate) fn compile(functions: &[Function]) -> Native {
    let code = native::compile(functions.to_vec(), Vec::new(), &[], &Imitated);
    Native(code.unwrap_or_else(|error| panic!("{error}")))
}
