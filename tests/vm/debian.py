"""Debian's packages without installing them: a private apt directory, unpacked trees, a cache.

In: the machine's own apt sources, for the address of a mirror. Out: paths of kernels, of busybox and of qemu below the
cache directory. Nothing outside that directory is changed.
"""

import functools
import os
import pathlib
import shutil
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
METAPACKAGE = "linux-image-cloud-amd64"

# Where kernels come from: suite and whether it lies on the security mirror. Exact versions vanish from mirrors, so a
# kernel is named by its series alone and found through the metapackage.
KERNEL_SUITES = [
    ("bullseye-security", True),
    ("bookworm", False),
    ("trixie", False),
    ("trixie-backports", False),
]

# Kernel series: the name in options and tables, and what the version of the metapackage starts with.
SERIES = {"5.10": "5.10.", "6.1": "6.1.", "6.12": "6.12.", "7.x": "7."}


class DebianError(Exception):
    """Something that the mirror or apt does not give."""


def command(*words, **options):
    """Runs a command and returns what it prints."""
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise DebianError(f"{' '.join(map(str, words))}\n{done.stderr.strip()}")
    return done.stdout


def machine_mirrors():
    """The mirrors of the machine's own sources: the main one and that of security updates."""
    main, security = None, None
    for line in command("apt-get", "indextargets", "--format", "$(CREATED_BY) $(RELEASE) $(REPO_URI)").splitlines():
        kind, release, uri = line.split()
        if kind != "Packages":
            continue
        if release.endswith("-security"):
            security = security or uri
        elif release.split("-")[0] in ("bullseye", "bookworm", "trixie", "forky", "stable", "testing", "sid"):
            main = main or uri
    if main is None:
        raise DebianError("no Debian mirror in this machine's apt sources; name one with --mirror")
    return main, security


def security_mirror_of(main):
    """Where a mirror keeps security updates by custom: beside the main archive."""
    return main.rstrip("/") + "-security/"


