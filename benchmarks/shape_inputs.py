"""Homes of several shapes: the files of each, and how they are loaded. Loads nothing itself.

All but the real files of `sparse_years` are made up, the same at every time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.made_events import MadeEvents, write_lines

_START = datetime(2025, 9, 1)  # noqa: DTZ001 the engine's times have no zone
_HOUR = timedelta(hours=1)
_YEAR = timedelta(days=365)
_REAL = Path(__file__).parents[2] / "shared" / "data" / "real-mathoverflow-interactions"


@dataclass(frozen=True)
class Input:
    """Files to load, and one more.

    given    what `dwell load` is given
    read     plain DuckDB's query of the same files: user_id, event_time
    add_row  writes a file of one new event, and says what `dwell load` is given then
    config   the text of dwell.toml
    """

    given: tuple[object, ...]
    read: str
    add_row: Callable[[], tuple[object, ...]]
    config: str = ""


def sparse_years(folder: Path) -> Input:
    """Half a million events over years, a few of a person: three tables without a header."""
    source = _REAL if _REAL.is_dir() else folder / "tables"
    if source != _REAL:
        _write_sparse_years(source)
    options = ("--format", "events", "--source", "mo", "--map", "user=1,time=3")
    read = f"""
        select column0 as user_id, make_timestamp(column2 * 1000000) as event_time
        from read_csv(
            '{source}/*.gz', delim = ' ', header = false,
            columns = {{'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'BIGINT'}}
        )
    """

    def add_row() -> tuple[object, ...]:
        with duckdb.connect() as con:
            newest = con.execute(f"select max(epoch(event_time))::bigint from ({read})")
            last = newest.fetchall()[0][0]
        row = folder / "one-more.txt"
        row.write_text(f"1 2 {last + 3600}\n", encoding="utf-8")
        return (row, *options)

    return Input((*sorted(source.glob("*.gz")), *options), read, add_row)


def small_files(folder: Path, files: int = 300) -> Input:
    """A file of 200 lines an hour, all in one folder."""
    events = MadeEvents(200, users=500, start=_START, span=_HOUR)
    return _hourly(folder / "hours", events, files)


def many_small_files(folder: Path) -> Input:
    """The same, ten times as long."""
    return small_files(folder, 3000)


def one_big_file(folder: Path) -> Input:
    """Two million lines of 45 days in one file, 700 MB."""
    return _lines(folder, [MadeEvents(2_000_000, start=_START, span=timedelta(days=45))])


def one_user(folder: Path) -> Input:
    """Somebody with 100,000 events in a year, and 100 others with 10,000 together."""
    busy = MadeEvents(100_000, users=1, start=_START, span=_YEAR)
    others = MadeEvents(10_000, busy.count, 100, 1, start=_START, span=_YEAR)
    return _lines(folder, [busy, others])


def many_sources(folder: Path) -> Input:
    """110 sources of dwell.toml with 50 events each."""
    events = MadeEvents(50, users=40, start=_START, span=timedelta(days=30))
    names = [f"source_{number:03}" for number in range(110)]
    write_lines(
        {
            folder / name / "events.ndjson": replace(events, first=number * events.count)
            for number, name in enumerate(names)
        }
    )
    config = "\n".join(
        f'[sources.{name}]\nformat = "events"\npath = "{folder / name}/*.ndjson"\n'
        for name in names
    )
    row = replace(events, first=len(names) * events.count, count=0).next(1, _HOUR)

    def add_row() -> tuple[object, ...]:
        write_lines({folder / names[0] / "more.ndjson": row})
        return ()

    return Input((), lines_read(folder / "source_*" / "*.ndjson"), add_row, config)


INPUTS: dict[str, Callable[[Path], Input]] = {
    make.__name__: make
    for make in (
        sparse_years,
        small_files,
        many_small_files,
        one_big_file,
        one_user,
        many_sources,
    )
}


def lines_read(files: Path) -> str:
    """Plain DuckDB's query of NDJSON lines: user_id, event_time."""
    return f"""
        select user_id, timestamp as event_time
        from read_json(
            '{files}', format = 'newline_delimited',
            columns = {{'user_id': 'VARCHAR', 'timestamp': 'TIMESTAMP'}}
        )
    """


def _hourly(folder: Path, events: MadeEvents, files: int) -> Input:
    written = {}
    for number in range(files):
        written[folder / f"events-{number:05}.ndjson"] = events
        events = events.next(events.count, _HOUR)
    write_lines(written)
    row = replace(events, count=1)

    # As a scheduler does it: the folder again, with one more file in it.
    def add_row() -> tuple[object, ...]:
        write_lines({folder / f"events-{files:05}.ndjson": row})
        return (folder,)

    return Input((folder,), lines_read(folder / "*.ndjson"), add_row)


def _lines(folder: Path, parts: list[MadeEvents]) -> Input:
    """One file of all parts, the last of which ends last."""
    file = folder / "events.ndjson"
    with duckdb.connect() as con:
        every = " union all ".join(f"({part.sql()})" for part in parts)
        con.execute(f"copy ({every}) to '{file}' (format json)")

    def add_row() -> tuple[object, ...]:
        row = folder / "one-more.ndjson"
        write_lines({row: parts[-1].next(1, _HOUR)})
        return (row,)

    return Input((file,), lines_read(file), add_row)


def _write_sparse_years(folder: Path) -> None:
    """Files like the real ones, where those are missing: as many events, days and people."""
    folder.mkdir()
    events = MadeEvents(
        506_550 // 3,
        users=19_774,
        start=datetime(2009, 9, 29),  # noqa: DTZ001
        span=timedelta(days=2352),
    )
    with duckdb.connect() as con:
        for number, name in enumerate(("a2q", "c2a", "c2q")):
            part = replace(events, first=number * events.count)
            con.execute(f"""
                copy (
                    select
                        user_id[3:]::bigint + 1 as user_id,
                        hash(event_id) % 19774 as target_id,
                        epoch(timestamp::timestamp)::bigint as seconds
                    from ({part.sql()}) as events
                    order by seconds
                ) to '{folder}/{name}.txt.gz' (format csv, header false, delimiter ' ')
            """)
