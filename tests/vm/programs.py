"""The programs in the machine: Trapline, and what the cases run under it.

In: the sources in this repository and what this machine has. Out: paths of static programs below a target directory. Only
the Rust compiler is needed; what a C compiler makes, and `strace`, is left out where there is none, and cases skip it.
"""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = "x86_64-unknown-linux-gnu"
STATIC = "-C target-feature=+crt-static"

# Programs of other tests: name, source, what the compiler is told.
C_PROGRAMS = [
    ("rounds", "cli/tests/workloads/rounds.c", ["-O1"]),
    ("lab", "cli/tests/workloads/lab.c", ["-O1"]),
    ("narrow", "cli/tests/workloads/traps32.S", ["-m32", "-nostdlib"]),
    ("tracee", "runtime/tests/ptrace/workloads/tracee.c", ["-O1", "-pthread"]),
]


def build_folder():
    """A target directory of its own: the flags differ from those of other builds."""
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "static"


def trapline():
    """A static debug build."""
    print("building a static trapline", flush=True)
    environment = dict(os.environ, RUSTFLAGS=STATIC, CARGO_PROFILE_DEV_STRIP="symbols", CARGO_TARGET_DIR=build_folder())
    # A named target keeps the flags away from procedural macros, which cannot be static.
    words = ["cargo", "build", "--quiet", "--package", "trapline", "--target", TARGET]
    subprocess.run(words, cwd=ROOT, env=environment, check=True)
    return build_folder() / TARGET / "debug" / "trapline"


def built(name, source, words):
    """The program that a compiler makes of a source, anew if that has changed."""
    program = build_folder() / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*words, "-o", program, source], check=True)
    return program


def workload():
    """The program whose system calls the cases count."""
    return built("workload", HERE / "workload.rs", ["rustc", "--edition", "2024", "-O", "--target", TARGET, *STATIC.split()])


def c_programs():
    """Programs of other tests: name → path."""
    found = {}
    for name, source, words in C_PROGRAMS if shutil.which("cc") else []:
        try:
            found[name] = built(name, ROOT / source, ["cc", "-static", *words])
        except subprocess.CalledProcessError:
            print(f"no {name}: the C compiler makes no such program here", flush=True)
    return found


def strace():
    """This machine's strace and the libraries that it needs: path in the machine → path here."""
    program = shutil.which("strace")
    if program is None:
        return {}
    files = {"bin/strace": program}
    # libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0ea241e000)
    for line in subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.splitlines():
        files.update((word.lstrip("/"), word) for word in line.split() if word.startswith("/"))
    return files
