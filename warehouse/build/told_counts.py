"""The counts that a row of ready sessions tells, as SQL: a macro of their names. Never runs it."""

from etl.duck import json_path
from etl.lake.count_names import COUNT_NAMES, MOST_OF_A_COUNT

MACRO = "told_counts"


def told_counts_macro() -> str:
    """The macro `told_counts(properties)`: of a mark's properties a struct of COUNT_NAMES.

    A count that the row does not tell, or that cannot be one, is null in it.
    """
    # The text is read once for all names: to read it is what costs.
    paths: list[str] = []
    counts: list[str] = []
    for count, names in COUNT_NAMES.items():
        numbers = (_number(f"told[{len(paths) + place}]") for place in range(1, len(names) + 1))
        counts.append(f"'{count}': coalesce({', '.join(numbers)})")
        paths += [json_path((name,)) for name in names]
    return (
        f"create or replace temp macro {MACRO}(properties) as list_transform("
        f"[json_extract_string(properties -> '$.session', [{', '.join(paths)}])], "
        f"lambda told: {{ {', '.join(counts)} }})[1]"
    )


def _number(text: str) -> str:
    number = f"try_cast({text} as double)"
    return f"case when {number} between 0 and {MOST_OF_A_COUNT} then floor({number})::bigint end"
