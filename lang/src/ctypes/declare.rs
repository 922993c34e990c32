//! Declarations of the C part: tokens in, types into the table.

use super::evaluate::evaluate;
use super::lex::{Token, TokenKind};
use super::problem::Problem;
use super::{Constant, Definition, EnumDef, Member, StructDef, TypeTable};
use crate::diagnostic::{Diagnostic, Kind};
use crate::hir::Bitfield;
use crate::source::Span;
use crate::types::{AddressSpace, IntType, Type};

/// Structs within structs at most.
const MAX_DEPTH: u32 = 64;

/// Reads all declarations; a wrong one is complained about and skipped.
pub(super) fn run(
    tokens: &[Token],
    kernel: &dyn Fn(&str) -> Option<Definition>,
    table: &mut TypeTable,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut reader = Reader {
        tokens,
        kernel,
        at: 0,
        table,
        depth: 0,
        anonymous: 0,
        plain_char: false,
    };
    while reader.at < tokens.len() {
        if reader.take(";") {
            continue;
        }
        let start = reader.at;
        if let Err((problem, span)) = reader.declaration() {
            diagnostics.push(Diagnostic::error(Kind::C(problem), span));
            reader.skip_declaration(start);
        }
    }
}

type Result<T> = std::result::Result<T, (Problem, Span)>;

struct Reader<'a> {
    tokens: &'a [Token],
    kernel: &'a dyn Fn(&str) -> Option<Definition>,
    at: usize,
    table: &'a mut TypeTable,
    depth: u32,
    anonymous: u32,
    /// The type that was read last is `char`: arrays of it are strings.
    plain_char: bool,
}

/// What `__attribute__` says of a layout.
#[derive(Clone, Copy, Default)]
struct Attributes {
    packed: bool,
    align: Option<u32>,
}

/// A name with its type, as a declarator says.
struct Declared {
    name: String,
    ty: Type,
    span: Span,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn span(&self) -> Span {
        self.peek()
            .or(self.tokens.last())
            .map_or(Span::default(), |token| token.span)
    }

