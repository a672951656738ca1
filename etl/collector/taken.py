"""Bodies to fields: finds each under any of its names. Drops nothing that it does not know."""

from functools import cache
from typing import Any

import msgspec

from etl.collector.models import OTHER_NAMES
from etl.collector.refusal import Refused

Fields = dict[str, Any]
# Whole numbers below this are written as they are, whatever writes them.
_EXACT = 2**53


def take(model: type[msgspec.Struct], raw: Any, where: str = "The body") -> tuple[Fields, Fields]:
    """The fields of an object that a model has, those of null left out, and all else of it.

    Of several names of one field the most telling is taken; the others are left. Refused with 400
    when it is no object, or a value does not fit; `where` says which object it is.
    """
    if type(raw) is not dict:
        raise Refused(400, f"{where} is no JSON object. Wanted: {{…}}.")
    names = names_of(model)
    known: Fields = {}
    rest: Fields = {}
    ranks: dict[str, tuple[int, str]] = {}
    for name, value in raw.items():
        found = names.get(name)
        if found is None:
            rest[name] = value
        elif value is not None:
            field, rank = found
            if field in ranks:
                before, other = ranks[field]
                if before < rank:
                    rest[name] = value
                    continue
                rest[other] = known[field]
            known[field], ranks[field] = value, (rank, name)
    for field, value in known.items():
        # Some programs write each number with a fraction: 17.0 is 17. One that is too large to be
        # exact is no id.
        if type(value) is float and field.endswith("_id") and _is_exact(value):
            known[field] = int(value)
    try:
        msgspec.convert(known, model)
    except msgspec.ValidationError as error:
        raise Refused(400, f"{where} does not fit: {error}.") from None
    return known, rest


def _is_exact(value: float) -> bool:
    """Whether it is a whole number, and the only one that is written so."""
    return value.is_integer() and abs(value) < _EXACT


@cache
def names_of(model: type[msgspec.Struct]) -> dict[str, tuple[str, int]]:
    """Each name that a field may have in a body → the field, and how telling: less is more."""
    fields = [field.name for field in msgspec.structs.fields(model)]
    names: dict[str, tuple[str, int]] = {field: (field, 0) for field in fields}
    for field in fields:
        for rank, name in enumerate((field, *OTHER_NAMES.get(field, ()))):
            names.setdefault(name, (field, 2 * rank))
            names.setdefault(_camel(name), (field, 2 * rank + 1))
    return names


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
