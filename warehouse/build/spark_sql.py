"""The models of sessions as Spark reads them. Decides no rule and runs nothing.

sqlglot translates; what it does not know, or knows otherwise than DuckDB does it, the macros here
say. A model may call the functions of FUNCTIONS alone: of these the rows were seen to be equal on
both engines. Models of MADE_BY_DUCKDB call macros of DuckDB, or are made of dwell.toml, and stay
there: they read few events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etl.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

MADE_BY_DUCKDB = frozenset(
    ("int_page_names", "int_told_counts", "int_own_session_columns", "chat_events")
)
# As sqlglot names them; those of its own names first, then those that the macros stand for.
FUNCTIONS = frozenset(
    (
        *("and", "or", "case", "if", "cast", "trycast", "coalesce", "nullif", "least"),
        *("anyvalue", "argmax", "argmin", "arrayagg", "count", "logicalor", "max", "min", "sum"),
        *("lag", "lead", "rownumber"),
        *("array", "arraycontains", "arraydistinct", "arrayfilter", "arrayprepend"),
        *("generateseries", "explode", "flatten", "transform", "arraysort", "struct"),
        *("chr", "concat", "concatws", "left", "lower", "md5", "pad", "translate", "trim", "hex"),
        *("regexpextract", "regexplike", "regexpreplace", "jsonextractscalar", "pow"),
        *("epoch_us", "hash", "list_unique", "list_zip", "timezone"),
    )
)
# What DuckDB's trim() takes away at both ends.
_BLANKS = r"^\p{Zs}+|\p{Zs}+\z"


def as_spark(name: str, sql: str, *, ordered: bool = False) -> str:
    """A select in the words of Spark. `ordered`: whether the order of its rows is kept, which
    sorts them over all machines. BuildError for a function that is not known to be equal there.
    """
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(sql, read="duckdb")
    strange = sorted(functions_of(tree) - FUNCTIONS)
    if strange or any(star.args.get("replace") for star in tree.find_all(exp.Star)):
        met = ", ".join(strange) or "* replace"
        msg = (
            f"Model {name} uses {met}, of which Spark is not known to make the same rows. Wanted: "
            "what warehouse/build/spark_sql.py lists. Build without --engine spark, and report it."
        )
        raise BuildError(msg)
    for select in tree.find_all(exp.Select):
        # Elsewhere an order only hands rows on in it, and Spark hands none on.
        if not (ordered and select is tree):
            select.set("order", None)
    macros = _macros()
    # Nodes deep inside first: what a macro makes is not looked at again.
    for node in reversed(list(tree.walk())):
        macro = macros.get(_name_of(node))
        made = macro(node) if macro else None
        if made is not None:
            node.replace(made)
    return str(tree.sql("spark", comments=False))


def functions_of(tree: exp.Expression) -> set[str]:
    """The names of the functions that a select calls, as FUNCTIONS has them."""
    from sqlglot import exp

    return {_name_of(node) for node in tree.find_all(exp.Func)}


def _name_of(node: exp.Expression) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return type(node).__name__.lower()


def _macros() -> dict[str, Callable[[exp.Expression], exp.Expression | None]]:
    """Name of a node → what Spark has for it; None where that is the same."""
    return {
        "epoch_us": _epoch_us,
        "timezone": _timezone,
        "list_unique": _list_unique,
        "list_zip": _list_zip,
        "argmin": _arg_of,
        "argmax": _arg_of,
        "arraydistinct": _list_distinct,
        "trim": _trim,
        "hash": _hash,
        "bracket": _bracket,
        "regexpextract": _regexp_extract,
        "window": _row_number,
    }


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=[one.copy() for one in arguments])


def _epoch_us(node: exp.Expression) -> exp.Expression:
    # The session's zone is UTC: a time without a zone becomes the same instant.
    from sqlglot import exp

    return _call("unix_micros", exp.cast(node.expressions[0].copy(), "timestampltz"))


def _timezone(node: exp.Expression) -> exp.Expression | None:
    from sqlglot import exp

    zone, inner = node.expressions
    if not (isinstance(inner, exp.Anonymous) and _name_of(inner) == "timezone"):
        # The inner one: taken with the one around it.
        return None
    return _call("convert_timezone", inner.expressions[0], zone, inner.expressions[1])


def _list_unique(node: exp.Expression) -> exp.Expression:
    """How many different values there are: a set of them is smaller than a list."""
    from sqlglot import exp

    (values,) = node.expressions
    for listed in list(values.find_all(exp.ArrayAgg))[:1]:
        made = exp.ArrayUniqueAgg(this=listed.this.copy())
        if listed is values:
            values = made
        else:
            listed.replace(made)
    return exp.cast(_call("size", values), "bigint")


def _list_zip(node: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    one, other, _ = node.expressions
    names = [exp.to_identifier("one"), exp.to_identifier("other")]
    pair = exp.Lambda(this=exp.Array(expressions=[exp.column(n) for n in names]), expressions=names)
    as_long = _call("slice", other, exp.Literal.number(1), _call("size", one))
    return _call("zip_with", one, as_long, pair)


def _arg_of(node: exp.Expression) -> None:
    """DuckDB passes over rows that have no value."""
    from sqlglot import exp

    has_value = exp.Not(this=exp.Is(this=exp.paren(node.this.copy()), expression=exp.null()))
    node.set("expression", exp.case().when(has_value, node.expression.copy()))


def _list_distinct(node: exp.Expression) -> exp.Expression:
    return _call("array_compact", node)


def _trim(node: exp.Expression) -> exp.Expression | None:
    from sqlglot import exp

    if node.args.get("expression") is not None:
        return None
    nothing = exp.Literal.string("")
    return _call("regexp_replace", node.this, exp.Literal.string(_BLANKS), nothing)


def _hash(node: exp.Expression) -> exp.Expression:
    return _call("xxhash64", *node.expressions)


def _bracket(node: exp.Expression) -> exp.Expression | None:
    """sqlglot counts from 0 what is written as a number alone; what is reckoned is from 1."""
    from sqlglot import exp

    (place,) = node.expressions
    return None if isinstance(place, exp.Literal) else _call("element_at", node.this, place)


def _regexp_extract(node: exp.Expression) -> None:
    """Java goes a step deeper for each time that a group comes again, to come back to fewer of
    them: thousands in a text would end the job. In our patterns fewer never fit where more do not.
    """
    from sqlglot import exp

    for text in node.expression.find_all(exp.Literal):
        text.set("this", text.this.replace(")+", ")++"))


def _row_number(node: exp.Expression) -> exp.Expression | None:
    """Spark's has 32 bits: a place times a million would not fit."""
    from sqlglot import exp

    return exp.cast(node.copy(), "bigint") if isinstance(node.this, exp.RowNumber) else None
