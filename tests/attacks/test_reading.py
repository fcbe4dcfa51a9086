"""Attempts to read what no student may: the checks, the key, the gradebook, other students' work, other processes.

Each looks for a canary; `attack` fails if one shows up anywhere in what the student gets to see.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from nabla.course import Course
from nabla.grading.submission import Engine
from nabla.sandbox import SandboxUnavailable, levels

from .conftest import CANARIES, GRADEBOOK_CANARY, NEIGHBOUR_CANARY, Attacker

FILES = (
    "nabla.key",
    "grader_tests/test_tiny.py",
    "gradebook.db",
    "submitted/neighbour/tiny/tiny.ipynb",
    "autograded/neighbour/tiny/tiny.ipynb",
    "source/tiny/tiny.ipynb",
    "nbgrader_config.py",
)
WAYS = {
    "open": "print(open(path, 'rb').read())",
    "os": "print(os.read(os.open(path, os.O_RDONLY), 10**6))",
    "noatime": "print(os.read(os.open(path, os.O_RDONLY | 0o1000000), 10**6))",
    "writing": "open(path, 'r+b')",
    "symlink": "os.symlink(path, 'link'); print(open('link').read())",
    "hardlink": "os.link(path, 'link'); print(open('link').read())",
    "rename": "os.rename(path, 'mine'); print(open('mine').read())",
    "exchange": "open('a', 'w').close(); call(316, -100, path.encode(), -100, b'a', 2)",
    "folder": "print(os.listdir(os.path.dirname(path)))",
    "descriptor": "d = os.open(os.path.dirname(path), 0o10000000); print(os.open(os.path.basename(path), 0, dir_fd=d))",
    "by path only": "d = os.open(path, 0o10000000); print(open(f'/proc/self/fd/{d}').read())",
    "empty path": "d = os.open(path, 0o10000000); call(437, d, b'', ctypes.create_string_buffer(24), 24)",
    "by handle": "call(303, -100, path.encode(), ctypes.create_string_buffer(200), ctypes.byref(ctypes.c_int()), 0)",
    "cat": "import subprocess; print(subprocess.run(['cat', path], capture_output=True, check=True))",
    "shell": "import subprocess; print(subprocess.run(f'. {path}', shell=True, capture_output=True, check=True))",
    "run": "os.chmod(path, 0o755); os.execv(path, [path])",
    "library": "ctypes.CDLL(path)",
    "import": "import importlib.machinery as m; m.SourceFileLoader('x', path).load_module()",
    "sqlite": "import sqlite3; print(sqlite3.connect(path).execute('select * from grade').fetchall())",
    "sqlite uri": "import sqlite3; print(sqlite3.connect(f'file:{path}?immutable=1', uri=True).execute('select * from grade').fetchall())",
    "numpy": "import numpy; print(numpy.fromfile(path, 'u1').tobytes())",
    "memory map": "import numpy; print(bytes(numpy.memmap(path, 'u1', 'r')))",
    "copy": "import shutil; shutil.copy(path, 'copy'); print(open('copy').read())",
    "user namespace": "call(272, 0x10000000); print(open(path).read())",
    "mount": "os.mkdir('m'); call(165, os.path.dirname(path).encode(), b'm', 0, 4096, 0); print(os.listdir('m'))",
    "root": "os.chroot(os.path.dirname(path)); print(open('/' + os.path.basename(path)).read())",
    "inotify": "d = call(294, 0); call(254, d, path.encode(), 0xfff)",
    "fanotify": "d = call(300, 0, 0); call(301, d, 1, 0x20, -100, path.encode())",
    "io_uring": "call(425, 8, ctypes.create_string_buffer(120))",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_student_cannot_read_the_gradebook_key(attack: Attacker, course: Course, way: str) -> None:
    assert attack.tried(f"path = {str(course.root / 'nabla.key')!r}\n{WAYS[way]}") != "worked"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", ["open", "cat", "descriptor"])
def test_a_student_cannot_read_any_file_of_the_course(attack: Attacker, course: Course, name: str, way: str) -> None:
    assert attack.tried(f"path = {str(course.root / name)!r}\n{WAYS[way]}") != "worked"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/etc/shadow",
        "~/.ssh",
        "~/.config",
        "~/.cache",
        "~/.bash_history",
        "/root",
        "/home",
        "/tmp",
        "/var/tmp",
        "/dev/shm",
        "/dev/mem",
        "/dev/kmsg",
        "/dev/tty",
        "/dev/pts",
        "/dev/fd",
        "/run",
        "/sys",
        "/proc",
        "/proc/self/maps",
        "/proc/self/mem",
        "/proc/self/environ",
        "/proc/self/fd",
        "/proc/net/tcp",
        "/proc/keys",
    ],
)
def test_a_student_sees_nothing_of_the_machine_but_the_interpreter(attack: Attacker, path: str) -> None:
    code = f"path = {os.path.expanduser(path)!r}\nopener = os.listdir if os.path.isdir(path) else open\nopener(path)"
    assert attack.tried(code) != "worked"


@pytest.mark.parametrize("victim", ["judge", "zygote", "init"])
@pytest.mark.parametrize("name", ["mem", "environ", "maps", "fd", "cmdline", "root", "cwd", "stack", "io"])
def test_a_student_cannot_read_another_process_through_proc(
    attack: Attacker, engine: Engine, victim: str, name: str
) -> None:
    pid = {"judge": os.getpid(), "zygote": engine.zygote.pid, "init": 1}[victim]
    code = (
        f"path = '/proc/{pid}/{name}'\nprint(os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(100))"
    )
    assert attack.tried(code) != "worked"


@pytest.mark.parametrize("victim", ["judge", "zygote"])
@pytest.mark.parametrize(
    "code",
    [
        "call(101, 16, pid, 0, 0)  # ptrace",
        "call(101, 0x4206, pid, 0, 0)  # ptrace, seize",
        "call(310, pid, iov, 1, iov, 1, 0)  # process_vm_readv",
        "call(311, pid, iov, 1, iov, 1, 0)  # process_vm_writev",
        "call(438, call(434, pid, 0), 0, 0)  # pidfd_getfd",
        "call(312, pid, os.getpid(), 1, 0, 0)  # kcmp",
        "call(440, call(434, pid, 0), iov, 1, 21, 0)  # process_madvise",
        "call(279, pid, 1, iov, 0, iov, 0)  # move_pages",
        "call(308, call(434, pid, 0), 0)  # setns",
        "call(298, ctypes.create_string_buffer(128), pid, -1, -1, 0)  # perf_event_open",
    ],
)
def test_a_student_cannot_reach_into_another_process(attack: Attacker, engine: Engine, victim: str, code: str) -> None:
    pid = {"judge": os.getpid(), "zygote": engine.zygote.pid}[victim]
    setting = (
        f"pid = {pid}\nbox = ctypes.create_string_buffer(64)\niov = (ctypes.c_size_t * 2)(ctypes.addressof(box), 64)\n"
    )
    assert attack.tried(setting + code) == "PermissionError"


def test_the_environment_holds_nothing_but_what_the_runner_needs(attack: Attacker) -> None:
    outcome = attack(
        "import os, subprocess\nprint(sorted(os.environ))\nprint(subprocess.run('env', capture_output=True).stdout)"
    )
    assert "NABLA_TEST_SECRET" not in outcome.shown
    assert "GITHUB" not in outcome.shown
    assert outcome.scores == (1, 4, 2)


def test_the_command_line_holds_no_folder_of_the_course(attack: Attacker, course: Course) -> None:
    outcome = attack("import sys\nprint(sys.orig_argv, sys.argv, sys.path)")
    assert str(course.root) not in outcome.shown


def test_a_student_inherits_no_descriptor_but_his_own_channel(attack: Attacker) -> None:
    cell = """
    import ctypes
    print([number for number in range(8192) if ctypes.CDLL(None).fcntl(number, 1) >= 0])
    """
    assert attack(cell).printed.strip() == "[0, 1, 2, 200, 201]"


def test_descriptors_beyond_any_range_are_closed_too(attack: Attacker) -> None:
    outcome = attack("import os\nd = os.dup(0)\nprint(d)\nos.close(d)")
    assert outcome.printed.strip() == "3"


def test_a_student_cannot_list_or_open_the_channels_of_others(attack: Attacker, engine: Engine) -> None:
    folder = str(engine.zygote.launch.channels)
    for code in (f"os.listdir({folder!r})", f"os.mkfifo({folder + '/x.req'!r})", f"os.open({folder!r}, os.O_RDONLY)"):
        assert attack.tried(code) == "PermissionError"


def test_a_student_cannot_list_the_scratch_folders_of_others(attack: Attacker, engine: Engine) -> None:
    for code in ("os.listdir('../..')", f"os.listdir({str(engine.zygote.work)!r})", "os.mkdir('../../another')"):
        assert attack.tried(code) == "PermissionError"


SEARCH = """
import ctypes, gc, os
libc = ctypes.CDLL(None, use_errno=True)
reader, writer = os.pipe()
def page(number):
    '''A page of this process's memory, or None where there is none: write() says EFAULT and doesn't crash.'''
    size = libc.write(writer, ctypes.c_void_p(number << 12), 4096)
    return os.read(reader, size) if size > 0 else None
