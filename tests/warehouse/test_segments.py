"""Segments: of dwell.toml and saved ones, what they take, and what cannot be read of them."""

import json
import multiprocessing
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError, DwellError
from tests.warehouse.small_builds import session
from warehouse.conditions import conditions_of
from warehouse.dimensions import FILTERS, Dimension
from warehouse.filters import Filters
from warehouse.metrics import sessions
from warehouse.query import sql_of
from warehouse.segments import (
    configured,
    delete_segment,
    read_segments,
    rename_segment,
    save_segment,
    segments_or_problems,
)

MOBILE = conditions_of({"device_type": "mobile"})
DOCS = conditions_of({"entry_page": "/docs/*", "browser": ["Zen", None]})
ROWS = [
    session(f"{device} {page} {number}", device_type=device, entry_page=page)
    for device in ("mobile", "desktop", "tablet")
    for number, page in enumerate(("/docs/a", "/docs/b", "/", None))
]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home, with nothing around it that configures anything."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def write_config(home: Path, text: str) -> None:
    (home / "dwell.toml").write_text(text, encoding="utf-8")


def names(home):
    return sorted(read_segments(home).by_name)


def test_a_segment_of_dwell_toml_has_name_label_and_conditions(home):
    write_config(
        home,
        '[segments.mobile_docs]\nlabel = "Docs  on phones"\ndevice_type = "mobile"\n'
        'entry_page = ["/docs/*", "/help"]\nduration_seconds = 30\nis_new_user = true\n'
        '[segments.a-1]\nhour = "9..17"',
    )
    found = read_segments(home).by_name
    assert {name: one.label for name, one in found.items()} == {
        "mobile_docs": "Docs on phones",
        "a-1": "a-1",
    }
    assert not any(one.is_saved for one in found.values())
    assert found["mobile_docs"].conditions == (
        conditions_of(
            {
                "device_type": "mobile",
                "entry_page": ["/docs/*", "/help"],
                "duration_seconds": "30",
                "is_new_user": "true",
            }
        ),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('[segments.Docs]\nos = "a"', "lower-case", id="a name with a capital"),
        pytest.param('[segments."a b"]\nos = "a"', "lower-case", id="a name with a blank"),
        pytest.param("[segments.x]", "would take every session", id="no condition"),
        pytest.param('[segments.x]\nlabel = "X"', "would take every session", id="a label alone"),
        pytest.param(
            '[segments.x]\nwhere = { os = "a" }',
            r"has a table where. Write its conditions straight below \[segments.x\]",
            id="a table of conditions",
        ),
        pytest.param('[segments.x]\nlabel = 3\nos = "a"', "has the label 3", id="no label"),
        pytest.param('segments = "x"', "is not a table", id="no table"),
        pytest.param('[segments]\nx = "mobile"', "Wanted: a table of cond", id="no table of one"),
        pytest.param('[segments.x]\ndevise_type = "a"', "device_type", id="an unknown name"),
        pytest.param('[segments.x]\ndevice_type = "phone"', "Unknown device", id="a wrong value"),
        pytest.param("[segments.x]\nos = []", "has no value", id="an empty list"),
        pytest.param("[segments.x]\nos = {a = 1}", "Wanted a text", id="a table for a value"),
        pytest.param("[segments.x]\nos = 2026-01-01", "Wanted a text", id="a date for a value"),
        pytest.param("[segments.x]\nhour = nan", "Wanted a number", id="no number"),
        pytest.param("[segments.x]\nhour = inf", "Wanted a number", id="an endless number"),
    ],
)
def test_what_is_no_segment_in_dwell_toml_is_refused_with_its_place(home, text, told):
    write_config(home, text)
    with pytest.raises(ConfigError, match=told) as error:
        read_segments(home)
    assert "dwell.toml" in str(error.value)


def test_a_table_beside_the_segments_is_still_unknown(home):
    write_config(home, '[segment.x]\nos = "a"')
    with pytest.raises(ConfigError, match="Did you mean 'segments'"):
        load_settings(home)


def test_segments_are_no_settings_that_shape_history(home):
    before = load_settings(home).shaping_history()
    write_config(home, '[segments.x]\nos = "a"')
    assert load_settings(home).segments
    assert load_settings(home).shaping_history() == before


@pytest.mark.parametrize(
    ("chosen", "where", "users"),
    [
        (("mobile",), {}, {"mobile"}),
        (("mobile", "docs"), {}, {"mobile /docs"}),
        (("mobile",), {"entry_page": "/docs/a"}, {"mobile /docs/a"}),
        (("small",), {"device_type": ["mobile", "desktop"]}, {"mobile"}),
        (("small",), {"device_type": "!= mobile"}, {"tablet"}),
        (("mobile",), {"device_type": "desktop"}, set()),
        (("mobile", "small"), {}, {"mobile"}),
        (("docs",), {"entry_page": "(not known)"}, set()),
    ],
    ids=str,
)
def test_a_segment_and_further_conditions_hold_together(open_build, home, chosen, where, users):
    wh = open_build(ROWS)
    write_config(
        wh.home,
        '[segments.mobile]\ndevice_type = "mobile"\n[segments.docs]\nentry_page = "/docs/*"\n'
        '[segments.small]\ndevice_type = ["mobile", "tablet"]',
    )
    filters = Filters.segment(wh, *chosen, where=where)
    expected = sum(any(row["user_id"].startswith(user) for user in users) for row in ROWS)
    assert sessions.count(wh, filters)["session_count"].item() == expected


