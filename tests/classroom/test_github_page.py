"""docs/github.md: its files are read, its commands exist, and it names every secret and variable of the workflow."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from nabla.classroom.publish import read_addresses
from nabla.classroom.roster import read_roster

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/github.md").read_text(encoding="utf-8")
NABLA = Path(sys.executable).with_name("nabla")


def block(first_line):
    """The block of the page that starts with ``first_line``."""
    return re.search(rf"^```\n({re.escape(first_line)}\n.*?)^```$", PAGE, re.M | re.S)[1]


def commands():
    """Each `nabla` command of the page in full."""
    text = PAGE.replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S))
    inline = [found for found in re.findall(r"`(nabla [^`]+)`", text.replace("\n", " ")) if " --" in found]
    return [*re.findall(r"\bnabla [^#\n]+", blocks), *inline]


def test_its_roster_and_its_list_of_assignments_are_read(tmp_path):
    (tmp_path / "roster.csv").write_text(block("identifier,github_username,name"))
    (tmp_path / "assignments.csv").write_text(block("assignment,deadline,address"))
    assert [(person.student, person.username) for person in read_roster(tmp_path / "roster.csv")] == [
        ("2026-001", "octocat"),
        ("2026-002", ""),
    ]
    assert read_addresses(tmp_path / "assignments.csv") == {"hessians": "https://github.com/ORG/hessians-{username}"}


def test_it_has_commands():
    assert {tuple(shlex.split(command)[1:3]) for command in commands()} >= {
        ("classroom", "template"),
        ("classroom", "collect"),
        ("classroom", "publish"),
    }


@pytest.mark.parametrize("name", ["template", "collect", "publish"])
def test_every_option_of_its_commands_exists(name):
    options = {
        word
        for command in commands()
        if f"classroom {name}" in command
        for word in shlex.split(command)
        if word.startswith("--")
    }
    assert options
    told = subprocess.run([str(NABLA), "classroom", name, "--help"], capture_output=True, text=True, check=True).stdout
    assert [option for option in options if option not in told] == []


def test_it_names_every_secret_and_variable_of_the_workflow():
    workflow = (ROOT / ".github/workflows/grade.yml").read_text()
    used = set(re.findall(r"\b(?:secrets|vars)\.(\w+)", workflow))
    assert used >= {"CLASSROOM_READ_TOKEN", "CLASSROOM_WRITE_TOKEN", "PUBLISH_GRADES", "GPU_RUNNER"}
    assert [name for name in sorted(used) if f"`{name}`" not in PAGE] == []
