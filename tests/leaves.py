"""Whether an event still says everything that its record said."""

import json
from collections.abc import Iterator
from typing import Any


def leaves(value: Any) -> Iterator[str]:
    """The single values in a nested one, as text; nulls and empty texts say nothing."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str) and (packed := _unpacked(value)) != value:
        yield from leaves(packed)
    elif value is not None and value != "":
        yield json.dumps(value) if isinstance(value, bool | float) else str(value)


def _unpacked(text: str) -> Any:
    """What a text says that holds JSON of more than one value; else the text."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def lost(record: Any, *events: dict[str, Any]) -> set[str]:
    """The leaves of a record that are in no column and in no property of its events."""
    return set(leaves(record)) - {leaf for event in events for leaf in leaves(event)}
