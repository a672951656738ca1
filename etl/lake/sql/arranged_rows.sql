-- Rows of some files of the lake, with the batch that each is of and the span it shall be in.
-- grain: one row per event that stays
with

rows_read as (
    select
        file_rows.* exclude (filename, file_row_number, batch_number)
        replace (coalesce(new_properties.properties, file_rows.properties) as properties),
        old_files.name_length,
        coalesce(
            file_rows.batch_number, origins.batch_number, old_files.batch_number
        ) as batch_number
    from file_rows
    inner join old_files on old_files.path = file_rows.filename
    left join origins
        on origins.path = file_rows.filename and origins.row_number = file_rows.file_row_number
    left join new_properties
        on
            new_properties.source = file_rows.source
            and new_properties.event_id = file_rows.event_id
    where
        not exists (
            select 1
            from leaving_rows
            where
                leaving_rows.path = file_rows.filename
                and leaving_rows.row_number = file_rows.file_row_number
        )
),

final as (
    select
        rows_read.* exclude (name_length),
        left(rows_read.event_time::date::varchar, rows_read.name_length) as span
    from rows_read
    where
        rows_read.batch_number not in (select batch_number from leaving_batches)
        and (
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
)

select * from final
order by source, span, user_id, event_time, event_id
