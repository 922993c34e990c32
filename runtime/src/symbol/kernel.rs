//! Symbols of the kernel: `/proc/kallsyms` in, the symbol of an address out.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// An address this far behind the last symbol before it belongs to something that has none.
const LONGEST_FUNCTION: u64 = 1 << 20;

/// Where a kernel address lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelSymbol<'a> {
    /// The function's name.
    pub name: &'a str,
    /// Bytes from its start.
    pub offset: u64,
}

/// Functions of the kernel by address.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    /// Address and the place of its name in `names`, ascending.
    starts: Vec<(u64, u32)>,
    /// One after the other.
    names: String,
}

impl Symbols {
    /// Reads the table; and says why nothing will be found, if so.
    pub(super) fn read(path: &Path) -> (Self, Option<String>) {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => {
                let problem = format!(
                    "{}: {error}; kernel addresses are printed as they are",
                    path.display()
                );
                return (Self::default(), Some(problem));
            }
        };
        let symbols = Self::parse(BufReader::with_capacity(1 << 16, file));
        let problem = symbols.starts.is_empty().then(|| {
            format!(
                "{} hides addresses (sysctl kernel.kptr_restrict), so kernel addresses are printed as they are",
                path.display()
            )
        });
        (symbols, problem)
    }

    /// Reads lines such as `ffffffff81000000 T _text [module]`, until the first that cannot be read.
    fn parse(mut lines: impl BufRead) -> Self {
        let mut symbols = Self::default();
        let mut line = String::new();
        while matches!(lines.read_line(&mut line), Ok(length) if length > 0) {
            symbols.add(&line);
            line.clear();
        }
        // Stable, so that of several names for an address the first stays first.
        symbols.starts.sort_by_key(|(address, _)| *address);
        symbols.starts.dedup_by_key(|(address, _)| *address);
        symbols
    }

    /// Keeps the symbol of a line if it is code.
    fn add(&mut self, line: &str) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(address), Some(kind), Some(name)) = (fields.next(), fields.next(), fields.next())
        else {
            return;
        };
        let Ok(address) = u64::from_str_radix(address, 16) else {
            return;
        };
        if address == 0 || !matches!(kind, "t" | "T" | "w" | "W") {
            return;
        }
        self.starts.push((address, self.names.len() as u32));
        self.names.push_str(name);
        self.names.push('\n');
    }

    /// The last symbol that starts at or before an address.
    pub(super) fn find(&self, address: u64) -> Option<KernelSymbol<'_>> {
        let after = self.starts.partition_point(|(start, _)| *start <= address);
        let (start, name) = *self.starts.get(after.checked_sub(1)?)?;
        let offset = address - start;
        let name = self.names[name as usize..].lines().next()?;
        (offset < LONGEST_FUNCTION).then_some(KernelSymbol { name, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_behind_symbols() {
        let table = "ffffffff81000100 t second\nffffffff81000000 T first\nffffffff81000100 T alias\n\
                     ffffffff81000200 D data\nffffffffc0000000 t helper\t[module]\n0000000000000000 T hidden\nrubbish\n";
        let symbols = Symbols::parse(table.as_bytes());
        let find = |address| {
            symbols
                .find(address)
                .map(|symbol| (symbol.name, symbol.offset))
        };
        assert_eq!(find(0xffff_ffff_8100_0000), Some(("first", 0)));
        assert_eq!(find(0xffff_ffff_8100_00ff), Some(("first", 0xff)));
        assert_eq!(find(0xffff_ffff_8100_0208), Some(("second", 0x108)));
        assert_eq!(find(0xffff_ffff_c000_0004), Some(("helper", 4)));
        assert_eq!(find(0xffff_ffff_a000_0000), None);
        assert_eq!(find(0x1000), None);
    }

    #[test]
    fn hidden_addresses_are_told() {
        let path = std::env::temp_dir().join(format!("kallsyms-{}", std::process::id()));
        std::fs::write(&path, "0000000000000000 T first\n").unwrap();
        let (symbols, problem) = Symbols::read(&path);
        std::fs::remove_file(&path).unwrap();
        assert!(symbols.find(1).is_none());
        assert!(problem.unwrap().contains("kernel.kptr_restrict"));
    }
}
