-- Sessions whose end is before their start, or whose duration is not the time between.
-- scope: user
select session_id
from user_sessions
where
    end_time < start_time
    or duration_seconds <> (epoch_us(end_time) - epoch_us(start_time)) / 1000000.0
    or engaged_seconds > duration_seconds
