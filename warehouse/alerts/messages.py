"""What receivers are told of an alert. Pure."""

import re
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from etl.config.settings import Settings
from warehouse.alerts import words
from warehouse.alerts.told import Told
from warehouse.delivery.message import Message

_LONGEST = 36


def message_of(told: Told, settings: Settings, build: int | None) -> Message:
    """The message on what became of an alert; the same has the same id, whenever it is made."""
    episode, subject = told.episode, told.subject
    sentence = words.line(episode)
    link = link_of(told, settings)
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


def link_of(told: Told, settings: Settings) -> str | None:
    """Where the pages show the day; None where nobody said where they are."""
    if not settings.dashboard_url:
        return None
    episode, subject = told.episode, told.subject
    if episode.kind == "fault":
        return f"{settings.dashboard_url}/data_health"
    last = words.last_of(episode.until, episode.per)
    days = [("from", episode.until.isoformat()), ("to", last.isoformat())]
    return f"{settings.dashboard_url}/?{urlencode([*days, *subject.address])}"


def _id_of(told: Told) -> str:
    episode = told.episode
    parts = [episode.alert, *([_plain(episode.source)] if episode.source else [])]
    return "-".join([*parts, episode.began_on.isoformat(), told.what])


def _plain(source: str) -> str:
    """A source in the letters of an id; where that says less, with what tells it from others."""
    plain = re.sub(r"[^a-z0-9_-]", "-", source.lower())[:_LONGEST]
    return plain if plain == source else f"{plain}-{sha256(source.encode()).hexdigest()[:8]}"
