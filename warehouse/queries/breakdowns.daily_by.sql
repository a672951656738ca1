-- Sessions by day, week (from Monday) or month of their start and by one dimension: the $row_limit
-- values with the most sessions in the whole period, what is not known by itself, and all others in
-- one row. They add up to the sessions of each period. What is not there in one counts 0 in it, and
-- is not known after the running day.
-- grain: one period of $grain x one value
with

named_values as (
    select
        dimension_key,
        row_number() over (order by count(*) desc, dimension_key asc) as value_rank
    from valued_sessions
    where dimension_key is not null
    group by dimension_key
    qualify value_rank <= $row_limit
),

sessions_counted as (
    select
        date_trunc($grain, valued_sessions.start_date)::date as period_start,
        named_values.dimension_key as value,
        named_values.value_rank,
        valued_sessions.dimension_key is not null and named_values.value_rank is null as is_other,
        count(*) as session_count
    from valued_sessions
    left join named_values on valued_sessions.dimension_key = named_values.dimension_key
    group by all
),

extent as (
    select
        greatest(coalesce($first_date::date, min(start_date)), $pruned_before::date) as first_date,
        coalesce($last_date::date, max(start_date)) as last_date
    from filtered_sessions
),

periods_listed as (
    select
        unnest(generate_series(
            date_trunc($grain, first_date)::timestamp,
            last_date::timestamp,
            ('1 ' || $grain)::interval
        ))::date as period_start
    from extent
),

values_listed as (
    select distinct
        value,
        value_rank,
        is_other
    from sessions_counted
)

select
    periods_listed.period_start,
    values_listed.value,
    values_listed.is_other,
    coalesce(
        sessions_counted.session_count, if(periods_listed.period_start > $as_of_date::date, null, 0)
    ) as session_count,
    periods_listed.period_start >= extent.first_date
    and (periods_listed.period_start + ('1 ' || $grain)::interval)::date
    <= least(extent.last_date + 1, $as_of_date::date)
        as is_complete
from periods_listed
cross join values_listed
cross join extent
left join sessions_counted
    on
        periods_listed.period_start = sessions_counted.period_start
        and values_listed.value is not distinct from sessions_counted.value
        and values_listed.is_other = sessions_counted.is_other
order by
    periods_listed.period_start,
    values_listed.value_rank nulls last,
    values_listed.is_other desc
