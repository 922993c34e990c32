//! What scripts are made of beside probes: imports, named parameters, tests, benchmarks, standard form.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use support::{run, run_script, temporary};

/// A folder with files in it.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = temporary(name);
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

#[test]
fn scripts_import_scripts_relative_to_themselves() {
    let folder = folder(
        "import",
        &[
            (
                "main.bt",
                "import \"lib\"; import \"lib/math.bt\"; BEGIN { printf(\"%d\\n\", twice(21)); exit(); }",
            ),
            (
                "lib/math.bt",
                "import \"greet.bt\"; macro twice(n) { n * 2 }",
            ),
            (
                "lib/greet.bt",
                "#!/usr/bin/trapline\nBEGIN { printf(\"hello\\n\"); }",
            ),
            (
                "wrong.bt",
                "import \"lib/none.bt\"; import \"lib/bad.txt\"; END { }",
            ),
            ("lib/bad.txt", "END { printf(\"%d\\n\"); }"),
        ],
    );
    let script = |name: &str| folder.join(name).display().to_string();
    assert_eq!(run(&["-q", &script("main.bt")]).printed(), "hello\n42\n");
    run(&[&script("wrong.bt")]).refused(&[
        "main.bt:1:1".replace("main", "wrong").as_str(),
        "Can't import 'lib/none.bt': no such file",
        "lib/bad.txt:1:7-21: ERROR: ",
    ]);
    let path = folder.display().to_string();
    let inline = "import \"lib/math.bt\"; BEGIN { print(twice(4)); exit(); }";
    assert_eq!(
        run(&["-q", "-I", &path, "-e", inline]).printed(),
        "hello\n8\n"
    );
    let header = script("lib/math.bt");
    let inline = "BEGIN { print(twice(5)); exit(); }";
    assert_eq!(
        run(&["-q", "--include", &header, "-e", inline]).printed(),
        "hello\n10\n"
    );
}

#[test]
fn nothing_is_imported_from_where_everyone_can_write() {
    let folder = folder(
        "open-import",
        &[
            ("main.bt", "import \"shared/x.bt\"; BEGIN { exit(); }"),
            ("shared/x.bt", "END { }"),
            ("f.bpf.c", "int f(void) { return 1; }"),
        ],
    );
    let shared = folder.join("shared");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).expect("changed");
    let script = folder.join("main.bt").display().to_string();
    run(&[&script]).refused(&["everyone can write to", "shared"]);
    let functions = folder.join("f.bpf.c").display().to_string();
    run_script(&format!("import \"{functions}\"; BEGIN {{ exit(); }}"))
        .refused(&["importing C functions", "not supported"]);
}

#[test]
fn a_script_tells_its_parameters() {
    let script =
        "BEGIN { print(getopt(\"top\", 10, \"how many\")); print(getopt(\"all\")); exit(); }";
    let with = |word: &str| run(&["-q", "-e", script, "--", word]);
    assert_eq!(with("--top=3").printed(), "3\nfalse\n");
    for word in ["--help", "--tpo=3"] {
        let told = with(word);
        assert_eq!(told.status, 1);
        for line in [
            "HINT: expected program options:",
            "    --top: how many\n",
            "    --all\n",
        ] {
            assert!(told.stderr.contains(line), "{}", told.stderr);
        }
    }
    with("--top=many").refused(&["Invalid value for --top: 'many' is not a number"]);
}

#[test]
fn tests_pass_or_fail() {
    let script = "fn twice($n : int64) : int64 { return $n * 2; }
        BEGIN { printf(\"begin\\n\"); }
        test:right { if (twice(2) != 4) { return 1; } }
        test:wrong { for ($i : 0..9) { if ($i == 3) { return 1; } } printf(\"not reached\\n\"); }
        interval:s:1 { printf(\"never\\n\"); }";
    let ran = run(&["-q", "--test", "-e", script]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with("begin\n[     OK ] right ("),
        "{}",
        ran.stdout
    );
    for words in ["[ FAILED ] wrong (", "2 tests: 1 passed, 1 failed\n"] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("never") && !ran.stdout.contains("reached"));
    assert_eq!(run(&["--mode", "test", "-e", "test:a { }"]).status, 0);
    run_script("test:a { }").refused(&["no probe"]);
}

#[test]
fn benchmarks_tell_their_time() {
    let ran = run(&[
        "-q",
        "-f",
        "json",
        "--bench",
        "-e",
        "bench:a { @++; } bench:b { print(1); }",
    ]);
    let results: Vec<serde_json::Value> = ran
        .ok()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .filter(|line: &serde_json::Value| line["type"] == "benchmark_result")
        .collect();
    assert_eq!(results.len(), 2);
    let first = &results[0]["data"]["a"];
    assert!(
        first["iters"].as_u64() > Some(0) && first["average"].is_u64(),
        "{first}"
    );
}

#[test]
fn a_script_is_printed_in_standard_form() {
    let script = "BEGIN{ // greets\nprintf( \"hi\" ) ;exit( )}";
    let once = run(&["--fmt", "-e", script]).ok();
    assert!(once.contains("// greets"), "{once}");
    assert_eq!(run(&["--mode", "format", "-e", &once]).ok(), once);
    let list = run(&["--fmt", "-e", "syscall:openat, close:enter{}"]).ok();
    assert!(list.starts_with("syscall:openat,close:enter {"), "{list}");
}
