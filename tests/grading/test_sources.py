"""Which edition a submission is graded as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nabla.course import Course
from nabla.grading.lean import LeanDoor


@pytest.mark.parametrize(("said", "framework"), [("", "numpy"), ('["torch"]', "numpy"), ('["jax"]', "jax")])
def test_only_the_courses_own_framework_and_those_it_names_may_be_handed_in(
    released_course: Path, said: str, framework: str
) -> None:
    if said:
        with (released_course / "nbgrader_config.py").open("a") as config:
            config.write(f"c.Nabla.frameworks = {said}\n")
    nb = json.loads((released_course / "release" / "tiny" / "tiny.ipynb").read_text())
    nb["metadata"]["nabla"]["framework"] = "jax"
    found = LeanDoor(Course.load(released_course), "tiny").sanitise("tiny", json.dumps(nb).encode())
    assert found.edition.framework == found.notebook.metadata.nabla.framework == framework
    assert (framework == "jax") != any(remark.startswith("taken for the") for remark in found.remarks)
