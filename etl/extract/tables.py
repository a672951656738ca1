"""Databases among the inputs of a load become files: the new rows of each table, landed.

Extraction and loading are two steps, and each can be stopped at any moment. What is landed is
loaded by this run or the next; what is not landed is read again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from etl.config.databases import Database
from etl.config.settings import Settings
from etl.config.sources import Source
from etl.errors import DwellError, SourceError, in_brief
from etl.extract.landed_table import Landing
from etl.extract.left_out import LeftOut
from etl.extract.messages import no_permission
from etl.extract.mysql import Mysql
from etl.extract.postgres import Postgres
from etl.extract.server import Relation, Server
from etl.extract.watermark import Plan, new_rows, newest, plan
from etl.formats.format import Request
from etl.lake.tombstones import Tombstones
from etl.landing_folder import folder_of, landed_files
from etl.privacy.redactor import Redactor

if TYPE_CHECKING:
    from etl.extract.cut_rows import RowCutter


@dataclass(frozen=True)
class Extracted:
    """What one run read of one table. `rows_landed`: those that were not landed before.

    `problem`: why it could not be read; then nothing of it was landed.
    """

    source: str
    table: str
    place: str
    rows_read: int = 0
    rows_landed: int = 0
    files: tuple[Path, ...] = ()
    seconds: float = 0.0
    problem: str | None = None


def landed_inputs(
    settings: Settings,
    inputs: Sequence[tuple[str, Request]],
    on_table: Callable[[Extracted], None] = lambda extracted: None,
    redactor_of: Callable[[str], Redactor | None] = lambda source: None,
    tombstones: Tombstones | None = None,
) -> tuple[list[tuple[str, Request]], list[Extracted]]:
    """The inputs with every database replaced by its landed files, after reading what is new.

    Files of earlier runs are among them: the loader knows those that it has. Of a table that
    cannot be read they come all the same. `on_table` is called with each table as it comes.
    `redactor_of`: what cuts the rows of a source before they are landed; None where nothing does.
    `tombstones`: whose rows are not landed.
    """
    configured = {source.name: source for source in settings.sources}
    files: list[tuple[str, Request]] = []
    extracted: list[Extracted] = []
    for pattern, request in inputs:
        source = configured.get(request.source or "")
        if source is None or source.database is None or source.database.shown != pattern:
            files.append((pattern, request))
            continue
        redactor = redactor_of(source.name)
        for table_read in extract(source, settings.home, redactor, tombstones):
            extracted.append(table_read)
            on_table(table_read)
        for table in _tables_of(source):
            # Only the table's own events: a new table must not look like a change of this one.
            events = tuple(event for event in request.tables if event.table == table)
            of_table = replace(request, tables=events)
            folder = folder_of(settings.home, source.name, table)
            files += [(str(path), of_table) for path in landed_files(folder)]
    return files, extracted


def extract(
    source: Source,
    home: Path,
    redactor: Redactor | None = None,
    tombstones: Tombstones | None = None,
) -> Iterator[Extracted]:
    """Lands the new rows of each table of a source, without what the redactor cuts, and without
    those of people who were erased; a table that fails stops no other.
    """

    def land(server: Server, database: Database, table: str) -> Landing:
        return _extract_table(server, source, database, table, home, redactor, tombstones)

    return _each_table(source, land)


def try_out(source: Source) -> Iterator[Extracted]:
    """Whether each table of a source can be read, without reading a row."""

    def look(server: Server, database: Database, table: str) -> None:
        _planned(server, source, database, table)

    return _each_table(source, look)


def _each_table(
    source: Source, work: Callable[[Server, Database, str], Landing | None]
) -> Iterator[Extracted]:
    """What came of the work on each table, on a connection of its own."""
    database = source.database
    if database is None:
        return
    no_server: str | None = None
    for table in _tables_of(source):
        started = time.monotonic()
        place = f"{database.shown}, table '{table}'"
        outcome = Extracted(source.name, table, place)
        # What cannot be reached for one table need not be waited for again.
        server = None
        try:
            if no_server is None:
                server = _connect(database)
        except DwellError as error:
            no_server = str(error)
        if server is None:
            yield replace(outcome, problem=f"{place}: {no_server}")
            continue
        try:
            landing = work(server, database, table)
            yield replace(
                outcome,
                rows_read=landing.rows_read if landing else 0,
                rows_landed=landing.rows_landed if landing else 0,
                files=tuple(landing.files) if landing else (),
                seconds=round(time.monotonic() - started, 3),
            )
        except DwellError as error:
            yield replace(outcome, problem=f"{place}: {error}")
        # One table never stops the others, whatever is wrong with it.
        except Exception as error:
            reason = database.hide(f"{type(error).__name__}: {in_brief(error)}")
            problem = f"{place}: {reason}. Nothing of it was landed; the next load tries again."
            yield replace(outcome, problem=problem)
        finally:
            server.close()


def _connect(database: Database) -> Server:
    # One connection for each table: its snapshot is short, and no failure leaks into the next.
    return Postgres(database) if database.kind == "postgresql" else Mysql(database)


def _planned(server: Server, source: Source, database: Database, table: str) -> tuple[str, Plan]:
    """The table's name in SQL, and how it is read. SourceError when it cannot be."""
    relation = _relation(server.relations(), table)
    columns = server.columns(relation)
    if not columns:
        raise SourceError(no_permission(database, "the user may read none of its columns"))
    events = [event for event in source.tables if event.table == table]
    table_plan = plan(columns, events, database.watermarks.get(table))
    return server.name(relation.schema, relation.name), table_plan


