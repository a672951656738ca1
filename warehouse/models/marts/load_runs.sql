-- Files that were loaded, and files whose last load failed, with what became of their rows.
-- grain: one row per file load
with

final as (
    select
        batch_id, -- The batch; null when the load failed.
        sequence, -- The order in which batches came; null when the load failed.
        source, -- Name of the source.
        format, -- Format it was read as.
        file, -- The file as it was given.
        status, -- loaded or failed.
        rows_read, -- Rows read: the sum of the next three.
        rows_loaded, -- Events that came into the lake.
        rows_duplicate, -- Events that were there before.
        rows_rejected, -- Rows that could not be events.
        rows_erased, -- Of the loaded and rejected ones, those of people who were forgotten since.
        first_event_time, -- UTC.
        last_event_time, -- UTC.
        loaded_at, -- UTC.
        seconds, -- Time it took.
        message, -- What was wrong; null when loaded.
        schema_changes, -- What changed in its fields since the source's last such file, in words.
        warnings, -- What looks wrong with its rows, in words.
        repeated -- UTC days with 20 duplicates or more: first/last=rows.
    from lake_loads
)

select * from final
order by loaded_at, file
