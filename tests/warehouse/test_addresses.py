"""Addresses of the dashboard's pages, read back by the pages' own parser."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from pages.ui.address import Choice, decode
from pages.ui.view_address import View
from warehouse.addresses import page_address
from warehouse.conditions import conditions_of
from warehouse.dimensions import Dimension

WEB = "https://dwell.example.com"
OWN = Dimension("plan", "Plan")
HOSTILE = "/a b&c=d#é*\u202e<script>"


@pytest.mark.parametrize(
    ("where", "own"),
    [
        ({}, ()),
        ({"device_type": ["mobile", None], "browser": "!= Firefox"}, ()),
        ({"entry_page": ["/docs/*", f"= {HOSTILE}"], "duration_seconds": ">= 30"}, ()),
        ({"plan": ["!= free", "= >= 30"]}, (OWN,)),
    ],
)
def test_the_page_opens_at_the_same_period_and_filters(where, own):
    start, end = date(2026, 11, 16), date(2026, 11, 22)
    conditions = conditions_of(where)
    if own:
        conditions = conditions.with_values(OWN, where["plan"])
    address = page_address(
        *(f"{WEB}/", "users"),
        start=start,
        end=end,
        where=conditions,
        bots=True,
        build=42,
        dimensions=Choice(own=own).dimensions,
        user="a&b",
    )
    parts = urlsplit(address)
    params = parse_qs(parts.query, keep_blank_values=True)
    assert (parts.netloc, parts.path) == ("dwell.example.com", "/users")
    assert params.pop("user") == ["a&b"]
    wanted = Choice("custom", start, end, conditions, bots=True, view=View(build=42), own=own)
    assert decode(params, {}, own=own) == (wanted, [])


def test_segments_go_by_their_names():
    address = page_address(WEB, segments=["mobile docs", "b"])
    assert parse_qs(urlsplit(address).query) == {"segment": ["mobile docs", "b"]}


def test_an_open_period_is_left_to_the_pages():
    assert page_address(WEB, end=date(2026, 11, 22)) == f"{WEB}/"


def test_without_a_dashboard_there_is_no_address():
    assert page_address("", "users", build=42) == ""
