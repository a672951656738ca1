"""The hours of a day that hold sessions, side by side: those between are folded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

# A session that goes on past the night is cut at this hour of the day after.
LATEST = 30
# The axis is never shorter, and has a label every so many hours.
SHORTEST = 3
STEPS = (1, 2, 3, 4, 6)
MOST_LABELS = 8
# So many empty hours in a row are folded; what is left of them is this share of the axis.
FOLDED = 3
FOLD = 0.022
# Labels that are nearer would touch.
APART = 0.055


@dataclass(frozen=True)
class Axis:
    """Pieces of the day, each from an hour to another; after 24 those of the day after."""

    pieces: tuple[tuple[int, int], ...]

    @property
    def high(self) -> int:
        """The hour that it ends at."""
        return self.pieces[-1][1]

    @property
    def held(self) -> int:
        """How many hours it shows."""
        return sum(end - start for start, end in self.pieces)

    def share(self, hour: float) -> float:
        """Where an hour lies between both ends, from 0 to 1."""
        scale = (1 - FOLD * (len(self.pieces) - 1)) / self.held
        at = 0.0
        for start, end in self.pieces:
            if hour <= end:
                return at + max(hour - start, 0.0) * scale
            at += (end - start) * scale + FOLD
        return 1.0

    @property
    def hours(self) -> list[int]:
        """The hours that are named: those that pieces begin with, and some between."""
        step = next((each for each in STEPS if self.held / each < MOST_LABELS), STEPS[-1])
        starts = [start for start, _ in self.pieces]
        between = [
            hour for start, end in self.pieces for hour in range(start, end) if hour % step == 0
        ]
        kept: list[int] = []
        # Where there is no room for all, both ends and what follows a fold come first.
        for hour in (starts[0], self.high, *starts[1:], *between):
            if all(abs(self.share(hour) - self.share(other)) >= APART for other in kept):
                kept.append(hour)
        return sorted(kept)

    @property
    def folds(self) -> Iterator[tuple[float, int]]:
        """Where hours are folded, and how many."""
        return ((self.share(end), start - end) for (_, end), (start, _) in pairwise(self.pieces))


def axis_of(spans: Iterable[tuple[float, float]]) -> Axis:
    """The hours that hold the spans, each given in hours of its day."""
    taken = {
        hour
        for low, high in spans
        for hour in range(floor(low), min(max(ceil(high), floor(low) + 1), LATEST))
    }
    hours = sorted(taken)
    pieces = [(hours[0], hours[0] + 1)]
    for hour in hours[1:]:
        start, end = pieces[-1]
        if hour - end >= FOLDED:
            pieces.append((hour, hour + 1))
        else:
            pieces[-1] = (start, hour + 1)
    missing = SHORTEST - sum(end - start for start, end in pieces)
    if missing > 0:
        start, end = pieces[-1]
        high = min(end + missing, LATEST)
        pieces[-1] = (start - (end + missing - high), high)
    return Axis(tuple(pieces))
