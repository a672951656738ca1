-- Headline metrics per day
select period_start, session_count, bounce_rate, median_duration_seconds
from measured_days
order by period_start