    fn take(&mut self, punct: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(punct));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, punct: &'static str, what: &'static str) -> Result<()> {
        if self.take(punct) {
            Ok(())
        } else {
            self.expected(what)
        }
    }

    fn expected<T>(&self, what: &'static str) -> Result<T> {
        Err((Problem::Expected { what }, self.span()))
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = self.peek().and_then(Token::word) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<String> {
        let name = self.peek().and_then(Token::word).map(str::to_owned);
        self.at += usize::from(name.is_some());
        name
    }

    /// Goes behind the `;` that ends the declaration begun at `start`.
    fn skip_declaration(&mut self, start: usize) {
        self.at = start;
        let mut depth = 0i32;
        while let Some(token) = self.peek() {
            let (opens, closes, ends) = (token.is("{"), token.is("}"), token.is(";"));
            self.at += 1;
            depth += i32::from(opens) - i32::from(closes);
            if ends && depth <= 0 {
                break;
            }
        }
        self.at = self.at.max(start + 1);
    }

    fn declaration(&mut self) -> Result<()> {
        let typedef = self.take_word("typedef");
        let base = self.base_type()?;
        if self.take(";") || (!typedef && self.starts_declaration()) {
            return Ok(());
        }
        loop {
            let declared = self.declarator(base.clone())?;
            if !typedef {
                let what = "a variable or function";
                return Err((Problem::NotSupported { what }, declared.span));
            }
            self.attributes()?;
            self.table.typedefs.insert(declared.name, declared.ty);
            if !self.take(",") {
                return self.expect(";", "';'");
            }
        }
    }

    /// The next declaration begins here, or nothing is left: scripts leave out the `;` behind a struct.
    fn starts_declaration(&self) -> bool {
        let word = self.peek().map(Token::word);
        word.is_none_or(|word| matches!(word, Some("struct" | "union" | "enum" | "typedef")))
    }

    /// The part of a declaration before its first name.
    fn base_type(&mut self) -> Result<Type> {
        let span = self.span();
        self.plain_char = false;
        let mut words: Vec<String> = Vec::new();
        while let Some(word) = self.peek().and_then(Token::word).map(str::to_owned) {
            match word.as_str() {
                "const" | "volatile" | "static" | "extern" | "inline" | "restrict" | "__user"
                | "__kernel" | "__restrict" | "_Atomic" => self.at += 1,
                "__attribute__" => {
                    self.attributes()?;
                }
                "struct" | "union" | "enum" if words.is_empty() => {
                    self.at += 1;
                    let ty = self.tagged(&word)?;
                    self.skip_qualifiers();
                    return Ok(ty);
                }
                "unsigned" | "signed" | "char" | "short" | "int" | "long" | "void" | "_Bool"
                | "__signed__" => {
                    self.at += 1;
                    words.push(word);
                }
                _ if words.is_empty() => {
                    self.at += 1;
                    self.skip_qualifiers();
                    return match self
                        .table
                        .typedefs
                        .get(&word)
                        .cloned()
                        .or_else(|| well_known(&word))
                        .or_else(|| self.kernel_typedef(&word))
                    {
                        Some(ty) => Ok(ty),
                        None => Err((Problem::UnknownType { name: word }, span)),
                    };
                }
                _ => break,
            }
        }
        if words.is_empty() {
            return self.expected("a type");
        }
        self.plain_char = words == ["char"];
        Ok(from_words(&words))
    }

    fn skip_qualifiers(&mut self) {
        while self.take_word("const") || self.take_word("volatile") {}
    }

    fn tagged(&mut self, tag: &str) -> Result<Type> {
        let mut attributes = self.attributes()?;
        let name = self.name().unwrap_or_else(|| {
            self.anonymous += 1;
            format!(
                "<anonymous {}>",
                self.table.structs.len() + self.anonymous as usize
            )
        });
        if tag == "enum" {
            if self.take("{") {
                self.enum_body(&name)?;
                self.attributes()?;
            }
            let repr = match self.table.enums.get(&name) {
                Some(def) => def.repr,
                None => match (self.kernel)(&format!("enum {name}")) {
                    Some(Definition::Enum(def)) => def.repr,
                    _ => IntType::U32,
                },
            };
            return Ok(Type::Enum { name, repr });
        }
        let full = format!("{tag} {name}");
        if self.take("{") {
            if self.depth == MAX_DEPTH {
                return Err((
                    Problem::NotSupported {
                        what: "nesting this deep",
                    },
                    self.span(),
                ));
            }
            self.depth += 1;
            let body = self.struct_body();
            self.depth -= 1;
            let members = body?;
            let behind = self.attributes()?;
            attributes.packed |= behind.packed;
            attributes.align = behind.align.or(attributes.align);
            let def = self.lay_out(full.clone(), tag == "union", members, attributes);
            self.table.structs.insert(full.clone(), def);
        }
        let size = self.size_and_align(&full).map_or(0, |(size, _)| size);
        Ok(Type::Struct { name: full, size })
    }

    /// Of a struct or union; `None` if nothing has defined it yet.
    fn size_and_align(&self, name: &str) -> Option<(u32, u32)> {
        if let Some(def) = self.table.structs.get(name) {
            return Some((def.size, def.align));
        }
        match (self.kernel)(name)? {
            Definition::Struct(def) => Some((def.size, def.align)),
            _ => None,
        }
    }

    fn kernel_typedef(&self, name: &str) -> Option<Type> {
        match (self.kernel)(name)? {
            Definition::Typedef(ty) => Some(ty),
            _ => None,
        }
    }

    fn enum_body(&mut self, name: &str) -> Result<()> {
        let (mut constants, mut next) = (Vec::new(), 0i64);
        while !self.take("}") {
            let Some(constant) = self.name() else {
                return self.expected("a constant's name");
            };
            if self.take("=") {
                next = self.constant_until(&[",", "}"])?;
            }
            self.table.constants.insert(
                constant.clone(),
                Constant::Enum {
                    name: name.to_owned(),
                    value: next,
                },
            );
            constants.push((constant, next));
            next = next.wrapping_add(1);
            if !self.take(",") && !self.peek().is_some_and(|token| token.is("}")) {
                return self.expected("',' or '}'");
            }
        }
        let repr = enum_repr(&constants);
        let def = EnumDef {
            name: name.to_owned(),
            repr,
            constants,
        };
        self.table.enums.insert(name.to_owned(), def);
        Ok(())
    }

    /// Evaluates the tokens up to one of `ends` outside parentheses.
    fn constant_until(&mut self, ends: &[&str]) -> Result<i64> {
        let (start, span, mut depth) = (self.at, self.span(), 0);
        while let Some(token) = self.peek() {
            if depth == 0 && ends.iter().any(|end| token.is(end)) {
                break;
            }
            depth += i32::from(token.is("(")) - i32::from(token.is(")"));
            self.at += 1;
        }
        let lookup = |word: &str| match self.table.constants.get(word)? {
            Constant::Integer(value) | Constant::Enum { value, .. } => Some(*value),
            Constant::String(_) => None,
        };
        evaluate(&self.tokens[start..self.at], &lookup).ok_or((Problem::NotConstant, span))
    }

    fn struct_body(&mut self) -> Result<Vec<RawMember>> {
        let mut members = Vec::new();
        while !self.take("}") {
            if self.at >= self.tokens.len() {
                return self.expected("'}'");
            }
            if self.take(";") {
                continue;
            }
            let base = self.base_type()?;
            if self.take(";") {
                // Only a struct or union without a name in this place has members to be seen through.
                if matches!(&base, Type::Struct { name, .. } if name.contains('<')) {
                    members.push(RawMember {
                        name: String::new(),
                        ty: base,
                        width: None,
                    });
                }
                continue;
            }
            loop {
                let declared = if self.peek().is_some_and(|token| token.is(":")) {
                    Declared {
                        name: String::new(),
                        ty: base.clone(),
                        span: self.span(),
                    }
                } else {
                    self.declarator(base.clone())?
                };
                let width = if self.take(":") {
                    Some(self.bit_width(&declared)?)
                } else {
                    None
                };
                self.attributes()?;
                members.push(RawMember {
                    name: declared.name,
                    ty: declared.ty,
                    width,
                });
                if !self.take(",") {
                    // Compilers only warn where the last semicolon is missing.
                    if !self.peek().is_some_and(|token| token.is("}")) {
                        self.expect(";", "';'")?;
                    }
                    break;
                }
            }
        }
        Ok(members)
    }

    fn bit_width(&mut self, declared: &Declared) -> Result<u8> {
        let width = self.constant_until(&[",", ";", "__attribute__"])?;
        let bits = declared.ty.int().map_or(0, |int| i64::from(int.bits));
        let least = i64::from(!declared.name.is_empty());
        if width < least || width > bits {
            return Err((Problem::BitfieldWidth, declared.span));
        }
        Ok(width as u8)
    }

    /// `*name[3]`, `(*name)(...)`.
    fn declarator(&mut self, mut ty: Type) -> Result<Declared> {
        let mut plain_char = self.plain_char;
        while self.take("*") {
            plain_char = false;
            ty = pointer_to(ty);
            self.skip_qualifiers();
        }
        if self.take("(") {
            // A pointer to a function: what it takes and gives does not matter.
            self.expect("*", "'*'")?;
            let (name, span) = (self.name(), self.span());
            self.expect(")", "')'")?;
            self.expect("(", "'('")?;
            let mut depth = 1;
            while depth > 0 {
                let Some(token) = self.peek() else {
                    return self.expected("')'");
                };
                depth += i32::from(token.is("(")) - i32::from(token.is(")"));
                self.at += 1;
            }
            let name = name.unwrap_or_default();
            return Ok(Declared {
                name,
                ty: pointer_to(Type::Void),
                span,
            });
        }
        let span = self.span();
        let Some(name) = self.name() else {
            return self.expected("a name");
        };
        let mut lengths = Vec::new();
        while self.take("[") {
            let length = if self.peek().is_some_and(|token| token.is("]")) {
                0
            } else {
                self.constant_until(&["]"])?
            };
            self.expect("]", "']'")?;
            let length = u32::try_from(length).map_err(|_| (Problem::NotConstant, span))?;
            lengths.push(length);
        }
        if self.peek().is_some_and(|token| token.is("(")) {
            return Err((
                Problem::NotSupported {
                    what: "a variable or function",
                },
                span,
            ));
        }
        if let (true, Some(&capacity)) = (plain_char, lengths.last().filter(|length| **length > 0))
        {
            lengths.pop();
            ty = Type::String { capacity };
        }
        for length in lengths.into_iter().rev() {
            ty = Type::Array {
                element: Box::new(ty),
                length,
            };
        }
        Ok(Declared { name, ty, span })
    }

    fn attributes(&mut self) -> Result<Attributes> {
        let mut found = Attributes::default();
        while self.take_word("__attribute__") {
            let mut depth = 0;
            loop {
                let Some(token) = self.peek() else {
                    return self.expected("')'");
                };
                depth += i32::from(token.is("(")) - i32::from(token.is(")"));
                match token.word() {
                    Some("packed" | "__packed__") => found.packed = true,
                    Some("aligned" | "__aligned__") => {
                        if let Some(TokenKind::Integer(align)) =
                            self.tokens.get(self.at + 2).map(|t| &t.kind)
                        {
                            found.align = u32::try_from(*align)
                                .ok()
                                .filter(|align| align.is_power_of_two());
                        }
                    }
                    _ => {}
                }
                self.at += 1;
                if depth == 0 {
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// A member before its place is known.
struct RawMember {
    name: String,
    ty: Type,
    width: Option<u8>,
}

fn pointer_to(target: Type) -> Type {
    Type::Pointer {
        target: Box::new(target),
        space: AddressSpace::Kernel,
    }
}

impl Reader<'_> {
    /// Alignment in bytes; of a struct, what its definition says.
    fn align_of(&self, ty: &Type) -> u32 {
        match ty {
            Type::Struct { name, .. } => self.size_and_align(name).map_or(1, |(_, align)| align),
            Type::Array { element, .. } => self.align_of(element),
            _ => ty.align().max(1),
        }
    }

    fn lay_out(
        &self,
        name: String,
        union: bool,
        raw: Vec<RawMember>,
        attributes: Attributes,
    ) -> StructDef {
        let (mut members, mut end_bits, mut align) = (Vec::new(), 0u64, 1u32);
        let mut largest = 0u32;
        for member in raw {
            let size = member.ty.size();
            let own_align = if attributes.packed {
                1
            } else {
                self.align_of(&member.ty)
            };
            if union {
                end_bits = 0;
            }
            let (offset, bits) = match member.width {
                // A zero-width bitfield ends its integer.
                Some(0) => {
                    end_bits = end_bits.next_multiple_of(u64::from(size) * 8);
                    continue;
                }
                Some(width) => {
                    let unit = u64::from(size) * 8;
                    if !attributes.packed
                        && end_bits / unit != (end_bits + u64::from(width) - 1) / unit
                    {
                        end_bits = end_bits.next_multiple_of(unit);
                    }
                    let start = end_bits / unit * unit;
                    let shift = (end_bits - start) as u8;
                    end_bits += u64::from(width);
                    ((start / 8) as u32, Some(Bitfield { shift, width }))
                }
                None => {
                    let offset = end_bits.div_ceil(8).next_multiple_of(u64::from(own_align)) as u32;
                    end_bits = u64::from(offset + size) * 8;
                    (offset, None)
                }
            };
            align = align.max(own_align);
            largest = largest.max(end_bits.div_ceil(8) as u32);
            if !(member.name.is_empty() && bits.is_some()) {
                members.push(Member {
                    name: member.name,
                    ty: member.ty,
                    offset,
                    bits,
                });
            }
        }
        align = align.max(attributes.align.unwrap_or(1));
        StructDef {
            name,
            size: largest.next_multiple_of(align),
            align,
            members,
        }
    }
}

/// What gcc stores an enum as.
fn enum_repr(constants: &[(String, i64)]) -> IntType {
    let negative = constants.iter().any(|(_, value)| *value < 0);
    let fits = constants.iter().all(|(_, value)| {
        if negative {
            i32::try_from(*value).is_ok()
        } else {
            u32::try_from(*value).is_ok()
        }
    });
    IntType {
        bits: if fits { 32 } else { 64 },
        signed: negative,
    }
}

fn from_words(words: &[String]) -> Type {
    let has = |word: &str| words.iter().any(|w| w == word);
    let bits = match () {
        () if has("void") => return Type::Void,
        () if has("_Bool") => return Type::Bool,
        () if has("char") => 8,
        () if has("short") => 16,
        () if has("long") => 64,
        () => 32,
    };
    Type::Int(IntType {
        bits,
        signed: !has("unsigned"),
    })
}

/// Integer types that every script may use without a declaration.
pub fn well_known(name: &str) -> Option<Type> {
    let base = name.trim_start_matches('_').trim_end_matches("_t");
    let int = |bits, signed| Some(Type::Int(IntType { bits, signed }));
    match base {
        "bool" => Some(Type::Bool),
        "size" | "uintptr" | "loff_max" => int(64, false),
        "ssize" | "off" | "loff" | "intptr" | "time" | "ptrdiff" | "clock" => int(64, true),
        "pid" | "key" | "timer" => int(32, true),
        "uid" | "gid" | "qid" | "dev" | "socklen" => int(32, false),
        "umode" | "mode" | "sa_family" => int(16, false),
        _ => {
            let (signed, digits) = match base.strip_prefix("uint") {
                Some(digits) => (false, digits),
                None => match base.strip_prefix("int") {
                    Some(digits) => (true, digits),
                    None => match base.as_bytes().first()? {
                        b'u' => (false, &base[1..]),
                        b's' => (true, &base[1..]),
                        b'b' | b'l' => (false, base[1..].strip_prefix('e')?),
                        _ => return None,
                    },
                },
            };
            match digits {
                "8" => int(8, signed),
                "16" => int(16, signed),
                "32" => int(32, signed),
                "64" => int(64, signed),
                _ => None,
            }
        }
    }
}
