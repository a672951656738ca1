"""The sessions of a lake by libraries of frames: Polars and pandas. Never imports Dwell."""

import os
from collections.abc import Callable
from pathlib import Path

THREADS = 2
PASSIVE = (
    *("heartbeat", "activity", "scroll", "hover", "system", "model_response", "page_leave"),
    *("session_start", "session_end", "login", "logout", "redirect"),
    *("api_request", "asset_request", "background_request"),
)
_QUERIES = ("prompt", "query", "search")
_FIRST_TOLD = (
    *("device_type", "browser", "os", "campaign"),
    *("session_type", "experiment_id", "model_group"),
)
_READ = (
    *("source", "stream", "event_id", "user_id", "anonymous_id", "event_time", "event_type"),
    *("page", "page_host", "referrer", "chat_id"),
    *_FIRST_TOLD,
)
_COUNTED = (
    *("event", "action", "page_view", "distinct_page", "query", "error", "workflow", "chat"),
)
_COUNTS = tuple(f"{name}_count" for name in _COUNTED)
_WRITTEN = (
    *("session_id", "stream", "user_id", "has_known_user", "start_time", "end_time"),
    *("duration_seconds", "engaged_seconds"),
    *_COUNTS,
    *_FIRST_TOLD,
    *("entry_page", "exit_page", "entry_source", "referrer", "last_action", "is_bot"),
)

# The host in a web address.
_HOST = "^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)"

# Reads the events of a folder, writes the sessions to a file.
Work = Callable[[Path, Path], object]


def polars() -> Work:
    """Polars in memory over one sorted frame. Its streaming engine took more of everything."""
    os.environ["POLARS_MAXTHREADS"] = str(THREADS)
    import polars as pl
    import polars_hash
    import pyarrow as pa

    c, in_us = pl.col, pl.Datetime("us")
    kind, has_page = c("event_type"), c("page").is_not_null()
    order_rank = (
        pl.when(kind == "session_start")
        .then(0)
        .when(kind.is_in(["logout", "session_end"]))
        .then(2)
        .otherwise(1)
        .cast(pl.Int8)
    )

    def first(column: str) -> pl.Expr:
        return c(column).first(ignore_nulls=True)

    def distinct(column: str) -> pl.Expr:
        return c(column).drop_nulls().n_unique()

    def hex_of(times: pl.Series) -> pl.Series:
        """15 hex digits each; Polars has no function for it, but one for bytes."""
        big_endian = pa.py_buffer(times.cast(pl.Int64).to_numpy().astype(">i8").tobytes())
        eights = pa.FixedSizeBinaryArray.from_buffers(pa.binary(8), len(times), [None, big_endian])
        return pl.Series(eights.cast(pa.binary())).bin.encode("hex").str.slice(1)

    def work(events: Path, target: Path) -> None:
        silence_us = c("event_time").cast(in_us).to_physical().diff()
        flagged = (
            pl.scan_parquet(f"{events}/*/*/*.parquet", hive_partitioning=False)
            .filter(c("stream") == "inactivity")
            .select(_READ)
            .sort("user_id", "event_time", order_rank, "event_id")
            .with_columns(
                silence_us=silence_us,
                is_start=(c("user_id") != c("user_id").shift()).fill_null(value=True)
                | (silence_us > 1_800_000_000)
                | (kind.shift() == "logout"),
                is_action=~kind.is_in(PASSIVE),
                is_view=kind == "page_view",
                is_query=kind.is_in(_QUERIES),
                is_error=kind == "error",
            )
            .with_columns(
                session=c("is_start").cum_sum(),
                engaged_us=pl.when(~c("is_start")).then(
                    c("silence_us").clip(upper_bound=30_000_000)
                ),
                viewed=pl.when("is_view").then("page"),
                action=pl.when("is_action").then("event_type"),
                page_referrer=pl.when(has_page).then(c("referrer").fill_null("")),
                host=pl.when(has_page).then(c("page_host").fill_null("")),
                is_known=c("user_id").ne_missing(c("anonymous_id")),
            )
        )
        # Groups in the order of the rows are found twice as fast, sorted as they are.
        summed_up = (
            flagged.group_by("session", maintain_order=True)
            .agg(
                c("user_id", "stream", "source", "event_id").first(),
                c("is_known").any().alias("has_known_user"),
                c("event_time").first().alias("start_time"),
                c("event_time").last().alias("end_time"),
                c("engaged_us").sum(),
                pl.len().alias("event_count"),
                c("is_action").sum().alias("action_count"),
                c("is_view").sum().alias("page_view_count"),
                distinct("viewed").alias("distinct_page_count"),
                c("is_query").sum().alias("query_count"),
                c("is_error").sum().alias("error_count"),
                (kind == "workflow_start").sum().alias("workflow_count"),
                distinct("chat_id").alias("chat_count"),
                (c("device_type") == "bot").any().alias("is_bot"),
                *(first(name) for name in _FIRST_TOLD),
                first("page").alias("entry_page"),
                c("page").last(ignore_nulls=True).alias("exit_page"),
                pl.coalesce(first("page_referrer"), c("referrer").first()).alias("referrer"),
                first("host"),
                c("action").last(ignore_nulls=True).alias("last_action"),
            )
            .collect(engine="in-memory")
        )
        key = polars_hash.concat_str("source", pl.lit("\x1f"), "event_id").nchash.md5()
        # Divided by a constant, Polars multiplies by its inverse, which is not exact.
        million = c("engaged_us") * 0 + 1e6
        referrer_host = c("referrer").str.extract(_HOST).str.to_lowercase()
        entry_source = (
            pl.when(c("referrer").fill_null("") == "")
            .then(pl.lit("direct"))
            .when((referrer_host.fill_null("") == "") | (referrer_host == c("host").fill_null("")))
            .then(pl.lit("internal"))
            .otherwise(pl.lit("external"))
        )
        summed_up.lazy().with_columns(hex_of(summed_up["start_time"]).alias("hex")).select(
            pl.concat_str("hex", pl.lit("-"), key.str.slice(0, 16)).alias("session_id"),
            "stream",
            "user_id",
            "has_known_user",
            "start_time",
            "end_time",
            ((c("end_time") - c("start_time")).to_physical() / million).alias("duration_seconds"),
            (c("engaged_us") / million).alias("engaged_seconds"),
            c(_COUNTS).cast(pl.Int64),
            *_FIRST_TOLD,
            "entry_page",
            "exit_page",
            entry_source.alias("entry_source"),
            c("referrer").replace("", None),
            "last_action",
            "is_bot",
        ).sink_parquet(target, compression="snappy")

    return work


