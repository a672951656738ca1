"""Ready sessions: tables of sessions, of their events and workflows, and rows of their metrics.

A row of `user_sessions` becomes the marks of its start and its end, so that Dwell's session has
the same bounds; both are passive, and add nothing to events of the same session. A row of
`workflow_executions` becomes the start and the end of the run, a row of session metrics as many
queries as it counts, a row of `persons` the last session of that person. Rows are tied together by
their session id, whatever file they come in.
"""

from collections.abc import Iterable
from dataclasses import replace

from etl.duck import json_path, quoted
from etl.errors import SourceError
from etl.formats import session_columns as names
from etl.formats import session_fields as fields
from etl.formats.field_map import (
    ALIASES,
    ROLES,
    TABLE_ALIASES,
    FieldMap,
    Keys,
    columns_of,
    map_by_aliases,
)
from etl.formats.format import Format, Request
from etl.formats.likely_columns import find_columns
from etl.formats.sessions_sql import RESHAPE
from etl.lake.count_names import COUNT_NAMES
from etl.read.find import stem_of
from etl.read.sample import Sample

_TABLES = ("user_sessions", "session_events", "session_metrics", "workflow_executions")
# What a mark says itself.
_OF_MARKS = ("time", "type", "url", "query_type")


def recognises(sample: Sample, request: Request) -> bool:
    """Rows or a database of ready sessions, unless columns or tables were named by hand."""
    if request.map or request.tables:
        return False
    if sample.kind == "sqlite":
        kinds = {_kind(table, columns) for table, columns in sample.tables.items()} - {None}
        # Of a product's database with a table of persons the other tables tell more.
        if kinds == {"person"}:
            return not any(map(_is_app_table, sample.tables.values()))
        return bool(kinds)
    kind = _kind(stem_of(sample.path), sample.columns)
    if kind != "event" or stem_of(sample.path) in _TABLES:
        return kind is not None
    # Of events without a user the session stands for one, unless a column may name people.
    if sample.taken is not None:
        return "user_id" not in dict(sample.taken)
    return not find_columns(sample).names_people


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map for a file, one for each table of a database that holds ready sessions."""
    if sample.kind != "sqlite":
        return [_field_map(sample.columns)]
    chosen = {
        table: columns
        for table, columns in sample.tables.items()
        if table in _TABLES or _kind(table, columns)
    }
    if not chosen:
        tables = "; ".join(f"{table} ({', '.join(c[:8])})" for table, c in sample.tables.items())
        msg = (
            f"{sample.path}: no table of ready sessions. Met: {tables}. Wanted: user_sessions with "
            "session_id, start_time and end_time, or session_events. For other tables say "
            "--format tables."
        )
        raise SourceError(msg)
    return [replace(_field_map(columns), table=table) for table, columns in chosen.items()]


def _kind(name: str, columns: Iterable[str]) -> str | None:
    """What a table of this name with these columns holds; None when it is no ready session's."""

    def has(*wanted: str) -> bool:
        return not set(wanted).isdisjoint(columns)

    columns = tuple(columns)
    if name == names.PERSONS and has(*names.LOGIN) and has(*names.SEEN):
        has_person = has(*names.PERSON) or columns_of("user_id", columns, ALIASES["user_id"])
        return "person" if has_person and not has(*names.SESSION, *names.START) else None
    is_events = has(*names.EVENT) or (name == "session_events" and has("type", "action"))
    if not has(*names.SESSION) and not (name in ("sessions", "user_sessions") and has("id", "_id")):
        return None
    if is_events:
        has_user = columns_of("user_id", columns, ALIASES["user_id"])
        return "event" if name == "session_events" or not has_user else None
    if name == "workflow_executions" or has(*names.WORKFLOW):
        return "workflow" if has(*names.START, *names.COMPLETED) else None
    if has(*names.START) and has(*names.END, *names.LAST, *names.DURATION, *names.QUERY_TYPES):
        return "session"
    has_types = has(*names.QUERY_TYPES) or ("metric" in name and not has("type", "action"))
    return "metrics" if has_types and has(*names.START, *names.MEASURED) else None


