-- How much of each behaviour pattern a session shows: the share of its indicators that hold.
-- Sessions with few actions have scores too, but no pattern: see user_sessions.
-- kept as: view
-- grain: one row per session_id and pattern
with

final as (
    select
        user_sessions.session_id, -- The session.
        pattern_scores.pattern, -- confused, power_user, task_focused or explorer.
        pattern_scores.score, -- Share of its indicators that hold, 0 to 1.
        pattern_scores.indicators, -- The indicators that hold, in words.
        pattern_scores.tie_rank -- Of equal scores the lowest wins.
    from user_sessions
    inner join pattern_scores on pattern_scores.indicator_set = user_sessions.indicator_set
)

select * from final
