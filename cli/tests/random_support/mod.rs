//! Makes random scripts. Everything that varies between two runs is left out: clocks, ids, the order in
//! which a loop sees the entries of a map.

use std::fmt::Write;

/// Types between which `?:` chooses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
}

/// A script in the making.
pub(crate) struct Generator {
    state: u64,
    text: String,
    indent: usize,
    loops: u32,
    /// Loop variables that can be read.
    counters: Vec<String>,
    /// How many statements may still be made.
    budget: u32,
    /// All variables have their first values.
    set: bool,
}

const INTEGERS: u64 = 4;
const TEXTS: u64 = 3;

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            text: String::new(),
            indent: 1,
            loops: 0,
            counters: Vec::new(),
            budget: 0,
            set: false,
        }
    }

    /// A number below a bound (xorshift64*).
    fn below(&mut self, bound: u64) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }

    fn line(&mut self, line: &str) {
        let indent = "  ".repeat(self.indent);
        let _ = writeln!(self.text, "{indent}{line}");
    }

    pub(crate) fn script(mut self) -> String {
        self.text.push_str("BEGIN {\n");
        for n in 0..INTEGERS {
            let value = self.integer(0);
            self.line(&format!("$i{n} = (int64){value};"));
        }
        let value = self.integer(0);
        self.line(&format!("$u = (uint64){value};"));
        self.line("$b = true;");
        for n in 0..TEXTS {
            let value = self.string(0);
            self.line(&format!("$s{n} = {value};"));
        }
        let (a, b) = (self.integer(0), self.string(0));
        self.line(&format!("$t = ((int64){a}, {b}, true);"));
        self.set = true;
        // Every map has its types before it is read.
        for line in [
            "@i[(int64)0] = (int64)0;",
            "@s[\"\"] = (int64)0;",
            "@k[(int64)0, \"\"] = (int64)0;",
            "@v[(int64)0] = \"\";",
            "@w = ((int64)0, \"\", false);",
            "@n = (int64)0;",
        ] {
            self.line(line);
        }
        self.budget = 4 + self.below(28) as u32;
        while self.budget > 0 {
            self.statement();
        }
        for n in 0..INTEGERS {
            self.line(&format!("printf(\"%d %x\\n\", $i{n}, $i{n});"));
        }
        for n in 0..TEXTS {
            self.line(&format!("print($s{n});"));
        }
        self.line("print(($u, $b)); print($t);");
        self.text.push_str("}\n");
        self.text
    }

    fn block(&mut self) {
        self.indent += 1;
        let count = 1 + self.below(3);
        for _ in 0..count {
            self.statement();
        }
        self.indent -= 1;
    }

    fn statement(&mut self) {
        self.budget = self.budget.saturating_sub(1);
        let deep = self.indent > 4;
        match self.below(if deep { 15 } else { 20 }) {
            0 | 1 => {
                let (n, value) = (self.below(INTEGERS), self.integer(3));
                self.line(&format!("$i{n} = (int64)({value});"));
            }
            2 => {
                let value = self.integer(3);
                self.line(&format!("$u = (uint64)({value});"));
            }
            3 => {
                let value = self.bool(3);
                self.line(&format!("$b = {value};"));
            }
            4 => {
                let (n, value) = (self.below(TEXTS), self.string(3));
                self.line(&format!("$s{n} = {value};"));
            }
            5 => {
                let (a, b, c) = (self.integer(2), self.string(2), self.bool(2));
                self.line(&format!("$t = ((int64)({a}), {b}, {c});"));
            }
            6 => {
                let (key, value) = (self.integer(2), self.integer(3));
                let op = self.pick(&["=", "+=", "-=", "*=", "|=", "^="]);
                self.line(&format!("@i[(int64)({key})] {op} (int64)({value});"));
            }
            7 => {
                let key = self.string(2);
                self.line(&format!("@s[{key}]++;"));
            }
            8 => {
                let (a, b, value) = (self.integer(1), self.string(2), self.integer(2));
                self.line(&format!("@k[(int64)({a}), {b}] = (int64)({value});"));
            }
            9 => {
                let (key, value) = (self.integer(2), self.string(3));
                self.line(&format!("@v[(int64)({key})] = {value};"));
            }
            10 => {
                let (key, value) = (self.string(1), self.integer(2));
                let function = self.pick(&["sum", "min", "max", "avg", "stats", "hist"]);
                self.line(&format!(
                    "@{function}[{key}] = {function}((int64)({value}));"
                ));
            }
            11 => self.printf(),
            12 => {
                let value = match self.below(4) {
                    0 => "$t".into(),
                    1 => format!(
                        "({}, {}, {})",
                        self.integer(2),
                        self.string(2),
                        self.bool(2)
                    ),
                    2 => self.string(3),
                    _ => self.integer(3),
                };
                self.line(&format!("print({value});"));
            }
            13 => {
                let key = self.integer(2);
                match self.below(4) {
                    0 => self.line(&format!("delete(@i, (int64)({key}));")),
                    1 => self.line("clear(@v);"),
                    2 => self.line("@w = $t;"),
                    _ => self.line("@n++;"),
                }
            }
            14 if self.loops > 0 => {
                let condition = self.bool(2);
                let jump = self.pick(&["break", "continue"]);
                self.line(&format!("if ({condition}) {{ {jump}; }}"));
            }
            14 => self.printf(),
            15 | 16 => self.branch(),
            17 => {
                let name = format!("$r{}", self.text.len());
                let (start, count) = (self.below(5), self.below(6));
                self.line(&format!("for ({name} : {start}..{}) {{", start + count));
                self.counters.push(name);
                self.loop_body();
                self.counters.pop();
            }
            18 => {
                let name = format!("$w{}", self.text.len());
                let most = 1 + self.below(5);
                self.line(&format!("{name} = 0;"));
                self.line(&format!("while ({name} < {most}) {{"));
                self.indent += 1;
                self.line(&format!("{name}++;"));
                self.indent -= 1;
                self.counters.push(name);
                self.loop_body();
                self.counters.pop();
            }
            _ => {
                // The order of entries is random: only sums come out the same.
                let name = format!("$kv{}", self.text.len());
                let n = self.below(INTEGERS);
                self.line(&format!(
                    "for ({name} : @s) {{ $i{n} += (int64){name}.1 + (int64)strlen({name}.0); }}"
                ));
            }
        }
    }

    fn loop_body(&mut self) {
        self.loops += 1;
        self.block();
        self.loops -= 1;
        self.line("}");
    }

    fn branch(&mut self) {
        let condition = self.bool(3);
        self.line(&format!("if ({condition}) {{"));
        self.block();
        if self.below(2) == 0 {
            self.line("} else {");
            self.block();
        }
        self.line("}");
    }

    fn printf(&mut self) {
        let count = 1 + self.below(6);
        let (mut format, mut args) = (String::new(), String::new());
        for _ in 0..count {
            let (specifier, value) = match self.below(3) {
                0 => (
                    self.pick(&["%d", "%u", "%lx", "%5d", "%-4d|", "%s"]),
                    self.integer(3),
                ),
                1 => (self.pick(&["%s", "%20s", "%-8s|"]), self.string(3)),
                _ => ("%s", self.bool(2)),
            };
            let _ = write!(format, "{specifier} ");
            let _ = write!(args, ", {value}");
        }
        self.line(&format!("printf(\"{format}\\n\"{args});"));
    }

    fn value(&mut self, kind: Kind, depth: u32) -> String {
        match kind {
            Kind::Integer => self.integer(depth),
            Kind::Text => self.string(depth),
        }
    }

    fn choice(&mut self, kind: Kind, depth: u32) -> String {
        let condition = self.bool(depth);
        let (a, b) = (self.value(kind, depth), self.value(kind, depth));
        if kind == Kind::Integer {
            return format!("({condition} ? (int64)({a}) : (int64)({b}))");
        }
        format!("({condition} ? {a} : {b})")
    }

    fn integer(&mut self, depth: u32) -> String {
        if depth == 0 || self.below(5) == 0 {
            return self.integer_leaf();
        }
        let deeper = depth - 1;
        match self.below(16) {
            0..=5 => {
                let op = self.pick(&["+", "-", "*", "/", "%", "&", "|", "^"]);
                let (a, b) = (self.integer(deeper), self.integer(deeper));
                // A literal zero as a divisor is an error.
                format!("((int64)({a}) {op} (int64)({b}))")
            }
            6 => {
                let op = self.pick(&["<<", ">>"]);
                let (a, b) = (self.integer(deeper), self.integer(deeper));
                format!("((int64)({a}) {op} ((int64)({b}) & 63))")
            }
            7 => {
                let op = self.pick(&["-", "~"]);
                let value = self.integer(deeper);
                format!("(int64)({op}({value}))")
            }
            8 => {
                let ty = self.pick(&["int8", "uint8", "int16", "uint16", "int32", "uint32"]);
                let value = self.integer(deeper);
                format!("(int64)({ty})({value})")
            }
            9 => self.choice(Kind::Integer, deeper),
            10 => {
                let text = self.string(deeper);
                format!("(int64)strlen({text})")
            }
            11 => {
                let (a, b) = (self.string(deeper), self.string(deeper));
                format!("strstr({a}, {b})")
            }
            12 => {
                let (text, index) = (self.below(TEXTS), self.integer(deeper));
                format!("(int64)$s{text}[(int64)({index}) & 31]")
            }
            13 => {
                let key = self.integer(deeper);
                format!("@i[(int64)({key})]")
            }
            14 => {
                let key = self.string(deeper);
                format!("@s[{key}]")
            }
            _ => {
                let value = self.bool(deeper);
                format!("(int64)({value})")
            }
        }
    }

    fn integer_leaf(&mut self) -> String {
        match self.below(8) {
            0 | 1 => self.below(20).to_string(),
            2 => self
                .pick(&[
                    "4294967296",
                    "2147483648",
                    "255",
                    "65535",
                    "9223372036854775807",
                ])
                .into(),
            // Where no variable is set yet, there are constants only.
            _ if !self.set => (1 + self.below(300)).to_string(),
            3 => "(int64)$u".into(),
            4 => "@n".into(),
            5 => "$t.0".into(),
            6 if !self.counters.is_empty() => {
                let at = self.below(self.counters.len() as u64) as usize;
                format!("(int64){}", self.counters[at])
            }
            _ => format!("$i{}", self.below(INTEGERS)),
        }
    }

    fn bool(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.pick(&["true", "false", "$b", "$t.2"]).into();
        }
        let deeper = depth - 1;
        match self.below(8) {
            0..=2 => {
                let op = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
                let (a, b) = (self.integer(deeper), self.integer(deeper));
                format!("((int64)({a}) {op} (int64)({b}))")
            }
            3 => {
                let op = self.pick(&["==", "!="]);
                let (a, b) = (self.string(deeper), self.string(deeper));
                format!("({a} {op} {b})")
            }
            4 => {
                let op = self.pick(&["&&", "||"]);
                let (a, b) = (self.bool(deeper), self.bool(deeper));
                format!("({a} {op} {b})")
            }
            5 => {
                let value = self.bool(deeper);
                format!("(!{value})")
            }
            6 => {
                let (a, b) = (self.string(deeper), self.string(deeper));
                match self.below(2) {
                    0 => format!("strcontains({a}, {b})"),
                    _ => format!("(strncmp({a}, {b}, {}) == 0)", 1 + self.below(40)),
                }
            }
            _ => {
                let key = self.integer(deeper);
                format!("has_key(@i, (int64)({key}))")
            }
        }
    }

    fn string(&mut self, depth: u32) -> String {
        if depth == 0 || self.below(4) == 0 {
            return self.string_leaf();
        }
        let deeper = depth - 1;
        match self.below(5) {
            0 | 1 => {
                let (a, b) = (self.string(deeper), self.string(deeper));
                format!("str_concat({a}, {b})")
            }
            2 => self.choice(Kind::Text, deeper),
            3 => {
                let key = self.integer(deeper);
                format!("@v[(int64)({key})]")
            }
            _ => {
                let (value, length) = (self.string(deeper), self.below(60));
                format!("str({value}, {length})")
            }
        }
    }

    fn string_leaf(&mut self) -> String {
        match self.below(8) {
            0 => "\"\"".into(),
            1 => "\"a\"".into(),
            2 => "\"abcabcabd\"".into(),
            3 => {
                let length = self.below(200);
                format!("\"{}\"", "xyz ".repeat(length as usize / 4))
            }
            _ if !self.set => "\"ab\"".into(),
            4 => "str((uint64)$u & 0)".into(),
            5 => "$t.1".into(),
            _ => format!("$s{}", self.below(TEXTS)),
        }
    }
}
