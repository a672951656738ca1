-- Sessions by one dimension: the $row_limit largest values, then all others in one row.
-- grain: one value of $dimension
with

-- $dimension is bound like any value; all branches but one fall away when it is planned.
dimension_chosen as (
    select
        case $dimension
            when 'entry_page' then entry_page
            when 'exit_page' then exit_page
            when 'device_type' then device_type
            when 'entry_source' then entry_source
            when 'browser' then browser
            when 'os' then os
            when 'session_type' then session_type
            when 'exit_reason' then exit_reason
            when 'model_group' then model_group
            when 'campaign' then campaign
        end as value,
        bounced,
        timed_seconds
    from filtered_sessions
),

values_ranked as (
    select
        value,
        row_number() over (order by count(*) desc, value asc nulls last) as value_rank
    from dimension_chosen
    group by value
),

sessions_labelled as (
    select
        values_ranked.value_rank > $row_limit as is_other,
        case when not is_other then values_ranked.value end as value,
        case when not is_other then values_ranked.value_rank end as value_rank,
        dimension_chosen.bounced,
        dimension_chosen.timed_seconds
    from dimension_chosen
    inner join values_ranked
        on dimension_chosen.value is not distinct from values_ranked.value
)

select
    case when is_other then 'Other' else value end as value,
    count(*) as session_count,
    count(*) / sum(count(*)) over () as session_rate,
    avg(bounced) as bounce_rate,
    median(timed_seconds) as median_duration_seconds,
    is_other
from sessions_labelled
group by is_other, value, value_rank
order by is_other, value_rank
