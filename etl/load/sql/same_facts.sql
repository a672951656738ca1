-- How many of a source's new events other sources hold too: same user, time and type. By one of so
-- many, the same in all sources.
-- grain: one row per source
with

looked_at as (
    select distinct
        user_id,
        event_time,
        event_type
    from read_parquet($written, hive_partitioning = false)
    where hash(user_id, event_time, event_type) % $every = 0
),

held as (
    select distinct
        source,
        user_id,
        event_time,
        event_type
    from read_parquet($others, hive_partitioning = false)
    where
        event_time between $first::timestamp and $last::timestamp
        and hash(user_id, event_time, event_type) % $every = 0
)

select
    held.source,
    count(*) / (select count(*) from looked_at) as share
from held
semi join looked_at
    on
        looked_at.user_id = held.user_id
        and looked_at.event_time = held.event_time
        and looked_at.event_type = held.event_type
group by all
order by share desc
