"""Editions: one source notebook holds every language and framework; a release holds one of each.

`KeepEdition` is the first generate preprocessor. Also says which edition a submission is. Knows no database.
"""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable
from typing import Any, NamedTuple

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
)
from traitlets import Unicode, default
from traitlets.config import Config

from nabla.course import Nabla

LANGUAGES = ("en", "ja")
FRAMEWORKS = ("torch", "numpy", "tensorflow", "jax", "mxnet")
_MASTER = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)
_RELEASE = (ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata)


class Edition(NamedTuple):
    """A language and a framework."""

    language: str
    framework: str


def default_edition(config: Config) -> Edition:
    """The edition that ``nbgrader_config.py`` names, ``en`` and ``torch`` where it names none."""
    settings = Nabla(config=config)
    return Edition(settings.language, settings.framework)


def handed_in(config: Config) -> tuple[str, ...]:
    """The frameworks whose editions a class may hand in: its own, and what ``c.Nabla.frameworks`` names.

    Not all that there are: a student writes what the edition is, and each has other checks.
    """
    settings = Nabla(config=config)
    return (settings.framework, *settings.frameworks)


def setting_to_hand_in(config: Config, *frameworks: str) -> str:
    """The line of nbgrader_config.py with which a class may hand in these editions too."""
    return f"c.Nabla.frameworks = {[*Nabla(config=config).frameworks, *frameworks]}"


def edition_of(nb: NotebookNode, fallback: Edition, frameworks: Container[str] = FRAMEWORKS) -> Edition:
    """The edition that a notebook's ``metadata.nabla`` names; each part that isn't one we know is ``fallback``'s.

    So is the framework where it isn't one of ``frameworks``: a student writes the metadata.
    """
    named = nb.metadata.get("nabla")
    named = named if isinstance(named, dict) else {}
    language, framework = named.get("language"), named.get("framework")
    return Edition(
        language if language in LANGUAGES else fallback.language,
        framework if framework in FRAMEWORKS and framework in frameworks else fallback.framework,
    )


def has_editions(nb: NotebookNode) -> bool:
    """Whether any cell belongs to some editions only."""
    return any(_tags(cell) & {*LANGUAGES, *FRAMEWORKS} for cell in nb.cells)


def keep_edition(nb: NotebookNode, edition: Edition) -> NotebookNode:
    """``nb`` with the cells of ``edition`` only, named in ``metadata.nabla``; a notebook without editions as it is."""
    if not has_editions(nb):
        return nb
    kept = copy.copy(nb)
    kept.cells = [_untagged(cell) for cell in nb.cells if _belongs(cell, edition)]
    kept.metadata = NotebookNode({key: value for key, value in nb.metadata.items() if key != "jupytext"})
    kept.metadata["nabla"] = NotebookNode(language=edition.language, framework=edition.framework)
    return kept


def master_notebook(nb: NotebookNode, edition: Edition, config: Config) -> NotebookNode:
    """What nbgrader stores of a source notebook: one edition, stubs for solutions, checksums, hidden tests still in."""
    return _through(_MASTER, keep_edition(copy.deepcopy(nb), edition), config)


def release_notebook(nb: NotebookNode, edition: Edition, config: Config) -> NotebookNode:
    """What students of ``edition`` get of a source notebook, byte for byte what ``generate_assignment`` makes."""
    return _through(_RELEASE, master_notebook(nb, edition, config), config)


class KeepEdition(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """The first generate preprocessor: of cells tagged for a language or framework, only this edition's stay."""

    language = Unicode(help="en or ja; c.Nabla.language where not given").tag(config=True)
    framework = Unicode(help="torch, numpy, ...; c.Nabla.framework where not given").tag(config=True)

    @default("language")
    def _default_language(self) -> str:
        return default_edition(self.config).language

    @default("framework")
    def _default_framework(self) -> str:
        return default_edition(self.config).framework

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """The notebook of this edition."""
        return keep_edition(nb, Edition(self.language, self.framework)), resources


def _through(preprocessors: Iterable[Any], nb: NotebookNode, config: Config) -> NotebookNode:
    resources = ResourcesDict()
    for preprocessor in preprocessors:
        nb, resources = preprocessor(config=config)(nb, resources)
    return nb


def _tags(cell: NotebookNode) -> set[str]:
    tags = cell.metadata.get("tags", [])
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()


def _belongs(cell: NotebookNode, edition: Edition) -> bool:
    tags = _tags(cell)
    languages, frameworks = tags & set(LANGUAGES), tags & set(FRAMEWORKS)
    return (not languages or edition.language in languages) and (not frameworks or edition.framework in frameworks)


def _untagged(cell: NotebookNode) -> NotebookNode:
    """The cell without its edition tags: in a release they would only be noise."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag not in (*LANGUAGES, *FRAMEWORKS)]
    cell = copy.copy(cell)
    cell.metadata = NotebookNode({key: value for key, value in cell.metadata.items() if key != "tags"})
    if tags:
        cell.metadata["tags"] = tags
    return cell
