-- Sums of one measure by every value of every dimension: the answers of two periods tell which
-- values changed most. Each dimension is a grouping of its own, all of them in one pass; a list is
-- grouped as a whole and taken apart after that, so that a session counts in each of its values.
-- What is put together of names is in every_dimension.py.
-- grain: one value of one dimension; and one row, without dimension, of all sessions
with

sessions_measured as (
    select
        $every_value,
        ($measure)::double as measure
    from filtered_sessions
    left join user_facts on filtered_sessions.user_id = user_facts.user_id
),

sessions_grouped as (
    select
        $grouped_dimension as dimension,
        $grouped_values as dimension_values,
        count(*) as session_count,
        count(measure) as measured_count,
        sum(measure) as measure_sum,
        sum(measure * measure) as measure_squares
    from sessions_measured
    group by grouping sets ($every_set)
),

values_grouped as (
    select
        dimension,
        unnest(dimension_values) as value,
        session_count,
        measured_count,
        measure_sum,
        measure_squares
    from sessions_grouped
)

select
    dimension,
    value,
    sum(session_count)::bigint as session_count,
    sum(measured_count)::bigint as measured_count,
    coalesce(sum(measure_sum), 0) as measure_sum,
    coalesce(sum(measure_squares), 0) as measure_squares
from values_grouped
group by dimension, value
order by dimension nulls first, value nulls last
