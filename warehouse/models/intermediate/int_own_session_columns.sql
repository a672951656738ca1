-- The columns of sessions that dwell.toml declares ([dimensions.x], [measures.x]), made of the
-- properties of each session's events.
-- scope: session
-- grain: one row per session_id; none where nothing is declared
select * from own_session_columns()
