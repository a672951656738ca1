-- How much of each behaviour pattern a session shows: the share of its indicators that hold.
-- grain: one row per session_id and pattern
with

laid_out as (
    select
        session_id,
        unnest(patterns) as tested,
        generate_subscripts(patterns, 1) as tie_rank
    from int_pattern_tests
),

held as (
    select
        session_id,
        tested.pattern as pattern,
        tie_rank,
        len(tested.tests) as test_count,
        list_transform(
            list_filter(tested.tests, lambda test: test.holds), lambda test: test.indicator
        ) as indicators
    from laid_out
),

final as (
    select
        session_id, -- The session.
        pattern, -- confused, power_user, task_focused or explorer.
        len(indicators) / test_count as score, -- Share of its indicators that hold, 0 to 1.
        indicators, -- The indicators that hold, in words.
        tie_rank -- Of equal scores the lowest wins.
    from held
)

select * from final
