"""The filters as they stand in the address bar. Pure: never touches Streamlit or data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from etl.errors import nearest
from pages.ui import format, view_address
from pages.ui.periods import CUSTOM, DEFAULT_PERIOD, PERIODS
from pages.ui.view_address import AS_USUAL, View
from warehouse import DwellError
from warehouse.addresses import Pairs, condition_pairs, day_pairs
from warehouse.conditions import NO_CONDITIONS, Conditions, as_text, terms_of
from warehouse.dimensions import BY_NAME, FILTERS, Dimension
from warehouse.filters import DAY_LIMITS, parse_day
from warehouse.segments import NO_SEGMENTS, Segments
from warehouse.terms import Not, Term

# Names that links of before have for a dimension.
OLD_NAMES = {"device": "device_type"}
# Names of the parameters that pages have for themselves. One that ends in _ begins others, such as
# that of the table which is sorted.
PAGE_WORDS = (
    *("across", "by", "cards", "cell", "columns", "day", "metric", "metrics", "of", "order"),
    *("forecast", "has", "page", "part", "q", "session", "sort", "user", "view"),
    *("in_", "order_", "sort_", "tab_"),
    # Of Retention: its choices, and the cell whose users are shown.
    *("back", "brackets", "cells", "clock", "entered", "entry", "identity", "kind", "nth"),
    *("outcome", "per", "start"),
    # Of Funnels.
    *("at", "exclude", "scope", "step_window", "steps", "versus", "window"),
    # Of LLM chat: the chat that is open, and what its charts are broken down by.
    *("chat", "ends_by", "latency_by"),
    # Of one user, the type of events that are picked; of one session, the event that is open, the
    # type that its list is of, and the page of its chat turns.
    *("event", "only", "turns"),
    # Of Paths and workflows.
    *("depth", "least", "next", "node", "step", "top", "way", "workflow"),
    # Of Compare: two segments, and how the groups are compared.
    *("a", "b", "baseline", "intervals", "unit"),
    # Of Data health: whose calendar, which rejected rows and loads, which builds are compared.
    "health_",
    # Of Definitions: what the lab shows and could adopt, and the tool that the crosswalk explains.
    *("lab_", "crosswalk_"),
    # Of SQL: the saved query, the table beside it, and how the answer is drawn.
    "sql_",
)

Params = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Choice:
    """What a reader chose. The default choice has an empty address.

    `own` are the dimensions that the build's dwell.toml declares: the address knows them too.
    """

    period: str = DEFAULT_PERIOD
    start: date | None = None
    end: date | None = None
    where: Conditions = NO_CONDITIONS
    bots: bool = False
    segments: tuple[str, ...] = ()
    view: View = AS_USUAL
    own: tuple[Dimension, ...] = ()

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """All that sessions are filtered by."""
        return (*FILTERS, *self.own)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the period leaves sessions out."""
        return bool(self.where or self.segments)

    def looked_at(self, **changed: Any) -> Choice:
        """The same choice, looked at in another way: compare, against, grain, complete, build."""
        return replace(self, view=replace(self.view, **changed))

    def texts(self, dimension: Dimension) -> list[str]:
        """The values chosen of a dimension, as the address has them."""
        return _texts_of(self.where, dimension)

    def with_texts(self, dimension: Dimension, texts: Sequence[str]) -> Choice:
        """The same choice with other values of one dimension; none takes any."""
        return replace(self, where=self.where.with_values(dimension, texts))


def named(choice: Choice, dimension: Dimension) -> list[str]:
    """What is chosen of a dimension, as a reader meets it."""
    return [in_words(dimension, term) for term in choice.where.values(dimension.name)]


def in_words(dimension: Dimension, term: Term) -> str:
    """A term as a reader meets it: mobile, not mobile, >= 30."""
    if isinstance(term, Not):
        return f"not {in_words(dimension, term.term)}"
    if term is None:
        return dimension.unknown
    return term if isinstance(term, str) else as_text(dimension, term)


def is_of_filters(key: str, own: Iterable[Dimension] = ()) -> bool:
    """Whether a parameter belongs to the filters, and not to the page itself."""
    words = ("period", "from", "to", "segment", "bots", *view_address.KEYS)
    names = (dimension.name for dimension in own)
    return _name_of(key) in (*words, *OLD_NAMES, *BY_NAME, *names)


def is_of_pages(key: str) -> bool:
    """Whether a parameter is one that some page has for itself."""
    return any(key == word or (word[-1] == "_" and key.startswith(word)) for word in PAGE_WORDS)


def encode(choice: Choice) -> Pairs:
    """Address of a choice, defaults left out."""
    pairs: Pairs = []
    if choice.period == CUSTOM and choice.start and choice.end:
        pairs += day_pairs(choice.start, choice.end)
    elif choice.period not in (DEFAULT_PERIOD, CUSTOM):
        pairs.append(("period", choice.period))
    pairs += [("segment", name) for name in choice.segments]
    pairs += condition_pairs(choice.where, choice.dimensions)
    if choice.bots:
        pairs.append(("bots", "1"))
    return pairs + view_address.encode(choice.view)


def grouped(pairs: Pairs) -> dict[str, list[str]]:
    """Parameters by name, each with all its values."""
    names: dict[str, list[str]] = {}
    for key, value in pairs:
        names.setdefault(key, []).append(value)
    return names


