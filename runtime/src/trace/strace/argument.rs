//! One argument of a call: its text becomes a word, and what it shows becomes memory.

use super::material::{Material, Moment};
use super::notes::{Kind, Notes};
use super::structure::Filler;
use super::{scan, word};
use trapline_lang::syscall::set;
use trapline_lang::syscall::shape::{Access, Pointee, Shape};
use trapline_lang::syscall::{Abi, ArgumentKind, Syscall};

/// Reads the arguments of a call.
pub(super) struct Reader<'a> {
    /// Whose call it is.
    pub(super) abi: Abi,
    /// The call.
    pub(super) syscall: &'static Syscall,
    /// Where memory goes.
    pub(super) material: &'a mut Material,
    /// Where what is not understood goes.
    pub(super) notes: &'a mut Notes,
}

/// Calls that fill the buffers of their structures.
const READING: &[&str] = &[
    "readv",
    "preadv",
    "preadv2",
    "recvmsg",
    "recvmmsg",
    "process_vm_readv",
];

/// Structures that print as the call leaves them, though it reads them first.
const PRINTED_AFTER: &[&str] = &["timex", "msghdr", "mmsghdr"];

/// Pointers of which the rows of `lang` do not say what lies behind: call, argument, what it shows, when it is so. The
/// rest of them is taken to show how the call left it.
#[rustfmt::skip]
static UNSHAPED: &[(&str, usize, &str, Moment)] = &[
    ("fcntl", 2, "flock", Moment::Both),
    ("fcntl64", 2, "flock", Moment::Both),
    ("clock_nanosleep", 3, "timespec", Moment::After),
    ("nanosleep", 1, "timespec", Moment::After),
    ("setsockopt", 3, "linger", Moment::Before),
    ("getsockopt", 3, "linger", Moment::After),
    ("seccomp", 2, "sock_fprog", Moment::Before),
    ("ioctl", 2, "winsize", Moment::After),
];

/// `PR_SET_NAME` (linux v6.12 include/uapi/linux/prctl.h).
pub(super) const PR_SET_NAME: u64 = 15;

