"""Tokens over HTTP: who may call what, who is nobody, and what is noted of it."""

import http.client
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from etl.config.serve import ROLES
from tests.make import settings_of
from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.mcp.serving import (
    VISITORS,
    Caller,
    calling,
    over_stdio,
    token_server,
    with_token,
)
from tests.warehouse.wrong_tokens import Headers, wrong_tokens
from warehouse.audit import Audit
from warehouse.build.scopes import copy_scopes
from warehouse.build_files import current
from warehouse.mcp.builds import Builds
from warehouse.mcp.roles import WANTED
from warehouse.mcp.server import server_of
from warehouse.serving import Visitor

TOKENS = {role: f"Tk-{role}-0123456789abcdefghijkl" for role in ROLES}
# One is known by its hash alone.
CONFIG = f"""
[tokens.viewer-1]
token_env = "DWELL_TOKEN_V"
roles = ["viewer"]
[tokens.analyst-1]
token_sha256 = "{sha256(TOKENS["analyst"].encode()).hexdigest()}"
roles = ["analyst"]
[tokens.operator-1]
token_env = "DWELL_TOKEN_O"
roles = ["operator"]
[access.phones]
where = {{ device_type = ["mobile"] }}
[access.unmade]
where = {{ device_type = ["tablet"] }}
[tokens.phones-1]
token_env = "DWELL_TOKEN_P"
roles = ["analyst"]
scope = "phones"
[tokens.unmade-1]
token_env = "DWELL_TOKEN_U"
roles = ["analyst"]
scope = "unmade"
"""
OF_SCOPE = {name: f"Tk-{name}-0123456789abcdefghijkl" for name in ("phones", "unmade")}
SECRETS = {
    "DWELL_TOKEN_V": TOKENS["viewer"],
    "DWELL_TOKEN_O": TOKENS["operator"],
    "DWELL_TOKEN_P": OF_SCOPE["phones"],
    "DWELL_TOKEN_U": OF_SCOPE["unmade"],
}
# A call of each tool that is answered to whoever may make it. A new tool wants one.
CALLS: dict[str, dict[str, Any]] = {
    "get-session-analytics": {},
    "list_metrics": {},
    "query_metric": {"metric": "session_count"},
    "get_user_timeline": {"user_id": "ann"},
    "get_session": {"session_id": "(ann's)"},
    "get_alerts": {},
    "describe_tables": {},
    "run_sql": {"sql": "select user_id from user_sessions"},
}
NUMBERS = {"get-session-analytics", "list_metrics", "query_metric"}
MAY = {
    "viewer": NUMBERS,
    "analyst": NUMBERS | {"get_user_timeline", "get_session", "describe_tables", "run_sql"},
    "operator": NUMBERS | {"get_alerts"},
}


@dataclass(frozen=True)
class Guarded:
    """A server with tokens: where it is, its home, and its log."""

    address: str
    home: Path
    log: Path


