"""The judge: runs the hidden checks of an exercise on one submission and says what each found.

One for each worker process, used for thousands of submissions. A verdict comes from what the check raised, by type
alone: nothing, `CheckFailed` (or a bare ``assert``), or anything else, which is the check's own mistake.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

import nabla
from nabla.answers import Accelerator, Session
from nabla.checks import messages
from nabla.checks.collection import Check, CheckFile, ExerciseChecks
from nabla.checks.device import FAULTS
from nabla.checks.examination import Examination, current
from nabla.checks.failure import CheckFailed, CheckFileError
from nabla.checks.trusted import TrustedSession
from nabla.checks.wrong_answers import WrongAnswer, load_wrong_answers, wrong_answer_files
from nabla.verdicts import CheckVerdict, ExerciseVerdict, exercise_score

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Margin:
    """How far a wrong answer is from the right one in a check that it must fail, in tolerances.

    ``inf``: another kind or shape, or an exact comparison; 0: no values were compared. ``outcome``: as graded alone,
    without the notebook's other functions.
    """

    exercise: str
    wrong_answer: str
    check: str
    outcome: str
    distance: float


class Judge:
    """The checks and wrong answers of one assignment. Raises `CheckFileError` where a file can't be used."""

    def __init__(self, grader_tests: Path, assignment: str, *, reveal_expected: bool = False) -> None:
        self.assignment = assignment
        self.reveal_expected = reveal_expected
        folder, path = Path(grader_tests).resolve(), check_file(grader_tests, assignment)
        self._file = CheckFile(path) if path.exists() else None
        self.exercises: Mapping[str, ExerciseChecks] = MappingProxyType(self._file.exercises if self._file else {})
        self.wrong_answers: Mapping[str, tuple[WrongAnswer, ...]] = load_wrong_answers(folder, assignment)
        files = wrong_answer_files(folder, assignment)
        for grade_id, answers in self.wrong_answers.items():
            self._must_belong(grade_id, answers, files[grade_id])
        self.digest = _digest([path, *files.values()])

    def grade(
        self,
        grade_id: str,
        session: Session,
        *,
        max_score: float,
        seed: Callable[[str], int],
        language: str = "en",
        framework: str = "torch",
        call_seconds: float = 10.0,
        accelerator: Accelerator | None = None,
        distances: dict[str, float] | None = None,
    ) -> ExerciseVerdict:
        """The verdict of every check that the exercise has in this edition, on one submission.

        ``accelerator`` is for the checks that ask for one; without, they are not graded. ``seed`` gives the seed of a
        check by ``<grade_id>:<check>``. ``distances``, if given, is filled with the largest distance from an expected
        value that each check saw, in tolerances.
        """
        assert self._file is not None, f"{self.assignment} has no checks"
        fresh = self._file.class_of_fresh_module(grade_id)
        verdicts = []
        for check in self.exercises[grade_id].checks:
            if not check.occurs_in(framework):
                continue
            examination = Examination(
                session,
                check=check.name,
                language=language,
                framework=framework,
                reveal_expected=self.reveal_expected,
                call_seconds=check.limit or call_seconds,
                wrong_answers=self.wrong_answers.get(grade_id, ()),
            )
            verdicts.append(self._verdict(grade_id, check, fresh, examination, seed=seed, accelerator=accelerator))
            if distances is not None:
                distances[check.name] = examination.distance
        checks = _with_claims_told(tuple(verdicts))
        return ExerciseVerdict(grade_id, exercise_score(checks, max_score), max_score, sealed=True, checks=checks)

    def margins(self) -> list[Margin]:
        """How clearly each check tells the wrong answers that must fail it from the right one."""
        return [
            margin
            for grade_id, answers in self.wrong_answers.items()
            for wrong in answers
            if not wrong.framework
            for margin in self._margins(grade_id, wrong)
        ]

    def _margins(self, grade_id: str, wrong: WrongAnswer) -> list[Margin]:
        distances: dict[str, float] = {}
        session = TrustedSession({wrong.function: wrong})
        verdict = self.grade(grade_id, session, max_score=1, seed=_fixed_seed, framework="numpy", distances=distances)
        outcomes = {check.name: check.outcome for check in verdict.checks}
        return [Margin(grade_id, wrong.name, name, outcomes[name], distances[name]) for name in wrong.fails]

    def _verdict(
        self,
        grade_id: str,
        check: Check,
        fresh: type,
        examination: Examination,
        *,
        seed: Callable[[str], int],
        accelerator: Accelerator | None,
    ) -> CheckVerdict:
        start = CheckVerdict(check.name, "error", check.weight, claim=check.claim, title=check.title)
        device = ""
        if check.needs_accelerator:
            if accelerator is None:
                return replace(start, outcome="not_graded", message=messages.NEEDS_GPU)
            examination.session, device = accelerator.session(), accelerator.name
        raised = self._run(grade_id, check, fresh, examination, seed(f"{grade_id}:{check.name}"), device)
        claim = check.claim or bool(examination.claims_used and not examination.values_used)
        if raised is None:
            return replace(start, outcome="passed", claim=claim)
        failed = self._failure(raised, examination)
        if failed is None:
            self._tell_instructor(grade_id, check, raised)
            return replace(start, message=messages.BROKEN, claim=claim)
        text = messages.sanitise(failed.message, messages.MESSAGE_LIMIT)
        found = replace(start, outcome="failed", message=text, claim=claim)
        return replace(found, hint=failed.hint, wrong_answer=failed.wrong_answer)

    def _run(
        self, grade_id: str, check: Check, fresh: type, examination: Examination, seed: int, device: str
    ) -> BaseException | None:
        """What the check raised. Its warnings, numpy's error state and the trace of its frames end with it."""
        assert self._file is not None
        token = current.set(examination)
        try:
            with warnings.catch_warnings(), np.errstate():
                warnings.simplefilter("ignore")
                return self._file.run(grade_id, check.name, fresh, examination, seed, device)
        finally:
            current.reset(token)

    def _failure(self, raised: BaseException, examination: Examination) -> CheckFailed | None:
        """What ``raised`` says against the submission, or ``None`` where it speaks against the check."""
        if isinstance(raised, CheckFailed):
            return raised
        in_check = self._raised_by_check_file(raised)
        if isinstance(raised, AssertionError):
            text = raised.args[0] if in_check and raised.args and isinstance(raised.args[0], str) else ""
            return CheckFailed(text or _does_not_hold(examination))
        unpacked = examination.unpacked
        expected = re.search(r"values to unpack \(expected (?:at least )?(\d+)", str(raised)) if in_check else None
        if type(raised) is ValueError and expected and unpacked is not None:
            told = unpacked.told()
            return CheckFailed(messages.WRONG_COUNT.format(told=told, actual=len(unpacked), expected=expected[1]))
        return None

    def _raised_by_check_file(self, raised: BaseException) -> bool:
        frames = traceback.extract_tb(raised.__traceback__)
        return bool(frames) and self._file is not None and frames[-1].filename == str(self._file.path)

    def _tell_instructor(self, grade_id: str, check: Check, raised: BaseException) -> None:
        """One line, in which nothing of a student's can start a line of its own."""
        assert self._file is not None
        path = str(self._file.path)
        lines = [frame.lineno for frame in traceback.extract_tb(raised.__traceback__) if frame.filename == path]
        text = messages.sanitise(f"{type(raised).__name__}: {raised}", 2 * messages.VALUE_LIMIT)
        log.error("%s:%s: the check %s of %s broke: %s", path, lines[-1] if lines else 1, check.name, grade_id, text)

    def _must_belong(self, grade_id: str, answers: tuple[WrongAnswer, ...], path: Path) -> None:
        if grade_id not in self.exercises:
            raise CheckFileError(
                f"{path}:1: no class of checks has the grade_id {grade_id}. Rename the file or add one."
            )
        checks = self.exercises[grade_id].checks
        for wrong in answers:
            if problem := _problem_of(wrong, checks):
                line = wrong.evaluate.__code__.co_firstlineno
                raise CheckFileError(f"{path}:{line}: {wrong.name} {problem}")


