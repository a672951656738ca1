"""A made-up product's clickstream of any size, written straight into a Dwell home. Loads nothing.

    python -m benchmarks.clickstream /tmp/year --days 366 --events 16500000

A lake of a year would take long to load from exports. This writes what `dwell load` would leave of
one NDJSON file a day: event files, hashes of ids, commit records. Each day can be made on its own
and is the same at every time, with the same release of DuckDB. `--next-day FILE` writes the day
after the last one as such an export, `--late FILE` ten events that come late, spread over all days.
"""

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.lake_batches import LakeBatches, MadeBatch
from etl.lake import Lake, locked

_FIRST_DAY = date(2025, 11, 1)
EVENTS_A_SESSION = 7.22
# So many people for each session of a day: one has about ten sessions a year, a few have thousands.
_PLACES_A_SESSION = 30
_EVENTS_OF_A_DAY = (Path(__file__).parent / "sql" / "clickstream.sql").read_text(encoding="utf-8")
_CHANCE = """
create macro chance(seed, salt) as (hash(hash(seed, salt)) >> 11) / 9007199254740992.0;
create macro normal(seed, salt) as
    sqrt(-2 * ln(1 - chance(seed, salt))) * cos(2 * pi() * chance(seed, -salt))
"""
# What an event does not say, its line leaves out.
_AS_EXPORTED = """
select
    json_merge_patch('{}', {
        'event_id': event_id,
        'user_id': user_id,
        'timestamp': strftime(event_time, '%Y-%m-%dT%H:%M:%S.%fZ'),
        'event': event_type,
        'page': page,
        'host': page_host,
        'referrer': referrer,
        'campaign': campaign,
        'device_type': device_type,
        'browser': browser,
        'os': os,
        'chat_id': chat_id,
        'model_group': model_group,
        'properties': properties::json
    }::json)::varchar as line
from exported_events
order by event_time, event_id
"""
# The beginning of a day, put so close together that it takes a quarter of an hour.
_QUARTER_HOUR = """
create temp view exported_events as
select
    * replace (
        date_trunc('day', event_time) + to_microseconds(
            row_number() over (order by event_time, event_id) * 900000000 // {count}
        ) as event_time
    )
from day_events
order by event_time, event_id
limit {count}
"""
# What somebody who is in the lake already did a little later.
_LATE_EVENT = """
create temp view exported_events as
select
    * replace (
        md5(event_id) as event_id, event_time + interval 7 second as event_time,
        'click' as event_type, null as referrer
    )
from day_events
order by hash(event_id)
limit 1
"""


@dataclass(frozen=True)
class Clickstream:
    """So many days of about so many events each, from the first of November 2025."""

    days: int
    events_a_day: int

    @property
    def sessions_a_day(self) -> int:
        """Sessions drawn a day; those of one person may turn out to be one."""
        return max(1, round(self.events_a_day / EVENTS_A_SESSION))

    def day(self, number: int) -> date:
        """The date of a day; 0 is the first."""
        return _FIRST_DAY + timedelta(number)


def write_lake(home: Path, stream: Clickstream) -> int:
    """Writes all days into a home that has no events yet, a batch each; the number of events."""
    lake = Lake(home)
    with locked(home):
        batches = LakeBatches(lake)
        if batches.state.batch_count:
            msg = f"{home} holds events already. Wanted: a new folder."
            raise SystemExit(msg)
        # Two days at a time: memory stays the same, however many there are.
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda day: _write_batch(batches, stream, day), range(stream.days)))


def write_day(target: Path, stream: Clickstream, number: int) -> int:
    """Writes a day as an NDJSON export, as people load it; the number of its events."""
    with _made_day(stream, number) as con:
        con.execute("create temp view exported_events as from day_events")
        return _write_lines(target, con.sql(_AS_EXPORTED).fetchall())


def write_quarter_hour(target: Path, stream: Clickstream, number: int, count: int = 3000) -> int:
    """Writes at most so many events within 15 minutes of a day as an NDJSON export; how many."""
    with _made_day(stream, number) as con:
        con.execute(_QUARTER_HOUR.format(count=count))
        return _write_lines(target, con.sql(_AS_EXPORTED).fetchall())


def write_late_events(target: Path, stream: Clickstream, count: int = 10) -> int:
    """Writes new events of people of the lake as an NDJSON export, spread over all its days."""
    lines = []
    for number in range(count):
        with _made_day(stream, (2 * number + 1) * stream.days // (2 * count)) as con:
            con.execute(_LATE_EVENT)
            lines += con.sql(_AS_EXPORTED).fetchall()
    return _write_lines(target, lines)


def _write_lines(target: Path, lines: list[tuple[str]]) -> int:
    target.write_text("".join(f"{line}\n" for (line,) in lines), encoding="utf-8")
    return len(lines)


@contextmanager
def _made_day(stream: Clickstream, number: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the events of a day as day_events."""
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(_CHANCE)
        con.execute(
            f"create temp table day_events as {_EVENTS_OF_A_DAY}",
            {
                "day": number,
                "first_day": datetime.combine(_FIRST_DAY, datetime.min.time()),
                "sessions": stream.sessions_a_day,
                "places": float(stream.sessions_a_day * _PLACES_A_SESSION),
            },
        )
        yield con


def _write_batch(batches: LakeBatches, stream: Clickstream, number: int) -> int:
    """Adds a day, as if its export had been loaded the night after; the number of its events."""
    loaded_at = datetime.combine(stream.day(number + 1), datetime.min.time())
    batch = MadeBatch(f"clickstream-{stream.day(number)}.ndjson", loaded_at)
    with _made_day(stream, number) as con:
        rows = con.sql("from day_events").to_arrow_table()
    return batches.add(rows, batch)


def main() -> None:
    """Writes a lake, the day after it, events that come late: what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", nargs="?", type=Path, help="write the lake into this new folder")
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--events", type=int, default=16_500_000, help="about so many, all days")
    parser.add_argument("--next-day", type=Path, metavar="FILE")
    parser.add_argument("--late", type=Path, metavar="FILE")
    args = parser.parse_args()
    stream = Clickstream(args.days, args.events // args.days)
    started = time.perf_counter()
    if args.home:
        count = write_lake(args.home, stream)
        print(f"{count:,} events in {time.perf_counter() - started:.1f} s")
    if args.next_day:
        print(f"{write_day(args.next_day, stream, stream.days):,} events of the next day")
    if args.late:
        print(f"{write_late_events(args.late, stream)} late events")


if __name__ == "__main__":
    main()
