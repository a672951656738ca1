"""Times of events: read in any usual way, and put right where a client's clock is wrong.

Never reads a clock itself.
"""

from datetime import UTC, datetime

from etl.collector.refusal import Refused

# A request may be so long on its way, so that this is no sign of a clock that is behind. One that
# is ahead shows at once.
TOLERANCE = 30.0
# Up to these, a number is of seconds, milliseconds or microseconds; else of nanoseconds.
_SECONDS, _MILLIS, _MICROS = 1e11, 1e14, 1e17


def seconds_of(written: str | int | float, where: str) -> float:
    """Seconds since 1970 of a time as clients write it; of a text without offset, as UTC.

    Refused with 400 when it is none, or before 1970.
    """
    try:
        seconds = _seconds(written)
        if 0 <= seconds < _SECONDS:
            return seconds
    except (ValueError, OverflowError):
        pass
    shown = repr(written)[:60]
    wanted = "a time since 1970 as ISO 8601 text, or as seconds or milliseconds"
    raise Refused(400, f"{where} has the time {shown}. Wanted: {wanted}.")


def skew_of(sent_at: float | None, received: float) -> float:
    """Seconds to add to a client's times: 0 where its clock is right, or nothing is known of it."""
    if sent_at is None or 0 <= received - sent_at <= TOLERANCE:
        return 0.0
    return received - sent_at


def happened(time: float, skew: float, received: float) -> float:
    """When it happened, by the collector's clock: never after it was received."""
    moved = time + skew
    return moved if 0 <= moved <= received else received


def iso(seconds: float) -> str:
    """The time as text: 2026-03-01T10:00:00.000Z, with microseconds where it has some."""
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    finest = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=finest) + "Z"


def _seconds(written: str | int | float) -> float:
    if isinstance(written, str):
        text = written.strip()
        if not text.replace(".", "", 1).isdecimal():
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        written = float(text)
    if written < _SECONDS:
        return float(written)
    if written < _MILLIS:
        return written / 1e3
    return written / 1e6 if written < _MICROS else written / 1e9
