"""What was refused, told to the operator: a page that may not send is seen by nobody else.

Holds no more than it tells, and tells nothing of who was refused but the site of a page.
"""

from collections.abc import Callable

from etl.collector.refusal import Refused

# A client that sends for ever is told of once in so many seconds.
_EVERY = 60.0
_MOST = 100
_LONGEST_SITE = 100
# Called with what was refused and why, and how often that was.
OnRefused = Callable[[str, int], None]


def say_nothing(text: str, count: int) -> None:
    """Tells nobody."""


class Refusals:
    """Tells of each kind of refusal at once, and then how often it came, once a minute."""

    def __init__(self, tell: OnRefused) -> None:
        self._tell = tell
        self._counts: dict[str, int] = {}
        self._until = 0.0

    def note(self, refused: Refused, origin: bytes | None, now: float) -> None:
        """One more, at `now` on a clock that nobody sets."""
        if now >= self._until:
            told, self._counts, self._until = self._counts, {}, now + _EVERY
            for text, count in told.items():
                if count:
                    self._tell(text, count)
        text = f"{refused.status}: {refused.text}"
        if origin is not None:
            text += f" From {origin.decode('latin-1')[:_LONGEST_SITE]!a}."
        if text in self._counts:
            self._counts[text] += 1
        elif len(self._counts) < _MOST:
            self._counts[text] = 0
            self._tell(text, 1)
