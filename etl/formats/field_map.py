"""A mapping says which part of a raw record fills which column of an event. Never reads bytes.

Roles are those of the lake's columns (etl/lake/schema.py), named as these but for those that still
need reading: `time`, `type`, `url`, `device`; and `user_agent`. Each role has places in the record;
the first that holds something wins. What no role takes stays in `properties`.
"""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from etl.lake.schema import EVENT_COLUMNS, EventColumn

# The roles of --map, as people write them.
MAP_ROLES = {
    "user": "user_id",
    "time": "time",
    "type": "type",
    "id": "event_id",
    "page": "url",
    "session": "tracker_session_id",
}


def plain_name(column: str) -> str:
    """A column name without case and punctuation: `$Event-Name` → eventname."""
    return "".join(letter for letter in column.lower() if letter.isalnum())


# What tells device, browser and system: it fills three columns and has none of its own.
_USER_AGENT = EventColumn(
    *("user_agent", "VARCHAR", "As received."),
    aliases=("user_agent", "ua"),
    nested=("user_agent", "userAgent"),
)
_FILLED = (*(column for column in EVENT_COLUMNS if column.aliases or column.nested), _USER_AGENT)

ROLES = tuple(column.role for column in _FILLED)
# These are lists: what fills them is taken as JSON.
LIST_ROLES = tuple(column.role for column in _FILLED if column.type.endswith("[]"))
# Role → plain names of the columns that fill it in a flat record, most telling first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    column.role: tuple(map(plain_name, column.aliases)) for column in _FILLED
}
# Role → keys that fill it within an event's own properties.
NESTED_NAMES: Mapping[str, tuple[str, ...]] = {
    column.role: column.nested for column in _FILLED if column.nested
}

# A field that fills one of these leaves the properties. They are the columns that an event had when
# ids were first made of what a row says, its properties among it (described_rows.sql). What fills
# a later column stays in the properties as well, so that the ids of all homes stay what they are.
_LEAVE_PROPERTIES = frozenset(
    [
        *("event_id", "user_id", "anonymous_id", "time", "type", "url", "page_host", "referrer"),
        *("campaign", "device", "browser", "os", "tracker_session_id", "chat_id"),
        *("session_type", "experiment_id", "model_group", "query_type", "tags", "assets"),
    ]
)

# Columns that name the user or the time in app tables only; in event exports they mean less.
TABLE_ALIASES: Mapping[str, tuple[str, ...]] = {
    "user_id": (*ALIASES["user_id"], "authorid", "ownerid", "owneruserid", "creatorid"),
    "time": (
        "createdat",
        "creationdate",
        "createdon",
        "created",
        "startedat",
        *ALIASES["time"],
    ),
    "event_id": ("id", "_id", "uuid"),
}

# Folders of an event's own properties, in lower case.
NESTED_FOLDER_ALIASES = ("properties", "data", "props", "params")


# The keys that lead into a nested record.
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Derived:
    """Text that is worked out from the texts at some places of a record.

    `sql` names them {0}, {1}, …; each is null where nothing, or an empty text, is there.
    """

    sql: str
    places: tuple[Keys, ...] = ()


@dataclass(frozen=True)
class FieldMap:
    """Where one kind of record keeps what an event needs.

    `paths`: role → places, each the keys that lead there. `expressions`: role → what no place
    holds as it is, from the texts at some places or as SQL on `record`, which costs a pass over
    the record for each time that it is named; it comes before the places.
    `shared`: name → what several expressions name, worked out once, each after those before it.
    `constants`: role → text, where neither yields any.
    `spent`: top-level keys that their column holds in full, so that they leave `properties`.
    `folder`: a top-level key whose object is the event's own properties. `extra`: properties by a
    name of their own, from a place or constant. `prefix`: put before the event id, to keep ids of
    different tables apart. `when`: a place that must hold something for a row to be an event.
    `table`: the table that this map reads; None for all. `properties`: SQL on `record` of the
    event's properties, where they are not what the map leaves over. `clock`: the place of the
    time of day, where the time's own holds days alone. `taken`: role and column, or a constant in
    quotes, of those that are not called so (etl/formats/likely_columns.py).
    """

    paths: Mapping[str, tuple[Keys, ...]]
    expressions: Mapping[str, Derived | str] = field(default_factory=dict)
    shared: Mapping[str, Derived] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    spent: tuple[str, ...] = ()
    folder: str | None = None
    extra: Mapping[str, Keys | str] = field(default_factory=dict)
    prefix: str = ""
    when: Keys | None = None
    table: str | None = None
    properties: str | None = None
    clock: Keys | None = None
    taken: tuple[tuple[str, str], ...] = ()


