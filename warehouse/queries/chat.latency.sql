-- How long responses take, by what they are broken down by.
-- grain: one value
with

measured as (
    select
        $turn_value as turn_value,
        count(*) as response_count,
        count(latency_ms) as timed_count,
        quantile_cont(latency_ms, [0.5, 0.9, 0.95, 0.99]) as whole,
        count(first_token_ms) as first_token_count,
        quantile_cont(first_token_ms, [0.5, 0.9, 0.95, 0.99]) as first_token
    from filtered_turns
    where is_answered
    group by all
)

select
    turn_value,
    response_count,
    whole[1] as p50_ms,
    whole[2] as p90_ms,
    whole[3] as p95_ms,
    whole[4] as p99_ms,
    timed_count,
    first_token[1] as first_token_p50_ms,
    first_token[2] as first_token_p90_ms,
    first_token[3] as first_token_p95_ms,
    first_token[4] as first_token_p99_ms,
    first_token_count
from measured
order by
    case when $by_size then response_count end desc nulls last,
    turn_value asc nulls last
