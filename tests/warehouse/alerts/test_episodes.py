"""When an alert is told, day after day: once when it begins, once when it is over."""

from datetime import date, datetime, timedelta

import pytest

from warehouse.alerts.judged import Judged, Subject
from warehouse.alerts.state import Remembered
from warehouse.alerts.told import take_step

FIRST = date(2026, 11, 2)
BOUNCE = Subject("bounce", "Bounce", "behaviour", None, ("ops",), reading="above 0.6")
# How days are written: on, an alarm, off, not known, and held back because of a fault.
DAYS = {
    "!": {"state": "on"},
    "A": {"state": "on", "severity": "alarm"},
    ".": {"state": "off"},
    "?": {"state": "unknown"},
    "h": {"state": "on", "held_back_by": "web had an outage"},
}


def judged(days: str) -> list[Judged]:
    return [Judged(FIRST + timedelta(days=n), **DAYS[sign]) for n, sign in enumerate(days)]


def told_of(*checks: str, subject: Subject = BOUNCE) -> list[str]:
    """What checks tell, each given what the days are by then: 3 began 2 is of the third check."""
    state, lines = Remembered(), []
    for number, days in enumerate(checks, 1):
        at = datetime(2026, 11, 2) + timedelta(days=len(days), minutes=number)  # noqa: DTZ001
        for told in take_step(state, {subject: judged(days)}, at):
            day = (told.episode.began_on - FIRST).days
            lines.append(f"{number} {told.what} {day}")
    return lines


def by_day(days: str) -> list[str]:
    """The checks after each day."""
    return [days[: n + 1] for n in range(len(days))]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        pytest.param("....", [], id="nothing"),
        pytest.param(".!.", ["2 began 1", "3 ended 1"], id="one day"),
        pytest.param(".!!!.", ["2 began 1", "5 ended 1"], id="three days"),
        pytest.param("!!!", ["1 began 0"], id="on from the first day on"),
        pytest.param(".!?!.", ["2 began 1", "5 ended 1"], id="a day that is not known"),
        pytest.param(".!h!.", ["2 began 1", "5 ended 1"], id="a held-back day within"),
        pytest.param(".!A!.", ["2 began 1", "3 rose 1", "5 ended 1"], id="grows worse"),
        pytest.param(".A!.", ["2 began 1", "4 ended 1"], id="grows better"),
        pytest.param(".!.!", ["2 began 1", "3 ended 1", "4 began 3"], id="twice"),
        pytest.param(".hh.", [], id="held back"),
        pytest.param(".h!.", ["3 began 2", "4 ended 2"], id="held back at first"),
        pytest.param("!h.", ["1 began 0", "3 ended 0"], id="over behind a held-back day"),
    ],
)
def test_each_is_told_once_and_its_end_too(days, told):
    assert told_of(*by_day(days)) == told


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        pytest.param(["..!", "..!"], ["1 began 2"], id="the same again"),
        pytest.param(["!!..!!"], ["1 began 4"], id="at first what is on, since it began"),
        pytest.param(["!!.."], [], id="at first nothing that is over"),
        pytest.param(["....", "....!!.."], ["2 began 4", "2 ended 4"], id="checked after a week"),
        pytest.param(
            ["...!", "...!..!."],
            ["1 began 3", "2 ended 3", "2 began 6", "2 ended 6"],
            id="two in one check",
        ),
        pytest.param(["...!", "..!!"], ["1 began 3"], id="a day before it is on too, now"),
        pytest.param(["...!", "...."], ["1 began 3", "2 ended 3"], id="it was not on, it is found"),
        pytest.param(
            ["...!", "....", "...!", "...!.", "...!."],
            ["1 began 3", "2 ended 3", "3 began 3", "4 ended 3"],
            id="and on again",
        ),
        pytest.param(
            ["!!!", "!.!", "!.!."],
            ["1 began 0", "2 ended 0", "2 began 2", "3 ended 2"],
            id="a day within is off, and the newest is on",
        ),
        pytest.param(
            [".", ".!.", ".!.!", ".!!!.", ".!!!."],
            ["2 began 1", "2 ended 1", "3 began 3", "4 ended 3"],
            id="the day between is on too",
        ),
        pytest.param(["...h", "...!", "...!."], ["2 began 3", "3 ended 3"], id="held back no more"),
        pytest.param(
            ["...!", "...h", "...hh", "...hh."], ["1 began 3", "4 ended 3"], id="held back since"
        ),
        pytest.param(["...!", "...?h", "...?h."], ["1 began 3", "3 ended 3"], id="held, not known"),
        pytest.param(["...!", "...?!."], ["1 began 3", "2 ended 3"], id="its day is not known now"),
        pytest.param(["...!", "....!"], ["1 began 3", "2 ended 3", "2 began 4"], id="another day"),
        pytest.param(["....", "...!"], ["2 began 3"], id="late events make a judged day one"),
        pytest.param(["." * 14, "!" + "." * 13], [], id="late events of long ago"),
        pytest.param(["..!.", "..!."], [], id="at first nothing that is over, nor later"),
    ],
)
def test_what_late_events_change_is_not_told_twice(checks, told):
    assert told_of(*checks) == told


def test_another_limit_begins_anew():
    state = Remembered()
    other = Subject("bounce", "Bounce", "behaviour", None, ("ops",), reading="above 0.3")
    at = datetime(2026, 11, 9)  # noqa: DTZ001
    assert take_step(state, {BOUNCE: judged(".....")}, at) == []
    # By the other limit it was on and is over: nobody asked then.
    assert take_step(state, {other: judged(".!!..")}, at) == []
    assert [told.what for told in take_step(state, {other: judged(".!!..!")}, at)] == ["began"]
    assert state.judged["bounce"].first == FIRST + timedelta(days=4)


def test_each_source_has_faults_of_its_own():
    state = Remembered()
    web, app = (Subject("outage", "Outage", "fault", source, ()) for source in ("web", "app"))
    at = datetime(2026, 11, 9)  # noqa: DTZ001
    told = take_step(state, {web: judged(".!"), app: judged("!!")}, at)
    assert [(each.subject.source, each.episode.began_on) for each in told] == [
        ("web", FIRST + timedelta(days=1)),
        ("app", FIRST),
    ]
