"""How a measure of sessions is made up: of what sums of each user it can be put together.

Its one line of SQL (`queries/_measured_sessions.sql`, or dwell.toml) is read by the engine's own
parser, so that nothing is said twice. Never reads data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from warehouse.query import path_of

if TYPE_CHECKING:
    from warehouse.connection import Warehouse

Node = dict[str, Any]
_BROKEN = ("double", "float", "real", "float8", "float4")


@dataclass(frozen=True)
class Shape:
    """What a measure is made of: what each session adds to it, in SQL; null adds nothing.

    kind      "ratio": the sum of one thing by the sum of another · "total": a sum · "quantile": of
              the sessions' values · "whole": none of these, so that a session adds nothing
    over      what a session adds above; of a quantile its value; of whole the measure itself
    under     what it adds below: of a ratio, and of a quantile whether it has a value
    level     of a quantile, 0 to 1
    """

    kind: Literal["ratio", "total", "quantile", "whole"]
    over: str
    under: str = ""
    level: float = 0.0


def shapes(wh: Warehouse) -> Mapping[str, Shape]:
    """The shape of each measure of sessions, by its name; dwell.toml's behind Dwell's."""
    own = {each["name"]: each["sql"] for each in wh.own_metrics}
    return {**_known(_Parser(wh)), **{name: _of_sql(_Parser(wh), sql) for name, sql in own.items()}}


class _Parser:
    """The engine's parser: text to a tree, and a tree to text. One for all, since none differs."""

    def __init__(self, wh: Warehouse) -> None:
        self._wh = wh

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parser)

    def columns(self, text: str) -> list[Node]:
        """The expressions that a select lists."""
        listed: list[Node] = self._read(text)["statements"][0]["node"]["select_list"]
        return listed

    def text(self, node: Node) -> str:
        """The SQL of one expression."""
        tree = self._read("select 1")
        tree["statements"][0]["node"]["select_list"] = [node | {"alias": ""}]
        words = self._asked("select json_deserialize_sql($text::json)", json.dumps(tree))
        return words.removeprefix("SELECT ")

    def _read(self, text: str) -> Node:
        tree: Node = json.loads(self._asked("select json_serialize_sql($text)", text))
        return tree

    def _asked(self, query: str, text: str) -> str:
        return str(self._wh.sql(query, {"text": text}).fetchall()[0][0])


@lru_cache(maxsize=1)
def _known(parser: _Parser) -> dict[str, Shape]:
    text = path_of("measured_sessions").read_text(encoding="utf-8")
    text = text.replace("$placed_sessions", "sessions").replace("$grain", "''")
    return {node["alias"]: _shape(parser, node) for node in parser.columns(text)}


@lru_cache(maxsize=100)
def _of_sql(parser: _Parser, sql: str) -> Shape:
    (node,) = parser.columns(f"select {sql}")
    return _shape(parser, node)


def _shape(parser: _Parser, node: Node) -> Shape:
    node = _plain(node)
    name, given = node.get("function_name"), list(_arguments(node))
    if node["type"] == "ARRAY_EXTRACT":
        return _picked(parser, node)
    if name == "avg" and _is_plain(node):
        return Shape("ratio", *_value_and_whether(parser, node))
    if name == "/":
        over, under = _added(parser, _plain(given[0])), _added(parser, _below(_plain(given[1])))
        if over and under:
            return Shape("ratio", over, under)
    added = _added(parser, node)
    if added:
        return Shape("total", added)
    if name in ("median", "quantile_cont") and _is_plain(node):
        level = _number(given[1]) if name == "quantile_cont" else 0.5
        if level is not None:
            return Shape("quantile", *_value_and_whether(parser, node), level)
    return Shape("whole", parser.text(node))


def _picked(parser: _Parser, node: Node) -> Shape:
    """One of several quantiles that are taken of one sorting."""
    listed, place = node["children"]
    given, at = list(_arguments(listed)), _number(place)
    levels = list(_arguments(given[1])) if len(given) == 2 else []
    level = _number(levels[int(at) - 1]) if at and 0 < at <= len(levels) else None
    if listed.get("function_name") != "quantile_cont" or level is None or not _is_plain(listed):
        return Shape("whole", parser.text(node))
    return Shape("quantile", *_value_and_whether(parser, listed), level)


def _added(parser: _Parser, node: Node) -> str | None:
    """What a session adds to a sum or a count; None of anything else."""
    name, given = node.get("function_name"), list(_arguments(node))
    if name not in ("sum", "count", "count_star", "count_if") or not _is_plain(node):
        return None
    if name == "sum":
        return _value_and_whether(parser, node)[0]
    if name == "count":
        return _value_and_whether(parser, node)[1]
    conditions = [parser.text(each) for each in (node["filter"], *given) if each]
    return f"case when {' and '.join(conditions)} then 1 end" if conditions else "1"


def _value_and_whether(parser: _Parser, node: Node) -> tuple[str, str]:
    """The value that a session adds to an aggregate, null where its filter leaves the session out;
    and 1 where it has one.
    """
    value = parser.text(next(_arguments(node)))
    if node["filter"]:
        value = f"case when {parser.text(node['filter'])} then {value} end"
    return value, f"case when ({value}) is not null then 1 end"


def _plain(node: Node) -> Node:
    """The expression without a cast to a broken number around it."""
    if node["class"] == "CAST" and node["type_expr"]["type_name"].lower() in _BROKEN:
        return _plain(node["child"])
    return node


def _below(node: Node) -> Node:
    """What is divided by, without the nullif that guards it against 0."""
    given = list(_arguments(node))
    if node.get("function_name") == "nullif" and _number(given[1]) == 0:
        return _plain(given[0])
    return node


def _is_plain(node: Node) -> bool:
    """Whether an aggregate takes each of its rows as often as it is there, in any order."""
    return not node["distinct"] and not node["order_bys"]["orders"]


def _arguments(node: Node) -> Iterator[Node]:
    return (each["expression"] for each in node.get("arguments", ()))


def _number(node: Node) -> float | None:
    literal = node.get("literal")
    return float(literal["text"]) if literal and literal["kind"] in ("NUMERIC", "INTEGER") else None
