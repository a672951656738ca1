"""Puts one measure by the values of every dimension into SQL, all of them in one pass.

Names are those of the registry, measures those of `queries/_measured_sessions.sql`. Never reads
data.
"""

import re
from collections.abc import Sequence
from functools import cache

from warehouse.dimensions import DIMENSIONS, Dimension
from warehouse.measure_lines import lines_of

# The measures that are sums over sessions, or a sum over a number of them: of those, the part that
# some sessions have in a change can be told.
_SUM = re.compile(r"(count|avg)\((.+?)\)(?: filter \((.+)\))?")


@cache
def measures() -> dict[str, str]:
    """What a session adds to each measure, as SQL; null where it is left out of it."""
    found = {}
    for name, line in lines_of("measured_sessions").items():
        told = _SUM.fullmatch(line)
        if not told or name.endswith("_n"):
            continue
        function, of, condition = told.groups()
        value = "1" if function == "count" else of
        found[name] = f"case when {condition} then {value} end" if condition else value
    return found


def words(measure: str, dimensions: Sequence[Dimension] = DIMENSIONS) -> dict[str, str]:
    """What stands for the words of a query over every dimension."""
    columns = [f"{_value(dimension)} as {_column(dimension)}" for dimension in dimensions]
    names = [_case(dimension, f"'{dimension.name}'") for dimension in dimensions]
    lists = [
        _case(dimension, _column(dimension) if dimension.is_list else f"[{_column(dimension)}]")
        for dimension in dimensions
    ]
    sets = ["()", *(f"({_column(dimension)})" for dimension in dimensions)]
    return {
        "$measure": measures()[measure],
        "$every_value": ",\n        ".join(columns),
        "$grouped_dimension": f"case {' '.join(names)} end",
        "$grouped_values": f"case {' '.join(lists)} else [null] end",
        "$every_set": ", ".join(sets),
    }


def _column(dimension: Dimension) -> str:
    # The name itself may be that of a column.
    return f"by_{dimension.name}"


def _case(dimension: Dimension, then: str) -> str:
    return f"when grouping({_column(dimension)}) = 0 then {then}"


def _value(dimension: Dimension) -> str:
    """Text, or a list of texts that is never empty; of users, as the query has joined it."""
    if dimension.scope == "user is":
        return f"user_facts.{dimension.name}::varchar"
    column = f"filtered_sessions.{dimension.column or dimension.name}"
    if dimension.is_list:
        return f"if(len({column}) > 0, {column}, [null])"
    return f"{column}::varchar"
