"""Each defence shown to matter: with it taken out, an attack that the suite repels succeeds.

The attacks are harmless here: the files are the test's own, the bombs small, the listeners on the loopback interface.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgpack
import pytest

from nabla import verdicts
from nabla.answers import QuestionLost
from nabla.checks import judge as judging
from nabla.course import Course, Limits
from nabla.grading.submission import Engine
from nabla.sandbox import SubmissionSession, Zygote, channel, levels, watch
from nabla.sandbox import session as sessions
from nabla.sandbox.runner import wire
from nabla.verdicts import CheckVerdict, exercise_score

from .conftest import LIMITS, TOOLS, Attacker, Outcome, notebook
from .test_forging import RUNNER

SMALL = Limits(**LIMITS)


@pytest.fixture
def weakened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Runs one cell in a zygote that starts now, with whatever the test has taken out, and says what it printed."""
    made: list[Any] = []

    def run(code: str, *, level: str = "sandlock", files: dict[str, bytes] | None = None) -> str:
        made.append(Zygote(level=level, limits=SMALL))
        made.append(SubmissionSession(made[-1], files=files))
        result = made[-1].run_cell(0, f"{TOOLS}\n{code}")
        return "".join(str(output.get("text", "")) + str(output.get("ename", "")) for output in result.outputs).strip()

    yield run
    for thing in reversed(made):
        thing.close()


def without(*names: str) -> tuple[str, ...]:
    """The deny list without these calls."""
    return tuple(name for name in levels.DENIED if name not in names)


def runner_copy(tmp_path: Path, **changes: tuple[str, str]) -> Path:
    """A copy of the runner's folder in which, in each named file, the first text is replaced by the second."""
    folder = tmp_path / "runner"
    folder.mkdir()
    for path in levels.RUNNER.glob("*.py"):
        text = path.read_text()
        old, new = changes.get(path.stem, ("", ""))
        assert old in text
        (folder / path.name).write_text(text.replace(old, new) if old else text)
    return folder


def test_without_the_sandbox_a_student_reads_the_key(weakened, course: Course) -> None:
    code = f"print(open({str(course.root / 'nabla.key')!r}).read())"
    assert weakened(code) == "PermissionError"
    assert weakened(code, level="none") == (course.root / "nabla.key").read_text().strip()


def test_without_the_childs_own_confinement_a_student_lists_the_channels_and_scratch_of_others(
    weakened, tmp_path, monkeypatch
) -> None:
    code = "print(sorted(os.listdir('../../..')))"
    assert weakened(code) == "PermissionError"
    change = (
        '        sandlock.confine(sandlock.Sandbox(fs_readable=settings["readable"]',
        '        (lambda *a: 0)(dict(fs_readable=settings["readable"]',
    )
    monkeypatch.setattr(levels, "RUNNER", runner_copy(tmp_path, zygote=change))
    assert weakened(code) == "['channels', 'facts.json', 'scratch']"


DENIED_CALLS = {
    "sched_setaffinity": "os.sched_setaffinity(os.getppid(), os.sched_getaffinity(os.getppid()))",
    "setpriority": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 1)",
    "prlimit64": "call(302, os.getppid(), 7, (ctypes.c_long * 2)(99, 99), 0)",
    "inotify_init1": "call(294, 0)",
    "memfd_create": "os.memfd_create('x')",
    "chown": "os.chown('.', os.getuid(), os.getgid())",
    "setxattr": "os.setxattr(FOLDER, 'user.nabla', b'1')",
    "listen": "s = socket.socket(socket.AF_UNIX); s.bind('x'); s.listen()",
}


def test_without_the_deny_list_each_call_works(weakened, tmp_path, monkeypatch) -> None:
    code = f"FOLDER = {str(tmp_path)!r}\nworked = []\n" + "".join(
        f"try: {call}; worked.append({name!r})\nexcept PermissionError: pass\n" for name, call in DENIED_CALLS.items()
    )
    assert weakened(f"{code}\nprint(worked)") == "[]"
    monkeypatch.setattr(levels, "DENIED", without(*DENIED_CALLS))
    assert weakened(f"{code}\nprint(worked)") == str(list(DENIED_CALLS))


