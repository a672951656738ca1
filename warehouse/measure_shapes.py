"""How a measure is made up: of what sums of each user it can be put together.

Its one line of SQL (`queries/_measured_*.sql`, or dwell.toml) is read by the engine's own
parser, so that nothing is said twice. Never reads data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from etl.duck import connect
from warehouse.query import path_of

if TYPE_CHECKING:
    from warehouse.connection import Warehouse

Node = dict[str, Any]
# Where the lines of measures stand.
Relation = Literal["measured_sessions", "measured_turns"]
_BROKEN = ("double", "float", "real", "float8", "float4")


@dataclass(frozen=True)
class Part:
    """What rows add up to: the sum of an expression, or how many have one; null adds nothing."""

    sql: str
    is_count: bool = False

    @property
    def of_rows(self) -> str:
        """What the rows of a group add up to."""
        # To count is less work than to sum up ones.
        return f"{'count' if self.is_count else 'sum'}({self.sql})"

    @property
    def of_one(self) -> str:
        """What one row adds."""
        return f"case when ({self.sql}) is not null then 1 end" if self.is_count else self.sql


EACH = Part("1", is_count=True)


@dataclass(frozen=True)
class Shape:
    """What a measure is made of.

    kind      "ratio": of two parts · "total": a part · "quantile": of the rows' values · "whole":
              none of these, so that a row adds nothing
    over      the part above; of a quantile the value of a row; of whole the measure itself
    under     the part below: of a ratio, and of a quantile the rows that have a value
    level     of a quantile, 0 to 1
    """

    kind: Literal["ratio", "total", "quantile", "whole"]
    over: Part
    under: Part = EACH
    level: float = 0.0


def shapes(wh: Warehouse, of: Relation = "measured_sessions") -> Mapping[str, Shape]:
    """The shape of each measure, by its name: of sessions, dwell.toml's too, or of turns."""
    known = _known(of)
    if of != "measured_sessions":
        return known
    return known | {own["name"]: _of_sql(own["sql"]) for own in wh.own_metrics}


class _Parser:
    """The engine's parser: text to a tree, and a tree to text."""

    def __init__(self) -> None:
        self._connection = connect()

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
        # Pages ask in several threads.
        with self._connection.cursor() as cursor:
            return str(cursor.execute(query, {"text": text}).fetchall()[0][0])


@lru_cache(maxsize=1)
def _parser() -> _Parser:
    return _Parser()


@lru_cache(maxsize=2)
def _known(of: Relation) -> dict[str, Shape]:
    parser = _parser()
    text = path_of(of).read_text(encoding="utf-8")
    text = text.replace("$placed_sessions", "sessions").replace("$grain", "''")
    return {node["alias"]: _shape(parser, node) for node in parser.columns(text)}


@lru_cache(maxsize=100)
def _of_sql(sql: str) -> Shape:
    (node,) = _parser().columns(f"select {sql}")
    return _shape(_parser(), node)


def _shape(parser: _Parser, node: Node) -> Shape:
    node = _plain(node)
    name, given = node.get("function_name"), list(_arguments(node))
    if node["type"] == "ARRAY_EXTRACT":
        return _picked(parser, node)
    if name == "avg" and _is_plain(node):
        return Shape("ratio", *_value_and_count(parser, node))
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
            return Shape("quantile", *_value_and_count(parser, node), level)
    return Shape("whole", Part(parser.text(node)))


def _picked(parser: _Parser, node: Node) -> Shape:
    """One of several quantiles that are taken of one sorting."""
    listed, place = node["children"]
    given, at = list(_arguments(listed)), _number(place)
    levels = list(_arguments(given[1])) if len(given) == 2 else []
    level = _number(levels[int(at) - 1]) if at and 0 < at <= len(levels) else None
    if listed.get("function_name") != "quantile_cont" or level is None or not _is_plain(listed):
        return Shape("whole", Part(parser.text(node)))
    return Shape("quantile", *_value_and_count(parser, listed), level)


def _added(parser: _Parser, node: Node) -> Part | None:
    """The part that a sum or a count is; None of anything else."""
    name, given = node.get("function_name"), list(_arguments(node))
    if name not in ("sum", "count", "count_star", "count_if") or not _is_plain(node):
        return None
    if name in ("sum", "count"):
        return _value_and_count(parser, node)[name == "count"]
    conditions = [parser.text(each) for each in (node["filter"], *given) if each]
    if not conditions:
        return EACH
    return Part(f"case when {' and '.join(conditions)} then 1 end", is_count=True)


def _value_and_count(parser: _Parser, node: Node) -> tuple[Part, Part]:
    """What the rows of an aggregate that its filter takes add up to, and how many have a value."""
    value = parser.text(next(_arguments(node)))
    if node["filter"]:
        value = f"case when {parser.text(node['filter'])} then {value} end"
    return Part(value), Part(value, is_count=True)


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
    is_aggregate = node["class"] == "FUNCTION"
    return is_aggregate and not node["distinct"] and not node["order_bys"]["orders"]


def _arguments(node: Node) -> Iterator[Node]:
    return (each["expression"] for each in node.get("arguments", ()))


def _number(node: Node) -> float | None:
    literal = node.get("literal")
    return float(literal["text"]) if literal and literal["kind"] in ("NUMERIC", "INTEGER") else None
