-- How many sessions have a value of each dimension, and how many values there are. Columns that an
-- older build does not have are passed over.
-- grain: one count; one column a dimension
with

sessions_told as (
    select columns(lambda name: list_contains($plain_columns || $list_columns, name))
    from filtered_sessions
    left join user_facts using (user_id)
)

select
    'session_count' as counted,
    count(columns(lambda name: list_contains($plain_columns, name))),
    coalesce(sum((len(columns(lambda name: list_contains($list_columns, name))) > 0)::int), 0)::bigint
from sessions_told
union all
select
    'value_count' as counted,
    count(distinct columns(lambda name: list_contains($plain_columns, name))),
    coalesce(
        len(list_distinct(flatten(list(columns(lambda name: list_contains($list_columns, name)))))),
        0
    )
from sessions_told