class Debian:
    """The private apt directory and what was unpacked from it."""

    def __init__(self, cache, mirror=None):
        self.cache = pathlib.Path(cache)
        self.mirror = mirror
        self.apt = self.cache / "apt"

    @functools.cached_property
    def host_release(self):
        """The code name of the machine's own release: qemu must fit its libraries."""
        for line in pathlib.Path("/etc/os-release").read_text().splitlines():
            if line.startswith("VERSION_CODENAME="):
                return line.split("=")[1].strip('"')
        raise DebianError("/etc/os-release names no release")

    def _apt(self, tool, *words, sources="all"):
        """Runs an apt tool on the private directory."""
        return command(
            tool,
            f"-oDir::State={self.apt}/state",
            "-oDir::State::status=/var/lib/dpkg/status",
            f"-oDir::Cache={self.apt}/cache",
            f"-oDir::Etc::SourceList={self.apt}/{sources}.list",
            "-oDir::Etc::SourceParts=/dev/null",
            "-oDir::Etc::Preferences=/dev/null",
            "-oDir::Etc::PreferencesParts=/dev/null",
            "-oAcquire::Languages=none",
            "-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            "-oAPT::Sandbox::User=root",
            *words,
            cwd=self.downloads,
        )

    @functools.cached_property
    def downloads(self):
        """Where packages are fetched to."""
        folder = self.cache / "packages"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @functools.cached_property
    def lists(self):
        """Fetches the package lists, once a run."""
        if self.mirror is None:
            main, security = machine_mirrors()
        else:
            main, security = self.mirror, None
        security = security or security_mirror_of(main)
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (self.apt / folder).mkdir(parents=True, exist_ok=True)

        def line(suite, uri):
            return f"deb [signed-by={KEYRING}] {uri} {suite} main\n"

        host = [line(self.host_release, main), line(f"{self.host_release}-backports", main)]
        kernels = [line(suite, security if on_security else main) for suite, on_security in KERNEL_SUITES]
        # The machine's own release stands alone in a second list: with newer releases beside it apt would take
        # libraries from those, and they want a newer libc.
        (self.apt / "host.list").write_text("".join(host))
        (self.apt / "all.list").write_text("".join(dict.fromkeys(host + kernels)))
        print("fetching package lists", flush=True)
        self._apt("apt-get", "-q", "update")
        return True

    def _unpack(self, packages, into, sources="all"):
        """Fetches packages (`name` or `name=version`) and unpacks them into a fresh directory."""
        fresh = into.with_name(into.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for package in packages:
            print(f"fetching {package}", flush=True)
            for old in self.downloads.iterdir():
                old.unlink()
            self._apt("apt-get", "-q", "download", package, sources=sources)
            (archive,) = self.downloads.glob("*.deb")
            command("dpkg", "-x", str(archive), str(fresh))
            archive.unlink()
        shutil.rmtree(into, ignore_errors=True)
        fresh.rename(into)

    def kernel(self, series, update=False):
        """The image of the newest kernel of a series."""
        folder = self.cache / "kernels" / series
        if update or not folder.exists():
            self.lists
            package = self._kernel_package(SERIES[series])
            self._unpack([package], folder)
            # Modules and symbols are not needed: what a case may rely on is built in.
            for tree in ("usr/lib/debug", "usr/share"):
                shutil.rmtree(folder / tree, ignore_errors=True)
        # Up to Linux 6 the image lies in /boot, later beside the modules.
        for pattern in ("boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz", "lib/modules/*/vmlinuz"):
            for image in folder.glob(pattern):
                return image
        raise DebianError(f"no kernel image below {folder}")

    def _kernel_package(self, prefix):
        """The package, with its version, that holds the image of the newest kernel of a series."""
        for fields in self._stanzas(METAPACKAGE):
            if fields["Version"].startswith(prefix):
                package = self._dependency(fields, "linux-image-")
                # From Linux 7 on that one is a metapackage too.
                (fields,) = [row for row in self._stanzas(package.split("=")[0]) if package.endswith("=" + row["Version"])]
                return self._dependency(fields, "linux-binary-") or package
        raise DebianError(f"the mirror has no {METAPACKAGE} of series {prefix}*")

    def _stanzas(self, package):
        """What the lists say of a package: a dictionary for each version, newest first."""
        for stanza in self._apt("apt-cache", "show", package).strip().split("\n\n"):
            yield dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")

    @staticmethod
    def _dependency(fields, prefix):
        """The dependency whose name starts with `prefix`, as `name=version`."""
        for dependency in fields["Depends"].split(", "):
            if dependency.startswith(prefix):
                return dependency.replace(" (= ", "=").rstrip(")")
        return None

    def busybox(self):
        """A busybox without shared libraries."""
        folder = self.cache / "busybox"
        if not folder.exists():
            self.lists
            self._unpack(["busybox-static"], folder, sources="host")
        for path in ("usr/bin/busybox", "bin/busybox"):
            if (folder / path).exists():
                return folder / path
        raise DebianError(f"no busybox below {folder}")

    def qemu(self):
        """The command that starts qemu: the machine's own if there is one, else an unpacked one with its libraries."""
        installed = shutil.which("qemu-system-x86_64")
        if installed:
            return [installed], None
        folder = self.cache / "qemu"
        if not folder.exists():
            self.lists
            self._unpack(self._qemu_packages(), folder, sources="host")
        libraries = [str(folder / lib / "x86_64-linux-gnu") for lib in ("lib", "usr/lib")]
        environment = dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))
        data = [word for name in ("qemu", "seabios") for word in ("-L", str(folder / "usr/share" / name))]
        return [str(folder / "usr/bin/qemu-system-x86_64"), *data], environment

    def _qemu_packages(self):
        """qemu and those of its dependencies that the machine lacks, as apt would install them."""
        wanted = ["apt-get", "-s", "install", "--no-install-recommends"]
        for suite in (f"{self.host_release}-backports", self.host_release):
            try:
                plan = self._apt(*wanted, "-t", suite, "qemu-system-x86", "seabios", sources="host")
            except DebianError:
                continue
            # Inst libslirp0 (4.7.0-1 Debian:12.11/oldstable [amd64])
            rows = [line.split() for line in plan.splitlines() if line.startswith("Inst ")]
            versions = [(row[1], next(word for word in row if word.startswith("("))[1:]) for row in rows]
            return [f"{name}={version}" for name, version in versions]
        raise DebianError("apt finds no qemu-system-x86 that fits this machine")
