"""The filters in the address bar."""

from __future__ import annotations

import ast
import inspect
from datetime import date

import pytest

from etl.config.own import OwnDimension
from etl.config.settings import Settings
from etl.errors import ConfigError
from pages.ui import view_address
from pages.ui.address import PAGE_WORDS, Choice, decode, encode, is_of_filters, merged
from pages.ui.controls import pages_of
from pages.ui.drill_chart import Parts
from pages.ui.ordering import Order, order_of
from pages.ui.view_address import View
from tests.pages.conftest import ROOT
from tests.warehouse.dimension_rows import two_values
from warehouse.build.own_names import refuse_taken_names
from warehouse.conditions import conditions_of
from warehouse.dimensions import BY_NAME, DIMENSIONS, Dimension

KNOWN = {"source": ("chat", "web"), "device_type": ("desktop", "mobile", "unknown")}


def where(**values):
    return conditions_of(values)


def grouped(pairs):
    params = {}
    for key, value in pairs:
        params.setdefault(key, []).append(value)
    return params


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        *(Choice(period=period) for period in ("1", "yesterday", "7", "90", "12m", "all")),
        Choice("custom", date(2026, 11, 1), date(2026, 11, 9)),
        Choice("custom", date(2026, 11, 1), date(2026, 11, 1), where(source="web"), bots=True),
        *(Choice(view=View(compare=compare)) for compare in ("none", "previous", "year")),
        Choice(view=View("custom", (date(2026, 11, 1), date(2026, 11, 9)))),
        *(Choice(view=View(grain=grain)) for grain in ("day", "week", "month")),
        Choice(period="7", view=View("year", grain="week", complete=True, build=42)),
        Choice(where=where(source=["chat", "web"], device_type=["desktop", None])),
        Choice(where=where(browser=["Firefox", None], tag=["a b", "c&d"])),
        Choice(where=where(entry_page="= /docs/*", campaign=["= >= 30", "= (not known)"])),
    ],
)
def test_an_address_gives_the_same_choice_back(choice):
    assert decode(grouped(encode(choice)), KNOWN) == (choice, [])


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_every_dimension_stands_in_the_address(dimension):
    value, _ = two_values(dimension)
    if dimension.name in KNOWN:
        value = KNOWN[dimension.name][0]
    choice = Choice(where=conditions_of({dimension.name: value}))
    assert encode(choice) == [(dimension.name, value)]
    assert is_of_filters(dimension.name)
    assert decode({dimension.name: [value]}, KNOWN) == (choice, [])


def test_old_links_name_the_device_in_one_word():
    choice, ignored = decode({"device": ["mobile", "unknown"]}, KNOWN)
    assert choice.where == where(device_type=["mobile", None])
    assert ignored == []


@pytest.mark.parametrize(
    ("params", "chosen"),
    [
        ({"browser!": ["Firefox", "Zen"]}, {"browser": ["!= Firefox", "!= Zen"]}),
        ({"entry_page": ["/docs/*"]}, {"entry_page": "/docs/*"}),
        ({"entry_page!": ["/docs/*"]}, {"entry_page": "!= /docs/*"}),
        ({"duration_seconds>": ["30"]}, {"duration_seconds": ">= 30"}),
        ({"duration_seconds<": ["30"]}, {"duration_seconds": "<= 30"}),
        ({"duration_seconds": ["> 30"]}, {"duration_seconds": "> 30"}),
        ({"duration_seconds": ["30..600"]}, {"duration_seconds": "30..600"}),
        ({"is_new_user": ["true"], "hour": ["9"]}, {"is_new_user": True, "hour": 9}),
        ({"device_type!": ["mobile"]}, {"device_type": "!= mobile"}),
    ],
)
def test_conditions_read_in_the_address_as_they_are_said(params, chosen):
    choice = Choice(where=conditions_of(chosen))
    assert decode(params, KNOWN) == (choice, [])
    assert grouped(encode(choice)) == params


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"browser>": ["30"]}, "compares numbers"),
        ({"duration_seconds": ["long"]}, "is no number"),
        ({"duration_seconds>": ["30"], "duration_seconds<": ["600"]}, "takes every number"),
        ({"device_type!": ["tv"]}, "Unknown device"),
    ],
)
def test_conditions_that_do_not_fit_are_ignored_and_said(params, sentence):
    choice, ignored = decode(params, KNOWN)
    assert len(choice.where) <= 1
    assert [sentence in text for text in ignored] == [True]
    assert all(is_of_filters(key) for key in params)


