"""Pseudonyms of addresses: the same for so long as the salt is, and never an address."""

import json
import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest

from etl.collector.app import create_app
from etl.collector.pseudonyms import FILE, Pseudonyms
from etl.collector.spool import Spool
from tests.etl.collector.served import CONFIG, serve
from tests.make import settings_of

DAY = 86_400.0
NOON = 20_000 * DAY + DAY / 2


def test_one_visitor_is_the_same_within_a_day_and_over_a_restart(tmp_path: Path) -> None:
    first = Pseudonyms(tmp_path, "daily")
    ann = first.of("192.0.2.7", "Firefox", NOON)
    assert ann == first.of("192.0.2.7", "Firefox", NOON + DAY / 2 - 1)
    assert ann == Pseudonyms(tmp_path, "daily").of("192.0.2.7", "Firefox", NOON)
    assert (
        len({ann, first.of("192.0.2.8", "Firefox", NOON), first.of("192.0.2.7", None, NOON)}) == 3
    )


def test_the_next_day_has_another_salt_and_the_old_one_is_gone(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms(tmp_path, "daily")
    ann = pseudonyms.of("192.0.2.7", "Firefox", NOON)
    before = (tmp_path / FILE).read_text()
    assert pseudonyms.of("192.0.2.7", "Firefox", NOON + DAY / 2) != ann
    assert json.loads(before)["salt"] not in (tmp_path / FILE).read_text()


MIDNIGHT = NOON + DAY / 2


@pytest.mark.parametrize("late", [0.1, 3600.0, DAY - 1])
def test_a_request_from_before_midnight_and_a_clock_set_back_change_no_name(
    tmp_path: Path, late: float
) -> None:
    times = (MIDNIGHT, MIDNIGHT - late, MIDNIGHT, MIDNIGHT + DAY - 1)
    pseudonyms = Pseudonyms(tmp_path, "daily")
    assert len({pseudonyms.of("192.0.2.7", "Firefox", now) for now in times}) == 1
    # Neither do they after a restart, nor in a second collector.
    again = Pseudonyms(tmp_path, "daily")
    names = {again.of("192.0.2.7", "Firefox", now) for now in times[1:]}
    assert names == {pseudonyms.of("192.0.2.7", "Firefox", MIDNIGHT)}


def test_a_clock_that_was_years_ahead_keeps_no_salt_for_years(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms(tmp_path, "daily")
    times = (NOON + 900 * DAY, NOON, NOON + DAY)
    assert len({pseudonyms.of("192.0.2.7", "Firefox", now) for now in times}) == 3


def name_of(home: Path, barrier: Any, names: Any) -> None:
    """What one of several collectors calls a visitor."""
    pseudonyms = Pseudonyms(home, "daily")
    for day in range(30):
        barrier.wait(10)
        names.put((day, pseudonyms.of("192.0.2.7", "Firefox", NOON + day * DAY)))


def test_collectors_that_begin_a_day_together_have_one_salt(tmp_path: Path) -> None:
    forking = multiprocessing.get_context("fork")
    barrier, names = forking.Barrier(2), forking.Queue()
    collectors = [
        forking.Process(target=name_of, args=(tmp_path, barrier, names)) for _ in range(2)
    ]
    for collector in collectors:
        collector.start()
    told = [names.get(timeout=10) for _ in range(60)]
    for collector in collectors:
        collector.join()
    assert len(set(told)) == 30


def test_a_salt_is_forgotten_when_its_day_has_gone(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms(tmp_path, "daily")
    ann = pseudonyms.of("192.0.2.7", "Firefox", NOON)
    pseudonyms.forget(MIDNIGHT - 1)
    assert (tmp_path / FILE).exists()
    pseudonyms.forget(MIDNIGHT)
    assert not (tmp_path / FILE).exists()
    # It is not in memory either.
    assert pseudonyms.of("192.0.2.7", "Firefox", NOON) != ann


def test_the_salt_of_another_collectors_new_day_is_not_forgotten(tmp_path: Path) -> None:
    late = Pseudonyms(tmp_path, "daily")
    late.of("192.0.2.7", "Firefox", NOON)
    ann = Pseudonyms(tmp_path, "daily").of("192.0.2.7", "Firefox", MIDNIGHT)
    late.forget(MIDNIGHT - 1)
    late.forget(MIDNIGHT)
    assert late.of("192.0.2.7", "Firefox", MIDNIGHT) == ann


def test_a_collector_forgets_at_its_start_and_as_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.collector.pseudonyms._LOOKS_AFTER", 0.01)
    # Also one that is part of another app.
    Pseudonyms(tmp_path, "daily").of("192.0.2.7", "Firefox", NOON)
    spool = Spool(tmp_path)
    create_app(settings_of(tmp_path, CONFIG), spool)
    spool.stop()
    assert not (tmp_path / FILE).exists()
    with serve(tmp_path):
        Pseudonyms(tmp_path, "daily").of("192.0.2.7", "Firefox", NOON)
        end = time.monotonic() + 5
        while (tmp_path / FILE).exists() and time.monotonic() < end:
            time.sleep(0.01)
        assert not (tmp_path / FILE).exists()


def test_a_home_of_fixed_names_forgets_nothing(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms(tmp_path, "fixed")
    ann = pseudonyms.of("192.0.2.7", "Firefox", NOON)
    pseudonyms.forget(NOON + 900 * DAY)
    assert Pseudonyms(tmp_path, "fixed").of("192.0.2.7", "Firefox", NOON) == ann
    # Who decides otherwise later has it forgotten.
    Pseudonyms(tmp_path, "daily").forget(NOON)
    assert not (tmp_path / FILE).exists()


def test_to_forget_makes_no_home(tmp_path: Path) -> None:
    Pseudonyms(tmp_path / "home", "daily").forget(NOON)
    assert not (tmp_path / "home").exists()


def test_a_fixed_salt_lasts(tmp_path: Path) -> None:
    ann = Pseudonyms(tmp_path, "fixed").of("192.0.2.7", "Firefox", NOON)
    assert Pseudonyms(tmp_path, "fixed").of("192.0.2.7", "Firefox", NOON + 900 * DAY) == ann


def test_the_salt_is_nobody_elses_and_the_file_holds_no_address(tmp_path: Path) -> None:
    Pseudonyms(tmp_path, "daily").of("192.0.2.7", "Firefox", NOON)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert "192.0.2.7" not in (tmp_path / FILE).read_text()
    assert Pseudonyms(tmp_path / "other", "daily").of("192.0.2.7", "Firefox", NOON) != Pseudonyms(
        tmp_path, "daily"
    ).of("192.0.2.7", "Firefox", NOON)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"day": "always"}'])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    ann = Pseudonyms(tmp_path, "fixed").of("192.0.2.7", "Firefox", NOON)
    assert Pseudonyms(tmp_path, "fixed").of("192.0.2.7", "Firefox", NOON) == ann


def test_a_full_disk_keeps_nobody_from_having_a_pseudonym(small_disk: Path) -> None:
    (small_disk / "filled").write_bytes(b"x" * (small_disk.stat().st_blksize * 100))
    with (small_disk / "rest").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            pass
    pseudonyms = Pseudonyms(small_disk, "daily")
    assert pseudonyms.of("192.0.2.7", None, NOON) == pseudonyms.of("192.0.2.7", None, NOON)
