-- Event types
select event_type, count(*) as events, count(distinct session_id) as sessions
from session_events
where not is_bot
group by all
order by events desc
