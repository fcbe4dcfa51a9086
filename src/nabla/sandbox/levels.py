"""The sandbox levels: how the zygote is started, and what it and its children may see.

``sandlock`` confines with Landlock and seccomp; ``none`` confines nothing and is used only when asked for by name.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import sandlock

from nabla.sandbox.file_facts import asked_file, bytecode_file, write_facts

RUNNER = Path(__file__).parent / "runner"
DENIED = (
    # limits and priorities of the zygote could be changed from a child
    *("prlimit64", "setrlimit", "setpriority", "ioprio_set"),
    *("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"),
    # other processes' memory and descriptors
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp", "pidfd_getfd"),
    # memory that no limit counts
    *("memfd_create", "memfd_secret", "mq_open"),
    # other people's files, which Landlock leaves to their owner: who opens them, whose they are
    *("inotify_init", "inotify_init1", "inotify_add_watch", "fanotify_init"),
    *("chown", "fchown", "lchown", "fchownat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
    # the machine itself, where the grader runs as root
    *("clock_settime", "clock_adjtime", "adjtimex", "settimeofday", "syslog", "chroot"),
    # nothing here has anybody to talk to (sandlock itself refuses connect, bind and sendto)
    *("listen", "accept", "accept4"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "perf_event_open", "bpf"),
    *("add_key", "request_key", "keyctl"),
)
SYSTEM_READABLE = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


class SandboxUnavailable(Exception):
    """The sandbox that the course asks for doesn't work here; the message says what is missing and how to get it."""


class Started(Protocol):
    """A running zygote process, whatever started it."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    @property
    def pid(self) -> int:
        """Its process number."""
        ...

    def kill(self) -> None:
        """Kill it."""
        ...

    def wait(self) -> Any:
        """Reap it."""
        ...


@dataclass(frozen=True)
class Launch:
    """What a zygote is started with."""

    level: str
    python: str
    preload: tuple[str, ...]
    work: Path
    """Folder of channels and scratch: all that the zygote may write to."""
    cache: Path
    """Font cache and the like: written by the zygote, out of reach for its children."""
    processes: int
    accelerator: str = ""
    """The device that student code may use; empty: the CPU alone."""
    nodes: tuple[str, ...] = ()
    """Its files, which student code may read and write."""

    @property
    def channels(self) -> Path:
        """Where the FIFOs of a submission appear for a moment."""
        return self.work / "channels"

    @property
    def facts(self) -> Path:
        """What the zygote needn't ask about the interpreter's files."""
        return self.work / "facts.json"

    def readable(self) -> list[str]:
        """Every path that student code may read: the interpreter, its packages, system libraries. No /proc, no home."""
        paths = [*interpreter_paths(self.python), *SYSTEM_READABLE, *DEVICES, str(RUNNER)]
        return sorted({path for path in paths if os.path.exists(path)})

    def argv(self) -> list[str]:
        """The command line; ``-I`` keeps the environment and the working folder out of the import path."""
        settings = {
            "preload": list(self.preload),
            "channels": str(self.channels),
            "level": self.level,
            "accelerator": self.accelerator,
            "nodes": list(self.nodes),
            "readable": self.readable(),
            "packages": interpreter_paths(self.python),
            "facts": str(self.facts),
            "asked": str(asked_file(self.cache, self.python, self.preload)),
            "bytecode": str(bytecode_file(self.cache, self.python)),
        }
        return [self.python, "-I", "-X", "utf8", str(RUNNER / "boot.py"), json.dumps(settings)]

    def environment(self) -> dict[str, str]:
        """The whole environment of the runner, by allow-list."""
        hidden = {} if self.accelerator else {"CUDA_VISIBLE_DEVICES": ""}
        return {
            **hidden,
            "PATH": f"{Path(self.python).parent}:/usr/bin:/bin",
            "HOME": str(self.cache),
            "TMPDIR": str(self.cache),
            "IPYTHONDIR": str(self.cache / "ipython"),
            "MPLCONFIGDIR": str(self.cache / "matplotlib"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "JAX_ENABLE_X64": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TORCH_DEVICE_BACKEND_AUTOLOAD": "0",  # looks through every installed package for one
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "NBGRADER_EXECUTION": "autograde",
        }


def interpreter_paths(python: str) -> list[str]:
    """Folders that belong to the interpreter ``python`` and its packages."""
    if _is_ours(python):
        names = ("stdlib", "platstdlib", "purelib", "platlib")
        found = [sys.prefix, sys.base_prefix, *(sysconfig.get_path(name) for name in names)]
    else:
        asked = (
            "import json, sys, sysconfig as s; names = ('stdlib', 'platstdlib', 'purelib', 'platlib'); "
            "print(json.dumps([sys.prefix, sys.base_prefix, *map(s.get_path, names)]))"
        )
        found = json.loads(said_by(python, asked))
    return [path for path in found if path != "/"]


def keep_out(python: str, folder: Path) -> None:
    """Raise `SandboxUnavailable` where student code could read ``folder``: it lies among the interpreter's files."""
    real = os.path.realpath(folder)
    for path in (*interpreter_paths(python), *SYSTEM_READABLE):
        if os.path.commonpath([real, os.path.realpath(path)]) == os.path.realpath(path):
            raise SandboxUnavailable(
                f"the course {folder} lies inside {path}, which student code may read. Move the course, or make its "
                "environment in a folder of its own (python -m venv .venv)."
            )


