-- Models beside each other: how quick, how dear, and what comes of their responses.
-- grain: one value
with

measured as (
    select
        $turn_value as turn_value,
        quantile_cont(latency_ms, [0.5, 0.9, 0.95, 0.99]) as latency,
        median(first_token_ms) as first_token_p50_ms,
        median(read_seconds) as median_read_seconds,
        median(response_length) as median_response_length,
        sum(prompt_tokens)::bigint as prompt_tokens,
        sum(completion_tokens)::bigint as completion_tokens,
        sum(cost) as cost,
        avg(prompt_tokens) as avg_prompt_tokens,
        avg(completion_tokens) as avg_completion_tokens,
        avg(cost) as avg_cost
    from filtered_turns
    where is_answered
    group by all
)

select
    rates.*,
    measured.latency[1] as p50_ms,
    measured.latency[2] as p90_ms,
    measured.latency[3] as p95_ms,
    measured.latency[4] as p99_ms,
    measured.* exclude (turn_value, latency)
from outcome_rates as rates
left join measured on measured.turn_value is not distinct from rates.turn_value
order by rates.response_count desc, rates.turn_value asc nulls last
