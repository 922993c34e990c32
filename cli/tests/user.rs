//! Probes on functions and markers of programs: each way to name a place, what is known there, and symbols.

mod support;

use serde_json::{Map, Value};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use support::{run, temporary, workload};

/// A workload that no other test runs.
fn own(name: &str, test: &str) -> String {
    let program = temporary(&format!("{test}-{name}"));
    fs::copy(workload(name), &program).expect("copied");
    program.to_str().expect("a UTF-8 path").to_owned()
}

/// The maps of a script that is run with a program.
#[track_caller]
fn maps_with(program: &str, script: &str) -> Map<String, Value> {
    run(&["-f", "json", "-e", script, "-c", program]).maps()
}

/// A workload with symbols for the loader alone.
fn stripped(name: &str) -> String {
    let program = temporary(&format!("{name}-stripped"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workloads");
    let status = Command::new("cc")
        .args(["-O1", "-pthread", "-rdynamic", "-s", "-o"])
        .args([&program, &source.join(format!("{name}.c"))])
        .status()
        .expect("a C compiler (`cc`)");
    assert!(status.success());
    program.to_str().expect("a UTF-8 path").to_owned()
}

/// What `-l` says.
fn listed(pattern: &str) -> Vec<String> {
    let text = run(&["-l", pattern]).ok();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn places_are_named_in_every_way() {
    let program = own("functions", "places");
    let address = |name: &str| {
        let symbols = Command::new("nm").arg(&program).output().expect("nm");
        let symbols = String::from_utf8(symbols.stdout).expect("symbols");
        let line = symbols.lines().find(|line| line.ends_with(name));
        let address = line.and_then(|line| line.split(' ').next());
        u64::from_str_radix(address.expect("a symbol"), 16).expect("an address")
    };
    let address = format!("{:#x}", address(" twice"));
    // The first instruction is one byte long.
    for name in ["twice", "twice+1", &address, "tw*ce"] {
        let probe = name.replace('*', "i");
        let maps = maps_with(
            &program,
            &format!("uprobe:{program}:{name} {{ @[probe, func] = count(); }}"),
        );
        let key = format!("uprobe:{program}:{probe},twice");
        assert_eq!(maps["@"][key], 5, "{name}: {maps:?}");
    }
    let folder = Path::new(&program).parent().expect("a folder").display();
    let maps = maps_with(
        &program,
        &format!("uprobe:{folder}/places-funct*ns:twice {{ @ = count(); }}"),
    );
    assert_eq!(maps["@"], 5);
}

#[test]
fn libraries_are_found_by_name_and_by_pattern() {
    let program = own("functions", "libraries");
    for library in ["libc", "libc.so.6", "/lib/*/libc.so.*"] {
        let maps = maps_with(
            &program,
            &format!(
                "uprobe:{library}:printf /pid == cpid/ {{ @[func, usym(reg(\"ip\"))] = count(); }}"
            ),
        );
        assert_eq!(maps["@"]["printf,printf"], 1, "{library}: {maps:?}");
    }
}

#[test]
fn functions_have_the_names_of_the_source() {
    let program = own("places", "functions");
    let maps = maps_with(
        &program,
        &format!(
            "uprobe:{program}:cpp:\"ns::f(int)\" {{ @one[func, arg0] = count(); }} \
             uprobe:{program}:cpp:\"ns::f\" {{ @both[func] = count(); }} \
             uretprobe:{program}:cpp:\"ns::f(int)\" {{ @returned[func, retval] = count(); }}"
        ),
    );
    assert_eq!(maps["@one"]["ns::f(int),1"], 1);
    assert_eq!(maps["@one"]["ns::f(int),2"], 1);
    assert_eq!(maps["@both"]["ns::f(int)"], 2);
    assert_eq!(maps["@both"]["ns::f(char const*)"], 1);
    assert_eq!(maps["@returned"]["ns::f(int),43"], 1);
    let expected = ["ns::f(char const*)", "ns::f(int)"]
        .map(|function| format!("uprobe:{program}:cpp:\"{function}\""));
    assert_eq!(listed(&format!("uprobe:{program}:cpp:\"ns::*\"")), expected);
    let linked = listed(&format!("uprobe:{program}:_ZN2ns*"));
    assert_eq!(linked.len(), 2, "{linked:?}");
}

#[test]
fn symbols_are_where_the_program_was_loaded() {
    let program = own("places", "loaded");
    let maps = maps_with(
        &program,
        &format!(
            "uprobe:{program}:_ZN2ns1f* {{ @answer[*(int32 *)uaddr(\"answer\"), usym(uaddr(\"main\"))] = count(); }}"
        ),
    );
    assert_eq!(maps["@answer"]["42,main"], 3, "{maps:?}");
    run(&[
        "-e",
        &format!("uretprobe:{program}:main {{ print(uaddr(\"answer\")); }}"),
    ])
    .refused(&["uaddr", "uretprobe", "keep it in a map"]);
    run(&[
        "-e",
        &format!("uprobe:{program}:main {{ print(uaddr(\"question\")); }}"),
    ])
    .refused(&["Failed to find symbol: question"]);
}

#[test]
fn programs_without_symbols_have_those_of_the_loader() {
    let program = stripped("functions");
    let functions = listed(&format!("uprobe:{program}:*"));
    assert!(
        functions.contains(&format!("uprobe:{program}:twice")),
        "{functions:?}"
    );
    let maps = maps_with(
        &program,
        &format!(
            "uprobe:{program}:twice {{ @[usym(reg(\"ip\"))] = count(); }} \
             usdt:{program}:doubling {{ @marker[probe] = count(); }}"
        ),
    );
    assert_eq!(maps["@"]["twice"], 5);
    let marker = format!("usdt:{program}:workload:doubling");
    assert_eq!(maps["@marker"][&marker], 5);
    assert_eq!(listed(&format!("usdt:{program}:*")), [marker]);
}

#[test]
fn stacks_of_programs_come_in_each_mode() {
    let program = own("functions", "stacks");
    let maps = maps_with(
        &program,
        &format!(
            "uprobe:{program}:twice {{ @short[ustack(1)] = count(); @perf[ustack(perf, 1)] = count(); \
             @raw[ustack(raw, 1)] = count(); @id[ustack(build_id, 1)] = count(); @length[len(ustack(1))] = count(); }}"
        ),
    );
    let key = |map: &str| {
        let keys = maps[map].as_object().expect("a map").keys();
        keys.map(|key| key.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(key("@short"), ["twice+0"]);
    assert_eq!(key("@length"), ["1"]);
    let perf = &key("@perf")[0];
    // JSON has no blanks here.
    assert!(perf.ends_with(&format!("twice+0({program})")), "{perf}");
    assert!(perf.starts_with(&key("@raw")[0]), "{maps:?}");
    let id = &key("@id")[0];
    assert_eq!(id.find("0x"), Some(40), "{id}");
}

#[test]
fn symbols_outlive_programs_and_their_children() {
    let program = own("functions", "outlived");
    // Gone long before anything is printed: the first by fork, the second by execve.
    let command = format!("sh -c '{program}; exec {program}'");
    let script =
        format!("uprobe:{program}:twice {{ @[pid, usym(reg(\"ip\")), ustack(2)] = count(); }}");
    let maps = maps_with(&command, &script);
    let entries = maps["@"].as_object().expect("a map");
    assert_eq!(entries.values().collect::<Vec<_>>(), [5, 5]);
    for key in entries.keys() {
        assert!(key.contains(",twice,"), "{key}");
        assert!(key.contains("twice+0"), "{key}");
    }
}

#[test]
fn a_marker_knows_whether_anybody_listens() {
    let program = own("marker", "a");
    let mut listener = Command::new(&program)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut output = BufReader::new(listener.stdout.take().expect("a pipe"));
    let mut line = String::new();
    output.read_line(&mut line).expect("it speaks");
    assert_eq!(line, "waiting\n");
    let pid = listener.id().to_string();
    // Another process of the program, which -p leaves out though it passes the marker too.
    let mut other = Command::new(&program)
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    let script = "usdt:*:workload:counted { @[pid] = count(); @n++; if (@n == 3) { exit(); } }";
    let maps = run(&["-f", "json", "-p", &pid, "-e", script]).maps();
    let entries = maps["@"].as_object().expect("a map");
    assert_eq!(entries.keys().collect::<Vec<_>>(), [&pid]);
    line.clear();
    output.read_to_string(&mut line).expect("it speaks");
    assert_eq!(line, "nobody listens\n");
    assert!(listener.wait().expect("it ends").success());
    other.kill().expect("it ends");
    other.wait().expect("it ends");
}

#[test]
fn what_is_no_place_is_said() {
    let program = own("functions", "what");
    for (probe, words) in [
        (format!("uprobe:{program}:twize"), "'twice'"),
        (format!("usdt:{program}:wrong:doubling"), ":wrong:doubling"),
        ("uprobe:*:main".to_owned(), "-p"),
        (
            format!("uprobe:{program}@functions.c:12"),
            "FUNCTION+OFFSET",
        ),
    ] {
        run(&["-e", &format!("{probe} {{ exit(); }}")]).refused(&[words]);
    }
    let script = format!("uprobe:{program}:twice {{ print(args.n); print(sarg0); }}");
    run(&["-e", &script]).refused(&["arg0, arg1", "reg(\"sp\")"]);
    let text = temporary("no-program");
    fs::write(&text, "text").expect("written");
    let script = format!("uprobe:{}:main {{ exit(); }}", text.display());
    run(&["-e", &script]).refused(&["ELF"]);
}

#[test]
fn other_threads_have_names() {
    let mut sleeper = Command::new("sleep").arg("60").spawn().expect("it runs");
    let pid = sleeper.id();
    // Not before execve it has its name.
    let name = format!("/proc/{pid}/comm");
    while fs::read_to_string(&name).expect("it runs") != "sleep\n" {
        std::thread::yield_now();
    }
    let script = format!(
        "BEGIN {{ printf(\"%s %s %d\\n\", comm({pid}), comm(curtask), comm((uint64)pid) == comm); exit(); }}"
    );
    let printed = run(&["-q", "-e", &script]).printed();
    sleeper.kill().expect("it ends");
    sleeper.wait().expect("it ends");
    assert_eq!(printed, "sleep trapline 1\n");
    // No thread has such a number.
    let nobody = run(&["-q", "-e", "BEGIN { print(comm(1 << 30)); exit(); }"]);
    assert_eq!(nobody.stdout.trim(), "");
    run(&["-e", "BEGIN { print(comm(\"sleep\")); }"])
        .refused(&["comm takes a thread id or a task"]);
}
