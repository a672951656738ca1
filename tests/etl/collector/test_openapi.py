"""The OpenAPI document is true: what it allows is answered as it says, and never by a failure."""

import re
from pathlib import Path

import pytest

from etl.collector.openapi import document
from etl.collector.operations import OPERATIONS
from tests.etl.collector.served import serve

CALLS = 250


def test_the_document_says_all_that_can_be_asked(tmp_path: Path) -> None:
    with serve(tmp_path / "home") as collector:
        told = collector.ask("GET", "/openapi.json")
    assert (told.status, told.headers["content-type"]) == (200, "application/json")
    assert told.said["openapi"].startswith("3.1")
    assert told.said["paths"].keys() == {op.path for op in OPERATIONS} | {"/health"}


def test_every_reference_leads_somewhere() -> None:
    written = document("1")
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(written)))
    assert named == written["components"]["schemas"].keys()


def test_whatever_is_sent_is_answered_as_the_document_says(tmp_path: Path) -> None:
    pytest.importorskip("schemathesis")
    from tests.soak.openapi import call

    with serve(tmp_path / "home", body_time=5) as collector:
        statuses = call(collector.port, CALLS)
    assert sum(statuses.values()) >= CALLS
    assert max(statuses) < 500
    # Both are met: what is taken, and what is refused.
    assert statuses.keys() >= {200, 201, 204, 400}