def everything():
    '''All pages that hang together with any object: heap, arenas, stack, libraries' data.'''
    buffers = [id(found) >> 12 for found in gc.get_objects()] + [ctypes.addressof(ctypes.c_int.in_dll(libc, 'stdout')) >> 12]
    buffers.append(ctypes.cast(ctypes.pointer(ctypes.c_int()), ctypes.c_void_p).value >> 12)
    buffers.append(ctypes.c_void_p.in_dll(libc, 'environ').value >> 12)
    known = set()
    for start in set(buffers):
        for step in (1, -1):
            number = start if step == 1 else start - 1
            while number not in known and page(number) is not None:
                known.add(number)
                number += step
    return sorted(known)
def search(*wanted):
    '''How many pages were searched, and in how many each text lies. Texts come in halves: else this cell would count.'''
    count, found, tail, last = 0, [0] * len(wanted), b'', -2
    for number in everything():
        content = page(number) or b''
        text = (tail if number == last + 1 else b'') + content
        found = [known + holds(text, *halves) for known, halves in zip(found, wanted)]
        count, tail, last = count + 1, content[-100:], number
    return count, found
def holds(text, first, second):
    place = text.find(first)
    while place >= 0:
        if text.startswith(second, place + len(first)):
            return True
        place = text.find(first, place + 1)
    return False
