"""Annotations of dwell.toml: what is read, and what is said of those that do not fit."""

from datetime import date
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError


def settings_of(folder: Path, text: str):
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(folder, file)


def test_they_are_read_by_day(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
        [[annotations]]
        date = "2026-11-20"
        until = 2026-11-24
        text = "Black   week"
        [[annotations]]
        date = 2026-11-03
        text = "New pricing"
        """,
    )
    assert [(a.first_date, a.last_date, a.text) for a in settings.annotations] == [
        (date(2026, 11, 3), None, "New pricing"),
        (date(2026, 11, 20), date(2026, 11, 24), "Black week"),
    ]


def test_they_shape_no_history(tmp_path: Path) -> None:
    bare = settings_of(tmp_path, "")
    noted = settings_of(tmp_path, '[[annotations]]\ndate = 2026-11-03\ntext = "New pricing"')
    assert bare.annotations == ()
    assert noted.shaping_history() == bare.shaping_history()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("[annotations]\ndate = 2026-11-03", "is not a list of tables", id="one table"),
        pytest.param(
            "annotations = [3]", "annotation 1 in .+ is 3. Wanted: a table", id="a number"
        ),
        pytest.param('[[annotations]]\ntext = "a"', "has no date. Add for example", id="no day"),
        pytest.param("[[annotations]]\ndate = 2026-11-03", "has no text", id="no text"),
        pytest.param(
            '[[annotations]]\ndate = "3 Nov"\ntext = "a"',
            "annotation 1 in .+ has date = '3 Nov'. Wanted: a day, for example date = 2026-11-03",
            id="a day in other words",
        ),
        pytest.param(
            '[[annotations]]\ndate = 2026-11-03T10:00:00\ntext = "a"', "a day, for", id="a time"
        ),
        pytest.param('[[annotations]]\ndate = 1912-01-01\ntext = "a"', "a day", id="too early"),
        pytest.param('[[annotations]]\ndate = 2026-11-03\ntext = " "', "up to 200", id="blank"),
        pytest.param(
            f'[[annotations]]\ndate = 2026-11-03\ntext = "{"a" * 201}"', "up to 200", id="too long"
        ),
        pytest.param(
            '[[annotations]]\ndate = 2026-11-03\ntext = "a"\nuntil = 2026-11-02',
            "ends on 2026-11-02, before its date 2026-11-03",
            id="an end before the beginning",
        ),
        pytest.param(
            '[[annotations]]\ndate = 2026-11-03\ntext = "a"\nuntl = 2026-11-02',
            "Unknown key 'untl' in annotation 1 .+Did you mean 'until'",
            id="an unknown key",
        ),
        pytest.param("[[annotation]]\ndate = 2026-11-03", "Did you mean 'annotations'", id="typo"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){said}"):
        settings_of(tmp_path, written)


def test_the_file_may_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.toml").write_text('[[annotations]]\ndate = 2026-11-03\ntext = "a"')
    monkeypatch.setenv("DWELL_CONFIG", str(tmp_path / "other.toml"))
    assert len(load_settings(tmp_path / "home").annotations) == 1
