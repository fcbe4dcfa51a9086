"""What `nabla release` and `simulate` say and return. The work is done in other rooms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from nabla.cli.options import ALL
from nabla.cli.text import safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.notebook.editions import Edition


def run_release(
    console: Console,
    root: Path,
    db_url: str | None,
    names: Sequence[str],
    language: str | None,
    framework: str | None,
    to: Path | None,
) -> int:
    """0 where everything is released and nothing leaks."""
    from nabla.grading.listing import named_assignments
    from nabla.grading.release import chosen_edition, release, release_edition

    course = Course.load(root, db_url=db_url)
    assignments = named_assignments(course, names)
    edition = chosen_edition(course, language, framework)
    if to is None and edition != chosen_edition(course, None, None):
        raise CourseError(
            f"release/ holds the default edition; say where the {edition.language}, {edition.framework} edition goes: "
            f"nabla release {' '.join(names)} --lang {edition.language} --framework {edition.framework} --to DIR"
        )
    made = release(course, assignments) if to is None else release_edition(course, assignments, edition, to)
    for released in made:
        console.print(safe(f"{released.assignment} ({edition.language}, {edition.framework}): {released.folder}"))
        for leak in released.leaks:
            console.print(safe(f"  {leak}", "red"))
    name_the_edition(console, course, edition)
    if any(released.leaks for released in made):
        console.print("Don't hand this out: it gives answers away. Correct source/ and release again.", style="red")
        return 1
    return 0


def name_the_edition(console: Console, course: Course, edition: Edition) -> None:
    """Say what has to be configured before a class may hand ``edition`` in, where something has to."""
    from nabla.notebook.editions import handed_in, setting_to_hand_in

    if edition.framework not in handed_in(course.config):
        say = setting_to_hand_in(course.config, edition.framework)
        told = f"For a class that hands this edition in, write into nbgrader_config.py: {say}"
        console.print(safe(f"{told}. Without, it is graded as {course.settings.framework}'s.", "yellow", width=400))


def run_simulate(console: Console, root: Path, size: int, seed: int, framework: str | None = None) -> int:
    """0 where the class is made."""
    from nabla.notebook.editions import handed_in
    from nabla.simulate.sample import make_sample

    course = Course.load(root)
    frameworks = handed_in(course.config) if framework == ALL else (framework or course.settings.framework,)
    if framework == ALL and len(set(frameworks)) == 1:
        raise CourseError(
            f"This class hands in the {frameworks[0]} edition alone. Write others into nbgrader_config.py, for "
            "example c.Nabla.frameworks = ['numpy', 'jax']"
        )
    papers = make_sample(course, size, seed, frameworks)
    kinds = Counter(paper.student.character for paper in papers)
    described = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    console.print(safe(f"A sample class of {size} in {course.folder('submitted')}: {described}."))
    console.print("Grade it: nabla grade", markup=False)
    return 0