def _is_app_table(columns: tuple[str, ...]) -> bool:
    """Whether the rows of a table are events of a user by the usual names of app tables."""
    return all(columns_of(role, columns, TABLE_ALIASES[role]) for role in ("user_id", "time"))


def _field_map(columns: tuple[str, ...]) -> FieldMap:
    """The map of one table: what a mark says comes before what its row says."""
    usual = map_by_aliases(columns, {}).paths
    paths: dict[str, tuple[Keys, ...]] = {"tracker_session_id": (("session",),)}
    for role in ROLES:
        if role not in ("tracker_session_id", "event_id", "tags", "assets"):
            places = [
                ("row" if len(keys) == 1 else "own", keys[-1]) for keys in usual.get(role, ())
            ]
            paths[role] = (*((("mark", role),) if role in _OF_MARKS else ()), *places)
    paths["user_id"] = paths["user_id"] or (("person",),)
    expressions = {
        "event_id": _event_id(columns),
        "tags": _words("tags", columns, ALIASES["tags"]),
        "assets": _words("assets", columns, (*ALIASES["assets"], "topassets", "tickers")),
    }
    if "type" in columns:
        expressions["session_type"] = (
            "coalesce(nullif(record ->> '$.row.session_type', ''), "
            "case record ->> '$.kind' when 'session' then nullif(record ->> '$.row.type', '') end)"
        )
    constants = {"type": "unnamed"}
    return FieldMap(paths, expressions, constants=constants, properties=_properties(columns))


def _event_id(columns: tuple[str, ...]) -> str:
    """SQL of the id of a mark, or of a row that is an event itself."""
    given = [
        f"nullif(record ->> {json_path(('row', column))}, '')"
        for column in columns_of("event_id", columns, ALIASES["event_id"])
    ]
    if "id" in columns:
        given.append("'event:' || nullif(record ->> '$.row.id', '')")
    own = f"coalesce({', '.join(given)})" if given else "null"
    return f"case record ->> '$.kind' when 'event' then {own} else record ->> '$.mark.id' end"


def _words(role: str, columns: tuple[str, ...], aliases: tuple[str, ...]) -> str:
    """SQL of the words of a row, with its first mark; null where it has no such column."""
    texts = [fields.words(json_path(("row", c))) for c in columns_of(role, columns, aliases)]
    if not texts:
        return "null::json"
    return f"case when (record -> '$.is_first')::boolean then coalesce({', '.join(texts)}) end"


def _properties(columns: tuple[str, ...]) -> str:
    """SQL of an event's own properties; of other rows the whole row with its first mark, and what
    the models ask of the others: why a session ended and how much was done until then, which run
    of a workflow came to which step.
    """
    known = [name for names in COUNT_NAMES.values() for name in names if name in columns]
    counts = ", ".join(f"{quoted(name)}, record -> {json_path(('row', name))}" for name in known)
    # A mark without a session id has an id made of its properties: these stay as they are.
    return f"""
        case record ->> '$.kind'
            when 'event'
                then json_joined(
                    json_merge_patch(
                        record -> '$.row',
                        '{{"session_id": null, "user_id": null, "event_id": null}}'
                    ),
                    record -> '$.own'
                )
            else json_merge_patch('{{}}', json_object(
                'exit_reason', record -> '$.mark.exit_reason',
                'workflow_id', record -> '$.mark.workflow_id',
                'name', record -> '$.mark.name',
                'step', record -> '$.mark.step',
                case record ->> '$.kind'
                    when 'workflow' then 'execution' when 'person' then 'person' else 'session'
                end,
                case
                    when (record -> '$.is_first')::boolean then record -> '$.row'
                    when record ->> '$.kind' = 'session'
                        and record ->> '$.mark.type' in ('session_end', 'activity')
                        and record ->> '$.session' is not null
                        then nullif(json_merge_patch('{{}}', json_object({counts})), '{{}}')
                end
            ))
        end
    """


FORMAT = Format(
    name="sessions",
    sentence="Ready sessions: user_sessions, session_events, workflow_executions, metrics.",
    sessions="tracker",
    recognises=recognises,
    field_maps=field_maps,
    has_several=True,
    reshape=RESHAPE,
    times=fields.TIMES,
)
