"""Notes of visits: whole lines by many writers, no names, days that go, and failures told."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from etl.errors import DwellError
from warehouse.audit import Audit

TODAY = datetime.now(UTC)


# A server that notes 200 visits, in a home and under a number.
WRITES = """
import sys
from pathlib import Path
from warehouse.audit import Audit

audit, writer = Audit(Path(sys.argv[1])), int(sys.argv[2])
for at in range(200):
    audit.note(kind="page", who=audit.alias("ann"), writer=writer, at=at, filler="\u00e9" * 500)
"""


def test_lines_of_several_servers_are_whole_and_share_a_key(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITES, str(tmp_path), str(at)]) for at in range(2)
    ]
    assert [each.wait(timeout=60) for each in writers] == [0, 0]
    lines = list(Audit(tmp_path).lines())
    assert sorted((line["writer"], line["at"]) for line in lines) == [
        (writer, at) for writer in range(2) for at in range(200)
    ]
    assert {line["who"] for line in lines} == {Audit(tmp_path).known_alias("ann")}
    assert {path.suffix for path in (tmp_path / "audit").iterdir()} == {".ndjson", ""}


def test_a_name_stands_nowhere_and_is_found_by_who_knows_it(tmp_path):
    audit = Audit(tmp_path)
    audit.note(kind="page", who=audit.alias("ann@example.com"), of_user=audit.alias("u-17"))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "audit").iterdir())
    assert b"ann" not in kept
    assert b"u-17" not in kept
    [line] = Audit(tmp_path).lines()
    assert line["who"] == Audit(tmp_path).known_alias("ann@example.com")
    assert line["who"] != Audit(tmp_path).known_alias("bob@example.com")
    assert Audit(tmp_path / "other").known_alias("ann@example.com") is None
    other = Audit(tmp_path / "other")
    assert other.alias("ann@example.com") != line["who"]


def test_who_logs_in_is_one_however_the_name_is_written(tmp_path):
    audit = Audit(tmp_path)
    assert audit.alias_of_login("Ann@Example.com") == audit.alias_of_login("ann@example.com")
    assert audit.alias_of_login("Ann@Example.com") == audit.known_alias("ann@example.com")
    assert audit.alias_of_login(None) is None
    # No login is taken for a token, for another login, or for the other in words of `--who`.
    logins = ("ann", "token:ann", "TOKEN:ann:x", "login:ann", "login:token:ann", "login:login:ann")
    aliases = {login: audit.alias_of_login(login) for login in logins}
    tokens = {name: audit.who(name, ())["who"] for name in ("ann", "Ann", "ann:x")}
    assert len({*aliases.values(), *tokens.values()}) == len(logins) + len(tokens)
    for login, alias in aliases.items():
        assert audit.known_alias_of_who(f"login:{login}") == alias
    assert audit.known_alias_of_who("Ann") == aliases["ann"]
    for name, alias in tokens.items():
        assert audit.known_alias_of_who(f"token:{name}") == alias
    # An id of the product is another with other letters.
    assert audit.alias("U-17") != audit.alias("u-17")


def test_only_its_user_reads_the_notes(tmp_path):
    audit = Audit(tmp_path)
    audit.note(who=audit.alias("ann"))
    folder = tmp_path / "audit"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(("age", "stays"), [(0, True), (10, True), (11, False), (4000, False)])
def test_old_days_go_at_the_first_line_of_a_new_one(tmp_path, age, stays):
    (tmp_path / "audit").mkdir()
    day = f"{TODAY - timedelta(days=age):%Y-%m-%d}"
    old = tmp_path / "audit" / f"{day}.ndjson"
    old.write_text('{"kind": "old"}\n')
    foreign = tmp_path / "audit" / "notes of mine.txt"
    foreign.write_text("kept")
    Audit(tmp_path, timedelta(days=10)).note(kind="page")
    assert (json.dumps({"kind": "old"}) in old.read_text() if old.exists() else False) == stays
    assert foreign.exists()


def test_without_a_limit_all_stays(tmp_path):
    (tmp_path / "audit").mkdir()
    old = tmp_path / "audit" / "1999-01-01.ndjson"
    old.touch()
    Audit(tmp_path).note(kind="page")
    assert old.exists()


def test_half_a_line_costs_no_other(tmp_path):
    audit = Audit(tmp_path)
    audit.note(at=1)
    [path] = (tmp_path / "audit").glob("*.ndjson")
    with path.open("ab") as file:
        file.write(b'{"time": "2026-\n')
    audit.note(at=2)
    assert [line["at"] for line in audit.lines()] == [1, 2]


def test_what_cannot_be_noted_is_told(tmp_path):
    (tmp_path / "audit").write_text("a file where the folder should be")
    audit = Audit(tmp_path)
    for act in (lambda: audit.note(kind="page"), lambda: audit.alias("ann")):
        with pytest.raises(DwellError, match=r"could not be noted .* so it is not shown\. Wanted"):
            act()


def test_a_key_that_was_cut_is_told_and_not_replaced(tmp_path):
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "key").write_bytes(b"short")
    with pytest.raises(DwellError, match="its key is cut"):
        Audit(tmp_path).alias("ann")
    assert (tmp_path / "audit" / "key").read_bytes() == b"short"


def test_a_full_disk_loses_one_line_and_says_so(small_disk):
    audit = Audit(small_disk)
    audit.note(at=0)
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    with pytest.raises(DwellError, match="could not be noted"):
        audit.note(at=1, long="x" * 20_000)
    filler.unlink()
    audit.note(at=2)
    assert [line["at"] for line in audit.lines()] == [0, 2]
