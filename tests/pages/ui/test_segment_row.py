"""Segments on the pages: chosen, saved, renamed, deleted, and what is said of damaged ones."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest

from pages.ui.address import Choice, decode, encode, is_of_filters
from pages.ui.segment_row import said
from tests.make import build_home, commit_events, event
from tests.pages.conftest import texts
from tests.pages.seen import cards
from warehouse.conditions import conditions_of
from warehouse.segments import Segment, Segments, read_segments, save_segment

# The frame is that of all pages; where numbers do not matter, a page of few shows it.
OVERVIEW, ACTIVE = "app.py", "pages/active_now.py"
PHONES = conditions_of({"device_type": ["mobile", "tablet"]})
DOCS = conditions_of({"entry_page": "/docs/*"})
# 2 phones on the docs, 3 elsewhere, 4 tablets there, 5 desktops.
EVENTS = [
    event(
        timedelta(minutes=number),
        "page_view",
        user_id=f"{device} {page} {number}",
        device_type=device,
        page=page,
        os="Zen",
    )
    for device, page, count in (
        *(("mobile", "/docs/a", 2), ("mobile", "/", 3)),
        *(("tablet", "/docs/b", 4), ("desktop", "/docs/a", 5)),
    )
    for number in range(count)
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A home of 14 sessions."""
    home = tmp_path_factory.mktemp("segments") / "home"
    commit_events(home, EVENTS)
    build_home(home)
    return home


def _with_segments(home):
    (home / "dwell.toml").write_text(
        '[segments.docs]\nlabel = "The *docs*"\nentry_page = "/docs/*"\n'
    )
    save_segment(home, "Phones", [PHONES])
    return home


@pytest.fixture(scope="module")
def small_home(built, tmp_path_factory):
    """The same with a segment of dwell.toml and one that was saved; only to be read."""
    return _with_segments(shutil.copytree(built, tmp_path_factory.mktemp("read") / "home"))


@pytest.fixture
def own_home(built, tmp_path):
    """The same for one test alone."""
    return _with_segments(shutil.copytree(built, tmp_path / "home"))


def sessions_shown(test):
    return cards(test)["Sessions"].value


def chips(test):
    """The labels of the buttons that take something chosen back."""
    return [one.label.replace("\\", "") for one in test.button if str(one.key).startswith("chip_")]


def popover(test):
    (found,) = [one for one in test.get("popover") if one.proto.popover.label == "Segments"]
    return found


def inside(test):
    """What is told behind the button."""
    elements = (*popover(test).caption, *popover(test).warning)
    return " ".join(element.value for element in elements).replace("\\", "")


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ({"segment": ["phones", "docs"]}, "6"),
        ({"segment": "phones", "device_type": "mobile"}, "5"),
    ],
    ids=str,
)
def test_a_segment_in_the_address_narrows_the_numbers(open_page, small_home, address, count):
    assert sessions_shown(open_page(OVERVIEW, small_home, **address)) == count


def test_a_chosen_segment_is_a_chip_that_takes_it_back(open_page, small_home):
    test = open_page(OVERVIEW, small_home, segment=["docs", "phones"], period="7")
    assert chips(test) == ["Segment: The *docs*", "Segment: Phones"]
    assert "device mobile or tablet" in inside(test)
    test.button(key="chip_segment_docs").click().run()
    assert test.query_params == {"segment": "phones", "period": "7"}
    assert sessions_shown(test) == "9"
    test.pills(key="segments").set_value(["docs"]).run()
    assert test.query_params["segment"] == "docs"
    assert chips(test) == ["Segment: The *docs*"]


def test_links_between_pages_take_the_segment_along(open_page, small_home):
    test = open_page(ACTIVE, small_home, segment="phones")
    assert {link.proto.query_string for link in test.get("page_link")} == {"segment=phones"}


def test_a_segment_that_takes_nothing_is_named_with_the_way_out(open_page, small_home):
    test = open_page(OVERVIEW, small_home, segment="phones", device_type="desktop")
    assert "No sessions match segment phones and device desktop" in texts(test)
    test.button(key="clear_filters").click().run()
    assert not test.query_params
    assert sessions_shown(test) == "14"


def test_an_unknown_segment_is_said_and_the_rest_holds(open_page, small_home):
    test = open_page(OVERVIEW, small_home, segment=["phone", "docs"])
    assert "Unknown segment 'phone'. Did you mean 'phones'?" in texts(test)
    assert sessions_shown(test) == "11"


def test_a_damaged_file_is_told_and_the_page_stays(open_page, own_home):
    (own_home / "segments.json").write_text("{")
    test = open_page(ACTIVE, own_home, segment=["docs", "phones"])
    assert "is damaged" in inside(test)
    assert chips(test) == ["Segment: The *docs*"]
    (unread,) = [one.value for one in test.warning if "Unknown segment" in one.value]
    assert "is damaged" in unread


