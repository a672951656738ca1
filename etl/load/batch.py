"""Files to batches of the lake: read, map, type, accept or reject, deduplicate, write.

rows_read = rows_loaded + rows_duplicate + rows_rejected holds for every file. A large file is
worked on chunk by chunk, so that its size does not matter for the memory; small ones that are read
alike are one chunk together. Either way they are one transaction.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from etl.arrow_numbers import as_numbers
from etl.duck import quoted
from etl.errors import Misread, SourceError
from etl.formats.likely_columns import notes
from etl.formats.read_plan import ReadPlan
from etl.lake import Batch, Lake, LakeState, pseudonyms
from etl.lake.event_writer import EventWriter, Written
from etl.lake.id_index import IdIndex
from etl.lake.records import LakeFile, Transaction
from etl.lake.rules import RULES
from etl.lake.state import numbered
from etl.lake.take_out import TakenOut, take_out
from etl.load.batch_id import batch_id, fingerprint
from etl.load.deduplicate import NewEvents
from etl.load.doubts import Doubts
from etl.load.forgotten import Forgotten
from etl.load.known_fields import KnownFields
from etl.load.known_times import KnownTimes, told
from etl.load.outcome import no_event_of
from etl.load.rejects import Rejects
from etl.load.repeated import Repeated
from etl.load.work import Work
from etl.normalise.normaliser import Normaliser
from etl.normalise.time_columns import sentences
from etl.privacy.redactor import Redactor
from etl.read.joined import LINE_BITS


class ReadApart(Exception):
    """Files that were read together cannot be after all; nothing was changed.

    places  those of the files to be read alone; none where that is not known
    """

    def __init__(self, places: Collection[int] = ()) -> None:
        super().__init__("files cannot be read together")
        self.places = places


@dataclass(frozen=True)
class LoadedFile:
    """A file that is a batch now.

    useless   why no row of it is an event, where none is
    """

    batch: Batch
    useless: str | None


def load_batches(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    state: LakeState,
    index: IdIndex,
    fields: KnownFields,
    times: KnownTimes,
    plans: Sequence[ReadPlan],
    now: datetime,
    redactor: Redactor | None = None,
    replaced: Batch | None = None,
    kept: Collection[int] = (),
) -> tuple[LakeState, list[LoadedFile]]:
    """The state after the files were loaded in one transaction, and what they are now.

    Of several files, all are small and read alike. `redactor`: what cuts their rows, if anything
    is cut. `replaced`: the batch that the only file stands for. ReadApart when files cannot be
    read together after all. `kept`: the places of files whose events are in the lake, read in
    another way; Misread where none of their rows is one now.
    """
    started = time.monotonic()
    staged, spare = lake.staged(), lake.staged()
    work = Work.of(plans)
    taken = take_out(con, state, staged, replaced) if replaced else TakenOut()
    with EventWriter(staged, state, work.plan.source, work.plan.stream) as events:
        new = NewEvents(con, index, events, _earlier(state, work.plan.source, staged, taken))
        forgotten = Forgotten(state, work.plan.source)
        rejects = Rejects(con, work.plan, redactor, forgotten)
        _set_variables(con, lake, work.plan)
        normaliser = Normaliser(
            con, work.plan, work.maps, now, state.pruned, times.before(work.plan)
        )
        doubts, repeated = Doubts(con, state, work.plan, replaced), Repeated(con)
        _read(con, state, spare, work, events, new, rejects, normaliser, doubts, repeated)
        files = events.files()
    rejected = rejects.counts()
    accepted = {place: doubts.accepted(place) for place in range(len(plans))}
    useless = rejects.useless(accepted) if rejected else {}
    if lost := [place for place in kept if place in useless]:
        _refuse_nothing_for(plans, lost, useless)
    if work.is_together and rejected and work.plan.sample.kind == "delimited":
        # What a rejected row looked like is found in its file alone.
        raise ReadApart(rejected.keys())
    for plan in plans:
        _refuse_changed(plan)
    seconds = round((time.monotonic() - started) / len(plans), 3)
    first = state.last_batch + 1
    columns = [normaliser.times.told.get(place, {}) for place in range(len(plans))]
    batches = [
        _batch(
            plan,
            work.content(place),
            accepted[place],
            rejected.get(place, 0),
            events.batches.get(first + place, Written()),
            seconds,
        )._replace(
            replaces=replaced.batch_id if replaced else None,
            schema_changes=(*fields.changes(plan), *times.changes(plan, columns[place])),
            times=told(columns[place]),
        )
        for place, plan in enumerate(plans)
    ]
    if len({batch.batch_id for batch in batches}) < len(batches):
        # The second of two that are the same is no batch of its own.
        raise ReadApart
    gone = [replaced.number] if replaced else []
    likely = tuple(dict.fromkeys(pair for field_map in work.maps for pair in field_map.taken))
    # What is so in all files of a kind is told with the first.
    said = notes(likely) if work.plan.sample.taken is None else ()
    doubted = doubts.sentences(staged, files, batches)
    batches = [
        # What is doubted of ids is of one file: others are read apart from it.
        batch._replace(
            repeated=repeated.spans(place),
            columns=tuple(f"{role}={column}" for role, column in likely),
            warnings=(
                *said,
                *sentences(met),
                *normaliser.misfits.sentences(place, met, batch.rows_read),
                *normaliser.ids.doubts,
                *doubted[place],
            ),
        )
        for place, (batch, met) in enumerate(zip(numbered(state, batches), columns, strict=True))
    ]
    if redactor:
        batches = [_without_personal(batch, redactor) for batch in batches]
    name = f"rejected/{state.number + 1:08d}.parquet"
    files = [*files, *rejects.write(staged, name, batches), *taken.files]
    keys, merged = index.add(staged, new.keys, batches[0].number, batches[-1].number)
    change = Transaction("load", [*files, *keys], [*taken.gone, *merged], batches, gone)
    state = lake.commit(state, change, staged)
    fields.keep()
    times.keep(batches)
    return state, [LoadedFile(batch, useless.get(n)) for n, batch in enumerate(batches)]


def _read(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    spare: Path,
    work: Work,
    events: EventWriter,
    new: NewEvents,
    rejects: Rejects,
    normaliser: Normaliser,
    doubts: Doubts,
    repeated: Repeated,
) -> None:
    """Types and deduplicates the files' rows chunk by chunk, and has new events written."""
    first = state.last_batch + 1
    has_older = _has_older(con, work.plan.source)
    for chunk in work.chunks(con, spare, is_json=normaliser.needs_json):
        typed = normaliser.rows(chunk)
        if work.is_together and (normaliser.maps != work.maps or normaliser.ids.is_of_one_file):
            # A late key, or what the values of one file tell, would change how others are read.
            raise ReadApart
        if normaliser.apart:
            # The times of these are to be read in another way than those of the others.
            raise ReadApart(normaliser.apart)
        typed = rejects.cut(typed)
        accepted, given = doubts.see(typed)
        rejects.keep(is_all_accepted=accepted == typed.num_rows)
        older = normaliser.rows_by_rules_1() if has_older else None
        rows = new.of(typed, accepted, given, older)
        if rows.num_rows < accepted:
            repeated.see(typed, rows)
        batch = _numbers(rows, first) if work.is_together else first
        events.write(rows, batch)


