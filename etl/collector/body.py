"""Bytes of a body to what they say, within limits. Never unpacks or reads more than it may."""

import json
import zlib
from typing import Any

import msgspec

from etl.collector.refusal import Refused

# Deeper than any event, and no deeper than the ETL reads.
MOST_LEVELS = 64
_GZIP = 31
_decode = msgspec.json.Decoder().decode


def unpacked(body: bytes, encoding: bytes, limit: int) -> bytes:
    """The body as it was before its Content-Encoding.

    Refused: 413 above the limit in bytes, 415 for another encoding than gzip, 400 when broken.
    """
    if encoding in (b"", b"identity"):
        return body
    if encoding != b"gzip":
        raise Refused(415, "The Content-Encoding is not known. Wanted: gzip, or none.")
    inflate = zlib.decompressobj(_GZIP)
    try:
        plain = inflate.decompress(body, limit + 1)
    except zlib.error:
        raise Refused(400, "The body is no gzip, as its Content-Encoding says.") from None
    if len(plain) > limit:
        raise too_large(limit)
    if not inflate.eof or inflate.unused_data:
        raise Refused(400, "The gzip of the body is cut off, or more follows it.")
    return plain


def too_large(limit: int) -> Refused:
    """What is told of a body above the limit."""
    return Refused(413, f"The body is larger than {limit} (body_limit). Send less at once.")


def said(body: bytes) -> Any:
    """What the JSON of a body says; of none at all, an empty object.

    Refused with 400 when it is no JSON, or goes too deep.
    """
    if not body:
        return {}
    try:
        value = _decode(body)
    except RecursionError:
        raise _too_deep() from None
    except msgspec.DecodeError as error:
        value = _with_halves(body, error)
    # Each level takes a bracket, so that most bodies need no second look.
    if body.count(b"{") + body.count(b"[") > MOST_LEVELS and _is_deep(value):
        raise _too_deep()
    return value


def _with_halves(body: bytes, error: msgspec.DecodeError) -> Any:
    """The same for text that was cut within a character of two halves, as JavaScript has them."""
    if b"\\u" in body:
        try:
            text = json.dumps(json.loads(body), ensure_ascii=False)
            return _decode(text.encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            pass
    raise Refused(400, f"The body is no JSON: {error}.") from None


def _is_deep(value: Any) -> bool:
    level = [value] if type(value) in (dict, list) else []
    for _ in range(MOST_LEVELS):
        parts = [one.values() if type(one) is dict else one for one in level if one]
        level = [one for part in parts for one in part if type(one) in (dict, list)]
        if not level:
            return False
    return True


def _too_deep() -> Refused:
    return Refused(400, f"The JSON of the body is more than {MOST_LEVELS} levels deep.")
