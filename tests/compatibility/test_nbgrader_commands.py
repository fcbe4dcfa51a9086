"""Every nbgrader command and formgrader's own calls work with this project's configuration, engine and sandbox included."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config, PyFileConfigLoader

CONFIG = Path(__file__).parents[2] / "nbgrader_config.py"
BIN = Path(sys.executable).parent
SCRIPT = "<script>alert(1)</script>"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]


def marks(name, **flags):
    base = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": base | flags}


def code(source, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def source_notebook():
    cells = [
        code("### BEGIN SOLUTION\ndef f(x):\n    return x\n### END SOLUTION", **marks("f", solution=True)),
        code("assert f(2) == 2", **marks("test_f", grade=True, locked=True, points=2)),
        {"cell_type": "markdown", "source": "Why?", "metadata": marks("why", grade=True, solution=True, points=1)},
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    return {"cells": numbered, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


class Class:
    def __init__(self, root):
        self.root = root
        self.home, self.exchange = root / "home", root / "exchange"
        self.course, self.student = root / "course", root / "student"
        for folder in (self.home, self.course / "source" / "ps1", self.student):
            folder.mkdir(parents=True)
        self.exchange.mkdir(mode=0o777)
        self.exchange.chmod(0o777)
        settings = f"\nc.Nabla.preload = ['numpy']\nc.Exchange.root = {str(self.exchange)!r}\n"
        settings += f"c.Exchange.cache = {str(root / 'cache')!r}\nc.CourseDirectory.course_id = 'abc'\n"
        (self.course / "nbgrader_config.py").write_text(CONFIG.read_text() + settings)
        (self.student / "nbgrader_config.py").write_text("c = get_config()" + settings)
        (self.course / "source" / "ps1" / "p1.ipynb").write_text(json.dumps(source_notebook()))

    def run(self, *command, cwd=None):
        env = {**os.environ, "HOME": str(self.home), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(["nbgrader", *command], cwd=cwd or self.course, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def config(self) -> Config:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.course)).load_config()
        config.CourseDirectory.root = str(self.course)
        return config


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of one, from the source through the exchange to feedback, each step by nbgrader's own command."""
    school = Class(tmp_path_factory.mktemp("class"))
    school.run("generate_assignment", "ps1")
    school.run("release_assignment", "ps1")
    school.run("fetch_assignment", "ps1", cwd=school.student)
    path = school.student / "ps1" / "p1.ipynb"
    nb = json.loads(path.read_text())
    nb["cells"][0]["source"] = (
        "from IPython.display import HTML, display\ndef f(x): return x\n" + f"display(HTML('{SCRIPT}<b>bold</b>'))"
    )
    nb["cells"][2]["source"] = f"Because {SCRIPT}"
    path.write_text(json.dumps(nb))
    school.run("submit", "ps1", cwd=school.student)
    school.run("collect", "ps1")
    school.run("autograde", "ps1")
    school.run("generate_feedback", "ps1")
    school.run("export")
    return school


def exported(course):
    return only(csv.DictReader((course / "grades.csv").read_text().splitlines()))


def only(paths):
    (path,) = paths
    return path


def test_the_exchange_and_the_grade_reach_the_export(graded):
    row = exported(graded.course)
    assert (row["assignment"], float(row["score"]), float(row["max_score"])) == ("ps1", 2.0, 3.0)


def test_feedback_shows_what_was_answered_and_runs_nothing(graded):
    page = only((graded.course / "feedback").rglob("*.html")).read_text()
    assert "bold" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    sources = re.findall(r"<script[^>]*>", page)
    assert all("mathjax" in tag.lower() for tag in sources)


def test_formgraders_page_runs_nothing_of_the_students(graded):
    config = graded.config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    notebook = only((graded.course / "autograded").rglob("*.ipynb"))
    resources = {
        "base_url": "",
        "submission_id": "1",
        "notebook_id": "p1",
        "assignment_id": "ps1",
        "index": 0,
        "total": 1,
    }
    page, _ = HTMLExporter(config=config).from_filename(str(notebook), resources=resources)
    assert "<script>alert" not in page
    assert 'id="test_f"' in page


def test_formgraders_calls_grade_and_make_feedback_again(graded, monkeypatch):
    monkeypatch.setenv("PATH", str(BIN), prepend=os.pathsep)
    monkeypatch.chdir(graded.course)
    config = graded.config()
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    student = only(api.get_submitted_students("ps1"))
    assert api.autograde("ps1", student)["success"]
    assert api.generate_feedback("ps1", student)["success"]
    submission = api.get_submission("ps1", student)
    assert (submission["score"], submission["needs_manual_grade"]) == (2.0, True)
    assert api.get_notebook_submissions("ps1", "p1")[0]["failed_tests"] is False


def test_one_student_can_be_graded_alone_again_and_without_running(graded):
    student = only((graded.course / "submitted").iterdir()).name
    for options in (["--student", student, "--force"], ["--force", "--no-execute"], ["--force"]):
        graded.run("autograde", "ps1", *options)
        graded.run("export")
        assert float(exported(graded.course)["score"]) == 2.0


def test_options_of_the_command_line_reach_the_engine(graded, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(graded.course, copy)
    path = only((copy / "submitted").rglob("*.ipynb"))
    nb = json.loads(path.read_text())
    nb["cells"][0]["source"] = "import time\ntime.sleep(5)\ndef f(x): return x"
    path.chmod(0o644)
    path.write_text(json.dumps(nb))
    graded.run("autograde", "ps1", "--force", "--Execute.timeout=1", cwd=copy)
    graded.run("export", cwd=copy)
    assert float(exported(copy)["score"]) == 0.0
