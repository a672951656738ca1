"""What holds of alerts whatever days come to, and however often the past is rebuilt."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.alerts.test_episodes import BOUNCE, judged
from warehouse.alerts.episodes import Episode
from warehouse.alerts.state import Remembered
from warehouse.alerts.told import take_step

# Further back nothing is judged again.
WINDOW = 5
# Days as they are known at one check; the next one may know other ones, and more.
CHECKS = st.lists(st.text("!!A..h?", min_size=1, max_size=9), min_size=1, max_size=8).map(
    lambda checks: sorted(checks, key=len)
)


def name_of(episode: Episode) -> tuple[date, int]:
    return episode.began_on, episode.count


@settings(max_examples=250, deadline=None)
@given(CHECKS)
def test_what_is_on_is_told_once_and_is_open_alone(checks):
    state = Remembered()
    told: dict[tuple[date, int], list[str]] = {}
    for number, text in enumerate(checks):
        days = judged(text)[-WINDOW:]
        at = datetime(2026, 12, 1) + timedelta(hours=number)  # noqa: DTZ001
        for each in take_step(state, {BOUNCE: days}, at):
            told.setdefault(name_of(each.episode), []).append(each.what)
        # Again it says nothing, and changes nothing.
        noted = list(state.episodes)
        assert take_step(state, {BOUNCE: days}, at) == []
        assert state.episodes == noted

        open_now = [each for each in state.episodes if each.over_on is None]
        assert len(open_now) <= 1
        newest = days[-1]
        if newest.state == "on":
            assert len(open_now) == 1
            assert newest.held_back_by or not open_now[0].is_held
            assert newest.held_back_by or open_now[0].until == newest.day
        elif newest.state == "off":
            assert open_now == []
        # Nothing that was told is open without an end, and nothing has two.
        kept = [each for each in state.episodes if not each.is_held]
        assert sorted(told) == sorted(map(name_of, kept))
        for each in kept:
            said = told[name_of(each)]
            assert said in (
                ["began"], ["began", "rose"], ["began", "ended"], ["began", "rose", "ended"]
            )  # fmt: skip
            assert (said[-1] == "ended") is (each.over_on is not None)
            assert each.began_on <= each.until