impl Reader<'_> {
    /// The word of an argument. `words` are those in front of it.
    pub(super) fn word(&mut self, argument: usize, text: &[u8], words: &[u64; 6]) -> u64 {
        let Some(row) = self.syscall.shape_in(self.abi, argument) else {
            return self.number(text, None).unwrap_or(0);
        };
        let shape = self.syscall.dependent_shape(argument, words);
        match shape.unwrap_or(row.shape) {
            Shape::Memory { what, access, .. } => {
                if let Some(count) = variables(what, text) {
                    return self.environment(text, count);
                }
                match self.number(text, None) {
                    Some(address) => address,
                    None => self.memory(argument, text, what, access),
                }
            }
            Shape::Set(name) => match self.number(text, set::by_name(name)) {
                Some(number) => self.sized(argument, name, number),
                None => self.unshaped(argument, text, words),
            },
            Shape::Number | Shape::Address => match self.number(text, None) {
                Some(number) => self.sized(argument, "", number),
                None => self.unshaped(argument, text, words),
            },
        }
    }

    fn number(&mut self, text: &[u8], set: Option<&set::Set>) -> Option<u64> {
        let notes = &mut *self.notes;
        let mut unknown = |name: &str| notes.add(Kind::Constant(name.to_owned()));
        word::number(text, set, &mut unknown)
    }

    /// As the register holds it: of C's `int` the lower half only, which is what programs load.
    fn sized(&self, argument: usize, set: &str, number: u64) -> u64 {
        let is_int = set::by_name(set).is_some_and(|set| set.kind == set::Kind::Int);
        let narrow = matches!(self.abi, Abi::I386 | Abi::Arm) || is_int;
        let narrow = narrow || matches!(set, "fd" | "dirfd" | "pid");
        match self.syscall.args.get(argument).map(|known| known.kind) {
            Some(ArgumentKind::Int { bits: 16, .. }) => number & 0xffff,
            Some(ArgumentKind::Int { bits: ..=32, .. }) => number & 0xffff_ffff,
            _ if narrow => number & 0xffff_ffff,
            _ => number,
        }
    }

    /// When the memory of an argument is as it is shown.
    fn moment(&self, what: Pointee, access: Access) -> Moment {
        match (access, what) {
            (Access::In | Access::Lost, _) => Moment::Before,
            (Access::Out, _) => Moment::After,
            (Access::InOut, Pointee::Structure(name)) if PRINTED_AFTER.contains(&name) => {
                Moment::After
            }
            // What became of it stands behind the result.
            (Access::InOut, _) if super::detail::changes(self.syscall.name) => Moment::Before,
            (Access::InOut, _) => Moment::Both,
        }
    }

    fn memory(&mut self, argument: usize, text: &[u8], what: Pointee, access: Access) -> u64 {
        let moment = self.moment(what, access);
        let address = match what {
            Pointee::String => scan::string(text).map(|(bytes, _)| self.string(bytes, moment)),
            Pointee::Bytes => match scan::string(text) {
                Some((bytes, _)) => Some(self.material.place(&bytes, moment)),
                None => return self.unshaped_at(argument, text, moment),
            },
            Pointee::Strings | Pointee::Environment => self.strings(text, moment),
            Pointee::Structure(name) => self.structure(name, text, moment),
        };
        address.unwrap_or_else(|| {
            let name = match what {
                Pointee::Structure(name) => name.to_owned(),
                _ => self.name(argument),
            };
            self.not_understood(name)
        })
    }

    /// An address with nothing behind it.
    fn not_understood(&mut self, name: String) -> u64 {
        self.notes.add(Kind::Structure(name));
        self.material.reserve(0)
    }

    /// Call and argument, for people.
    fn name(&self, argument: usize) -> String {
        let shape = self.syscall.shape_in(self.abi, argument);
        let argument = shape.map_or("?", |shape| shape.name);
        format!("{} {argument}", self.syscall.name)
    }

    /// A string ends with a NUL, even where strace cut it: what is known of it is a string, too.
    fn string(&mut self, mut bytes: Vec<u8>, moment: Moment) -> u64 {
        bytes.push(0);
        self.material.place(&bytes, moment)
    }

    /// An array of pointers to strings.
    fn strings(&mut self, text: &[u8], moment: Moment) -> Option<u64> {
        let inner = scan::between(text, b'[', b']')?;
        let mut pointers = Vec::new();
        for element in scan::split(inner, b",").filter(|element| !element.is_empty()) {
            if element == b"..." {
                break;
            }
            let address = match scan::string(element) {
                Some((bytes, _)) => self.string(bytes, moment),
                None => self.number(element, None)?,
            };
            pointers.extend(address.to_le_bytes());
        }
        pointers.extend([0; 8]);
        Some(self.material.place(&self.words(&pointers), moment))
    }

    /// Words of the ABI, from words of 64 bits.
    fn words(&self, words: &[u8]) -> Vec<u8> {
        match self.abi {
            Abi::X86_64 | Abi::Aarch64 => words.to_vec(),
            Abi::I386 | Abi::X32 | Abi::Arm => words
                .chunks(8)
                .flat_map(|word| word.iter().take(4))
                .copied()
                .collect(),
        }
    }

    /// `0x7ffd /* 35 vars */`: so many pointers, to nowhere.
    fn environment(&mut self, text: &[u8], count: usize) -> u64 {
        let address = self.number(text, None).unwrap_or(0);
        let nowhere = self.material.reserve(0);
        let mut pointers = nowhere.to_le_bytes().repeat(count);
        pointers.extend([0; 8]);
        let pointers = self.words(&pointers);
        self.material.put(address, &pointers, Moment::Before);
        address
    }

    /// A structure; `{…} => {…}` and `[110 => 2]` show how it was before and how it is now.
    fn structure(&mut self, name: &str, text: &[u8], moment: Moment) -> Option<u64> {
        let name = name.split('[').next().unwrap_or(name);
        if let Some(at) = scan::find(text, b" => ") {
            let (before, after) = (text[..at].trim_ascii(), text[at + 4..].trim_ascii());
            let address = self.filler(Moment::Before).place(name, before)?;
            // What `clone3` gives back is not the structure, but what some of its members point to.
            if name != "clone_args" {
                self.filler(Moment::After)
                    .place_again(address, name, after)?;
            }
            return Some(address);
        }
        let inner = scan::between(text, b'[', b']');
        if let Some((inner, at)) =
            inner.and_then(|inner| Some((inner, scan::find(inner, b" => ")?)))
        {
            let (before, after) = (inner[..at].trim_ascii(), inner[at + 4..].trim_ascii());
            let address = self.filler(Moment::Before).place(name, before)?;
            self.filler(Moment::After)
                .place_again(address, name, after)?;
            return Some(address);
        }
        self.filler(moment).place(name, text)
    }

    fn filler(&mut self, moment: Moment) -> Filler<'_> {
        let reading = READING.contains(&self.syscall.name);
        Filler {
            abi: self.abi,
            material: self.material,
            notes: self.notes,
            moment,
            buffers: if reading { Moment::After } else { moment },
        }
    }

    /// What stands where no row says what it is.
    fn unshaped(&mut self, argument: usize, text: &[u8], words: &[u64; 6]) -> u64 {
        let sets_name = self.syscall.name == "prctl" && words[0] == PR_SET_NAME;
        let moment = if sets_name {
            Moment::Before
        } else {
            Moment::After
        };
        self.unshaped_at(argument, text, moment)
    }

    fn unshaped_at(&mut self, argument: usize, text: &[u8], moment: Moment) -> u64 {
        if let Some((bytes, _)) = scan::string(text) {
            return self.string(bytes, moment);
        }
        let own =
            |row: &&(&str, usize, &str, Moment)| row.0 == self.syscall.name && row.1 == argument;
        let known = UNSHAPED.iter().find(own);
        let (name, moment) = match known {
            _ if text.starts_with(b"[") && is_number(text) => ("int", moment),
            Some((_, _, name, moment)) => (*name, *moment),
            None => return self.not_understood(self.name(argument)),
        };
        // Structures of many kinds may stand here; only those with the members of the known one are that.
        let fits = name == "int" || self.fits(name, text);
        let address = if fits {
            self.structure(name, text, moment)
        } else {
            None
        };
        address.unwrap_or_else(|| self.not_understood(self.name(argument)))
    }

    fn fits(&self, name: &str, text: &[u8]) -> bool {
        let layout = super::layout::by_name(name, self.abi);
        let first = layout.and_then(|layout| layout.members.first());
        first.is_some_and(|first| {
            let start = text
                .strip_prefix(b"{")
                .and_then(|text| text.strip_prefix(first.name.as_bytes()));
            start.is_some_and(|rest| rest.starts_with(b"="))
        })
    }
}

/// How many variables an environment has that is not shown itself.
fn variables(what: Pointee, text: &[u8]) -> Option<usize> {
    if what != Pointee::Environment {
        return None;
    }
    let at = text.windows(3).position(|text| text == b"/* ")?;
    let rest = &text[at + 3..];
    let end = rest.iter().position(|byte| *byte == b' ')?;
    let count = word::literal(&rest[..end])?;
    usize::try_from(count)
        .ok()
        .filter(|count| *count <= MOST_VARIABLES)
}

/// More variables than this are not counted.
const MOST_VARIABLES: usize = 65_536;

/// `[5]`, `[ECONNREFUSED]`: one number.
fn is_number(text: &[u8]) -> bool {
    let inner = scan::between(text, b'[', b']').unwrap_or(b"");
    word::number(inner, None, &mut |_| {}).is_some()
}
