"""What fills a role of a field map, as SQL on the places that were taken out of a record."""

import json
import re

from etl.duck import quoted
from etl.formats.field_map import LIST_ROLES, Derived, FieldMap, Keys
from etl.formats.id_objects import ID_ROLES
from etl.normalise.json_extract import JsonExtract, Place
from etl.normalise.time_columns import Option


class RoleValue:
    """What fills a role: an expression, the first place that holds something, a constant."""

    def __init__(
        self, places: JsonExtract, field_map: FieldMap, role: str, *, is_odd: bool = False
    ) -> None:
        self.is_json = role in LIST_ROLES
        # A time has shapes of its own, and lists are no texts.
        self.is_odd = is_odd and not self.is_json and role != "time"
        self.is_id = role in ID_ROLES
        self.expression = field_map.expressions.get(role)
        self.constant = field_map.constants.get(role)
        kind = "JSON" if self.is_json else "VARCHAR"
        self.keys = [keys for keys in field_map.paths.get(role, ()) if all(keys)]
        self.places = [places.at(keys, kind) for keys in self.keys]
        self.read: list[Place] = []
        if isinstance(self.expression, Derived):
            self.read = places_read(places, self.expression)

    def sql(self) -> str:
        """SQL of the first that holds something; null where none does. Good after `steps`."""
        options = [text.sql for text in self.options()]
        if self.is_odd and len(options) > 1:
            # What says nothing gives way to the next.
            plain = {text_at(place) for place in self.places}
            options = [
                f"told(trimmed({text}))" if text in plain else f"told_trimmed({text})"
                for text in options
            ]
        return f"coalesce({', '.join([*options, 'null::json' if self.is_json else 'null'])})"

    def options(self) -> list[Option]:
        """What the role is read from, each by itself, first the one that comes first."""
        options = [
            Option(".".join(keys), place.sql if self.is_json else self._text(keys, place))
            for keys, place in zip(self.keys, self.places, strict=True)
        ]
        if isinstance(self.expression, Derived):
            name = ".".join(self.expression.places[0]) if self.expression.places else "time"
            if name in {option.name for option in options}:
                name = f"{name} (worked out)"
            sql = self.expression.sql.format(*map(text_at, self.read))
            options.insert(0, Option(name, sql))
        elif self.expression is not None:
            options.insert(0, Option("time", self.expression))
        if self.constant is not None:
            options.append(Option(quoted(self.constant), quoted(self.constant)))
        return options

    def _text(self, keys: Keys, place: Place) -> str:
        text = text_at(place)
        if not (self.is_odd and self.is_id):
            return text
        # An id that is a number of many digits: the engine keeps some of them.
        name = re.escape(json.dumps(keys[-1], ensure_ascii=False))
        pattern = quoted(rf"{name}\s*:\s*(-?\d+\.\d+(?:[eE][+-]?\d+)?)")
        return f"with_all_digits({text}, record::varchar, {pattern})"


def places_read(places: JsonExtract, derived: Derived) -> list[Place]:
    """The places whose texts an expression names."""
    return [places.at(keys, "VARCHAR") for keys in derived.places]


def text_at(place: Place) -> str:
    """SQL of the text at a place; null where there is none or an empty one. Good after `steps`."""
    return f"nullif({place.text}, '')"
