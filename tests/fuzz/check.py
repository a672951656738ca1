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


class Recorder(Listener):
    """How long each file took, what broke it, and what was warned of."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.seconds: dict[str, float] = {}
        self.path = Path()

    def on_file_begin(self, path: Path, size: int) -> None:
        """The file that errors are of from here on."""
        self.path, self.begun = path, monotonic()

    def on_error(self, error: Exception) -> None:
        """Keeps why the file failed."""
        self.errors[str(self.path)] = error

    def on_warning(self, message: str) -> None:
        """Keeps what did not work, and stopped nothing."""
        self.warnings.append(message)

    def on_file_end(self, outcome: Outcome, size: int) -> None:
        """Keeps how long it took."""
        self.seconds[outcome.file] = monotonic() - self.begun


def faults(home: Path, files: Sequence[Path]) -> tuple[list[Outcome], list[str]]:
    """The outcomes of the files, loaded into a home of their own; and what is wrong with them."""
    recorder = Recorder()
    first = _load(home, files, recorder)
    faults_met = [fault for outcome in first for fault in _of_outcome(outcome, recorder)]
    # What is told of a broken file's rows is as it should be; other warnings are of Dwell itself.
    of_rows = {f"{outcome.file}: {text}" for outcome in first for text in outcome.warnings}
    faults_met += [text for text in recorder.warnings if text not in of_rows]
    before = _state(home)
    second = _load(home, files, Recorder())
    for outcome, again in zip(first, second, strict=True):
        is_same = outcome.message == again.message if outcome.status == "failed" else True
        wanted = "failed" if outcome.status == "failed" else "unchanged"
        if again.status != wanted or not is_same:
            then = f"{outcome.status}, then {again.status}: {again.message}"
            faults_met.append(f"{outcome.file}: {then}")
    if _state(home) != before:
        faults_met.append(f"{home}: a second load changed the lake")
    return first, faults_met + list(_of_lake(home))


def _load(home: Path, files: Sequence[Path], recorder: Recorder) -> list[Outcome]:
    with locked(home):
        return load(load_settings(home), [(str(f), Request()) for f in files], listener=recorder)


def _of_outcome(outcome: Outcome, recorder: Recorder) -> Iterable[str]:
    fate = f"{outcome.file}: {outcome.status}"
    if recorder.seconds[outcome.file] > SLOWEST_SECONDS:
        yield f"{fate} after {recorder.seconds[outcome.file]:.0f} s"
    if outcome.status == "failed":
        if not isinstance(recorder.errors[outcome.file], DwellError):
            yield f"{fate}: {outcome.message}"
        if not str(outcome.message).isprintable():
            yield f"{fate} with signs that cannot be read: {outcome.message!r}"
    elif outcome.rows_read != outcome.rows_loaded + outcome.rows_duplicate + outcome.rows_rejected:
        yield f"{fate}: {outcome}"
    elif (rows := _rows(Path(outcome.file), outcome.format)) not in (None, outcome.rows_read):
        yield f"{fate}: {outcome.rows_read} rows of {rows}"


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
    batches = lake.batches()
    found: list[object] = [[(b.batch_id, b.rows_loaded, b.rows_rejected) for b in batches]]
    files = [str(lake.root / name) for name in lake.event_files()]
    with duckdb.connect() as con:
        found += con.sql(
            "select count(*), bit_xor(hash(events)) from "
            "read_parquet($files, hive_partitioning = false) as events",
            params={"files": files},
        ).fetchall() if files else []  # fmt: skip
    return found


def _of_lake(home: Path) -> Iterable[str]:
    lake = Lake(home)
    state, batches = lake.state(), lake.batches()
    events = [str(state.path_of(file)) for file in state.events]
    rejected = [str(state.path_of(file)) for file in state.of_kind("rejected")]
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
            if count != sum(b.rows_loaded for b in batches):
                yield f"{home}: {count} events are not those that were counted"
        if rejected:
            count, bare = con.sql(
                "select count(*), count(*) filter (reason is null or raw is null or line is null) "
                "from read_parquet($files)",
                params={"files": rejected},
            ).fetchall()[0]
            if bare or count != sum(b.rows_rejected for b in batches):
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
