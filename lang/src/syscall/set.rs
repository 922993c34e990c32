//! Sets of named numbers: a number in, the names that strace prints out.
//!
//! A set says how numbers of one kind print: flags joined by `|`, one name of several, octal, a file descriptor.
//! [`crate::types::Type::Named`] and [`super::shape::Shape::Set`] name them.

mod rows;

use std::collections::HashMap;
use std::sync::LazyLock;

/// A set of named numbers.
#[derive(Debug)]
pub struct Set {
    /// What rows of other tables call it: `open_flags`.
    pub name: &'static str,
    /// How its numbers print.
    pub kind: Kind,
    /// Names and values; of several names with one value the first prints.
    pub rows: &'static [(&'static str, i64)],
}

/// How the numbers of a set print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As names joined by `|`; what is left over in hexadecimal.
    Flags,
    /// The same, where these bits hold one of several values of their own (`O_ACCMODE`), which is named even if it
    /// is 0.
    FlagsWithField(u64),
    /// The same, with a signal in the lowest eight bits, which prints last (`clone`).
    FlagsAndSignal,
    /// The same, with permissions in the lowest nine bits, which print last, in octal (`shmget`).
    FlagsAndMode,
    /// As one name; other numbers in decimal.
    Values,
    /// The same, of the lowest 32 bits, which have a sign: what C calls `int`, however the kernel declares it.
    Int,
    /// As one name; other numbers in hexadecimal.
    HexValues,
    /// In octal, with a leading 0.
    Octal,
    /// The mode of a new file: its type by name, the rest in octal (`mknod`).
    FileMode,
    /// The number of a device: `makedev(0x1, 0x3)`.
    Device,
    /// As one name; other numbers by their parts, as `_IOC` joins them.
    Ioctl,
    /// A class of input and output, and a priority in it.
    IoPriority,
    /// A command, and in the lowest eight bits the kind of quota that it is for.
    QuotaCommand,
    /// In hexadecimal.
    Hex,
    /// Error numbers by name.
    Errno,
    /// Signals by name.
    Signal,
    /// Nanoseconds; -1: not known, which prints as `?`.
    Nanoseconds,
}

/// The set of a name.
pub fn by_name(name: &str) -> Option<&'static Set> {
    static INDEX: LazyLock<HashMap<&str, &Set>> =
        LazyLock::new(|| all().map(|set| (set.name, set)).collect());
    INDEX.get(name).copied()
}

/// Every set.
pub fn all() -> impl Iterator<Item = &'static Set> {
    rows::GROUPS.iter().copied().flatten()
}

/// Every set whose names are constants of headers: not those of Trapline's own words.
pub fn constants() -> impl Iterator<Item = &'static Set> {
    all().filter(|set| set.name != "abi")
}

impl Set {
    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<i64> {
        let row = self.rows.iter().find(|(other, _)| *other == name);
        row.map(|(_, value)| *value).or_else(|| match self.kind {
            Kind::Errno => super::errno::by_name(name).map(i64::from),
            Kind::Signal => super::signal::by_name(name).map(i64::from),
            _ => None,
        })
    }

