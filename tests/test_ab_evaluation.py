"""The demo's two models: what was planted is found, by the metrics and by the notebook alike."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import warehouse
from etl.demo import generate
from warehouse import Filters
from warehouse.metrics import answers, chat, compare

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebooks" / "ab_evaluation.ipynb"
UNTIL = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ANSWERS = ("rephrased_rate", "copied_rate", "median_latency_seconds")

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The chats of a demo that is half as large as that of `dwell demo`."""
    folder = tmp_path_factory.mktemp("answers")
    export = generate(folder / "export", seed=7, events=90_000, until=UNTIL)
    dwell = Path(sys.executable).with_name("dwell")
    command = [dwell, "load", "--home", folder / "home", "--config", export.config]
    command += ["--source", "chat", export.folder / "chat"]
    subprocess.run(command, capture_output=True, check=False, cwd=folder)
    return folder / "home"


@pytest.fixture(scope="module")
def wh(home):
    """Its warehouse."""
    with warehouse.open(home) as opened:
        yield opened


def test_the_planted_effect_is_found_and_the_planted_non_effect_is_not(wh):
    """etl/demo/chat.py: aurora is rephrased less often and is quicker, and is copied as often."""
    found = compare.groups(wh, Filters(), metrics=ANSWERS, baseline="baseline")
    rows = {row["metric"]: row for row in found.iter_rows(named=True) if row["group"] == "aurora"}
    assert rows["rephrased_rate"]["is_decided"]
    assert rows["rephrased_rate"]["verdict"].startswith("Better than baseline: -")
    assert rows["median_latency_seconds"]["is_decided"]
    assert not rows["copied_rate"]["is_decided"]
    assert rows["copied_rate"]["verdict"].startswith("No difference shown")


def test_the_build_says_what_each_metric_of_answers_counts(wh):
    told = dict(wh.sql("select name, definition from metrics").fetchall())
    assert {name: told[name] for name in answers.BY_NAME} == {
        name: metric.definition for name, metric in answers.BY_NAME.items()
    }


def test_groups_are_compared_by_the_numbers_of_the_chat_page(wh):
    names = {"rephrased_rate": "rephrased_rate", "answer_error_rate": "error_rate"}
    names |= {name: name for name in ("copied_rate", "selected_rate", "citation_rate")}
    names |= {name: name for name in ("silent_success_rate", "silent_failure_rate")}
    names |= {"feedback_rate": "feedback_rate"}
    found = compare.groups(wh, Filters(), metrics=tuple(names))
    models = {
        row["model_group"]: row
        for row in chat.models(wh, Filters(), "model_group").rows(named=True)
    }
    for row in found.iter_rows(named=True):
        assert row["value"] == pytest.approx(models[row["group"]][names[row["metric"]]], rel=1e-12)
    timed = compare.groups(wh, Filters(), metrics=("median_latency_seconds", "p95_latency_seconds"))
    for row in timed.iter_rows(named=True):
        column = "p50_ms" if row["metric"].startswith("median") else "p95_ms"
        assert row["value"] * 1000 == pytest.approx(models[row["group"]][column])


def test_the_notebook_comes_to_the_numbers_of_the_page_in_ten_lines(home, wh, tmp_path):
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(code[0].splitlines()) <= 10
    script = "\n".join([*code, "result.write_parquet('result.parquet')"])
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"DWELL_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    period = Filters.last_days(90, wh.as_of_date)
    page = compare.groups(wh, period, metrics=(*ANSWERS, "session_count"), baseline="baseline")
    told = pl.read_parquet(tmp_path / "result.parquet")
    # Threads add up in any order.
    assert_frame_equal(told, page, rel_tol=1e-9)
