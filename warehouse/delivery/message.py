"""A message to people or programs, and how it is kept as text. Knows no receiver."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,120}")


@dataclass(frozen=True)
class Message:
    """One message. ValueError for an id or a subject that is none.

    id       the same thing has the same id, also after a kill: [a-z0-9][a-z0-9._-]{0,120}
    subject  one line; line breaks and other control characters in it become blanks
    text     plain text, whole
    facts    a JSON object: what a webhook or a file gets beside id, subject and text. Moments
             become ISO texts, numbers that are none (NaN) null
    html     the same for mail
    images   PNGs of the html, by the cid that it names them by
    files    what is attached to mail, by name
    """

    id: str
    subject: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    html: str | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            msg = f"{self.id!r} is no id of a message. Wanted: {_ID.pattern}"
            raise ValueError(msg)
        signs = (sign if sign.isprintable() else " " for sign in self.subject)
        object.__setattr__(self, "subject", " ".join("".join(signs).split()))
        if not self.subject:
            msg = f"The message {self.id} has no subject."
            raise ValueError(msg)
        object.__setattr__(self, "facts", _plain(self.facts))
        object.__setattr__(self, "text", _sound(self.text))
        if self.html is not None:
            object.__setattr__(self, "html", _sound(self.html))

    def document(self) -> dict[str, Any]:
        """What programs get: id, subject and text, and the facts that are called otherwise."""
        return {"id": self.id, "subject": self.subject, "text": self.text} | {
            name: value
            for name, value in self.facts.items()
            if name not in ("id", "subject", "text")
        }


def as_text(message: Message) -> str:
    """The message as one JSON text, of which `of_text` makes it again."""
    return json.dumps(
        {
            **{name: getattr(message, name) for name in ("id", "subject", "text", "facts", "html")},
            "images": _in_base64(message.images),
            "files": _in_base64(message.files),
        },
        ensure_ascii=False,
    )


def of_text(text: str) -> Message:
    """The message that was kept as text. ValueError, KeyError or TypeError for another text."""
    kept = json.loads(text)
    for name in ("images", "files"):
        kept[name] = {key: b64decode(content) for key, content in kept[name].items()}
    return Message(**kept)


def _in_base64(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: b64encode(content).decode() for name, content in parts.items()}


def _sound(text: str) -> str:
    """The text without halves of signs, which no encoding has."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, Mapping):
        return {_sound(str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else _sound(str(value))
