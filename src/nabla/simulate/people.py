"""Who sits in a sample class: a character for each student, with the answers to it. Same seed, same class."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from nabla.simulate.tricks import BROKEN, DISHONEST, Trick
from nabla.simulate.truth import DeclaredWrongAnswer

NAMES = (
    "aiko", "amara", "anil", "boris", "carla", "chen", "dina", "emil", "farid", "greta", "haruto", "ines", "jonas",
    "kavya", "leila", "mateo", "nadia", "omar", "petra", "quinn", "ravi", "sofia", "taro", "uma", "vera", "wei",
    "ximena", "yuki", "zoe",
)  # fmt: skip
CHARACTERS = (
    "good", "wrong", "wrong", "good", "blank", "several", "broken", "good", "wrong", "dishonest",
    "partial", "wrong", "good", "broken", "several", "wrong", "dishonest", "good", "wrong", "broken",
)  # fmt: skip
LANGUAGES = ("en", "ja")


@dataclass(frozen=True)
class Student:
    """One student of the class: what is wrong in which exercise, what is left out, and a trick if there is one."""

    name: str
    character: str
    language: str
    wrong: Mapping[str, DeclaredWrongAnswer] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    trick: Trick | None = None


def class_of(
    size: int, seed: int, exercises: Sequence[str], wrong_answers: Sequence[DeclaredWrongAnswer], framework: str
) -> list[Student]:
    """``size`` students; between them they make each wrong answer and each trick in turn."""
    rng = random.Random(seed)
    usable = [answer for answer in wrong_answers if answer.frameworks is None or framework in answer.frameworks]
    rng.shuffle(usable)
    supply = _Supply(cycle(usable), cycle(BROKEN), cycle(DISHONEST))
    return [
        _student(_name(number), character, exercises, supply, rng)
        for number, character in enumerate(islice(cycle(CHARACTERS), size))
    ]


@dataclass(frozen=True)
class _Supply:
    """Endless turns, so that a class of any size uses everything equally often."""

    wrong: cycle[DeclaredWrongAnswer]
    broken: cycle[Trick]
    dishonest: cycle[Trick]


def _student(name: str, character: str, exercises: Sequence[str], supply: _Supply, rng: random.Random) -> Student:
    language = rng.choice(LANGUAGES)
    if character == "blank":
        return Student(name, character, language, left_out=frozenset(exercises))
    if character == "partial":
        return Student(
            name, character, language, left_out=frozenset(rng.sample(sorted(exercises), len(exercises) // 2))
        )
    if character in ("wrong", "several"):
        count = 1 if character == "wrong" else 3
        chosen = islice(supply.wrong, count)
        return Student(name, character, language, wrong={answer.exercise: answer for answer in chosen})
    if character in ("broken", "dishonest"):
        return Student(name, character, language, trick=next(getattr(supply, character)))
    return Student(name, character, language)


def _name(number: int) -> str:
    rounds, index = divmod(number, len(NAMES))
    return NAMES[index] if rounds == 0 else f"{NAMES[index]}{rounds + 1}"
