-- Sessions and users per day
select start_date, count(*) as sessions, count(distinct user_id) as users
from filtered_sessions
group by all
order by start_date
