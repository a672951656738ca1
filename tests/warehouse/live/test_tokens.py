"""Tokens at the reading endpoints: who may read what, who is nobody, and what is noted of it."""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from etl.collector.app import create_app
from etl.collector.spool import Spool
from etl.config.serve import ROLES
from etl.config.settings import Settings
from etl.errors import ConfigError
from tests.etl.collector.served import serve_app
from tests.make import settings_of
from tests.warehouse.live.asking import Told
from tests.warehouse.live.spooled import home_of, line, spool
from tests.warehouse.wrong_tokens import Headers, wrong_tokens
from warehouse.audit import Audit
from warehouse.build.scopes import copy_scopes
from warehouse.build_files import current
from warehouse.live.app import reading_routes
from warehouse.live.described import described
from warehouse.live.endpoints import ENDPOINTS

TOKENS = {role: f"Tk-{role}-0123456789abcdefghijkl" for role in ROLES}
CONFIG = "[collect]\nread_key = 's3cret'\n[sources.web]\nwrite_key = 'k'\n" + "".join(
    f'[tokens.{role}-1]\ntoken_sha256 = "{sha256(token.encode()).hexdigest()}"\n'
    f'roles = ["{role}"]\n'
    for role, token in TOKENS.items()
)
CONFIG += f"""
[access.crm_only]
where = {{ source = ["crm"] }}
[access.unmade]
where = {{ source = ["none"] }}
[tokens.crm-1]
token_sha256 = "{sha256(b"Tk-crm-0123456789abcdefghijkl").hexdigest()}"
roles = ["analyst"]
scope = "crm_only"
[tokens.unmade-1]
token_sha256 = "{sha256(b"Tk-unmade-0123456789abcdefghijkl").hexdigest()}"
roles = ["analyst"]
scope = "unmade"
"""
TOKENS_OF_SCOPES = {name: f"Tk-{name}-0123456789abcdefghijkl" for name in ("crm", "unmade")}
NOW = datetime.now(UTC)
# What each role is answered at each path. A new endpoint wants a line.
COUNTS = {"/active"}
MAY = {
    "viewer": COUNTS,
    "operator": COUNTS,
    "analyst": COUNTS
    | {
        *("/user/{user_id}/current", "/user/{user_id}/history", "/patterns/{user_id}"),
        *("/session/{id}", "/query"),
    },
}
QUESTIONS = {"/query": "?userId=ann"}


