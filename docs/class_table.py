"""Draws docs/class.svg, the picture in the README: the table that ``nabla grade`` ends with, for a sample class.

nabla simulate && python docs/class_table.py
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from nabla.cli.tables import print_class
from nabla.course import Course
from nabla.grading.pool import grade_class
from nabla.simulate.sample import true_scores

TARGET = Path(__file__).with_name("class.svg")


def main() -> None:
    """Grade what lies in submitted/ for one assignment and draw the table."""
    course = Course.load()
    console = Console(record=True, width=140, file=io.StringIO(), force_terminal=True, highlight=False)
    results = list(grade_class(course, ["chain_rule"]))
    shown = [result for result in results if result.status == "graded"]
    print_class(console, shown, true_scores(course))
    drawn = console.export_svg(title="nabla grade")
    TARGET.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.S), encoding="utf-8")  # no fonts from afar


if __name__ == "__main__":
    main()
