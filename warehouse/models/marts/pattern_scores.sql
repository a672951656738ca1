-- How much of each behaviour pattern a set of indicators shows: the share of the pattern's
-- indicators that are in it. Sessions with the same set share its rows.
-- grain: one row per indicator_set and pattern
with

sets_met as (
    select distinct indicator_set
    from int_sessions
),

final as (
    select
        sets_met.indicator_set, -- Which indicators hold, each a digit of the number.
        indicators.pattern, -- confused, power_user, task_focused or explorer.
        avg((sets_met.indicator_set & indicators.digit > 0)::int)
            as score, -- Share of its indicators that hold, 0 to 1.
        coalesce(
            list(indicators.indicator order by indicators.digit) filter (
                sets_met.indicator_set & indicators.digit > 0
            ), []
        ) as indicators, -- The indicators that hold, in words.
        indicators.tie_rank -- Of equal scores the lowest wins.
    from sets_met
    cross join int_pattern_indicators as indicators
    group by sets_met.indicator_set, indicators.pattern, indicators.tie_rank
)

select * from final
order by indicator_set, tie_rank
