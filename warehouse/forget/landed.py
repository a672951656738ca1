"""Files in landing and elsewhere that rows of people came from: those that Dwell itself landed, and
those of others, which are not its to change. Looks only.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from etl.collector.spool_files import is_spool_path
from etl.duck import connect, named, quoted
from etl.lake import LakeState
from etl.lake.erase import Found
from etl.lake.losses import has_rows_of
from etl.lake.people import People
from etl.landing_folder import is_extracted, landing_folder


def landed_files(home: Path, state: LakeState, ids: Sequence[str]) -> list[Path]:
    """Files of live databases that hold one of the ids in any column, and that the lake has whole:
    nothing is lost when they go.
    """
    loaded = {(batch.path, batch.file_size) for batch in state.batches()}
    files = [path for path in landing_folder(home).glob("*/*/*.parquet") if is_extracted(path)]
    return sorted(
        path
        for path in files
        if (str(path.resolve()), path.stat().st_size) in loaded and _holds(path, ids)
    )


def files_of_others(home: Path, state: LakeState, found: Found, people: People) -> list[Path]:
    """The files that loads were named, and that may hold rows of the people: those of the batches
    that have rows in the same files of the lake, as far as they are still there.
    """
    files = [state.files[name] for name in found.files]
    paths = {
        Path(batch.path)
        for batch in state.batches()
        if any(has_rows_of(file, batch) for file in files)
    }
    return sorted(
        path
        for path in paths
        if path.is_file() and not is_spool_path(path) and not is_extracted(path)
    )


def _holds(path: Path, ids: Sequence[str]) -> bool:
    with suppress(duckdb.Error), connect() as con:
        rows = f"read_parquet({quoted(path)}, hive_partitioning = false)"
        names = [named(name) for name, *_ in con.execute(f"describe from {rows}").fetchall()]
        where = " or ".join(f"list_contains($ids, {name}::varchar)" for name in names)
        found = con.execute(f"select 1 from {rows} where {where} limit 1", {"ids": list(ids)})  # noqa: S608
        return bool(found.fetchall())
    return False
