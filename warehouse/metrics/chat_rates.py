"""What the rates of chats are of, and how they are laid out. Never asks the warehouse."""

from typing import TYPE_CHECKING

from warehouse.filters import Filters
from warehouse.metrics.clustered import Rates, with_intervals

if TYPE_CHECKING:
    import polars as pl

# What turns are broken down by → the column of chat_turns.
TURNS_BY = {
    "model": "model",
    "provider": "provider",
    "model_group": "model_group",
    "hour": "local_hour::bigint",
    "prompt_type": "prompt_type",
}
CHATS_BY = {"model": "model", "model_group": "model_group"}

# Columns of user_outcomes.
ACTS: Rates = {
    "used_rate": ("used", "answered"),
    "copied_rate": ("copied", "answered"),
    "selected_rate": ("selected", "answered"),
    "citation_rate": ("cited", "answered"),
    "feedback_rate": ("judged", "answered"),
    "rephrased_rate": ("rephrased", "answered"),
    "silent_success_rate": ("silent_success", "answered"),
    "silent_failure_rate": ("silent_failure", "answered"),
    "error_rate": ("failed", "asked"),
}
FEEDBACK: Rates = {
    "feedback_rate": ("judged", "answered"),
    "positive_rate": ("liked", "decided"),
    "up_rate": ("liked", "answered"),
    "down_rate": ("disliked", "answered"),
    "neutral_rate": ("neutral", "answered"),
}
# Each step holds who reached a later one.
STEPS = {
    "asked": "asked",
    "answered": "answered",
    "read": "was_read",
    "engaged": "engaged",
    "used": "used",
    "copied": "copied",
}
OUTCOMES = {
    "silent_success": "silent_success",
    "silent_failure": "silent_failure",
    "rephrased": "rephrased",
    "feedback_up": "liked",
    "feedback_down": "disliked",
}
CHAIN: Rates = {
    **{step: (column, "asked") for step, column in STEPS.items()},
    **{
        f"{step}_of_previous": (column, before)
        for before, (step, column) in zip(STEPS.values(), list(STEPS.items())[1:], strict=False)
    },
    **{outcome: (column, "answered") for outcome, column in OUTCOMES.items()},
}
DROP_OFF: Rates = {"ended_rate": ("ended", "known")}


def joined_words(filters: Filters) -> dict[str, str]:
    """What stands for the sessions that turns and chats are looked for in, if they have to."""
    has_conditions = bool(filters.where) or bool(filters.segments)
    joined = "\nsemi join filtered_sessions using (user_key, session_number)"
    return {"joined_sessions": joined if has_conditions else ""}


def chain_rows(frame: "pl.DataFrame", by: str) -> "pl.DataFrame":
    """One row per value and step or outcome, of the columns that the query of the chain gives."""
    import polars as pl

    wide = with_intervals(frame, *CHAIN)
    # A step has as many cases as were asked, an outcome as were answered.
    parts = [
        wide.select(
            pl.col("turn_value").alias(by),
            pl.lit(number, pl.Int64).alias("step_number"),
            pl.lit(name).alias("step"),
            pl.lit(name in OUTCOMES).alias("is_outcome"),
            pl.col(f"{name}_count").alias("count"),
            pl.col("answered_count" if name in OUTCOMES else "asked_count").alias("case_count"),
            pl.col(name).alias("rate"),
            pl.col(f"{name}_low").alias("low"),
            pl.col(f"{name}_high").alias("high"),
            pl.col(f"{name}_of_previous").alias("from_previous_rate")
            if f"{name}_of_previous" in CHAIN
            else pl.lit(None, pl.Float64).alias("from_previous_rate"),
            pl.int_range(pl.len()).alias("place"),
        )
        for number, name in enumerate((*STEPS, *OUTCOMES), 1)
    ]
    return pl.concat(parts).sort("place", "step_number").drop("place")
