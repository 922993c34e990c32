use super::*;
use crate::dump;
use crate::format;

/// Scripts that together use the whole surface of the language.
const CORPUS: &[&str] = &[
    "BEGIN { }",
    "#!/usr/bin/env trapline\nbegin { printf(\"hi\\n\"); }",
    "#include <linux/types.h>\n#define A \\\n 1\n#if A\n#endif\nstruct foo { int x; char y[4]; } __attribute__((packed));\n\
     enum { ONE = 1, TWO }; union u { int a; };\nbegin { print(ONE); }",
    "config = { max_strlen = 1e3; license=\"GPL\"; missing_probes = ignore; on_stack_limit=64 } begin { }",
    "import \"lib.bt\"; let @m = hash(100); let @n = lruhash(1, 2); begin { @m[1] = 2; }",
    "macro add($v, e, @m) { $v += e; @m[1] = e; $v + e } macro none() { 1 } begin { print(add($a, 2, @x)); none }",
    "fn f($a : uint64, $b : struct task_struct *) : void { return; } fn g() : int8[4] { return 1 }",
    "tracepoint:syscalls:sys_enter_openat, t:raw_syscalls:sys_*,\n/* c */ k:[a-c]*, / pid == 1 / { @ = count() }",
    "uprobe:/usr/lib/*/libc.so:malloc+4 / arg0 / { } uprobe:./a.out:main/pid/{} usdt:lib/x.so:\"a:b\":c { }",
    "interval:1s { exit() } interval:ms:20, profile:hz:99 { } BEG$1 { } foo=begin { } uprobe:/bin/x:cpp:\"f(int)\" { }",
    "rawtracepoint::sys_enter { } watchpoint:0x1000:8:rw { } iter:task:/sys/fs/bpf/x { } syscall:%net { }",
    "begin { if (1) { } else if 2 { } else { } if $x { 1 } else { 2 }; }",
    "begin { $x = if a { 1 } else if b { 2 } else { if c { 3 } }; { $y = 1; } while ($x < 5) { $x++; break; continue; } }",
    "begin { unroll (3) { @a++; } unroll $1 { } for ($kv : @m) { print($kv.0.1, $kv.1); } for $i : 0..$#+1 { } }",
    "begin { let $x; let $y = 1; let $z : uint8 = 2; let $t : (int8, string[4]) = (1, \"a\"); _ = f(); return; }",
    "begin { $a += 1; $a -= 1; $a *= 1; $a /= 1; $a %= 1; $a &= 1; $a |= 1; $a ^= 1; $a <<= 1; @a[1, \"x\"] >>= 1 }",
    "begin { ++$a; $a++; --@b[1]; @b--; - -$x; !~*&$x; -(--$x); & &$x; *++$p; - --$x }",
    "begin { $x = a ? b : c ? d : e; $y = a ? b ? c : d : e; $z = a ?: b; nsecs ? f() : g(); }",
    "begin { (uint64)-1; (pid)-1; (int8[4])5; (struct foo *)$x; (x_t)*$p; (size_t)1; (a)b.c; (unsigned long) 3; (char *)&$d }",
    "begin { ((int8[])12345)[0]; (typeof($x))5; (typeof(struct x)*)$p; (a) & b; (a[1]) + 2; (string[4])$s; (a*)p }",
    "begin { sizeof(struct foo); sizeof(uint64 *); sizeof(x); sizeof(a[2]); sizeof(b*); offsetof(struct a, b.c.d); typeof(x[]); }",
    "begin { (); (1,); (1, 2); (a=1, b=(c=2)); f({ g(); 1 }, (1, 2)); ((1)); }",
    "begin { 0x1F; 0775; 1e6; 1_000; 10ul; 100ns; 5us; 20ms; 1s; 2m; 1h; 1d; true; false; $1; $#; 18446744073709551615; }",
    r#"begin { "a\n\t\r\"\\\x41\033[0m\xff é" "b" "c"; "multi
line"; "" }"#,
    "begin { args.x.y->z[0]; args->for; $x.0[1].b; curtask.comm; comptime 1 + 2; -comptime x; @; @[1]; @x[(1, 2)]; }",
    "begin { import \"stdlib/x\"; 1 + 2 * 3 - 4 / 5 % 6 << 1 >> 2 < 3 <= 4 > 5 >= 6 == 7 != 8 & 9 ^ 10 | 11 && 12 || 13 }",
    "// first\nbegin // on the line\n{\n  // inside\n  print(1); // behind\n  /* last */\n}\n// end",
    "self:signal:SIGUSR1 { print(\"x\"); } END { clear(@a); }",
    "begin { for ($i : 1..4) { if ($i == 2) { continue; } print($i); } @a = 1; return 1 }",
];