@pytest.fixture(scope="module")
def guarded(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server of a home of its own, which notes who asks."""
    folder = tmp_path_factory.mktemp("tokens")
    own = Path(shutil.copytree(home, folder / "home"))
    settings = settings_of(own, CONFIG)
    assert copy_scopes(replace(settings, access=settings.access[:1]), current(own)) == []
    with token_server(own, folder, CONFIG, SECRETS) as (address, log):
        yield Guarded(address, own, log)


@pytest.fixture(scope="module", params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    """Each role."""
    return str(request.param)


@pytest.fixture(scope="module")
def holder(guarded: Guarded, role: str) -> Iterator[Caller]:
    """A client with the token of that role."""
    with calling(with_token(guarded.address, TOKENS[role])) as caller:
        yield caller


@pytest.fixture(scope="module")
def anns_session(wh: Any) -> str:
    """The id of a session of hers."""
    found = wh.sql("select min(session_id) from user_sessions where user_id = 'ann'")
    return str(found.fetchall()[0][0])


def every_tool() -> set[str]:
    """The tools of the server, as it lists them to whoever has the home."""
    with calling(server_of(Builds(settings_of(Path("nowhere"))), "1")) as caller:
        return {tool.name for tool in caller.run(caller.client.list_tools).tools}


def test_each_tool_has_a_role_and_is_in_the_matrix() -> None:
    tools = every_tool()
    assert WANTED.keys() == tools
    assert CALLS.keys() == tools
    assert set().union(*MAY.values()) == tools
    assert {
        role: {tool for tool, wanted in WANTED.items() if wanted.role in (role, "viewer")}
        for role in ROLES
    } == MAY


def test_a_role_is_listed_what_it_may_call_and_called_no_more(
    holder: Caller, role: str, anns_session: str
) -> None:
    listed = {tool.name for tool in holder.run(holder.client.list_tools).tools}
    assert listed == MAY[role]
    for tool, arguments in CALLS.items():
        asked = {**arguments, "session_id": anns_session} if tool == "get_session" else arguments
        if tool in MAY[role]:
            assert holder.answer(tool, **asked)["build"] == 1
        else:
            text = holder.refusal(tool, **asked)
            assert f"{tool} is for the role {WANTED[tool].role}" in text
            assert "ann" not in text.replace("analyst", "")
    guide = holder.client.instructions or ""
    assert [tool for tool in CALLS if tool in guide and tool not in MAY[role]] == []


def test_a_role_without_people_asks_of_nobody_in_particular(holder: Caller, role: str) -> None:
    (tool,) = (
        tool
        for tool in holder.run(holder.client.list_tools).tools
        if tool.name == "get-session-analytics"
    )
    may = role == "analyst"
    assert ("user_id" in tool.input_schema["properties"]) == may
    for given in ({"user_id": "ann"}, {"user_id": 0}, {"user_id": ""}, {"benchmark": True}):
        # Without a user there is no benchmark, whoever asks.
        result = holder.ask("get-session-analytics", **given)
        told = str(result.content)
        assert ("for the role analyst" in told) == (not may), given
    assert holder.answer("get-session-analytics", user_id=None, benchmark=False)["user_id"] is None
    if not may:
        wrong = holder.refusal("get-session-analytics", userid="ann")
        assert "user_id" not in wrong
        # No condition names anybody.
        for where in ({"user_id": "ann"}, ["user_id=ann"], {"session_id": "x"}):
            assert holder.ask("query_metric", metric="session_count", where=where).is_error
        assert holder.ask("query_metric", metric="session_count", by="user_id").is_error


PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPTED = {
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}


def send(
    address: str, headers: list[tuple[str, str | bytes]], body: Any = PING, method: str = "POST"
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of the answer to exactly these headers."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    content = json.dumps(body).encode()
    connection.putrequest(method, parts.path + (f"?{parts.query}" if parts.query else ""))
    for name, value in (*ACCEPTED.items(), ("Content-Length", str(len(content))), *headers):
        connection.putheader(name, value)
    connection.endheaders(content)
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    text = answer.read().decode()
    connection.close()
    return answer.status, told, text


GOOD = TOKENS["analyst"]
HOSTILE: dict[str, Headers] = wrong_tokens(GOOD) | {
    "another header": [("X-Read-Key", GOOD), ("X-Api-Key", GOOD)],
}


@pytest.mark.parametrize("case", HOSTILE)
def test_who_has_no_token_is_told_nothing(guarded: Guarded, case: str) -> None:
    status, headers, text = send(guarded.address, HOSTILE[case])
    assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="dwell"')
    # The same for all: nothing tells what was wrong.
    assert text == send(guarded.address, [])[2]
    assert "Authorization: Bearer" in text


def test_nothing_but_the_header_is_looked_at(guarded: Guarded) -> None:
    good = [("Authorization", f"Bearer {GOOD}")]
    for address in (f"?access_token={GOOD}", f"?token={GOOD}", "/../x", "x"):
        assert send(guarded.address + address, [])[0] == 401
    for method in ("GET", "DELETE", "OPTIONS", "HEAD", "PUT"):
        assert send(guarded.address, [], method=method)[0] == 401
    assert send(guarded.address, good)[0] == 200
    # The scheme's name has no case (RFC 9110); names of other machines stay refused.
    assert send(guarded.address, [("authorization", f"bearer  {GOOD}")])[0] == 200
    assert send(guarded.address, [*good, ("Origin", "http://evil.example")])[0] == 403


def test_a_huge_token_is_refused_and_the_server_goes_on(guarded: Guarded) -> None:
    huge: list[tuple[str, str | bytes]] = [("Authorization", f"Bearer {'x' * 100_000}")]
    try:
        status = send(guarded.address, huge)[0]
    except (ConnectionError, http.client.HTTPException):
        # Closed while it was still being sent.
        status = 431
    assert status in (400, 401, 431)
    assert send(guarded.address, [("Authorization", f"Bearer {GOOD}")])[0] == 200


def test_a_session_of_one_token_gives_another_one_nothing(guarded: Guarded) -> None:
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }  # fmt: skip
    call = {
        "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "run_sql", "arguments": {"sql": "select 'told'"}},
    }  # fmt: skip
    analyst: list[tuple[str, str | bytes]] = [("Authorization", f"Bearer {GOOD}")]
    viewer: list[tuple[str, str | bytes]] = [("Authorization", f"Bearer {TOKENS['viewer']}")]
    status, headers, _ = send(guarded.address, analyst, hello)
    assert status == 200
    # No session is begun: each request stands for itself. One that says otherwise changes nothing.
    session = headers.get("mcp-session-id", "0123456789abcdef0123456789abcdef")
    told = [("Mcp-Session-Id", session), ("Mcp-Protocol-Version", "2025-06-18")]
    assert '[[\\"told\\"]]' in send(guarded.address, [*analyst, *told], call)[2]
    text = send(guarded.address, [*viewer, *told], call)[2]
    assert "run_sql is for the role analyst" in text
    assert "told" not in text
    assert send(guarded.address, [*told], call)[0] == 401


def test_a_scope_is_told_its_rows_and_no_others(guarded: Guarded, anns_session: str) -> None:
    with calling(with_token(guarded.address, OF_SCOPE["phones"])) as caller:
        listed = {tool.name for tool in caller.run(caller.client.list_tools).tools}
        assert listed == MAY["analyst"]
        assert "for the role operator" in caller.refusal("get_alerts")
        answer = caller.answer("query_metric", metric="session_count", days=30)
        assert (answer["rows"][0]["value"], answer["scope"]) == (VISITORS, "phones")
        assert caller.answer("get-session-analytics")["total_sessions"] == VISITORS
        assert caller.answer("get-session-analytics", user_id="ann")["total_sessions"] == 0
        users = "select count(*), count(*) filter (user_id in ('ann', 'bob')) from users"
        assert caller.answer("run_sql", sql=users)["rows"] == [[VISITORS, 0]]
        assert caller.answer("get_user_timeline", user_id="v01")["rows_total"] == 1
        assert "No user 'ann'" in caller.refusal("get_user_timeline", user_id="ann")
        assert "No session" in caller.refusal("get_session", session_id=anns_session)
        # No way leads out of its folder.
        whole = guarded.home / "builds" / "wh-000001.duckdb"
        for sql in (f"from '{whole}'", f"attach '{whole}'", "from '../../../builds/*.duckdb'"):
            caller.refusal("run_sql", sql=sql)


def test_a_scope_without_a_build_is_told_so_without_a_path(guarded: Guarded) -> None:
    with calling(with_token(guarded.address, OF_SCOPE["unmade"])) as caller:
        for tool in sorted(MAY["analyst"]):
            asked = {**CALLS[tool]}
            text = caller.refusal(tool, **asked)
            assert "no build of your scope yet" in text, tool
            assert str(guarded.home) not in text


def test_where_the_home_lies_is_for_operators(guarded: Guarded, tmp_path: Path) -> None:
    for token in (*TOKENS.values(), *OF_SCOPE.values()):
        with calling(with_token(guarded.address, token)) as caller:
            for tool, arguments in (("list_metrics", {}), ("run_sql", {"sql": "select 1"})):
                told = caller.refusal(tool, **arguments, build=99)
                assert str(guarded.home) not in told
                assert "scopes/" not in told
    settings = settings_of(tmp_path / "home")
    for role, is_told in {"viewer": False, "analyst": False, "operator": True}.items():
        who = Visitor("x", frozenset({role, "viewer"}))
        with calling(server_of(Builds(settings), "1", who)) as caller:
            told = caller.refusal("list_metrics")
            assert "No warehouse build" in told
            assert (str(tmp_path) in told) is is_told


def test_a_client_of_stdin_is_given_a_role_and_a_scope(guarded: Guarded) -> None:
    config = str(guarded.log.parent / "dwell.toml")
    words = ("--config", config, "--scope", "phones", "--role", "viewer")
    with calling(over_stdio(guarded.home, *words)) as caller:
        listed = {tool.name for tool in caller.run(caller.client.list_tools).tools}
        assert listed == MAY["viewer"]
        assert "for the role analyst" in caller.refusal("run_sql", sql="select 1")
        assert caller.answer("get-session-analytics")["total_sessions"] == VISITORS


def test_tokens_at_once_have_each_its_own(guarded: Guarded) -> None:
    with (
        calling(with_token(guarded.address, GOOD)) as analyst,
        calling(with_token(guarded.address, TOKENS["viewer"])) as viewer,
    ):

        async def ask(caller: Caller) -> list[bool]:
            answers: list[bool] = []

            async def one() -> None:
                told = await caller.client.call_tool("describe_tables", {"table": "users"})
                answers.append(bool(told.is_error))

            async with anyio.create_task_group() as group:
                for _ in range(6):
                    group.start_soon(one)
            return answers

        with ThreadPoolExecutor(2) as threads:
            asked = [threads.submit(one.run, ask, one) for one in (analyst, viewer)]
        assert [future.result() for future in asked] == [[False] * 6, [True] * 6]


def test_each_call_is_noted_without_a_value(guarded: Guarded) -> None:
    audit = Audit(guarded.home)
    with calling(with_token(guarded.address, GOOD)) as caller:
        caller.answer("run_sql", sql="select 'needle' from user_sessions limit 3")
        caller.answer("get_user_timeline", user_id="ann")
        caller.refusal("get_session", session_id="no such needle", needle="needle")
        caller.refusal("needle_tool")
    with calling(with_token(guarded.address, TOKENS["viewer"])) as caller:
        caller.refusal("run_sql", sql="select 'needle'")
    who = audit.known_alias("token:analyst-1")
    *_, sql, timeline, session, unknown = [line for line in audit.lines() if line["who"] == who]
    last = list(audit.lines())[-1]
    assert (sql["kind"], sql["tool"], sql["rows"], sql["build"]) == ("tool", "run_sql", 3, 1)
    assert sql["roles"] == ["analyst", "viewer"]
    assert timeline["of_user"] == audit.known_alias("ann")
    assert (session["came_to"], session["arguments"]) == ("refused", ["session_id"])
    assert (unknown["tool"], unknown["came_to"]) == (None, "refused")
    assert last["who"] == audit.known_alias("token:viewer-1")
    assert (last["tool"], last["came_to"]) == ("run_sql", "refused")
    kept = b"".join(path.read_bytes() for path in (guarded.home / "audit").iterdir())
    assert b"needle" not in kept
    assert b"analyst-1" not in kept


def test_no_token_is_written_anywhere(guarded: Guarded) -> None:
    for case in HOSTILE.values():
        send(guarded.address, case)
    send(f"{guarded.address}?access_token={GOOD}", [])
    with calling(with_token(guarded.address, GOOD)) as caller:
        # What fails in an unforeseen way is logged with its place.
        caller.ask("query_metric", metric="session_count", where={"a": {"b": float("1e300")}})
        caller.ask("run_sql", sql="no sql")
    kept = b"".join(path.read_bytes() for path in (guarded.home / "audit").iterdir())
    written = guarded.log.read_bytes() + kept
    assert b"MCP on http://127.0.0.1" in written
    assert [role for role, token in TOKENS.items() if token.encode() in written] == []
    assert [role for role, t in TOKENS.items() if sha256(t.encode()).digest() in written] == []


def test_what_cannot_be_noted_is_not_told(home: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(home, tmp_path / "home"))
    (own / "audit").write_text("in the way")
    server = server_of(Builds(settings_of(own)), "1", audit=Audit(own))
    with calling(server) as caller:
        assert "could not be noted" in caller.refusal("query_metric", metric="session_count")


ANN = '[tokens.ann]\ntoken_env = "ANN"\nroles = "viewer"\n'
STARTS = {
    "a role over HTTP": (["--http", "--role", "viewer"], "", "Over HTTP tokens say both"),
    "a scope over HTTP": (["--http", "--scope", "a"], "", "Over HTTP tokens say both"),
    "an operator of a scope": (["--scope", "a", "--role", "operator"], "", "is of all rows"),
    "an unknown scope": (["--scope", "a"], "", "There is no scope 'a'"),
    "others without a token": (["--http", "--host", "0.0.0.0"], "", "there is no token"),
    "a token that is not set": (
        ["--http"],
        ANN.replace("ANN", "NOT_SET"),
        "The environment has no NOT_SET",
    ),
}


@pytest.mark.parametrize("case", STARTS)
def test_what_does_not_fit_is_told_before_it_serves(dwell: Dwell, case: str) -> None:
    words, config, told = STARTS[case]
    Path("dwell.toml").write_text(config, encoding="utf-8")
    result = dwell("mcp", *words, *(["--port", "0"] if "--http" in words else []))
    assert result.code == 2
    assert told in result.err


def test_a_token_that_stands_in_pages_is_none(
    dwell: Dwell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN", GOOD)
    config = f'{ANN}[sources.web]\nwrite_key = "{GOOD}"\n'
    Path("dwell.toml").write_text(config, encoding="utf-8")
    result = dwell("mcp", "--http", "--port", "0")
    assert (result.code, "same secret as the write key of source 'web'" in result.err) == (2, True)
    assert GOOD not in result.err
