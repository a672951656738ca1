"""What fits into one answer: rows, signs, and values as JSON has them. Computes nothing."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from warehouse import Warehouse

# A model reads all of an answer, and pays for it by the sign.
DEFAULT_ROWS, MOST_ROWS = 50, 500
LONGEST_ANSWER = 25_000
LONGEST_TEXT = 500
# JSON's readers know whole numbers up to here.
EXACT = 2**53


def of_build(wh: Warehouse) -> dict[str, Any]:
    """What every answer tells of the build that it is of: build, as_of, time_zone, and the scope
    where it holds the rows of one alone.
    """
    return {
        "build": wh.build,
        **({"scope": wh.scope} if wh.scope else {}),
        "as_of": local(wh.as_of, wh.time_zone),
        "time_zone": wh.time_zone,
    }


def local(moment: datetime | None, time_zone: str) -> str | None:
    """A moment of the warehouse as ISO text in the reporting time zone."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).isoformat()


def plain(value: Any, time_zone: str | None = None) -> Any:
    """A value as JSON has it; a long text is cut, and says so.

    Moments are told in the time zone, or, without one, as they are.
    """
    if isinstance(value, str):
        return cut(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime) and time_zone:
        return local(value, time_zone)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return plain(int(value) if value == value.to_integral_value() else float(value))
    if isinstance(value, bytes):
        return f"({len(value):,} bytes)"
    if isinstance(value, Mapping):
        return {str(name): plain(each, time_zone) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [plain(each, time_zone) for each in value]
    return cut(str(value))


def cut(text: str, most: int = LONGEST_TEXT) -> str:
    """A text of bounded length; where one is cut, it tells how long it was."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} signs in all)"


def written(answer: Mapping[str, Any]) -> str:
    """An answer as the text that is sent, without a blank that says nothing."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def fitted(
    answer: dict[str, Any],
    rows: Sequence[Any],
    total: int | None,
    offset: int = 0,
    key: str = "rows",
    advice: str = "",
    reach: int | None = None,
) -> dict[str, Any]:
    """The answer with as many of the rows as fit in, under the key, and what was left out.

    `rows` are those from `offset` on of `total`, of which None says that nobody counted them, and
    that there are more. Rows behind the first `reach`, if given, cannot be asked for. rows_total
    and truncated are always told; next_offset, where there is one, and a note, with the advice what
    else to do, where something was left out.
    """
    kept = len(rows)
    whole = _with_rows(answer, rows, kept, total, offset, key, advice, reach)
    if len(written(whole)) <= LONGEST_ANSWER:
        return whole
    fits, too_many = 0, kept
    while too_many - fits > 1:
        kept = (fits + too_many) // 2
        tried = _with_rows(answer, rows, kept, total, offset, key, advice, reach)
        fits, too_many = (kept, too_many) if len(written(tried)) <= LONGEST_ANSWER else (fits, kept)
    return _with_rows(answer, rows, fits, total, offset, key, advice, reach)


def _with_rows(
    answer: dict[str, Any],
    rows: Sequence[Any],
    kept: int,
    total: int | None,
    offset: int,
    key: str,
    advice: str,
    reach: int | None,
) -> dict[str, Any]:
    last = offset + kept
    is_cut = total is None or last < total
    told = answer | {"rows_total": total, "truncated": is_cut}
    notes = [answer["note"]] if "note" in answer else []
    if rows and not kept:
        notes.append(f"One row alone is over {LONGEST_ANSWER:,} signs. {advice}".strip())
    elif is_cut and kept:
        of_all = f"of {total:,}" if total is not None else "of more"
        why = f" ({LONGEST_ANSWER:,} signs at most)" if kept < len(rows) else ""
        more = f"Only the first {last:,} can be asked for."
        if last != reach:
            told["next_offset"] = last
            more = f"Ask with offset={last} for the next."
        shown = f"These are {offset + 1:,} to {last:,} {of_all}{why}."
        notes.append(f"{shown} {more} {advice}".strip())
    elif offset and not rows:
        end = f" Only the first {reach:,} can be asked for." if is_cut and reach else ""
        notes.append(f"There is nothing from offset={offset} on.{end} Ask with a smaller offset.")
    if notes:
        told["note"] = " ".join(notes)
    # Last, so that whoever reads them has read what they are.
    return told | {key: list(rows[:kept])}
