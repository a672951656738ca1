-- Days of files most of whose rows were there before, in a source whose files are not so: an export
-- that came twice. Its rows were dropped. Where each export overlaps the one before, that is usual.
-- grain: one file
with

loads as (
    select
        source,
        parse_filename(replace(file, chr(92), '/')) as file_name,
        timezone($time_zone, timezone('UTC', first_row_time))::date as first_date,
        timezone($time_zone, timezone('UTC', last_row_time))::date as last_date,
        rows_duplicate,
        rows_duplicate + rows_loaded as row_count,
        rows_duplicate / nullif(rows_duplicate + rows_loaded, 0) as duplicate_share
    from load_runs
    where status = 'loaded'
),

usual as (
    select
        source,
        count(*) as file_count,
        median(duplicate_share) as duplicate_share
    from loads
    group by source
)

select
    loads.source,
    loads.first_date,
    loads.last_date,
    format(
        '{:,} of {:,} rows of {} were there before and were dropped',
        loads.rows_duplicate,
        loads.row_count,
        loads.file_name
    ) as evidence
from loads
inner join usual on loads.source = usual.source
where
    loads.first_date is not null
    and loads.rows_duplicate >= 20
    and loads.duplicate_share >= 0.5
    and usual.duplicate_share < 0.25
    and usual.file_count >= 4
