-- The registry of metrics: what each number means.
-- grain: one row per name
with

final as (
    select
        name, -- Name in the API.
        label, -- Name on screen.
        definition, -- What it counts, with its boundary case.
        unit, -- count, seconds, rate or per_session.
        empty, -- Its value when there are no sessions.
        better, -- 1: up is better; -1: down is better; 0: neither.
        query, -- The file of its SQL.
        sql -- Its expression, of one that dwell.toml declares; else null.
    from metric_values
)

select * from final
