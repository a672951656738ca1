"""The units and the Containerfile of docs/examples: what they run, by whom, and what they name."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.cli import COMMANDS, _parser

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
UNITS = sorted((EXAMPLES / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
CONTAINERFILE = (EXAMPLES / "Containerfile").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# What every service is denied; the rest differs by what it has to reach.
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "ReadWritePaths": "/srv/dwell/data",
}
# systemd's own measure, tenfold: 15 is "OK"; one that nothing is denied has 96.
MOST_EXPOSED = "20"


def keys(path: Path) -> dict[str, list[str]]:
    """All values of each key of a unit."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def accepted(words: list[str]) -> str:
    """The command of a call of `dwell` that its parser takes; it ends the test otherwise."""
    return str(_parser(words).parse_all(words, COMMANDS).command)


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile in order, each on one line."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", CONTAINERFILE, flags=re.MULTILINE))
    return [
        (word, " ".join(rest.split()))
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def values(instruction: str) -> list[str]:
    """What all instructions of that name say."""
    return [rest for word, rest in instructions() if word == instruction]


def test_the_units_are_these():
    assert [path.name for path in UNITS] == [
        "dwell-collect.service",
        "dwell-dashboard.service",
        "dwell-run.service",
        "dwell-run.timer",
    ]
    assert all(f"`{path.name}`" in OPERATIONS for path in UNITS)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_runs_a_command_that_is_there_and_not_as_root(path):
    unit = keys(path)
    program, *words = shlex.split(*unit["ExecStart"])
    assert program == "/srv/dwell/.venv/bin/dwell"
    assert accepted(words) == path.stem.removeprefix("dwell-")
    assert words[words.index("--config") + 1] == "/srv/dwell/dwell.toml"
    assert (unit["User"], unit["Group"]) == (["dwell"], ["dwell"])
    assert {key: unit[key][0] for key in HARDENED} == HARDENED
    assert "@system-service" in unit["SystemCallFilter"]
    assert unit["MemoryMax"]
    # A secret would be read by whoever lists the units.
    assert not {"Environment", "PassEnvironment"} & unit.keys()


needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="needs systemd-analyze"
)


@needs_systemd
def test_systemd_accepts_the_units_and_finds_them_closed(tmp_path):
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        here = text.replace("/srv/dwell/.venv/bin/dwell", str(Path(sys.executable)))
        (tmp_path / path.name).write_text(here)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / p.name) for p in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # It tells of other units of this machine too.
    assert [line for line in done.stderr.splitlines() if "dwell" in line] == []
    judge = ["systemd-analyze", "security", "--offline=yes", "--no-pager"]
    for path in SERVICES:
        judged = subprocess.run(
            [*judge, f"--threshold={MOST_EXPOSED}", str(tmp_path / path.name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert judged.returncode == 0, judged.stdout


def test_the_image_holds_what_is_named_and_no_more():
    copied = [shlex.split(rest) for rest in values("COPY")]
    own = [words for words in copied if not words[0].startswith("--from=")]
    sources = {source for words in own for source in words[:-1]}
    assert [source for source in sources if not (ROOT / source).exists()] == []
    # Never all that lies there: a dwell.toml, data, the history.
    assert not {".", "./", "*", ".git", "data", "dwell.toml"} & sources
    assert not any("*" in source for source in sources)
    # What the wheel would hold, and what Streamlit looks for beside it.
    assert {"app.py", "etl", "pages", "static", "warehouse", ".streamlit"} <= sources
    inside = CONTAINERFILE.split("FROM", 1)[1]
    assert not re.search(r"(?i)secret|token|password|https?://", inside)


def test_the_image_installs_by_the_locks_alone():
    installs = re.findall(r"pip install ([^&]*)", " && ".join(values("RUN")))
    assert len(installs) == 3
    for options in installs:
        assert "--no-cache-dir" in options
        assert "--require-hashes -r requirements" in options or "--no-deps --editable ." in options
    names = set(re.findall(r"-r (\S+)", " ".join(installs)))
    assert all((ROOT / name).exists() for name in names)


def test_the_image_runs_a_command_that_is_there_and_not_as_root():
    user = values("USER")[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    last = max(i for i, (word, _) in enumerate(instructions()) if word == "FROM")
    words = [word for word, _ in instructions()[last:]]
    # Nothing is done in the image after its user was set.
    assert not {"RUN", "COPY", "ADD"} & set(words[words.index("USER") :])
    (entry,), (command,) = map(values, ("ENTRYPOINT", "CMD"))
    assert json.loads(entry) == ["/opt/dwell/.venv/bin/dwell"]
    assert accepted(json.loads(command)) == "dashboard"
    # Open to everybody only where somebody says so.
    assert "--insecure" not in command


def test_the_calls_of_the_handbook_are_commands():
    calls = re.findall(r"^podman run .*?(?<!\\)$", OPERATIONS, re.MULTILINE | re.DOTALL)
    assert len(calls) == 3
    for call in calls:
        words = shlex.split(call.replace("\\\n", " "))
        assert "--read-only" in words
        accepted(words[words.index("dwell") + 1 :])


def healthy(port: int) -> int:
    """What the health check of the image says of a dashboard on that port."""
    (rest,) = values("HEALTHCHECK")
    _, *words = json.loads(rest.partition("CMD ")[2])
    assert "'127.0.0.1', 8501" in words[-1]
    words[-1] = words[-1].replace("8501", str(port))
    return subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode


def test_the_health_check_asks_what_the_dashboard_answers():
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    from pages.ui.guard import HEALTH

    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        status = 200
        assert healthy(server.server_port) == 0
        status = 503
        assert healthy(server.server_port) == 1
        server.shutdown()
    assert healthy(server.server_port) == 1
    assert set(asked) <= set(HEALTH)
