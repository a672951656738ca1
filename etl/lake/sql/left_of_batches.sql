-- The rows of some files of the lake that leave, by the batch that they are of.
-- grain: one row per batch
select
    coalesce(
        file_rows.batch_number, origins.batch_number, old_files.batch_number
    ) as batch_number,
    count(*) as rows,
    min(file_rows.event_time) as first_time,
    max(file_rows.event_time) as last_time
from file_rows
inner join old_files on old_files.path = file_rows.filename
inner join leaving_rows
    on
        leaving_rows.path = file_rows.filename
        and leaving_rows.row_number = file_rows.file_row_number
left join origins
    on origins.path = file_rows.filename and origins.row_number = file_rows.file_row_number
group by 1
