"""The landing folder: whose a file is, and when it counts as whole."""

import os
from pathlib import Path

import pytest

from etl.config.settings import Settings
from etl.load.dropped_files import landed
from tests.make import settings_of

NOW = 1_773_144_000.0
LONG_AGO = NOW - 3600


def dropped(home: Path, name: str, changed: float = LONG_AGO) -> Path:
    """A file in the landing folder that was changed at that time."""
    path = home / "landing" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("user,time\nann,1773144000\n")
    os.utime(path, (changed, changed))
    return path


def whole(settings: Settings, now: float = NOW, **options: object) -> dict[str, str | None]:
    """The whole files below the landing folder, and their sources."""
    inputs, _ = landed(settings, now=now, **options)  # type: ignore[arg-type]
    folder = settings.home / "landing"
    return {Path(path).relative_to(folder).as_posix(): request.source for path, request in inputs}


def waiting(settings: Settings, now: float = NOW) -> dict[str, str]:
    """The unfinished files by name, and why they wait."""
    return {one.path.name: one.reason for one in landed(settings, now=now)[1]}


def test_without_the_folder_nothing_has_landed(tmp_path: Path) -> None:
    assert landed(settings_of(tmp_path / "home")) == ([], [])


def test_a_file_belongs_to_the_source_of_its_folder_else_to_that_of_its_format(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    for name in ("a.csv", "shop/b.csv", "shop/2026/03/c.csv", "web/no-suffix"):
        dropped(home, name)
    settings = settings_of(home, '[sources.shop]\nmap = { user = "uid" }\ntime_zone = "Asia/Tokyo"')
    assert whole(settings) == {
        "a.csv": None, "shop/b.csv": "shop", "shop/2026/03/c.csv": "shop", "web/no-suffix": "web",
    }  # fmt: skip
    requests = {request.source: request for _, request in landed(settings, now=NOW)[0]}
    assert (requests["shop"].map, requests["shop"].time_zone) == ({"user": "uid"}, "Asia/Tokyo")
    assert requests["web"].time_zone == "UTC"
    assert whole(settings, name="web") == {"web/no-suffix": "web"}


@pytest.mark.parametrize(
    "name",
    [
        *(".events.csv", "events.csv.tmp", "events.csv.part", "events.csv.PART", "a.csv~"),
        *("events.csv.crdownload", "events.csv.filepart", "shop/.events.csv.Xy12ab"),
    ],
)
def test_a_file_with_the_name_of_an_unfinished_one_waits(tmp_path: Path, name: str) -> None:
    dropped(tmp_path / "home", name)
    settings = settings_of(tmp_path / "home")
    assert whole(settings) == {}
    assert "Rename it when it is whole" in waiting(settings)[Path(name).name]


def test_files_in_hidden_folders_are_nobody_s(tmp_path: Path) -> None:
    dropped(tmp_path / "home", ".git/objects/a.csv")
    dropped(tmp_path / "home", "shop/.snapshots/a.csv")
    assert landed(settings_of(tmp_path / "home"), now=NOW) == ([], [])


@pytest.mark.parametrize(
    ("seconds", "is_whole"),
    [
        pytest.param(-0.1, False, id="just now"),
        pytest.param(-4.9, False, id="less than the settle time ago"),
        pytest.param(-5, True, id="exactly the settle time ago"),
        pytest.param(-3600, True, id="long ago"),
        pytest.param(2, False, id="by a clock that is a little ahead"),
    ],
)
def test_a_file_that_was_just_changed_waits(tmp_path: Path, seconds: float, is_whole: bool) -> None:
    dropped(tmp_path / "home", "a.csv", NOW + seconds)
    settings = settings_of(tmp_path / "home")
    assert bool(whole(settings)) is is_whole
    assert bool(waiting(settings)) is not is_whole


def test_the_settle_time_is_a_setting(tmp_path: Path) -> None:
    dropped(tmp_path / "home", "a.csv", NOW - 30)
    settings = settings_of(tmp_path / "home", 'settle_time = "1 min"')
    assert "for 1 min (settle_time)" in waiting(settings)["a.csv"]
    assert whole(settings, NOW + 31) == {"a.csv": None}


def test_a_time_to_come_does_not_hold_a_file_for_ever(tmp_path: Path) -> None:
    home = tmp_path / "home"
    came = dropped(home, "a.csv", NOW + 10 * 365 * 86400).stat().st_ctime
    # When it came here counts instead.
    assert whole(settings_of(home), came + 1) == {}
    assert whole(settings_of(home), came + 6) == {"a.csv": None}
    # So it does when the clock was wrong then, too.
    assert whole(settings_of(home), NOW - 86400) == {"a.csv": None}


def test_files_that_a_configured_path_names_are_left_to_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    dropped(home, "shop/a.csv")
    dropped(home, "shop/b.csv")
    settings = settings_of(home, f'[sources.till]\npath = "{home}/landing/shop/a.*"')
    assert whole(settings) == {"shop/b.csv": "shop"}


def test_folders_to_skip_are_skipped(tmp_path: Path) -> None:
    home = tmp_path / "home"
    dropped(home, "demo/a.csv")
    assert whole(settings_of(home), skip=[home / "landing" / "demo"]) == {}
