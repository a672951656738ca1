from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import ConfigError
from warehouse.filters import FIRST_DAY, LAST_DAY, Filters

TUESDAY = date(2026, 3, 10)


def test_a_period_that_starts_after_its_end_is_refused():
    with pytest.raises(ConfigError, match="starts on 2026-03-10, after its end on 2026-03-09"):
        Filters(start=TUESDAY, end=TUESDAY - timedelta(days=1))


@pytest.mark.parametrize(
    "days", [(date.min, TUESDAY), (TUESDAY, date.max), (date(1969, 12, 31), None), (None, date.max)]
)
def test_a_period_of_days_that_no_event_can_be_of_is_refused(days):
    with pytest.raises(ConfigError, match=r"The period .* Wanted: a day from 1970-01-01 to 2199"):
        Filters(*days)


@given(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY))
def test_every_period_has_a_previous_one_or_none_that_data_can_be_of(one, other):
    filters = Filters(min(one, other), max(one, other))
    before = filters.previous()
    assert before is None or FIRST_DAY <= before.start <= before.end < filters.start


@pytest.mark.parametrize("days", [0, -1, 99_999_999, 10**400], ids=str)
def test_a_number_of_days_that_cannot_be_counted_back_is_refused(days):
    with pytest.raises(ConfigError, match="A period of"):
        Filters.last_days(days, TUESDAY)


def test_a_period_of_one_day_is_a_period():
    assert Filters(start=TUESDAY, end=TUESDAY).day_count == 1


@pytest.mark.parametrize(
    ("device", "hint"),
    [
        pytest.param("desktops", "Did you mean 'desktop'", id="a near word is offered"),
        pytest.param("fridge", "Known: bot, desktop", id="else the known ones are listed"),
    ],
)
def test_an_unknown_device_is_refused(device, hint):
    with pytest.raises(ConfigError, match=hint):
        Filters(devices=(device,))


def test_a_bare_text_is_not_taken_for_a_list():
    with pytest.raises(ConfigError, match=r"sources=\('web',\)"):
        Filters(sources="web")  # type: ignore[arg-type]


def test_equal_choices_are_equal_filters():
    assert Filters(sources=["b", "a"]) == Filters(sources=("a", "b", "a"))  # type: ignore[arg-type]
    assert hash(Filters(sources=["a"])) == hash(Filters(sources=("a",)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "same",
    [
        Filters(where={"device_type": "mobile", "source": ["web", "app"]}),
        Filters(where={"source": ("app", "web", "app"), "device_type": ["mobile"]}),
        Filters(sources=("web", "app"), devices=("mobile",)),
        Filters(where={"source": ["app", "web"]}, devices=["mobile"]),
        replace(Filters(end=TUESDAY, sources=("web", "app"), devices=("mobile",)), end=None),
    ],
)
def test_filters_are_equal_whatever_form_and_order_they_were_given_in(same):
    filters = Filters(where={"source": ["app", "web"], "device_type": ["mobile"]})
    assert same == filters
    assert hash(same) == hash(filters)
    assert (same.sources, same.devices) == (("app", "web"), ("mobile",))


def test_filters_name_sessions_without_a_device_in_one_word():
    for filters in (Filters(devices=("unknown",)), Filters(where={"device_type": None})):
        assert filters.devices == ("unknown",)


def test_short_form_takes_the_place_of_what_was_chosen():
    filters = Filters(where={"device_type": "mobile", "browser": "Zen"}, devices=("tablet",))
    assert filters == Filters(where={"device_type": "tablet", "browser": "Zen"})
    assert replace(filters, devices=("desktop", "unknown")).devices == ("desktop", "unknown")
    assert replace(filters, devices=()) == Filters(where={"browser": "Zen"})


@pytest.mark.parametrize("source", ["2024..2025", ">x", "!= y", "= z", " web "])
def test_short_form_holds_plain_values_whatever_they_look_like(source):
    filters = Filters(sources=(source,))
    assert filters.sources == (source,)
    assert filters.where.values("source") == (source,)


def test_filters_keep_a_value_that_looks_like_an_operator_when_replaced():
    filters = Filters(TUESDAY, TUESDAY, where={"campaign": "= >= 30"})
    previous = filters.previous()
    assert previous is not None
    assert previous.where.values("campaign") == (">= 30",)


@pytest.mark.parametrize(
    ("filters", "takes_all"),
    [
        (Filters(), True),
        (Filters(TUESDAY, TUESDAY), True),
        (Filters(include_bots=True), False),
        (Filters(where={"browser": "Zen"}), False),
    ],
)
def test_filters_take_all_when_only_the_period_is_chosen(filters, takes_all):
    assert filters.takes_all is takes_all


def test_last_days_end_on_the_running_day():
    filters = Filters.last_days(7, TUESDAY)
    assert (filters.start, filters.end) == (date(2026, 3, 4), TUESDAY)


def test_last_days_of_an_empty_warehouse_are_open():
    assert Filters.last_days(7, None) == Filters()


def test_a_period_of_no_days_is_refused():
    with pytest.raises(ConfigError, match="0 days"):
        Filters.last_days(0, TUESDAY)


@pytest.mark.parametrize(("days", "shift"), [(1, 7), (7, 7), (8, 14), (14, 14), (30, 35), (90, 91)])
def test_the_previous_period_lies_whole_weeks_back(days, shift):
    assert Filters.last_days(days, TUESDAY).shift_days == shift


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 800))
def test_the_previous_period_has_the_same_length_and_weekdays_and_no_overlap(end, days):
    filters = Filters.last_days(days, end, sources=("web",))
    previous = filters.previous()
    assert previous is not None
    assert previous.day_count == days
    assert previous.start.weekday() == filters.start.weekday()
    assert previous.end < filters.start
    assert (filters.start - previous.end).days <= 7
    assert previous.sources == ("web",)


@pytest.mark.parametrize("filters", [Filters(), Filters(start=TUESDAY), Filters(end=TUESDAY)])
def test_an_open_period_has_no_previous_one(filters):
    assert filters.previous() is None
    assert filters.shift_days is None


@pytest.mark.parametrize(
    ("start", "end", "complete_end"),
    [
        pytest.param(3, 10, date(2026, 3, 9), id="the running day is cut off"),
        pytest.param(3, 8, date(2026, 3, 8), id="a finished period stays"),
        pytest.param(3, 20, date(2026, 3, 9), id="days to come are cut off"),
        pytest.param(9, 10, date(2026, 3, 9), id="one day may be left"),
    ],
)
def test_complete_days_end_before_the_running_day(start, end, complete_end):
    filters = Filters(start=date(2026, 3, start), end=date(2026, 3, end))
    complete = filters.complete(TUESDAY)
    assert complete is not None
    assert (complete.start, complete.end) == (filters.start, complete_end)


def test_nothing_is_left_of_the_running_day_alone():
    assert Filters(start=TUESDAY, end=TUESDAY).complete(TUESDAY) is None
    assert Filters().complete(None) is None


def test_an_open_period_is_complete_up_to_yesterday():
    assert Filters().complete(TUESDAY) == Filters(end=date(2026, 3, 9))
