"""The spool: what is acknowledged is on disk, once, in files that loads take."""

import asyncio
import errno
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.collector import open_file
from etl.collector.spool import Spool
from etl.collector.spool_files import finished, open_files, spool_folder
from etl.errors import SpoolFull
from tests.apart import run_apart
from tests.etl.collector.conftest import append, line, lines_in
from tests.search import some


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process may grow past so many bytes: a disk that is full at that point."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def until_finished(home: Path, files: int = 1) -> list[Path]:
    """The finished files once there are so many."""
    deadline = time.monotonic() + 5
    while len(finished(home)) < files:
        assert time.monotonic() < deadline, [*finished(home), *open_files(home)]
        time.sleep(0.005)
    return [file.path for file in finished(home)]


def test_lines_are_in_an_open_file_when_append_returns(spool: Spool, home: Path) -> None:
    given = [line(), line()]
    append(spool, "web", given)
    (file,) = open_files(home)
    assert (file.source, file.is_open) == ("web", True)
    assert file.path.read_bytes() == b"".join(each + b"\n" for each in given)
    assert finished(home) == []


def test_a_request_without_lines_is_answered_and_leaves_nothing(spool: Spool, home: Path) -> None:
    append(spool, "web", [])
    run_apart(spool.append("web", []))
    assert not home.exists()


def test_a_line_with_a_newline_in_it_is_refused(spool: Spool, home: Path) -> None:
    with pytest.raises(ValueError, match="newline"):
        append(spool, "web", [b'{"a":\n1}'])
    assert lines_in(home) == []


def test_a_stop_finishes_the_files_of_all_sources(home: Path) -> None:
    spool = Spool(home)
    given = {"web": line(), "mein é": line(), "a/b": line()}
    for source, each in given.items():
        append(spool, source, [each])
    run_apart(spool.close())
    assert open_files(home) == []
    told = {file.source: file.path.read_bytes() for file in finished(home)}
    assert told == {source: each + b"\n" for source, each in given.items()}


def test_a_stopped_spool_takes_nothing_and_may_be_stopped_again(home: Path) -> None:
    spool = Spool(home)
    spool.stop()
    spool.stop()
    with pytest.raises(SpoolFull, match="stopping") as refused:
        append(spool, "web", [line()])
    assert refused.value.retry_after == 1
    assert not home.exists()


def test_a_file_is_finished_once_it_is_old_enough_and_the_next_lines_begin_another(
    home: Path,
) -> None:
    spool = Spool(home, age=timedelta(milliseconds=50))
    first, second = line(), line()
    append(spool, "web", [first])
    (path,) = until_finished(home)
    append(spool, "web", [second])
    assert path.read_bytes() == first + b"\n"
    assert len(until_finished(home, 2)) == 2
    spool.stop()
    assert lines_in(home) == [first, second]


def test_a_file_is_finished_once_it_is_large_enough(home: Path) -> None:
    spool = Spool(home, file_size=400)
    given = [line() for _ in range(10)]
    for each in given:
        append(spool, "web", [each])
    spool.stop()
    sizes = [file.path.stat().st_size for file in finished(home)]
    assert len(sizes) == 4
    assert all(size >= 400 for size in sizes[:-1])
    assert lines_in(home) == given


def test_requests_that_wait_while_files_are_finished_are_all_kept_once(home: Path) -> None:
    spool = Spool(home, age=timedelta(milliseconds=5), file_size=2_000)

    async def write() -> list[bytes]:
        sent: list[bytes] = []

        async def client() -> None:
            for _ in range(25):
                batch = [line(), line()]
                sent.extend(batch)
                await spool.append("web", batch)

        await asyncio.gather(*[client() for _ in range(16)])
        await spool.close()
        return sent

    sent = run_apart(write())
    kept = lines_in(home)
    assert len(kept) == len(sent) == 800
    assert set(kept) == set(sent)
    assert len(finished(home)) > 20
    assert open_files(home) == []


