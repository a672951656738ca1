"""Ids that are objects: a user with its id, its name and its plan is known by its id alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from etl.formats.field_map import FieldMap, Keys

# The roles whose text is an id of something.
ID_ROLES = ("event_id", "user_id", "anonymous_id", "tracker_session_id", "chat_id")
# Fields of an object that hold its id, most telling first.
_FIELDS = ("id", "_id", "user_id", "userId", "uid", "uuid", "key")


def by_their_ids(field_map: FieldMap, records: Sequence[Mapping[str, Any]]) -> FieldMap:
    """The map with the id field of each object that fills an id in one of the records.

    The object then stays in the properties: its id is not all that it says.
    """
    found = {
        (role, keys): _places_of_id(keys, records)
        for role in ID_ROLES
        for keys in field_map.paths.get(role, ())
    }
    opened = {keys[0] for (_, keys), places in found.items() if places != (keys,)}
    if not opened:
        return field_map
    paths = {
        role: tuple(place for keys in places for place in found.get((role, keys), (keys,)))
        for role, places in field_map.paths.items()
    }
    spent = tuple(key for key in field_map.spent if key not in opened)
    return replace(field_map, paths=paths, spent=spent)


def _places_of_id(keys: Keys, records: Iterable[Mapping[str, Any]]) -> tuple[Keys, ...]:
    """Where the id is that the keys lead to: within an object, and else the place itself."""
    if len(keys) != 1:
        return (keys,)
    objects = [value for record in records if isinstance(value := record.get(keys[0]), Mapping)]
    fields = [name for name in _FIELDS if any(name in value for value in objects)]
    return (*((*keys, name) for name in fields), keys)
