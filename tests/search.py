"""How much of a property is tried: a slice in the suite, all of it by HYPOTHESIS_PROFILE=search."""

import os

IS_SEARCH = os.environ.get("HYPOTHESIS_PROFILE") == "search"


def some(few: int, *, of: int) -> int:
    """So many examples, or rounds, in the suite; all of them when new ones are looked for."""
    return of if IS_SEARCH else few
