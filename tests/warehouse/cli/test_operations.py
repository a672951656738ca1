"""The examples of docs/operations.md do what they say: each is taken from there and run."""

import configparser
import json
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from etl.lake import locked
from tests.make import write_ndjson
from tests.warehouse.cli.conftest import ROWS
from warehouse.health import HomeState

ROOT = Path(__file__).parents[3]
OPERATIONS = ROOT / "docs" / "operations.md"


def examples(language: str) -> list[str]:
    """The blocks of that language in the handbook."""
    return re.findall(
        rf"```{language}\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder as /srv/dwell is in the handbook, with one export."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/dwell").symlink_to(Path(sys.executable).parent / "dwell")
    (tmp_path / "dwell.toml").write_text('[sources.web]\npath = "*.ndjson"\n')
    write_ndjson(tmp_path / "a.ndjson", ROWS)
    return tmp_path


def here(text: str, place: Path) -> str:
    """The example as it reads when it is not in /srv/dwell."""
    assert "/srv/dwell" in text
    return text.replace("/srv/dwell", str(place))


def test_the_cron_line_loads(place: Path) -> None:
    (block,) = examples("cron")
    (line,) = block.strip().splitlines()
    assert line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    *when, command = line.split(maxsplit=5)
    assert when == ["*/15", "*", "*", "*", "*"]
    # In a crontab a percent sign ends the command.
    assert "%" not in command
    done = subprocess.run(["sh", "-c", here(command, place)], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    lines = [line for line in (place / "load.log").read_text().splitlines() if line[:1] == "{"]
    assert "file_loaded" in [json.loads(line)["event"] for line in lines]
    with locked(place / "data"):
        busy = subprocess.run(["sh", "-c", here(command, place)], check=False)
    assert busy.returncode == 75


def units(place: Path) -> dict[str, str]:
    """The texts of the service and of the timer, by file name."""
    service, timer = examples("ini")
    return {"dwell-load.service": here(service, place), "dwell-load.timer": timer}


def test_the_service_loads_and_takes_a_held_lock_for_no_failure(place: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(units(place)["dwell-load.service"])
    service = unit["Service"]
    command = service["ExecStart"].split()
    folder = service["WorkingDirectory"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "1 file loaded" in done.stdout
    with locked(place / "data"):
        busy = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert str(busy.returncode) == service["SuccessExitStatus"]


def test_systemd_accepts_the_units(place: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    paths = []
    for name, text in units(place).items():
        (place / name).write_text(text)
        paths.append(str(place / name))
    done = subprocess.run(
        [program, "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "dwell-load" in line]
    assert (done.returncode, ours) == (0, [])
    when = re.search(r"OnCalendar=(.*)", examples("ini")[1])
    assert when is not None
    calendar = subprocess.run(
        [program, "calendar", when[1]], capture_output=True, text=True, check=True
    )
    assert "Normalized form: *-*-* *:00/15:00" in calendar.stdout


def test_the_container_s_command_runs_until_it_is_told_to_stop(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = (ROOT / "docs" / "examples" / "Containerfile").read_text(encoding="utf-8")
    (call,) = re.findall(r"dwell:/data dwell (run .*)$", OPERATIONS.read_text(), re.MULTILINE)
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", image, re.MULTILINE)
    (home,) = re.findall(r"DWELL_HOME=(\S+)", image)
    command = [json.loads(entry)[0].replace("/opt/dwell/", ""), *call.split()]
    monkeypatch.setenv("DWELL_HOME", str(place / home.strip("/")))
    with subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if json.loads(line)["event"] == "round_finished":
                break
        running.send_signal(signal.SIGTERM)
    assert running.returncode == 0
    assert (place / home.strip("/") / "builds" / "current.json").exists()


def test_every_event_of_the_log_is_in_the_handbook() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    named = set()
    for path in (ROOT / "warehouse" / "cli").glob("*.py"):
        named |= set(re.findall(r'event="(\w+)"', path.read_text(encoding="utf-8")))
    assert len(named) > 10
    assert {name for name in named if f"`{name}`" not in text} == set()


def test_every_key_of_the_status_is_in_the_handbook() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    assert {field.name for field in fields(HomeState) if f"`{field.name}`" not in text} == set()


def test_every_temporary_name_is_in_the_handbook() -> None:
    from etl.load.dropped_files import _UNFINISHED

    text = OPERATIONS.read_text(encoding="utf-8")
    assert {
        end for end in _UNFINISHED if f"`*{end}`" not in text and f"`x{end}`" not in text
    } == set()
