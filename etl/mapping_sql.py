"""A field map as SQL: raw records in, one column per role out. Never runs it."""

import json

from etl.mapping import ROLES, FieldMap

_JSON_ROLES = ("tags", "assets")
# These columns hold less than was received: it stays in the properties unless it is the same.
_LOSSLESS_WHEN = {"url": "path_of({0}) = {0}", "device": "device_class({0}) = {0}"}


def mapped_rows(found: FieldMap, properties: str | None = None) -> str:
    """A select of one column per role, with the record and its properties."""
    paths: list[str] = []
    columns = []
    for role in ROLES:
        places = []
        for path in found.paths.get(role, ()):
            if role in _JSON_ROLES:
                places.append(f"json_extract(record, {quoted(path)})")
                continue
            paths.append(path)
            places.append(f"nullif(found[{len(paths)}], '')")
        if role in found.constants:
            places.append(quoted(found.constants[role]))
        kind = "json" if role in _JSON_ROLES else "varchar"
        columns.append(f"coalesce({', '.join([*places, f'null::{kind}'])}) as {role}")
    listed = ", ".join(map(quoted, paths))
    conditions = ["true"]
    if found.table:
        conditions.append(f"part = {quoted(found.table)}")
    if found.when:
        conditions.append(f"nullif(record ->> {quoted(found.when)}, '') is not null")
    properties = properties or _left_over(found, paths)
    return (
        f"select line, record, {quoted(found.prefix)} as prefix, {', '.join(columns)}, "
        f"{properties} as properties "
        f"from (select *, json_extract_string(record, [{listed}]) as found from records) "
        f"where {' and '.join(conditions)}"
    )


def _left_over(found: FieldMap, paths: list[str]) -> str:
    """SQL of the record without the keys that columns hold, its own properties taken in."""
    patch = {column: None for column in found.spent}
    if found.folder:
        patch[found.folder] = None
    lossy = []
    for role, lossless in _LOSSLESS_WHEN.items():
        path = (found.paths.get(role) or ("",))[0]
        column = next((c for c in patch if path == '$."' + c.replace('"', '\\"') + '"'), None)
        if column is None:
            continue
        del patch[column]
        place = f"found[{paths.index(path) + 1}]"
        key = json.dumps(column) + ": null"
        lossy.append(f"case when {lossless.format(place)} then {quoted(', ' + key)} else '' end")
    fixed = json.dumps({"": None, **patch}, ensure_ascii=False)[:-1]
    parts = " || ".join([quoted(fixed), *lossy, "'}'"])
    rest = f"json_merge_patch(record, {parts})"
    if not found.folder:
        return rest
    return f"json_joined({rest}, record -> {quoted(chr(36) + '.' + json.dumps(found.folder))})"


def quoted(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
