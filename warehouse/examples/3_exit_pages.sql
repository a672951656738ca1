-- Where people leave
select
    exit_page,
    count(*) as sessions,
    avg(bounced) as bounce_rate,
    median(timed_seconds) as median_seconds
from filtered_sessions
group by all
order by sessions desc
limit 20
