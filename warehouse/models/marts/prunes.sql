-- What was pruned: raw events of old days are gone, their daily numbers are kept.
-- grain: one row, none before the first prune
with

final as (
    select
        pruned_before, -- First local day whose events are all there.
        time_zone, -- Reporting time zone that the day is of.
        event_count, -- Events that are gone, over all prunes.
        session_count, -- Sessions that are gone.
        pruned_at -- When, UTC.
    from lake_prunes
)

select * from final
