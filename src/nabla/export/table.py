"""A CSV file of somebody else's, in which some cells are filled: every other byte stays as it was.

Knows nothing of grades.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from nabla.course import CourseError
from nabla.grading.atomic import write_atomically
from nabla.notebook.reading import UnreadableNotebook, read_bytes

_LIMIT = 64 * 2**20
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+|[\ud800-\udfff]")


@dataclass
class Table:
    """Rows of raw fields, each row with its own line end, so that what isn't set is written back byte for byte."""

    rows: list[list[str]]
    ends: list[str]
    delimiter: str = ","
    bom: bool = False
    changed: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def parse(cls, text: str) -> Table:
        """The table that ``text`` holds. Raises ValueError with the line where a quote is never closed."""
        bom = text.startswith(_BOM)
        body = text.removeprefix(_BOM)
        delimiter = max(",;\t", key=re.split(r"[\r\n]", body, maxsplit=1)[0].count)
        rows, ends = _split(body, delimiter)
        return cls(rows, ends, delimiter, bom)

    @classmethod
    def read(cls, path: Path) -> Table:
        """The table in the file ``path``. Raises `CourseError`."""
        try:
            return cls.parse(read_bytes(path, limit=_LIMIT).decode("utf-8"))
        except UnreadableNotebook as error:
            raise CourseError(f"{error.file}: {error.wrong}. Give the file that the LMS exported.") from error
        except UnicodeDecodeError as error:
            raise CourseError(f"{path}: is not UTF-8 text (byte {error.start}). Export it again as UTF-8.") from error
        except ValueError as error:
            raise CourseError(f"{path}, {error}. Export it again.") from error

    def value(self, row: int, column: int) -> str:
        """What a cell says, without quotes; empty where the row is too short."""
        cells = self.rows[row]
        return _unquoted(cells[column]) if column < len(cells) else ""

    def header(self) -> list[str]:
        """The titles in the first row, without spaces around them."""
        return [self.value(0, column).strip() for column in range(len(self.rows[0]))] if self.rows else []

    def set_number(self, row: int, column: int, number: float, *, decimal_comma: bool = False) -> None:
        """Put a number into a cell, quoted if the cell was, or if a decimal comma makes that necessary."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        text = number_text(number)
        text = text.replace(".", ",") if decimal_comma else text
        quoted = cells[column].startswith('"') or self.delimiter in text
        new = f'"{text}"' if quoted else text
        if new != cells[column]:
            self.changed.add((row, column))
            cells[column] = new

    def text(self) -> str:
        """The whole file."""
        lines = (self.delimiter.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return (_BOM if self.bom else "") + "".join(lines)

    def write(self, path: Path) -> None:
        """Put the file at ``path``, whole or not at all; where that is a link, the file that it leads to."""
        write_atomically(path.resolve(), self.text())


def number_text(number: float) -> str:
    """A score as an LMS reads it: at most six digits behind the point, no exponent.

    >>> number_text(0.1 + 0.2), number_text(7.0), number_text(1e-9)
    ('0.3', '7', '0')
    """
    return f"{number:.6f}".rstrip("0").rstrip(".")


def text_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: on one line, a ``'`` before what could begin one.

    >>> text_cell("=cmd|' /C calc'!A0"), text_cell("Ito, Aiko")
    ("'=cmd|' /C calc'!A0", 'Ito, Aiko')
    """
    begins = text.lstrip(" ").startswith(_FORMULA)
    plain = _CONTROL.sub(" ", text)
    return f"'{plain}" if begins or plain.lstrip(" ").startswith(_FORMULA) else plain


def _split(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    d = re.escape(delimiter)
    cell = re.compile(rf'("[^"]*(?:""[^"]*)*"[^{d}\r\n]*|[^"{d}\r\n][^{d}\r\n]*|)({d}|\r\n|\n|\r|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    row: list[str] = []
    at = 0
    while at < len(text) or row:
        found = cell.match(text, at)
        if found is None:
            line = text.count("\n", 0, at) + 1
            raise ValueError(f"line {line}: a quotation mark is opened there and never closed")
        row.append(found[1])
        at = found.end()
        if found[2] != delimiter:
            rows.append(row)
            ends.append(found[2])
            row = []
    return rows, ends


def _unquoted(raw: str) -> str:
    if not raw.startswith('"'):
        return raw
    end = re.match(r'"[^"]*(?:""[^"]*)*"', raw)
    return raw if end is None else raw[1 : end.end() - 1].replace('""', '"') + raw[end.end() :]