def test_segments_are_in_no_order_and_leave_the_other_fields(open_build, home):
    wh = open_build(ROWS)
    write_config(wh.home, '[segments.a]\nos = "a"\n[segments.b]\ndevice_type = "mobile"')
    one = Filters.segment(wh, "a", "b", "a", include_bots=True)
    assert one == Filters.segment(wh, "b", "a", include_bots=True)
    assert hash(one) == hash(Filters.segment(wh, "b", "a", include_bots=True))
    assert not one.takes_all
    assert not Filters.segment(wh, "a").takes_all
    assert Filters.segment(wh).takes_all


def test_the_conditions_of_segments_stand_in_the_sql_that_is_shown():
    text = sql_of("sessions.count", Filters(where=MOBILE, segments=[MOBILE, DOCS]))
    assert text.count("coalesce(device_type, '') in $") == 2
    assert "starts_with(entry_page, $segment_" in text


def test_an_unknown_segment_is_refused_with_the_known_ones(open_build, home):
    wh = open_build(ROWS)
    with pytest.raises(ConfigError, match="None is known yet"):
        Filters.segment(wh, "x")
    write_config(wh.home, '[segments.mobile]\ndevice_type = "mobile"')
    save_segment(wh.home, "Docs", [DOCS])
    with pytest.raises(ConfigError, match=r"Unknown segment 'moble'\. Did you mean 'mobile'"):
        Filters.segment(wh, "moble")
    with pytest.raises(ConfigError, match="Known: docs, mobile"):
        Filters.segment(wh, "docs", "quite another")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Docs on phones", "docs_on_phones"),
        ("  Docs   & help! ", "docs_help"),
        ("Übergröße", "ubergroe"),
        ("a-b_c", "a-b_c"),
        ("Мобильные", "segment_1"),
        ("x" * 80, "x" * 60),
    ],
)
def test_a_saved_segment_is_there_again_under_a_name_made_of_its_label(home, label, name):
    saved = save_segment(home, label, [MOBILE, DOCS])
    assert (saved.name, saved.is_saved) == (name, True)
    assert read_segments(home).by_name == {name: saved}
    assert saved.conditions == (MOBILE, DOCS)


def test_labels_without_letters_get_numbers(home):
    assert [save_segment(home, label, [MOBILE]).name for label in ("日本", "中国")] == [
        "segment_1",
        "segment_2",
    ]


def test_a_name_that_is_taken_is_refused_wherever_it_lives(home):
    write_config(home, '[segments.phones]\ndevice_type = "mobile"')
    save_segment(home, "Docs", [DOCS])
    for label in ("docs", "DOCS!", "Phones"):
        with pytest.raises(ConfigError, match="There is a segment"):
            save_segment(home, label, [MOBILE])
    assert names(home) == ["docs", "phones"]


@pytest.mark.parametrize("label", ["", "  ", "x" * 81])
def test_a_label_that_cannot_be_shown_is_refused(home, label):
    with pytest.raises(ConfigError, match="Wanted: a text of up to 80"):
        save_segment(home, label, [MOBILE])


def test_no_filter_is_no_segment(home):
    with pytest.raises(ConfigError, match="Nothing is filtered"):
        save_segment(home, "All", [conditions_of({})])
    assert names(home) == []


def test_renaming_keeps_the_name_and_deleting_takes_it_away(home):
    save_segment(home, "Docs", [DOCS])
    save_segment(home, "Phones", [MOBILE])
    rename_segment(home, "docs", "The handbook")
    assert read_segments(home).by_name["docs"].label == "The handbook"
    assert read_segments(home).by_name["docs"].conditions == (DOCS,)
    delete_segment(home, "docs")
    assert names(home) == ["phones"]
    for gone in (lambda: delete_segment(home, "docs"), lambda: rename_segment(home, "docs", "x")):
        with pytest.raises(ConfigError, match="no saved segment 'docs'"):
            gone()


def test_one_of_dwell_toml_cannot_be_deleted_and_hides_a_saved_one(home):
    save_segment(home, "Phones", [DOCS])
    write_config(home, '[segments.phones]\ndevice_type = "mobile"\n[segments.b]\nos = "x"')
    found = read_segments(home)
    assert found.by_name["phones"].conditions == (MOBILE,)
    assert found.problems == ("The saved segment 'phones' is hidden by that of dwell.toml.",)
    with pytest.raises(ConfigError, match="no saved segment 'b'"):
        delete_segment(home, "b")


