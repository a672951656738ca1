"""Which days of a user a reader looks at: days with sessions alone. Pure, computes no metric."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# So many days are shown at once, and so many sessions, but for a day that has more of them.
LANES = 14
MOST_SESSIONS = 150
# Newer days that are shown above the day of a session which is looked for.
ABOVE = 3


@dataclass(frozen=True)
class Window:
    """Days with sessions, newest first, and where to look next; None at the end of the history."""

    days: tuple[date, ...]
    earlier: date | None
    later: date | None

    @property
    def first(self) -> date:
        """The oldest day that is shown."""
        return self.days[-1]

    @property
    def last(self) -> date:
        """The newest day that is shown."""
        return self.days[0]


def window(
    days: Sequence[date],
    counts: Sequence[int],
    wanted: date | None = None,
    held: date | None = None,
) -> Window:
    """The days up to the wanted one, else around the held one, else the newest.

    `days` are all those with sessions, oldest first, and `counts` their sessions.
    """
    newest = len(days) - 1
    if wanted is not None:
        last = max(bisect_right(days, wanted) - 1, 0)
    elif held is not None:
        last = min(max(bisect_right(days, held) - 1, 0) + ABOVE, newest)
    else:
        last = newest
    fewest = last if wanted is not None or held is None else bisect_right(days, held) - 1
    first = last
    total = counts[last]
    while first and last - first + 1 < LANES:
        total += counts[first - 1]
        # The day that is looked for is there, however many sessions lie above it.
        if total > MOST_SESSIONS and first <= fewest:
            break
        first -= 1
    return Window(
        days=tuple(reversed(days[first : last + 1])),
        earlier=days[first - 1] if first else None,
        later=days[min(last + LANES, newest)] if last < newest else None,
    )


def folded(newer: date, older: date) -> int:
    """How many days lie between two that are shown below each other."""
    return (newer - older).days - 1
