r"""Properties of an event, as JSON text, without what rules name. Never reads a value that stays.

A property is met by its name, however deep it lies, in texts that hold JSON as well.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from etl.privacy.id_names import PSEUDONYM

_RAW = msgspec.Raw
_encode = msgspec.json.Encoder().encode
_read_object = msgspec.json.Decoder(dict[str, _RAW]).decode
_read_list = msgspec.json.Decoder(list[_RAW]).decode
_read_any = msgspec.json.Decoder().decode
_DEEPEST = 50
# Around a name, as texts that hold JSON write them too.
BLANKS = r"(?:\s|\\+[nrt])*"
# A text that holds JSON, behind blanks as well.
_HOLDS_JSON = re.compile(rb'"(?:\s|\\[nrt])*[{\[]')


def named(names: Mapping[str, str]) -> str:
    """A pattern of texts that may hold a property of one of these names."""
    any_of = "|".join(map(re.escape, sorted(names)))
    return rf'(?i:(?:"|\.){BLANKS}(?:{any_of}){BLANKS}\\*"{BLANKS}:)'


def met_by(actions: Mapping[str, str], name: str) -> str | None:
    """What becomes of a property of that name; one of a record that was laid flat is called
    `profile.name`, and met by the last of its names."""
    plain = name.strip().lower()
    found = actions.get(plain)
    return found if found or "." not in plain else actions.get(plain.rpartition(".")[2])


class PropertyCutter:
    """Cuts properties by their names.

    actions    name in lower case → drop, hash or length; pseudonym for what is an id
    pseudonym  what stands for a text; None where nothing is hashed
    texts      names of which the length is told as `length` too, the most telling first
    """

    def __init__(
        self,
        actions: Mapping[str, str],
        pseudonym: Callable[[str], str] | None,
        texts: tuple[str, ...] = (),
    ) -> None:
        self.actions = actions
        self.pseudonym = pseudonym
        self.texts = texts
        # Name and action → how many values they were done to since somebody last looked.
        self.done: Counter[tuple[str, str]] = Counter()

    def cut(self, text: str) -> str | None:
        """JSON without what is named, or null without anything; what is no JSON as it is."""
        try:
            rest = self._cut(text.strip().encode("utf-8", "surrogatepass"), 0)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return text
        said = rest.decode("utf-8", "surrogatepass")
        return None if said == "{}" else said

    def _cut(self, raw: bytes, depth: int) -> bytes:
        if depth > _DEEPEST:
            return b"null"
        if raw[:1] == b"{":
            return bytes(_encode(self._of_object(_read_object(raw), depth)))
        if raw[:1] == b"[":
            return bytes(_encode([_RAW(self._cut(bytes(v), depth + 1)) for v in _read_list(raw)]))
        if raw[:1] == b'"' and _HOLDS_JSON.match(raw):
            return self._of_text(raw, depth)
        return raw

    def _called(self, raw: bytes) -> Any:
        """An id among properties: what stands for it; as it is where it is none."""
        said = str(_read_any(raw)).strip() if raw[:1] == b'"' else raw.decode()
        return self.pseudonym(said) if said and self.pseudonym else _RAW(raw)

    def _of_text(self, raw: bytes, depth: int) -> bytes:
        """A text that holds JSON."""
        inner = _read_any(raw).strip().encode("utf-8", "surrogatepass")
        try:
            return bytes(_encode(self._cut(inner, depth + 1).decode("utf-8", "surrogatepass")))
        except msgspec.DecodeError:
            return raw

    def _of_object(self, fields: dict[str, Any], depth: int) -> dict[str, Any]:
        rest: dict[str, Any] = {}
        lengths: dict[str, int] = {}
        for name, value in fields.items():
            raw, action = bytes(value), met_by(self.actions, name)
            if action is None or (action == PSEUDONYM and raw[:1] in b"{[ntf"):
                rest[name] = _RAW(self._cut(raw, depth + 1))
                continue
            if action == PSEUDONYM:
                self.done[name.lower(), action] += 1
                rest[name] = self._called(raw)
                continue
            if raw != b"null":
                self.done[name.lower(), action] += 1
            if action == "drop" or raw == b"null":
                continue
            is_text = raw[:1] == b'"'
            said = _read_any(raw) if is_text else raw.decode("utf-8", "surrogatepass")
            if name.lower() in self.texts:
                lengths[name.lower()] = len(said)
            elif action == "length":
                rest[f"{name}_length"] = len(said)
            if action == "hash" and self.pseudonym:
                rest[f"{name}_hash"] = self.pseudonym(said)
        for name in self.texts:
            if name in lengths:
                # A length that is told stays: the text may have been cut before.
                rest.setdefault("length", lengths[name])
                break
        return rest
