"""Saved queries: what is kept of them, and what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse import DwellError
from warehouse.read_only import MOST_CHARACTERS
from warehouse.saved_queries import SavedQuery, delete_query, read_queries, save_query


def test_a_query_is_kept_as_it_was_written(tmp_path: Path) -> None:
    text = "select 'ü' as \"name\" -- why\n\n  from users"
    saved = save_query(tmp_path, "Who is ü?", text)
    assert saved == SavedQuery("who_is_u", "Who is ü?", text)
    assert read_queries(tmp_path) == ({"who_is_u": saved}, [])
    delete_query(tmp_path, "who_is_u")
    delete_query(tmp_path, "who_is_u")
    assert read_queries(tmp_path) == ({}, [])


@pytest.mark.parametrize(
    ("label", "text", "told"),
    [
        ("Twice", "select 2", "There is a query 'twice' already"),
        ("Nothing", " \n", "Nothing is asked"),
        ("Long", "x" * (MOST_CHARACTERS + 1), "has 100,001 characters"),
        ("", "select 1", "The query"),
    ],
)
def test_what_is_no_query_is_not_saved(tmp_path: Path, label: str, text: str, told: str) -> None:
    save_query(tmp_path, "Twice", "select 1")
    with pytest.raises(DwellError, match=told):
        save_query(tmp_path, label, text)
    assert list(read_queries(tmp_path)[0]) == ["twice"]


def test_what_cannot_be_read_hides_nothing_else(tmp_path: Path) -> None:
    entries = {"good": {"label": "Good", "text": "select 1"}, "odd": {"label": "Odd"}, "bad": 7}
    file = tmp_path / "queries.json"
    file.write_text(json.dumps({"queries": entries}))
    found, problems = read_queries(tmp_path)
    assert list(found) == ["good"]
    assert [problem.split(" of ")[0] for problem in problems] == [
        "The query 'odd'",
        "The query 'bad'",
    ]
    file.write_text("{")
    assert "is damaged" in read_queries(tmp_path)[1][0]
