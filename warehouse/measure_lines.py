"""The line of SQL that each measure is made by, as its query file has it. Holds none itself."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_QUERIES = Path(__file__).parent / "queries"


@cache
def lines_of(relation: str) -> Mapping[str, str]:
    """The expression of each measure of a relation by its name, of those that stand on one line."""
    text = (_QUERIES / f"_{relation}.sql").read_text(encoding="utf-8")
    # A long one has its name on a line below.
    text = re.sub(r"\n\s+as ", " as ", text)
    lines: dict[str, str] = {}
    for expression, name in re.findall(r"^    ([^\s-].*) as (\w+),?$", text, re.MULTILINE):
        lines.setdefault(name, expression)
    return MappingProxyType(lines)
