"""dwell forget and dwell export-user, as people call them."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.homes import lake_rows
from tests.soak.forget import check_goes_on, killed
from tests.warehouse.forget.homes import ANN, DEVICE, SHARED
from warehouse.cli import main
from warehouse.forget.run import Forgotten


def called(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    code = main([str(word) for word in words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_dry_run_tells_what_would_go(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "forget", ANN, "--home", home, "--dry-run")
    assert code == 0
    assert "15 events of trk, web would go, 3 anonymous ids with the users." in out
    assert "2 rejected rows would go." in out
    assert "2 collected lines would go." in out
    assert "2 places in segments.json would go." in out
    assert "later.ndjson" in out
    assert "Receipt" not in out


def test_nobody_known_is_told_and_fails(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "forget", "nobody", "--home", home)
    assert code == 1
    assert out.splitlines() == [
        "Nothing is known of 'nobody'. Give the id as the data has it, or its pseudonym.",
        "Nothing was changed.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Nobody is named. Give user ids"),
        (["--file", "missing.txt"], "missing.txt cannot be read: No such file"),
    ],
)
def test_what_names_nobody_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, _, err = called(capsys, "forget", *words, "--home", home)
    assert code == 2
    assert said in err


def test_a_file_names_many(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "people.txt").write_text(f"{ANN}\n\n bob \nnobody\n", "utf-8")
    given = ("--file", tmp_path / "people.txt", "--home", home, "--json", "--dry-run")
    code, out, _ = called(capsys, "forget", *given)
    told = json.loads(out)
    assert code == 1
    assert (told["users"], told["unknown"]) == (2, ["nobody"])
    before = [row for row in lake_rows(home) if row[3] in (ANN, "bob", DEVICE, SHARED)]
    assert sum(told["events"].values()) == len(before)


@pytest.mark.parametrize("moment", [20, 75])
def test_whoever_is_killed_goes_on(home: Path, both: Path, moment: int) -> None:
    before = lake_rows(home)
    assert killed(home, moment) is None
    check_goes_on(home, before, both / "without")


def test_somebody_gets_what_is_held_of_them(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ann.json"
    code, said, _ = called(capsys, "export-user", ANN, "--home", home, "--out", out)
    assert (code, said) == (0, f"15 events, 11 sessions, 2 rejected rows: {out}\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    held: dict[str, Any] = json.loads(out.read_text("utf-8"))
    assert held["ids"] == [ANN]
    assert {(one["anonymous_id"], one["valid_to"]) for one in held["identities"]} == {
        (DEVICE, None),
        (SHARED, "2026-03-02 12:00:00"),
        (SHARED, None),
    }
    assert {one["user_id"] for one in held["events"]} == {ANN, DEVICE, SHARED}
    assert "/bob-too" not in {one["page"] for one in held["events"]}
    assert {one["user_id"] for one in held["profile"]} == {ANN, DEVICE}
    assert {one["reason"] for one in held["rejected"]} == {"no readable time", "not valid JSON"}
    code, _, err = called(capsys, "export-user", ANN, "--home", home, "--out", out)
    assert code == 2
    assert "is there already" in err


def test_of_whom_was_forgotten_nothing_is_held(
    done: tuple[Path, Forgotten], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = called(capsys, "export-user", ANN, "--home", done[0])
    assert (code, out) == (1, "")
    assert f"Nothing is known of '{ANN}'" in err
