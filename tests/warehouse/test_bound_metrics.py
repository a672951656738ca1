"""wh.metrics: the metrics of one warehouse."""

import inspect
from operator import attrgetter

import pytest

from tests.warehouse.small_builds import session
from warehouse import Filters, metrics


def test_metrics_of_a_warehouse_are_those_asked_with_it(open_build):
    wh = open_build([session("ann"), session("ben")])
    filters = Filters()
    assert wh.metrics.overview.totals(filters).equals(metrics.overview.totals(wh, filters))
    assert wh.metrics.breakdowns.by(filters, "browser").height == 2
    assert dir(wh.metrics) == sorted(set(metrics.__all__) - {"registry"})
    assert "series" in dir(wh.metrics.overview)


def test_a_notebook_is_told_what_there_is_and_what_it_says(open_build):
    wh = open_build([])
    totals = wh.metrics.overview.totals
    assert inspect.getdoc(totals) == inspect.getdoc(metrics.overview.totals)
    assert list(inspect.signature(totals).parameters) == ["filters"]
    said = repr(wh.metrics.overview).splitlines()
    assert said[0] == metrics.overview.__doc__.splitlines()[0]
    assert [line.split()[0] for line in said if line][1:] == dir(wh.metrics.overview)
    assert [line.split()[0] for line in repr(wh.metrics).splitlines()[2:]] == dir(wh.metrics)


@pytest.mark.parametrize("path", ["overveiw", "overview.totl", "overview.pl", "overview._number"])
def test_what_is_no_metric_is_not_there(open_build, path):
    found = open_build([]).metrics
    with pytest.raises(AttributeError, match=path.rpartition(".")[2]):
        attrgetter(path)(found)