def _problem_of(wrong: WrongAnswer, checks: tuple[Check, ...]) -> str:
    """Why ``wrong`` can't be an answer to an exercise with these ``checks``; empty where it can."""
    known = {check.name: check for check in checks}
    if unknown := sorted(set(wrong.fails) - set(known)):
        known_names = ", ".join(sorted(known))
        return f"must fail {', '.join(unknown)}, but its exercise has no such check. Known: {known_names}."
    if wrong.fault and wrong.fault not in FAULTS:
        return f"has the fault {wrong.fault}, which nothing finds. Known: {', '.join(FAULTS)}."
    if not wrong.framework and any(known[name].gpu for name in wrong.fails):
        return "is plain numpy, which fails each check marked gpu: name the others only, or give framework='torch'."
    return ""


def check_file(grader_tests: Path, assignment: str) -> Path:
    """Where the hidden checks of an assignment lie."""
    return Path(grader_tests).resolve() / f"test_{assignment}.py"


def _with_claims_told(checks: tuple[CheckVerdict, ...]) -> tuple[CheckVerdict, ...]:
    """The verdicts, with a word at each passed claim that earns nothing because no check of values has passed."""
    if any(check.outcome == "passed" and not check.claim for check in checks):
        return checks
    return tuple(
        replace(check, message=messages.CLAIM_ALONE) if check.outcome == "passed" else check for check in checks
    )


def _does_not_hold(examination: Examination) -> str:
    last = examination.last
    return messages.DOES_NOT_HOLD_ALONE if last is None else messages.DOES_NOT_HOLD.format(told=last.told())


def _fixed_seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _digest(paths: list[Path]) -> str:
    """Changes whenever a file of checks or wrong answers does, its name included, or this package's version."""
    found = hashlib.sha256(f"nabla {nabla.__version__} {sys.version_info[:2]}".encode())
    for path in sorted(path for path in paths if path.exists()):
        data = path.read_bytes()
        found.update(f"\0{path.name}\0{len(data)}\0".encode() + data)
    return found.hexdigest()
