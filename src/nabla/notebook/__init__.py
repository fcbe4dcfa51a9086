"""Notebooks: read safely, put back into shape, cut to an edition, and written so that nothing in them runs."""

from nabla.notebook.editions import FRAMEWORKS, LANGUAGES, Edition, KeepEdition, edition_of, release_notebook
from nabla.notebook.hardening import SourceCell, SourceNotebook, harden
from nabla.notebook.outputs import clean_outputs, safe_outputs, verdict_outputs, with_verdict
from nabla.notebook.reading import UnreadableNotebook, parse_notebook, read_bytes, read_notebook

__all__ = [
    "FRAMEWORKS",
    "LANGUAGES",
    "Edition",
    "KeepEdition",
    "SourceCell",
    "SourceNotebook",
    "UnreadableNotebook",
    "clean_outputs",
    "edition_of",
    "harden",
    "parse_notebook",
    "read_bytes",
    "read_notebook",
    "release_notebook",
    "safe_outputs",
    "verdict_outputs",
    "with_verdict",
]
