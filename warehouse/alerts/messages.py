"""What receivers are told of an alert. Pure."""

import re
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from etl.config.settings import Settings
from warehouse.addresses import day_pairs
from warehouse.alerts import words
from warehouse.alerts.judged import Subject
from warehouse.alerts.told import Told
from warehouse.delivery.message import Message

_LONGEST = 36


def message_of(told: Told, settings: Settings, build: int | None) -> Message:
    """The message on what became of an alert; the same has the same id, whenever it is made."""
    episode, subject = told.episode, told.subject
    sentence = words.line(episode)
    url = settings.dashboard_url
    link = f"{url.rstrip('/')}/{page_of(subject, episode.until)}" if url else None
    if told.what == "ended":
        days = words.span(episode.began_on, episode.until)
        subject_line = f"Over: {words.title(episode)}, {days}"
        first = f"{words.title(episode)} is over: {words.over(episode)}"
    else:
        rose = " It was a warning before." if told.what == "rose" else ""
        subject_line = f"{episode.severity.capitalize()}: {sentence}"
        first = f"{episode.severity.capitalize()}: {sentence}.{rose}"
    lines = [first]
    if subject.metric:
        of = f" of the sessions with {subject.where}" if subject.where else ""
        lines.append(f"Judged is {subject.metric}{of}, by {subject.per}.")
    if link:
        lines.append(f"Look at it: {link}")
    if told.what != "ended":
        lines.append(f"Switch it off: off = true below [alerts.{episode.alert}] in dwell.toml.")
    facts: dict[str, Any] = {
        "alert": episode.alert,
        "label": episode.label,
        "kind": episode.kind,
        "source": episode.source,
        "severity": episode.severity,
        "state": "ended" if told.what == "ended" else "began",
        "date": (
            episode.until if told.what != "ended" else episode.over_on or episode.until
        ).isoformat(),
        "since": episode.began_on.isoformat(),
        "value": episode.value,
        "limit": episode.limit,
        "sentence": first,
        "link": link,
        "build": build,
    }
    return Message(_id_of(told), subject_line, "\n".join(lines), facts)


def page_of(subject: Subject, day: date) -> str:
    """Where the pages show a day, or week, of it, seen from a page: "?from=…", "data_health"."""
    if subject.kind == "fault":
        return "data_health"
    days = day_pairs(day, words.last_of(day, subject.per))
    return f"?{urlencode([*days, *subject.address])}"


def _id_of(told: Told) -> str:
    episode = told.episode
    # No name has a dot: an alert called outage-web is not the outage of web.
    name = f"{episode.alert}.{_plain(episode.source)}" if episode.source else episode.alert
    again = [str(episode.count)] if episode.count > 1 else []
    return "-".join([name, episode.began_on.isoformat(), *again, told.what])


def _plain(source: str) -> str:
    """A source in the letters of an id; where that says less, with what tells it from others."""
    plain = re.sub(r"[^a-z0-9_-]", "-", source.lower())[:_LONGEST]
    return plain if plain == source else f"{plain}-{sha256(source.encode()).hexdigest()[:8]}"