NO_FILTER = ("privileges.give_up()", "pass")


def test_without_the_runners_own_filter_tcp_fast_open_connects(weakened, tmp_path, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        code = f"socket.socket().sendto(b'canary', 0x20000000, {listener.getsockname()!r})"
        assert weakened(code) == "PermissionError"
        with pytest.raises(TimeoutError):
            listener.accept()
        monkeypatch.setattr(levels, "RUNNER", runner_copy(tmp_path, zygote=NO_FILTER))
        weakened(code)
        listener.accept()[0].close()


def test_without_the_runners_own_filter_a_student_changes_the_mode_of_any_file(weakened, tmp_path, monkeypatch) -> None:
    victim = tmp_path / "gradebook.db"
    victim.touch(0o600)
    code = f"os.chmod({str(victim)!r}, 0o777)"
    weakened(code)
    assert victim.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(levels, "RUNNER", runner_copy(tmp_path, zygote=NO_FILTER))
    weakened(code)
    assert victim.stat().st_mode & 0o777 == 0o777


def test_without_dropping_its_powers_a_root_student_makes_device_nodes(weakened, tmp_path, monkeypatch) -> None:
    code = "print(libc.prctl(47, 1, 0, 0, 0), libc.capget(b'\\x22\\x05\\x08\\x20' + bytes(4), found := ctypes.create_string_buffer(24)), any(found.raw))"
    assert weakened(code).endswith("0 False")
    if "CapEff:\t0000000000000000" not in Path("/proc/self/status").read_text():
        monkeypatch.setattr(levels, "RUNNER", runner_copy(tmp_path, privileges=("    drop_capabilities()\n", "")))
        assert weakened(code).endswith("0 True")


def test_without_an_allow_list_the_environment_is_read(weakened, monkeypatch) -> None:
    monkeypatch.setenv("NABLA_TEST_SECRET", "canary")
    code = "print(os.environ.get('NABLA_TEST_SECRET'))"
    assert weakened(code) == "None"
    original = levels.Launch.environment
    monkeypatch.setattr(levels.Launch, "environment", lambda self: {**os.environ, **original(self)})
    assert weakened(code) == "canary"


def test_with_proc_readable_a_student_sees_other_processes(weakened, monkeypatch) -> None:
    code = "print(len(open(f'/proc/{os.getppid()}/maps').read()) > 0)"
    assert weakened(code) == "PermissionError"
    monkeypatch.setattr(levels, "SYSTEM_READABLE", (*levels.SYSTEM_READABLE, "/proc"))
    assert weakened(code) == "True"


def test_without_closing_descriptors_a_student_holds_the_zygotes_pipes(weakened, tmp_path, monkeypatch) -> None:
    code = "print([d for d in range(256) if libc.fcntl(d, 1) >= 0])"
    assert weakened(code) == "[0, 1, 2, 200, 201]"
    change = ("    os.closerange(3, 200)\n    os.closerange(202, 4096)\n", "    pass\n")
    monkeypatch.setattr(levels, "RUNNER", runner_copy(tmp_path, child=change))
    assert len(weakened(code).split(",")) > 5


def graded(attacker: Attacker, *cells: str, **answers: str | None) -> Outcome:
    """The outcome of an attack whose damage isn't looked at."""
    return Outcome(attacker.engine.grade(notebook(*cells, **answers), assignment="tiny", framework="numpy"), 0, 0)


def test_without_the_rule_for_claims_a_false_claim_earns_points(attack: Attacker, monkeypatch) -> None:
    lie = (
        RUNNER
        + "arrays.describe = lambda value, depth=0: {'type': 'numpy.ndarray', 'dtype': 'float64', 'framework': 'numpy'}"
    )
    square = "import numpy as np\ndef square(x): return np.zeros(len(x))"
    assert graded(attack, lie, square=square).score("square") == 0
    forgetful = lambda checks, points: exercise_score(tuple(replace(check, claim=False) for check in checks), points)  # noqa: E731
    monkeypatch.setattr(judging, "exercise_score", forgetful)
    assert graded(attack, lie, square=square).score("square") == 1


def test_a_check_that_broke_gives_no_points_where_failing_open_would_give_all(monkeypatch) -> None:
    checks = (CheckVerdict("a", "passed"), CheckVerdict("b", "error"))
    assert exercise_score(checks, 2) is None
    assert exercise_score((), 2) is None
    failing_open = [check for check in checks if check.outcome != "error"]
    assert verdicts.exercise_score(tuple(failing_open), 2) == 2


def test_without_the_nonce_an_answer_sent_early_counts(attack: Attacker, monkeypatch) -> None:
    early = "frame(nonce=b'', kind='done', value=7, claims={}, arguments=[])\ndef honest(n): time.sleep(9)"
    seen: list[Any] = []
    original = sessions.SubmissionSession._reply
    monkeypatch.setattr(
        sessions.SubmissionSession, "_reply", lambda self, frame: seen.append(frame) or original(self, frame)
    )
    late = f"{RUNNER}\nimport threading\nthreading.Timer(0.3, lambda: {early.splitlines()[0]}).start()\ndef honest(n): time.sleep(9)"
    graded(attack, honest=late)
    assert [frame for frame in seen if str(frame.get("value")) == "7"] == []
    monkeypatch.setattr(sessions, "_frame", lambda frame, nonce: frame)
    graded(attack, honest=late)
    assert [frame for frame in seen if str(frame.get("value")) == "7"] != []


def test_without_the_size_cap_a_reply_of_any_size_is_read(engine: Engine, monkeypatch) -> None:
    body = (
        RUNNER + "def f(): frame(nonce=submission.nonce, kind='done', value=bytes(6 * 2**20), claims={}, arguments=[])"
    )
    with SubmissionSession(engine.zygote) as session:
        session.run_cell(0, body)
        with pytest.raises(QuestionLost, match="larger than"):
            session.call("f")
    monkeypatch.setattr(engine.zygote, "limits", replace(engine.zygote.limits, answer=2**30))
    with SubmissionSession(engine.zygote) as session:
        session.run_cell(0, body)
        assert len(session.call("f").value) == 6 * 2**20


class Unlimited:
    """A budget that is never spent."""

    def __init__(self, size: int) -> None:
        """Take no note of ``size``."""

    def spend(self, body: bytes) -> None:
        """Spend nothing."""


def test_without_the_budget_a_small_frame_becomes_millions_of_objects(monkeypatch) -> None:
    body = b"\xdc\x00\x02" + 2 * (b"\xdd" + (600_000).to_bytes(4, "big") + b"\x90" * 600_000)
    with pytest.raises(wire.WireError, match="too many parts"):
        wire.unpack(body)
    monkeypatch.setattr(wire, "_Budget", Unlimited)
    assert sum(map(len, wire.unpack(body))) == 1_200_000


def test_without_the_rule_for_keys_one_hash_for_all_takes_quadratic_time(monkeypatch) -> None:
    keys = b"".join(
        msgpack.packb(msgpack.ExtType(3, ((2**61 - 1) * k).to_bytes(11, "little"))) + b"\xc0" for k in range(10, 4010)
    )
    body = b"\xde" + (4000).to_bytes(2, "big") + keys
    with pytest.raises(wire.WireError, match="key"):
        wire.unpack(body)
    monkeypatch.setattr(wire, "_mapping", dict)
    assert len({hash(key) for key in wire.unpack(body)}) == 1


def test_without_the_whitelist_an_array_of_objects_would_be_made_from_bytes(monkeypatch) -> None:
    body = msgpack.packb(msgpack.ExtType(1, msgpack.packb(["<M8[s]", [1], bytes(8)])))
    with pytest.raises(wire.WireError):
        wire.unpack(body)
    monkeypatch.setattr(wire, "DTYPES", wire.DTYPES | {"<M8[s]"})
    assert wire.unpack(body).dtype.str == "<M8[s]"


def test_without_kill_all_a_daemon_outlives_its_submission(engine: Engine, monkeypatch) -> None:
    cell = "import os, time\nif os.fork() == 0: time.sleep(60)"
    engine.zygote.stop()  # a fresh one: a zygote under which many were killed is given up, and its daemon with it
    for defence, left in ((watch.kill_all, False), (lambda pid, patience=5.0: True, True)):
        monkeypatch.setattr(watch, "kill_all", defence)
        with SubmissionSession(engine.zygote) as session:
            session.run_cell(0, cell)
        time.sleep(0.05)
        assert bool(watch.children(engine.zygote.pid)) is left
    monkeypatch.undo()
    watch.kill_all(engine.zygote.pid)


def test_with_one_scratch_for_all_a_submission_finds_the_files_of_the_one_before(
    engine: Engine, monkeypatch, tmp_path
) -> None:
    def second_sees() -> str:
        with SubmissionSession(engine.zygote) as session:
            session.run_cell(0, "open('left', 'w').write('mine')")
        with SubmissionSession(engine.zygote) as session:
            return str(session.run_cell(0, "import os\nprint(os.listdir('.'))").outputs[0]["text"]).strip()

    assert second_sees() == "[]"
    kept = engine.zygote.work / "scratch" / "kept"
    for folder in ("home", "tmp", "work"):
        (kept / folder).mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr(sessions, "make_scratch", lambda *a: kept)
        patch.setattr(sessions, "remove_scratch", lambda folder: None)
        assert second_sees() == "['left']"
    sessions.remove_scratch(kept)


def test_without_counting_unnamed_files_a_student_fills_the_disk(engine: Engine, monkeypatch) -> None:
    cell = "import os, time\ndef f():\n    d = open('f', 'wb', 0); os.unlink('f'); d.write(bytes(3 * 2**20))\n    e = open('f', 'wb', 0); os.unlink('f'); e.write(bytes(3 * 2**20))\n    time.sleep(0.4); return 'filled'"
    with SubmissionSession(engine.zygote) as session:
        session.run_cell(0, cell)
        with pytest.raises(QuestionLost, match="disk"):
            session.call("f")
    monkeypatch.setattr(watch, "deleted", lambda pids: 0)
    with SubmissionSession(engine.zygote) as session:
        session.run_cell(0, cell)
        assert session.call("f").value == "filled"


def test_without_watching_those_who_talk_a_chatty_process_is_not_limited(engine: Engine, monkeypatch) -> None:
    cell = (
        RUNNER
        + "def f():\n    open('f1', 'wb').write(bytes(3 * 2**20)); open('f2', 'wb').write(bytes(3 * 2**20))\n    end = time.time() + 0.5\n    while time.time() < end: frame(nonce=submission.nonce, kind='output', output={})\n    return 'talked'"
    )
    with SubmissionSession(engine.zygote) as session:
        session.run_cell(0, cell)
        with pytest.raises(QuestionLost, match="disk"):
            session.call("f")
    original = channel.Channel.__init__

    def deaf(self: channel.Channel, *arguments: Any, **keywords: Any) -> None:
        original(self, *arguments, **keywords)
        self._watch_at = float("inf")

    monkeypatch.setattr(channel.Channel, "__init__", deaf)
    with SubmissionSession(engine.zygote) as session:
        session.run_cell(0, cell)
        assert session.call("f").value == "talked"


def test_without_room_for_outputs_the_judge_keeps_all_that_it_is_sent(engine: Engine, monkeypatch) -> None:
    cell = (
        RUNNER
        + "for _ in range(40): frame(nonce=submission.nonce, kind='output', output={'output_type': 'display_data', 'metadata': {'x': 'x' * 100_000}})"
    )
    with SubmissionSession(engine.zygote) as session:
        assert len(session.run_cell(0, cell).outputs) < 5
    monkeypatch.setattr(sessions, "_ROOM", 10**6)
    with SubmissionSession(engine.zygote) as session:
        assert len(session.run_cell(0, cell).outputs) >= 40


def test_the_limits_of_the_suite_are_all_tightened() -> None:
    assert {field.name for field in fields(Limits)} - set(LIMITS) <= {"notebook"}
    assert threading.active_count() < 50
