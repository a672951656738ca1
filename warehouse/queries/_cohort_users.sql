-- Who entered in a day, week (from Monday) or month, each one bit (see period_users).
-- grain: cohort_start x block
select
    case $period
        when 'day' then entry_date
        when 'week' then date_trunc('week', entry_date)::date
        when 'month' then date_trunc('month', entry_date)::date
    end as cohort_start,
    user_key >> 10 as block,
    bitstring_agg(user_key & 1023, 0, 1023) as users
from entry_days
group by all
