-- How much of each behaviour pattern a set of indicators shows: the share of the pattern's
-- indicators that are in it. An absence counts only beside a presence of the pattern. Sessions with
-- the same set share its rows.
-- grain: one row per indicator_set and pattern
with

sets_seen as (
    select
        indicator_set,
        string_split(indicator_set, ', ') as holding
    from int_sessions
    group by indicator_set
),

judged as (
    select
        sets_seen.indicator_set,
        indicators.pattern,
        indicators.tie_rank,
        indicators.meaning,
        list_position(sets_seen.holding, indicators.indicator) as place,
        list_contains(sets_seen.holding, indicators.indicator)
        and bool_or(
            list_contains(sets_seen.holding, indicators.indicator) and not indicators.is_absence
        ) over (partition by sets_seen.indicator_set, indicators.pattern) as counts
    from sets_seen
    cross join int_pattern_indicators as indicators
),

final as (
    select
        indicator_set, -- Names of the indicators that hold, of all patterns.
        pattern, -- confused, power_user, task_focused or explorer.
        avg(counts::int) as score, -- Share of its indicators that count, 0 to 1.
        coalesce(
            list(meaning order by place) filter (counts), []
        ) as indicators, -- The indicators that count, in words.
        tie_rank -- Of equal scores the lowest wins.
    from judged
    group by indicator_set, pattern, tie_rank
)

select * from final
order by indicator_set, tie_rank
