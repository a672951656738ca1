"""When people come: hours, weekdays, growth, and one outage.

Knows time only, in whole milliseconds since 1970. Never knows who comes or what they do.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Mostly Europe, some of America: two working peaks, a lunch dip and an evening.
HOUR_WEIGHTS = (
    *(1.5, 1.1, 0.8, 0.6, 0.7, 1.2, 2.4, 4.4, 6.6, 7.6, 7.8, 7.0),
    *(6.0, 6.6, 7.4, 7.2, 6.4, 5.4, 4.6, 4.4, 4.6, 4.2, 3.2, 2.2),
)
WEEKDAY_WEIGHTS = (1.0, 1.07, 1.05, 1.0, 0.86, 0.5, 0.54)

# Members who leave outweigh those who stay a little: this much more traffic at the end
# than at the start makes the whole product grow by about 1.6.
GROWTH = 2.0

OUTAGE_DAYS_AGO = 12
OUTAGE_HOURS = (8, 16)
OUTAGE_SHARE = 0.2


def moment(at: int) -> datetime:
    """`at` as an aware datetime in UTC."""
    return EPOCH + timedelta(milliseconds=at)


class Calendar:
    """The weight of every hour from `until` - `days` to `until`."""

    def __init__(self, until: datetime, days: int) -> None:
        self.until = (until - EPOCH) // timedelta(milliseconds=1)
        self.start = self.until - days * DAY
        self.outage_start, self.outage_end = _outage(self.until, days)
        self._hours = list(range(self.start - self.start % HOUR, self.until, HOUR))
        weights = (self._weight(hour) for hour in self._hours)
        self._totals = [0.0, *accumulate(weights)]

    def is_outage(self, at: int) -> bool:
        """True while the product was down."""
        return self.outage_start <= at < self.outage_end

    def elapsed(self, at: int) -> float:
        """How much of the period has passed, 0 to 1."""
        return (at - self.start) / (self.until - self.start)

    def draw(self, rng: Random, first: int, last: int) -> int:
        """A time from `first` to `last`, busy hours more often."""
        low = self._total_at(max(first, self.start))
        high = self._total_at(min(last, self.until))
        total = low + (high - low) * rng.random()
        index = min(bisect_right(self._totals, total), len(self._hours)) - 1
        weight = self._totals[index + 1] - self._totals[index]
        return self._hours[index] + int((total - self._totals[index]) / weight * HOUR)

    def _total_at(self, at: int) -> float:
        index = min(max((at - self._hours[0]) // HOUR, 0), len(self._hours) - 1)
        weight = self._totals[index + 1] - self._totals[index]
        return self._totals[index] + weight * (at - self._hours[index]) / HOUR

    def _weight(self, hour: int) -> float:
        when = moment(hour)
        weight = HOUR_WEIGHTS[when.hour] * WEEKDAY_WEIGHTS[when.weekday()]
        weight *= GROWTH ** self.elapsed(hour)
        return float(weight * (OUTAGE_SHARE if self.is_outage(hour) else 1.0))


def _outage(until: int, days: int) -> tuple[int, int]:
    day = moment(until - min(OUTAGE_DAYS_AGO, max(days // 2, 1)) * DAY)
    # A weekend would hide the dip: it moves to the Friday before.
    day -= timedelta(days=max(day.weekday() - 4, 0))
    midnight = (day.replace(hour=0, minute=0, second=0, microsecond=0) - EPOCH) // (
        timedelta(milliseconds=1)
    )
    return midnight + OUTAGE_HOURS[0] * HOUR, midnight + OUTAGE_HOURS[1] * HOUR
