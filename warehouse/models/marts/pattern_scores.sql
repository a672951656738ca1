-- How much of each behaviour pattern a set of indicators shows: the share of the pattern's
-- indicators that are in it. Sessions with the same set share its rows.
-- grain: one row per indicator_set and pattern
with

sets_seen as (
    select
        indicator_set,
        string_split(indicator_set, ', ') as holding
    from int_sessions
    group by indicator_set
),

final as (
    select
        sets_seen.indicator_set, -- Names of the indicators that hold, of all patterns.
        indicators.pattern, -- confused, power_user, task_focused or explorer.
        avg(list_contains(sets_seen.holding, indicators.indicator)::int)
            as score, -- Share of its indicators that hold, 0 to 1.
        coalesce(
            list(
                indicators.meaning
                order by list_position(sets_seen.holding, indicators.indicator)
            ) filter (list_contains(sets_seen.holding, indicators.indicator)),
            []
        ) as indicators, -- The indicators that hold, in words.
        indicators.tie_rank -- Of equal scores the lowest wins.
    from sets_seen
    cross join int_pattern_indicators as indicators
    group by sets_seen.indicator_set, indicators.pattern, indicators.tie_rank
)

select * from final
order by indicator_set, tie_rank