@dataclass(frozen=True)
class Reading:
    """A collector that is read, and its settings."""

    port: int
    settings: Settings

    def ask(
        self,
        address: str,
        *headers: tuple[str, str | bytes],
        method: str = "GET",
        body: bytes = b"",
        most: int | None = None,
    ) -> Told:
        """The answer to exactly these headers; of a stream so many bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, address)
        for name, value in (("Content-Length", str(len(body))), *headers):
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        read = answer.read1(most) if most else answer.read()
        connection.close()
        return Told(answer.status, told, read)

    def by(self, role: str, address: str, *headers: tuple[str, str], **more: Any) -> Told:
        """The answer to the token of a role, or of a scope."""
        return self.ask(
            address,
            ("Authorization", f"Bearer {(TOKENS | TOKENS_OF_SCOPES)[role]}"),
            *headers,
            **more,
        )


@contextmanager
def reading(settings: Settings) -> Iterator[Reading]:
    """A collector of these settings, over HTTP."""
    more = reading_routes(settings.home, settings)
    app = create_app(settings, Spool(settings.home), more, described=described())
    with serve_app(app) as port:
        yield Reading(port, settings)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """A collector with a read key and tokens, of a home where ann goes on."""
    home = tmp_path_factory.mktemp("tokens") / "home"
    at = [(NOW - timedelta(minutes=minutes)).isoformat() for minutes in (9, 2)]
    built, tail = (
        line(0, "click", user_id="ann", session_id="a1", page="/in", event_id=when)
        | {"event_time": when}
        for when in at
    )
    cat = line(0, user_id="cat", session_id="c1", source="crm") | {"event_time": at[0]}
    home_of(home, [built, cat], NOW, config="")
    spool(home, [tail, tail | {"user_id": "dan", "source": "crm"}], "2", is_open=True)
    settings = settings_of(home, CONFIG)
    assert copy_scopes(replace(settings, access=settings.access[:1]), current(home)) == []
    with reading(settings) as served:
        yield served


def paths() -> set[str]:
    """The paths of all reading endpoints, without what may stand before them."""
    routes = reading_routes(Path("nowhere"), Settings(home=Path("nowhere")))
    return {each.path.removeprefix("/api/v1").replace(":any_text", "") for each in routes}


def test_each_endpoint_has_a_role_and_is_in_the_matrix() -> None:
    assert paths() == {each.path for each in ENDPOINTS} == MAY["analyst"]
    assert all(set(each.roles) <= set(ROLES) for each in ENDPOINTS)
    told = described()["paths"]
    for endpoint in ENDPOINTS:
        for way in told[endpoint.path].values():
            (wanted,) = way["security"][1]["read_bearer"]
            assert {role for role in ROLES if endpoint.path in MAY[role]} >= {wanted}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_what_the_table_says(read: Reading, role: str) -> None:
    for path in sorted(paths()):
        asked = re.sub("{.*}", "a1" if path.startswith("/session") else "ann", path)
        for prefix in ("/api/v1", ""):
            address = f"{prefix}{asked}{QUESTIONS.get(path, '')}"
            answer = read.by(role, address)
            assert answer.status == (200 if path in MAY[role] else 403), address
            if path not in MAY[role]:
                assert "for the role analyst" in answer.json()["error"]
            if role != "analyst":
                assert b"ann" not in answer.body.replace(b"analyst", b"")
    status = read.by(role, "/query", method="POST", body=b'{"userId": "ann"}').status
    assert status == (200 if role == "analyst" else 403)


def test_totals_are_for_all_and_sessions_for_an_analyst(read: Reading) -> None:
    # An answer holds for a second, and is never that of another role.
    for _ in range(2):
        answers = {role: read.by(role, "/active").json() for role in ROLES}
        assert {answers[role]["live_user_count"] for role in ROLES} == {2}
        assert [role for role in ROLES if "sessions" in answers[role]] == ["analyst"]
    assert answers["viewer"]["source"] == "live"
    stream = ("Accept", "text/event-stream")
    for role in ROLES:
        told = read.by(role, "/active", stream, most=10_000)
        assert told.headers["content-type"].startswith("text/event-stream")
        assert (b'"user_id": "ann"' in told.body) == (role == "analyst")


def test_a_scope_is_told_its_rows_of_the_build_alone(read: Reading) -> None:
    answer = read.by("crm", "/active").json()
    assert (answer["source"], answer["events_since_build"]) == ("build", 0)
    assert "not parted by scopes" in answer["problem"]
    assert [session["user_id"] for session in answer["sessions"]] == ["cat"]
    assert read.by("crm", "/user/cat/current").json()["is_active"]
    # Ann is of another source, and dan came after the build.
    for user in ("ann", "dan"):
        assert read.by("analyst", f"/user/{user}/current").status == 200
        for path in (f"/user/{user}/current", f"/user/{user}/history", f"/patterns/{user}"):
            assert read.by("crm", path).status == 404
        assert read.by("crm", f"/query?userId={user}").json()["events"] == []
    assert read.by("crm", "/session/a1").status == 404
    told = read.by("crm", "/active", ("Accept", "text/event-stream"), most=10_000)
    assert b'"user_id": "cat"' in told.body
    assert b"ann" not in told.body
    unmade = read.by("unmade", "/active")
    assert (unmade.status, "no build of your scope yet" in unmade.json()["error"]) == (503, True)
    assert str(read.settings.home) not in unmade.json()["error"]


def test_the_read_key_reads_all_beside_tokens(read: Reading) -> None:
    for header in (("X-Read-Key", "s3cret"), ("Authorization", "Bearer s3cret")):
        assert read.ask("/user/ann/current", header).status == 200


GOOD = TOKENS["analyst"]
HOSTILE: dict[str, Headers] = wrong_tokens(GOOD) | {
    "a token as a key": [("X-Read-Key", GOOD)],
    "an empty key": [("X-Read-Key", "")],
    "two keys": [("X-Read-Key", "s3cret"), ("X-Read-Key", "s3cret")],
    "the write key": [("Authorization", "Bearer k")],
    "another key beside a token": [("X-Read-Key", "x"), ("Authorization", f"Bearer {GOOD}")],
}


@pytest.mark.parametrize("case", HOSTILE)
def test_who_has_no_token_is_told_nothing(read: Reading, case: str) -> None:
    for headers in ([], [("Accept", "text/event-stream")]):
        answer = read.ask("/active", *HOSTILE[case], *headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="dwell"'
        assert answer.body == read.ask("/active").body
    assert read.ask("/query?userId=ann", *HOSTILE[case]).status == 401


def test_a_token_of_the_address_or_a_huge_one_is_none(read: Reading) -> None:
    for name in ("access_token", "token", "key"):
        assert read.ask(f"/active?{name}={GOOD}").status == 401
    try:
        status = read.ask("/active", ("Authorization", f"Bearer {'x' * 100_000}")).status
    except (ConnectionError, http.client.HTTPException):
        # Closed while it was still being sent.
        status = 431
    assert status in (400, 401, 431)
    assert read.by("analyst", "/active").status == 200


def test_each_question_is_noted_without_a_value(read: Reading) -> None:
    audit = Audit(read.settings.home)
    before = len(list(audit.lines()))
    read.by("analyst", "/user/ann/current")
    read.by("analyst", "/query?sessionId=a1&limit=1")
    read.by("viewer", "/patterns/ann")
    read.ask("/session/none", ("X-Read-Key", "s3cret"))
    read.ask("/active")
    read.by("viewer", "/active", ("Accept", "text/event-stream"), most=10_000)
    lines = list(audit.lines())[before:]
    analyst, viewer = (audit.known_alias(f"token:{role}-1") for role in ("analyst", "viewer"))
    told = [(line["path"], line["who"], line.get("rows", line.get("came_to"))) for line in lines]
    assert told == [
        ("/user/{user_id}/current", analyst, 1),
        ("/query", analyst, 1),
        ("/patterns/{user_id}", viewer, 403),
        ("/session/{id}", None, 404),
        ("/active", viewer, 0),
    ]
    assert lines[0]["of_user"] == lines[2]["of_user"] == audit.known_alias("ann")
    assert lines[1]["of_session"] == audit.known_alias("a1")
    kept = b"".join(path.read_bytes() for path in (read.settings.home / "audit").iterdir())
    for secret in (b"ann", b'a1"', b"s3cret", *(token.encode() for token in TOKENS.values())):
        assert secret not in kept.replace(b"analyst", b"")


DECOYS = {
    "/user/ann/history?userId=decoy": {"of_user": "ann"},
    "/user/ann/current?user_id=decoy": {"of_user": "ann"},
    "/patterns/ann?sessionId=decoy": {"of_user": "ann"},
    "/session/a1?sessionId=decoy": {"of_session": "a1"},
    "/session/a1?id=decoy": {"of_session": "a1"},
    "/query?userId=ann&user_id=decoy": {},
    "/query?user_id=ann&limit=3": {"of_user": "ann"},
    "/query?sessionId=a1&user_id=ann": {"of_session": "a1", "of_user": "ann"},
}


@pytest.mark.parametrize("address", DECOYS)
def test_a_note_is_of_whom_the_answer_is_whatever_else_is_said(read: Reading, address: str) -> None:
    audit = Audit(read.settings.home)
    for role, status in (("analyst", 400 if "decoy" in address else 200), ("viewer", 403)):
        assert read.by(role, address).status == status
        line = list(audit.lines())[-1]
        assert {key: line[key] for key in line if key.startswith("of_")} == {
            key: audit.known_alias(name) for key, name in DECOYS[address].items()
        }
        assert line.get("came_to") == (None if status == 200 else status)


def test_without_a_read_key_tokens_alone_read(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home", CONFIG.replace("read_key = 's3cret'", ""))
    with reading(settings) as read:
        assert read.ask("/active").status == 401
        assert "read key" not in read.ask("/active").json()["error"]
        assert read.ask("/active", ("X-Read-Key", "")).status == 401
        # There is no build.
        answer = read.by("viewer", "/active")
        assert (answer.status, "No warehouse build" in answer.json()["error"]) == (503, True)
        assert str(tmp_path) not in answer.json()["error"]


SHARED = {
    "the read key": "[collect]\nread_key",
    "the write key of source 'web'": "[sources.web]\nwrite_key",
}


@pytest.mark.parametrize("what", SHARED)
def test_a_token_that_is_another_key_too_is_refused(tmp_path: Path, what: str) -> None:
    digest = sha256(GOOD.encode()).hexdigest()
    token = f'[tokens.ann]\ntoken_sha256 = "{digest}"\nroles = "viewer"\n'
    settings = settings_of(tmp_path / "home", f"{SHARED[what]} = '{GOOD}'\n{token}")
    with pytest.raises(ConfigError, match=f"same secret as {what}") as error:
        reading_routes(settings.home, settings)
    assert GOOD not in str(error.value)
