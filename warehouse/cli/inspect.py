"""dwell inspect: what files would come to, before anything is written."""

import argparse
from contextlib import closing
from dataclasses import asdict
from itertools import groupby
from typing import Any

from etl.config.settings import Settings
from etl.errors import shown
from etl.load.column_uses import PROPERTY
from etl.load.outcome import Outcome
from warehouse.cli.output import count, fail, rows, say, say_json
from warehouse.cli.progress import Progress
from warehouse.cli.reading import add_reading, wanted_of
from warehouse.refresh import summary
from warehouse.trial import Kind, Trial, TrialListener, try_out

EXAMPLE = "dwell inspect visits.csv --map user=uid,time=ts"
_MOST_NAMES, _WIDEST = 12, 40
# What is shown of every event; the other columns only where one holds something.
_ALWAYS = ("event_time", "user_id", "event_type", "page", "session_number")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Those of a load."""
    add_reading(command)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Tells what a load into an empty home would do, and does nothing; its exit code: 1 when a file
    cannot be read or no row of one could be an event."""
    with closing(_Quiet()) as progress:
        trial = try_out(settings, wanted_of(args, settings, is_trial=True), progress)
    if args.json:
        say_json(_as_json(trial))
    else:
        _tell(trial)
    if trial.result.problem:
        fail(trial.result.problem, 1, as_json=False)
    return int(trial.result.has_failed)


class _Quiet(Progress, TrialListener):
    """Shows how far it is; what there is to tell stands in the report, but for logs of machines."""

    def _tell(self, text: str, **told: Any) -> None:
        super()._tell(text, **{**told, "is_detail": True})


def _as_json(trial: Trial) -> dict[str, Any]:
    kinds = [
        {
            **asdict(kind),
            "uses": [use._asdict() for use in kind.uses],
            "files": list(map(str, files)),
        }
        for kind, files in trial.kinds.items()
    ]
    content = summary(trial.result)
    # Numbers and places of what is gone by now are of no use to anybody.
    gone = ("build", "path")
    return {name: value for name, value in content.items() if name not in gone} | {
        "kinds": kinds,
        "users": trial.users,
        "first_time": trial.first_time,
        "last_time": trial.last_time,
        "first_events": trial.first_events,
        "rejected": [asdict(one) for one in trial.rejected],
        "cut": [asdict(one) for one in trial.cut],
    }


def _tell(trial: Trial) -> None:
    outcomes = {(one.source, one.file): one for one in trial.result.outcomes}
    for kind, files in trial.kinds.items():
        places = [(kind.source, str(file)) for file in files]
        loaded = [outcomes[place] for place in places if place in outcomes]
        _tell_kind(kind, [outcome for outcome in loaded if outcome.status == "loaded"])
    for outcome in trial.result.outcomes:
        if outcome.is_useless:
            say(f"no event: {outcome.file}: {outcome.message}\n")
        elif outcome.status != "loaded":
            say(f"{outcome.status}: {outcome.message or outcome.file}\n")
    _tell_events(trial)
    for one in trial.rejected:
        example = f", such as {one.example}" if one.example else ""
        say(f"{count(one.row_count, 'row')} of {one.file} rejected: {one.reason}{example}")
    _tell_cuts(trial)
    for warning in trial.result.warnings:
        say(f"Warning: {warning}")
    say("Nothing was written.")


def _tell_kind(kind: Kind, outcomes: list[Outcome]) -> None:
    if not outcomes:
        return
    files = outcomes[0].file if len(outcomes) == 1 else count(len(outcomes), "file")
    duplicates = sum(outcome.rows_duplicate for outcome in outcomes)
    say(
        f"{files}: {count(sum(o.rows_read for o in outcomes), 'row')}, read as {kind.format}"
        + (f"; {count(duplicates)} of them duplicate" if duplicates else "")
    )
    shapes = dict(text.rsplit("=", 1) for outcome in outcomes for text in outcome.times)
    table = []
    for use, columns in groupby(
        (one for one in kind.uses if one.use != PROPERTY), lambda one: one.use
    ):
        names = [one.column for one in columns]
        # Days and a time of day that are one time are told by both names.
        joined = next((name for name in shapes if name == "+".join(names)), None)
        names = [joined] if joined else names
        told = [f"{name} ({shapes[name]})" if name in shapes else name for name in names]
        table.append([f"  {use}", ", then ".join(told)])
    rest = [one.column for one in kind.uses if one.use == PROPERTY]
    if rest:
        more = f", … ({len(rest)})" if len(rest) > _MOST_NAMES else ""
        table.append(["  properties", shown(rest, _MOST_NAMES) + more])
    if table:
        rows(table[1:], table[0])
    elif shapes:
        say("  times read as " + ", ".join(f"{name} ({shape})" for name, shape in shapes.items()))
    say()


def _tell_events(trial: Trial) -> None:
    build = trial.result.build
    if build is None or not build.events:
        say("No event.")
        return
    # An id that Dwell has made of what a row says tells nobody anything.
    has_ids = any(use.use == "id" for kind in trial.kinds for use in kind.uses)
    hidden = ("source", *_ALWAYS, *(() if has_ids else ("event_id",)))
    for _, events in groupby(trial.first_events, lambda event: event["source"]):
        first = list(events)
        others = [
            name
            for name in first[0]
            if name not in hidden and any(event[name] is not None for event in first)
        ]
        names = [*_ALWAYS, *others]
        rows([[_cell(event[name]) for name in names] for event in first], _headings(names))
        say()
    say(
        f"{count(build.events, 'event')} of {count(trial.users, 'user')} in "
        f"{count(build.sessions, 'session')}, {trial.first_time} to {trial.last_time} UTC."
    )


def _tell_cuts(trial: Trial) -> None:
    if not trial.cut:
        return
    table = [[one.source, one.column, one.what, count(one.values)] for one in trial.cut]
    say()
    rows(table, ["cut in", "column", "what", "values"])
    say()


def _headings(names: list[str]) -> list[str]:
    return ["session" if name == "session_number" else name for name in names]


def _cell(value: object) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
