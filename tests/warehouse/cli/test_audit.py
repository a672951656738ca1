"""dwell audit: the lines of a name, of an object, and the newest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.audit import Audit

CASES = {
    "all": ((), [1, 2, 3]),
    "of who asked": (("--who", "ann"), [1, 2]),
    "of nobody": (("--who", "eve"), []),
    "of whom a page was": (("--of", "u-17"), [2, 3]),
    "of both": (("--who", "ann", "--of", "u-17"), [2]),
    "the newest": (("--last", "2"), [2, 3]),
    "none": (("--last", "0"), []),
}


@pytest.mark.parametrize("name", CASES)
def test_lines_are_found_by_names(dwell, name):
    audit = Audit(Path("data"))
    audit.note(at=1, who=audit.alias("ann"))
    audit.note(at=2, who=audit.alias("ann"), of_user=audit.alias("u-17"))
    audit.note(at=3, who=audit.alias("bob"), of_session=audit.alias("u-17"))
    arguments, wanted = CASES[name]
    result = dwell("audit", *arguments)
    assert result.code == 0
    assert [json.loads(line)["at"] for line in result.out.splitlines()] == wanted
    assert [line["at"] for line in dwell("audit", *arguments, "--json").json["lines"]] == wanted


def test_nothing_was_noted(dwell):
    assert dwell("audit", "--who", "ann") == dwell("audit")
    assert not Path("data").exists()