fn source(text: &str) -> Source {
    Source::new("stdin", text)
}

fn messages(text: &str) -> Vec<String> {
    let source = source(text);
    let said = |diagnostic: &Diagnostic| {
        let place = source.position(diagnostic.span.start);
        format!("{place} {}", diagnostic.kind.message())
    };
    parse(&source).diagnostics.iter().map(said).collect()
}

/// The tree of the only statement of a probe.
fn statement(text: &str) -> String {
    let source = source(&format!("begin {{ {text}; }}"));
    let parsed = parse(&source);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let tree = dump::script(&parsed.script);
    let at = tree.find("(block").expect("a block");
    let mut lines = tree[at..].lines().skip(1).map(str::trim);
    let joined = lines.by_ref().collect::<Vec<_>>().join(" ");
    joined.trim_end_matches(')').to_owned()
}

#[test]
fn print_then_parse_is_the_identity() {
    for text in CORPUS {
        let first = source(text);
        let tree = parse(&first);
        assert_eq!(tree.diagnostics, [], "{text}");
        let printed = source(&format::print(&tree.script, &first));
        let again = parse(&printed);
        assert_eq!(again.diagnostics, [], "{}", printed.text());
        let (before, after) = (dump::script(&tree.script), dump::script(&again.script));
        assert_eq!(before, after, "{text}\n{}", printed.text());
        let comments = |script: &Script| -> Vec<String> {
            script
                .comments
                .iter()
                .map(|comment| comment.text.clone())
                .collect()
        };
        assert_eq!(comments(&tree.script), comments(&again.script), "{text}");
        assert_eq!(
            format::print(&again.script, &printed),
            printed.text(),
            "printing is stable"
        );
    }
}

#[test]
fn canonical_layout() {
    let first = source("BEGIN/pid==1/{if(1){print(1)}else{@a[1,2]=count()}}//x\nt:a:b,k:f{}");
    assert_eq!(
        format::print(&parse(&first).script, &first),
        "BEGIN / pid == 1 / {\n  if (1) {\n    print(1)\n  } else {\n    @a[1, 2] = count();\n  }\n} //x\n\
         \nt:a:b,\nk:f { }\n"
    );
}

#[test]
fn precedence_is_that_of_c() {
    // Each operator binds tighter than the one before it, and groups to the left with its equals.
    let levels = [
        &["||"][..],
        &["&&"],
        &["|"],
        &["^"],
        &["&"],
        &["==", "!="],
        &["<", ">", "<=", ">="],
        &["<<", ">>"],
        &["+", "-"],
        &["*", "/", "%"],
    ];
    for (level, ops) in levels.iter().enumerate() {
        for op in *ops {
            for other in *ops {
                assert_eq!(
                    statement(&format!("1 {op} 2 {other} 3")),
                    format!("(do (binary {other} (binary {op} (integer 1) (integer 2)) (integer 3")
                );
            }
            for tighter in levels[level + 1..].iter().copied().flatten() {
                assert_eq!(
                    statement(&format!("1 {op} 2 {tighter} 3")),
                    format!(
                        "(do (binary {op} (integer 1) (binary {tighter} (integer 2) (integer 3"
                    )
                );
            }
        }
    }
    assert_eq!(
        statement("a ? 1 : b || c ? 2 : 3"),
        "(do (conditional ? : (ident a) (integer 1) \
         (conditional ? : (binary || (ident b) (ident c)) (integer 2) (integer 3"
    );
    assert_eq!(
        statement("-$x.a[0]++"),
        "(do (unary - (postfix ++ (index (field .a (var $x)) (integer 0"
    );
    assert_eq!(
        statement("!a == b"),
        "(do (binary == (unary ! (ident a)) (ident b"
    );
}

#[test]
fn casts_and_parentheses_are_told_apart() {
    assert_eq!(
        statement("(uint64) - 1"),
        "(do (cast (type uint64) (unary - (integer 1"
    );
    assert_eq!(
        statement("(pid) - 1"),
        "(do (binary - (paren (ident pid)) (integer 1"
    );
    assert_eq!(
        statement("(size_t)(x)"),
        "(do (cast (type size_t) (paren (ident x"
    );
    assert_eq!(
        statement("((struct x*)ctx).x"),
        "(do (field .x (paren (cast (pointer (type struct x)) (ident ctx"
    );
}