"""


def test_no_memory_that_a_student_can_read_holds_a_secret_or_another_submission(attack: Attacker) -> None:
    own = "unmistakable-text-of-my-own"
    marked = f"mine = 'x' + {NEIGHBOUR_CANARY!r}[::-1]\nother = {GRADEBOOK_CANARY!r}.encode() * 1000\ndel other\n"
    attack(marked, files={"data.txt": NEIGHBOUR_CANARY.encode()})  # the neighbour, one submission before
    halves = [(text[:8].encode(), text[8:].encode()) for text in (own, *CANARIES)]
    outcome = attack(f"own = {own!r}\n{SEARCH}\nprint(search(*{halves!r}))")
    count, found = ast.literal_eval(outcome.printed)
    assert count > 2000
    assert found[0] > 0  # the search works: it finds what lies there
    assert found[1:] == [0] * len(CANARIES)


def test_the_zygote_never_reads_a_byte_of_a_submission(attack: Attacker, engine: Engine) -> None:
    attack(f"text = {NEIGHBOUR_CANARY!r} * 100\nprint(len(text))", files={"f.txt": NEIGHBOUR_CANARY.encode()})
    assert memory_of(engine.zygote.pid).count(b"nabla_runner") > 0
    assert NEIGHBOUR_CANARY.encode() not in memory_of(engine.zygote.pid)


def memory_of(pid: int) -> bytes:
    """Everything that ``pid`` can write to, read from outside."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(number, 16) for number in span.split("-"))
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


def test_zygote_and_submission_share_no_memory_that_both_can_write(engine: Engine) -> None:
    lines = Path(f"/proc/{engine.zygote.pid}/maps").read_text().splitlines()
    assert [line for line in lines if line.split()[1].startswith("rw") and line.split()[1].endswith("s")] == []


def test_histories_hold_nothing_of_the_submission_before(attack: Attacker) -> None:
    attack(f"# {NEIGHBOUR_CANARY}\n_secret = 1")
    outcome = attack("%history -g\nprint(In, Out, sorted(k for k in globals() if 'secret' in k))\n%who")
    assert outcome.scores == (1, 4, 2)


def test_the_mount_table_is_made_up(attack: Attacker) -> None:
    outcome = attack(
        "print(open('/proc/self/mountinfo').read(), open('/proc/mounts').read(), open('/etc/hosts').read())"
    )
    assert len(outcome.printed.split()) < 30


def test_messages_and_outputs_never_show_the_checks_source(attack: Attacker) -> None:
    assert attack(square="def square(x): raise RuntimeError(x)").scores == (1, 0, 2)
    assert attack(square="def square(x): return None").scores == (1, 0, 2)


def test_a_course_inside_the_environment_of_the_runner_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "interpreter_paths", lambda python: [str(tmp_path)])
    for root in (tmp_path, tmp_path / "course"):
        root.mkdir(exist_ok=True)
        with pytest.raises(SandboxUnavailable, match="Move the course"):
            Engine.for_course(Course.load(root))
