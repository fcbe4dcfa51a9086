"""The page about security names tests that exist, and every file of attacks."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "security.md"
NAMED = re.compile(r"`((?:\w+/)?test_\w+\.py)::(test_\w+)`")


def test_every_promise_names_a_test_that_exists() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and line.count("|") == 4]
    promises = [row for row in rows if "::" in row]
    assert len(promises) > 30
    for file, name in NAMED.findall("\n".join(promises)):
        path = TESTS / file if "/" in file else TESTS / "attacks" / file
        assert f"def {name}(" in path.read_text(), f"{file}::{name}"


def test_every_row_of_promises_names_a_test() -> None:
    section = PAGE.read_text().partition("## What is promised")[2].partition("## What is only a claim")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert [row for row in rows if not NAMED.search(row)] == []
