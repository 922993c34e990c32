//! Makes system calls whose number is known exactly, for cases to count.
//!
//!     workload getppid THREADS COUNT    COUNT calls of getppid in each of THREADS threads
//!     workload compat COUNT             COUNT calls of the 32-bit getpid (number 20, which is writev in 64 bits)
//!     workload x32 COUNT               COUNT calls of getpid with the bit of x32, which kernels without x32 refuse
//!     workload keys THREADS COUNT       each thread calls lseek on descriptors 1000 to 1000 + COUNT, all at the same time
//!     workload spin MILLISECONDS        no system calls, a busy processor

use std::arch::asm;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const GETPPID: u64 = 110;
const LSEEK: u64 = 8;
/// `getpid` of x32: bit 30 beside its number.
const X32_GETPID: u64 = 0x4000_0000 | 39;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| words.get(index).and_then(|word| word.parse::<u64>().ok()).unwrap_or_else(|| usage());
    match words.first().map(String::as_str) {
        Some("getppid") => on_threads(number(1), || (0..number(2)).for_each(|_| call(GETPPID, 0))),
        Some("keys") => on_threads(number(1), || (0..number(2)).for_each(|key| call(LSEEK, 1000 + key))),
        Some("x32") => (0..number(1)).for_each(|_| call(X32_GETPID, 0)),
        Some("compat") => (0..number(1)).for_each(|_| compat_getpid()),
        Some("spin") => {
            let end = Instant::now() + Duration::from_millis(number(1));
            while Instant::now() < end {}
        }
        _ => usage(),
    }
}

fn usage() -> ! {
    eprintln!("usage: workload getppid|keys THREADS COUNT | compat|x32 COUNT | spin MILLISECONDS");
    std::process::exit(2)
}

fn on_threads(threads: u64, work: impl Fn() + Sync) {
    let start = Barrier::new(threads as usize);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                start.wait();
                work();
            });
        }
    });
}

/// A call with one argument that may fail; the rest are zero.
fn call(number: u64, first: u64) {
    // SAFETY: neither call touches memory.
    unsafe {
        asm!("syscall", inlateout("rax") number => _, in("rdi") first, in("rsi") 0, in("rdx") 0,
             lateout("rcx") _, lateout("r11") _, options(nostack));
    }
}

/// `getpid` through the door for 32-bit programs, which is open to 64-bit ones too.
fn compat_getpid() {
    // SAFETY: the call takes no arguments and touches no memory; the kernel may clear r8 to r11.
    unsafe {
        asm!("int 0x80", inlateout("rax") 20u64 => _, lateout("r8") _, lateout("r9") _, lateout("r10") _,
             lateout("r11") _, options(nostack));
    }
}
