"""Cells that fail, hang, flood or kill: they cost what they hold, and the notebook goes on."""

import pytest

from tests.bad_input.classroom import FULL, SCALED

OWN_FAULT = {  # a cell of the student's own, which no exercise needs
    "exception": "1 / 0",
    "syntax_error": "def broken(:\n  pass",
    "bad_indent": "  x = 1\n y = 2",
    "null_byte": "x = '\0'",
    "missing_import": "import no_such_package",
    "missing_magic": "%no_such_magic",
    "shell_command": "!no-such-command; exit 3",
    "crash": "import os\nos._exit(1)",
    "exit_zero": "import os\nos._exit(0)",
    "abort": "import os\nos.abort()",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "sys_exit": "import sys\nsys.exit('done')",
    "quit": "quit()",
    "interrupt": "raise KeyboardInterrupt",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "killed_group": "import os, signal\nos.killpg(0, signal.SIGKILL)",
    "killed_all": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "endless": "while True:\n    pass",
    "stubborn": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "sleeps": "import time\ntime.sleep(1000)",
    "prints": "while True:\n    print('x' * 100)",
    "writes": "import os\nwhile True:\n    os.write(1, b'x' * 60000)",
    "displays": "while True:\n    display('x' * 1000)",
    "stderr": "import sys\nprint('careful', file=sys.stderr)",
    "warns": "import warnings\nwarnings.warn('careful')",
    "raw_stderr": "import os\nos.write(2, b'careful')",
    "asks": "name = input('Your name? ')",
    "reads_stdin": "import sys\nsys.stdin.read()",
    "memory": "hoard = [bytearray(2**20) for _ in range(10**5)]",
    "disk": "with open('f', 'wb') as file:\n    while True: file.write(bytes(2**20))",
    "many_files": "files = [open(f'{i}', 'w') for i in range(10**5)]",
    "recursion": "def f(): return f()\nf()",
    "deep_recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
    "closed_streams": "import os\nfor i in range(300):\n    try: os.close(i)\n    except OSError: pass",
    "deleted_work": "import os\nos.rmdir(os.getcwd())",
    "unprintable": "class Bad:\n    def __repr__(self): raise RuntimeError\nBad()",
    "bad_exception": "class Bad(Exception):\n    def __str__(self): raise RuntimeError\nraise Bad",
    "replaced_stdout": "import sys\nsys.stdout = None",
    "no_builtins": "import builtins\nbuiltins.print = builtins.len = builtins.isinstance = None",
}


def submissions(room):
    for name, source in OWN_FAULT.items():
        room.hand_in(name, room.with_scratch_cell(source))
    room.hand_in("syntax_error_in_answer", room.answered(scaled="def scaled(x)\n    return 3 * x + 1"))
    room.hand_in("exception_in_answer_cell", room.answered(scaled=f"{SCALED}\nscaled('x')"))
    room.hand_in("endless_answer_cell", room.answered(scaled=f"{SCALED}\nwhile True: pass"))
    room.hand_in("late_crash", room.answered(total="import os\nos._exit(1)"))
    room.hand_in("twelve_crashes", twelve_crashes(room))


def twelve_crashes(room):
    nb = room.answered()
    nb["cells"][1:1] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "id": f"c{n}", "source": source}
        for n, source in enumerate(["import os; os._exit(1)"] * 12)
    ]
    return nb


HARMFUL = {"no_builtins"}


@pytest.mark.parametrize("student", ["honest", *(name for name in OWN_FAULT if name not in HARMFUL)])
def test_a_cell_that_no_exercise_needs_costs_no_point(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == FULL


def test_who_breaks_python_itself_breaks_their_own_notebook_at_most(graded):
    assert graded.results["no_builtins"].status == "graded"


@pytest.mark.parametrize("student", ["syntax_error_in_answer", "endless_answer_cell"])
def test_a_cell_that_never_ends_or_starts_costs_its_own_exercise(graded, student):
    assert graded.scores(student) == {"test_scaled": 0, "test_total": 2}
    assert "There is no function `scaled` in the notebook" in graded.message(student, "test_scaled")


def test_a_function_defined_before_its_cell_failed_counts(graded):
    assert graded.scores("exception_in_answer_cell") == FULL


def test_a_crash_below_an_exercise_leaves_its_points(graded):
    assert graded.scores("late_crash") == {"test_scaled": 4, "test_total": 0}


def test_crash_after_crash_costs_nothing_that_does_not_crash(graded):
    assert graded.scores("twelve_crashes") == FULL


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("endless", "it took longer than 3 s"),
        ("crash", "the process ended"),
        ("writes", "it printed without end"),
        ("prints", "output cut"),
        ("asks", "nobody to answer it"),
        ("missing_import", "No module named"),
        ("syntax_error", "SyntaxError"),
        ("memory", "MemoryError"),
    ],
)
def test_the_student_reads_below_the_cell_what_happened(graded, student, words):
    assert words in graded.autograded(student).read_text()


def test_a_cell_without_end_leaves_a_small_notebook(graded):
    for student in ("prints", "writes", "displays"):
        assert graded.autograded(student).stat().st_size < 400_000


def test_each_of_the_class_stands_in_the_gradebook(graded):
    graded.assert_gradebook_agrees()
