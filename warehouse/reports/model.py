"""The report of a product's period: every number asked of the metrics once, none computed here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.metrics import data, lifecycle, normal, overview, registry
from warehouse.metrics.compared import Before, Compare
from warehouse.metrics.compared import before as compared_with
from warehouse.metrics.moved_values import LEFT_OUT, MOVABLE
from warehouse.reports import sentences
from warehouse.reports.asked import Asked
from warehouse.reports.breakdown_tables import ON_PAGE, breakdowns_of
from warehouse.reports.charts import chart_of
from warehouse.reports.doubts import doubts_of, fault_table, faults_of
from warehouse.reports.shapes import ROWS, Column, Number, Report, Table, bounded, counted

if TYPE_CHECKING:
    import polars as pl

# So many numbers that are not normal are worth a sentence.
_SENTENCES = 4
_SESSIONS = "session_count"
_WORTH_A_SENTENCE = (*registry.CARDS, "new_user_count", "error_rate")


def report_of(wh: Warehouse, asked: Asked) -> Report:
    """What happened in the period: numbers, what moved them, faults, and the tables."""
    compare = asked.period.compared(asked.filters, wh.as_of_date)
    changes = overview.change(wh, asked.filters, compare)
    first_date = data.extent(wh)["min_date"].item()
    row = changes.row(0, named=True)
    before = Before(is_there=False, sentence="")
    if first_date and row["value"]:
        before = compared_with(row, first_date, "weekday" if compare == "weekday" else "month")
    numbers = _numbers(wh, asked, changes, before)
    effects = faults_of(wh, asked, compare)
    movers = _movers(wh, asked, compare, _SESSIONS, limit=10_000 if row["value"] else 0)
    shown = registry.CARDS if row["value"] else (_SESSIONS,)
    tables = breakdowns_of(wh, asked, compare, before) if row["value"] else []
    own = tuple(name for name in registry.measures(wh) if name not in registry.TOTALS)
    return Report(
        name=asked.name,
        title=asked.period.title,
        days=asked.period.days,
        subject=f"{asked.period.title}: {_subject(wh, asked, numbers[_SESSIONS])}",
        lead=_lead(wh, asked, numbers),
        sentences=tuple(_sentences(wh, asked, numbers, compare, movers, before)),
        doubts=tuple(doubts_of(wh, asked, effects)),
        numbers=tuple(
            number
            for number in numbers.values()
            if number.name in (*shown, *own)
            # A product without queries has nothing to abandon.
            and not (number.name == "abandonment_rate" and number.value is None)
        ),
        facts=asked.facts(wh, before.sentence),
        chart=chart_of(wh, asked, compare, before, effects) if row["value"] else None,
        why=_why(wh, asked, movers),
        why_text=_why_text(numbers[_SESSIONS], movers),
        faults=fault_table(wh, asked, effects),
        tables=tuple(tables[:ON_PAGE]),
        extra=tuple(tables[ON_PAGE:]),
        summary=summary_of(numbers.values()),
        days_table=Table("Days", "Days", (), (), overview.daily(wh, asked.filters, compare)),
        definitions=definitions(wh),
        link=asked.page(wh),
        note=_left_out(wh, asked),
        faults_link=asked.page(wh, "data_health"),
        identity=asked.identity,
    )


def _numbers(
    wh: Warehouse, asked: Asked, changes: pl.DataFrame, before: Before
) -> dict[str, Number]:
    """Each headline metric with its change, and with what is normal where the period is over."""
    is_over = asked.period.is_over(wh.as_of_date)
    earlier = asked.period.earlier(asked.filters)
    told = normal.of_period(wh, asked.filters, earlier)
    bands = {row["metric"]: row for row in told.iter_rows(named=True)}
    numbers = {}
    for row in changes.iter_rows(named=True):
        metric, band = registry.measures(wh)[row["metric"]], bands[row["metric"]]
        compared = row if before.is_there else {}
        numbers[metric.name] = Number(
            **{name: getattr(metric, name) for name in ("name", "label", "unit", "better")},
            value=row["value"],
            previous=compared.get("previous"),
            difference=compared.get("difference"),
            change=compared.get("change"),
            change_kind=row["change_kind"],
            low=band["low"] if is_over else None,
            high=band["high"] if is_over else None,
            earlier=tuple(band["earlier"]) if is_over else (),
        )
    return numbers


def _lead(wh: Warehouse, asked: Asked, numbers: dict[str, Number]) -> str:
    sessions = numbers[_SESSIONS]
    is_over = asked.period.is_over(wh.as_of_date)
    if sessions.value:
        words = asked.period.before(is_over=is_over)
        return sentences.of_number(sessions, words, is_over=is_over)
    first = data.extent(wh)["min_date"].item()
    is_narrowed = bool(asked.texts or asked.segments)
    return sentences.of_nothing(asked.period, first, wh.as_of_date, is_narrowed=is_narrowed)


def _subject(wh: Warehouse, asked: Asked, sessions: Number) -> str:
    words = asked.period.before(is_over=asked.period.is_over(wh.as_of_date))
    moved = sentences.moved(sessions, words, with_was=False)
    return f"{sentences.counted(sessions)}{moved}" if sessions.value else "no sessions"


def _sentences(
    wh: Warehouse,
    asked: Asked,
    numbers: dict[str, Number],
    compare: Compare | Filters,
    movers: pl.DataFrame,
    before: Before,
) -> list[str]:
    """What moved the sessions, which numbers are not normal, and who came."""
    if not numbers[_SESSIONS].value:
        return []
    by_name = {dimension.name: dimension for dimension in wh.dimensions}
    told = [] if before.is_there else [before.sentence]
    if numbers[_SESSIONS].difference:
        told.append(sentences.of_movers(_named(movers).head(ROWS).to_dicts(), by_name))
    told += _unusual(wh, asked, numbers, compare)
    if not numbers[_SESSIONS].place and asked.period.is_over(wh.as_of_date):
        told.append(
            "What is normal is not known yet: that takes four whole periods like this one before."
        )
    if asked.period.unit in ("week", "month") and numbers[_SESSIONS].previous is not None:
        row = lifecycle.counts(wh, asked.filters, asked.period.unit).row(0, named=True)  # type: ignore[arg-type]
        told.append(sentences.of_users(row, asked.period.unit))
    return [text for text in told if text]


def _unusual(
    wh: Warehouse, asked: Asked, numbers: dict[str, Number], compare: Compare | Filters
) -> list[str]:
    """The numbers that are not normal, the worse first, and what moved each; then all others."""
    judged = [number for number in numbers.values() if number.place and number.name != _SESSIONS]
    strange = [number for number in judged if number.place != "within"]
    worth = sorted(
        (number for number in strange if number.name in _WORTH_A_SENTENCE),
        key=lambda number: number.tone != "bad",
    )[:_SENTENCES]
    by_name = {dimension.name: dimension for dimension in wh.dimensions}
    told = []
    for number in worth:
        moved = _movers(wh, asked, compare, number.name, limit=1) if _is_movable(number) else None
        rows = moved.to_dicts() if moved is not None else []
        why = sentences.of_mover(rows[0], by_name, number.unit) if rows else ""
        told.append(sentences.of_number(number, asked.period.before()) + why)
    if rest := [number.label for number in strange if number not in worth]:
        told.append(f"Not normal either: {', '.join(rest)}.")
    if len(strange) < len(judged):
        is_all = not strange and numbers[_SESSIONS].place == "within"
        told.append(f"All {'' if is_all else 'other '}headline numbers are within what is normal.")
    return told


def _is_movable(number: Number) -> bool:
    return number.name in MOVABLE and number.difference is not None


def _movers(
    wh: Warehouse, asked: Asked, compare: Compare | Filters, metric: str, limit: int = 10_000
) -> pl.DataFrame:
    """What moved a number most; that it is abandonment which moved abandonment says nothing."""
    flags = ("is_abandoned",) if metric == "abandonment_rate" else ()
    return overview.movers(
        wh, asked.filters, metric, limit, compare=compare, without=(*LEFT_OUT, *flags)
    )


def _named(movers: pl.DataFrame) -> pl.DataFrame:
    """What is not known of one property says the same as a value of another."""
    return movers.filter(movers["value"].is_not_null())


def _why(wh: Warehouse, asked: Asked, movers: pl.DataFrame) -> Table | None:
    """The values that moved the sessions most."""
    if movers.is_empty():
        return None
    by_name = {dimension.name: dimension for dimension in wh.dimensions}
    rows = _named(movers).head(ROWS).to_dicts()
    columns = (
        Column("value", "Sessions with", "text"),
        Column("current", "Now"),
        Column("previous", "Before"),
        Column("change", "Change", "difference"),
        Column("share_of_change", "Of the change", "rate"),
    )
    return Table(
        "Movers",
        "What changed most",
        columns,
        tuple(
            (
                sentences.named(row, by_name),
                *(row[each.name] for each in columns[1:]),
            )
            for row in rows
        ),
        movers,
        note=counted(len(rows), movers.height),
        link=asked.page(wh),
        links=tuple(_link(wh, asked, by_name[row["dimension"]], row["value"]) for row in rows),
        bar=3,
    )


def _link(wh: Warehouse, asked: Asked, dimension: Dimension, value: Any) -> str:
    return asked.value(wh, dimension, value) if asked.dashboard else ""


def _why_text(sessions: Number, movers: pl.DataFrame) -> str:
    if movers.is_empty():
        return ""
    told = f"{sessions.text} sessions against {sessions.was}. " if sessions.was else ""
    return (
        f"{told}Properties overlap: each tells of the same sessions. A share above 100 %, or below "
        "0, has others against it."
    )


def definitions(wh: Warehouse) -> Table:
    """What each number counts, for the workbook."""
    frame = data.definitions(wh)
    wanted = ("name", "label", "definition", "unit", "empty", "better", "query")
    return Table("Definitions", "Definitions", (), (), frame.select(wanted))


def summary_of(numbers: Iterable[Number]) -> Table:
    """The headline numbers, for the workbook."""
    import polars as pl

    names = ("name", "label", "unit", "value", "previous", "difference", "change", "low", "high")
    rows = [[getattr(number, name) for name in names] for number in numbers]
    floats = {name: pl.Float64 for name in names[3:]}
    schema: dict[str, Any] = dict.fromkeys(names[:3], pl.String) | floats
    return Table("Summary", "Summary", (), (), pl.DataFrame(rows, schema, orient="row"))


def _left_out(wh: Warehouse, asked: Asked) -> str:
    """Whom the numbers leave out."""
    row = overview.left_out(wh, asked.filters).row(0, named=True)
    told = []
    if row["bot_session_count"] and not asked.filters.include_bots:
        told.append(f"{row['bot_session_count']:,} sessions of bots are in no number")
    if row["suspect_session_count"]:
        told.append(f"{row['suspect_session_count']:,} suspect ones in no duration")
    if row["open_session_count"]:
        told.append(f"{row['open_session_count']:,} open ones in no rate")
    return bounded(", ".join(told) + "." if told else "", 300)