def test_a_dwell_toml_that_does_not_fit_is_told_and_the_page_stays(open_page, own_home):
    (own_home / "dwell.toml").write_text('[segments.x]\nnothing_known = "a"\n')
    test = open_page(ACTIVE, own_home, segment="phones")
    assert "Unknown dimension 'nothing_known'" in inside(test)
    assert chips(test) == ["Segment: Phones"]


def test_without_segments_and_filters_there_is_nothing_to_save(open_page, built):
    test = open_page(ACTIVE, built)
    assert "No segment is there yet" in inside(test)
    assert "Choose filters" in inside(test)
    assert "segment_save" not in [button.key for button in test.button]


def test_saved_filters_are_the_chosen_segment_and_take_the_same_sessions(open_page, own_home):
    test = open_page(OVERVIEW, own_home, segment="phones", entry_page="/docs/*", period="90")
    before = sessions_shown(test)
    test.text_input(key="segment_label").set_value("Docs on phones")
    test.button(key="segment_save").click().run()
    assert test.query_params == {"segment": "docs_on_phones", "period": "90"}
    assert (sessions_shown(test), before) == ("6", "6")
    saved = read_segments(own_home).by_name["docs_on_phones"]
    assert saved.conditions == (PHONES, DOCS)


def test_a_name_that_is_taken_is_told_and_nothing_is_saved(open_page, own_home):
    before = (own_home / "segments.json").read_text()
    test = open_page(ACTIVE, own_home, os="Zen")
    test.text_input(key="segment_label").set_value("docs")
    test.button(key="segment_save").click().run()
    assert "There is a segment 'docs' already" in test.toast[0].value
    assert test.query_params == {"os": "Zen"}
    assert (own_home / "segments.json").read_text() == before


def test_a_home_that_cannot_be_written_is_told(open_page, own_home):
    test = open_page(ACTIVE, own_home, os="Zen")
    (own_home / ".segments.lock").unlink()
    (own_home / ".segments.lock").mkdir()
    test.text_input(key="segment_label").set_value("Mine")
    test.button(key="segment_save").click().run()
    assert "cannot be written" in test.toast[0].value.replace("\\", "")
    assert not test.exception


def test_a_saved_segment_is_renamed_and_deleted(open_page, own_home):
    test = open_page(ACTIVE, own_home, segment="phones")
    test.selectbox(key="segment_picked").set_value("phones").run()
    test.text_input(key="segment_label_phones").set_value("Small screens").run()
    test.button(key="segment_rename").click().run()
    assert chips(test) == ["Segment: Small screens"]
    assert test.query_params == {"segment": "phones"}
    test.button(key="segment_delete").click().run()
    test.button(key="segment_delete_yes").click().run()
    assert not test.query_params
    assert json.loads((own_home / "segments.json").read_text()) == {"segments": {}}


def keys_of(test):
    return {str(button.key) for button in test.button if str(button.key).startswith("segment_")}


def test_a_segment_is_deleted_only_by_who_says_so(open_page, own_home):
    save_segment(own_home, "Docs too", [DOCS])
    test = open_page(ACTIVE, own_home, segment="phones")
    test.selectbox(key="segment_picked").set_value("phones").run()
    test.button(key="segment_delete").click().run()
    assert any(one.value == "Delete segment 'Phones'?" for one in popover(test).markdown)
    assert keys_of(test) == {"segment_delete_yes", "segment_keep"}
    test.button(key="segment_keep").click().run()
    assert keys_of(test) == {"segment_rename", "segment_delete"}
    # The question is of one segment: another that is picked is not half deleted already.
    test.button(key="segment_delete").click().run()
    test.selectbox(key="segment_picked").set_value("docs_too").run()
    assert keys_of(test) == {"segment_rename", "segment_delete"}
    test.selectbox(key="segment_picked").set_value("phones").run()
    assert keys_of(test) == {"segment_rename", "segment_delete"}
    assert read_segments(own_home).by_name.keys() == {"docs", "docs_too", "phones"}
    assert test.query_params == {"segment": "phones"}


def test_a_segment_of_dwell_toml_says_where_it_is_changed(open_page, small_home):
    test = open_page(ACTIVE, small_home)
    test.selectbox(key="segment_picked").set_value("docs").run()
    assert "lives in dwell.toml" in inside(test)
    assert "segment_delete" not in [button.key for button in test.button]


KNOWN = Segments({name: Segment(name, name, (DOCS,)) for name in ("a", "b")})


def test_an_address_gives_the_segments_back():
    choice = Choice(period="7", segments=("b", "a"))
    assert encode(choice) == [("period", "7"), ("segment", "b"), ("segment", "a")]
    params = {"period": ["7"], "segment": ["b", "a", "b"]}
    assert decode(params, {}, KNOWN) == (choice, [])
    assert is_of_filters("segment")


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"device_type": ["mobile", None]}, "device mobile or unknown"),
        ({"os": ["!= a", "!= b"]}, "system not a and not b"),
        ({"os": ["a", "!= b"], "hour": "9..17"}, "hour of start 9..17, system a and not b"),
    ],
    ids=str,
)
def test_conditions_are_said_in_words(conditions, words):
    assert said(conditions_of(conditions)) == words
