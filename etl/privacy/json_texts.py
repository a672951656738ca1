"""JSON of which texts were cut, as JSON again. Cuts nothing else."""

from typing import Any

import msgspec
import polars as pl

from etl.privacy.texts import Cutter

_read = msgspec.json.Decoder(msgspec.Raw).decode


def as_json(before: pl.Series, after: pl.Series, cutter: Cutter) -> pl.Series:
    """What was cut of JSON: a number of which a mark is left becomes a text."""
    changed = after.filter(before.ne_missing(after)).unique()
    broken = [text for text in changed.drop_nulls().to_list() if not _is_json(text)]
    if not broken:
        return after
    pairs = zip(before.to_list(), after.to_list(), strict=True)
    wrong, marks = frozenset(broken), cutter.marks.copy()
    rest = [_by_values(one, cutter) if two in wrong else two for one, two in pairs]
    # They are counted already.
    cutter.marks = marks
    return pl.Series(rest, dtype=pl.String)


def _by_values(text: str, cutter: Cutter) -> str:
    """JSON, of which each name and value is cut by itself; what is none, as a text."""
    if not _is_json(text):
        return cutter.text(text)
    return msgspec.json.encode(_value(msgspec.json.decode(text.encode()), cutter)).decode()


def _value(value: Any, cutter: Cutter) -> Any:
    if isinstance(value, dict):
        return {cutter.text(name): _value(inner, cutter) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner, cutter) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    cut = cutter.text(str(value))
    return value if cut == str(value) else cut


def _is_json(text: str) -> bool:
    try:
        _read(text.encode("utf-8", "surrogatepass"))
    except msgspec.DecodeError:
        return False
    return True