#[test]
fn a_slash_divides_or_ends_the_predicate() {
    let text = "begin / a / b == c[1 / 2] / { $x = 4 / 2; $y /= 2 }";
    let parsed = parse(&source(text));
    assert_eq!(parsed.diagnostics, []);
    let tree = dump::script(&parsed.script);
    assert!(tree.contains("(predicate\n      (binary =="), "{tree}");
}

#[test]
fn spans_reach_back_through_comments_and_blocks() {
    let text = "begin { f(/* one */ 1, { 2 } /* two */ + $x.yy); }";
    let source = source(text);
    let parsed = parse(&source);
    let tree = dump::script_with(&parsed.script, dump::Spans::Shown);
    let at = text.find("$x.yy").expect("the field");
    assert!(
        tree.contains(&format!("(field .yy @{at}..{}", at + 5)),
        "{tree}"
    );
    let at = text.find("{ 2 }").expect("the block");
    assert!(
        tree.contains(&format!("(block-value @{at}..{}", at + 5)),
        "{tree}"
    );
}

#[test]
fn every_error_is_reported() {
    let text = "begin { $x = ; print(1 2); if (a b) { $y = 08; } }\n\
                tracepoint:a:b { \"\\q\"; $0; foo( }\nend { @x[ = 1; }";
    assert_eq!(
        messages(text),
        [
            "1:14 syntax error, unexpected `;`, expected an expression",
            "1:24 syntax error, unexpected `2`, expected `)` or `,`",
            "1:34 syntax error, unexpected `b`, expected `)` or `,`",
            "1:44 invalid number `08`",
            "2:19 invalid escape `\\q` in a string",
            "2:24 invalid parameter `$0`: parameters are `$1`, `$2`, ...",
            "2:31 `(` is never closed",
            "3:9 `[` is never closed",
        ]
    );
}

