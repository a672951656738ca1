"""How each source is, in words and by tone: rows of the health metrics in, sentences out.

Pure: never touches Streamlit or data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pages.ui import fault_words, format
from pages.ui.header import HISTORY_AFTER, OLD_AFTER

# From here on the rows that were rejected are worth a look; a broken line now and then is not.
MANY_REJECTED = 0.05
# Clocks differ by less, and so do the ends of a load.
AHEAD = timedelta(minutes=5)
# A fault is news for so long.
NEWS = timedelta(days=30)
# So many failing files of a source are named one by one.
MOST_FILES = 5
BAD, WARN, GOOD, QUIET = "bad", "warn", "good", "quiet"
_GRAVEST = (BAD, WARN, GOOD, QUIET)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """How one source is: in a word or two, its tone, and each thing to look at as a sentence."""

    words: str
    tone: str
    problems: tuple[str, ...] = ()


def state_of(
    row: Row, failing: Sequence[Row], faults: Sequence[Row], now: datetime, today: Any
) -> State:
    """The state of a source: its row of health.sources, its failing files, its faults."""
    name = row["source"]
    found: list[tuple[str, str, str]] = []
    if failing:
        found.append((BAD, f"{format.plural(len(failing), 'file')} failing", ""))
    if not row["loaded_count"] and not failing:
        found.append((BAD, "no event", "no row of its files is an event"))
    newest = row["last_event_time"]
    age = now - newest if newest else None
    if age and OLD_AFTER < age < HISTORY_AFTER:
        old = format.age(newest, now)
        found.append((WARN, "late", f"nothing newer than {old}"))
    if (row["rejected_rate"] or 0) >= MANY_REJECTED:
        share = format.share(row["rejected_rate"])
        found.append((WARN, f"{share} rejected", f"{share} of its rows were rejected"))
    if row["ahead_seconds"] and row["ahead_seconds"] > AHEAD.total_seconds():
        ahead = format.duration(row["ahead_seconds"])
        found.append((WARN, "clock ahead", f"events up to {ahead} ahead of their load"))
    recent = [fault for fault in faults if today and today - fault["last_date"] <= NEWS]
    if recent:
        last = format.days(recent[-1]["first_date"], recent[-1]["last_date"])
        kind = fault_words.named(recent[-1]["kind"]).lower()
        found.append((WARN, kind, f"{kind} {last}: {recent[-1]['evidence']}"))
    if not found:
        is_history = age is not None and age >= HISTORY_AFTER
        return State("history", QUIET) if is_history else State("fresh", GOOD)
    found.sort(key=lambda each: _GRAVEST.index(each[0]))
    # The sentences tell the rest.
    words = found[0][1] + (f" +{len(found) - 1}" if len(found) > 1 else "")
    told = [f"{named(name)}: {sentence}." for _, _, sentence in found if sentence]
    return State(words, found[0][0], tuple(failures(failing) + told))


def failures(rows: Sequence[Row]) -> list[str]:
    """Failing files as sentences: each by its name, many by their number."""
    if len(rows) > MOST_FILES:
        named_files = ", ".join(short(row["file"]) for row in rows[:MOST_FILES])
        return [
            f"{named(rows[0]['source'])}: {format.plural(len(rows), 'file')} could not be loaded: "
            f"{named_files} and {len(rows) - MOST_FILES} more."
        ]
    # What to do about it stands in the list of loads.
    return [f"{short(row['file'])}: {_first_sentence(row)}." for row in rows]


def _first_sentence(row: Row) -> str:
    told = str(row["message"]).removeprefix(str(row["file"])).lstrip(": ")
    return re.split(r"[.;] ", told)[0].rstrip(".") or "could not be loaded"


def named(source: str | None) -> str:
    """A source as a reader meets it; files that were refused at once have none yet."""
    return source or "(no source)"


def short(file: str) -> str:
    """The name of a file without its folders, whatever they are parted by."""
    return file.replace("\\", "/").rsplit("/", 1)[-1]


def firing(alerts: Sequence[Row]) -> str:
    """2 alerts fire: Abandonment, Queries per session."""
    names = ", ".join(dict.fromkeys(row["label"] for row in alerts))
    return (
        f"{format.plural(len(alerts), 'alert')} {'fires' if len(alerts) == 1 else 'fire'}: {names}."
    )


def verdict(states: Sequence[State], refused: Sequence[Row], bad_checks: int) -> tuple[str, ...]:
    """All that is to be looked at, the gravest first; nothing when nothing is wrong."""
    told = [f"The newest build was refused: {row['message']}" for row in refused[:1]]
    if bad_checks:
        told.append(f"{format.plural(bad_checks, 'check')} of this build found bad rows.")
    for tone in (BAD, WARN):
        told += [text for state in states if state.tone == tone for text in state.problems]
    return tuple(told)
