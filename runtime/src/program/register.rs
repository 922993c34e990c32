//! Registers by name: where they lie in `struct pt_regs`.

/// linux v6.12 arch/x86/include/asm/ptrace.h; the names that `reg()` and assemblers have for a register.
#[cfg(not(target_arch = "aarch64"))]
const REGISTERS: &[(u32, &[&str])] = &[
    (0, &["r15", "r15d", "r15w", "r15b"]),
    (8, &["r14", "r14d", "r14w", "r14b"]),
    (16, &["r13", "r13d", "r13w", "r13b"]),
    (24, &["r12", "r12d", "r12w", "r12b"]),
    (32, &["bp", "rbp", "ebp", "bpl"]),
    (40, &["bx", "rbx", "ebx", "bl"]),
    (48, &["r11", "r11d", "r11w", "r11b"]),
    (56, &["r10", "r10d", "r10w", "r10b"]),
    (64, &["r9", "r9d", "r9w", "r9b"]),
    (72, &["r8", "r8d", "r8w", "r8b"]),
    (80, &["ax", "rax", "eax", "al"]),
    (88, &["cx", "rcx", "ecx", "cl"]),
    (96, &["dx", "rdx", "edx", "dl"]),
    (104, &["si", "rsi", "esi", "sil"]),
    (112, &["di", "rdi", "edi", "dil"]),
    (120, &["orig_ax"]),
    (128, &["ip", "rip"]),
    (136, &["cs"]),
    (144, &["flags"]),
    (152, &["sp", "rsp", "esp", "spl"]),
    (160, &["ss"]),
];

/// Where a register lies in `struct pt_regs`.
#[cfg(not(target_arch = "aarch64"))]
pub(crate) fn offset(name: &str) -> Option<u32> {
    let found = REGISTERS.iter().find(|(_, names)| names.contains(&name));
    found.map(|(offset, _)| *offset)
}

/// Where a register lies in `struct user_pt_regs` (linux v6.12 arch/arm64/include/uapi/asm/ptrace.h).
#[cfg(target_arch = "aarch64")]
pub(crate) fn offset(name: &str) -> Option<u32> {
    match name {
        "sp" => Some(248),
        "pc" => Some(256),
        "pstate" => Some(264),
        _ => {
            let number: u32 = name.strip_prefix(['r', 'x', 'w'])?.parse().ok()?;
            (number <= 30).then_some(number * 8)
        }
    }
}
