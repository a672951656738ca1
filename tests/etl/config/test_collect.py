"""The table [collect] and write keys of dwell.toml: what is read, and what is said of the rest."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from etl.config.collect import Collect, refuse_shared_key, write_keys
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError


def settings_of(folder: Path, text: str) -> Settings:
    """The settings of such a dwell.toml."""
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(folder, file)


def test_all_keys_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_KEY", "app-secret")
    settings = settings_of(
        tmp_path,
        """
        [collect]
        rate_limit = 5
        key_rate_limit = 0
        body_limit = "2 MB"
        salt = "fixed"
        honour_dnt = false
        read_key = "reader"
        [sources.web]
        write_key = "web-secret"
        origins = ["https://A.example", "http://localhost:3000"]
        [sources.app]
        write_key_env = "APP_KEY"
        sessions = "inactivity"
        [sources.files]
        """,
    )
    assert settings.collect == Collect(5, 0, 2_000_000, "fixed", False, "reader")
    by_key = write_keys(settings.sources)
    assert {key: (s.name, s.sessions, s.origins) for key, s in by_key.items()} == {
        "web-secret": ("web", "tracker", ("https://a.example", "http://localhost:3000")),
        "app-secret": ("app", "inactivity", ()),
    }
    assert settings.sources[2].sessions is None


def test_they_shape_no_history(tmp_path: Path) -> None:
    bare = settings_of(tmp_path, "").shaping_history()
    assert settings_of(tmp_path, "[collect]\nrate_limit = 5").shaping_history() == bare


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("collect = 3", "'collect' in .+ is not a table"),
        ("[collect]\nrate_limits = 3", r"Unknown key 'rate_limits' in \[collect\]. Did you mean"),
        ("[collect]\nrate_limit = -1", "Wanted: a whole number"),
        ('[collect]\nbody_limit = "1 GB"', 'from "1 KB" to "100 MB"'),
        ('[collect]\nsalt = "weekly"', 'Wanted: "daily" or "fixed"'),
        ('[collect]\nread_key = "a"\nread_key_env = "B"', "Keep one of them"),
        ('[collect]\nread_key_env = "a long word"', "read_key_env = …. Wanted"),
        ('[sources.a]\nwrite_key = "a"\nwrite_key_env = "B"', "Keep one of them"),
        ('[sources.a]\nwrite_key = " "', "has write_key = ….+Wanted: a name"),
        ('[sources.a]\norigins = ["www.a.example"]', "Wanted: a list of sites"),
        ('[sources.a]\norigins = ["https://a.example/path"]', "Wanted: a list of sites"),
        ("[sources.a]\norigins = []", "Wanted: a list of sites"),
        ('[sources.a]\norigins = ["https://*.a.example"]', "each whole and without a path"),
        (
            '[sources.a]\nwrite_key = "k"\ndatabase = "postgresql://u@h/d"',
            "has a database and a write key",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(
    tmp_path: Path, written: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        settings_of(tmp_path, written)


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    for written in ("[sources.a]\nwrite_key = 987654", '[sources.a]\nwrite_key = "987654'):
        with pytest.raises(ConfigError) as refused:
            settings_of(tmp_path, written)
        assert "987654" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[sources.a]\nwrite_key = "k"\n[sources.b]\nwrite_key = "k"', "'a' and 'b' have the same"),
        ('[sources.a]\nwrite_key_env = "NO_SUCH_KEY"', "The environment has no NO_SUCH_KEY"),
    ],
)
def test_keys_that_tell_nothing_are_refused_when_they_are_wanted(
    tmp_path: Path, written: str, said: str
) -> None:
    settings = settings_of(tmp_path, written)
    with pytest.raises(ConfigError, match=said):
        write_keys(settings.sources)


@pytest.mark.parametrize(("read_key", "is_refused"), [("k", True), ("another", False)])
def test_a_key_that_stands_in_pages_reads_nothing(
    tmp_path: Path, read_key: str, is_refused: bool
) -> None:
    written = f'[collect]\nread_key = "{read_key}"\n[sources.a]\nwrite_key = "k"'
    settings = settings_of(tmp_path, written)
    keys = write_keys(settings.sources)
    told = pytest.raises(ConfigError, match="the write key of source 'a'")
    with told if is_refused else nullcontext():
        refuse_shared_key(settings.collect, keys)


def test_the_read_key_may_be_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect = settings_of(tmp_path, '[collect]\nread_key_env = "NO_SUCH_KEY"').collect
    with pytest.raises(ConfigError, match="NO_SUCH_KEY"):
        collect.reading_key()
    monkeypatch.setenv("NO_SUCH_KEY", "reader")
    assert collect.reading_key() == "reader"
    assert Collect().reading_key() is None
