"""The filters in the address bar."""

from __future__ import annotations

from datetime import date

import pytest

from pages.ui.address import Choice, decode, encode

SOURCES, DEVICES = ("chat", "web"), ("desktop", "mobile", "unknown")


def grouped(pairs):
    params = {}
    for key, value in pairs:
        params.setdefault(key, []).append(value)
    return params


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(period="7"),
        Choice("custom", date(2026, 11, 1), date(2026, 11, 9)),
        Choice("custom", date(2026, 11, 1), date(2026, 11, 1), ("web",), ("mobile",), bots=True),
        Choice(sources=("chat", "web"), devices=("desktop", "unknown")),
    ],
)
def test_an_address_gives_the_same_choice_back(choice):
    assert decode(grouped(encode(choice)), SOURCES, DEVICES) == (choice, [])


def test_defaults_are_not_in_the_address():
    assert encode(Choice()) == []


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"period": ["5"]}, "Unknown period '5'. Known periods: 1, 7, 30, 90."),
        ({"period": ["custom"]}, "Unknown period 'custom'. Known periods: 1, 7, 30, 90."),
        ({"source": ["webb"]}, "Unknown source 'webb'. Known: chat, web."),
        ({"device": ["tv"]}, "Unknown device 'tv'. Known: desktop, mobile, unknown."),
        ({"bots": ["yes"]}, "Unknown value 'yes' for bots. Known: 0, 1."),
    ],
)
def test_unknown_values_are_ignored_and_said(params, sentence):
    assert decode(params, SOURCES, DEVICES) == (Choice(), [sentence])


@pytest.mark.parametrize(
    "params",
    [
        {"from": ["2026-11-09"], "to": ["2026-11-01"]},
        {"from": ["soon"], "to": ["2026-11-01"]},
        {"from": ["2026-11-01"]},
        {"to": []},
    ],
)
def test_half_or_twisted_ranges_are_ignored_and_said(params):
    choice, ignored = decode(params, SOURCES, DEVICES)
    assert choice == Choice()
    assert "is no range of days" in ignored[0]


def test_known_values_stay_beside_unknown_ones():
    choice, ignored = decode({"source": ["web", "webb", "web"]}, SOURCES, DEVICES)
    assert choice.sources == ("web",)
    assert len(ignored) == 1