def start(launch: Launch, *, inherit: bool = False) -> Started:
    """A running zygote at ``launch.level``, on pipes; with ``inherit`` on this process's own standard streams.

    Raises `SandboxUnavailable`.
    """
    check_level(launch.level)
    packages = interpreter_paths(launch.python)
    write_facts(asked_file(launch.cache, launch.python, launch.preload), launch.facts, packages)
    begin = _start_unconfined if launch.level == "none" else _start_sandlock
    return begin(launch, inherit)


def check_level(level: str) -> None:
    """Raise `SandboxUnavailable` where ``level`` is unknown or can't work on this kernel."""
    if level == "sandlock":
        check_sandlock()
    elif level != "none":
        raise SandboxUnavailable(
            f"unknown sandbox level {level!r}: use 'sandlock', or 'none' for no protection at all."
        )


def _start_unconfined(launch: Launch, inherit: bool) -> Started:
    stdio = None if inherit else subprocess.PIPE
    return subprocess.Popen(  # type: ignore[return-value]
        launch.argv(), stdin=stdio, stdout=stdio, stderr=stdio, env=launch.environment(), cwd=launch.cache, bufsize=0
    )


def _start_sandlock(launch: Launch, inherit: bool) -> Started:
    sandbox = sandlock.Sandbox(
        fs_readable=launch.readable(),
        fs_writable=[str(launch.work), str(launch.cache), "/dev/null", *launch.nodes],
        gpu_devices=[] if launch.nodes else None,  # all of them, and what their drivers read below /proc and /sys
        clean_env=True,
        env=launch.environment(),
        max_processes=launch.processes,
        extra_deny_syscalls=list(DENIED),
        cwd=str(launch.cache),
        no_coredump=False,
    )
    stdio = sandlock.StdioMode.INHERIT if inherit else sandlock.StdioMode.PIPED
    try:
        started: Started = sandbox.popen(launch.argv(), stdin=stdio, stdout=stdio, stderr=stdio)
    except (RuntimeError, sandlock.SandlockError) as error:
        raise SandboxUnavailable(f"sandlock could not start the runner ({error}). {_OTHER_WAY}") from error
    return started


_OTHER_WAY = (
    "To grade without any protection (only work that you trust), set c.Nabla.sandbox = 'none' in nbgrader_config.py."
)


def check_sandlock() -> None:
    """Raise `SandboxUnavailable` where the kernel lacks what sandlock needs."""
    version, needed = sandlock.landlock_abi_version(), sandlock.min_landlock_abi()
    if version < needed:
        raise SandboxUnavailable(
            f"sandlock needs Landlock ABI {needed} (Linux 6.12 or newer, Landlock among the active security modules); "
            f"this kernel has {version if version > 0 else 'none'}. {_OTHER_WAY}"
        )


def runtime_description(python: str, preload: tuple[str, ...]) -> str:
    """Interpreter and versions of the preloaded packages, e.g. ``Python 3.11.7, torch 2.13.0``."""
    packages = dict.fromkeys(name.partition(".")[0] for name in preload)
    if _is_ours(python):
        return ", ".join([f"Python {platform.python_version()}", *[f"{name} {_version(name)}" for name in packages]])
    code = (
        "import platform, sys, importlib.metadata as m\n"
        "def v(n):\n"
        "    try: return m.version(n)\n"
        "    except m.PackageNotFoundError: return m.version(m.packages_distributions()[n][0])\n"
        "print(', '.join(['Python ' + platform.python_version(), *[f'{n} {v(n)}' for n in sys.argv[1:]]]))"
    )
    return said_by(python, code, *packages).strip()


def _is_ours(python: str) -> bool:
    return os.path.abspath(python) == os.path.abspath(sys.executable)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"


def said_by(python: str, code: str, *arguments: str) -> str:
    """What ``code`` prints in the interpreter ``python``. Raises `SandboxUnavailable` where that can't be run."""
    try:
        done = subprocess.run([python, "-I", "-c", code, *arguments], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SandboxUnavailable(
            f"{python} can't be run as Python ({error}). "
            "Correct c.Nabla.python or c.Nabla.runtimes in nbgrader_config.py."
        ) from error
    return done.stdout
