"""Funnels without a browser: what it shows is what the metrics say, and choices stand in links."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import warehouse
from pages.ui import format
from pages.ui.funnel_asked import joined, split
from tests.pages.conftest import UNTIL, texts
from tests.pages.seen import bodies, links, tables
from warehouse import Filters
from warehouse.metrics import funnels

PAGE = "pages/funnels.py"
STEPS = ("page_view", "search", "click")
MONTH = Filters.last_days(30, UNTIL.date())
# Address → what the metric is asked.
CHOICES: dict[str, tuple[dict[str, str], Filters, dict[str, Any]]] = {
    "three steps": ({"steps": joined(STEPS)}, MONTH, {"steps": STEPS}),
    "by session, any order, on mobiles": (
        {
            "steps": joined(STEPS),
            "scope": "session",
            "order": "any",
            "device_type": "mobile",
            "window": "1 h",
        },
        Filters.last_days(30, UNTIL.date(), devices=["mobile"]),
        {"steps": STEPS, "scope": "session", "order": "any", "window": "1 h"},
    ),
    "persons, without errors between": (
        {"steps": "page_view:/pricing > *", "identity": "person", "exclude": "error > click"},
        MONTH,
        {
            "steps": ("page_view:/pricing", "*"),
            "identity": "person",
            "exclude": ("error", "click"),
        },
    ),
}


@pytest.fixture(scope="module")
def wh(home: Path) -> warehouse.Warehouse:
    return warehouse.open(home)


@pytest.mark.parametrize(("address", "filters", "asked"), CHOICES.values(), ids=CHOICES)
def test_the_steps_are_those_of_the_metric(
    open_page: Callable[..., Any],
    home: Path,
    wh: warehouse.Warehouse,
    address: dict[str, str],
    filters: Filters,
    asked: dict[str, Any],
) -> None:
    test = open_page(PAGE, home, **address)
    assert not test.exception
    frame = funnels.steps(wh, filters, **asked)
    assert frame["count"][0] > 0
    shown = next(rows for rows in tables(test) if "Step" in rows[0])
    for row, wanted in zip(shown, frame.iter_rows(named=True), strict=True):
        assert row["Step"] == f"{wanted['step_number']}. {wanted['step']}"
        assert row["Of those who began"] == format.share(wanted["conversion_rate"])
        assert format.count(wanted["count"]) in row.values()
        assert row["Median time"] == format.duration(wanted["median_seconds"])
    assert f"**{format.share(frame['conversion_rate'][-1])}** got through" in texts(test)
    by = funnels.steps(wh, filters, **asked, by="device_type")
    last = by.filter(by["step_number"] == len(asked["steps"]))
    [parts] = [rows for rows in tables(test) if "Got through" in rows[0]]
    assert [row["Got through"] for row in parts] == [
        format.share(rate) for rate in last["conversion_rate"]
    ]


def test_a_row_leads_to_the_people_and_what_they_did(
    open_page: Callable[..., Any], home: Path, wh: warehouse.Warehouse
) -> None:
    test = open_page(PAGE, home, steps=joined(STEPS))
    [body] = [body for body in bodies(test) if "Of those who began" in body]
    address = links(body)["2. search"]
    assert "at=2" in address
    assert "outcome=dropped" in body
    test = open_page(PAGE, home, steps=joined(STEPS), at="2", outcome="dropped")
    assert not test.exception
    people = funnels.people(wh, MONTH, STEPS, step=2, outcome="dropped")
    [shown] = [rows for rows in tables(test) if "Began" in rows[0]]
    assert [row["User"] for row in shown] == people["user_id"].head(50).to_list()
    nexts = funnels.next_events(wh, MONTH, STEPS, step=2, outcome="dropped")
    [did] = [rows for rows in tables(test) if "Event" in rows[0]]
    assert [row["Count"] for row in did] == [format.count(count) for count in nexts["count"]]


FAULTS = {
    "a window": ({"window": "soon"}, "window is 'soon'"),
    "a step": ({"steps": "a b > click"}, "'a b' is no step"),
    "a next step in any order": ({"order": "any", "step_window": "1 h"}, "there is no next"),
    "too many steps": ({"steps": joined(["click"] * 22)}, "2 were left out"),
    "too many exclusions": (
        {"steps": joined(["click"] * 20), "exclude": joined(f"e{n}" for n in range(50))},
        "Wanted: at most 60 together",
    ),
    "an order": ({"order": "none"}, "Order: 'none'."),
}


@pytest.mark.parametrize(("address", "message"), FAULTS.values(), ids=FAULTS)
def test_what_an_address_asks_in_vain_is_told(
    open_page: Callable[..., Any], home: Path, address: dict[str, str], message: str
) -> None:
    test = open_page(PAGE, home, **address)
    assert not test.exception
    assert message in " ".join(warning.value for warning in test.warning).replace("\\", "")


def test_nobody_who_begins_is_told_so(open_page: Callable[..., Any], home: Path) -> None:
    test = open_page(PAGE, home, steps="never_seen > click")
    assert "No user did never" in " ".join(info.value for info in test.info).replace("\\", "")


def test_a_funnel_is_saved_opened_and_deleted(
    open_page: Callable[..., Any], home: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(home, tmp_path / "home"))
    test = open_page(PAGE, own, steps=joined(STEPS), scope="session", exclude="error")
    test.text_input(key="funnel_label").set_value("Search to click")
    test.button(key="funnel_save").click().run()
    assert not test.exception
    saved = json.loads((own / "funnels.json").read_text())["funnels"]
    assert saved == {
        "search_to_click": {
            "label": "Search to click",
            "steps": list(STEPS),
            "scope": "session",
            "exclude": ["error"],
        }
    }
    test = open_page(PAGE, own)
    test.button(key="open_search_to_click").click().run()
    assert test.query_params["steps"] == joined(STEPS)
    assert test.query_params["scope"] == "session"
    test.button(key="delete_search_to_click").click().run()
    assert json.loads((own / "funnels.json").read_text()) == {"funnels": {}}


@pytest.mark.parametrize(
    "steps",
    [("a",), ("a", "b[x > 3]"), ("page_view:/a > b", "c")[1:], ("*[plan=a]", "page_view:/x/*")],
)
def test_steps_are_one_text(steps: tuple[str, ...]) -> None:
    assert split(joined(steps)) == steps
