//! Sets of named numbers: a number in, the names that strace prints out.
//!
//! A set says how numbers of one kind print: flags joined by `|`, one name of several, octal, a file descriptor.
//! [`crate::types::Type::Named`] and [`super::shape::Shape::Set`] name them.

mod rows;

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
    /// As one name; other numbers in decimal.
    Values,
    /// As one name; other numbers in hexadecimal.
    HexValues,
    /// In octal, with a leading 0.
    Octal,
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
    rows::SETS.iter().find(|set| set.name == name)
}

/// Every set.
pub fn all() -> &'static [Set] {
    rows::SETS
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
        self.rows.iter().map(|(name, _)| *name)
    }

    /// A number as the set prints it: `O_RDONLY|O_CLOEXEC`.
    pub fn format(&self, number: i64) -> String {
        match self.kind {
            Kind::Flags => self.flags(number as u64, None),
            Kind::FlagsWithField(field) => self.flags(number as u64, Some(field)),
            Kind::Values => self.value(number).unwrap_or_else(|| number.to_string()),
            Kind::HexValues => self.value(number).unwrap_or_else(|| hex(number as u64)),
            Kind::Octal => octal(number as u64),
            Kind::Hex => hex(number as u64),
            Kind::Errno => match u32::try_from(number).ok().and_then(super::errno::name) {
                Some(name) => name.to_owned(),
                None => number.to_string(),
            },
            Kind::Signal => match u32::try_from(number).ok().and_then(super::signal::name) {
                Some(name) => name.to_owned(),
                None => number.to_string(),
            },
            Kind::Nanoseconds if number < 0 => "?".to_owned(),
            Kind::Nanoseconds => number.to_string(),
        }
    }

    fn value(&self, number: i64) -> Option<String> {
        let row = self.rows.iter().find(|(_, value)| *value == number)?;
        Some(row.0.to_owned())
    }

    /// Names joined by `|`: first the value of the field, then the bits, those with several bits first where they
    /// stand first.
    fn flags(&self, number: u64, field: Option<u64>) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut rest = number;
        if let Some(field) = field {
            let value = number & field;
            names.push(self.value(value as i64).unwrap_or_else(|| hex(value)));
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

fn hex(number: u64) -> String {
    match number {
        0 => "0".to_owned(),
        number => format!("{number:#x}"),
    }
}

fn octal(number: u64) -> String {
    match number {
        0 => "000".to_owned(),
        number => format!("0{number:03o}"),
    }
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
