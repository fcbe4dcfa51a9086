"""A look into a gradebook, or a sentence that says why it can't be read and what to do. Knows no grades."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from nabla.gradebook.errors import GradebookError


@contextmanager
def reading(db_url: str, *, first: str) -> Iterator[Session]:
    """A session to read with. Raises `GradebookError`; ``first`` says what makes a gradebook that isn't there yet."""
    engine = create_engine(db_url)
    try:
        with Session(engine) as session:
            yield session
    except DatabaseError as error:
        raise GradebookError(f"{engine.url!r}: {_why_unread(error, first)}") from error
    finally:
        engine.dispose()


def _why_unread(error: DatabaseError, first: str) -> str:
    if any(word in str(error.orig).lower() for word in ("locked", "busy")):
        return f"another program holds it ({error.orig}). Wait until that has finished, or close it, and try again."
    if isinstance(error, OperationalError | ProgrammingError):
        return f"no gradebook there ({error.orig}). {first}"
    return f"can't be read ({error.orig}). Restore it from a backup, or give another one with --db."
