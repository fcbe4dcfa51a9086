"""Attempts to use up the machine: memory, disk, processes, descriptors, output, time. Small bombs, small limits."""

from __future__ import annotations

import shutil
import threading

import pytest

from nabla.grading.submission import Engine
from nabla.sandbox import watch

from .conftest import LIMITS, TOOLS, Attacker
from .test_forging import RUNNER

MEGABYTE = 2**20


class Peak:
    """The largest use of memory, disk and processes below a zygote, measured from outside every few milliseconds."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.memory, self.disk, self.processes = engine, 0, 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)
        self._free = shutil.disk_usage(engine.zygote.work).free

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _measure(self) -> None:
        zygote = self.engine.zygote
        while not self._over.wait(0.01):
            pids = list(watch.descendants(zygote.pid))
            self.processes = max(self.processes, len(pids))
            self.memory = max(self.memory, watch.resident(pids) - watch.resident([zygote.pid]) * bool(pids))
            self.disk = max(self.disk, watch.disk_use(zygote.work / "scratch", 10**9, pids))


@pytest.mark.parametrize(
    "body",
    [
        "return [0.0] * 10**9",
        "return bytearray(10**10)",
        "return b'x' * 10**9",
        "x = []\n    while True: x.append(bytes(10**6))",
        "import numpy as np\n    return np.ones(10**9)",
        "import mmap\n    m = mmap.mmap(-1, 10**9, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n    for k in range(0, 10**9, 4096): m[k] = 1",
        "import mmap\n    m = mmap.mmap(-1, 10**9)\n    for k in range(0, 10**9, 4096): m[k] = 1",
        "for _ in range(3): os.fork()\n    try: x = b'x' * (100 * 2**20)\n    except MemoryError: pass\n    time.sleep(9)",
        "for _ in range(3):\n        if os.fork() == 0: x = b'x' * (120 * 2**20); time.sleep(9)\n    time.sleep(9)",
        "d = os.memfd_create('x')\n    while True: os.write(d, bytes(10**6))",
        "keep = [os.pipe() for _ in range(60)]\n    import fcntl\n    for r, w in keep: fcntl.fcntl(w, 1031, 2**20), os.set_blocking(w, False), os.write(w, bytes(2**20))\n    time.sleep(9)",
        "import threading\n    while True: threading.Thread(target=time.sleep, args=(9,)).start()",
        "return 10**(10**9)",
        "return 'x' * 10**6 * 10**6",
    ],
)
def test_memory_is_limited_for_all_processes_of_a_submission_together(
    attack: Attacker, engine: Engine, body: str
) -> None:
    with Peak(engine) as peak:
        outcome = attack(f"{TOOLS}\ndef square(x):\n    {body}", square=None)
    assert outcome.scores == (1, 0, 2)
    assert peak.memory < LIMITS["memory"] * 4  # many processes at once are seen 50 ms late
    assert outcome.judge_memory < 64 * MEGABYTE


@pytest.mark.parametrize(
    "body",
    [
        "with open('f', 'wb') as f:\n        while True: f.write(bytes(10**5))",
        "for k in range(10**6): open(f'f{k}', 'wb').write(bytes(5000))",
        "for k in range(10**6): os.mkdir(f'd{k}')",
        "for k in range(10**6): os.symlink('x' * 1000, f's{k}')",
        "keep = []\n    while True:\n        keep.append(open('f', 'wb', 0)); os.unlink('f'); keep[-1].write(bytes(3 * 10**6))",
        "os.mkdir('hidden'); os.chdir('hidden'); os.chmod('../hidden', 0o300)\n    for k in range(10**6): open(f'f{k}', 'wb').write(bytes(10**5))",
        "for _ in range(1500): os.mkdir('d'); os.chdir('d')\n    for k in range(10**6): open(f'f{k}', 'wb').write(bytes(10**5))",
        "import subprocess\n    subprocess.run('while true; do cat /usr/bin/python3* /bin/bash >> f$((n++)); done', shell=True)",
        "d = os.open('f', os.O_CREAT | os.O_RDWR)\n    os.posix_fallocate(d, 0, 10**12)",
        "import threading\n    threading.Thread(target=lambda: [frame(nonce=submission.nonce, kind='output', output={}) for _ in iter(int, 1)]).start()\n"
        "    for k in range(10**6): open(f'f{k}', 'wb').write(bytes(10**5))  # and never silent",
    ],
)
def test_disk_is_limited(attack: Attacker, engine: Engine, body: str) -> None:
    with Peak(engine) as peak:
        outcome = attack(f"{RUNNER}\ndef square(x):\n    {body}", square=None)
    assert outcome.scores == (1, 0, 2)
    fast = 400 if "bytes(3 * 10**6)" in body else 100  # what a disk takes before it is looked at again, 50 ms later
    assert peak.disk < fast * MEGABYTE
    assert outcome.seconds < 10


@pytest.mark.parametrize(
    "body",
    [
        "while True: os.fork()",
        "while True:\n        try: os.fork()\n        except OSError: pass",
        "while True:\n        if os.fork() == 0: os._exit(0)",
        "while True:\n        if os.fork() > 0: os._exit(0)",
        "import subprocess\n    subprocess.run(':(){ :|:& };:', shell=True, executable='/bin/bash')\n    time.sleep(9)",
        "while True: libc.syscall(56, 17, 0, 0, 0, 0)",
        "while True: libc.syscall(56, 0x8000 | 17, 0, 0, 0, 0)",
    ],
)
def test_a_fork_bomb_is_limited_and_ends(attack: Attacker, engine: Engine, body: str) -> None:
    with Peak(engine) as peak:
        outcome = attack(f"{TOOLS}\ndef square(x):\n    {body}", square=None)
    assert outcome.scores == (1, 0, 2)
    assert peak.processes <= LIMITS["processes"] * 3 + 60  # the dead are seen 50 ms late
    assert outcome.seconds < 12


@pytest.mark.parametrize(
    "cell",
    [
        "while True: print('spam' * 1000)",
        "while True: os.write(1, b'spam' * 10000)",
        "while True: os.write(2, b'spam')",
        "while True: print('x' * 10**8)",
        "import subprocess; subprocess.run('yes', shell=True)",
        "get_ipython().system('yes | head -c 50000000')",
        "from IPython.display import display, clear_output\nwhile True: display(1); clear_output()",
        "import warnings\nwhile True: warnings.warn('x' * 1000)",
        "raise RuntimeError('x' * 10**7)",
        "def f(n):\n    return f(n + 1)\nf(0)",
    ],
)
def test_output_is_capped_and_always_drained(attack: Attacker, cell: str) -> None:
    outcome = attack(TOOLS + cell)
    assert outcome.scores == (1, 4, 2)
    assert len(outcome.shown) < 16 * LIMITS["output"]
    assert outcome.judge_memory < 64 * MEGABYTE


@pytest.mark.parametrize(
    "cell", ["while True: pass", "time.sleep(99)", "input()", "import threading; threading.Event().wait()"]
)
def test_a_cell_without_end_costs_its_own_time_only(attack: Attacker, cell: str) -> None:
    outcome = attack(TOOLS + cell)
    assert outcome.scores == (1, 4, 2)
    assert outcome.seconds < LIMITS["cell_seconds"] + 2


def test_a_submission_cannot_raise_its_own_limits(attack: Attacker) -> None:
    cell = """
    import resource
    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_CORE):
        try: resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2)
        except (OSError, ValueError): print('refused')
    """
    assert attack(cell).printed.split() == ["refused"] * 5


def test_descriptors_are_limited(attack: Attacker) -> None:
    assert attack.tried("keep = [os.dup(0) for _ in range(10_000)]") == "OSError"


def test_a_name_too_long_is_refused(attack: Attacker) -> None:
    assert attack.tried("open('x' * 300, 'w')") == "OSError"


def test_honest_forks_share_their_memory_and_are_not_counted_twice(attack: Attacker) -> None:
    cell = f"import os, time\nx = b'x' * {LIMITS['memory'] // 3}\nfor _ in range(6):\n    if os.fork() == 0:\n        time.sleep(0.5); os._exit(0)\nfor _ in range(6): os.wait()\nprint('done')"
    outcome = attack(cell)
    assert outcome.printed == "done\n", outcome.shown


@pytest.mark.parametrize("end", ["time.sleep(60)", "os.kill(os.getpid(), 9)", "os._exit(0)"])
def test_processes_left_behind_take_no_slot_from_the_next_submission(attack: Attacker, end: str) -> None:
    leave = f"import os, time\nfor _ in range({LIMITS['processes'] - 2}):\n    if os.fork() == 0: {end}"
    for _ in range(4):
        attack(leave)
    count = f"import os, time\nfor _ in range({LIMITS['processes'] - 2}):\n    if os.fork() == 0:\n        time.sleep(0.2); os._exit(0)\nprint('all')"
    assert attack(count).printed == "all\n"
