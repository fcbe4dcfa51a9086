"""A submission in its sandbox: what honest code sees, and what a failure costs."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from nabla.answers import Handle, QuestionLost
from nabla.course import Limits
from nabla.sandbox import SandboxUnavailable, SubmissionSession, Zygote
from nabla.sandbox.channel import Channel
from nabla.sandbox.runner.wire import WireError
from nabla.verdicts import CellResult

Open = Callable[..., SubmissionSession]


def text(result: CellResult) -> str:
    return "".join(
        str(o.get("text", "")) + str(dict(o.get("data") or {}).get("text/plain", "")) for o in result.outputs
    )


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("print('hello')", "hello\n"),
        ("1 + 1", "2"),
        ("import asyncio\nawait asyncio.sleep(0)\n5", "5"),
        ("!echo from a shell", "from a shell\n"),
        ("import os; os.write(1, b'raw'); None", "raw"),
        ("import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()", "thread\n"),
        ("%%bash\necho in bash", "in bash\n"),
    ],
)
def test_a_cell_shows_what_it_shows_in_jupyter(open_session: Open, source: str, shown: str) -> None:
    result = open_session().run_cell(0, source)
    assert result.status == "ok"
    assert text(result) == shown


def test_inline_pictures_arrive_as_png(open_session: Open) -> None:
    result = open_session().run_cell(0, "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert [sorted(output["data"]) for output in result.outputs] == [["image/png", "text/plain"]]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("1/0", "ZeroDivisionError"),
        ("1 +", "SyntaxError"),
        ("input()", "EOFError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_an_exception_is_the_cells_own_output(open_session: Open, source: str, name: str) -> None:
    session = open_session()
    result = session.run_cell(0, source)
    assert (result.status, result.outputs[-1]["ename"]) == ("error", name)
    assert session.run_cell(1, "1").status == "ok"
    assert session.replays == 0


def test_arrays_go_in_and_come_back_as_numpy(open_session: Open) -> None:
    session = open_session("def f(x, y):\n    x += 1\n    return 2 * x, {'y': [y, None, 'text', 1 + 2j, 10**30]}")
    reply = session.call("f", (np.arange(3.0), 7))
    assert reply.error is None
    assert np.array_equal(reply.value[0], [2.0, 4.0, 6.0])
    assert reply.value[1] == {"y": [7, None, "text", 1 + 2j, 10**30]}
    assert reply.arguments is not None
    assert np.array_equal(reply.arguments[0], [1.0, 2.0, 3.0])


def test_a_function_of_the_judges_is_called_back_and_its_source_stays(open_session: Open) -> None:
    session = open_session("def slope(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)")
    seen = []

    def cube(x: float) -> float:
        seen.append(x)
        return x**3

    assert session.call("slope", (cube, 2.0, 0.5)).value == 12.25
    assert seen == [2.5, 1.5]


def test_a_call_back_that_fails_raises_value_error_in_the_students_code(open_session: Open) -> None:
    session = open_session(
        "def try_it(f):\n    try:\n        f([1, 2])\n    except ValueError as e:\n        return str(e)"
    )
    answer = session.call("try_it", (lambda x: x.secret_attribute,)).value
    assert "can't take this argument" in answer
    assert "secret_attribute" not in answer


def test_a_returned_function_can_be_called_until_its_process_is_lost(open_session: Open) -> None:
    session = open_session("def make(a):\n    return lambda x: a * x\ndef die():\n    import os; os._exit(1)")
    handle = session.call("make", (3,)).value
    assert isinstance(handle, Handle)
    assert session.call(handle, (4,)).value == 12
    with pytest.raises(QuestionLost):
        session.call("die")
    with pytest.raises(QuestionLost, match="lost with its process"):
        session.call(handle, (4,))


def test_errors_travel_as_names_and_text(open_session: Open) -> None:
    session = open_session("class Mine(ValueError): pass\ndef f():\n    raise Mine('no')")
    error = session.call("f").error
    assert error is not None
    assert error.names[:2] == ("Mine", "ValueError")
    assert error.message == "no"
    assert session.call("missing").error is not None


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import os\ndef f(): os._exit(0)", "crash"),
        ("import ctypes\ndef f(): ctypes.string_at(0)", "crash"),
        ("def f():\n    while True: pass", "timeout"),
        ("import time\ndef f(): time.sleep(1000)", "timeout"),
        (
            "def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
            "timeout",
        ),
        ("import os\ndef f():\n    while True: os.write(1, b'x' * 60000)", "output"),
        ("def f():\n    for k in range(1000):\n        open(f'f{k}', 'wb').write(bytes(10**6))", "disk"),
    ],
)
def test_a_question_that_fails_costs_that_question_only(open_session: Open, source: str, kind: str) -> None:
    session = open_session(source + "\ndef good(x): return x + 1")
    with pytest.raises(QuestionLost) as lost:
        session.call("f", seconds=3)
    assert lost.value.kind == kind
    assert session.call("good", (1,)).value == 2
    assert session.replays == 1


@pytest.mark.parametrize(
    "culprit", ["import os; os._exit(1)", "while True: pass", "import signal, os; os.kill(os.getpid(), 9)"]
)
def test_a_cell_that_ends_the_process_is_left_out_of_the_replay(open_session: Open, culprit: str) -> None:
    session = open_session("def f(x): return x * 2", limits=None)
    session.limits = session.limits.__class__(**{**session.limits.__dict__, "cell_seconds": 1.0})
    lost = session.run_cell(1, culprit)
    assert lost.status == "lost"
    assert "went on without this cell" in lost.outputs[-1]["traceback"][0]
    assert session.run_cell(2, "f(21)").outputs[0]["data"]["text/plain"] == "42"


def test_printing_without_end_is_cut_and_harmless(open_session: Open) -> None:
    session = open_session()
    result = session.run_cell(0, "for _ in range(200000): print('spam and more spam')")
    assert result.status == "ok"
    assert len(text(result)) < 2 * session.limits.output
    assert "output cut" in text(result)


def test_memory_beyond_the_limit_is_an_honest_memory_error(open_session: Open) -> None:
    session = open_session("import numpy as np\ndef f(): return np.ones(200_000_000).sum()\ndef good(): return 1")
    error = session.call("f").error
    assert error is not None
    assert "MemoryError" in error.names
    assert session.call("good").value == 1


def test_shared_memory_is_refused(open_session: Open) -> None:
    result = open_session().run_cell(0, "import mmap\nmmap.mmap(-1, 4096)")
    assert result.outputs[-1]["ename"] == "PermissionError"


def test_memory_of_all_processes_together_is_limited(open_session: Open) -> None:
    cell = (
        "import os, time\ndef f():\n    for _ in range(4): os.fork()\n    keep = b'x' * 100_000_000\n    time.sleep(9)"
    )
    with pytest.raises(QuestionLost) as lost:
        open_session(cell).call("f", seconds=8)
    assert lost.value.kind == "memory"


def test_an_answer_too_large_is_refused_without_being_read(open_session: Open) -> None:
    session = open_session("import numpy as np\ndef f(): return np.zeros(10_000_000)")
    value = session.call("f").value
    assert isinstance(value, Handle)
    assert "too large" in value.type_name


@pytest.mark.parametrize(
    "expression",
    [
        "object()",
        "lambda: 0",
        "open",
        "[[[[]]]] * 3",
        "{(1, 2): 3}",
        "__import__('numpy').array([object()])",
        "set()",
        "1e400",
        "-0.0",
    ],
)
def test_odd_values_arrive_as_data_or_as_a_handle(open_session: Open, expression: str) -> None:
    reply = open_session(f"def f(): return {expression}").call("f")
    assert reply.error is None


def test_a_list_that_holds_itself_costs_its_own_question(open_session: Open) -> None:
    session = open_session("a = []\na.append(a)\ndef f(): return a\ndef good(): return 1")
    session.call("f")
    assert session.call("good").value == 1


def test_submitted_files_lie_beside_the_notebook_and_shadow_nothing(open_session: Open) -> None:
    files = {"numpy.py": b"raise SystemExit", "json.py": b"1/0", "helper.py": b"x = 5", "data/a.txt": b"7"}
    result = open_session(files=files).run_cell(
        0, "import numpy, json, helper\n(numpy.pi > 3, helper.x, open('data/a.txt').read())"
    )
    assert text(result) == "(True, 5, '7')"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_a_file_name_that_leaves_the_folder_is_refused(open_session: Open, name: str) -> None:
    with pytest.raises(ValueError, match="leaves the folder"):
        open_session("1", files={name: b""})


def test_two_lost_questions_end_the_asking_until_the_next_cell(open_session: Open) -> None:
    session = open_session("import os\ndef f(): os._exit(1)\ndef good(): return 1")
    for _ in range(2):
        with pytest.raises(QuestionLost):
            session.call("f")
    with pytest.raises(QuestionLost) as refused:
        session.call("good")
    assert refused.value.kind == "budget"
    session.run_cell(1, "1")
    assert session.call("good").value == 1


def test_a_killed_zygote_costs_nobody_a_point(open_session: Open) -> None:
    session = open_session("import time\ndef f(x):\n    time.sleep(0.5)\n    return x + 1")
    threading.Timer(0.2, os.kill, (session.zygote.pid, signal.SIGKILL)).start()
    assert session.call("f", (1,)).value == 2
    assert session.call("f", (2,)).value == 3


def test_a_cell_that_need_not_draw_makes_its_figure_and_renders_nothing(open_session: Open) -> None:
    session = open_session("%matplotlib inline\nimport matplotlib.pyplot as plt")
    result = session.run_cell(1, "plt.plot([1, 2]); plt.show()", draw=False)
    assert [output["data"] for output in result.outputs] == [
        {"text/plain": "(a picture of a given cell, not drawn again while grading)"}
    ]
    drawn = session.run_cell(2, "plt.plot([1, 2]); plt.show()")
    assert "image/png" in drawn.outputs[0]["data"]


HALF_A_CHARACTER = "chr(0xD83D)"


@pytest.mark.parametrize("cell", [f"print({HALF_A_CHARACTER})", f"raise ValueError({HALF_A_CHARACTER})", "'\ud83d'"])
def test_half_a_character_costs_no_cell(open_session: Open, cell: str) -> None:
    session = open_session()
    assert session.run_cell(0, cell + "\n").status != "lost"
    session.run_cell(1, f"def f(): return {HALF_A_CHARACTER}")
    assert session.call("f").value == "\\ud83d"
    assert (session.replays, session.lost) == (0, [])


def test_what_the_asker_cannot_say_is_no_loss_of_the_submissions(open_session: Open) -> None:
    session = open_session("def f(x): return 1")
    with pytest.raises(WireError, match="set"):
        session.call("f", ({1, 2},))
    assert session.call("f", (0,)).value == 1
    assert (session.replays, session.lost) == (0, [])


def test_a_zygote_killed_during_a_replay_costs_no_cell(open_session: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session("def good(): return 1", "def die():\n    import os; os._exit(1)")
    with pytest.raises(QuestionLost):
        session.call("die")
    settle = session._settle

    def killed_soon_after(channel: Channel) -> None:
        settle(channel)
        monkeypatch.undo()
        os.kill(session.zygote.pid, signal.SIGKILL)  # its child dies with it

    monkeypatch.setattr(session, "_settle", killed_soon_after)
    assert session.call("good").value == 1


def test_a_process_that_never_begins_is_nobodys_loss(open_session: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session()
    settle = session._settle

    def killed_before(channel: Channel) -> None:
        monkeypatch.undo()
        os.kill(session._pid, signal.SIGKILL)
        settle(channel)

    monkeypatch.setattr(session, "_settle", killed_before)
    with pytest.raises(SandboxUnavailable, match="did not begin"):
        session.run_cell(0, "1")
    assert session.run_cell(0, "1").status == "ok"


def test_starting_the_zygote_is_not_the_submissions_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(submission_seconds=1)
    with Zygote(level="none", preload=(), limits=limits) as zygote, SubmissionSession(zygote) as session:

        def slow() -> None:
            monkeypatch.undo()
            time.sleep(1.2)
            zygote.ensure()

        monkeypatch.setattr(zygote, "ensure", slow)
        assert session.run_cell(0, "1").status == "ok"


def test_a_forged_output_arrives_as_plain_data(open_session: Open) -> None:
    forged = {"output_type": "stream", "name": "np.arange(2)", "text": "'x'"}
    parts = ", ".join(f"'{key}': {value}" for key, value in {**forged, "output_type": "'stream'"}.items())
    cell = (
        "import gc, numpy as np\nfrom nabla_runner import child\n"
        "submission = next(o for o in gc.get_objects() if isinstance(o, child.Submission))\n"
        f"submission.channel.write({{'nonce': submission.nonce, 'kind': 'output', 'output': {{{parts}}}}})"
    )
    result = open_session().run_cell(0, cell)
    assert result.outputs == ({"output_type": "stream", "name": None, "text": "x"},)


def test_a_replay_leaves_the_next_cell_its_whole_output(open_session: Open) -> None:
    session = open_session("print('x' * 60000)", "def die():\n    import os; os._exit(1)")
    with pytest.raises(QuestionLost):
        session.call("die")
    room = 4 * session.limits.output
    session._ensure()
    session._cell("print('y')", [], 5, draw=True)
    assert session._room > room - 1000


def test_a_time_bomb_of_one_exercise_does_not_cost_the_next(open_session: Open) -> None:
    bomb = "import os, threading, time\ndef f():\n    threading.Timer(0.3, os._exit, (1,)).start()\n    return 1"
    session = open_session(bomb + "\ndef slow(x):\n    time.sleep(0.6)\n    return x")
    assert session.call("f").value == 1
    assert session.call("slow", (5,)).value == 5


def test_a_cell_whose_outputs_are_cut_says_so(open_session: Open) -> None:
    session = open_session()
    assert not session.run_cell(0, "print('short')").cut
    assert session.run_cell(1, "for _ in range(200000): print('spam and more spam')").cut
    assert session.run_cell(2, "for k in range(1000): display(k)").cut


def test_a_process_that_an_answer_forked_answers_nothing(open_session: Open) -> None:
    cells = ["import os\ndef f(x):\n    os.fork()\n    return x", "def g(x):\n    return x + 1"]
    session = open_session(cells[0])
    assert session.call("f", (1,)).value == 1
    session.run_cell(1, cells[1])
    assert [session.call("g", (number,)).value for number in range(20)] == list(range(1, 21))
    assert session.replays == 0
