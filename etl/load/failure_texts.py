"""What is said of a file that could not be loaded. Loads nothing."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from etl.duck import MEMORY_LIMIT
from etl.errors import disk_full, in_brief


def reason_of(error: Exception, home: Path) -> str:
    """What an engine says, or where it speaks of itself alone, what that means."""
    if sentence := disk_full(error, home):
        return sentence
    said = in_brief(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        said = (
            f"some of its rows need more than {MEMORY_LIMIT} of memory: one is very long, or "
            "its values are nested very deep"
        )
    return f"{said}. Mend the cause and load it again."


def not_loaded(path: Path, error: Exception, home: Path) -> str:
    """What to say of a file that could not be loaded."""
    return (
        f"{path} could not be loaded: {reason_of(error, home)} Nothing of it was loaded, "
        "the lake is as it was."
    )


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
