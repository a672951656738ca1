"""A field map as SQL: raw records in, one column per role out. Never runs it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from etl.mapping import ROLES, FieldMap, Keys

_JSON_ROLES = ("tags", "assets")
# These columns hold less than was received: it stays in the properties unless it is the same.
_LOSSLESS_WHEN = {"url": "path_of({0}) = {0}", "device": "device_class({0}) = {0}"}


def mapped_rows(
    found: FieldMap, properties: str | None = None, roles: Sequence[str] = ROLES
) -> str:
    """A select of line, record, prefix, a column per role, and what is left over as properties.

    `properties`: SQL of the event's own properties, where it is not what the map leaves over.
    `roles`: those wanted; of some alone come no record, prefix and properties.
    """
    places = _Places(found)
    columns = [f"{places.first_of(role)} as {role}" for role in roles]
    left_over = "null as rest, null as own"
    if set(roles) == set(ROLES):
        left_over = f"{properties} as rest, null as own" if properties else _rest(found, places)
        columns += ["record", f"{quoted(found.prefix)} as prefix"]
        columns += [f"{_joined(found)} as properties"]
    conditions = ["true"]
    if found.table:
        conditions.append(f"part = {quoted(found.table)}")
    if found.when:
        conditions.append(f"nullif(record ->> {json_path(found.when)}, '') is not null")
    # A step for each: what a macro is given it may work out again at every mention.
    return (
        f"select line, {', '.join(columns)} from (select *, {left_over} "
        f"from (select *, {places.extracted()} as found from records) "
        f"where {' and '.join(conditions)})"
    )


class _Places:
    """The places of a map that a select reads: all of them in one pass over a record."""

    def __init__(self, found: FieldMap) -> None:
        self.map = found
        self.read: list[Keys] = []

    def at(self, keys: Keys) -> str:
        """SQL of the text at one place."""
        if keys not in self.read:
            self.read.append(keys)
        return f"found[{self.read.index(keys) + 1}]"

    def first_of(self, role: str) -> str:
        """SQL of the first place of a role that holds something, else its constant."""
        is_json = role in _JSON_ROLES
        places = [
            f"json_extract(record, {json_path(keys)})"
            if is_json
            else f"nullif({self.at(keys)}, '')"
            for keys in self.map.paths.get(role, ())
        ]
        if role in self.map.expressions:
            places.insert(0, self.map.expressions[role])
        if role in self.map.constants:
            places.append(quoted(self.map.constants[role]))
        return f"coalesce({', '.join([*places, 'null::json' if is_json else 'null::varchar'])})"

    def extracted(self) -> str:
        """SQL of the list that `at` reads from."""
        if not self.read:
            return "[]::varchar[]"
        return f"json_extract_string(record, [{', '.join(map(json_path, self.read))}])"


def present_only(found: FieldMap, keys_in: Callable[[Keys], set[str]]) -> FieldMap:
    """The map without places that no record of the file has; `keys_in` tells an object's keys."""
    paths = {
        role: tuple(keys for keys in places if keys[-1] in keys_in(keys[:-1]))
        for role, places in found.paths.items()
    }
    if found.folder not in keys_in(()):
        return replace(found, paths=paths, folder=None)
    is_disjoint = keys_in(()).isdisjoint(keys_in((str(found.folder),)))
    return replace(found, paths=paths, is_disjoint=is_disjoint)


def _rest(found: FieldMap, places: _Places) -> str:
    """SQL of `rest`, the record without the keys that columns hold, and `own`, its folder."""
    patch: dict[str, None] = dict.fromkeys(found.spent)
    if found.folder:
        patch[found.folder] = None
    lossy = []
    for role, lossless in _LOSSLESS_WHEN.items():
        column = next((keys[0] for keys in found.paths.get(role, ())[:1] if len(keys) == 1), None)
        if column is None or column not in patch:
            continue
        del patch[column]
        key = json.dumps(column, ensure_ascii=False) + ": null"
        is_lossless = lossless.format(places.at((column,)))
        lossy.append(f"case when {is_lossless} then {quoted(', ' + key)} else '' end")
    fixed = json.dumps({"": None, **patch}, ensure_ascii=False)[:-1]
    rest = f"json_merge_patch(record, {' || '.join([quoted(fixed), *lossy, quoted('}')])})"
    own = f"record -> {json_path((found.folder,))}" if found.folder else "null"
    return f"{rest if patch or lossy else 'record'} as rest, {own} as own"


def _joined(found: FieldMap) -> str:
    """SQL of the properties: what is left of the record, its own ones, those of --map."""
    joined = "rest"
    if found.folder:
        joined = f"{'json_concat' if found.is_disjoint else 'json_joined'}(rest, own)"
    if not found.extra:
        return joined
    fields = ", ".join(
        f"{quoted(name)}, "
        + (quoted(place) if isinstance(place, str) else f"record -> {json_path(place)}")
        for name, place in found.extra.items()
    )
    return f"json_joined({joined}, json_object({fields}))"


def json_path(keys: Keys) -> str:
    """The JSON path of nested keys as an SQL string, quoted so that any name works."""
    return quoted("$" + "".join("." + json.dumps(key, ensure_ascii=False) for key in keys))


def quoted(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