def columns_of(role: str, columns: Iterable[str], aliases: tuple[str, ...]) -> list[str]:
    """The columns that may fill the role, best first."""
    by_plain = _by_plain_name(columns)
    return [by_plain[alias] for alias in aliases if alias in by_plain]


def _by_plain_name(columns: Iterable[str]) -> dict[str, str]:
    by_plain: dict[str, str] = {}
    for column in columns:
        by_plain.setdefault(plain_name(column), column)
    return by_plain


def map_by_aliases(
    columns: Iterable[str],
    given: Mapping[str, str],
    aliases: Mapping[str, tuple[str, ...]] = ALIASES,
    taken: tuple[tuple[str, str], ...] = (),
) -> FieldMap:
    """The field map of a flat record: --map first, common names for the rest, then what columns
    were `taken` for.

    With --map the columns that it does not name stay in `properties`, even those that fill
    another column by their name.
    """
    columns = list(columns)
    by_plain = _by_plain_name(columns)
    paths: dict[str, tuple[Keys, ...]] = {}
    constants: dict[str, str] = {}
    spent: list[str] = []
    extra: dict[str, Keys | str] = {}
    clock: Keys | None = None
    for word, column in given.items():
        role = MAP_ROLES.get(word, word)
        if word not in MAP_ROLES:
            extra[word] = constant_of(column) or keys_of(column, columns)
        if (constant := constant_of(column)) is not None:
            constants[role] = constant
            continue
        if role == "time":
            column, *time_of_day = columns_named(column, columns)
            for one in time_of_day[:1]:
                clock = keys_of(one, columns)
                spent += [one] if one in columns else []
        paths[role] = (keys_of(column, columns),)
        if column in columns:
            spent.append(column)
    folder = next((c for c in columns if c.lower() in NESTED_FOLDER_ALIASES), None)
    likely: dict[str, list[str]] = {}
    for role, column in taken:
        likely.setdefault(role, []).append(column)
    for role in ROLES:
        if role in paths or role in constants:
            continue
        if (constant := constant_of(likely.get(role, [""])[0])) is not None:
            constants[role] = constant
            continue
        fitting = [by_plain[alias] for alias in aliases.get(role, ()) if alias in by_plain]
        fitting += [column for column in likely.get(role, ()) if column in columns]
        fitting = [column for column in fitting if column not in spent]
        nested = NESTED_NAMES.get(role, ()) if folder else ()
        paths[role] = (
            *((column,) for column in fitting),
            *((folder or "", name) for name in nested),
        )
        # No column holds a user agent: what it tells is less than it says, so that it stays.
        if fitting and not given and role in _LEAVE_PROPERTIES:
            spent.append(fitting[0])
    # A record's own id in MongoDB names the row when nothing else does.
    if not paths.get("event_id") and "event_id" not in constants and "_id" in columns:
        paths["event_id"] = (("_id",),)
    return FieldMap(
        {role: places for role, places in paths.items() if places},
        constants=constants,
        spent=tuple(spent),
        folder=folder,
        extra=extra,
        clock=clock,
        taken=taken,
    )


def map_option(columns: Mapping[str, str]) -> str:
    """What to type so that roles, as words of --map, are filled from columns."""
    if any("," in column for column in columns.values()):
        # On a command line a comma parts one column from the next.
        named = ", ".join(f"{word} = {json.dumps(c)}" for word, c in columns.items())
        return f"in dwell.toml map = {{ {named} }}"
    said = ",".join(f"{word}={column}" for word, column in columns.items())
    if not re.search(r"[^\w=,.:+-]", said):
        return f"--map {said}"
    return f"--map {shlex.quote(said)}" if re.search(r"[$`\"\\!]", said) else f'--map "{said}"'


def columns_named(written: str, columns: Iterable[str]) -> list[str]:
    """The columns that a word of --map names: of `date+clock` two, unless one is called so."""
    if written in columns or constant_of(written) is not None:
        return [written]
    return [part.strip() for part in written.split("+")]


def constant_of(column: str) -> str | None:
    """The text of 'a constant' in quotes; None for a column."""
    is_constant = len(column) >= 2 and column[0] == column[-1] == "'"
    return column[1:-1] if is_constant else None


def keys_of(column: str, columns: Iterable[str]) -> Keys:
    """A column by its name; where no column is named so, dots lead into a nested record."""
    return (column,) if column in columns else tuple(column.split("."))
