"""When two names of logins are one: strictly where that gives something, loosely where it takes."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from etl.config.login_names import folded, given_names, loosened

KIM, ZOE = "kim@example.com", "zo\u00eb@example.com"
# Beside the name that a scope has: written by somebody who would rather be another.
SAME = {
    "capitals": (KIM, "KIM@Example.com"),
    "wide letters": (KIM, "\uff4b\uff49\uff4d\uff20example.com"),
    "the Kelvin sign": (KIM, "\u212aim@example.com"),
    "a letter of mathematics": (KIM, "\U0001d424im@example.com"),
    "a blank of no width": (KIM, "kim\u200b@example.com"),
    "a soft hyphen": (KIM, "k\u00adim@example.com"),
    "a sign of direction": (KIM, "\u202ekim@example.com"),
    "a variation selector": (KIM, "kim\ufe0f@example.com"),
    "a joiner of marks": (ZOE, "zoe\u034f\u0308@example.com"),
    "a filler of Hangul": (KIM, "kim\u3164@example.com"),
    "a tag": (KIM, "kim\U000e0061@example.com"),
    "a control sign": (KIM, "kim\x00@example.com"),
    "a final dot": (KIM, "kim@example.com."),
    "dots and blanks": (KIM, " kim@example.com. .\u00a0"),
    "a mark apart": (ZOE, unicodedata.normalize("NFD", ZOE)),
    "a joined sign": ("office", "o\ufb03ce"),
    "a long s": ("oscar", "o\u017fcar"),
    "a sharp s": ("strasse", "stra\u00dfe"),
}
OTHERS = {
    "another": (KIM, "tim@example.com"),
    "of another host": (KIM, "kim@example.org"),
    "a mark more": ("zoe@example.com", ZOE),
    "a Cyrillic letter": ("ann", "\u0430nn"),
}


@pytest.mark.parametrize("name", SAME)
def test_what_may_be_read_as_one_name_is_one_where_it_takes(name):
    known, given = SAME[name]
    assert loosened(given) == loosened(known)
    if name != "capitals":
        assert folded(given) != folded(known)


@pytest.mark.parametrize("name", OTHERS)
def test_another_name_is_another(name):
    known, given = OTHERS[name]
    assert loosened(given) != loosened(known)


def test_no_name_is_one_strictly_that_is_not_so_loosely():
    letters = [chr(each) for each in range(sys.maxunicode + 1) if not 0xD800 <= each < 0xE000]
    assert not [each for each in letters if loosened(each) != loosened(folded(each))]
    assert not [each for each in letters if loosened(loosened(each)) != loosened(each)]


def test_nobody_is_in_a_list_by_the_name_of_a_group():
    assert given_names("Ann", ["Ops ", "x"]) == {"ann", "group:ops", "group:x"}
    assert given_names("GROUP:ops", []) == set()
