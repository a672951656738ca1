-- Rejected rows by their reason, with one of them as it was received.
-- grain: one row per source, file and reason
with

final as (
    select
        source, -- Name of the source.
        file, -- The file as it was given.
        reason, -- Why its rows were rejected.
        count(*) as row_count, -- How many.
        min(line) as first_line, -- Line of the first of them.
        left(arg_min(raw, line), 500) as example -- The first of them as received, shortened.
    from lake_rejected
    group by source, file, reason
)

select * from final
order by source, file, reason
