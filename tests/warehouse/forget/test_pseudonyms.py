"""Forgetting where ids are pseudonyms: by the plain id, whose pseudonym alone is in the home."""

from pathlib import Path

import pytest

from etl.lake import Lake
from etl.privacy.pseudonyms import Pseudonyms
from tests.make import lake_table
from tests.warehouse.forget.homes import (
    ANN,
    forget_in,
    load_exports,
    settings_for,
    write_exports,
)
from tests.warehouse.forget.leftovers import leftovers

KEY = "0f3a" * 4 + "b7c2d9e8" * 3


@pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "pseudonym"])
def test_she_goes_and_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_plain: bool
) -> None:
    monkeypatch.setenv("DWELL_PSEUDONYM_KEY", KEY)
    home = tmp_path / "home"
    settings = settings_for(home, '[redact]\npseudonymise = ["user_id", "anonymous_id"]\n')
    exports = {"web": write_exports(tmp_path)["web"]}
    load_exports(home, exports, settings)
    name = Pseudonyms(KEY.encode()).of(ANN)
    assert leftovers(home, [name])
    done = forget_in(home, ANN if is_plain else name, settings=settings)
    assert sum(done.found.events.values()) == 10
    assert leftovers(home, [name]) == []
    path = exports["web"]
    path.write_text("\n" + path.read_text("utf-8"), "utf-8")
    (again,) = load_exports(home, exports, settings)
    assert (again.rows_loaded, again.rows_rejected) == (0, 10)
    assert {one["raw"] for one in lake_table(home, "rejected")} == {None}
    assert leftovers(home, [name]) == []
    assert [batch.rows_erased for batch in Lake(home).batches()] == [10, 0]
