"""The names by which a row of ready sessions tells how much was done. Never reads a row.

The row lies in the lake as it came, as `session` in the properties of its marks; what it counts is
read out of there by each build. Names that may mean something else stand for nothing: `events` are
not all actions, `pages` may be distinct ones, `clicks` are some actions.
"""

# A number beyond counts no single session.
MOST_OF_A_COUNT = 1_000_000


def spellings(*names: str) -> tuple[str, ...]:
    """The names in snake_case and in camelCase, each once."""
    spelt: dict[str, None] = {}
    for name in names:
        first, *rest = name.split("_")
        spelt |= dict.fromkeys((name, first + "".join(word.capitalize() for word in rest)))
    return tuple(spelt)


def _counts_of(*things: str) -> tuple[str, ...]:
    """The usual names of how many of a thing there were; the thing in its singular."""
    return spellings(
        *(
            name
            for one in things
            for many in (one[:-1] + "ies" if one[-1] == "y" else f"{one}s",)
            for name in (f"{one}_count", f"total_{many}", f"{many}_count", f"num_{many}", many)
        )
    )


# Column of user_sessions → the names of a row that tell it, most telling first.
COUNT_NAMES = {
    "action_count": _counts_of("action"),
    "page_view_count": _counts_of("page_view", "pageview"),
    "query_count": _counts_of("query"),
    "error_count": _counts_of("error"),
    "workflow_count": _counts_of("workflow", "workflow_execution"),
}
