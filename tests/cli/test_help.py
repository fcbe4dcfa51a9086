"""What commands and pages say of commands: every part explains itself, and nothing is named that isn't there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from nabla.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NABLA = typer.main.get_command(app)


def commands(found=NABLA, names=()):
    """Every command that does something, by the words that call it."""
    if not hasattr(found, "commands"):
        return {names: found}
    return {
        words: one for name, inner in found.commands.items() for words, one in commands(inner, (*names, name)).items()
    }


def named_on(page):
    """Each call of `nabla` on a page, in full: in blocks for a terminal, and between backquotes."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ").replace("\\|", "|")
    blocks = "\n".join(re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S))
    inline = re.findall(r"(?<!`)`(nabla [^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    return [*re.findall(r"\bnabla [a-z][^#\n]*", blocks), *(" ".join(call.split()) for call in inline)]


def missing_in(call):
    """What ``call`` names and the command line doesn't have."""
    found = NABLA
    for word in call.split()[1:]:
        if word.startswith("--"):
            options = {option for part in found.params for option in (*part.opts, *part.secondary_opts)}
            if word.partition("=")[0] not in options:
                return word
        elif hasattr(found, "commands") and word != "…":
            unknown = [name for name in word.split("|") if name not in found.commands]
            if unknown:
                return unknown[0]
            found = found.commands[word.split("|")[-1]]
    return None


NO_GRADEBOOK = ("simulate", "verify", "runtime", "template", "result", "publish")
USE_THE_GRADEBOOK = [words for words in commands() if not set(words) & set(NO_GRADEBOOK)]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_says_what_it_does_and_what_each_of_its_parts_is(words):
    command = commands()[words]
    assert command.help
    assert [part.name for part in command.params if not part.help] == []


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_takes_the_course(words):
    assert missing_in(" ".join(["nabla", *words, "--course"])) is None


@pytest.mark.parametrize("words", USE_THE_GRADEBOOK, ids=" ".join)
def test_every_command_that_uses_the_gradebook_takes_another(words):
    assert missing_in(" ".join(["nabla", *words, "--db"])) is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_is_there(page):
    assert {call: wrong for call in named_on(page) if (wrong := missing_in(call))} == {}


def test_calls_are_found_and_tried():
    assert sum(len(named_on(page)) for page in PAGES) > 40
    assert missing_in("nabla grade --nope") == "--nope"
    assert missing_in("nabla export excel FILE") == "excel"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_a_page_leads_to_is_there(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
