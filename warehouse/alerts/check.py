"""What is judged now: noted, and put where it is sent from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from etl.config.alerts import EVERY_FAULT
from etl.config.settings import Settings
from etl.errors import BuildError
from warehouse.alerts.behaviour import judged_behaviour
from warehouse.alerts.episodes import Episode
from warehouse.alerts.faults import (
    OF_HOME,
    OF_NOW,
    Known,
    faults_of_now,
    is_old,
    judged_faults,
    known_of,
    subject_of,
)
from warehouse.alerts.history import firing_of, frame_of
from warehouse.alerts.judged import Judged, Subject, key_of
from warehouse.alerts.messages import message_of
from warehouse.alerts.rules import FaultRule, Rule, fault_rules, rules_of
from warehouse.alerts.state import Remembered, changing, remembered
from warehouse.alerts.told import LOOKED_BACK, Told, note_until, take_step
from warehouse.connection import Warehouse
from warehouse.connection import open as open_warehouse
from warehouse.delivery.outbox import put

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Checked:
    """What one check came to. Frames have the columns of `alerts.history`.

    judged       the newest day that was judged; None where none could be
    alert_count  how many alerts of behaviour were judged
    on           what fires now: faults of the data first
    held_back    what would fire and is held back, with why
    began, ended what was found to begin and to be over
    subjects     what was judged, by key
    messages     how many were new in the outbox
    note         why nothing but faults is judged; empty where all is
    """

    judged: date | None
    alert_count: int
    on: "pl.DataFrame"
    held_back: "pl.DataFrame"
    began: "pl.DataFrame"
    ended: "pl.DataFrame"
    subjects: Mapping[str, Subject]
    messages: int = 0
    note: str = ""

    @property
    def fires(self) -> bool:
        """Whether something is on that was not held back."""
        return not self.on.is_empty()


@dataclass(frozen=True)
class _Step:
    """What is judged at a moment, before it is held against what is remembered."""

    rules: Sequence[Rule]
    faults: dict[str, FaultRule]
    now: Mapping[Subject, Sequence[Judged]]
    known: Known | None
    behaviour: Mapping[Subject, Sequence[Judged]]
    today: date
    build: int | None
    note: str = ""
    is_historic: bool = False


def check(settings: Settings, now: datetime | None = None, *, notify: bool = True) -> Checked:
    """Judges what is known by now (aware, else the clock's). With `notify` it is noted in the
    history, and its messages are in the outbox when it returns; else nothing is written.

    Called again nothing is told twice, also after a kill at any moment. NoBuild before the first
    build; ConfigError for an alert that this build cannot be asked for.
    """
    if not notify or not settings.home.exists():
        step, at = _judge_now(settings, now)
        return _checked(step, *_taken(remembered(settings.home), step, at))
    # Judged while no other check is: what was found earlier is not noted over what was later.
    with changing(settings.home) as state:
        step, at = _judge_now(settings, now)
        _, told = _taken(state, step, at)
        # Before the history: a kill in between puts the same messages again, and none is lost.
        messages = [
            (message_of(each, settings, step.build), each.subject.to)
            for each in told
            if each.subject.to
        ]
        count = put(settings.home, messages) if messages else 0
        return replace(_checked(step, state, told), messages=count)


def _judge_now(settings: Settings, now: datetime | None) -> tuple[_Step, datetime]:
    """What is judged, and the naive UTC time that it is judged at."""
    moment = now or datetime.now(UTC)
    return _judge(settings, moment), moment.astimezone(UTC).replace(tzinfo=None)


def _judge(settings: Settings, now: datetime) -> _Step:
    faults = fault_rules(settings)
    naive = now.astimezone(UTC).replace(tzinfo=None)
    try:
        wh = open_warehouse(settings.home)
    except BuildError:
        # It cannot be read, which is the fault to be told.
        judged = faults_of_now(None, settings, (), faults, now)
        if not judged:
            raise
        return _Step((), faults, judged, None, {}, now.date(), None, "The build cannot be read.")
    with wh:
        rules = rules_of(wh, settings)
        known = known_of(wh, naive)
        at_once = faults_of_now(wh, settings, known.sources, faults, now)
        today = max((days[0].day for days in at_once.values()), default=known.today)
        if note := _why_not(wh, settings, naive):
            shown = (today, wh.build, note, settings.historic)
            return _Step((), faults, at_once, None, {}, *shown)
        last = known.complete_before - timedelta(days=1)
        behaviour = judged_behaviour(wh, rules, known, last - LOOKED_BACK, last)
        return _Step(rules, faults, at_once, known, behaviour, today, wh.build)


def _why_not(wh: Warehouse, settings: Settings, now: datetime) -> str:
    if settings.historic:
        return "The data is declared historic: only the home is judged."
    if wh.as_of is None:
        return "There are no events: only the home is judged."
    return "The data is over 7 days old: only that is told." if is_old(wh, now) else ""


def _taken(state: Remembered, step: _Step, at: datetime) -> tuple[Remembered, list[Told]]:
    """The state after the step, and what is to be told."""
    _let_go(state, step, at)
    on = [each for each in state.episodes if each.over_on is None and each.kind == "fault"]
    judged: dict[Subject, Sequence[Judged]] = dict(step.now)
    keys = {subject.key for subject in step.now}
    for each in on:
        is_judged = each.alert in (OF_NOW if step.known else OF_HOME)
        if is_judged and each.key not in keys:
            subject = subject_of(step.faults[each.alert], each.source)
            judged[subject] = [Judged(max(step.today, each.until), "off")]
    if step.known:
        pairs = [(e.alert, e.source) for e in on if e.source and e.alert not in OF_NOW]
        last = max(step.known.today, step.today)
        heard = _heard(state, step.known)
        first = last - LOOKED_BACK
        judged |= judged_faults(step.known, step.faults, pairs, first, last, heard)
    told = take_step(state, {**judged, **step.behaviour}, at)
    note_until(state, EVERY_FAULT, "", step.today)
    if step.known:
        for source in step.known.sources:
            until = step.known.known_before(source.source) - timedelta(days=1)
            note_until(state, key_of(EVERY_FAULT, source.source), "", until, source.loaded_at)
    return state, told


def _heard(state: Remembered, known: Known) -> dict[str, datetime]:
    """The newest load that was known when the faults of a source were last judged, by source."""
    found = {}
    for each in known.sources:
        since = state.judged.get(key_of(EVERY_FAULT, each.source))
        if since and since.heard_at:
            found[each.source] = since.heard_at
    return found


def _let_go(state: Remembered, step: _Step, at: datetime) -> None:
    """Ends what nobody asks for any more, without a word."""
    asked = {subject.alert for subject in step.behaviour}
    for place, each in enumerate(state.episodes):
        if each.over_on is not None:
            continue
        is_fault = each.alert in step.faults
        is_off = step.faults[each.alert].off if is_fault else each.alert not in asked
        if is_off and (is_fault or step.known or step.is_historic):
            state.episodes[place] = replace(each, over_on=each.until, ended_at=at)


def _checked(step: _Step, state: Remembered, told: Sequence[Told]) -> Checked:
    days = [day.day for of in step.behaviour.values() for day in of if day.state != "unknown"]

    def those(what: str) -> list[Episode]:
        return [each.episode for each in told if each.what == what]

    held = [each for each in state.episodes if each.over_on is None and each.held_back_by]
    return Checked(
        max(days, default=None),
        len(step.rules),
        frame_of(firing_of(state.episodes)),
        frame_of(held if step.known else []),
        frame_of([*those("began"), *those("rose")]),
        frame_of(those("ended")),
        {each.key: each for each in (*step.now, *step.behaviour)},
        note=step.note,
    )
