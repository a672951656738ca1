"""What is said of a file that could not be loaded. Loads nothing."""

import re
from collections.abc import Mapping
from pathlib import Path
from traceback import format_tb

import duckdb

from etl.duck import MEMORY_LIMIT
from etl.errors import DwellError, disk_full, in_brief

# From the first quote on: a value may hold quotes as well, and be cut before the last.
_QUOTED = re.compile(r"""(?:[\s.]*Input:)?[\s:]*["'`\[{].*""", re.DOTALL)


def reason_of(error: Exception, home: Path) -> str:
    """What an engine says, or where it speaks of itself alone, what that means."""
    if sentence := disk_full(error, home):
        return sentence
    said = without_values(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        said = (
            f"some of its rows need more than {MEMORY_LIMIT} of memory: one is very long, or "
            "its values are nested very deep"
        )
    return f"{said}. Mend the cause and load it again."


def without_values(error: Exception) -> str:
    """What an engine says in brief, without what it quotes: it may be of a row, and what was typed
    or is never stored has no name there by which it could be cut. Files that it names stay.
    """
    if isinstance(error, OSError | duckdb.IOException):
        return in_brief(error)
    return _QUOTED.sub(" …", in_brief(error))


def not_loaded(path: Path, error: Exception, home: Path) -> str:
    """What to say of a file that could not be loaded."""
    return (
        f"{path} could not be loaded: {reason_of(error, home)} Nothing of it was loaded, "
        "the lake is as it was."
    )


def trace_of(error: Exception) -> str:
    """Where an error came up and what it says, without what an engine quotes."""
    said = str(error) if isinstance(error, DwellError) else without_values(error)
    return f"{''.join(format_tb(error.__traceback__))}{type(error).__name__}: {said}"


def not_compared(path: Path, error: Exception) -> str:
    """What to say where the fields of a file are not known to be others than before."""
    return (
        f"The fields of {path} could not be compared with those of earlier files: "
        f"{type(error).__name__}: {in_brief(error)}. Its rows are loaded all the same, and the "
        "next file of its kind is compared again. Report it with this text if it happens again."
    )


def without_copies(message: str, copies: Mapping[Path, tuple[Path, Path]]) -> str:
    """The message with the names of files as people know them, not those of their copies."""
    for path, (_, copy) in copies.items():
        message = message.replace(str(copy), str(path))
    return message
