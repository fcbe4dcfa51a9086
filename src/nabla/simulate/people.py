"""Who sits in a sample class: a character for each student, with the answers to it. Same seed, same class."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    framework: str
    wrong: Mapping[str, DeclaredWrongAnswer] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    trick: Trick | None = None


def class_of(
    size: int,
    seed: int,
    exercises: Sequence[str],
    wrong_answers: Sequence[DeclaredWrongAnswer],
    frameworks: Sequence[str],
) -> list[Student]:
    """``size`` students, of each of ``frameworks`` as many; together they make each wrong answer and trick in turn."""
    rng = random.Random(seed)
    supply = _Supply(
        {framework: _turns(framework, wrong_answers, rng) for framework in frameworks}, cycle(BROKEN), cycle(DISHONEST)
    )
    editions = _editions(size, seed, frameworks)
    return [
        _student(_name(number), character, framework, exercises, supply, rng)
        for number, (character, framework) in enumerate(zip(cycle(CHARACTERS), editions, strict=False))
    ]


def _turns(
    framework: str, wrong_answers: Sequence[DeclaredWrongAnswer], rng: random.Random
) -> cycle[DeclaredWrongAnswer]:
    """Those that can occur in the edition, in some order, without end."""
    usable = [answer for answer in wrong_answers if answer.frameworks is None or framework in answer.frameworks]
    rng.shuffle(usable)
    return cycle(usable)


def _editions(size: int, seed: int, frameworks: Sequence[str]) -> list[str]:
    """A framework for each student, in rounds that are shuffled: characters come in rounds too.

    By chance of its own, so that a class of one framework is who it always was.
    """
    rng = random.Random(f"{seed} frameworks")
    rounds = -(-size // len(frameworks))
    return [name for _ in range(rounds) for name in rng.sample(frameworks, len(frameworks))][:size]


@dataclass(frozen=True)
class _Supply:
    """Endless turns, so that a class of any size uses everything equally often."""

    wrong: Mapping[str, cycle[DeclaredWrongAnswer]]
    """By framework."""
    broken: cycle[Trick]
    dishonest: cycle[Trick]


def _student(
    name: str, character: str, framework: str, exercises: Sequence[str], supply: _Supply, rng: random.Random
) -> Student:
    who = Student(name, character, rng.choice(LANGUAGES), framework)
    if character == "blank":
        return replace(who, left_out=frozenset(exercises))
    if character == "partial":
        return replace(who, left_out=frozenset(rng.sample(sorted(exercises), len(exercises) // 2)))
    if character in ("wrong", "several"):
        count = 1 if character == "wrong" else 3
        chosen = islice(supply.wrong[framework], count)
        return replace(who, wrong={answer.exercise: answer for answer in chosen})
    if character in ("broken", "dishonest"):
        return replace(who, trick=next(getattr(supply, character)))
    return who


def _name(number: int) -> str:
    rounds, index = divmod(number, len(NAMES))
    return NAMES[index] if rounds == 0 else f"{NAMES[index]}{rounds + 1}"
