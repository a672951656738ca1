"""Chats with a language model: how quick answers are, whether they are read, used, or asked again.

All take the sessions of the filters. A response is of the session it is in, a chat of the session
it began in. Rates leave out sessions that are still open; their intervals are of users
(warehouse/metrics/clustered.py). What each number means stands in docs/definitions.md.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.chat_rates import (
    ACTS,
    CHAIN,
    CHATS_BY,
    DROP_OFF,
    FEEDBACK,
    TURNS_BY,
    chain_rows,
    joined_words,
)
from warehouse.metrics.clustered import Rates, with_intervals, words_of
from warehouse.query import run as run_query
from warehouse.typed_texts import TEXT_WORDS

if TYPE_CHECKING:
    import polars as pl


def responses(wh: Warehouse, filters: Filters, limit: int | None = None) -> "pl.DataFrame":
    """Responses in sessions of the filters, newest first.

    Columns: those of the table `responses`, response_event_id to is_error first. No rows when
    there is no response.
    """
    return _run(wh, "chat.responses", filters, row_limit=limit)


def latency(wh: Warehouse, filters: Filters, by: str = "model") -> "pl.DataFrame":
    """How long responses take: most responses first, hours in their order.

    `by` is model, provider, model_group, hour (local, of the response) or prompt_type. Columns:
    the value (null: not told), response_count, p50_ms, p90_ms, p95_ms, p99_ms, timed_count (of
    which it is known), first_token_p50_ms, first_token_p90_ms, first_token_p95_ms,
    first_token_p99_ms, first_token_count. Percentiles are null where nothing is told. No rows when
    there is no response. ConfigError for another `by`.
    """
    refuse_unknown("breakdown", by, TURNS_BY)
    words = {"turn_value": TURNS_BY[by]}
    frame = _run(wh, "chat.latency", filters, words=words, by_size=by != "hour")
    return frame.rename({"turn_value": by})


def drop_off(
    wh: Warehouse, filters: Filters, by: str | None = None, most_turns: int = 50
) -> "pl.DataFrame":
    """After which turn chats end, of those that began in sessions of the filters.

    Columns: with `by` (model, model_group) its value, turn_number (from 1), chat_count (chats that
    got so far), ended_count (that ended there), open_count (that are there now and may go on),
    ended_rate with ended_rate_low and ended_rate_high (of chat_count without open_count). Turns
    beyond `most_turns` have no row. No rows when no chat has a prompt. ConfigError for another
    `by`.
    """
    words = {"chat_value": _chats_by(by), **words_of(DROP_OFF)}
    frame = _run(wh, "chat.drop_off", filters, words=words, most_turns=most_turns)
    frame = with_intervals(frame, *DROP_OFF).rename({"ended_rate_count": "ended_count"})
    return frame.rename({"turn_value": by}) if by else frame.drop("turn_value")


def chats(
    wh: Warehouse,
    filters: Filters,
    limit: int | None = None,
    offset: int = 0,
    longest_first: bool = False,
) -> "pl.DataFrame":
    """Chats that began in sessions of the filters, newest first, with all their visits.

    With `longest_first` those of most turns come first. `limit` and `offset` take one page.

    Columns: chat_id (null: a session that names no chat is one), turns (prompts),
    duration_seconds (from the first to the last prompt or response), model_group, model,
    user_id, session_id (the one it began in), start_time, end_time, response_count, error_count,
    visit_count, is_open. No rows when there is no chat.
    """
    page: dict[str, Any] = {"row_limit": limit, "row_offset": offset}
    return _run(wh, "chat.chats", filters, longest_first=longest_first, **page)


def lengths(wh: Warehouse, filters: Filters, by: str = "model") -> "pl.DataFrame":
    """How long chats go on, by model or model_group; most chats first.

    Columns: the value (null: not told), chat_count, open_count, and of those that are not open
    avg_turns, median_turns, p90_turns, median_duration_seconds, avg_visits (null without any). No
    rows when there is no chat. ConfigError for another `by`.
    """
    frame = _run(wh, "chat.lengths", filters, words={"chat_value": _chats_by(by)})
    return frame.rename({"chat_value": by})


def queries(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Which kinds of prompts lead to something; most responses first.

    Columns: prompt_type (null: not told), turn_count (prompts with each response), response_count,
    user_count, then rates with `_count`, `_low` and `_high` behind each: used_rate (selected,
    copied, or a citation opened), copied_rate, selected_rate, citation_rate, feedback_rate,
    rephrased_rate, silent_success_rate, silent_failure_rate, error_rate (of turns). Rates are
    null without a response in a closed session. No rows when there is no response.
    """
    return _rated(wh, "chat.queries", filters, "prompt_type", ACTS)


def turns(wh: Warehouse, filters: Filters, most_turns: int = 50) -> "pl.DataFrame":
    """What comes of responses, turn by turn of their chats.

    Columns: turn_number (0: before the first prompt), and those of `queries`. Turns beyond
    `most_turns` have no row. No rows when there is no chat.
    """
    return _rated(wh, "chat.turns", filters, "turn_number", ACTS, most_turns=most_turns)


