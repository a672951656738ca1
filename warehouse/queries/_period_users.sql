-- Users with an event, by day, week (from Monday) or month: each is one bit, by the user's small
-- number, in blocks of 1,024 (see counted_users). Days before $shown_from stand apart.
-- grain: period_start x block x is_before
select
    case $period
        when 'day' then event_date
        when 'week' then date_trunc('week', event_date)::date
        when 'month' then date_trunc('month', event_date)::date
    end as period_start,
    user_key >> 10 as block,
    event_date < $shown_from::date as is_before,
    bitstring_agg(user_key & 1023, 0, 1023) as users
from active_days
group by all
