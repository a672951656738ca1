"""Finds input files, and tells what their names say. Opens none but to tell archives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from glob import glob
from pathlib import Path, PurePath

DATA_SUFFIXES = frozenset(
    [
        *(".csv", ".tsv", ".tab", ".psv", ".txt", ".log", ".ndjson", ".jsonl", ".jsonlines"),
        *(".ldjson", ".json", ".parquet", ".pq", ".parq", ".sqlite", ".sqlite3", ".db", ".zip"),
    ]
)
_PACKED = frozenset([".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz"])
# Parts that engines write (part-00000, and those named so with more behind it) hold data whatever
# their suffix.
_PART = re.compile(r"part-(?:[a-z]-)?\d+", re.IGNORECASE)
# What lies beside data and is none.
_NO_DATA = re.compile(
    r"(?:readme|licen[cs]e|notice|changelog|copying|authors)(?:[._-].*)?"
    r"|_success|_metadata|_common_metadata|_(?:committed|started|temporary)(?:_.*)?"
    r"|thumbs\.db|desktop\.ini|dockerfile|makefile"
    r"|(?:md5|sha\d*|b2)sums?(?:\..*)?|checksums?(?:[._-].*)?"
    r"|.*\.(?:md|rst|adoc|html?|css|jsx?|py|ipynb|sql|sh|toml|ya?ml|ini|cfg|lock|xml|xsd"
    r"|crc|md5|sha1|sha\d{3}|asc|sig|png|jpe?g|gif|svg|pdf|docx?|pptx?|tmp|swp|bak|gitignore)"
    r"(?:\.(?:gz|zst))?",
    re.IGNORECASE,
)
# Where systems and engines keep their books.
_NO_FOLDERS = frozenset(["__MACOSX", "_delta_log", "_spark_metadata", "_temporary"])
# Days (with a clock behind them or not), months, and ids of runs, wherever they stand in a name.
_SIGN = r"[-_. ]?"
_DAY = rf"(?:19|20)\d\d{_SIGN}(?:0[1-9]|1[0-2]){_SIGN}(?:0[1-9]|[12]\d|3[01])"
_DATES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rf"|(?<!\d)(?:{_DAY}(?:[-_.T ]?\d\d(?:[-_.:h]?\d\d){{0,2}}Z?)?"
    r"|(?:0[1-9]|[12]\d|3[01])[-_.](?:0[1-9]|1[0-2])[-_.](?:19|20)\d\d"
    r"|(?:19|20)\d\d[-_.](?:0[1-9]|1[0-2]|W[0-5]\d))(?!\d)",
    re.IGNORECASE,
)


@dataclass
class Matches:
    """The files behind patterns, in order.

    `files`: to be loaded; whether name or caller says that they hold data, else their content
    must. `left_out`: folder → files in it that are no data by their names. `missing`: patterns
    that match nothing.
    """

    files: dict[Path, bool] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def expand(patterns: Iterable[str]) -> Matches:
    """The files behind paths, folders and globs, sorted. Each file of a folder is told of."""
    found = Matches()
    for pattern in patterns:
        path = Path(pattern)
        is_folder = path.is_dir()
        # What names nothing of a file names the folder.
        if is_folder or path.name in ("*", "**", "*.*"):
            inside = _all_in(path) if is_folder else _matching(pattern)
            path = path if is_folder else path.parent
            told = {p: is_data(_below(p, path)) for p in inside}
            matching = {p: bool(is_sure) for p, is_sure in told.items() if is_sure is not None}
            left = [_below(p, path).as_posix() for p, is_sure in told.items() if is_sure is None]
            if left:
                found.left_out[str(path)] = left
        elif path.exists():
            matching = {path: True}
        else:
            matching = dict.fromkeys(_matching(pattern), True)
        if not matching:
            found.missing.append(pattern)
        for path, is_sure in matching.items():
            found.files[path] = is_sure or found.files.get(path, False)
    return found


def _all_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _matching(pattern: str) -> list[Path]:
    # Path.glob refuses absolute patterns.
    matches = map(Path, glob(pattern, recursive=True))  # noqa: PTH207
    return sorted(path for path in matches if path.is_file())


def _below(path: Path, folder: Path) -> Path:
    """The path below a folder; its name alone where the folder is a pattern itself."""
    return path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)


def is_data(path: PurePath) -> bool | None:
    """Whether a file holds data by its name, below the folder that was named: False where only its
    content tells, None where it does not and is left out."""
    if any(part.startswith(".") or part in _NO_FOLDERS for part in path.parts):
        return None
    if _NO_DATA.fullmatch(path.name):
        return None
    if _PART.match(path.name):
        return True
    # Logs are rotated to access.log.1, access.log.2.gz and access.log-20261121.
    suffixes = [
        re.sub(r"-\d+$", "", suffix).lower()
        for suffix in path.suffixes
        if suffix.lower() not in _PACKED and not suffix[1:].isdecimal()
    ]
    return bool(suffixes) and suffixes[-1] in DATA_SUFFIXES


def stem_of(path: Path) -> str:
    """The file's name without suffixes, and without dates and numbers around it.

    events-2026-11-20.csv.gz and 2026-11-21-events.csv.gz are both `events`. Of a name that is
    nothing else the whole.
    """
    return _stem(path.name)


def name_of_rows(path: Path) -> str:
    """What rows of a file are called that do not say it themselves: its stem, or `row` where that
    is but a date or a number."""
    stem = stem_of(path)
    return stem if any(letter.isalpha() for letter in _DATES.sub("", stem)) else "row"


# A load asks of the same files again and again.
@lru_cache(maxsize=1 << 16)
def _stem(name: str) -> str:
    name = _without_suffixes(name)
    if part := _PART.match(name):
        return "part" if part.start() == 0 else name
    bare = _DATES.sub("", name)
    bare = re.sub(r"[-_. ]{2,}", lambda signs: signs[0][0], bare).strip("-_. ")
    return bare.rstrip("0123456789-_. ") or name.rstrip("0123456789-_. ") or name


def _without_suffixes(name: str) -> str:
    while Path(name).suffix.lower() in DATA_SUFFIXES | _PACKED:
        name = Path(name).stem
    return name


def old_stem_of(path: Path) -> str:
    """The stem as it was told before dates in front were left out: batches may be named by it."""
    name = path.name
    known = {".csv", ".tsv", ".txt", ".log", ".ndjson", ".jsonl", ".json", ".parquet", ".sqlite"}
    while Path(name).suffix.lower() in known | {".db", ".gz", ".zst"}:
        name = Path(name).stem
    return name.rstrip("0123456789-_. ") or name
