-- Events of some users in files that were just written.
-- grain: one row per user
select
    user_id,
    count(*) as row_count
from read_parquet($files, hive_partitioning = false)
where list_contains($users, user_id)
group by all
order by row_count desc
