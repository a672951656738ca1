-- The registry of dimensions: what sessions are filtered and broken down by.
-- grain: one row per name
with

final as (
    select
        name, -- Name in conditions, addresses and breakdowns.
        label, -- Name on screen.
        scope, -- What the value is of: session has, entry is, user is.
        kind, -- text, page (also filtered by its beginning), flag, or number (by a range too).
        is_list, -- A session may have several values, and counts in each.
        is_continuous, -- Only filtered by: nearly each session has a value of its own.
        is_own, -- Declared in dwell.toml.
        steps -- Of a pattern of dwell.toml, what its events do; else empty.
    from dimension_values
)

select * from final