#[test]
fn items_that_cannot_be_read() {
    let cases: [(&str, &[&str]); 12] = [
        ("", &["1:1 the script is empty: there is no probe in it"]),
        (
            "  // nothing\n",
            &["1:1 the script is empty: there is no probe in it"],
        ),
        ("a\0b", &["1:2 not a script: the text holds a NUL byte"]),
        (
            "print(1);",
            &["1:1 expected a probe with its action: `begin { ... }`"],
        ),
        (
            "{ print(1); }",
            &["1:1 expected a probe before the action: `begin { ... }`"],
        ),
        ("begin { } }", &["1:11 `}` closes nothing"]),
        ("begin { print(1)); }", &["1:17 `)` closes nothing"]),
        (
            "begin / pid == 1 { }",
            &["1:7 the predicate has no closing `/` before the action's `{`"],
        ),
        (
            "begin, , end { }",
            &["1:8 syntax error, unexpected `,`, expected a probe or `{`"],
        ),
        (
            "config = { a=1 b=2 } begin { }",
            &["1:16 syntax error, unexpected `b`, expected `;`"],
        ),
        (
            "let @m = 5; begin { }",
            &["1:10 syntax error, unexpected `5`, expected a name"],
        ),
        (
            "macro m(1) { } begin { }",
            &["1:9 syntax error, unexpected `1`, expected a map, a name, a variable or `)`"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(messages(text), expected, "{text}");
    }
}

#[test]
fn unfinished_text_is_incomplete() {
    for text in [
        "begin {",
        "begin { if (1) {",
        "begin { print(1,",
        "begin { \"abc",
        "begin { } /* abc",
        "begin / pid ==",
        "tracepoint:a:b",
        "struct x {",
        "macro m(a)",
    ] {
        let parsed = parse(&source(text));
        assert!(parsed.incomplete, "{text}");
        assert_eq!(
            parsed.diagnostics.len(),
            1,
            "{text}: {:?}",
            parsed.diagnostics
        );
    }
    for text in [
        "begin { }",
        "begin { print( }",
        "begin { } }",
        "",
        "begin { $x = ; }",
    ] {
        assert!(!parse(&source(text)).incomplete, "{text}");
    }
}

#[test]
fn nesting_is_limited() {
    let too_deep = |text: String| {
        let parsed = parse(&source(&text));
        let kinds: Vec<&Kind> = parsed.diagnostics.iter().map(|said| &said.kind).collect();
        let limits = |kind: &Kind| {
            matches!(
                kind,
                Kind::Syntax(SyntaxKind::TooDeep { .. } | SyntaxKind::TooLong { .. })
            )
        };
        assert!(
            kinds.len() == 1 && limits(kinds[0]),
            "{kinds:?}: {}",
            &text[..40]
        );
    };
    let nested = |open: &str, close: &str, count: usize| {
        format!(
            "begin {{ $x = {}1{}; }}",
            open.repeat(count),
            close.repeat(count)
        )
    };
    too_deep(nested("(", ")", 20_000));
    too_deep(nested("(", "", 20_000));
    too_deep(nested("f(", ")", 300));
    too_deep(nested("@a[", "]", 300));
    too_deep(nested("{", "}", 300));
    too_deep(nested("if if ", "", 300));
    too_deep(nested("1 ? ", ": 1", 300));
    too_deep(nested("1 ? 1 : ", "", 20_000));
    too_deep(nested("- ", "", 20_000));
    too_deep(nested("(int8)", "", 20_000));
    too_deep(nested("comptime ", "", 20_000));
    too_deep(nested("1 + ", "", 100_000));
    too_deep(nested("", ".a", 20_000));
    let links = "if a { 1 } else ".repeat(1_000);
    too_deep(format!("begin {{ $x = {links} {{ 1 }}; }}"));
    too_deep(nested("if (1) {", "}", 20_000));
    too_deep(format!(
        "begin {{ let $x : int8{} = 1; }}",
        "*".repeat(20_000)
    ));
    // What is within the limits is read, also with the small stack of a thread.
    for text in [
        nested("(", ")", 250),
        nested("f(@a[", "])", 125),
        nested("if (1) {", "}", 100),
        nested("(int8)- ", "", 100),
        nested("a == 1 || ", "", 300),
        nested("1 ? 1 : ", "", 250),
    ] {
        assert_eq!(messages(&text), [""; 0], "{}", &text[..40]);
        let first = source(&text);
        let parsed = parse(&first);
        assert!(!format::print(&parsed.script, &first).is_empty());
        assert_eq!(parsed.clone().script, parsed.script);
    }
}

#[test]
fn a_megabyte_is_read_in_time() {
    let statements = "begin { print(1); } /* c */ ".repeat(40_000);
    assert_eq!(messages(&statements), [""; 0]);
    let errors = messages(&"begin { print(1 2); }".repeat(5_000));
    assert_eq!(errors.len(), MAX_ERRORS + 1);
    assert!(errors[MAX_ERRORS].contains("too many errors"));
    let arguments = format!("begin {{ f({}1); }}", "$x, ".repeat(50_000));
    assert_eq!(messages(&arguments), [""; 0]);
    assert_eq!(messages(&"{(\"".repeat(300_000)).len(), 2);
    assert!(!messages(&"(".repeat(1 << 20)).is_empty());
    assert!(!messages(&"/".repeat(1 << 20)).is_empty());
    assert!(!messages(&"a/b:".repeat(1 << 18)).is_empty());
}

/// A small generator of pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

#[test]
fn mutated_scripts_never_panic() {
    const BITS: &[&str] = &[
        "{", "}", "(", ")", "[", "]", "/", "\"", ";", ",", ":", "?", "@", "$", "#", "*", "/*",
        "*/", "//", "if", " else ", "=", ".", "..", "->", "\\", "é", "\u{feff}", "typeof(",
        "struct ", "\n", "0x", "let ", "++",
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..4_000 {
        let mut text = CORPUS[round % CORPUS.len()].to_owned();
        for _ in 0..=random.below(4) {
            let mut at = random.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match random.below(3) {
                0 => text.insert_str(at, BITS[random.below(BITS.len())]),
                1 => text.truncate(at),
                _ => {
                    let rest = text.split_off(at);
                    text.extend(rest.chars().skip(1 + random.below(3)));
                }
            }
        }
        let source = source(&text);
        let parsed = parse(&source);
        for diagnostic in &parsed.diagnostics {
            assert!(diagnostic.span.end as usize <= text.len(), "{text}");
            crate::diagnostic::render::render(
                diagnostic,
                &source,
                crate::diagnostic::render::Style::Plain,
            );
        }
        // What is read without complaint prints to something that is read the same.
        if parsed.diagnostics.is_empty() {
            let printed = Source::new("printed", format::print(&parsed.script, &source));
            let again = parse(&printed);
            assert_eq!(
                dump::script(&parsed.script),
                dump::script(&again.script),
                "{text}\n---\n{}",
                printed.text()
            );
        }
    }
}