def test_many_requests_share_a_flush(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushes = []
    monkeypatch.setattr(open_file, "_sync", lambda number: (flushes.append(1), os.fsync(number)))
    spool = Spool(home)

    async def write() -> None:
        await asyncio.gather(*[spool.append("web", [line()]) for _ in range(500)])

    run_apart(write())
    spool.stop()
    assert len(lines_in(home)) == 500
    assert len(flushes) <= 5


def test_whoever_stops_waiting_loses_no_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()

    def slow(number: int) -> None:
        gone.wait(5)
        os.fsync(number)

    monkeypatch.setattr(open_file, "_sync", slow)
    spool = Spool(home)

    async def write() -> None:
        task = asyncio.create_task(spool.append("web", [line()]))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_apart(write())
    gone.set()
    spool.stop()
    assert len(lines_in(home)) == 1


def test_a_write_that_fails_half_way_leaves_nothing_of_it_and_the_next_ones_go_on(
    home: Path,
) -> None:
    spool = Spool(home)
    first, refused, last = line(), [line() for _ in range(10)], line()
    append(spool, "web", [first])
    with files_of_at_most(500):
        with pytest.raises(SpoolFull, match="Nothing of this request was kept") as full:
            append(spool, "web", refused)
        assert full.value.retry_after > 0
        assert lines_in(home) == [first]
        # What is small enough is still taken in, by the same file.
        append(spool, "web", [last])
    append(spool, "web", refused)
    spool.stop()
    assert len(finished(home)) == 1
    assert lines_in(home) == [first, last, *refused]


def test_a_disk_that_is_full_from_the_start_leaves_no_file_behind(home: Path) -> None:
    spool = Spool(home)
    with files_of_at_most(1):
        for _ in range(3):
            with pytest.raises(SpoolFull):
                append(spool, "web", [line()])
    assert [path for path in spool_folder(home, "web").glob("*")] == []
    append(spool, "web", [each := line()])
    with files_of_at_most(1), pytest.raises(SpoolFull):
        append(spool, "other", [line()])
    spool.stop()
    assert lines_in(home) == [each]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_flush_that_fails_acknowledges_nothing_and_the_next_lines_come_into_another_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    spool = Spool(home)
    first, last = line(), line()
    append(spool, "web", [first])
    said = os.strerror(errno.EIO if number == errno.EIO else errno.ENOSPC)

    def fails(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(open_file, "_sync", fails)
        with pytest.raises(SpoolFull, match=said):
            append(spool, "web", [line()])
    # What came before the flush that failed is whole, and taken by the next load.
    assert [file.path.read_bytes() for file in finished(home)] == [first + b"\n"]
    append(spool, "web", [last])
    spool.stop()
    assert lines_in(home) == [first, last]


def test_a_source_that_cannot_be_written_stops_no_other(home: Path) -> None:
    spool = Spool(home)
    blocked = spool_folder(home, "web")
    blocked.parent.mkdir(parents=True)
    blocked.write_text("somebody's file")

    async def write() -> list[object]:
        appends = [spool.append("web", [line()]), spool.append("app", [line()])]
        return await asyncio.gather(*appends, return_exceptions=True)

    refused, taken = run_apart(write())
    spool.stop()
    assert isinstance(refused, SpoolFull)
    assert taken is None
    assert blocked.read_text() == "somebody's file"
    assert [file.source for file in finished(home)] == ["app"]


def test_more_than_the_disk_keeps_up_with_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()
    monkeypatch.setattr(open_file, "_sync", lambda _: gone.wait(5))
    monkeypatch.setattr("etl.collector.spool._MOST_WAITING", 300)
    spool = Spool(home)

    async def write() -> list[object]:
        appends = []
        for _ in range(6):
            appends.append(asyncio.create_task(spool.append("web", [line()])))
            await asyncio.sleep(0.01)
        gone.set()
        return await asyncio.gather(*appends, return_exceptions=True)

    answers = run_apart(write())
    spool.stop()
    refused = [answer for answer in answers if isinstance(answer, SpoolFull)]
    assert "does not keep up" in str(refused[0])
    assert len(lines_in(home)) == len(answers) - len(refused) > 1


def test_a_file_that_somebody_removed_takes_nothing_more(spool: Spool, home: Path) -> None:
    append(spool, "web", [line()])
    open_files(home)[0].path.unlink()
    append(spool, "web", [each := line()])
    assert lines_in(home) == [each]


def test_two_collectors_of_one_home_write_files_of_their_own(home: Path) -> None:
    one, other = Spool(home), Spool(home)
    given = [line() for _ in range(20)]
    for number, each in enumerate(given):
        append((one, other)[number % 2], "web", [each])
    assert len(open_files(home)) == 2
    one.stop()
    assert len(open_files(home)) == 1
    other.stop()
    assert sorted(lines_in(home)) == sorted(given)


def test_a_clock_that_is_set_back_overwrites_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(open_file.datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Stopped":
            return cls(2026, 3, 10, 12)

    monkeypatch.setattr(open_file, "datetime", Stopped)
    given = [line() for _ in range(4)]
    for each in given:
        # Another process of the same number, whose count begins anew.
        monkeypatch.setattr(open_file, "_NUMBERS", open_file.count(1))
        spool = Spool(home)
        append(spool, "web", [each])
        (file,) = open_files(home)
        spool.stop()
        # Those who read its lines meanwhile know it by the name that it gets.
        assert file.path.with_suffix("").read_bytes() == each + b"\n"
    assert len(finished(home)) == 4
    assert lines_in(home) == given


def test_the_home_stays_the_same_when_the_process_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    spool = Spool("home")
    monkeypatch.chdir(tmp_path / "elsewhere")
    append(spool, "web", [line()])
    spool.stop()
    assert len(finished(tmp_path / "home")) == 1


@settings(max_examples=some(8, of=100), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 5)), max_size=20))
def test_every_line_is_in_the_files_of_its_source_in_the_order_it_came(
    tmp_path_factory: pytest.TempPathFactory, requests: list[tuple[str, int]]
) -> None:
    home = tmp_path_factory.mktemp("spool")
    spool = Spool(home, file_size=600)
    sent: dict[str, list[bytes]] = {"a": [], "b": []}
    for source, number in requests:
        batch = [line() for _ in range(number)]
        sent[source] += batch
        append(spool, source, batch)
    spool.stop()
    for source, lines in sent.items():
        files = [file.path for file in finished(home) if file.source == source]
        assert [each for path in files for each in path.read_bytes().splitlines()] == lines