def _has_older(con: duckdb.DuckDBPyConnection, source: str) -> bool:
    """Whether the source has rows that were read by older rules."""
    older = con.execute(
        "select 1 from lake_batches where source = $source and coalesce(rules, 1) < $rules limit 1",
        {"source": source, "rules": RULES},
    )
    return bool(older.fetchall())


def _earlier(
    state: LakeState, source: str, staged: Path, taken: TakenOut
) -> list[tuple[Path, LakeFile]]:
    """The files of the source's events that are in the lake, and where they lie meanwhile."""
    known = [(state.path_of(file), file) for file in state.of_kind("events")]
    known = [(path, file) for path, file in known if file.name not in taken.gone]
    known += [(staged / file.name, file) for file in taken.files if file.kind == "events"]
    return [(path, file) for path, file in known if file.source == source]


def _numbers(rows: Any, first: int) -> Any:
    """The number of each row's batch: those of files that are read together follow each other."""
    return (as_numbers(rows["line"]) >> LINE_BITS) + first


def _set_variables(con: duckdb.DuckDBPyConnection, lake: Lake, plan: ReadPlan) -> None:
    """What SQL asks of the connection: the zone of times without one, the key of pseudonyms."""
    con.execute("set TimeZone = " + quoted(plan.request.time_zone))
    if plan.format.has_pseudonyms:
        con.execute(f"set variable {pseudonyms.VARIABLE} = {quoted(pseudonyms.key_of(lake))}")


def _refuse_nothing_for(
    plans: Sequence[ReadPlan], lost: Sequence[int], useless: Mapping[int, str]
) -> None:
    """What is read without a single event takes no events away."""
    if len(plans) > 1:
        raise ReadApart(lost)
    msg = f"{plans[0].path}: {no_event_of(useless[0])}."
    raise Misread(msg)


def _without_personal(batch: Batch, redactor: Redactor) -> Batch:
    """The record of a batch with what it says of its rows cut like them."""
    return batch._replace(
        schema_changes=redactor.names(batch.schema_changes),
        times=redactor.names(batch.times),
        columns=redactor.names(batch.columns),
        warnings=redactor.names(batch.warnings),
    )


def _refuse_changed(plan: ReadPlan) -> None:
    if plan.has_changed():
        msg = (
            f"{plan.path} changed while it was read. Nothing of it was loaded. Load it "
            "again once it is whole."
        )
        raise SourceError(msg)


def _batch(
    plan: ReadPlan, content: str, accepted: int, rejected: int, written: Written, seconds: float
) -> Batch:
    """The record of one file's batch, which has no number yet."""
    path = plan.path
    return Batch(
        batch_id=batch_id(plan, content),
        number=0,
        source=plan.source,
        stream=plan.stream,
        format=plan.format.name,
        file=str(path),
        path=str(path.resolve()),
        file_size=plan.size,
        file_mtime_ns=plan.mtime_ns,
        rows_read=accepted + rejected,
        rows_loaded=written.count,
        rows_duplicate=accepted - written.count,
        rows_rejected=rejected,
        first_event_time=written.first.isoformat() if written.first else None,
        last_event_time=written.last.isoformat() if written.last else None,
        loaded_at=datetime.now(UTC).isoformat(),
        seconds=seconds,
        content=content,
        reading=fingerprint(plan),
        rules=RULES,
    )
