//! Random numbers, and the hostile text that is made of them.

mod program;

pub(crate) use program::program;
use std::path::Path;
use std::time::Duration;

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    /// Each seed gives another sequence.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `end`; 0 if there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// One of the words.
    pub(crate) fn pick<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }
}

/// How long a test goes on.
pub(crate) fn duration() -> Duration {
    let seconds = std::env::var("FUZZ_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(3))
}

/// Where the random numbers begin.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("FUZZ_SEED").ok();
    seed.and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// The scripts of the examples and of the golden files, without what is expected of them.
pub(crate) fn scripts() -> Vec<String> {
    let mut found = files("../examples", ".bt");
    for text in files("../tests/golden", ".bt") {
        found.extend(text.split("//! case").map(|case| {
            let lines = case.lines();
            let script = lines.filter(|line| !line.starts_with("//") && !line.starts_with(" = "));
            script.collect::<Vec<_>>().join("\n")
        }));
    }
    found.retain(|text| !text.trim().is_empty());
    assert!(found.len() > 100, "the corpus is missing");
    found
}

/// The files under a folder whose names end so, in the order of their names.
pub(crate) fn files(folder: &str, end: &str) -> Vec<String> {
    fn collect(folder: &Path, end: &str, paths: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
            let path = entry.expect("a folder of the repository").path();
            if path.is_dir() {
                collect(&path, end, paths);
            } else if path.to_string_lossy().ends_with(end) {
                paths.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    collect(&root, end, &mut paths);
    paths.sort();
    let read = |path| std::fs::read_to_string(path).expect("a text file");
    paths.into_iter().map(read).collect()
}

/// What a script may hold anywhere.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "/",
    "//",
    "/*",
    "*/",
    "\"",
    "\\",
    ";",
    ":",
    ",",
    ".",
    "..",
    "->",
    "@",
    "$",
    "#",
    "$1",
    "$#",
    "$x",
    "@x",
    "@x[",
    "= ",
    "==",
    "+",
    "++",
    "-",
    "*",
    "&",
    "&&",
    "||",
    "?",
    "?:",
    "<<",
    ">>=",
    "!",
    "~",
    "0",
    "-1",
    "0x",
    "1e9",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999999",
    "5ms",
    "0.5",
    "if ",
    "else ",
    "while ",
    "for ",
    "unroll ",
    "let ",
    "return ",
    "break;",
    "continue;",
    "macro ",
    "fn ",
    "import ",
    "config = {",
    "struct ",
    "sizeof(",
    "offsetof(",
    "typeof(",
    "comptime ",
    "BEGIN",
    "END {",
    "tracepoint:*:*",
    "interval:s:1",
    "hist(",
    "lhist(",
    "count()",
    "printf(\"%*d\"",
    "str(",
    "(uint8)",
    "(int8[8])",
    "(struct x *)",
    "kstack(",
    "nsecs(",
    "args.",
    "#define ",
    "#if ",
    "#endif\n",
    "\n",
    "\t",
    "\0",
    "\r",
    "é",
    "🦀",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[31m",
    "\"\\xff\"",
    "\"%s%d%*.*lld\"",
];

/// A text of the corpus with some damage.
pub(crate) fn damage(random: &mut Random, corpus: &[String]) -> String {
    let mut text: Vec<char> = corpus[random.below(corpus.len())].chars().collect();
    for _ in 0..=random.below(6) {
        let (start, end) = range(random, text.len());
        match random.below(8) {
            0 | 1 => drop(text.splice(start..start, random.pick(PIECES).chars())),
            2 => drop(text.splice(start..end, random.pick(PIECES).chars())),
            3 => drop(text.drain(start..end)),
            4 => text.truncate(start),
            5 => {
                let copy = text[start..end].to_vec();
                let at = random.below(text.len() + 1);
                drop(text.splice(at..at, copy));
            }
            6 => {
                let other: Vec<char> = corpus[random.below(corpus.len())].chars().collect();
                let (from, to) = range(random, other.len());
                drop(text.splice(start..end, other[from..to].iter().copied()));
            }
            _ => {
                // Many times the same: depth, length, numbers of things.
                let piece = match random.below(2) {
                    0 => random.pick(PIECES).chars().collect(),
                    _ => text[start..end.min(start + 12)].to_vec(),
                };
                let times = [10, 300, 3000][random.below(3)];
                drop(text.splice(start..start, piece.repeat(times)));
            }
        }
    }
    text.into_iter().collect()
}

/// Some bytes changed, left out or repeated.
pub(crate) fn damage_bytes(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(8) {
        let (start, end) = range(random, bytes.len());
        match random.below(5) {
            0 => bytes.truncate(start),
            1 => drop(bytes.drain(start..end)),
            2 => bytes.resize(bytes.len() + random.below(64), random.next() as u8),
            _ => {
                if let Some(byte) = bytes.get_mut(start) {
                    *byte =
                        [random.next() as u8, 0, 0xff, 0x80, byte.wrapping_add(1)][random.below(5)];
                }
            }
        }
    }
}

/// A part of something that long: mostly a short one.
fn range(random: &mut Random, len: usize) -> (usize, usize) {
    let start = random.below(len + 1);
    let most = if random.below(4) == 0 { len } else { 12 };
    let end = start + random.below(most + 1);
    (start, end.min(len))
}
