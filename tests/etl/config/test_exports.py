"""Exports of dwell.toml: what is read, where their files go, and what is said of the unfit."""

from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from etl.config.export_paths import filled
from etl.config.exports import COMPARES, ExportEntry
from etl.config.settings import load_settings
from etl.errors import ConfigError
from warehouse.metrics.compared import Compare

USUAL = {"table": '"users"', "path": '"a.csv"', "every": '"1 d"'}


def settings_of(folder: Path, text: str):
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(folder, file)


def entry_of(folder: Path, *without: str, **others: str) -> ExportEntry:
    """An export with these keys, as they are written, beside those that each has."""
    keys = {name: text for name, text in (USUAL | others).items() if name not in without}
    lines = "\n".join(f"{name} = {text}" for name, text in keys.items())
    (entry,) = settings_of(folder, f"[exports.mine]\n{lines}").exports
    return entry


def test_an_export_is_read_with_all_its_keys(tmp_path: Path) -> None:
    entry = entry_of(
        tmp_path,
        "table",
        metric='"bounce_rate"',
        by='"day"',
        compare='"year"',
        where='{ device_type = ["mobile", "tablet"] }',
        segment='"docs"',
        days="7",
        complete="false",
        bots="true",
        path='"out/{year}/b-{date}.XLSX"',
        every='"12 h"',
        label='"Bounce"',
    )
    assert (entry.name, entry.metric, entry.by, entry.compare) == (
        "mine",
        "bounce_rate",
        "day",
        "year",
    )
    assert entry.where == {"device_type": ["mobile", "tablet"]}
    assert (entry.segment, entry.days, entry.complete, entry.bots) == (("docs",), 7, False, True)
    assert (entry.format, entry.every) == ("xlsx", timedelta(hours=12))
    assert entry.folder == tmp_path


def test_what_an_export_says_of_files_is_what_is_usual(tmp_path: Path) -> None:
    entry = entry_of(tmp_path)
    assert (entry.format, entry.head, entry.days, entry.complete) == ("csv", False, 0, True)
    assert entry.label == "mine"
    assert settings_of(tmp_path, "").exports == ()


# What is written instead of what each has, and words of the error.
UNFIT = {
    "two are asked": ({"query": '"select 1"'}, "query and table. Wanted: exactly one"),
    "nothing is asked": ({"-": "table"}, "none of query, metric, table"),
    "no path": ({"-": "path"}, "has no path"),
    "no every": ({"-": "every"}, "has no every"),
    "an unknown key": ({"pth": '"a"'}, "Did you mean 'path'?"),
    "no duration": ({"every": '"often"'}, 'Wanted: a duration such as "1 d"'),
    "every nothing": ({"every": "0"}, "Wanted: a duration"),
    "no format": ({"format": '"xls"'}, "Did you mean 'xlsx'?"),
    "no known ending": ({"path": '"a.txt"'}, "does not end as one of the formats"),
    "no ending": ({"path": '"exports/"'}, "does not end as one of the formats"),
    "an unknown placeholder": ({"path": '"a-{dat}.csv"'}, "Did you mean 'date'?"),
    "an open placeholder": ({"path": '"a-{date.csv"'}, "Wanted: each { with its }"),
    "a placeholder of code": ({"path": '"{date.__class__}.csv"'}, "is no placeholder"),
    "no conditions": ({"where": '"mobile"'}, "Wanted: conditions such as"),
    "no days": ({"days": "0"}, "holds nothing"),
    "days as text": ({"days": '"7"'}, "Wanted: a whole number of days"),
    "a table by day": ({"by": '"day"'}, "which is of metrics"),
    "no comparison": (
        {"-": "table", "metric": '"bounce_rate"', "compare": '"month"'},
        'Wanted: "weekday", "previous" or "year"',
    ),
    "no truth": ({"head": '"perhaps"'}, "Wanted: true or false"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_is_told(tmp_path: Path, case: str) -> None:
    given, words = UNFIT[case]
    others = {name: text for name, text in given.items() if name != "-"}
    without = [given["-"]] if "-" in given else []
    with pytest.raises(ConfigError) as error:
        entry_of(tmp_path, *without, **others)
    assert words in str(error.value)
    assert "exports.mine" in str(error.value) or "days" in others


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exports = 3", "is not a table"),
        ("exports.mine = 3", "[exports.mine] is not a table"),
        ('[exports."Mine!"]\ntable = "users"', "cannot be named so"),
        (
            '[exports.a]\ntable = "users"\npath = "x.csv"\nevery = "1 d"\n'
            '[exports.b]\ntable = "chats"\npath = "x.csv"\nevery = "1 d"',
            "[exports.b] and [exports.a] both write x.csv",
        ),
        *(
            (
                '[exports.a]\ntable = "users"\npath = "out/x.csv"\nevery = "1 d"\n'
                f'[exports.b]\ntable = "chats"\npath = "{same}"\nevery = "1 d"',
                f"[exports.b] and [exports.a] both write {same}",
            )
            for same in ("./out/x.csv", "out//x.csv", "a/../out/x.csv")
        ),
    ],
)
def test_what_is_no_export_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        settings_of(tmp_path, text)
    assert words in str(error.value)


def test_an_export_that_was_changed_is_another_one(tmp_path: Path) -> None:
    first = entry_of(tmp_path)
    assert entry_of(tmp_path).definition == first.definition
    # How often, and what it is called, are not what it is.
    for same in ({"every": '"1 h"'}, {"label": '"Mine"'}):
        assert entry_of(tmp_path, **same).definition == first.definition
    changes = [
        {"table": '"chats"'},
        {"path": '"b.csv"'},
        {"format": '"json"'},
        {"days": "3"},
        {"where": '{ os = "iOS" }'},
        {"head": "true"},
    ]
    definitions = {entry_of(tmp_path, **change).definition for change in changes}
    assert len(definitions | {first.definition}) == len(changes) + 1


@pytest.mark.parametrize(
    ("path", "day", "wanted"),
    [
        ("a.csv", None, "a.csv"),
        ("a-{build}.csv", None, "a-12.csv"),
        ("{year}/{month}/{day}.csv", date(2026, 3, 9), "2026/03/09.csv"),
        ("a-{date}-{date}.csv", date(2026, 3, 9), "a-2026-03-09-2026-03-09.csv"),
        # Weeks as ISO 8601 has them: the first days of a year may be of the last one's.
        ("a-{week}.csv", date(2027, 1, 3), "a-2026-W53.csv"),
        ("a-{week}.csv", date(2026, 1, 5), "a-2026-W02.csv"),
    ],
)
def test_a_path_is_filled_with_the_day_that_a_file_ends_with(
    path: str, day: date | None, wanted: str
) -> None:
    assert filled(path, day, 12) == wanted


def test_a_path_with_a_day_waits_for_one() -> None:
    with pytest.raises(ConfigError, match="no event yet"):
        filled("a-{date}.csv", None, 1)


def test_metrics_are_compared_as_elsewhere() -> None:
    assert {*COMPARES, "none"} == set(get_args(Compare))
