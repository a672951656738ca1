"""An event's properties without what people typed and were answered, once that is too old.

What was computed of a text stays beside it, in a property of its own: how long it was, and whether
it was repeated. Never keeps a word of it.
"""

from collections.abc import Mapping
from typing import Any

from etl.config.redact import TYPED_TEXTS

# The property that says that texts were there: an object of these facts.
NOT_KEPT = "not_kept"
PROMPT_LENGTH, RESPONSE_LENGTH, IS_REPEATED = "prompt_length", "response_length", "is_repeated"
# Of properties that may hold a text, however it is escaped, with all names that a PropertyCutter
# meets: blanks around them, and records that were laid flat (`message.content`).
_BLANKS = r"(?:\s|\\+[nrt])*"
MAY_HOLD = rf'(?i:[".]{_BLANKS}(?:{"|".join(TYPED_TEXTS)}){_BLANKS}\\*"{_BLANKS}:)|\\u00[2-7]'

# What is left of an object, or of a text that holds one, and what says that there was more.
_EMPTIED = {b"{}": b'{"not_kept":true}', b'"{}"': rb'"{\"not_kept\":true}"'}
_EMPTY = frozenset(_EMPTIED)


class TextDropper:
    """Drops the texts of events."""

    def __init__(self) -> None:
        # Homes that keep all do without it.
        from etl.privacy.properties import PropertyCutter

        self._cutter = PropertyCutter(dict.fromkeys(TYPED_TEXTS, "drop"), None)

    def dropped(self, properties: str, facts: Mapping[str, Any]) -> str | None:
        """JSON without the texts, with those facts that are known; None where there is no text.

        Of what cannot be read as an object nothing but the facts stays.
        """
        import msgspec

        from etl.privacy.texts import without_escapes

        self._cutter.done.clear()
        text = without_escapes(properties)
        try:
            msgspec.json.decode(_bytes(text), type=dict[str, msgspec.Raw])
            rest = self._cutter.cut(text) or "{}"
            if not self._cutter.done:
                return None
            fields = msgspec.json.decode(_bytes(rest), type=dict[str, msgspec.Raw])
            fields = _without_empty(fields, text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            fields = {}
        known = {name: fact for name, fact in facts.items() if fact is not None}
        fields[NOT_KEPT] = msgspec.Raw(msgspec.json.encode(known))
        return msgspec.json.encode(fields).decode("utf-8", "surrogatepass")


def _without_empty(fields: dict[str, Any], before: str) -> dict[str, Any]:
    """The fields, where one of which nothing is left says so: `error: {"message": …}` is an
    error still, and an empty object would be none.
    """
    import msgspec

    if not _EMPTY & {bytes(value) for value in fields.values()}:
        return fields
    was = msgspec.json.decode(_bytes(before), type=dict[str, msgspec.Raw])
    return {
        name: msgspec.Raw(_EMPTIED[bytes(value)])
        if bytes(value) in _EMPTY and not _is_empty(was[name])
        else value
        for name, value in fields.items()
    }


def _is_empty(value: Any) -> bool:
    import msgspec

    said = msgspec.json.decode(value)
    return not (said.strip().strip("{}").strip() if isinstance(said, str) else said)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
