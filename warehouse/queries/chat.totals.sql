-- Chats in sessions of the filters in a few numbers.
-- grain: one row
with

measured as (
    select
        count(*) filter (begins_turn) as prompt_count,
        count(distinct user_key * 4294967296 + chat_number)
            filter (begins_chat_in_visit) as chat_count,
        count(*) filter (begins_visit) as visit_count,
        quantile_cont(latency_ms, [0.5, 0.9, 0.95, 0.99]) as latency,
        median(first_token_ms) as first_token_p50_ms,
        median(read_seconds) as median_read_seconds,
        sum(prompt_tokens)::bigint as prompt_tokens,
        sum(completion_tokens)::bigint as completion_tokens,
        sum(cost) as cost
    from filtered_turns
)

select
    rates.* exclude (turn_value),
    measured.prompt_count,
    measured.chat_count,
    measured.visit_count,
    measured.latency[1] as p50_ms,
    measured.latency[2] as p90_ms,
    measured.latency[3] as p95_ms,
    measured.latency[4] as p99_ms,
    measured.* exclude (prompt_count, chat_count, visit_count, latency)
from measured
left join outcome_rates as rates on true
