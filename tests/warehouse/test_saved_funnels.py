"""Saved funnels: those of dwell.toml and of the page, and what of them cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from warehouse import DwellError
from warehouse.saved_funnels import delete_funnel, read_funnels, save_funnel

DECLARED = """
[funnels.from_docs]
label = "From docs"
steps = ["page_view:/docs/*", "signup"]
order = "strict"
window = "7 d"
exclude = ["error"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dwell.toml").write_text(DECLARED)
    return tmp_path


def test_those_of_both_places_are_read(home: Path) -> None:
    save_funnel(home, "Übers Suchen", ["search", "click"], {"scope": "session"})
    found, problems = read_funnels(home)
    assert problems == []
    assert {
        name: (each.label, each.steps, each.options, each.is_saved) for name, each in found.items()
    } == {
        "from_docs": (
            "From docs",
            ("page_view:/docs/*", "signup"),
            {"order": "strict", "window": "7 d", "exclude": ("error",)},
            False,
        ),
        "ubers_suchen": ("Übers Suchen", ("search", "click"), {"scope": "session"}, True),
    }
    delete_funnel(home, "ubers_suchen")
    delete_funnel(home, "ubers_suchen")
    assert read_funnels(home)[0].keys() == {"from_docs"}


def test_a_name_is_given_once(home: Path) -> None:
    with pytest.raises(DwellError, match="There is a funnel 'from_docs' already"):
        save_funnel(home, "From docs", ["a"], {})
    with pytest.raises(DwellError, match="is no step"):
        save_funnel(home, "Odd", ["a b"], {})
    assert not (home / "funnels.json").exists() or json.loads(
        (home / "funnels.json").read_text()
    ) == {"funnels": {}}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"label": "A", "steps": "a"}, "it has no steps"),
        ({"label": "A", "steps": ["a b"]}, "is no step"),
        ({"steps": ["a"]}, "has the label None"),
        ({"label": "A", "steps": ["a"], "window": "soon"}, "window is 'soon'"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_others_are_there(
    home: Path, entry: dict[str, object], problem: str
) -> None:
    content = {"funnels": {"odd": entry, "fine": {"label": "Fine", "steps": ["a"]}}}
    (home / "funnels.json").write_text(json.dumps(content))
    found, problems = read_funnels(home)
    assert found.keys() == {"from_docs", "fine"}
    assert problem in problems[0]


def test_a_damaged_file_is_told(home: Path) -> None:
    (home / "funnels.json").write_text("{")
    found, problems = read_funnels(home)
    assert found.keys() == {"from_docs"}
    assert "funnels.json is damaged: it is no JSON" in problems[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[funnels.a]\nwindow = '1 d'", r"\[funnels.a\] has no steps"),
        ("[funnels.A]\nsteps = ['a']", r"\[funnels.A\] cannot be named so"),
        ("[funnels.a]\nsteps = ['a']\nwindwo = '1 d'", "Unknown key 'windwo'"),
        ("funnels = 3", "'funnels' in .* is not a table"),
        ("[funnels]\na = 3", r"\[funnels.a\] is not a table"),
        ("[funnels.a]\nsteps = 3", "has steps = 3. Wanted"),
    ],
)
def test_sections_that_are_no_funnel_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dwell.toml").write_text(text)
    with pytest.raises(DwellError, match=message):
        load_settings(tmp_path)
