"""What people typed and were answered: properties that are hidden until somebody asks for them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from etl.config.redact import TYPED_TEXTS as TYPED_TEXTS
from etl.config.settings import load_settings
from etl.errors import DwellError
from etl.privacy.not_kept import MAY_HOLD, NOT_KEPT, PROMPT_LENGTH, RESPONSE_LENGTH

# The path of such a property, or of what lies in it, as json_tree writes it without what it quotes.
TYPED_PATH = rf"\.({'|'.join(TYPED_TEXTS)})(\.|\[|$)"
# Of a prompt, and of a response to it: the names that hold its words, most telling first.
PROMPT_TEXTS = ("text", "prompt", "content", "message", "query")
RESPONSE_TEXTS = ("text", "answer", "content", "response", "message")


# What stands in the place of a text that was there once: keep_texts of dwell.toml is over.
TEXT_NOT_KEPT = "(text not kept)"


def words_of(names: tuple[str, ...]) -> str:
    """The first of these properties of an event that is there, as SQL."""
    told = (f"events.properties ->> '$.{name}'" for name in names)
    return f"coalesce({', '.join(told)})"


def _shown(names: tuple[str, ...], fact: str) -> str:
    """The same for readers, who are told where there was one."""
    was_there = f"events.properties ->> '$.{NOT_KEPT}.{fact}' is not null"
    return f"coalesce({words_of(names)}, case when {was_there} then '{TEXT_NOT_KEPT}' end)"


# What stands for these words in a query that shows them.
TEXT_WORDS = {
    "prompt_words": _shown(PROMPT_TEXTS, PROMPT_LENGTH),
    "response_words": _shown(RESPONSE_TEXTS, RESPONSE_LENGTH),
}


def may_be_shown(home: Path | str | None = None) -> bool:
    """Whether dwell.toml lets the pages show them, as it is now; not where it does not fit."""
    try:
        return load_settings(home).show_texts
    except DwellError:
        return False


# Names of the first level are left out; where one lies deeper, or is written otherwise, the
# properties are null.
_AT_FIRST = "{" + ", ".join(f'"{name}": null' for name in TYPED_TEXTS) + "}"
_LEFT = f"json_merge_patch(properties::json, '{_AT_FIRST}')::varchar"
# What stands behind "?" or "#" of an address may have been typed as well.
_ADDRESSES = r"(https?://[^\s\"?#]*)[?#][^\s\"]*"
_CUT = r"regexp_replace({column}, '[?#].*', '', 's')"
# Of the tables that hold them: what stands for a column of theirs.
_IN_PLACE = {
    "session_events": {
        "properties": f"if(regexp_matches({_LEFT}, '{MAY_HOLD}'), null, "
        f"regexp_replace({_LEFT}, '{_ADDRESSES}', '\\1', 'g'))",
        "raw_page": _CUT.format(column="raw_page"),
        "referrer": _CUT.format(column="referrer"),
    },
    "user_sessions": {"referrer": _CUT.format(column="referrer")},
    # A line as it was received, which may hold any of them.
    "rejected_summary": {"example": "null::varchar"},
}


def without_texts(columns_of: Callable[[str], Iterable[str]]) -> dict[str, str]:
    """Selects that stand for tables, by their names, and leave out what people typed."""
    selects = {}
    for table, in_place in _IN_PLACE.items():
        known = set(columns_of(table))
        replaced = [f"{sql} as {column}" for column, sql in in_place.items() if column in known]
        if replaced:
            selects[table] = f"select * replace ({', '.join(replaced)}) from {table}"  # noqa: S608
    return selects
