"""Loads mutants, many into one home, and tells what is wrong with what became of them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic

import duckdb

from etl.config.settings import load_settings
from etl.errors import DwellError
from etl.formats.format import Request
from etl.lake import Lake, locked
from etl.load.outcome import Listener, Outcome
from etl.load.run import load
from etl.read.sample import look_at

SLOWEST_SECONDS = 30


class Heard(Listener):
    """How long each file took, and what broke it."""

    def __init__(self) -> None:
        self.errors: dict[str, Exception] = {}
        self.seconds: dict[str, float] = {}
        self.path = Path()

    def begins(self, path: Path, size: int) -> None:
        """The file that errors are of from here on."""
        self.path, self.begun = path, monotonic()

    def broke(self, error: Exception) -> None:
        """Keeps why the file failed."""
        self.errors[str(self.path)] = error

    def ended(self, outcome: Outcome, size: int) -> None:
        """Keeps how long it took."""
        self.seconds[outcome.file] = monotonic() - self.begun


def faults(home: Path, files: Sequence[Path]) -> tuple[list[Outcome], list[str]]:
    """The outcomes of the files, loaded into a home of their own; and what is wrong with them."""
    heard = Heard()
    first = _load(home, files, heard)
    found = [fault for one in first for fault in _of_outcome(one, heard)]
    before = _state(home)
    second = _load(home, files, Heard())
    for one, again in zip(first, second, strict=True):
        is_same = one.message == again.message if one.status == "failed" else True
        wanted = "failed" if one.status == "failed" else "unchanged"
        if again.status != wanted or not is_same:
            found.append(f"{one.file}: {one.status}, then {again.status}: {again.message}")
    if _state(home) != before:
        found.append(f"{home}: a second load changed the lake")
    return first, found + list(_of_lake(home))


def _load(home: Path, files: Sequence[Path], heard: Heard) -> list[Outcome]:
    with locked(home):
        return load(load_settings(home), [(str(f), Request()) for f in files], listener=heard)


def _of_outcome(one: Outcome, heard: Heard) -> Iterable[str]:
    told = f"{one.file}: {one.status}"
    if heard.seconds[one.file] > SLOWEST_SECONDS:
        yield f"{told} after {heard.seconds[one.file]:.0f} s"
    if one.status == "failed":
        if not isinstance(heard.errors[one.file], DwellError):
            yield f"{told}: {one.message}"
        if not str(one.message).isprintable():
            yield f"{told} with signs that cannot be read: {one.message!r}"
    elif one.rows_read != one.rows_loaded + one.rows_duplicate + one.rows_rejected:
        yield f"{told}: {one}"
    elif (rows := _rows(Path(one.file), one.format)) not in (None, one.rows_read):
        yield f"{told}: {one.rows_read} rows of {rows}"


def _rows(path: Path, format_name: str | None) -> int | None:
    """How many rows a file of JSON lines has; None where that is not one for each line."""
    if format_name not in ("events", "mixpanel", "amplitude", "segment", "posthog"):
        return None
    if look_at(path).kind != "ndjson" or path.suffix == ".gz":
        return None
    return sum(bool(line.strip(b" \t\r\n")) for line in path.read_bytes().split(b"\n"))


def _state(home: Path) -> list[object]:
    """What a lake says. Its small files may be merged meanwhile."""
    lake = Lake(home)
    commits = lake.commits()
    found: list[object] = [[(c.batch_id, c.rows_loaded, c.rows_rejected) for c in commits]]
    files = [str(lake.root / name) for c in commits for name in c.event_files]
    with duckdb.connect() as con:
        found += con.sql(
            "select count(*), bit_xor(hash(events)) from "
            "read_parquet($files, hive_partitioning = false) as events",
            params={"files": files},
        ).fetchall() if files else []  # fmt: skip
    return found


def _of_lake(home: Path) -> Iterable[str]:
    lake = Lake(home)
    commits = lake.commits()
    events = [str(lake.root / name) for c in commits for name in c.event_files]
    rejected = [str(lake.root / c.rejected_file) for c in commits if c.rejected_file]
    with duckdb.connect() as con:
        if events:
            bare, ids, count, broken = con.sql(
                "select count(*) filter (user_id is null or event_time is null or source is null "
                "or event_id is null or event_type is null), count(distinct (source, event_id)), "
                "count(*), count(*) filter (not json_valid(properties)) "
                "from read_parquet($files, hive_partitioning = false)",
                params={"files": events},
            ).fetchall()[0]
            if bare or broken or ids != count:
                yield f"{home}: {bare} bare, {broken} broken, {ids} ids of {count} events"
            if count != sum(c.rows_loaded for c in commits):
                yield f"{home}: {count} events are not those that were counted"
        if rejected:
            count, bare = con.sql(
                "select count(*), count(*) filter (reason is null or raw is null or line is null) "
                "from read_parquet($files)",
                params={"files": rejected},
            ).fetchall()[0]
            if bare or count != sum(c.rows_rejected for c in commits):
                yield f"{home}: {count} rejected rows, {bare} of them bare"
    left = [p.name for p in lake.staging.glob("*") if p != lake.spill]
    if left:
        yield f"{home}: {left} left behind"


def told(outcomes: Iterable[Outcome]) -> str:
    """Figures of many outcomes, as one line."""
    many = list(outcomes)
    rows = [(o.rows_read, o.rows_loaded, o.rows_duplicate, o.rows_rejected) for o in many]
    names = ("read", "loaded", "duplicate", "rejected")
    sums = dict(zip(names, map(sum, zip(*rows, strict=True)), strict=True)) if rows else {}
    failed = sum(o.status == "failed" for o in many)
    return json.dumps({"files": len(many), "failed": failed, **sums})
