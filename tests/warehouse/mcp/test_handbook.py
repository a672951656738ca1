"""What docs/mcp.md tells is done as it stands there, by real clients."""

import json
import re
import subprocess
import sys
from pathlib import Path

from mcp import StdioServerParameters

from tests.make import settings_of
from tests.warehouse.mcp.serving import MAIN, VISITORS, calling
from warehouse.cli.mcp import DEFAULT_PORT
from warehouse.mcp.builds import Builds
from warehouse.mcp.roles import WANTED
from warehouse.mcp.server import server_of

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
PROGRAM, HOME = "/srv/dwell/.venv/bin/dwell", "/srv/dwell/data"
ADDRESS = f"http://127.0.0.1:{DEFAULT_PORT}/mcp"


def blocks(language: str) -> list[str]:
    """The blocks of that language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_clients_of_the_handbook_reach_it(home: Path) -> None:
    desktop, code, http, _ = map(json.loads, blocks("json"))
    started = desktop["mcpServers"]["dwell"]
    assert code["servers"]["dwell"] == {"type": "stdio", **started}
    assert f"claude mcp add dwell -- {PROGRAM} {' '.join(started['args'])}" in TEXT
    assert http["mcpServers"]["dwell"] == {"url": ADDRESS}
    assert started["command"] == PROGRAM
    words = [str(home) if word == HOME else word for word in started["args"]]
    parameters = StdioServerParameters(command=sys.executable, args=["-c", MAIN, *words], cwd=ROOT)
    with calling(parameters) as caller:
        assert caller.answer("query_metric", metric="session_count")["rows"]


def test_the_snippet_prints_what_it_asks_for(address: str) -> None:
    (snippet,) = blocks("python")
    assert ADDRESS in snippet
    done = subprocess.run(
        [sys.executable, "-c", snippet.replace(ADDRESS, address)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0] == f"mobile 1.0 {VISITORS}"
    assert lines[-1] == "as of 2026-03-10T13:00:00+00:00"


def test_a_client_of_the_handbook_sends_the_token_of_its_config(tmp_path: Path) -> None:
    (config,) = blocks("toml")
    told = json.loads(blocks("json")[3])["mcpServers"]["dwell"]
    assert told["url"] == ADDRESS
    (variable,) = re.findall(r'token_env = "(\w+)"', config)
    assert told["headers"] == {"Authorization": f"Bearer ${{{variable}}}"}
    access = '[access.team_a]\nwhere = { device_type = ["mobile"] }\n'
    settings = settings_of(tmp_path, config + access)
    (ann,) = settings.tokens
    assert (ann.token_env, ann.scope) == (variable, settings.access[0].name)


def test_the_role_of_every_tool_is_in_the_handbook() -> None:
    rows = re.findall(r"^\| (viewer|analyst|operator) \| (.*?) \|$", TEXT, re.MULTILINE)
    told = {name: role for role, names in rows for name in re.findall("`([^`]+)`", names)}
    people = {name for wanted in WANTED.values() for name in wanted.people}
    assert told == {tool: wanted.role for tool, wanted in WANTED.items()} | dict.fromkeys(
        people, "viewer"
    )


def test_every_tool_and_argument_is_in_the_handbook(tmp_path: Path) -> None:
    with calling(server_of(Builds(settings_of(tmp_path)), "1")) as caller:
        tools = caller.run(caller.client.list_tools).tools
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \|", TEXT, re.MULTILINE))
    assert rows.keys() >= {tool.name for tool in tools}
    for tool in tools:
        told = set(re.findall(r"`(\w+)`", rows[tool.name]))
        # Every tool takes a build.
        assert told == tool.input_schema["properties"].keys() - {"build"}, tool.name
