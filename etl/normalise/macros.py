"""Defines what the SQL of this room calls. Reads no row."""

from collections.abc import Mapping, Sequence

import duckdb

from etl.config.redact import Rules
from etl.duck import quoted, sql_beside
from etl.normalise.event_names import ALIASES
from etl.normalise.odd_texts import spellings_of
from etl.privacy.texts import cutter_of


def define(
    con: duckdb.DuckDBPyConnection, empty_words: Sequence[str], offsets: Mapping[str, float]
) -> None:
    """Defines all macros, those that every file needs once for a connection.

    empty_words  words that say that nothing is known
    offsets      word of a zone → hours ahead of UTC
    """
    minutes = ", ".join(f"{quoted(word)}: {round(h * 60)}" for word, h in offsets.items())
    con.execute(f"set variable zone_offsets = map {{{minutes}}}")
    define_empty_words(con, empty_words)
    ((are_defined,),) = con.execute("select getvariable('macros_are_defined')").fetchall()
    if not are_defined:
        aliases = ", ".join(f"{quoted(name)}: {quoted(alias)}" for name, alias in ALIASES.items())
        con.execute(f"create or replace temp macro alias_of(name) as map {{{aliases}}}[name]")
        con.execute(sql_beside(__file__, "times"))
        con.execute(sql_beside(__file__, "macros"))
        con.execute("set variable macros_are_defined = true")


def define_type_words(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Defines `type_word(word)`: what an event is called, unless that is cut of the rows."""
    cutter = cutter_of(rules)
    word = "word"
    if not cutter.is_idle:
        word = (
            f"case when regexp_matches(word, {quoted(cutter.joined)}) then 'redacted' else word end"
        )
    con.execute(f"create or replace temp macro type_word(word) as {word}")


def define_empty_words(con: duckdb.DuckDBPyConnection, words: Sequence[str]) -> None:
    """Defines `is_empty_word(word)`: whether a text is one of the words, as they are looked for
    (odd_texts.py).
    """
    spellings = sorted({spelt for word in words for spelt in spellings_of(word)} - {""})
    longest = max((len(word.encode()) for word in spellings), default=0)
    # A map is looked up in a third of the time that a list takes to be planned.
    entries = ", ".join(f"{quoted(word)}: true" for word in ["", *spellings])
    con.execute(
        "create or replace temp macro is_empty_word(word) as "
        f"(strlen(word) <= {longest} and map {{{entries}}}[word]) is true"
    )
