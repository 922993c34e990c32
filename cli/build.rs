//! Has the linker leave out of release builds what nobody reads.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=link/no-unwinding.ld");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    // Other profiles unwind; other targets have linkers that were not tried.
    let tried = is("CARGO_CFG_TARGET_ARCH", "x86_64") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is("PROFILE", "release") || !tried {
        return;
    }
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/link/no-unwinding.ld");
    println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
    // Addresses that the loader corrects take a tenth of the room so. Older linkers ignore it.
    println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
}
