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
# Of properties that may hold a text, however it is escaped.
MAY_HOLD = rf'(?i:"(?:{"|".join(TYPED_TEXTS)})\\*"\s*:)|\\u00[2-7]'


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
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            fields = {}
        known = {name: fact for name, fact in facts.items() if fact is not None}
        fields[NOT_KEPT] = msgspec.Raw(msgspec.json.encode(known))
        return msgspec.json.encode(fields).decode("utf-8", "surrogatepass")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
