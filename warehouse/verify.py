"""Reads everything that a home holds, its lake and its builds, and says what is damaged.

Changes nothing. A load and a build look at names and sizes only; this reads every byte.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.config.settings import Settings
from etl.duck import connect, named, quoted
from etl.errors import DwellError, in_brief
from etl.lake import Lake
from etl.lake.faults import Fault
from etl.lake.receipts import pending
from etl.lake.verify import verify
from warehouse import part_files, table_parts
from warehouse.build_files import POINTER, build_paths, builds_folder, number_of, read_pointer

_ANEW = "Run 'dwell build': it makes a build anew from the lake."


@dataclass(frozen=True)
class Verified:
    """What a look at everything found.

    lake_files  files of the lake that count
    records     records and snapshots of its log
    builds      build files, and `parts`, the files that they share
    faults      what is damaged, the lake first
    unfinished  receipts of erasures that were begun and not ended
    """

    lake_files: int
    records: int
    builds: int
    parts: int
    faults: tuple[Fault, ...]
    unfinished: tuple[Path, ...] = ()


def verify_home(settings: Settings) -> Verified:
    """What is damaged in a home. Hold the lock, so that nothing moves meanwhile."""
    lake, folder = Lake(settings.home), builds_folder(settings.home)
    faults = [*verify(lake), *_faults_of_builds(settings.home)]
    count, unfinished = 0, list[Path]()
    # What cannot be read is among the faults.
    with suppress(DwellError):
        state = lake.state()
        count, unfinished = len(state.files), pending(state)
    return Verified(
        lake_files=count,
        records=len(lake.log.records()) + len(lake.log.snapshots()),
        builds=len(build_paths(folder)),
        parts=len(_parts_there(folder)),
        faults=tuple(faults),
        unfinished=tuple(unfinished),
    )


def _parts_there(folder: Path) -> list[Path]:
    return sorted((folder / part_files.FOLDER).glob("*.duckdb"))


def _faults_of_builds(home: Path) -> Iterator[Fault]:
    folder = builds_folder(home)
    current: Path | None = None
    sizes: Mapping[str, int] = {}
    try:
        build = read_pointer(home)
    except DwellError as error:
        yield Fault(folder / POINTER, "is damaged", f"{error} {_ANEW}")
        build = None
    if build:
        current, sizes = build.path, build.sizes
        missing = [path for path in build.files if not path.exists()]
        for path in missing:
            yield Fault(path, "is missing", _ANEW)
    problems = {
        path: problem
        for path in (*build_paths(folder), *_parts_there(folder))
        if (problem := _problem(path, sizes))
    }
    own = set(build.files) if build else set()
    for path, problem in problems.items():
        yield Fault(path, problem, _remedy(path, is_of_current=path in own))
    for path in build_paths(folder):
        if path not in problems and path != current:
            yield from _parts_missing(path, folder)


def _remedy(path: Path, *, is_of_current: bool) -> str:
    if is_of_current:
        return f"Remove it. {_ANEW}"
    what = "is an older build" if number_of(path) is not None else "is of an older build"
    return f"Remove it: it {what}, the current one does not need it."


def _parts_missing(path: Path, folder: Path) -> Iterator[Fault]:
    """Of an older build, which needs parts that are not there."""
    with connect() as con:
        con.execute(f"attach {quoted(path)} as build (read_only)")
        numbers = table_parts.numbers_of(con, "build")
    if not all(part_files.path_of(folder, number).exists() for number in numbers):
        yield Fault(path, "needs a part that is missing", "Remove it: it is an older build.")


def _problem(path: Path, sizes: Mapping[str, int]) -> str:
    """What is wrong with a build or a part; empty when nothing is."""
    size = path.stat().st_size
    if size != sizes.get(path.name, size):
        return f"has {size:,} bytes, {sizes[path.name]:,} were written"
    try:
        with connect() as con:
            con.execute(f"attach {quoted(path)} as file (read_only)")
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'file'"
            ).fetchall()
            for schema, table in tables:
                rows = f"file.{named(schema)}.{named(table)}"
                con.execute(f"select bit_xor(hash(t)) from {rows} as t").fetchall()  # noqa: S608
    except duckdb.Error as error:
        return f"cannot be read: {in_brief(error)}"
    return ""