def pandas() -> Work:
    """pandas over one sorted frame, for small sizes."""
    from hashlib import md5

    import pandas as pd

    def work(events: Path, target: Path) -> None:
        frame = pd.concat(
            pd.read_parquet(file, columns=[*_READ]) for file in sorted(events.glob("*/*/*.parquet"))
        )
        frame = frame[frame["stream"] == "inactivity"]
        kind = frame["event_type"]
        frame["order_rank"] = (
            kind.map({"session_start": 0, "logout": 2, "session_end": 2}).fillna(1).astype("int8")
        )
        frame = frame.sort_values(
            ["user_id", "event_time", "order_rank", "event_id"], ignore_index=True
        )
        kind, has_page = frame["event_type"], frame["page"].notna()
        silence_us = frame["event_time"].astype("datetime64[us]").astype("int64").diff()
        is_start = (
            (frame["user_id"] != frame["user_id"].shift())
            | (silence_us > 1_800_000_000)
            | (kind.shift() == "logout")
        )
        frame["engaged_us"] = silence_us.clip(upper=30_000_000).mask(is_start, 0).astype("int64")
        frame["is_action"] = ~kind.isin(PASSIVE)
        frame["is_view"] = kind == "page_view"
        frame["is_query"] = kind.isin(_QUERIES)
        frame["is_error"] = kind == "error"
        frame["viewed"] = frame["page"].where(frame["is_view"])
        frame["action"] = kind.where(frame["is_action"])
        frame["any_referrer"] = frame["referrer"].fillna("")
        frame["page_referrer"] = frame["any_referrer"].where(has_page)
        frame["host"] = frame["page_host"].fillna("").where(has_page)
        frame["is_known"] = frame["user_id"] != frame["anonymous_id"]
        frame["is_workflow"] = kind == "workflow_start"
        frame["is_bot"] = frame["device_type"] == "bot"
        # first and last leave out what is null.
        sessions = frame.groupby(is_start.cumsum(), sort=False).agg(
            user_id=("user_id", "first"),
            stream=("stream", "first"),
            has_known_user=("is_known", "any"),
            is_bot=("is_bot", "any"),
            source=("source", "first"),
            event_id=("event_id", "first"),
            start_time=("event_time", "first"),
            end_time=("event_time", "last"),
            engaged_us=("engaged_us", "sum"),
            event_count=("event_id", "size"),
            action_count=("is_action", "sum"),
            page_view_count=("is_view", "sum"),
            distinct_page_count=("viewed", "nunique"),
            query_count=("is_query", "sum"),
            error_count=("is_error", "sum"),
            workflow_count=("is_workflow", "sum"),
            chat_count=("chat_id", "nunique"),
            host=("host", "first"),
            **{name: (name, "first") for name in _FIRST_TOLD},
            entry_page=("page", "first"),
            exit_page=("page", "last"),
            page_referrer=("page_referrer", "first"),
            any_referrer=("any_referrer", "first"),
            last_action=("action", "last"),
        )
        referrer = sessions["page_referrer"].fillna(sessions["any_referrer"])
        sessions["referrer"] = referrer.mask(referrer == "")
        hosts = referrer.str.extract(_HOST, expand=False).str.lower().fillna("")
        is_internal = (hosts == "") | (hosts == sessions["host"].fillna(""))
        sessions["entry_source"] = (
            pd.Series("external", index=sessions.index)
            .mask(is_internal, "internal")
            .mask(referrer == "", "direct")
        )
        start_us, end_us = (
            sessions[name].astype("datetime64[us]").astype("int64")
            for name in ("start_time", "end_time")
        )
        sessions["duration_seconds"] = (end_us - start_us) / 1e6
        sessions["engaged_seconds"] = sessions["engaged_us"] / 1e6
        keys = sessions["source"] + "\x1f" + sessions["event_id"]
        sessions["session_id"] = [
            f"{start:015x}-{md5(key.encode(), usedforsecurity=False).hexdigest()[:16]}"
            for start, key in zip(start_us, keys, strict=True)
        ]
        sessions[list(_WRITTEN)].to_parquet(target, index=False)

    return work
