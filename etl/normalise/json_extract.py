"""What is read of JSON records, as SQL: all of it comes out in as few passes as can be."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from etl.duck import named, quoted
from etl.formats.field_map import Keys


@dataclass
class Place:
    """A key of a record: what of it is read, and the SQL that yields it."""

    children: dict[str, "Place"] = field(default_factory=dict)
    kind: str | None = None
    is_text: bool = False
    sql: str = ""
    text: str = ""

    @property
    def present(self) -> str:
        """SQL that tells whether the place holds something."""
        return f"{self.sql} is not null"


class JsonExtract:
    """The places of a record that a select reads, and the passes over it that read them."""

    def __init__(self) -> None:
        self.root = Place()

    def at(self, keys: Keys, kind: str) -> Place:
        """The place where the keys lead: its text (VARCHAR), or its JSON when both are read."""
        place = self.root
        for key in keys:
            place = place.children.setdefault(key, Place())
        place.kind = "JSON" if "JSON" in (place.kind, kind) else kind
        place.is_text = place.is_text or kind == "VARCHAR"
        return place

    def steps(self, source: str, condition: str) -> str:
        """A select of the records and of the structs that the places' SQL reads."""
        sql = f"select * from {source} where {condition}"
        waiting = [("record", self.root)]
        number = 0
        while waiting:
            later: list[tuple[str, Place]] = []
            structs = []
            for value, place in waiting:
                for group in _without_twins(place.children):
                    shape = json.dumps(_shape(group, f"t{number}", later), ensure_ascii=False)
                    structs.append(f"json_transform({value}, {quoted(shape)}) as t{number}")
                    number += 1
            if structs:
                sql = f"select *, {', '.join(structs)} from ({sql})"
            waiting = later
        return self._with_texts(sql)

    def _with_texts(self, sql: str) -> str:
        """The select with a column of text for each place that is read as JSON and as text."""
        texts: list[str] = []
        for place in self._all(self.root):
            place.text = place.sql
            if place.is_text and place.kind == "JSON":
                place.text = f"u{len(texts)}"
                texts.append(f"unquoted({place.sql}) as {place.text}")
        return f"select *, {', '.join(texts)} from ({sql})" if texts else sql

    def _all(self, place: Place) -> Iterator[Place]:
        for child in place.children.values():
            yield child
            yield from self._all(child)

    def is_whole(self, keys: Sequence[str]) -> str:
        """SQL that tells of a record with just these keys, in their order, some of them null.

        A place is as empty where there is no key as where there is a null: so it is told which.
        """
        if not keys or not self.root.children.keys() >= set(keys):
            return "false"
        names = f"[{', '.join(map(quoted, keys))}]"
        return f"case when {self._filled()} < {len(keys)} then json_keys(record) = {names} end"

    def has_unknown_key(self) -> str:
        """SQL that tells of a key in the record that no place is at; one of null counts too."""
        return f"len(json_keys(record)) > {self._filled()}"

    def _filled(self) -> str:
        """SQL of the number of places that hold something."""
        present = [f"({place.present})::int" for place in self.root.children.values()]
        return " + ".join(present) or "0"

    def has_nothing_else(self, folder: str | None) -> str:
        """SQL that tells, of a line of texts with the folder at its end, that this is all of it.

        It is when the line is as long as its parts, and ends as the folder does. Escapes only
        make a text longer in the line than it is; a folder that is written in another way than
        the engine writes it does not stand at the end. So no other key has any room.
        """
        texts = [key for key in self.root.children if key != folder]
        signs = 2 * len(texts) + len("{}\n") + len(self.root.children) - 1
        signs += sum(
            len(json.dumps(k, ensure_ascii=False).encode()) + 1 for k in self.root.children
        )
        parts = [str(signs), *(f"strlen({self.root.children[key].text})" for key in texts)]
        if not folder:
            return f"strlen(record) = {' + '.join(parts)}"
        own = f"({self.root.children[folder].sql})::varchar"
        parts.append(f"strlen({own})")
        return (
            f"strlen(record) = {' + '.join(parts)} and ends_with(record, {own} || '}}' || chr(10))"
        )


def _shape(
    children: dict[str, Place], at: str, later: list[tuple[str, Place]]
) -> dict[str, object]:
    """The shape that the engine takes out of an object; what needs a pass of its own to `later`."""
    shape: dict[str, object] = {}
    for key, place in children.items():
        place.sql = f"{at}.{named(key)}"
        has_twins = len(_without_twins(place.children)) > 1
        if place.children and (place.kind or has_twins):
            place.kind = "JSON"
            later.append((place.sql, place))
        shape[key] = (
            _shape(place.children, place.sql, later)
            if place.children and not place.kind
            else place.kind
        )
    return shape


def _without_twins(children: dict[str, Place]) -> list[dict[str, Place]]:
    """The keys in as few groups as leave none with two that differ in case alone.

    A struct of the engine cannot hold such two, nor a key without a name.
    """
    groups: list[dict[str, Place]] = []
    for key, place in children.items():
        for group in groups:
            if key.lower() not in {known.lower() for known in group}:
                group[key] = place
                break
        else:
            groups.append({key: place})
    return groups