    /// The names of its numbers.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let (name, end): (fn(u32) -> Option<&'static str>, u32) = match self.kind {
            Kind::Errno => (super::errno::name, 4096),
            Kind::Signal => (super::signal::name, 65),
            _ => (|_| None, 0),
        };
        let rows = self.rows.iter().map(|(name, _)| *name);
        rows.chain((0..end).filter_map(name))
    }

    /// A number as the set prints it: `O_RDONLY|O_CLOEXEC`.
    pub fn format(&self, number: i64) -> String {
        match self.kind {
            Kind::Flags => self.flags(bits(number), None),
            Kind::FlagsWithField(field) => self.flags(bits(number), Some(field)),
            Kind::FlagsAndSignal => self.flags_and_signal(bits(number)),
            Kind::FlagsAndMode => self.flags_and_mode(bits(number)),
            Kind::Values => self.value(number).unwrap_or_else(|| number.to_string()),
            Kind::Int => {
                let number = i64::from(number as i32);
                self.value(number).unwrap_or_else(|| number.to_string())
            }
            Kind::HexValues => self.value(number).unwrap_or_else(|| hex(bits(number))),
            Kind::Octal => octal(number as u64),
            Kind::Ioctl => self.value(number).unwrap_or_else(|| ioctl(number as u32)),
            Kind::FileMode => file_mode(number as u64),
            Kind::Device => device(number as u64),
            Kind::IoPriority => self.io_priority(number as u64),
            Kind::QuotaCommand => self.quota_command(number),
            Kind::Hex => hex(number as u64),
            Kind::Errno => match u32::try_from(number).ok().and_then(super::errno::name) {
                Some(name) => name.to_owned(),
                None => number.to_string(),
            },
            Kind::Signal => signal(number as u64),
            Kind::Nanoseconds if number < 0 => "?".to_owned(),
            Kind::Nanoseconds => number.to_string(),
        }
    }

    /// Flags above the lowest eight bits, then the signal there.
    fn flags_and_signal(&self, number: u64) -> String {
        match (number & !0xff, number & 0xff) {
            (0, 0) => "0".to_owned(),
            (0, low) => signal(low),
            (flags, 0) => self.flags(flags, None),
            (flags, low) => format!("{}|{}", self.flags(flags, None), signal(low)),
        }
    }

    /// Flags above the lowest nine bits, then the permissions there.
    fn flags_and_mode(&self, number: u64) -> String {
        match (number & !0o777, octal(number & 0o777)) {
            (0, mode) => mode,
            (flags, mode) => format!("{}|{mode}", self.flags(flags, None)),
        }
    }

    /// `IOPRIO_PRIO_VALUE` of linux v6.12 include/uapi/linux/ioprio.h.
    fn io_priority(&self, number: u64) -> String {
        let (class, data) = ((number >> 13) as i64, number & 0x1fff);
        let class = self.value(class).unwrap_or_else(|| class.to_string());
        format!("IOPRIO_PRIO_VALUE({class}, {data})")
    }

    /// `QCMD` of linux v6.12 include/uapi/linux/quota.h.
    fn quota_command(&self, number: i64) -> String {
        let number = i64::from(number as u32);
        let (command, kind) = (number >> 8, number & 0xff);
        let command = self.value(command).unwrap_or_else(|| hex(command as u64));
        let kind = by_name("quota_type")
            .and_then(|set| set.value(kind))
            .unwrap_or_else(|| hex(kind as u64));
        format!("QCMD({command}, {kind})")
    }

    /// The name of a number; of one that came as 32 bits without a sign, that of the C `int`, too.
    fn value(&self, number: i64) -> Option<String> {
        let int = u32::try_from(number).map_or(number, |number| i64::from(number as i32));
        let named = |number| self.rows.iter().find(|(_, value)| *value == number);
        let row = named(number).or_else(|| named(int))?;
        Some(row.0.to_owned())
    }

    /// Names joined by `|`: first the value of the field, if it has a name or is not 0, then the bits, those with
    /// several bits first where they stand first.
    fn flags(&self, number: u64, field: Option<u64>) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut rest = number;
        if let Some(field) = field {
            let value = number & field;
            match self.value(value as i64) {
                Some(name) => names.push(name),
                None if value == 0 => {}
                None => names.push(hex(value)),
            }
            rest &= !field;
        }
        for (name, value) in self.rows {
            let value = *value as u64;
            let in_field = field.is_some_and(|field| value & !field == 0);
            if value != 0 && !in_field && rest & value == value {
                names.push((*name).to_owned());
                rest &= !value;
            }
        }
        if rest != 0 {
            names.push(hex(rest));
        }
        if names.is_empty() {
            return self.value(0).unwrap_or_else(|| "0".to_owned());
        }
        names.join("|")
    }
}

fn signal(number: u64) -> String {
    match u32::try_from(number).ok().and_then(super::signal::name) {
        Some(name) => name.to_owned(),
        None => (number as i64).to_string(),
    }
}

/// `S_IFREG|0644`, with the types of linux v6.12 include/uapi/linux/stat.h.
fn file_mode(number: u64) -> String {
    const TYPES: [(&str, u64); 7] = [
        ("S_IFSOCK", 0o140_000),
        ("S_IFLNK", 0o120_000),
        ("S_IFREG", 0o100_000),
        ("S_IFBLK", 0o60_000),
        ("S_IFDIR", 0o40_000),
        ("S_IFCHR", 0o20_000),
        ("S_IFIFO", 0o10_000),
    ];
    let bits = TYPES
        .into_iter()
        .find(|(_, value)| *value == number & 0o170_000);
    let mut text = bits.map_or_else(String::new, |(name, _)| format!("{name}|"));
    let mut rest = number & !bits.map_or(0, |(_, value)| value);
    for (name, value) in [
        ("S_ISUID", 0o4000),
        ("S_ISGID", 0o2000),
        ("S_ISVTX", 0o1000),
    ] {
        if rest & value != 0 {
            text.push_str(name);
            text.push('|');
            rest &= !value;
        }
    }
    text + &octal(rest)
}

