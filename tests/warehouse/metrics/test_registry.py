"""The registry, the query files and the metric functions tell of the same things."""

import inspect
import re
import subprocess
import sys

import pytest

from warehouse import metrics
from warehouse.filters import Filters
from warehouse.metrics import answers, overview, registry
from warehouse.query import QUERIES, SHARED, path_of, prepared, query_names, sql_of

# Made of other metrics, in Python: change takes them three times and compares, breakdown is
# breakdowns.by under its older names, patterns are breakdowns by a pattern; a trend of funnels
# looks through the events of their steps; the story of a session is told from its other metrics,
# and its events are those that the sessions have; what a home keeps beside its builds, and what two
# builds differ in, no single build can be asked; forecasts are made of a series.
COMPOSED = {
    *("health.builds", "health.checks", "health.refused", "health.failing"),
    *("health.build_diff", "health.build_changes"),
    *("health.rejected_rows", "health.time_shapes"),
    *("overview.change", "overview.breakdown", "breakdowns.change"),
    *("funnels.trend", "patterns.sessions", "patterns.users", "patterns.trend"),
    *("sessions.story", "users.session_events"),
    *("compare.groups", "compare.periods", "compare.by_segment"),
    *("compare.sizes", "compare.sample_ratio", "lab.valley"),
    *("forecast.daily", "forecast.back_test"),
    *("normal.of_period", "proxy.periods"),
}
# What comparisons are put together of: which groups there are, who is in several, what units add up
# to; the days that periods of tables in place of a tracker are; and the days of which a forecast
# learns nothing.
PARTS = {
    *("compare.named", "compare.shared_users", "compare.shared_sessions"),
    *("compare.sums", "compare.quantiles", "compare.portions"),
    "compare.segments",
    *("forecast.faulty_days", "proxy.days"),
}
# What alerts judge days by; no metric of a period.
OF_ALERTS = {"alerts.days", "alerts.faults", "alerts.loads", "alerts.sources"}
# What a copy for a scope of rows begins with.
OF_SCOPES = {"scopes.sessions"}
# The session statistics object is a metric of its own module.
OBJECTS = {"session_stats.get_session_stats"}


def is_metric(module, name, function):
    """Whether a function of a module is one of its metrics: of its __all__, else written there."""
    if name.startswith("_"):
        return False
    listed = getattr(module, "__all__", None)
    return name in listed if listed else function.__module__ == module.__name__


FUNCTIONS = {
    f"{name_of_module}.{name}": function
    for name_of_module in metrics.__all__
    if name_of_module != "registry"
    for module in [getattr(metrics, name_of_module)]
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if is_metric(module, name, function)
}


def test_every_function_has_a_query_and_every_query_a_function():
    assert set(query_names()) == set(FUNCTIONS) - COMPOSED | OBJECTS | PARTS | OF_ALERTS | OF_SCOPES


def test_every_shared_relation_has_a_file_and_is_read():
    files = {path_of(name) for name in SHARED}
    assert all(path.is_file() for path in files)
    assert set(QUERIES.glob("_*.sql")) <= files


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.sql")), ids=lambda path: path.stem)
def test_every_query_opens_with_a_sentence_and_its_grain(path):
    lines = path.read_text().splitlines()
    comment = [line for line in lines[:8] if line.startswith("-- ")]
    assert comment[0][3].isupper()
    assert any(line.startswith("-- grain: ") for line in comment)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_names_its_columns_and_its_empty_case(open_build, name):
    text = inspect.getdoc(FUNCTIONS[name])
    assert re.search(r"\bColumns?:", text)
    assert re.search(r"[Nn]o\s+rows|Always\s+one\s+row|One\s+row\s+per", text)


def test_docstrings_name_every_column_of_the_totals(open_build):
    wh = open_build([])
    for function in (overview.totals, overview.daily, overview.change):
        columns = function(wh, Filters()).columns
        text = inspect.getdoc(function)
        missing = [name for name in columns if name not in text]
        assert all(name.startswith("previous_") for name in missing), missing


def test_registry_and_sql_hold_the_same_measures(open_build):
    wh = open_build([])
    columns = wh.sql(*prepared(wh, "overview.totals")).columns
    in_sql = {name for name in columns if not re.search("_(n|sd)$", name)}
    in_registry = set(registry.TOTALS)
    assert not in_sql - in_registry, (
        f"{sorted(in_sql - in_registry)} of _measured_sessions.sql have no Metric in registry.py"
    )
    assert not in_registry - in_sql, (
        f"{sorted(in_registry - in_sql)} of registry.py have no line in _measured_sessions.sql"
    )


def test_metric_is_a_count_where_its_name_says_so():
    # The queries fill in 0 by this: a count of nothing is 0, anything else is not known.
    for metric in registry.METRICS:
        assert metric.name.endswith("_count") is (metric.unit == "count"), metric.name
        assert not re.search("_(key|rank|date)$", metric.name), metric.name


@pytest.mark.parametrize("shown", ["CARDS", "TRENDS", "COLUMNS"])
def test_overview_shows_metrics_of_sessions_and_users(shown):
    places = getattr(registry, shown)
    names = places.values() if isinstance(places, dict) else places
    assert set(names) <= set(registry.TOTALS)


def test_registry_is_loaded_without_the_readers():
    code = (
        "import sys, types\n"
        "for name in ('warehouse', 'warehouse.metrics'):\n"
        "    package = types.ModuleType(name)\n"
        "    package.__path__ = [name.replace('.', '/')]\n"
        "    sys.modules[name] = package\n"
        "import warehouse.metrics.registry\n"
        "print({'polars', 'duckdb', 'warehouse.query'} & set(sys.modules))"
    )
    root = QUERIES.parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("metric", registry.METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_defined_and_is_a_column_of_its_query(open_build, metric):
    assert metric.unit in ("count", "seconds", "rate", "per_session")
    assert metric.better in (-1, 0, 1)
    assert metric.definition.endswith(".")
    assert metric.name in sql_of(metric.query)
    frame = FUNCTIONS[metric.query](open_build([]), Filters())
    assert metric.name in frame.columns
    empty = frame[metric.name].item()
    assert ("null" if empty is None else str(empty)) == metric.empty


def test_every_number_of_the_totals_is_in_the_registry(open_build):
    answer = overview.totals(open_build([]), Filters()).columns
    assert set(answer) <= set(registry.BY_NAME)


def test_names_and_labels_are_used_once():
    for values in ("name", "label", "definition"):
        every = (*registry.METRICS, *answers.ANSWERS)
        answer = [getattr(metric, values) for metric in every]
        assert len(answer) == len(set(answer))


def test_the_text_of_a_query_holds_the_filter_that_it_runs_with():
    text = sql_of("overview.totals")
    assert text.startswith("-- Headline numbers")
    assert text.count("from user_sessions") == 1
    assert "$include_bots or not is_bot" in text


def test_an_unknown_query_is_refused_with_a_hint():
    from etl.errors import ConfigError

    with pytest.raises(ConfigError, match=r"Did you mean 'overview\.totals'"):
        sql_of("overview.total")
