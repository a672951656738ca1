"""dwell query: one metric of the sessions that conditions and segments take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import warehouse
from etl.config.settings import Settings
from warehouse.cli.asking import add_asking, asked_of
from warehouse.cli.filtering import chosen
from warehouse.cli.output import rows, say, say_json
from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension, dimension_named
from warehouse.exports.answers import answer
from warehouse.filters import Filters
from warehouse.metric_answers import GRAINS
from warehouse.metrics import compared, data, overview, registry
from warehouse.metrics.compared import Before
from warehouse.metrics.registry import Metric
from warehouse.written import NULL, WRITERS, amount, change, csv_of

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = "dwell query bounce_rate --where device_type=mobile --by week --format csv"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The metric, of which sessions, by what, and the shape of the answer."""
    command.add_argument(
        "metric", metavar="METRIC", help=", ".join(registry.TOTALS) + ", or one of dwell.toml"
    )
    add_asking(command)
    command.add_argument(
        "--format", default="table", choices=["table", "csv", "json"], help="output"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints all rows of the answer."""
    with warehouse.open(settings.home, build=args.build) as wh:
        metrics = registry.measures(wh)
        found = answer(wh, settings, asked_of(args, metric=args.metric))
        frame, filters = found.metric_frame(), found.filters
        before = _before(args, wh, filters)
        metric, dimensions = metrics[args.metric], wh.dimensions
    if args.json or args.format == "json":
        told = {"compare": args.compare, "comparison": before and before.sentence}
        say_json(_asked(args, wh, filters, metric) | told | {"rows": frame.to_dicts()})
        return 0
    if args.format == "csv":
        say(csv_of(frame).decode().removesuffix("\n"))
        return 0
    ends = f"{filters.start or 'first day'} to {filters.end or 'last day'}"
    say(f"{metric.label}, {ends}{chosen(args)}")
    if before:
        say(before.sentence)
        frame = frame if before.is_there else frame.drop(_compared(metric), strict=False)
    if args.by in (None, *GRAINS):
        _say_periods(frame, metric, is_total=args.by is None)
    else:
        _say_values(frame, metric, dimension_named(args.by, dimensions))
    return 0


def _before(args: argparse.Namespace, wh: Warehouse, filters: Filters) -> Before | None:
    """What the period is compared with, in the words of the pages; None unless it is asked for."""
    if not args.compare:
        return None
    sessions = overview.change(wh, filters, args.compare).row(0, named=True)
    return compared.before(sessions, data.extent(wh)["min_date"].item(), args.compare)


def _compared(metric: Metric) -> list[str]:
    """The columns that say nothing where there is nothing to compare."""
    names = ("current", "previous", "change")
    return [
        *("current_start", "current_end", "previous_start", "previous_end"),
        *("is_covered", "difference", "previous_value", *names),
        *(f"{metric.name}_{name}" for name in names),
    ]


def _asked(
    args: argparse.Namespace, wh: Warehouse, filters: Filters, metric: Metric
) -> dict[str, Any]:
    """What the rows are of."""
    return {
        "metric": metric.name,
        "unit": metric.unit,
        "by": args.by,
        "from": filters.start,
        "to": filters.end,
        "where": args.where,
        "segments": args.segment,
        "build": wh.build,
        "as_of": wh.as_of,
    }


def _say_periods(frame: pl.DataFrame, metric: Metric, *, is_total: bool) -> None:
    shown = frame.drop("metric", "change_kind", "better", strict=False)
    told = {name: _written(name, metric, shown[name].to_list()) for name in shown.columns}
    if is_total:
        for name, (text,) in told.items():
            say(f"  {name:16}  {text}")
        return
    rows([list(row) for row in zip(*told.values(), strict=True)], list(told))


def _say_values(frame: pl.DataFrame, metric: Metric, dimension: Dimension) -> None:
    values = [
        "(total)" if row["is_total"] else _on_a_line(row["value"] or dimension.unknown)
        for row in frame.select("value", "is_total").to_dicts()
    ]
    # No value is beyond a limit here.
    shown = frame.drop("value", "is_total", "is_other")
    told = [_written(name, metric, shown[name].to_list()) for name in shown.columns]
    rows([list(row) for row in zip(values, *told, strict=True)], [dimension.name, *shown.columns])


def _written(name: str, metric: Metric, values: list[Any]) -> list[str]:
    if name == "share":
        return [WRITERS["rate"](value) for value in values]
    if name in ("change", f"{metric.name}_change"):
        kind = "points" if metric.unit == "rate" else "relative"
        return [change(value, kind) or NULL for value in values]
    if name == "difference":
        return [amount(value, metric.unit) or NULL for value in values]
    if name in ("value", "current", "previous", "previous_value") or name.startswith(metric.name):
        return [WRITERS[metric.unit](value) for value in values]
    return [NULL if value is None else str(value) for value in values]


def _on_a_line(value: str) -> str:
    """A value of the data, without what would break the table."""
    return "".join(sign if sign.isprintable() else " " for sign in value)
