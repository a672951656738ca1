-- Users that hold a large share of a chunk's rows, and ids whose digits a spreadsheet cut: by one
-- row of so many.
-- grain: one row per user
with

looked_at as (
    select user_id
    from typed_rows
    where reason is null and hash(line) % $every = 0
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
