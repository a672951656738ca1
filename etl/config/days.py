"""Days and moments as people write them: 2026-11-03. Only those that data can be of."""

from datetime import UTC, date, datetime

from etl.errors import ConfigError

# Events are of 1970 or later. Whatever is shifted from in here, by a zone or a period of all of
# it, is still a day of the calendar.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2199, 12, 31)
DAY_LIMITS = f"from {FIRST_DAY} to {LAST_DAY}"


def parse_day(text: str) -> date:
    """The day of a text in ISO form. ValueError when it is none, or not within the limits."""
    return _bounded(date.fromisoformat(text))


def day_of(text: str, option: str) -> date:
    """The day that an option of a command has. ConfigError when it is none, with an example."""
    try:
        return parse_day(text)
    except ValueError:
        msg = f"'{text}' is no day {DAY_LIMITS}. Write for example {option} 2026-11-01."
        raise ConfigError(msg) from None


def moment_of(text: str, option: str) -> datetime:
    """The moment that an option has, aware; without offset in UTC. ConfigError when it is none."""
    try:
        moment = datetime.fromisoformat(text)
        _bounded(moment.date())
    except ValueError:
        msg = f"'{text}' is no time {DAY_LIMITS}. Write for example {option} 2026-11-20T10:00:00Z."
        raise ConfigError(msg) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def checked_day(day: date, subject: str) -> date:
    """The day, of which the subject says what it is. ConfigError when no data can be of it."""
    try:
        return _bounded(day)
    except ValueError:
        msg = f"{subject} {day}. Wanted: a day {DAY_LIMITS}; no event is of any other."
        raise ConfigError(msg) from None


def _bounded(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(day)
    return day
