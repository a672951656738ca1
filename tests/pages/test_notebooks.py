"""The notebooks, and the lines for one that sections offer: they give the numbers of the pages."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient
from polars.testing import assert_frame_equal

import warehouse
from pages.ui import ask, notebook
from tests.pages.conftest import ROOT
from tests.pages.lines import run_lines, run_notebook
from warehouse import Filters
from warehouse.metrics import forecast, paths, retention

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
# What Jupyter completes them to.
COMPLETIONS = """
from IPython.core.completer import provisionalcompleter
with provisionalcompleter():
    found = [
        [each.text for each in get_ipython().Completer.completions(text, len(text))]
        for text in ("wh.metrics.lab.ti", "wh.metrics.overv")
    ]
found
"""
USUAL = {"bots": "1", "device": "desktop"}


def visited(wh):
    """Pages and what they are asked, so that each section which offers lines is drawn."""
    ((user,),) = wh.sql("select user_id from users order by event_count desc limit 1").fetchall()
    week = retention.matrix(wh, Filters.last_days(30, wh.as_of_date))["cohort_start"][0]
    first = paths.steps(wh, Filters.last_days(30, wh.as_of_date)).row(0, named=True)
    ((workflow,),) = wh.sql("select workflow_name from workflow_executions limit 1").fetchall()
    yield "app.py", USUAL
    yield "app.py", {"forecast": "1", "metric": "users"}
    yield "pages/engagement.py", USUAL
    yield "pages/retention.py", USUAL | {"by": "country"}
    yield "pages/retention.py", {"entered": str(week), "nth": "0"}
    yield "pages/funnels.py", USUAL | {"by": "country", "at": "2"}
    yield "pages/funnels.py", {"view": "workflows", "workflow": workflow}
    yield "pages/paths.py", {"step": "1", "node": first["node"], "next": first["next_node"]}
    for view in ("moves", "together"):
        yield "pages/paths.py", USUAL | {"view": view}
    yield "pages/paths.py", {"view": "patterns", "part": "session.task_focused"}
    yield "pages/compare.py", {"of": "median_duration_seconds"}
    yield "pages/llm_chat.py", {"by": "model"}
    yield "pages/breakdowns.py", USUAL | {"by": "exit_page"}
    yield "pages/sessions.py", USUAL
    yield "pages/users.py", USUAL
    yield "pages/users.py", {"user": user}
    yield "pages/data_health.py", {}
    for view in ("lab", "crosswalk"):
        yield "pages/definitions.py", {"view": view}


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def test_the_lines_of_each_section_give_what_its_page_was_told(open_page, home, wh, monkeypatch):
    told, met = [], set()
    answer, lines = ask._answer, notebook.lines

    def noted(*question):
        frame = answer(*question)
        told.append(frame)
        return frame

    def noted_lines(*args, **kwargs):
        caller = sys._getframe(1)
        met.add((Path(caller.f_code.co_filename).relative_to(ROOT).as_posix(), caller.f_lineno))
        return lines(*args, **kwargs)

    monkeypatch.setattr(ask, "_answer", noted)
    monkeypatch.setattr(notebook, "lines", noted_lines)
    # The home has forty days.
    monkeypatch.setattr(forecast, "LEAST_DAYS", 28)
    for file, asked in visited(wh):
        told.clear()
        test = open_page(file, home, **asked)
        for code in (each.value for each in test.code if each.language == "python"):
            given = run_lines(code)
            assert any(is_given(given, frame) for frame in told), (file, asked, code)
    assert sorted(offering() - met) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_in_jupyter_as_it_stands(home, monkeypatch, path):
    monkeypatch.setenv("DWELL_HOME", str(home))
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    # What it came to would be of another home.
    assert all(not cell.get("outputs") for cell in notebook["cells"])
    notebook["cells"].append(nbformat.v4.new_code_cell(COMPLETIONS))
    NotebookClient(notebook, timeout=120).execute()
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(code[-2]["outputs"]) == 1
    told = [out["data"] for out in code[-1]["outputs"] if "data" in out]
    assert [each["text/plain"] for each in told] == ["[['timeouts'], ['overview']]"]


def test_the_own_row_of_the_lab_of_the_notebook_is_the_build(home, monkeypatch):
    monkeypatch.setenv("DWELL_HOME", str(home))
    (path,) = [path for path in NOTEBOOKS if path.stem == "definition_lab"]
    names = run_notebook(nbformat.read(path, as_version=4))
    own = names["timeouts"].row(by_predicate=pl.col("timeout_minutes") == 30, named=True)
    totals = names["totals"].row(0, named=True)
    for name in ("session_count", "median_duration_seconds", "bounce_rate"):
        assert own[name] == pytest.approx(totals[name])
    assert own["one_event_rate"] == pytest.approx(totals["one_event_session_rate"])


def is_given(given, told):
    """Whether this is what a page was told: of a list, its first rows, as the lines give all."""
    try:
        assert_frame_equal(given.head(told.height), told, rel_tol=1e-9)
    except AssertionError:
        return False
    return True


def offering():
    """The file and line of each call that makes such lines."""
    return {
        (path.relative_to(ROOT).as_posix(), node.lineno)
        for path in (ROOT / "pages").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "notebook.lines"
    }
