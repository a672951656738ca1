-- Sessions of the period that some numbers leave out. The filters take bots in here, so
-- that they can be counted; $count_bots tells whether the numbers beside this one hold them
-- too.
-- grain: one row
select
    count(*) filter (is_bot) as bot_session_count,
    count(*) filter (is_suspect and ($count_bots or not is_bot)) as suspect_session_count,
    count(*) filter (is_open and ($count_bots or not is_bot)) as open_session_count
from filtered_sessions
