-- Sessions that have more than one row.
-- scope: user
select
    session_id,
    count(*) as row_count
from user_sessions
group by session_id
having count(*) > 1
