"""When a receiver that failed is tried again. Times are seconds."""

_FIRST = 60.0
LONGEST = 6 * 3600.0


def pause_after(failures: int, retry_after: float | None = None) -> float:
    """The pause after so many failures in a row: a minute, doubled with each up to six hours.

    What the receiver asks for holds instead, from a second up to six hours.
    """
    if retry_after is not None:
        return min(max(retry_after, 1.0), LONGEST)
    return float(min(_FIRST * 2 ** min(failures - 1, 20), LONGEST))


def is_due(next_attempt: float, now: float) -> bool:
    """Whether a receiver may be tried. A time that no pause can lead to is of a clock that was
    wrong: it holds nobody.
    """
    return next_attempt <= now or next_attempt > now + LONGEST
