-- Intervals that begin before the one before them has ended.
-- scope: visitor
with

followed as (
    select
        source,
        anonymous_id,
        valid_from,
        valid_to,
        lead(valid_from) over (
            partition by source, anonymous_id order by interval_number
        ) as next_from
    from identities
)

select *
from followed
where
    valid_to < valid_from
    or next_from < valid_to
    or (next_from is not null and valid_to is null)
