"""A virtual machine that runs cases: in go a kernel, programs and cases, out come the lines that each case printed.

The machine has no disk and no network. Its root file system is an initramfs; the kernel's log goes to the first
serial port and what the cases print to the second, so that neither disturbs the other.
"""

import base64
import dataclasses
import os
import pathlib
import select
import stat
import subprocess
import tempfile
import time

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "examples"
INIT = pathlib.Path(__file__).with_name("init.sh")
LIBRARY = pathlib.Path(__file__).with_name("lib.sh")

# Lines of the kernel's log that are a failure even if every case passed.
KERNEL_TROUBLE = ("Kernel panic", "BUG:", "Oops:", "WARNING:", "INFO: rcu", "general protection fault", "Call Trace:")


@dataclasses.dataclass
class Result:
    """What became of one case on one kernel."""

    verdict: str  # "pass", "fail" or "skip"
    seconds: float
    lines: list
    files: dict = dataclasses.field(default_factory=dict)  # what the case kept: name → bytes


@dataclasses.dataclass
class Run:
    """What became of one kernel."""

    release: str  # `uname -r`; empty if it did not come up
    seconds: float
    results: dict  # case name → Result
    kernel_log: str
    trouble: list  # lines of the kernel's log that tell of a failure in the kernel


class Archive:
    """A cpio archive in the form that the kernel unpacks (`newc`, linux v6.12 init/initramfs.c)."""

    def __init__(self):
        self.bytes = bytearray()
        self.inode = 0

    def _entry(self, name, mode, data=b"", device=(0, 0)):
        self.inode += 1
        path = name.encode() + b"\0"
        fields = [self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0]
        self.bytes += b"070701" + b"".join(b"%08X" % field for field in fields)
        for part in (path, data):
            self.bytes += part
            self.bytes += b"\0" * (-len(self.bytes) % 4)

    def folder(self, name):
        self._entry(name, stat.S_IFDIR | 0o755)

    def device(self, name, major, minor):
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def file(self, name, path, mode=0o755):
        self._entry(name, stat.S_IFREG | mode, pathlib.Path(path).read_bytes())

    def finish(self):
        self._entry("TRAILER!!!", 0)
        return bytes(self.bytes)


def initramfs(busybox, programs, files, cases, examples):
    """The root file system: busybox, `programs` (name → path) in /bin, `cases` in /cases, `examples` in /examples, and
    `files` (path there → path here)."""
    archive = Archive()
    folders = {"bin", "cases", "examples", "examples/lib", "dev", "proc", "sys", "tmp", "etc"}
    for name in files:
        folders.update(str(folder) for folder in pathlib.PurePath(name).parents)
    for name in sorted(folders - {"."}):
        archive.folder(name)
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3)
    archive.file("init", INIT)
    archive.file("bin/busybox", busybox)
    for name, path in programs.items():
        archive.file(f"bin/{name}", path)
    for name, path in files.items():
        archive.file(name, path)
    archive.file("cases/lib.sh", LIBRARY)
    for case in cases:
        archive.file(f"cases/{case.stem}.sh", case)
    for example in examples:
        archive.file(f"examples/{example.relative_to(EXAMPLES)}", example)
    return archive.finish()


def boot(qemu, kernel, image, cases, case_seconds, processors):
    """Boots a kernel, lets it run all cases of the image and returns what became of them."""
    words, environment = qemu
    with tempfile.TemporaryDirectory(prefix="trapline-vm-") as folder:
        initrd = pathlib.Path(folder, "initrd")
        log = pathlib.Path(folder, "log")
        initrd.write_bytes(image)
        # no_timer_check: on a busy machine ticks come too late for the kernel's test of its timer, and it gives up.
        # cmpxchg16b of qemu 7.2 is broken under load, and kernels do not need it.
        machine = subprocess.Popen(
            [
                *words,
                *("-accel", "tcg", "-cpu", "max,-cx16", "-m", "512", "-smp", str(processors)),
                *("-kernel", str(kernel), "-initrd", str(initrd)),
                *("-append", f"console=ttyS0 panic=-1 loglevel=6 no_timer_check case_seconds={case_seconds}"),
                *("-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot"),
                *("-serial", f"file:{log}", "-serial", "stdio"),
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started = time.monotonic()
        # Booting takes some seconds, on a busy machine a minute; then each case has its own limit in the machine.
        deadline = started + 120 + len(cases) * (case_seconds + 10)
        try:
            output, in_time = read_until_end(machine.stdout, deadline)
        finally:
            machine.kill()
            machine.wait()
        kernel_log = log.read_text(errors="replace") if log.exists() else ""
    release, results = parse(output)
    for case in cases:
        if case.stem not in results:
            reason = "the machine ended before it" if in_time else "the machine ran out of time"
            results[case.stem] = Result("fail", 0.0, [f"FAIL not run to its end: {reason}", *output[-20:]])
    trouble = [line for line in kernel_log.splitlines() if any(word in line for word in KERNEL_TROUBLE)]
    return Run(release, time.monotonic() - started, results, kernel_log, trouble)


def read_until_end(pipe, deadline):
    """The lines that come through a pipe until it closes, and whether that was before the deadline."""
    data = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([pipe], [], [], left)
        if not ready:
            break
        piece = os.read(pipe.fileno(), 1 << 16)
        if not piece:
            return lines_of(data), True
        data += piece
    return lines_of(data), False


def lines_of(data):
    """Text lines without the carriage returns of a serial line."""
    return data.decode(errors="replace").replace("\r", "").splitlines()


def parse(output):
    """Sorts the lines of the second serial port by case.

    `init.sh` prints `@ready RELEASE`, then for each case `@begin NAME`, its lines, `@end NAME STATUS SECONDS`. Among
    those lines may be files that the case keeps: `@keep NAME BASE64`.
    """
    release, results, lines, files = "", {}, [], {}
    for line in output:
        words = line.split()
        if line.startswith("@ready "):
            release = words[1]
        elif line.startswith("@begin "):
            lines, files = [], {}
        elif line.startswith("@keep ") and len(words) == 3:
            files[words[1]] = base64.b64decode(words[2])
        elif line.startswith("@end ") and len(words) == 4:
            results[words[1]] = judge(lines, int(words[2]), float(words[3]))
            results[words[1]].files = files
        else:
            lines.append(line)
    return release, results


def judge(lines, status, seconds):
    """A case passes if it says `ok` at least once, never `FAIL`, and ends with status 0."""
    said = [line.split()[0] for line in lines if line.split()]
    if status != 0:
        # The status that busybox's `timeout` leaves behind after its signal.
        cause = "it took too long" if status in (137, 143) else f"exit status {status}"
        lines = [*lines, f"FAIL the case itself: {cause}"]
        return Result("fail", seconds, lines)
    if "FAIL" in said or not ("ok" in said or "skip" in said):
        return Result("fail", seconds, lines)
    return Result("pass" if "ok" in said else "skip", seconds, lines)
