"""Lines of the collector's spool without what is never stored: they lie on the disk before a load.

A load cuts them once more, and finds nothing: marks and pseudonyms stay what they are.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl

from etl.config.redact import IDS
from etl.privacy.redactor import Redactor
from etl.privacy.urls import UrlCutter

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text_of = msgspec.json.Decoder().decode
_NAMES = {"tracker_session_id": "session_id"}
# A page's campaign is read of its address by the load.
_CAMPAIGNS = ("utm_campaign", "mtm_campaign", "pk_campaign")


class LineCutter:
    """Cuts lines of one source, as etl/collector/lines.py writes them."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        # What lines are cut by in which nothing looks personal: names, ids and addresses alone.
        self._plain = redactor.without_patterns()
        rules = redactor.rules
        kept = rules.urls if isinstance(rules.urls, tuple) else ()
        self._pages = UrlCutter((*kept, *_CAMPAIGNS)) if rules.urls != "keep" else None

    def lines(self, lines: Sequence[bytes]) -> list[bytes]:
        """The lines, cut. SourceError where an id is personal and there is no key."""
        cutter = self._redactor.cutter
        if cutter.is_idle:
            return [self._line(line, self._plain) for line in lines]
        # All of a request are looked at once. What JSON escapes may hide where a word begins.
        texts = pl.Series([line.decode("utf-8", "replace") for line in lines], dtype=pl.String)
        are_met = texts.str.contains(cutter.joined) | texts.str.contains("\\", literal=True)
        return [
            self._line(line, self._redactor if is_met else self._plain)
            for line, is_met in zip(lines, are_met.to_list(), strict=True)
        ]

    def _line(self, line: bytes, redactor: Redactor) -> bytes:
        fields: dict[str, Any] = _decode(line)
        cut: dict[str, Any] = {}
        for name, value in fields.items():
            raw = bytes(value)
            if name == "properties":
                rest = redactor.properties(_one(raw.decode()))[0]
                if rest is not None:
                    cut[name] = msgspec.Raw(rest.encode())
            elif raw[:1] == b'"' and name != "event_time":
                cut[name] = self._text(name, _text_of(raw), redactor)
            elif raw[:1] == b"[":
                cut[name] = [self._item(item, redactor) for item in _text_of(raw)]
            else:
                cut[name] = value
        return bytes(_encode(cut))

    def _item(self, item: Any, redactor: Redactor) -> Any:
        return redactor.text(item) if isinstance(item, str) else item

    def _text(self, name: str, text: str, redactor: Redactor) -> str:
        for column in IDS:
            if name == _NAMES.get(column, column):
                return redactor.lone_id(column, text)
        if name == "url" and self._pages:
            text = self._pages.lone(_one(text))[0]
        if name == "referrer":
            text = redactor.referrer(_one(text))[0]
        cut = redactor.text(text)
        return "redacted" if name == "event_type" and cut != text else cut


def _one(text: str) -> pl.Series:
    return pl.Series([text], dtype=pl.String)
