"""Tells which columns of dwell.toml's own are empty, since no event tells of them.

Reads the build that is there, and refuses nothing: events that tell may come later.
"""

import json
from collections.abc import Sequence
from difflib import get_close_matches

from etl.config.own import OwnMeasure
from etl.config.settings import Settings
from etl.duck import named
from etl.errors import NoBuild, shown
from warehouse import connection
from warehouse.build.own_columns import OwnColumn, text_columns
from warehouse.build.steps import step_sql
from warehouse.connection import Warehouse


def untold_properties(settings: Settings) -> list[str]:
    """A sentence on each [dimensions.x] and [measures.x] of which no session has a value.

    None without a build or a session, and none on what the build was made before.
    """
    try:
        wh = connection.open(settings.home)
    except NoBuild:
        return []
    with wh:
        built = {dimension.name for dimension in wh.own_dimensions}
        own: tuple[OwnColumn, ...] = (*settings.dimensions, *settings.measures)
        empty = _empty(wh, [column for column in own if column.name in built])
        return [_sentence(wh, column) for column in empty]


def _empty(wh: Warehouse, own: Sequence[OwnColumn]) -> list[OwnColumn]:
    """Those that are known of no session, where there are sessions at all."""
    if not own:
        return []
    # Of a list that holds nothing, nothing is known.
    values = (
        f"nullif(len({named(column.name)}), 0)" if column.take == "any" else named(column.name)
        for column in own
    )
    counts = ", ".join(f"count({value})" for value in values)
    text = f"select count(*), {counts} from user_sessions"  # noqa: S608 - names are quoted
    total, *told = wh.sql(text).fetchall()[0]
    return [column for column, count in zip(own, told, strict=True) if total and not count]


def _sentence(wh: Warehouse, column: OwnColumn) -> str:
    is_measure = isinstance(column, OwnMeasure)
    where = f"[{'measures' if is_measure else 'dimensions'}.{column.name}]"
    keys = _keys(wh, column.property)
    columns = sorted(text_columns())
    if column.property in (*keys, *columns):
        what = "number" if is_measure else "value"
        return (
            f"{where}: no event tells a {what} in its property '{column.property}'; name another "
            "one in dwell.toml, or wait for events that do."
        )
    folded = {key.casefold(): key for key in (*columns, *keys)}
    near = get_close_matches(column.property.casefold(), folded, n=3)
    others = f"similar: {shown(folded[key] for key in near)}" if near else _known(keys)
    return (
        f"{where}: no event has a property '{column.property}' ({others}); name one that they "
        "have in dwell.toml, or wait for events that have it."
    )


def _known(keys: Sequence[str]) -> str:
    return f"known: {shown(keys)}" if keys else "they have none"


def _keys(wh: Warehouse, name: str) -> list[str]:
    """The properties that events have; of a name with points, also those in the same object."""
    keys = [key for (key,) in wh.sql(step_sql("property_keys"), {"path": "$"}).fetchall()]
    outer = name.rpartition(".")[0]
    if not outer:
        return keys
    path = "$" + "".join(f".{json.dumps(key, ensure_ascii=False)}" for key in outer.split("."))
    inner = wh.sql(step_sql("property_keys"), {"path": path}).fetchall()
    return [*keys, *(f"{outer}.{key}" for (key,) in inner)]
