"""Attempts to disturb: the judge, the zygote, the files of the course, the neighbour's grade, time and memory.

`attack` itself compares the zygote's limits, priority, processors and state, and every file of the course.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading

import pytest

from nabla.course import Course
from nabla.grading.submission import Engine
from nabla.sandbox import watch
from nabla.sandbox.file_facts import bytecode_file

from .conftest import Attacker
from .test_forging import RUNNER

MEGABYTE = 2**20


@pytest.mark.parametrize("victim", ["judge", "zygote", "init"])
@pytest.mark.parametrize(
    "code",
    [
        "os.kill(pid, signal.SIGKILL)",
        "os.kill(pid, signal.SIGSTOP)",
        "call(234, pid, pid, signal.SIGUSR1)  # tgkill",
        "call(200, pid, signal.SIGUSR1)  # tkill",
        "call(129, pid, signal.SIGUSR1, ctypes.create_string_buffer(128))  # rt_sigqueueinfo",
        "call(424, call(434, pid, 0), signal.SIGKILL, 0, 0)  # pidfd_send_signal",
        "os.setpriority(os.PRIO_PROCESS, pid, 19)",
        "os.sched_setaffinity(pid, {0})",
        "os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))",
        "os.sched_setparam(pid, os.sched_param(0))",
        "call(314, pid, ctypes.create_string_buffer(bytes([48]) + bytes(47)), 0)  # sched_setattr",
        "call(251, 1, pid, 3 << 13)  # ioprio_set",
        "call(302, pid, 7, (ctypes.c_long * 2)(3, 3), 0)  # prlimit",
        "call(256, pid, 8, ctypes.byref(ctypes.c_long(1)), ctypes.byref(ctypes.c_long(1)))  # migrate_pages",
        "import resource; resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))",
    ],
)
def test_a_student_cannot_touch_another_process(attack: Attacker, engine: Engine, victim: str, code: str) -> None:
    pid = {"judge": os.getpid(), "zygote": engine.zygote.pid, "init": 1}[victim]
    assert attack.tried(f"pid = {pid}\n{code}") in ("PermissionError", "OSError")


@pytest.mark.parametrize(
    "code",
    [
        "os.kill(0, signal.SIGUSR1)",
        "os.kill(-1, signal.SIGUSR1)",
        "os.killpg(os.getppid(), signal.SIGUSR1)",
        "import fcntl\nr, w = os.pipe()\nfcntl.fcntl(r, 10, int(signal.SIGUSR1))\nfcntl.fcntl(r, fcntl.F_SETOWN, os.getppid())\n"
        "fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)\nos.write(w, b'x')",
        "import fcntl\nr, w = os.pipe()\nfcntl.fcntl(r, 10, int(signal.SIGUSR1))\nfcntl.fcntl(r, fcntl.F_SETOWN, JUDGE)\n"
        "fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)\nos.write(w, b'x')",
    ],
)
def test_a_signal_to_everybody_reaches_only_the_student_himself(attack: Attacker, engine: Engine, code: str) -> None:
    zygote, heard = engine.zygote.pid, []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    try:
        attack.tried(f"JUDGE = {os.getpid()}\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\n{code}")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard == []
    assert engine.zygote.pid == zygote


@pytest.mark.parametrize(
    "name", ["gradebook.db", "nabla.key", "grader_tests/test_tiny.py", "autograded/neighbour/tiny/tiny.ipynb"]
)
@pytest.mark.parametrize(
    "code",
    [
        "open(path, 'a')",
        "os.truncate(path, 0)",
        "os.unlink(path)",
        "os.rename(path, path + '.old')",
        "os.replace('.', path)",
        "os.chmod(path, 0o777)",
        "call(452, os.open(path, 0o10000000), b'', 0o777, 0x1000)  # fchmodat2 of a path descriptor",
        "os.chown(path, 1, 1)",
        "os.utime(path, (1, 1))",
        "os.setxattr(path, 'user.nabla', b'1')",
        "import fcntl; fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX)",
        "import sqlite3; sqlite3.connect(path).execute('update grade set secret = 100').connection.commit()",
        "import shutil; shutil.rmtree(os.path.dirname(path))",
        "os.mkdir(path + '-journal')",
        "os.symlink('/dev/null', path + '-wal')",
        "import subprocess; subprocess.run(['rm', '-rf', path], check=True)",
    ],
)
def test_a_student_cannot_change_any_file_of_the_course(attack: Attacker, course: Course, name: str, code: str) -> None:
    attack.tried(f"path = {str(course.root / name)!r}\n{code}")  # what it did is compared in `attack`


@pytest.mark.parametrize(
    "code",
    [
        "open(path, 'rb').read(1)",
        "open(path, 'r+b').write(b'x')",
        "os.truncate(path, 0)",
        "os.unlink(path)",
        "open('mine', 'w').close(); os.replace('mine', path)",
        "os.rename(path, path + '.old')",
        "os.chmod(path, 0o666); open(path, 'wb')",
        "open(path + '.half', 'w')",
        "os.symlink('/dev/null', path + '.half')",
        "os.rename(os.path.dirname(path), os.path.dirname(path) + '.old')",
        "import shutil; shutil.rmtree(os.path.dirname(path))",
    ],
)
def test_a_student_cannot_touch_the_code_that_zygotes_start_from(attack: Attacker, engine: Engine, code: str) -> None:
    launch = engine.zygote.launch
    place = bytecode_file(launch.cache, launch.python)

    def as_it_is() -> list[tuple]:
        found = [(file.name, file.lstat()) for file in sorted(place.parent.glob("bytecode-*"))]
        return [(name, about.st_ino, about.st_mode, about.st_size, about.st_mtime_ns) for name, about in found]

    before = as_it_is()
    assert place.name in [name for name, *_ in before]
    assert attack.tried(f"path = {str(place)!r}\n{code}") != "worked"
    assert as_it_is() == before


@pytest.mark.parametrize(
    "code",
    [
        "os.chmod(path, 0)",
        "os.utime(path, (1, 1))",
        "os.fchmod(os.open(path, 0), 0)",
        "os.utime(os.open(path, 0), (1, 1))",
    ],
)
def test_a_student_cannot_change_a_file_that_he_may_read(attack: Attacker, code: str) -> None:
    before = os.stat(pytest.__file__)
    attack.tried(f"path = {pytest.__file__!r}\n{code}")
    after = os.stat(pytest.__file__)
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@pytest.mark.parametrize(
    "code",
    [
        "call(227, 0, (ctypes.c_long * 2)(1, 1))  # clock_settime",
        "call(164, (ctypes.c_long * 2)(1, 1), 0)  # settimeofday",
        "call(159, ctypes.create_string_buffer(400))  # adjtimex",
        "call(170, b'owned', 5)  # sethostname",
        "call(169, 0xfee1dead, 672274793, 0)  # reboot, ctrl-alt-del",
        "call(103, 5, 0, 0)  # syslog",
        "call(167, b'/swap', 0)  # swapon",
        "call(165, b'x', b'/tmp', b'tmpfs', 0, 0)  # mount",
        "call(155, b'.', b'.')  # pivot_root",
        "call(246, 0, 0, 0, 0)  # kexec_load",
        "call(175, b'', 0, b'')  # init_module",
        "call(163, b'acct')  # acct",
        "call(153)  # vhangup",
        "call(172, 3)  # iopl",
        "call(272, 0x20000000)  # unshare: a process namespace",
        "call(56, 0x10000000 | 17, 0, 0, 0, 0)  # clone: a user namespace",
        "call(323, 0)  # userfaultfd",
    ],
)
def test_a_student_cannot_change_the_machine(attack: Attacker, code: str) -> None:
    assert attack.tried(code) in ("PermissionError", "OSError")


@pytest.mark.parametrize(
    "square",
    [
        "def square(x):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGSTOP)",
        "def square(x):\n    import os\n    os.close(201); os.close(200)",
        "def square(x):\n    import os\n    os.dup2(0, 200)\n    return x",
        "def square(x):\n    import os\n    os.dup2(1, 201)\n    return x",
        "def square(x):\n    import os\n    os.execv('/bin/true', ['true'])",
        "def square(x):\n    import ctypes\n    ctypes.string_at(1)",
        "def square(x):\n    import os\n    os.abort()",
        "def square(x):\n    import sys\n    sys.setrecursionlimit(10**9)\n    return square(x)",
        "def square(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "def square(x):\n    import signal, time\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\n    time.sleep(60)",
        "def square(x):\n    raise GeneratorExit",
    ],
)
def test_a_submission_that_ends_or_stops_itself_loses_one_exercise_and_no_time(attack: Attacker, square: str) -> None:
    outcome = attack(square=square)
    assert outcome.scores == (1, 0, 2)
    assert outcome.seconds < 8


@pytest.mark.parametrize(
    "body",
    [
        "for byte in struct.pack('<I', 1000) + bytes(1000):\n        os.write(201, bytes([byte])); time.sleep(0.3)",
        "os.write(201, struct.pack('<I', 0)) and None\n    while True: frame(nonce=submission.nonce, kind='unknown')",
        "while True: frame(nonce=submission.nonce, kind='output', output={'output_type': 'stream', 'name': 'stdout', 'text': 'x'})",
        "while True: frame(nonce=submission.nonce, kind='output', output={'output_type': 'display_data', 'metadata': {'x': 'x' * 10**6}})",
        "while True: frame(nonce=submission.nonce, kind='output', output={'output_type': 'clear_output'})",
        "while True: frame(nonce=submission.nonce, kind='callback', number=1, arguments=[[0.0] * 10000])",
        "send(b'\\xdd' + struct.pack('>I', 4_000_000) + b'\\x90' * 4_000_000)  # four million empty lists",
        "send(b'\\x91' * 4_000_000)  # four million lists in each other",
        "body = b'\\xc0'\n    for _ in range(23): body = msgpack.packb(msgpack.ExtType(4, b'\\x92\\xc5\\xff\\xff' + bytes(65535) + body))\n    send(body)",
        "send(b'\\xdf' + struct.pack('>I', 100_000) + b''.join(msgpack.packb(msgpack.ExtType(3, ((2**61 - 1) * k).to_bytes(11, 'little')))"
        " + b'\\xc0' for k in range(10, 100_010)))  # keys that all have one hash",
        "frame(nonce=submission.nonce, kind='done', error={'names': 'x' * 3_000_000, 'message': 'x' * 10**6, 'traceback': 'x'})",
        "frame(nonce=submission.nonce, kind='done', value=wire.Remote(1, 'x' * 4_000_000, True), claims={}, arguments=[])",
        "frame(nonce=submission.nonce, kind='done', value=10**19000, claims={}, arguments=[])",
        "return [0.0] * 10**8",
        "return __import__('numpy').zeros(10**9)",
        "return __import__('numpy').broadcast_to(0.0, (10**12,))",
        "nest = []\n    for _ in range(10**5): nest = [nest]\n    return nest",
        "nest = []\n    nest.append(nest)\n    return nest",
        "return iter(int, 1)",
    ],
)
def test_no_reply_stalls_the_judge_or_fills_its_memory(attack: Attacker, body: str) -> None:
    outcome = attack(RUNNER, f"def square(x):\n    {body}\n    time.sleep(60)", square=None)
    assert outcome.scores == (1, 0, 2)
    assert outcome.seconds < 12
    assert outcome.judge_memory < 64 * MEGABYTE


@pytest.mark.parametrize(
    "slope",
    [
        "def slope(f, x):\n    while True: f(x)",
        "def slope(f, x): return slope(f, f(x))",
        "def slope(f, x): return f",
        "def slope(f, x): return f(f)",
        "def slope(f, x): return f(10**19000)",
        "def slope(f, x): return f('x' * 1000000)",
        "def slope(f, x): return f([x] * 100000)",
        "def slope(f, x): return f(*[x] * 1000)",
        "def slope(f, x):\n    import numpy as np\n    return f(np.zeros(500000)).sum()",
        "def slope(f, x):\n    import threading\n    for _ in range(8): threading.Thread(target=f, args=(x,)).start()\n    return f(x)",
    ],
)
def test_a_callback_abused_costs_its_exercise_only(attack: Attacker, slope: str) -> None:
    outcome = attack(slope=slope)
    assert outcome.scores == (1, 4, 0)
    assert outcome.seconds < 10
    assert outcome.judge_memory < 64 * MEGABYTE


def test_a_flood_of_printing_while_answering_changes_no_answer(attack: Attacker) -> None:
    cell = "import threading, os\nthreading.Thread(target=lambda: [os.write(1, b'spam ' * 100) for _ in range(2000)], daemon=True).start()"
    assert attack(cell).scores == (1, 4, 2)


def test_the_neighbour_is_graded_as_ever_after_each_attack(attack: Attacker) -> None:
    for cell in ("import os; os._exit(1)", "while True: pass", "import os\nwhile True: os.fork()", "x = [0] * 10**10"):
        attack(cell)
        outcome = attack("1 + 1")
        assert outcome.scores == (1, 4, 2)
        assert outcome.seconds < 1


def test_busy_helpers_of_a_submission_give_way_to_its_neighbour(attack: Attacker, engine: Engine) -> None:
    cell = (
        "import os, threading\nfor _ in range(6):\n    if os.fork() == 0:\n        while True: pass\nwhile True: pass"
    )
    nices: dict[int, int] = {}

    def look() -> None:
        for pid in list(watch.descendants(engine.zygote.pid)):
            with contextlib.suppress(OSError):
                nices[pid] = os.getpriority(os.PRIO_PROCESS, pid)

    timer = threading.Timer(1.5, look)
    timer.start()
    assert attack(cell).scores == (1, 4, 2)
    timer.join()
    assert sorted(nices.values()) == [0] + [19] * 6