def _extract_table(
    server: Server,
    source: Source,
    database: Database,
    table: str,
    home: Path,
    redactor: Redactor | None,
    tombstones: Tombstones | None,
) -> Landing:
    name, table_plan = _planned(server, source, database, table)
    schema = pa.schema([(column.name, column.arrow) for column in table_plan.columns])
    cutter = _cutter(redactor, source, table, table_plan, schema) if redactor else None
    folder = folder_of(home, source.name, table)
    left_out = _left_out(source, table, tombstones) if tombstones else None
    landing = Landing(folder, table, table_plan.key, schema, cutter, left_out)
    marks = newest(server, name, table_plan, source.time_zone)
    # Which rows the next run will read again is known now: it need not land them again.
    near = f"case when {new_rows(server, database, table_plan, marks)} then 1 else 0 end"
    select = ", ".join([*(column.landed for column in table_plan.columns), near])
    condition = new_rows(server, database, table_plan, landing.state.marks)
    whole = schema.append(pa.field("dwell.is_near", pa.int32()))
    with landing.run(marks):
        query = f"select {select} from {name} where {condition}"
        for batch in server.batches(query, whole):
            last = batch.num_columns - 1
            landing.add(batch.select(range(last)), batch.column(last))
    return landing


def _cutter(
    redactor: Redactor, source: Source, table: str, table_plan: Plan, schema: pa.Schema
) -> "RowCutter":
    # Loads that cut nothing begin without it.
    from etl.extract.cut_rows import RowCutter

    events = [event for event in source.tables if event.table == table]
    return RowCutter(redactor, source, events, table_plan.key, schema)


def _left_out(source: Source, table: str, tombstones: Tombstones) -> LeftOut:
    users = {event.user for event in source.tables if event.table == table}
    return LeftOut(users, lambda user: (None, None) in tombstones.spans(source.name, user))


def _tables_of(source: Source) -> list[str]:
    return list(dict.fromkeys(event.table for event in source.tables))


def _relation(relations: Sequence[Relation], table: str) -> Relation:
    """The table of this name, or of this schema.name. SourceError with the nearest names."""
    for relation in relations:
        if relation.is_near and relation.name == table:
            return relation
    for relation in relations:
        if relation.full_name == table:
            return relation
    known = [r.name if r.is_near else r.full_name for r in relations]
    near = get_close_matches(table, known, n=3) or [
        r.full_name for r in relations if r.name == table
    ]
    hint = (
        f"Did you mean {' or '.join(near)}?"
        if near
        else f"It has {', '.join(known[:12]) or 'none'}."
    )
    msg = f"no such table that the user may see. {hint} Mend the name in [sources.….tables]."
    raise SourceError(msg)
