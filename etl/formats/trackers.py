"""What the formats of trackers share: SQL of a role that no place of a record holds as it is."""

from collections.abc import Iterable, Mapping, Sequence

from etl.duck import json_path, quoted
from etl.formats.field_map import NESTED_NAMES, Derived, Keys

# What trackers tell of every event in fields of their own: each format says in which.
_TRACKED = frozenset(
    [
        *("url", "referrer", "campaign", "user_agent", "device", "browser", "os"),
        "tracker_session_id",
    ]
)
_NO_OFFSET = r"^\d\d\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?$"


def named(columns: Iterable[str], *names: str) -> tuple[Keys, ...]:
    """The columns of these names, in the order of the names; Snowflake writes them in capitals."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(column.lower(), column)
    return tuple((by_name[name.lower()],) for name in names if name.lower() in by_name)


def inside(folder: str, *names: str) -> tuple[Keys, ...]:
    """The places of these names in a folder."""
    return tuple((folder, name) for name in names)


def own_words(folder: str) -> dict[str, tuple[Keys, ...]]:
    """Role → places of what a team sends with its own events: columns that no tracker knows of."""
    return {
        role: inside(folder, *names) for role, names in NESTED_NAMES.items() if role not in _TRACKED
    }


def first_of(places: Sequence[Keys], start: int = 0) -> str:
    """SQL of the first text of so many places, which are numbered from `start`."""
    texts = [f"{{{number}}}" for number in range(start, start + len(places))]
    return f"coalesce({', '.join([*texts, 'null::varchar'])})"


def text_but(word: str, *places: Keys) -> Derived:
    """The first text, null where it is the word that stands for nothing."""
    return Derived(f"nullif({first_of(places)}, {quoted(word)})", places)


def in_utc(time_zone: str, *places: Keys) -> dict[str, Derived | str]:
    """The expression of a time that is UTC where it tells no offset, whatever the time zone.

    None in the time zone UTC: the places alone say it.
    """
    if time_zone == "UTC" or not places:
        return {}
    sql = f"regexp_replace({first_of(places)}, {quoted(_NO_OFFSET)}, '\\0+00')"
    return {"time": Derived(sql, places)}


def renamed(words: Mapping[str, str], text: str = "{0}") -> str:
    """SQL of Dwell's name for one of the tracker's own words, null for all others."""
    cases = " ".join(f"when {quoted(word)} then {quoted(name)}" for word, name in words.items())
    return f"case {text} {cases} end"


def session_of(session: Keys, *owners: Keys) -> Derived:
    """A session id that is unique only for its owner, after the first owner's id.

    Null where there is none, which some trackers write as -1.
    """
    joined = f"concat_ws(':', {first_of(owners, 1)}, {{0}})"
    sql = f"case when {{0}} not in ('-1', '-1.0') then {joined} end"
    return Derived(sql, (session, *owners))


def unpacked(*folders: str) -> str:
    """A reshape of records whose folders are text that holds JSON, as in CSV and Parquet."""
    words = "|".join(folders)
    # Most records need nothing: a search in their text is cheaper than a look into each.
    paths = {folder: json_path((folder,)) for folder in folders}
    fields = ", ".join(
        f"{quoted(folder)}, coalesce(try_cast(record ->> {path} as json), record -> {path})"
        for folder, path in paths.items()
    )
    return (
        "select line, part, "
        f'case when regexp_matches(record, \'"({words})"\\s*:\\s*"\') '
        f"then json_merge_patch(record, json_object({fields})) else record end as record "
        "from records"
    )
