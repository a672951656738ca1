"""Calls made up of what the OpenAPI document allows, and of what it does not: `make soak-openapi`.

Each answer is held against the document. The suite has a short slice of it.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from etl.collector.openapi import document
from tests.etl.collector.served import KEY, serve

_CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


def call(port: int, calls: int) -> Counter[int]:
    """How often each status was answered. An assertion fails where an answer is not as told."""
    schema = schemathesis.openapi.from_dict(document("1"))
    right, wrong = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    # What does not fit takes longest to make up, and is refused in one way.
    cases = st.one_of(
        operation.ok().as_strategy(generation_mode=mode)
        for operation in schema.get_all_operations()
        for mode in (right, right, right, wrong)
    )
    statuses: Counter[int] = Counter()

    @hypothesis.settings(
        max_examples=calls,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(cases)
    def ask(case: Any) -> None:
        sent = {"X-Write-Key": KEY}
        answer = case.call(base_url=f"http://127.0.0.1:{port}", session=session, headers=sent)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=_CHECKS)

    with requests.Session() as session:
        ask()
    return statuses


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "home") as collector:
        found = call(collector.port, wanted)
    print(f"{sum(found.values()):,} calls: {dict(sorted(found.items()))}")