def models(wh: Warehouse, filters: Filters, by: str = "model") -> "pl.DataFrame":
    """Models beside each other; most responses first.

    `by` as in `latency`. Columns: the value (null: not told, or no response came), those of
    `queries`, p50_ms, p90_ms, p95_ms, p99_ms, first_token_p50_ms, median_read_seconds,
    median_response_length, prompt_tokens, completion_tokens, cost (sums of what is told),
    avg_prompt_tokens, avg_completion_tokens, avg_cost (a response that tells them). No rows when
    there is no chat. ConfigError for another `by`.
    """
    refuse_unknown("breakdown", by, TURNS_BY)
    return _rated(wh, "chat.models", filters, by, ACTS)


def feedback(wh: Warehouse, filters: Filters, by: str = "model_group") -> "pl.DataFrame":
    """Feedback, and how many responses have none; most responses first.

    `by` as in `latency`. Columns: the value (null: not told), turn_count, response_count,
    user_count, then rates with `_count`, `_low` and `_high`: feedback_rate (of responses),
    positive_rate (up, of up and down), up_rate, down_rate, neutral_rate (of responses); no
    feedback is the rest. Rates are null without a response in a closed session. No rows when there
    is no response. ConfigError for another `by`.
    """
    refuse_unknown("breakdown", by, TURNS_BY)
    return _rated(wh, "chat.feedback", filters, by, FEEDBACK)


def value_chain(wh: Warehouse, filters: Filters, by: str = "model_group") -> "pl.DataFrame":
    """How far what was asked gets, as a funnel, and what came of it. Of closed sessions.

    `by` as in `latency`. Steps: asked (turns), answered, read (something followed in the visit, or
    was done with it), engaged (scrolled, selected, copied, or a citation opened), used (selected,
    copied, or a citation opened), copied; each holds who reached a later one. Outcomes, of what
    was answered: silent_success, silent_failure, rephrased, feedback_up, feedback_down.

    Columns: the value (null: not told), step_number, step, is_outcome, count, case_count (asked;
    of outcomes answered), rate, low, high, from_previous_rate (null in the first step and in
    outcomes). The value with most turns first. No rows when there is no chat. ConfigError for
    another `by`.
    """
    refuse_unknown("breakdown", by, TURNS_BY)
    words = {"turn_value": TURNS_BY[by], **words_of(CHAIN)}
    return chain_rows(_run(wh, "chat.value_chain", filters, words=words), by)


def totals(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Chats in a few numbers.

    Columns: turn_count, response_count, user_count, the rates of `queries`, prompt_count,
    chat_count, visit_count (sessions with a turn), p50_ms, p90_ms, p95_ms, p99_ms,
    first_token_p50_ms, median_read_seconds, prompt_tokens, completion_tokens, cost. Always one
    row: counts are 0 and all else null when there is no chat.
    """
    import polars as pl

    words = {"turn_value": "1", **words_of(ACTS)}
    frame = with_intervals(_run(wh, "chat.totals", filters, words=words), *ACTS)
    return frame.with_columns(pl.col("^.*_count$").fill_null(0))


def per_visit(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How prompts, chats and visits go together, of turns in sessions of the filters.

    Columns: measure (prompts_per_chat, visits_per_chat, prompts_per_visit, chats_per_visit),
    of_count (chats or visits), mean, median, p90, most. No rows when there is no chat.
    """
    return _run(wh, "chat.per_visit", filters)


def reading(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How long responses are read, by how long they are; in closed sessions.

    Columns: low_length (in), high_length (out), response_count, read_count (whose read time is
    known), p25_read_seconds, median_read_seconds, p75_read_seconds (null where none is). No rows
    when no length is told.
    """
    return _run(wh, "chat.reading", filters)


def conversation(
    wh: Warehouse,
    chat_id: str | None = None,
    session_id: str | None = None,
    user_id: str | None = None,
    show_texts: bool = False,
) -> "pl.DataFrame":
    """The turns of one chat across its visits, with all that is known of each.

    Of a chat id (of one user, where several have it), or of the chats that have a turn in a
    session. Columns: those of `chat_turns`, prompt_text, response_text (null without
    `show_texts`). No rows for a chat or session that is not there. ConfigError without either.
    """
    if chat_id is None and session_id is None:
        msg = "No chat was asked for. Give a chat_id, or the session_id of one of its visits."
        raise ConfigError(msg)
    asked: dict[str, Any] = {"chat_id": chat_id, "session_id": session_id, "user_id": user_id}
    return run_query(wh, "chat.conversation", words=TEXT_WORDS, show_texts=show_texts, **asked)


def _run(
    wh: Warehouse,
    name: str,
    filters: Filters,
    words: Mapping[str, str] = MappingProxyType({}),
    **params: Any,
) -> "pl.DataFrame":
    """What a query answers of turns and chats, which look for their sessions if they have to."""
    return run_query(wh, name, filters, words={**joined_words(filters), **words}, **params)


def _rated(
    wh: Warehouse, name: str, filters: Filters, by: str, rates: Rates, **params: Any
) -> "pl.DataFrame":
    value = TURNS_BY.get(by, by)
    words = {"turn_value": value, **words_of(rates)}
    frame = with_intervals(_run(wh, name, filters, words=words, **params), *rates)
    return frame.rename({"turn_value": by})


def _chats_by(by: str | None) -> str:
    if by is None:
        return "null"
    refuse_unknown("breakdown", by, CHATS_BY)
    return CHATS_BY[by]
