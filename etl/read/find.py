"""Finds input files, and tells what their names say. Never opens one."""

import re
from collections.abc import Iterable
from functools import lru_cache
from glob import glob
from pathlib import Path

DATA_SUFFIXES = frozenset(
    [".csv", ".tsv", ".txt", ".log", ".ndjson", ".jsonl", ".json", ".parquet", ".sqlite", ".db"]
)


def expand(patterns: Iterable[str]) -> tuple[list[Path], list[str]]:
    """The files behind paths, folders and globs, sorted; and the patterns that match nothing.

    Of a folder only files with a data suffix are taken, hidden ones never.
    """
    files: dict[Path, None] = {}
    missing = []
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            matching = sorted(p for p in path.rglob("*") if p.is_file() and _is_data(p, path))
        elif path.exists():
            matching = [path]
        else:
            # Path.glob refuses absolute patterns.
            matches = map(Path, glob(pattern, recursive=True))  # noqa: PTH207
            matching = sorted(p for p in matches if p.is_file())
        if not matching:
            missing.append(pattern)
        files.update(dict.fromkeys(matching))
    return list(files), missing


def _is_data(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    # Logs are rotated to access.log.1, access.log.2.gz and access.log-20261121.
    suffixes = [
        re.sub(r"-\d+$", "", suffix)
        for suffix in path.suffixes
        if suffix not in (".gz", ".zst") and not suffix[1:].isdecimal()
    ]
    # Of a packed file that says no more (events.gz) the content tells.
    is_packed = path.suffix in (".gz", ".zst")
    is_named = suffixes[-1].lower() in DATA_SUFFIXES if suffixes else is_packed
    return is_named and not hidden


def stem_of(path: Path) -> str:
    """The file's name without suffixes, and without dates and numbers at its end.

    events-2026-11-20.csv.gz and events-2026-11-21.csv.gz are both `events`.
    """
    return _stem(path.name)


# A load asks of the same files again and again.
@lru_cache(maxsize=1 << 16)
def _stem(name: str) -> str:
    while Path(name).suffix.lower() in DATA_SUFFIXES | {".gz", ".zst"}:
        name = Path(name).stem
    return name.rstrip("0123456789-_. ") or name
