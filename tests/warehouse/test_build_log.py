"""The log of builds: durable, small, and nothing depends on it."""

import json
from datetime import UTC, datetime

from warehouse import build_log
from warehouse.build_files import Build, build_path, builds_folder


def a_build(home, number):
    builds_folder(home).mkdir(parents=True, exist_ok=True)
    return Build(
        number=number,
        path=build_path(builds_folder(home), number),
        built_at=datetime(2026, 3, 10, 12, tzinfo=UTC),
        as_of=None,
        time_zone="UTC",
        batches=number,
        events=10 * number,
        sessions=number,
        seconds=0.1,
        parts=(),
        kept_parts={},
        fingerprints={},
        reason="new events",
        checks={"a__b_c": (0, 0.2)},
    )


def test_lines_are_read_as_they_were_noted_and_a_cut_one_is_passed_over(tmp_path):
    build_log.note(tmp_path, a_build(tmp_path, 1))
    path = builds_folder(tmp_path) / build_log.LOG
    # A kill in the middle of a write.
    path.write_text(path.read_text() + '\n{"build": 2, "reas')
    build_log.note(tmp_path, a_build(tmp_path, 3))
    build_log.note_refused(tmp_path, "A check found bad rows.")
    first, third, refused = build_log.read(tmp_path)
    assert (first["build"], third["build"], third["events"]) == (1, 3, 30)
    assert first["checks"] == {"a__b_c": [0, 0.2]}
    assert refused["message"] == "A check found bad rows."


def test_a_home_without_builds_has_no_line(tmp_path):
    assert build_log.read(tmp_path) == []


def test_a_folder_that_cannot_be_written_stops_no_build(tmp_path):
    build = a_build(tmp_path, 1)
    (builds_folder(tmp_path) / build_log.LOG).mkdir()
    build_log.note(tmp_path, build)
    assert build_log.read(tmp_path) == []


def test_a_long_log_is_shortened_to_its_newest_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(build_log, "MOST_LINES", 3)
    monkeypatch.setattr(build_log, "_MOST_BYTES", 2000)
    for number in range(1, 31):
        build_log.note(tmp_path, a_build(tmp_path, number))
    numbers = [row["build"] for row in build_log.read(tmp_path)]
    assert numbers[-1] == 30
    assert len(numbers) < 15
    assert numbers == list(range(numbers[0], 31))
    text = (builds_folder(tmp_path) / build_log.LOG).read_text()
    assert all(json.loads(line) for line in text.splitlines() if line)
