-- The measures of turns of chats that groups are compared by: one line each, described in
-- metrics/answers.py, and read by warehouse/measure_shapes.py. Rates leave out sessions that are
-- still open: what comes of their responses is not known yet.
-- grain: one row
select
    median(latency_ms / 1000) as median_latency_seconds,
    quantile_cont(latency_ms / 1000, 0.95) as p95_latency_seconds,
    avg(coalesce(is_copied, false)::int) filter (is_answered and not is_open) as copied_rate,
    avg(coalesce(is_selected, false)::int) filter (is_answered and not is_open) as selected_rate,
    avg(coalesce(is_citation_opened, false)::int) filter (is_answered and not is_open)
        as citation_rate,
    avg((feedback is not null)::int) filter (is_answered and not is_open) as feedback_rate,
    avg((feedback = 'up')::int) filter (feedback in ('up', 'down') and not is_open)
        as positive_rate,
    avg(coalesce(is_rephrased, false)::int) filter (is_answered and not is_open)
        as rephrased_rate,
    avg(coalesce(is_silent_success, false)::int) filter (is_answered and not is_open)
        as silent_success_rate,
    avg(coalesce(is_silent_failure, false)::int) filter (is_answered and not is_open)
        as silent_failure_rate,
    avg(coalesce(is_error, false)::int) filter (not is_open) as answer_error_rate
from filtered_turns
