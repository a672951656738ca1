"""What docs/tracking.md tells is done as it stands there."""

import configparser
import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from etl.collector.operations import OPERATIONS
from etl.config.settings import load_settings
from tests.apart import run_apart
from tests.docs.examples.collecting import collecting
from warehouse.cli import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tracking.md").read_text(encoding="utf-8")


def examples(language):
    """The blocks of that language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The home after the curl examples were sent, and what each of them was answered."""
    home = tmp_path_factory.mktemp("told") / "data"
    home.mkdir()
    config, _ = examples("toml")
    (home / "dwell.toml").write_text(config.replace('home = "data"', f'home = "{home}"'))
    calls, variables = examples("sh")
    with pytest.MonkeyPatch.context() as patch, collecting(home, DWELL_BACKEND_KEY="b") as address:
        script = variables.replace("http://127.0.0.1:8600", address)
        script += calls.replace("curl ", "curl -sS -w ' %{http_code}\\n' ")
        done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True)
        patch.setenv("DWELL_BACKEND_KEY", "b")
    return home, [line.rpartition(" ") for line in done.stdout.splitlines()]


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")


@needs_curl
def test_every_call_is_taken(told):
    answers = [(int(status), json.loads(body)) for body, _, status in told[1]]
    assert [status for status, _ in answers] == [201, 200, 200, 200, 200, 200]
    assert answers[0][1] == {"id": "s-1", "session_id": "s-1"}
    assert [body["accepted"] for _, body in answers[1:]] == [1, 2, 1, 1, 1]


@needs_curl
def test_the_calls_are_one_session_of_a_person_and_a_stray_event(told, monkeypatch, capsys):
    home, _ = told
    monkeypatch.setenv("DWELL_BACKEND_KEY", "b")
    assert main(["load", "--home", str(home), "--config", str(home / "dwell.toml")]) == 0
    capsys.readouterr()
    query = (
        "select given_session_id as id, user_id, is_bot, browser, event_count, exit_reason, "
        "entry_page, entry_source from user_sessions order by id nulls last"
    )
    assert main(["sql", query, "--home", str(home), "--format", "json"]) == 0
    visit, stray = json.loads(capsys.readouterr().out)
    assert visit == {
        "id": "s-1", "user_id": "ada", "is_bot": False, "browser": "Firefox", "event_count": 6,
        "exit_reason": "logout", "entry_page": "/pricing", "entry_source": "external",
    }  # fmt: skip
    assert (stray["id"], stray["user_id"], stray["event_count"]) == (None, "ada", 1)


def test_every_path_is_in_the_handbook():
    for operation in OPERATIONS:
        path = operation.path.replace("{session_id}", "{id}")
        path = path.replace("/api/session/", "/session/")
        assert path in TEXT or path.rpartition("/{id}")[2] in TEXT, path


def test_the_limits_are_the_defaults(tmp_path):
    table = tomllib.loads(examples("toml")[1])["collect"]
    (tmp_path / "dwell.toml").write_text(examples("toml")[1])
    assert load_settings(tmp_path).collect == load_settings(tmp_path / "none").collect
    assert table.keys() == {"rate_limit", "key_rate_limit", "body_limit", "salt", "honour_dnt"}


def test_the_service_collects_until_it_is_told_to_stop(tmp_path):
    (text,) = examples("ini")
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    _, *words = unit["Service"]["ExecStart"].split()
    (tmp_path / "dwell.toml").write_text('[sources.web]\nwrite_key = "k"\n')
    given = [word.replace("/srv/dwell", str(tmp_path)) for word in words]
    command = [sys.executable, "-c", "import sys; from warehouse.cli import main; sys.exit(main())"]
    with subprocess.Popen(
        [*command, *given, "--port", "0"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as server:
        said = json.loads(server.stderr.readline())
        urllib.request.urlopen(f"http://127.0.0.1:{said['port']}/health", timeout=10).close()
        server.send_signal(signal.SIGTERM)
        server.stderr.read()
    assert server.returncode == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path):
    (text,) = examples("ini")
    text = text.replace("/srv/dwell/.venv/bin/dwell", "/bin/true").replace("User=dwell\n", "")
    unit = tmp_path / "dwell-collect.service"
    unit.write_text(text.replace("/srv/dwell", str(tmp_path)))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_collector_can_be_a_part_of_another_app(tmp_path):
    block = examples("python")[1].replace("/srv/dwell", str(tmp_path))
    names = {}
    exec(compile(block, "tracking.md", "exec"), names)
    body = b'{"events": [{"type": "page_view", "session_id": "s"}]}'
    scope = {
        "type": "http", "method": "POST", "path": "/dwell/i", "raw_path": b"/dwell/i",
        "query_string": b"", "headers": [], "root_path": "", "client": ("127.0.0.1", 1),
    }  # fmt: skip
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    async def one_request():
        async with names["lifespan"](names["app"]):
            await names["app"](scope, receive, send)

    run_apart(one_request())
    assert sent[0]["status"] == 204
    (file,) = (tmp_path / "data" / "landing" / "web" / "collected").glob("*.ndjson")
    assert json.loads(file.read_text())["session_id"] == "s"


def test_the_three_minutes_of_the_readme_fit_together(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"## Track your product.*?(?=\n## )", text, re.DOTALL)[0]
    config = re.search(r"<<'END'\n(.*?)END", section, re.DOTALL)[1]
    (tmp_path / "dwell.toml").write_text(config)
    (source,) = load_settings(tmp_path).sources
    assert f'data-key="{source.write_key}"' in section
    assert "http://127.0.0.1:8000" in source.origins
    for command in re.findall(r"^dwell (.*?) &$", section, re.MULTILINE):
        with pytest.raises(SystemExit, match="0"):
            main([*command.split(), "--help"])