/// `_IOC` of linux v6.12 include/uapi/asm-generic/ioctl.h.
fn ioctl(number: u32) -> String {
    let direction = match number >> 30 {
        0 => "_IOC_NONE",
        1 => "_IOC_WRITE",
        2 => "_IOC_READ",
        _ => "_IOC_READ|_IOC_WRITE",
    };
    let [kind, command, size] =
        [number >> 8 & 0xff, number & 0xff, number >> 16 & 0x3fff].map(|part| hex(u64::from(part)));
    format!("_IOC({direction}, {kind}, {command}, {size})")
}

/// Major and minor number, as libc's `makedev` joins them.
fn device(number: u64) -> String {
    let major = number >> 8 & 0xfff | number >> 32 & 0xffff_f000;
    let minor = number & 0xff | number >> 12 & 0xffff_ff00;
    format!("makedev({}, {})", hex(major), hex(minor))
}

/// The bits of a number: of a negative one those of the C `int` that it was.
fn bits(number: i64) -> u64 {
    match i32::try_from(number) {
        Ok(int) => u64::from(int as u32),
        Err(_) => number as u64,
    }
}

fn hex(number: u64) -> String {
    match number {
        0 => "0".to_owned(),
        number => format!("{number:#x}"),
    }
}

fn octal(number: u64) -> String {
    format!("{:0>3}", format!("0{number:o}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(set: &str, number: i64) -> String {
        by_name(set).unwrap().format(number)
    }

    #[test]
    fn numbers_print_as_strace_prints_them() {
        for (set, number, text) in [
            ("open_flags", 0o2_000_000, "O_RDONLY|O_CLOEXEC"),
            ("open_flags", 0o1101, "O_WRONLY|O_CREAT|O_TRUNC"),
            ("open_flags", 1 << 40, "O_RDONLY|0x10000000000"),
            ("mode", 0o644, "0644"),
            ("mknod_mode", 0o10_600, "S_IFIFO|0600"),
            ("mknod_mode", 0o600, "0600"),
            ("device", 0x103, "makedev(0x1, 0x3)"),
            ("device", 3, "makedev(0, 0x3)"),
            ("mmap_prot", -16, "PROT_GROWSDOWN|PROT_GROWSUP|0xfcfffff0"),
            ("clone_flags", 0x1_0111, "CLONE_VM|CLONE_THREAD|SIGCHLD"),
            ("clone_flags", 17, "SIGCHLD"),
            ("shmget_flags", 0o1600, "IPC_CREAT|0600"),
            ("ipc_flags", 0, "000"),
            ("mmap_prot", 0, "PROT_NONE"),
            ("mmap_prot", 5, "PROT_READ|PROT_EXEC"),
            ("mmap_flags", 0x22, "MAP_PRIVATE|MAP_ANONYMOUS"),
            ("socket_type", 0x80002, "SOCK_DGRAM|SOCK_CLOEXEC"),
            (
                "futex_op",
                0x189,
                "FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME",
            ),
            ("fcntl_cmd", 1030, "F_DUPFD_CLOEXEC"),
            ("fcntl_cmd", 77777, "0x12fd1"),
            ("ioctl_cmd", 0x5401, "TCGETS"),
            ("ioctl_cmd", 0x8004_fe01, "_IOC(_IOC_READ, 0xfe, 0x1, 0x4)"),
            ("rusage_who", 0xffff_ffff, "RUSAGE_CHILDREN"),
            ("whence", 9, "0x9"),
            ("socket_type", 0x80000, "SOCK_CLOEXEC"),
            ("mode", 7, "007"),
            ("mknod_mode", 0o104_755, "S_IFREG|S_ISUID|0755"),
            ("open_flags", 0o4_010_000, "O_RDONLY|O_SYNC"),
            ("id", 0xffff_ffff, "-1"),
            ("fd", -1, "-1"),
            ("ioprio", 0x4004, "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)"),
            ("quotactl_cmd", 0x8000_0700, "QCMD(Q_GETQUOTA, USRQUOTA)"),
            ("dirfd", -100, "AT_FDCWD"),
            ("dirfd", 3, "3"),
            ("errno", 2, "ENOENT"),
            ("errno", 512, "ERESTARTSYS"),
            ("errno", 0, "0"),
            ("signal", 9, "SIGKILL"),
            ("latency", -1, "?"),
            ("hex", 255, "0xff"),
        ] {
            assert_eq!(format(set, number), text, "{set} {number}");
        }
    }
}
