//! Script text and places in it.

use std::fmt;

/// A range of bytes in a [`Source`]; `end` is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// No place in the script: what is wrong stands elsewhere.
    pub const NOWHERE: Self = Self {
        start: u32::MAX,
        end: u32::MAX,
    };

    /// Makes a span of the bytes `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        // A script is at most 4 GiB; `Source::new` refuses more.
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The span moved `offset` bytes to the right.
    pub fn shifted(self, offset: usize) -> Self {
        Self::new(self.start as usize + offset, self.end as usize + offset)
    }

    /// The bytes as a range, for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both counted from one; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A named script text, and behind it the texts of the files that it imports: one [`Span`] means one place
/// in one of them.
#[derive(Clone, Debug)]
pub struct Source {
    text: String,
    line_starts: Vec<u32>,
    /// At least the script itself, in the order of their texts.
    files: Vec<File>,
}

/// Where the text of a file begins.
#[derive(Clone, Debug)]
struct File {
    name: String,
    /// First byte.
    start: u32,
    /// Its first line, counted from zero in the whole text.
    first_line: usize,
}

impl Source {
    /// Takes the text of a script; `name` is how messages call it (`stdin` for `-e` and `-`).
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut source = Self {
            text: String::new(),
            line_starts: Vec::new(),
            files: Vec::new(),
        };
        source.begin_file(name.into(), &text.into());
        source
    }

    /// Adds the text of an imported file; gives the place of its first byte.
    pub fn append(&mut self, name: impl Into<String>, text: &str) -> usize {
        // A file begins on a line of its own.
        self.text.push('\n');
        self.begin_file(name.into(), text)
    }

    fn begin_file(&mut self, name: String, text: &str) -> usize {
        let start = self.text.len();
        self.files.push(File {
            name,
            start: start as u32,
            first_line: self.line_starts.len(),
        });
        self.text.push_str(text);
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(start).chain(breaks.map(|(at, _)| start + at + 1));
        self.line_starts.extend(starts.map(|at| at as u32));
        start
    }

    /// The text with the names of imported files and where they begin, as [`Self::from_parts`] takes it.
    pub fn imports(&self) -> impl Iterator<Item = (&str, u32)> {
        let imported = self.files.iter().skip(1);
        imported.map(|file| (file.name.as_str(), file.start))
    }

    /// Puts together again what [`Self::text`] and [`Self::imports`] gave.
    pub fn from_parts<'i>(
        name: &str,
        text: &str,
        imports: impl IntoIterator<Item = (&'i str, u32)>,
    ) -> Self {
        let mut ends: Vec<(&str, usize)> = vec![(name, 0)];
        ends.extend(imports.into_iter().map(|(name, at)| (name, at as usize)));
        let mut source: Option<Self> = None;
        for (n, (name, start)) in ends.iter().enumerate() {
            // The line break between two files belongs to neither.
            let end = ends.get(n + 1).map_or(text.len(), |next| next.1 - 1);
            let text = text.get(*start..end).unwrap_or_default();
            match &mut source {
                None => source = Some(Self::new(*name, text)),
                Some(source) => {
                    source.append(*name, text);
                }
            }
        }
        source.unwrap_or_else(|| Self::new(name, text))
    }

    /// How messages call this text.
    pub fn name(&self) -> &str {
        self.files.first().map_or("", |file| &file.name)
    }

    /// How messages call the file that holds a byte.
    pub fn name_at(&self, offset: u32) -> &str {
        self.file(offset).map_or("", |file| &file.name)
    }

    fn file(&self, offset: u32) -> Option<&File> {
        let after = self.files.partition_point(|file| file.start <= offset);
        self.files.get(after.saturating_sub(1))
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty if it lies outside or cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset, in its file.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1] as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self
            .text
            .get(start..end)
            .map_or(end - start, |text| text.chars().count());
        let first_line = self.file(offset).map_or(0, |file| file.first_line);
        Position {
            line: line - first_line,
            column: column + 1,
        }
    }

    /// The text of a line of the file that holds a byte, counted from one, without its line break; empty if
    /// there is none.
    pub fn line(&self, offset: u32, line: usize) -> &str {
        let first_line = self.file(offset).map_or(0, |file| file.first_line);
        let line = line.wrapping_sub(1).wrapping_add(first_line);
        let Some(start) = self.line_starts.get(line) else {
            return "";
        };
        let end = self
            .line_starts
            .get(line + 1)
            .map_or(self.text.len(), |next| *next as usize);
        self.text
            .get(*start as usize..end)
            .unwrap_or_default()
            .trim_end_matches(['\n', '\r'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("s", "ab\nä=c\n");
        assert_eq!(source.position(0).to_string(), "1:1");
        assert_eq!(source.position(2).to_string(), "1:3");
        assert_eq!(source.position(5).to_string(), "2:2");
        assert_eq!(source.line(0, 2), "ä=c");
        assert_eq!(source.line(0, 9), "");
    }

    #[test]
    fn places_of_imported_files_are_their_own() {
        let mut source = Source::new("s", "ab\ncd");
        let at = source.append("lib/x.bt", "ef\ngh\n") as u32;
        let rebuilt = Source::from_parts("s", source.text(), source.imports());
        for source in [source, rebuilt] {
            assert_eq!(source.name(), "s");
            assert_eq!((source.name_at(4), source.name_at(at)), ("s", "lib/x.bt"));
            assert_eq!(source.position(4).to_string(), "2:2");
            assert_eq!(source.position(at + 4).to_string(), "2:2");
            assert_eq!((source.line(0, 2), source.line(at, 2)), ("cd", "gh"));
        }
    }
}
