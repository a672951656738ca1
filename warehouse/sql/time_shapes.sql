-- What columns of files were taken for, and what their times were read as, by source.
-- grain: one source
select
    source,
    count(*) as file_count,
    list_sort(list_distinct(flatten(list(coalesce(times, []))))) as times,
    list_sort(list_distinct(flatten(list(coalesce(columns, []))))) as columns,
    count(*) filter (coalesce(rules, 1) < $rules) as older_file_count
from lake_batches
group by source
order by source
