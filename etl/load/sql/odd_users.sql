-- Users that hold a large share of a chunk's rows, and ids whose digits a spreadsheet cut: by some
-- rows of all over it.
-- grain: one row per user
with

looked_at as (
    select user_id
    from rows_looked_at
    where reason is null
),

rows_of_users as (
    select
        user_id,
        count(*) as row_count,
        count(*) / sum(count(*)) over () as share,
        regexp_full_match(user_id, '\d(\.\d+)?[eE]\+\d+') as is_cut
    from looked_at
    group by all
)

select
    user_id,
    is_cut,
    share >= $share as is_large
from rows_of_users
where is_large or is_cut
order by row_count desc
limit 10
