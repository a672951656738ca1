"""Writes that are on disk when they return. Knows nothing of what is written."""

import json
import os
from pathlib import Path
from typing import Any

# Past so many files one flush of the file systems is cheaper than one call each.
_MANY_FILES = 64


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes a JSON file that is either the old one or the whole new one, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    try:
        with temporary.open("w", encoding="utf-8") as handle:
            json.dump(content, handle, ensure_ascii=False)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def flush(files: list[Path]) -> None:
    """Waits until the files and the folders that name them are on disk."""
    if len(files) > _MANY_FILES:
        os.sync()
        return
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    for folder in {path.parent for path in files}:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Waits until the folder's own entries are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
