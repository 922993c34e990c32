//! A call: its name and the texts of its arguments become a number, six words and memory.
//!
//! strace does not print all arguments of all calls in the kernel's order; which argument stands where is said here, the
//! inverse of the rules that `decode/call/rule` prints by.

use super::argument::Reader;
use super::material::Material;
use super::notes::{Kind, Notes};
use super::{structure, word};
use trapline_lang::syscall::shape::Fate;
use trapline_lang::syscall::{self, Abi, Syscall};

/// A call, without when and by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// Whose number.
    pub(super) abi: Abi,
    /// The number.
    pub(super) number: u32,
    /// What it is; `None` if the table does not have the number.
    pub(super) syscall: Option<&'static Syscall>,
}

/// The call of a name in an ABI; if that has none, in one that the same kernel serves.
pub(super) fn by_name(name: &str, abi: Abi, native: Abi) -> Option<Call> {
    if let Some(number) = name.strip_prefix("syscall_0x") {
        let number = u32::from_str_radix(number, 16).ok()?;
        let syscall = syscall::by_number(abi, number);
        return Some(Call {
            abi,
            number,
            syscall,
        });
    }
    let known = syscall::by_name(name)?;
    let abis = [abi, native]
        .into_iter()
        .chain(native.compat().iter().copied());
    let (abi, number) = abis
        .map(|abi| (abi, syscall::number(abi, known)))
        .find_map(|(abi, number)| Some((abi, number?)))?;
    Some(Call {
        abi,
        number,
        syscall: syscall::by_number(abi, number),
    })
}

impl Call {
    /// It makes another thread or process.
    pub(super) fn makes_thread(&self) -> bool {
        self.fate() == Some(Fate::ReturnsInChild)
    }

    /// It has arguments.
    pub(super) fn takes_arguments(&self) -> bool {
        self.syscall.is_none_or(|syscall| !syscall.args.is_empty())
    }

    /// It replaces the program.
    pub(super) fn replaces_program(&self) -> bool {
        self.fate() == Some(Fate::LosesArguments)
    }

    fn fate(&self) -> Option<Fate> {
        self.syscall.map(|syscall| syscall.semantics().fate)
    }

    /// The words of the call, and in `material` its memory.
    pub(super) fn words(
        &self,
        parts: &[&[u8]],
        material: &mut Material,
        notes: &mut Notes,
    ) -> [u64; 6] {
        let mut words = [0; 6];
        let Some(syscall) = self.syscall else {
            for (word, part) in words.iter_mut().zip(parts) {
                *word = word::number(part, None, &mut |_| {}).unwrap_or(0);
            }
            return words;
        };
        material.of(self.abi);
        let mut reader = Reader {
            abi: self.abi,
            syscall,
            material,
            notes,
        };
        for (position, part) in parts.iter().enumerate() {
            let (place, text) = place(syscall, position, parts.len(), part, &words);
            if place < syscall.args.len() && place < words.len() {
                words[place] = reader.word(place, text, &words);
            } else if !SHOWS_MORE.contains(&syscall.name) {
                reader.notes.add(Kind::ExtraArgument);
            }
        }
        words
    }
}

/// Calls that strace shows something of that is no argument: `rt_sigreturn({mask=[]})`,
/// `restart_syscall(<... resuming interrupted nanosleep ...>)`.
const SHOWS_MORE: &[&str] = &["rt_sigreturn", "sigreturn", "restart_syscall"];

/// Which argument a text is, and the text without its name.
fn place<'a>(
    syscall: &Syscall,
    position: usize,
    count: usize,
    text: &'a [u8],
    words: &[u64; 6],
) -> (usize, &'a [u8]) {
    if let (Some(label), value) = structure::label(text)
        && let Some(place) = named(syscall, label)
    {
        return (place, value);
    }
    let order = match syscall.name {
        "futex" | "futex_time64" => futex_order(words[1]),
        // The two halves of the offset are one number.
        "preadv2" | "pwritev2" if count == 5 => Some(&[0, 1, 2, 3, 5][..]),
        _ => None,
    };
    let place = order.and_then(|order| order.get(position).copied());
    (place.unwrap_or(position), text)
}

/// Names that strace gives to arguments of `clone`; the last two change places between architectures.
const LABELS: &[(&str, &str)] = &[
    ("child_stack", "newsp"),
    ("flags", "clone_flags"),
    ("parent_tid", "parent_tidptr"),
    ("parent_tidptr", "parent_tidptr"),
    ("child_tidptr", "child_tidptr"),
    ("tls", "tls"),
    ("tls", "tls_val"),
];

/// The argument of a name: strace's, the kernel's or the manual page's.
fn named(syscall: &Syscall, label: &[u8]) -> Option<usize> {
    let kernel = |name: &[u8]| {
        syscall
            .args
            .iter()
            .position(|known| known.name.as_bytes() == name)
    };
    let clone = || {
        let rows = LABELS.iter().filter(|(known, _)| known.as_bytes() == label);
        rows.map(|(_, name)| name.as_bytes()).find_map(kernel)
    };
    let manual = || {
        (0..syscall.args.len()).find(|argument| {
            let shape = syscall.shape(*argument);
            shape.is_some_and(|shape| shape.name.as_bytes() == label)
        })
    };
    let own = if syscall.name == "clone" {
        clone()
    } else {
        None
    };
    own.or_else(|| kernel(label)).or_else(manual)
}

/// The arguments of `futex` that print, by its operation (linux v6.12 include/uapi/linux/futex.h).
fn futex_order(operation: u64) -> Option<&'static [usize]> {
    const PRIVATE_AND_CLOCK: u64 = 128 | 256;
    match operation & !PRIVATE_AND_CLOCK {
        6 | 13 => Some(&[0, 1, 3]),
        9 => Some(&[0, 1, 2, 3, 5]),
        10 => Some(&[0, 1, 2, 5]),
        _ => None,
    }
}