@pytest.mark.parametrize("key", ["plan", "plan!", "plan<"])
def test_a_property_that_the_build_does_not_have_is_said(key):
    said = "This build has no property 'plan': it leaves no session out."
    assert decode({key: ["pro", "free"], "user": ["ann"]}, KNOWN) == (Choice(), [said])
    plan = Dimension("plan", "Plan", kind="number")
    assert decode({"plan": ["3"]}, KNOWN, own=[plan])[1] == []
    # It stands in the links of the page, as what is of the page: other builds may have it.
    assert not is_of_filters(key)


def test_a_property_that_is_mistyped_is_said_with_the_one_meant():
    _, [said] = decode({"broswer": ["Zen"]}, KNOWN)
    assert said.endswith("Did you mean 'browser'?")


# Where these have the name of a parameter.
NAMED_AT = {
    **dict.fromkeys(("parameter", "chosen", "chosen_many"), 0),
    **dict.fromkeys(("switch", "pick", "pick_many", "several", "search", "day_picker"), 1),
    "type_or_pick": 1,
    "pages_of": 2,
}


def page_words():
    """The names that the code of the pages has for parameters; the beginnings of composed ones."""
    for file in (ROOT / "app.py", *(ROOT / "pages").rglob("*.py")):
        tree = ast.parse(file.read_text())
        constants = {
            each.targets[0].id: each.value
            for each in tree.body
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("go", "href", "to", "write_page_params"):
                yield from (each.arg for each in node.keywords if each.arg)
            yield from (
                each.value.value
                for each in node.keywords
                if each.arg == "paged_by" and isinstance(each.value, ast.Constant)
            )
            at = NAMED_AT.get(name, len(node.args))
            for given in node.args[at : at + 1]:
                first = given.values[0] if isinstance(given, ast.JoinedStr) else given
                first = constants.get(first.id) if isinstance(first, ast.Name) else first
                if isinstance(first, ast.Constant):
                    yield first.value
    for called in (pages_of, order_of):
        yield from (
            each.default
            for name, each in inspect.signature(called).parameters.items()
            if name in ("name", "paged_by")
        )
    for name in Order("", True, (), "").names:
        yield from (name, f"{name}_")
    yield Parts("", "", {}, str).parameter


def test_the_words_of_pages_are_known_and_no_others():
    beginnings = [word for word in PAGE_WORDS if word.endswith("_")]

    def known_as(word):
        return next((each for each in beginnings if word.startswith(each)), word)

    assert {known_as(word) for word in page_words()} == {*PAGE_WORDS}
    assert len(PAGE_WORDS) == len({*PAGE_WORDS})
    assert not [word for word in PAGE_WORDS if is_of_filters(word)]


def test_a_choice_takes_the_values_of_one_dimension_and_keeps_the_others():
    choice = Choice(where=where(browser="Zen", tag="a"))
    browser = BY_NAME["browser"]
    assert choice.with_texts(browser, ["Firefox"]).where == where(browser="Firefox", tag="a")
    assert choice.with_texts(browser, []).where == where(tag="a")


def test_how_numbers_are_looked_at_is_short_in_the_address():
    view = View("custom", (date(2026, 11, 1), date(2026, 11, 9)), "week", complete=True, build=42)
    assert encode(Choice(view=view)) == [
        ("compare", "2026-11-01..2026-11-09"),
        ("grain", "week"),
        ("complete", "1"),
        ("build", "42"),
    ]
    assert all(is_of_filters(key) for key, _ in encode(Choice(view=view)))


def test_defaults_are_not_in_the_address():
    assert encode(Choice()) == []


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (
            {"period": ["5"]},
            "Unknown period '5'. Known periods: 1, yesterday, 7, 30, 90, 12m, all.",
        ),
        (
            {"period": ["custom"]},
            "Unknown period 'custom'. Known periods: 1, yesterday, 7, 30, 90, 12m, all.",
        ),
        ({"source": ["webb"]}, "Unknown source 'webb'. Known: chat, web."),
        ({"device": ["tv"]}, "Unknown device 'tv'. Known: desktop, mobile, unknown."),
        ({"bots": ["yes"]}, "Unknown value 'yes' for bots. Known: 0, 1."),
        ({"grain": ["hour"]}, "Unknown grain 'hour'. Known: day, week, month."),
        ({"complete": ["yes"]}, "Unknown complete 'yes'. Known: 0, 1."),
        ({"build": ["new"]}, "'new' is no number of a build. Wanted a number such as 42."),
        ({"build": ["-1"]}, "'-1' is no number of a build. Wanted a number such as 42."),
    ],
)
def test_unknown_values_are_ignored_and_said(params, sentence):
    assert decode(params, KNOWN) == (Choice(), [sentence])


