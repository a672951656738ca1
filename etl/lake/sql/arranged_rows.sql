-- Rows of some files of the lake, with the batch that each is of and the file it shall be in.
-- grain: one row per event that stays
with

rows_read as (
    select
        old_rows.* exclude (filename),
        wanted_files.name as old_file,
        coalesce(wanted_files.batch, origins.batch) as batch
    from old_rows
    inner join wanted_files on wanted_files.path = old_rows.filename
    left join origins
        on origins.file = wanted_files.name and origins.row_number = old_rows.file_row_number
),

final as (
    select
        rows_read.* exclude (old_file, file_row_number),
        wanted_rows.new_file
    from rows_read
    inner join wanted_rows
        on wanted_rows.old_file = rows_read.old_file and wanted_rows.batch = rows_read.batch
    where
        $cut::timestamp is null
        or rows_read.event_time >= $cut::timestamp
        or exists (
            select 1
            from staying_events
            where
                staying_events.source = rows_read.source
                and staying_events.event_id = rows_read.event_id
        )
)

select * from final
order by new_file, user_id, event_time, event_id
