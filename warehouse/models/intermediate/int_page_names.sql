-- The pages that a page rule names otherwise than they were received. Each different page is
-- looked at once, however often it was seen; without rules none is.
-- scope: session
-- grain: one row per raw_page
with

pages as (
    select distinct page as raw_page
    from lake_events
    where page is not null and (select has_page_rules from stg_settings)
),

named as (
    select
        raw_page,
        page_name(raw_page) as page
    from pages
)

select *
from named
where page <> raw_page
