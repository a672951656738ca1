"""What the page LLM chat is asked, by what stands in the address. Never asks the warehouse."""

from __future__ import annotations

from typing import Any

from pages.ui import drill, format
from pages.ui.address import Choice
from pages.ui.controls import chosen
from warehouse.dimensions import BY_NAME
from warehouse.filters import Filters
from warehouse.metrics.chat_rates import CHATS_BY, TURNS_BY, joined_words
from warehouse.metrics.clustered import Rates, words_of

BY = {
    "model_group": "Model group",
    "model": "Model",
    "provider": "Provider",
    "prompt_type": "Kind of prompt",
}
LATENCY_BY = {"model": "Model", **{name: BY[name] for name in ("model_group", "provider")}}
LATENCY_BY |= {"hour": "Hour", "prompt_type": BY["prompt_type"]}
ENDS_BY = {"all": "All chats", "model_group": "By model group", "model": "By model"}
# What each section is saved as.
FILES = ("csv", "xlsx", "parquet")
# What a value is called that nobody told.
UNTOLD = "(not told)"
# What a reader of this page asks of two models.
COMPARED = (
    *("median_latency_seconds", "copied_rate", "silent_success_rate", "silent_failure_rate"),
    *("rephrased_rate", "positive_rate", "answer_error_rate"),
)


def by() -> str:
    """What the chain, its table and the feedback are broken down by."""
    return chosen("by", BY, "model_group")


def latency_by() -> str:
    """What the latency is broken down by."""
    return chosen("latency_by", LATENCY_BY, "model")


def ends_by() -> str | None:
    """What the ends of chats are broken down by; None of all together."""
    name = chosen("ends_by", ENDS_BY, "all")
    return None if name == "all" else name


def turn_parts(
    filters: Filters, name: str | None = None, rates: Rates | None = None
) -> dict[str, Any]:
    """What the text of a query of turns is put together of."""
    value = TURNS_BY.get(name, name) if name else "1"
    return _parts(filters, {"turn_value": value}, rates)


def chat_parts(
    filters: Filters, name: str | None = None, rates: Rates | None = None
) -> dict[str, Any]:
    """What the text of a query of chats is put together of."""
    value = CHATS_BY[name] if name else "null"
    return _parts(filters, {"chat_value": value}, rates)


def _parts(filters: Filters, value: dict[str, str], rates: Rates | None) -> dict[str, Any]:
    words = {**joined_words(filters), **value, **words_of(rates or {})}
    return {"words": tuple(words.items())}


def named(value: Any, name: str = "") -> str:
    """A value as a reader meets it; kinds of prompts are words."""
    if value is None:
        return UNTOLD
    return format.named(value) if name == "prompt_type" else str(value)


def compare(choice: Choice, name: str) -> str | None:
    """Address that compares answers by the same thing under the same filters; None where nothing
    does.
    """
    metrics = ",".join(COMPARED)
    return drill.to("compare", choice, by=name, metrics=metrics) if name in BY_NAME else None