DAMAGED = ["", "{", "[]", "null", '{"segments": []}', '{"segments": 3}', "\x00", '{"other": {}}']


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_told_and_never_written_over(home, content):
    write_config(home, '[segments.phones]\ndevice_type = "mobile"')
    (home / "segments.json").write_text(content)
    found = read_segments(home)
    assert list(found.by_name) == ["phones"]
    assert "is damaged" in " ".join(found.problems)
    with pytest.raises(ConfigError, match="is damaged"):
        found.conditions(["docs"])
    with pytest.raises(DwellError, match="is damaged"):
        save_segment(home, "Docs", [DOCS])
    assert (home / "segments.json").read_text() == content


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "mobile",
        {},
        {"label": "X", "where": []},
        {"label": "X", "where": {"os": ["a"]}},
        {"label": "X", "where": [3]},
        {"label": "X", "where": [{}]},
        {"label": "X", "where": [{"os": {"a": 1}}]},
        {"label": "X", "where": [{"os": [["a"]]}]},
        {"label": "X", "where": [{"Gone": ["a"]}]},
        {"label": "X", "where": [{"my_own": [["a"]]}]},
        {"label": "", "where": [{"os": ["a"]}]},
        {"where": [{"os": ["a"]}]},
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_read_is_told_and_the_others_stay(home, entry):
    save_segment(home, "Docs", [DOCS])
    content = json.loads((home / "segments.json").read_text())
    content["segments"]["odd"] = entry
    (home / "segments.json").write_text(json.dumps(content))
    found = read_segments(home)
    assert list(found.by_name) == ["docs"]
    assert "The segment 'odd' of" in " ".join(found.problems)
    save_segment(home, "Phones", [MOBILE])
    assert json.loads((home / "segments.json").read_text())["segments"]["odd"] == entry


def test_what_a_newer_version_keeps_beside_the_segments_stays(home):
    kept = {"version": 2, "boards": {"b": ["x"]}}
    (home / "segments.json").write_text(json.dumps({**kept, "segments": {}}))
    save_segment(home, "Docs", [DOCS])
    rename_segment(home, "docs", "Manual")
    content = json.loads((home / "segments.json").read_text())
    assert content.pop("segments")["docs"]["label"] == "Manual"
    assert content == kept
    delete_segment(home, "docs")
    assert json.loads((home / "segments.json").read_text()) == {**kept, "segments": {}}


def test_a_dwell_toml_that_does_not_fit_leaves_readers_the_saved_ones(home):
    save_segment(home, "Docs", [DOCS])
    write_config(home, '[segments.x]\nnothing_known = "a"')
    found = segments_or_problems(home)
    assert list(found.by_name) == ["docs"]
    assert "dwell.toml" in " ".join(found.problems)
    assert save_segment(home, "Phones", [MOBILE]).name == "phones"


def test_one_s_own_dimensions_are_known_and_others_are_told_of_the_build(home):
    own = '[dimensions.plan]\nproperty = "plan"\n[measures.ms]\nproperty = "ms"\n'
    write_config(home, f'{own}[segments.paid]\nplan = ["pro", "team"]\nms = ">= 30"')
    own_terms = conditions_of({"plan": ["pro", "team"], "ms": ">= 30"})
    assert read_segments(home).by_name["paid"].conditions == (own_terms,)
    assert save_segment(home, "Pro", [own_terms]) == read_segments(home).by_name["pro"]
    # A build of before dwell.toml had them does not.
    found = segments_or_problems(home, FILTERS)
    assert list(found.by_name) == []
    assert "cannot be asked of this build: Unknown dimension 'ms'" in " ".join(found.problems)
    plan, ms = Dimension("plan", "Plan"), Dimension("ms", "ms", kind="number")
    assert sorted(segments_or_problems(home, (plan, ms)).by_name) == ["paid", "pro"]


def _save(home, worker):
    for number in range(10):
        save_segment(home, f"Segment {worker} {number}", [MOBILE])


def test_two_writers_lose_nothing_of_each_other(home):
    workers = [multiprocessing.Process(target=_save, args=(home, n)) for n in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(names(home)) == 20
    assert [path.name for path in home.glob("*.tmp")] == []


def test_a_home_that_cannot_be_written_says_so_and_is_read_all_the_same(small_disk, monkeypatch):
    monkeypatch.chdir(small_disk)
    save_segment(small_disk, "Docs", [DOCS])
    mount = shutil.which("mount")
    subprocess.run([mount, "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(DwellError, match=r"cannot be written .* write it into"):
        save_segment(small_disk, "Phones", [MOBILE])
    assert names(small_disk) == ["docs"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_says_so(home):
    home.chmod(0o500)
    with pytest.raises(DwellError, match="cannot be written"):
        save_segment(home, "Phones", [MOBILE])
    home.chmod(0o700)


def test_a_home_without_a_folder_says_so(tmp_path):
    with pytest.raises(DwellError, match="cannot be written"):
        save_segment(tmp_path / "nowhere", "Phones", [MOBILE])


def test_the_configuration_that_the_environment_names_is_read(home, monkeypatch):
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    write_config(elsewhere, '[segments.there]\nos = "a"')
    monkeypatch.setenv("DWELL_CONFIG", str(elsewhere / "dwell.toml"))
    assert names(home) == ["there"]
    assert configured(load_settings(home)).keys() == {"there"}
