"""Attempts to leave something behind: processes, files, state in the zygote, anything that the next student meets.

`attack` itself compares processes, scratch, cache and course before and after each submission.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nabla.sandbox import watch

from .conftest import LIMITS, TOOLS, Attacker


@pytest.mark.parametrize(
    "cell",
    [
        "if os.fork() == 0: time.sleep(60)",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)",
        "for n in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(n, signal.SIG_IGN)\nif os.fork() == 0:\n    while True: pass",
        "if libc.syscall(56, 0x8000 | 17, 0, 0, 0, 0) == 0:  # clone with CLONE_PARENT: a child of the zygote\n    time.sleep(60)",
        "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)",
        "import subprocess; subprocess.Popen('nohup sleep 60 & disown', shell=True)",
        "get_ipython().run_cell_magic('bash', '--bg', 'sleep 60')",
        "import threading\nfor _ in range(8): threading.Thread(target=time.sleep, args=(60,)).start()",
        "for _ in range(6):\n    if os.fork() == 0:\n        os.kill(os.getpid(), signal.SIGSTOP)",
        "if os.fork() == 0:\n    libc.prctl(36, 1, 0, 0, 0)\n    if os.fork() == 0: time.sleep(60)\n    time.sleep(60)",
        "if os.fork() == 0:\n    libc.prctl(15, b'init\\nState: Z', 0, 0, 0); libc.prctl(4, 0, 0, 0, 0); time.sleep(60)",
        "if os.fork() == 0:\n    while True:\n        if os.fork(): os._exit(0)  # never the same process for long",
        "import atexit; atexit.register(time.sleep, 60)",
        "class Never:\n    def __del__(self): time.sleep(60)\nkeep = Never()",
        "os.close(200); os.close(201)\ntime.sleep(60)",
    ],
)
def test_no_process_outlives_its_submission(attack: Attacker, cell: str) -> None:
    assert attack(TOOLS + cell).scores == (1, 4, 2)


@pytest.mark.parametrize(
    "cell",
    [
        "import builtins; builtins.sum = builtins.abs = builtins.len = lambda *a: 1 / 0",
        "import numpy; numpy.asarray = numpy.ndarray = numpy.ascontiguousarray = None",
        "import sys; sys.modules.update(dict.fromkeys(['numpy', 'os', 'msgpack'], None))",
        "import gc; gc.callbacks.append(lambda *a: 1 / 0)",
        "import sys; sys.settrace(lambda *a: 1 / 0); sys.setrecursionlimit(50)",
        "import os; os.environ.clear(); os.umask(0); os.chdir('/usr'); os.dup2(0, 1); os.dup2(0, 2)",
        "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)",
        "import ctypes; ctypes.memset(id(True) + 16, 7, 1)",
        "import nabla_runner.wire as w, nabla_runner.arrays as a; w.pack = a.describe = None",
        "get_ipython().ast_transformers.append(None); get_ipython().events.register('pre_run_cell', lambda *a: 1 / 0)",
    ],
)
def test_the_next_submission_meets_a_fresh_interpreter(attack: Attacker, cell: str) -> None:
    attack(cell)
    looks = "import builtins, gc, os, sys\nprint(builtins.sum([1]), True + 1, gc.callbacks, sys.gettrace(), os.umask(63), 'HOME' in os.environ)"
    outcome = attack(looks)
    assert outcome.scores == (1, 4, 2)
    assert outcome.printed.strip() == "1 2 [] None 63 True"


@pytest.mark.parametrize(
    "code",
    [
        "open('/tmp/nabla-left-behind', 'w')",
        "open('/var/tmp/nabla-left-behind', 'w')",
        "open('/dev/shm/nabla-left-behind', 'w')",
        "open('../../left-behind', 'w')",
        "import numpy; open(os.path.join(os.path.dirname(numpy.__file__), 'left_behind.py'), 'w')",
        "import numpy; open(numpy.__file__, 'a')",
        "import numpy; os.unlink(numpy.__file__)",
        "import numpy; os.utime(numpy.__file__, (1, 1)) or open(numpy.__cached__, 'wb')",
        "import site; open(os.path.join(site.getsitepackages()[0], 'left_behind.pth'), 'w')",
        "os.mkdir(os.path.join(sys.prefix, 'left-behind'))",
        "open(os.path.join(os.path.dirname(sys.modules['nabla_runner'].__file__), 'child.py'), 'a')",
        "os.mkfifo('/tmp/nabla-left-behind')",
        "s = socket.socket(socket.AF_UNIX); s.bind('/tmp/nabla-left-behind')",
        "os.symlink('/etc', '/tmp/nabla-left-behind')",
    ],
)
def test_no_file_can_be_written_outside_scratch(attack: Attacker, code: str) -> None:
    assert attack.tried(code) in ("PermissionError", "OSError", "FileNotFoundError")
    assert not any(os.path.lexists(f"{folder}/nabla-left-behind") for folder in ("/tmp", "/var/tmp", "/dev/shm"))


@pytest.mark.parametrize(
    "code",
    [
        "call(29, 0x6ab1a, 4096, 0o1666)  # shared memory of System V",
        "call(68, 0x6ab1a, 0o1666)  # message queue of System V",
        "call(64, 0x6ab1a, 1, 0o1666)  # semaphore of System V",
        "call(240, b'nabla', 0o102, 0o600, 0)  # POSIX message queue",
        "call(248, b'user', b'nabla', b'text', 4, ctypes.c_int(-4))  # key of the user's keyring",
        "call(250, 0, -4, 1)  # keyring",
        "call(319, b'nabla', 0)  # memory file",
        "call(447, 0)  # secret memory file",
        "import mmap; mmap.mmap(-1, 4096)",
        "call(321, 0, 0, 0)  # bpf maps",
    ],
)
def test_nothing_can_be_left_in_the_kernel(attack: Attacker, code: str) -> None:
    assert attack.tried(code) in ("PermissionError", "OSError")


@pytest.mark.parametrize(
    "cell",
    [
        "for _ in range(1500):\n    os.mkdir('d'); os.chdir('d')",
        "os.mkdir('a'); os.mkdir('a/b'); open('a/b/c', 'w').close(); os.mkdir('a/b/none', 0); os.mkdir('locked', 0)",
        "for name in ('\\n', ' ', '-rf', '*', 'x' * 255, '\\udcff\\udcfe', '..x', '$(touch x)'): open(name, 'w').close()",
        "os.symlink('/', 'root'); os.symlink('.', 'self'); os.symlink('self/' * 200, 'loop'); os.symlink('loop', 'tmp')",
        "for k in range(900): open(str(k), 'w').close()",
        "os.mkfifo('fifo'); socket.socket(socket.AF_UNIX).bind('socket')",
        "import shutil; shutil.rmtree('../home'); shutil.rmtree('../tmp'); os.symlink('/etc', '../home')",
        "import fcntl; fcntl.ioctl(os.open('.', os.O_RDONLY), 0x40086602, (0x10).to_bytes(8, 'little'))",
        "with open('sparse', 'wb') as f: f.truncate(2**21)",
    ],
)
def test_scratch_is_taken_away_whatever_was_done_to_it(attack: Attacker, cell: str) -> None:
    assert attack(TOOLS + cell).scores == (1, 4, 2)


def test_a_link_in_scratch_takes_nothing_away_where_it_points(attack: Attacker, tmp_path: Path) -> None:
    keep = tmp_path / "folder" / "keep"
    keep.parent.mkdir()
    keep.write_text("still here")
    cell = f"for k in range(9): os.symlink({str(keep.parent)!r}, f'link{{k}}')\nos.mkdir('z', 0)\nos.symlink({str(keep)!r}, 'file')"
    attack(TOOLS + cell)
    assert keep.read_text() == "still here"


def test_only_root_leaves_powers_behind(attack: Attacker) -> None:
    outcome = attack(TOOLS + "print([k for k in range(64) if k not in (0,) and libc.prctl(47, 1, k, 0, 0) == 1])")
    assert outcome.printed.strip() == "[]"


@pytest.mark.parametrize(
    "code",
    [
        "os.mknod('null', 0o20666, os.makedev(1, 3))",
        "os.mknod('disk', 0o60666, os.makedev(254, 0))",
        "os.setuid(1)",
        "os.chown('.', 1, 1)",
    ],
)
def test_a_student_has_no_power_of_root(attack: Attacker, code: str) -> None:
    assert attack.tried(code) in ("PermissionError", "OSError")


JUDGE = """
import sys
from nabla.course import Limits
from nabla.sandbox import SubmissionSession, Zygote
with Zygote(level="sandlock", limits=Limits(**{limits!r})) as zygote:
    print(zygote.pid, flush=True)
    SubmissionSession(zygote).run_cell(0, {cell!r})
"""


def test_nothing_outlives_a_judge_that_was_killed() -> None:
    cell = "import os, time\nfor _ in range(2):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0: time.sleep(60)\nwhile True: pass"
    source = JUDGE.format(limits=LIMITS, cell=cell)
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdout is not None
        zygote = int(judge.stdout.readline())
        _wait(lambda: len(list(watch.descendants(zygote))) >= 5)
        below = [zygote, *watch.descendants(zygote)]
        judge.send_signal(signal.SIGKILL)
    _wait(lambda: not any(map(watch.alive, below)))
    assert [pid for pid in below if watch.alive(pid)] == []


def _wait(done: object, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.02)
