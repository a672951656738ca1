-- How many sessions have a value of each dimension, one column for each. Columns that an older
-- build does not have are passed over.
-- grain: one row
with

facts_told as (
    select
        user_id as fact_user_id,
        columns(lambda name: list_contains($user_columns, name))
    from user_facts
),

values_told as (
    select
        user_id as value_user_id,
        columns(
            lambda name: list_contains($all_columns, name)
            and not list_contains($user_columns, name)
        )
    from filtered_sessions
),

sessions_told as (
    select *
    from values_told
    left join facts_told on values_told.value_user_id = facts_told.fact_user_id
)

select
    count(
        columns(
            lambda name: list_contains($all_columns, name)
            and not list_contains($list_columns, name)
        )
    ),
    coalesce(
        sum((len(columns(lambda name: list_contains($list_columns, name))) > 0)::int), 0
    )::bigint
from sessions_told
