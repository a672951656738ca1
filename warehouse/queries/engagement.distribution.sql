-- How many sessions were how long, in the bins of $edges: each holds what is above its low end, up
-- to and with the high one. The first bin is that of 0 s; the last that holds a session ends them.
-- grain: bin
with

sessions_binned as (
    select
        unnest(map_entries(histogram(
            case when $of = 'engaged_seconds' then timed_engaged_seconds else timed_seconds end,
            list_append($edges::double[], 'infinity'::double)
        ))) as bin
    from filtered_sessions
),

bins as (
    select
        coalesce(lag(bin.key) over (order by bin.key), 0.0) as low_seconds,
        nullif(bin.key, 'infinity'::double) as high_seconds,
        bin.value::bigint as session_count,
        sum(bin.value) over (order by bin.key desc) as from_here_count
    from sessions_binned
)

select
    low_seconds,
    high_seconds,
    session_count
from bins
where from_here_count > 0
order by low_seconds, high_seconds
