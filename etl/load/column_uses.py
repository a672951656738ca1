"""What each column of a file is taken for, as a plan says it. Reads no row."""

from collections.abc import Iterator
from typing import NamedTuple

from etl.formats.field_map import MAP_ROLES, ROLES, Derived, FieldMap, Keys
from etl.formats.read_plan import ReadPlan
from etl.privacy.texts import cutter_of

_WORDS = {role: word for word, role in MAP_ROLES.items()} | {
    "anonymous_id": "anonymous user",
    "type": "type",
}
PROPERTY = "property"


class ColumnUse(NamedTuple):
    """A column, or the way to a nested field; and what it is: a word of --map, a column of the
    lake or `property`. What stands in quotes is a text that all rows have."""

    column: str
    use: str


def column_uses(plan: ReadPlan) -> tuple[ColumnUse, ...]:
    """The columns that fill something, in the order of the lake's, then those that stay properties.

    Empty for formats that make several events of a row: no column alone is anything there. What is
    cut of the rows is cut of the names.
    """
    if plan.format.reshape:
        return ()
    cutter = cutter_of(plan.request.rules)
    return tuple(ColumnUse(cutter.text(one.column), one.use) for one in _all_uses(plan))


def _all_uses(plan: ReadPlan) -> tuple[ColumnUse, ...]:
    found = dict.fromkeys(use for one in plan.field_maps() for use in _uses(one))
    named = {part for use in found for part in (use.column, use.column.split(".")[0])}
    rest = [ColumnUse(column, PROPERTY) for column in plan.sample.columns if column not in named]
    # Where a format says itself what properties are, columns may be none, such as addresses.
    has_rest = all(one.properties is None for one in plan.field_maps())
    return (*found, *(rest if has_rest else ()))


def _uses(field_map: FieldMap) -> Iterator[ColumnUse]:
    for role in ROLES:
        word = _WORDS.get(role, role)
        for place in _places(field_map, role):
            yield ColumnUse(".".join(place), word)
        if role in field_map.constants and not field_map.paths.get(role):
            yield ColumnUse(f"'{field_map.constants[role]}'", word)


def _places(field_map: FieldMap, role: str) -> tuple[Keys, ...]:
    expression = field_map.expressions.get(role)
    derived = expression.places if isinstance(expression, Derived) else ()
    clock = (field_map.clock,) if role == "time" and field_map.clock else ()
    return (*derived, *field_map.paths.get(role, ()), *clock)