def merged(drawn: Choice, choice: Choice, seen: Params, now: Params) -> dict[str, list[str]]:
    """The filters' parameters for a choice that was made on a page which showed `drawn`.

    That page was drawn for the address `seen`, and `now` stands there: what was chosen meanwhile
    stays, but for what this choice itself changes.
    """
    before, after = grouped(encode(drawn)), grouped(encode(choice))
    mine = {_subject(key) for key in before | after if before.get(key) != after.get(key)}
    keys = {key for key in {*seen, *now} if is_of_filters(key, drawn.own)}
    others = {_subject(key) for key in keys if seen.get(key) != now.get(key)} - mine
    kept = {key: list(now[key]) for key in now if key in keys and _subject(key) in others}
    both = {key: values for key, values in after.items() if _subject(key) not in others} | kept
    places = ("period", "segment", *(each.name for each in drawn.dimensions), "bots")
    order = {name: place for place, name in enumerate((*places, *view_address.KEYS))}
    return dict(sorted(both.items(), key=lambda pair: order[_subject(pair[0])]))


def _subject(key: str) -> str:
    """What a parameter is about: days are one thing, and so is all that is said of a dimension."""
    name = _name_of(key)
    return "period" if name in ("from", "to") else OLD_NAMES.get(name, name)


def decode(
    params: Params,
    known: Mapping[str, Sequence[str]],
    segments: Segments = NO_SEGMENTS,
    own: Sequence[Dimension] = (),
) -> tuple[Choice, list[str]]:
    """Choice that an address asks for, and a sentence on each value that was ignored.

    `known` holds all values of some dimensions; those of others are taken as they are given.
    """
    ignored: list[str] = []
    period, start, end = _decode_period(params, ignored)
    choice = Choice(
        period=period,
        start=start,
        end=end,
        where=_decode_where(params, known, (*FILTERS, *own), ignored),
        bots=_decode_bots(params.get("bots", ()), ignored),
        segments=_decode_segments(params.get("segment", ()), segments, ignored),
        view=view_address.decode(params, ignored),
        own=tuple(own),
    )
    return choice, ignored


def _decode_where(
    params: Params,
    known: Mapping[str, Sequence[str]],
    dimensions: Iterable[Dimension],
    ignored: list[str],
) -> Conditions:
    where = NO_CONDITIONS
    by_name = {dimension.name: dimension for dimension in dimensions}
    for key, values in params.items():
        dimension = by_name.get(OLD_NAMES.get(_name_of(key), _name_of(key)))
        if dimension is None:
            if not is_of_filters(key) and not is_of_pages(key):
                ignored.append(_unread(_name_of(key), by_name))
            continue
        # `browser!=Firefox` comes as the parameter `browser!` with the value Firefox.
        operator = key[len(_name_of(key)) :]
        texts = [f"{operator}= {value}" if operator else value for value in dict.fromkeys(values)]
        chosen = [text for text in texts if _is_readable(dimension, text, known, ignored)]
        try:
            where = where.with_values(dimension, [*_texts_of(where, dimension), *chosen])
        except DwellError as error:
            ignored.append(str(error))
    return where


def _unread(name: str, known: Iterable[str]) -> str:
    """What to say of a parameter that is nobody's: mostly a property that another build has."""
    sentence = f"This build has no property '{name}': it leaves no session out."
    return f"{sentence} {nearest(name, known, 0.75)}".rstrip()


def _decode_segments(
    values: Sequence[str], segments: Segments, ignored: list[str]
) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(values))
    ignored += [segments.unknown(name) for name in names if name not in segments.by_name]
    return tuple(name for name in names if name in segments.by_name)


def _name_of(key: str) -> str:
    return re.sub(r"[!<>]$", "", key)


def _texts_of(where: Conditions, dimension: Dimension) -> list[str]:
    return [as_text(dimension, value) for value in where.values(dimension.name)]


def _is_readable(
    dimension: Dimension, text: str, known: Mapping[str, Sequence[str]], ignored: list[str]
) -> bool:
    """Whether the text chooses something; what does not is told."""
    words = known.get(dimension.name)
    try:
        (term,) = terms_of(dimension, text)
        value = term.term if isinstance(term, Not) else term
        # Sessions of which it is not known are none of the data's values, and may be asked for.
        if words is None or value is None or value in words:
            return True
    except DwellError as error:
        if words is None:
            ignored.append(str(error))
            return False
        value = text
    offered = format.listed(list(words), empty="none", most=8)
    ignored.append(f"Unknown {dimension.label.lower()} '{value}'. Known: {offered}.")
    return False


def _decode_period(params: Params, ignored: list[str]) -> tuple[str, date | None, date | None]:
    if "from" in params or "to" in params:
        start, end = (_decode_date(params.get(key, ())) for key in ("from", "to"))
        if start and end and start <= end:
            return CUSTOM, start, end
        given = "from " + " ".join((*params.get("from", ()), "to", *params.get("to", ())))
        ignored.append(
            f"'{given}' is no range of days. "
            "Wanted two dates such as 2026-11-03, the earlier one first, "
            f"{DAY_LIMITS}."
        )
    period = next(iter(params.get("period", ())), DEFAULT_PERIOD)
    if period in PERIODS and period != CUSTOM:
        return period, None, None
    known = ", ".join(name for name in PERIODS if name != CUSTOM)
    ignored.append(f"Unknown period '{period}'. Known periods: {known}.")
    return DEFAULT_PERIOD, None, None


def _decode_date(values: Sequence[str]) -> date | None:
    try:
        return parse_day(values[0])
    except (IndexError, ValueError):
        return None


def _decode_bots(values: Sequence[str], ignored: list[str]) -> bool:
    if not values or values[0] == "0":
        return False
    if values[0] != "1":
        ignored.append(f"Unknown value '{values[0]}' for bots. Known: 0, 1.")
    return values[0] == "1"