@pytest.mark.parametrize(
    "params",
    [
        {"from": ["2026-11-09"], "to": ["2026-11-01"]},
        {"from": ["soon"], "to": ["2026-11-01"]},
        {"from": ["2026-11-01"]},
        {"to": []},
        {"from": ["2026-03-01"], "to": ["9999-12-31"]},
        {"from": ["1969-07-20"], "to": ["2026-12-31"]},
        {"from": ["2026-03-01"], "to": ["2201-01-01"]},
        {"from": ["0001-01-01"], "to": ["9999-12-31"]},
        {"from": ["10000-01-01"], "to": ["10000-01-02"]},
    ],
)
def test_half_or_twisted_ranges_are_ignored_and_said(params):
    choice, ignored = decode(params, KNOWN)
    assert choice == Choice()
    assert "is no range of days" in ignored[0]
    assert "from 1970-01-01 to 2199-12-31" in ignored[0]


@pytest.mark.parametrize(
    "given", ["custom", "soon", "2026-11-09..2026-11-01", "2026-11-01", "2026-11-01..9999-12-31"]
)
def test_comparisons_that_are_none_are_ignored_and_said(given):
    choice, ignored = decode({"compare": [given]}, KNOWN)
    assert choice == Choice()
    assert f"Unknown comparison '{given}'. Known: none, previous, weekday, year, or" in ignored[0]


def test_known_values_stay_beside_unknown_ones():
    choice, ignored = decode({"source": ["web", "webb", "web"]}, KNOWN)
    assert choice.where == where(source="web")
    assert len(ignored) == 1


@pytest.mark.parametrize("word", [*PAGE_WORDS, *view_address.KEYS, "segment", "period", "bots"])
def test_no_own_dimension_can_take_a_word_of_addresses(word):
    name = f"{word}x" if word.endswith("_") else word
    own = OwnDimension(name, "plan", "Plan")
    with pytest.raises(ConfigError, match="Dwell calls something else"):
        refuse_taken_names(Settings(dimensions=(own,)))


@pytest.mark.parametrize(
    ("seen", "now", "changes", "wanted"),
    [
        pytest.param({}, {}, {"period": "7"}, {"period": "7"}, id="nothing else was chosen"),
        pytest.param(
            {},
            {"compare": "year"},
            {"grain": "week"},
            {"compare": "year", "grain": "week"},
            id="a comparison chosen meanwhile stays",
        ),
        pytest.param(
            {},
            {"grain": "week"},
            {"compare": "year"},
            {"compare": "year", "grain": "week"},
            id="the order is the usual one",
        ),
        pytest.param(
            {"browser": "Zen"},
            {},
            {"period": "7"},
            {"period": "7"},
            id="a filter taken back meanwhile stays away",
        ),
        pytest.param(
            {},
            {"from": "2026-11-01", "to": "2026-11-02"},
            {"period": "7"},
            {"period": "7"},
            id="of two choices of days the later one counts",
        ),
        pytest.param(
            {"browser": "Zen"},
            {"browser!": "Zen"},
            {"browser": "Edge"},
            {"browser": "Edge"},
            id="of two choices of one property the later one counts",
        ),
        pytest.param(
            {"device": "mobile"},
            {"device": "mobile"},
            {"period": "7"},
            {"period": "7", "device_type": "mobile"},
            id="a link of before is written as it is today",
        ),
        pytest.param(
            {"period": "nonsense"},
            {"period": "nonsense"},
            {"grain": "week"},
            {"grain": "week"},
            id="what was ignored goes",
        ),
        pytest.param(
            {"user": "ann"},
            {"user": "ben"},
            {"period": "7"},
            {"period": "7"},
            id="what is of the page is left to the page",
        ),
    ],
)
def test_a_choice_changes_its_own_part_of_the_address(seen, now, changes, wanted):
    def params(values):
        return {key: [value] for key, value in values.items()}

    drawn, _ = decode(params(seen), {})
    choice, _ = decode(params(seen | changes), {})
    told = merged(drawn, choice, params(seen), params(now))
    assert list(told.items()) == list(params(wanted).items())
