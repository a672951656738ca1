"""A field map as SQL: raw records in, one column per role out. Never runs it.

All places of a record that are read are taken out in one pass over it, as a struct; what the
columns do not hold goes on as text, put together from the places that are left. Where a record
has a key that the map does not know of, its leftovers are worked out from the whole record: that
is slower, and the same.

Which places there are depends on the columns of each file, so that this SQL is composed here and
stands in no .sql file. Names and texts of a file come into it quoted, by etl/duck.py alone.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.duck import json_path, quoted
from etl.formats.field_map import ROLES, FieldMap, Keys
from etl.normalise.json_extract import JsonExtract, Place
from etl.normalise.role_sql import RoleValue, places_read, text_at
from etl.normalise.time_columns import Option, TimeColumns

# These columns hold less than was received: it stays in the properties unless it is the same.
_LOSSLESS_WHEN = {
    "url": "not contains({0}, '://') and not contains({0}, '?') and not contains({0}, '#')",
    "device": "regexp_full_match({0}, 'desktop|mobile|tablet|bot|other')",
}
# A record with more keys than this has those that are left worked out from the whole of it.
_MOST_KEYS = 300


@dataclass(frozen=True)
class Expected:
    """What is believed of a file's records: the less they differ, the faster they are read.

    `columns`: their top-level keys. `order`: the keys that most of them have, in their order.
    `is_plain`: a line has just its columns, and they are texts, with the map's folder at the end.
    `is_shallow`: no key of the folder fills a column. `is_odd`: some text is not what it seems
    (see odd_texts.py).
    """

    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    is_plain: bool = False
    is_shallow: bool = False
    is_odd: bool = False


def mapped_rows(
    field_map: FieldMap,
    expected: Expected,
    *,
    roles: Sequence[str] = ROLES,
    source: str = "records",
    times: TimeColumns | None = None,
) -> str:
    """A select from the records (line, part, record): a column per role, and what is left over.

    Its columns: line, record, those of the roles, id_prefix (what is put before the event's id),
    properties, is_irregular, is_deep. The last two tell of rows that are not as expected: with a
    key that is not among the columns, or nulls where they lack some keys of the others; with a key
    in the folder that fills a column, which then is empty. `roles`: those wanted; of some alone
    come no properties. `times`: how the time is read; without it stays text.
    """
    if set(roles) != set(ROLES):
        expected = Expected(expected.columns, is_odd=expected.is_odd)
    if times:
        # What was taken for the time by its name, and is none, stays in the properties.
        spent = tuple(key for key in field_map.spent if times.is_time(field_map.table, key))
        field_map = replace(field_map, spent=spent)
    names = _names_in_folder(field_map)
    if expected.is_shallow:
        field_map = replace(field_map, paths=_without_folder(field_map))
    places = JsonExtract()
    values = {role: RoleValue(places, field_map, role, is_odd=expected.is_odd) for role in roles}
    rest = None
    if set(roles) == set(ROLES) and field_map.properties is None:
        rest = _Rest(places, field_map, expected, names)
    clock = _clock(places, field_map)
    source = _taken_out(places, field_map, source)
    columns = {role: value.sql() for role, value in values.items()}
    if times and "time" in values:
        time_of_day = text_at(clock) if clock else None
        columns["time"] = times.sql(field_map.table, values["time"].options(), time_of_day)
    selected = [f"{sql} as {role}" for role, sql in columns.items()]
    selected.append(f"{quoted(field_map.prefix)} as id_prefix")
    if rest:
        source = f"select *, {places.is_whole(expected.order)} as is_whole from ({source})"
        unknown = f"case when is_whole then false else {places.has_unknown_key()} end"
        if expected.is_plain and places.root.children.keys() == {*expected.columns}:
            # To count the keys costs another pass over the line: only where it may have others.
            plain = places.has_nothing_else(field_map.folder)
            unknown = f"case when {plain} then false else {unknown} end"
        source = f"select *, {unknown} as is_irregular, {rest.is_deep()} as is_deep from ({source})"
        source = f"select *, {rest.steps()} from ({source})"
        selected += [f"{rest.sql()} as properties", "is_irregular", "is_deep"]
    else:
        selected += [f"{field_map.properties or 'null'} as properties", "false as is_irregular"]
        selected += ["false as is_deep"]
    return f"select line, record, {', '.join(selected)} from ({source})"


def time_texts(field_map: FieldMap, expected: Expected, source: str) -> tuple[list[Option], str]:
    """What the map may read a time from, and a select (line, t0, t1, …, clock) of these texts."""
    if expected.is_shallow:
        field_map = replace(field_map, paths=_without_folder(field_map))
    places = JsonExtract()
    value, clock = RoleValue(places, field_map, "time"), _clock(places, field_map)
    taken = _taken_out(places, field_map, source)
    texts = value.options()
    selected = [f"{text.sql} as t{number}" for number, text in enumerate(texts)]
    selected.append(f"{text_at(clock) if clock else 'null::varchar'} as clock")
    return texts, f"select line, {', '.join(selected)} from ({taken})"


def _taken_out(places: JsonExtract, field_map: FieldMap, source: str) -> str:
    """A select of the records, what is read at the places, and what expressions share."""
    shared = [(name, places_read(places, d), d.sql) for name, d in field_map.shared.items()]
    source = places.steps(source, _condition(field_map))
    for name, read, sql in shared:
        source = f"select *, {sql.format(*map(text_at, read))} as {name} from ({source})"
    return source


def _clock(places: JsonExtract, field_map: FieldMap) -> Place | None:
    return places.at(field_map.clock, "VARCHAR") if field_map.clock else None


def roles_filled(field_map: FieldMap, expected: Expected) -> set[str]:
    """The roles that the map may fill with something; the others are null in every row."""
    paths = _without_folder(field_map) if expected.is_shallow else field_map.paths
    filled = {role for role in ROLES if paths.get(role)}
    return filled | {*field_map.expressions, *field_map.constants}


def fills_from_folder(field_map: FieldMap, records: Iterable[Mapping[str, object]]) -> bool:
    """Whether some key in the folder of one of the records fills a column."""
    names = set(_names_in_folder(field_map))
    folders = (record.get(field_map.folder or "") for record in records)
    return any(isinstance(folder, Mapping) and names & folder.keys() for folder in folders)


def _names_in_folder(field_map: FieldMap) -> list[str]:
    places = (keys for role in field_map.paths.values() for keys in role)
    return [keys[1] for keys in places if len(keys) > 1 and keys[0] == field_map.folder]


def _without_folder(field_map: FieldMap) -> dict[str, tuple[Keys, ...]]:
    return {
        role: tuple(keys for keys in places if len(keys) == 1 or keys[0] != field_map.folder)
        for role, places in field_map.paths.items()
    }


def _condition(field_map: FieldMap) -> str:
    conditions = ["true"]
    if field_map.table:
        conditions.append(f"part = {quoted(field_map.table)}")
    if field_map.when:
        conditions.append(f"nullif(record ->> {json_path(field_map.when)}, '') is not null")
    return " and ".join(conditions)


def looks_plain(field_map: FieldMap, records: Sequence[Mapping[str, object]]) -> bool:
    """Whether each record has the same keys: texts, and the map's folder at the end."""
    orders = {tuple(record) for record in records}
    if len(orders) != 1:
        return False
    (keys,) = orders
    texts = [key for key in keys if key != field_map.folder]
    return (keys[-1:] == (field_map.folder,) if field_map.folder in keys else True) and all(
        isinstance(record[key], str) for record in records for key in texts
    )


class _Rest:
    """What no column holds: keys of the record that are left, and the folder of its own."""

    def __init__(
        self, places: JsonExtract, field_map: FieldMap, expected: Expected, names: Sequence[str]
    ) -> None:
        self.map = field_map
        self.order = frozenset(expected.order)
        self.lossless: dict[str, str] = {}
        for role, condition in _LOSSLESS_WHEN.items():
            for keys in field_map.paths.get(role, ())[:1]:
                if len(keys) == 1 and keys[0] in field_map.spent:
                    self.lossless[keys[0]] = condition
        taken = {*field_map.spent, field_map.folder, ""} - self.lossless.keys()
        left = [key for key in expected.columns if key not in taken][:_MOST_KEYS]
        self.left = {key: places.at((key,), "JSON") for key in left}
        for key in self.lossless.keys() & self.left.keys():
            places.at((key,), "VARCHAR")
        self.own = places.at((field_map.folder,), "JSON") if field_map.folder else None
        # A key that is in the record and in its folder: both must stay.
        self.twins: list[Place] = []
        self.names = [*names, *left] if expected.is_shallow else []
        if field_map.folder and not expected.is_shallow:
            self.twins = [places.at((field_map.folder, key), "JSON") for key in left]

    def is_deep(self) -> str:
        """SQL that tells of a key in the folder that means more than a property of its own."""
        if not self.own or not self.names:
            return "false"
        words = "|".join(re.escape(json.dumps(n, ensure_ascii=False)[1:-1]) for n in self.names)
        pattern = quoted(f'"(?:{words})":')
        return f"coalesce(regexp_matches({self.own.sql}::varchar, {pattern}), false)"

    def steps(self) -> str:
        """SQL of the columns that `sql` reads, so that each is worked out once."""
        # One call, however many they are: to add one to the next costs the square of them.
        pieces = f"concat({', '.join(map(self._piece, self.left))})" if self.left else quoted("")
        odd = ["is_irregular", "is_deep", *(place.present for place in self.twins)]
        if self.own:
            odd.append(f"not starts_with({self.own.sql}::varchar, '{{')")
        return (
            f"{pieces} as pieces, "
            f"{f'nullif({self.own.sql}::varchar, {{}})' if self.own else 'null'} as own, "
            f"coalesce({' or '.join(odd)}, false) as is_odd"
        ).replace("{}", "'{}'")

    def sql(self) -> str:
        """SQL of the properties: put together from pieces, or of an odd record worked out.

        Each piece begins with its comma. To trim the first one costs less than to count letters.
        """
        worked_out = self._worked_out()
        if self.map.extra:
            return f"json_joined({worked_out}, {self._extra()})"
        return (
            f"case when is_odd then ({worked_out})::varchar "
            "when pieces = '' then own "
            "when own is null then concat('{', ltrim(pieces, ','), '}') "
            "else concat('{', ltrim(pieces, ','), ',', ltrim(own, '{')) end"
        )

    def _piece(self, key: str) -> str:
        name = quoted(f",{json.dumps(key, ensure_ascii=False)}:")
        value = f"{name} || ({self.left[key].sql})::varchar"
        if key in self.order:
            value = f"coalesce({value}, case when is_whole then {name} || 'null' end)"
        if key not in self.lossless:
            return value
        condition = self.lossless[key].format(self.left[key].text)
        return f"case when {condition} then null else {value} end"

    def _worked_out(self) -> str:
        nothing = [
            quoted(f",{json.dumps(key, ensure_ascii=False)}:null")
            for key in (*self.map.spent, *([self.map.folder] if self.map.folder else []))
            if key not in self.lossless
        ]
        nothing += [
            f"case when {condition.format(self.left[key].text)} "
            f"then {quoted(f',{json.dumps(key, ensure_ascii=False)}:null')} else '' end"
            for key, condition in self.lossless.items()
        ]
        rest = "record"
        if nothing:
            patch = f"'{{' || substr({' || '.join(nothing)}, 2) || '}}'"
            rest = f"json_merge_patch(record, {patch})"
        if not self.map.folder:
            return rest
        return f"json_joined({rest}, record -> {json_path((self.map.folder,))})"

    def _extra(self) -> str:
        fields = ", ".join(
            f"{quoted(name)}, "
            + (quoted(place) if isinstance(place, str) else f"record -> {json_path(place)}")
            for name, place in self.map.extra.items()
        )
        return f"json_object({fields})"
