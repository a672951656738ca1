-- Sessions of each group by length, in the bins of $edges: each holds what is above its low end, up
-- to and with the high one. The last bin that holds a session of any group ends them.
-- grain: group x bin
with

sessions_binned as (
    select
        cell_number,
        unnest(map_entries(histogram(
            case when $of = 'engaged_seconds' then timed_engaged_seconds else timed_seconds end,
            list_append($edges::double[], 'infinity'::double)
        ))) as bin
    from grouped_sessions
    group by cell_number
),

bins as (
    select
        cell_number,
        coalesce(lag(bin.key) over (partition by cell_number order by bin.key), 0.0)
            as low_seconds,
        nullif(bin.key, 'infinity'::double) as high_seconds,
        bin.value::bigint as session_count,
        bin.value / nullif(sum(bin.value) over (partition by cell_number), 0) as share,
        max(bin.key) filter (bin.value > 0) over () as last_key,
        bin.key as key
    from sessions_binned
)

select
    cell_number,
    low_seconds,
    high_seconds,
    session_count,
    share
from bins
where key <= last_key
order by cell_number, low_seconds, high_seconds
