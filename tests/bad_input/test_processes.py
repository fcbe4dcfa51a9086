"""Answers that crash, hang, hoard, fork and leave things behind: one exercise is lost, and nothing stays."""

import time

import psutil
import pytest

from tests.bad_input.classroom import FULL, SCALED

NAME = "left-behind"
NAMED = f"import ctypes, os, signal, threading, time\nctypes.CDLL(None).prctl(15, {NAME.encode()!r})\n"
DEAF = "for number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
LOST = {  # body of scaled(x), and words of the line that the student reads
    "exits": ("import os; os._exit(0)", "the process ended"),
    "aborts": ("import os; os.abort()", "the process ended"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "the process ended"),
    "stack": ("import sys; sys.setrecursionlimit(10**9); return [scaled(x)]", ""),
    "never_returns": ("while True: pass", "it took longer than 2 s"),
    "never_returns_deaf": (
        "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "longer than 2 s",
    ),
    "sleeps": ("import time; time.sleep(10**6)", "it took longer than 2 s"),
    "waits": ("import threading; threading.Lock().acquire() and threading.Event().wait()", "it took longer than 2 s"),
    "stops": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "it took longer than 2 s"),
    "prints": ("import os\n    while True: os.write(1, b'x' * 60000)", "it printed without end"),
    "memory": ("return [bytearray(2**20) for _ in range(10**5)]", ""),
    "shared_memory": ("import mmap\n    return [m for m in iter(lambda: big(mmap), None)]", ""),
    "disk": ("with open('f', 'wb') as file:\n        while True: file.write(bytes(2**20))", ""),
    "fork_bomb": ("import os\n    while True: os.fork()", ""),
    "thread_bomb": (
        "import threading, time\n    while True: threading.Thread(target=time.sleep, args=(99,)).start()",
        "",
    ),
}
BIG = "def big(mmap):\n    m = mmap.mmap(-1, 2**26)\n    m.write(bytes(2**26))\n    return m\n"
LEFT = {  # cells that leave something behind, above right answers
    "child": f"{NAMED}{DEAF}if os.fork() == 0:\n    while True: time.sleep(1)",
    "daemon": f"{NAMED}if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: time.sleep(1)\n    os._exit(0)",
    "program": f"{NAMED}import subprocess\nsubprocess.Popen(['sleep', '12345'], start_new_session=True)",
    "thread": f"{NAMED}def run():\n    while True: time.sleep(0.01)\nfor _ in range(4): threading.Thread(target=run).start()",
    "busy_child": f"{NAMED}{DEAF}if os.fork() == 0:\n    while True: pass",
    "atexit": f"{NAMED}import atexit\natexit.register(time.sleep, 10**6)",
    "deaf": f"{NAMED}{DEAF}",
}


def submissions(room):
    for name, (body, _) in LOST.items():
        room.hand_in(name, room.answered(scaled=f"{BIG}def scaled(x):\n    {body}"))
    for name, source in LEFT.items():
        room.hand_in(f"leaves_{name}", room.with_scratch_cell(source))
    room.hand_in(
        "returns_after_fork", room.answered(scaled="import os\ndef scaled(x):\n    os.fork()\n    return 3 * x + 1")
    )
    room.hand_in("only_once", room.answered(scaled=f"import os\n{SCALED}\ndef total(x): os._exit(1)", total="pass"))


@pytest.mark.parametrize("student", LOST)
def test_a_lost_process_costs_its_exercise_only(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == {"test_scaled": 0, "test_total": 2}, graded.message(student, "test_total")
    assert LOST[student][1] in graded.message(student, "test_scaled")
    assert graded.message(student, "test_scaled")


@pytest.mark.parametrize("student", ["honest", *(f"leaves_{name}" for name in LEFT)])
def test_who_leaves_something_behind_is_graded_as_everybody(graded, student):
    assert graded.scores(student) == FULL


def test_two_processes_that_answer_one_question_cost_that_exercise_at_most(graded):
    message = graded.message("returns_after_fork", "test_total")
    assert graded.scores("returns_after_fork")["test_total"] == 2, message


def test_a_crash_in_the_last_answer_leaves_the_points_before_it(graded):
    assert graded.scores("only_once") == {"test_scaled": 4, "test_total": 0}


def test_nothing_is_left_running(graded):
    deadline = time.monotonic() + 10
    while (alive := left_behind()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert alive == []


def left_behind():
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        name, line = process.info["name"], process.info["cmdline"] or []
        if name == NAME or line == ["sleep", "12345"]:
            found.append((process.pid, name, line))
    return found


def test_each_of_the_class_stands_in_the_gradebook(graded):
    graded.assert_gradebook_agrees()
