"""docs/github.md: its files are read, and it names every secret and variable of the workflow."""

from __future__ import annotations

import re
from pathlib import Path

from nabla.classroom.publish import read_addresses
from nabla.classroom.roster import read_roster

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/github.md").read_text(encoding="utf-8")


def block(first_line):
    """The block of the page that starts with ``first_line``."""
    return re.search(rf"^```\n({re.escape(first_line)}\n.*?)^```$", PAGE, re.M | re.S)[1]


def test_its_roster_and_its_list_of_assignments_are_read(tmp_path):
    (tmp_path / "roster.csv").write_text(block("identifier,github_username,name"))
    (tmp_path / "assignments.csv").write_text(block("assignment,deadline,address"))
    assert [(person.student, person.username) for person in read_roster(tmp_path / "roster.csv")] == [
        ("2026-001", "octocat"),
        ("2026-002", ""),
    ]
    assert read_addresses(tmp_path / "assignments.csv") == {"hessians": "https://github.com/ORG/hessians-{username}"}


def test_it_goes_all_the_way_from_the_template_to_publishing():
    assert [name for name in ("template", "collect", "publish") if f"nabla classroom {name} " not in PAGE] == []


def test_it_names_every_secret_and_variable_of_the_workflow():
    workflow = (ROOT / ".github/workflows/grade.yml").read_text()
    used = set(re.findall(r"\b(?:secrets|vars)\.(\w+)", workflow))
    assert used >= {"CLASSROOM_READ_TOKEN", "CLASSROOM_WRITE_TOKEN", "PUBLISH_GRADES", "GPU_RUNNER"}
    assert [name for name in sorted(used) if f"`{name}`" not in PAGE] == []


def test_the_sample_class_is_taken_away_with_all_that_it_left_and_the_key_stays():
    kept_out = (ROOT / ".gitignore").read_text().partition("# personal data")[2].splitlines()[1:]
    (removed,) = re.findall(r"^\$ rm -rf (.*)$", PAGE, re.M)
    assert {name.strip("/") for name in kept_out} == {*removed.split(), "*.key"}
