"""The misconceptions that students really have: named functions, most in plain numpy, with a hint and checks to fail.

They are course material and trusted. Nothing here knows of submissions.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nabla.checks.failure import CheckFileError

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True)
class WrongAnswer:
    """One named misconception: ``evaluate`` stands in the place of the student's ``function``."""

    name: str
    evaluate: Callable[..., Any]
    fails: tuple[str, ...]
    hint: Mapping[str, str]
    function: str = ""
    frameworks: tuple[str, ...] | None = None
    uses: tuple[str, ...] = ()
    framework: str = ""
    """Whose own code it is; empty: plain numpy."""
    fault: str = ""
    """What a rehearsal on an accelerator finds (`nabla.checks.device.FAULTS`)."""

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """What someone with this misconception gets."""
        return self.evaluate(*arguments, **keywords)

    @property
    def summary(self) -> str:
        """The misconception in one line: the first of its docstring."""
        return (inspect.getdoc(self.evaluate) or "").partition("\n")[0]

    @property
    def source(self) -> str:
        """Python source of the function alone, without its decorator."""
        text = textwrap.dedent(inspect.getsource(self.evaluate))
        definition = ast.parse(text).body[0]
        assert isinstance(definition, ast.FunctionDef)
        return "\n".join(text.splitlines()[definition.lineno - 1 :]) + "\n"

    def hint_in(self, language: str) -> str:
        """The hint in ``language``, or the English one."""
        return self.hint.get(language) or self.hint.get(FALLBACK_LANGUAGE, "")

    def occurs_in(self, framework: str) -> bool:
        """Whether students of the ``framework`` edition can make this mistake."""
        return self.frameworks is None or framework in self.frameworks


def wrong(
    *,
    fails: tuple[str, ...],
    hint: Mapping[str, str],
    function: str = "",
    frameworks: tuple[str, ...] | None = None,
    uses: tuple[str, ...] = (),
    framework: str = "",
    fault: str = "",
) -> Callable[[Callable[..., Any]], WrongAnswer]:
    """A decorator that makes a function a `WrongAnswer`.

    ``fails`` names exactly the checks that it fails; ``function`` the student's function that it stands for (default:
    the exercise's name); ``frameworks`` the editions in which it can occur (default: all); ``uses`` the notebook's own
    functions that its body calls. With ``framework="torch"`` the body is torch's own code, run only as a submission:
    no value of it is known here. Then ``fault`` says what `assert_stays_on_device` finds, which gives its hint.
    """
    if not isinstance(fails, tuple | list) or not fails or not all(isinstance(name, str) for name in fails):
        raise TypeError("fails takes a tuple with at least one name of a check: fails=('test_…',)")
    if not isinstance(hint, Mapping) or not hint.get(FALLBACK_LANGUAGE):
        raise TypeError("hint takes a text by language, English at least: hint={'en': '…'}")

    frameworks = (framework,) if framework else frameworks

    def decorate(evaluate: Callable[..., Any]) -> WrongAnswer:
        name = evaluate.__name__
        return WrongAnswer(
            name, evaluate, tuple(fails), dict(hint), function, frameworks, tuple(uses), framework, fault
        )

    return decorate


def wrong_answer_files(grader_tests: Path, assignment: str) -> dict[str, Path]:
    """The file of wrong answers of each exercise, by grade_id."""
    folder = grader_tests / "wrong" / assignment
    return {f"test_{path.stem}": path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}


def load_wrong_answers(grader_tests: Path, assignment: str) -> dict[str, tuple[WrongAnswer, ...]]:
    """The wrong answers of each exercise by grade_id, in the order of their files. Raises `CheckFileError`."""
    files = wrong_answer_files(Path(grader_tests), assignment)
    return {grade_id: _load(path, assignment) for grade_id, path in files.items()}


def _load(path: Path, assignment: str) -> tuple[WrongAnswer, ...]:
    spec = importlib.util.spec_from_file_location(f"nabla_wrong.{assignment}.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # pytest.skip and sys.exit too
        raise CheckFileError(import_problem(path, error)) from error
    found = [value for value in vars(module).values() if isinstance(value, WrongAnswer)]
    return tuple(answer if answer.function else replace(answer, function=path.stem) for answer in found)


def import_problem(path: Path, error: BaseException) -> str:
    """``file:line: what is wrong; what to do`` for a course file whose import raised ``error``."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}:{error.lineno}: {error.msg}. Correct the syntax and try again."
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    problem = f"{type(error).__name__}: {error}"
    return f"{path}:{line}: {problem}. The file must import without an error: correct it and try again."
