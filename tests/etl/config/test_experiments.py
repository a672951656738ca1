"""Experiments of dwell.toml: what is read, and what is said of those that do not fit."""

from pathlib import Path

import pytest

from etl.config.experiments import checked_split
from etl.config.settings import load_settings
from etl.errors import ConfigError


def settings_of(folder: Path, text: str):
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(folder, file)


def test_shares_are_read_as_shares_or_as_weights(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
        [experiments.answers]
        split = {aurora = 0.5, baseline = 0.5}
        [experiments.checkout]
        split = {one = 1, two = 2, three = 1}
        by = "variant"
        label = "Shorter checkout"
        """,
    )
    assert [(e.name, e.by, e.label, dict(e.split)) for e in settings.experiments] == [
        ("answers", "model_group", "answers", {"aurora": 0.5, "baseline": 0.5}),
        ("checkout", "variant", "Shorter checkout", {"one": 0.25, "two": 0.5, "three": 0.25}),
    ]


def test_they_shape_no_history(tmp_path: Path) -> None:
    bare = settings_of(tmp_path, "")
    tried = settings_of(tmp_path, "[experiments.answers]\nsplit = {a = 0.5, b = 0.5}")
    assert bare.experiments == ()
    assert tried.shaping_history() == bare.shaping_history()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("experiments = [3]", "'experiments' in .+ is not a table", id="a list"),
        pytest.param(
            "[experiments]\nanswers = 3", r"\[experiments.answers\] is not a table", id="a number"
        ),
        pytest.param(
            "[experiments.answers]\nlabel = 'Answers'",
            r"has no split. Write for example split = {a = 0.5, b = 0.5}",
            id="no split",
        ),
        pytest.param(
            "[experiments.answers]\nsplit = {a = 1}",
            "Wanted: a table of two groups or more",
            id="one group",
        ),
        pytest.param("[experiments.answers]\nsplit = 'even'", "two groups or more", id="a word"),
        pytest.param(
            "[experiments.answers]\nsplit = {a = 'half', b = 0.5}",
            "share of",
            id="a share in words",
        ),
        pytest.param(
            "[experiments.answers]\nsplit = {a = true, b = 0.5}", "share of", id="a share yes or no"
        ),
        pytest.param(
            "[experiments.answers]\nsplit = {a = 0, b = 1}", "share of", id="none of them"
        ),
        pytest.param("[experiments.answers]\nsplit = {a = -1, b = 2}", "share of", id="less"),
        pytest.param("[experiments.answers]\nsplit = {a = inf, b = 2}", "share of", id="endless"),
        pytest.param(
            "[experiments.answers]\nsplit = {a = 1, b = 1}\ngroup = 'x'",
            "group",
            id="a key that is none",
        ),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings_of(tmp_path, written)


def test_a_split_of_a_notebook_is_checked_as_well() -> None:
    assert checked_split({"a": 3, "b": 1}) == {"a": 0.75, "b": 0.25}
    with pytest.raises(ConfigError, match=r"The split is {'a': 1}. Wanted: a table of two groups"):
        checked_split({"a": 1})
