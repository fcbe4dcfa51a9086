"""The report as one HTML file: no script, no address of anything outside, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from nabla.report.facts import AssignmentReport

MOST_WRONG_ANSWERS = 12


def page(title: str, reports: Sequence[AssignmentReport], *, people: int, day: date, with_names: bool = True) -> str:
    """The page; without names it says only how many are missing or have no verdict."""
    made: str = _template().render(
        title=title,
        reports=reports,
        people=people,
        date=f"{day:%Y-%m-%d}",
        with_names=with_names,
        most=MOST_WRONG_ANSWERS,
    )
    return made.encode("utf-8", "replace").decode("utf-8")


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"points": _points, "percent": _percent, "short": _short, "words": _words, "code": _code}
    return environment.from_string(files("nabla.report").joinpath("page.html").read_text(encoding="utf-8"))


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _code(hint: str) -> Markup:
    """A hint, escaped, with what stands between backquotes as code."""
    parts = [escape(part) for part in hint.split("`")]
    shown = [Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(parts)]
    return Markup("").join(shown) if len(parts) % 2 else escape(hint)


def _short(grade_id: str) -> str:
    return _words(grade_id.removeprefix("test_") or grade_id)


def _words(name: str) -> str:
    return name.replace("_", " ")
