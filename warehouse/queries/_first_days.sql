-- The local day of a user's first event ever, whatever is filtered. Of users whose first session
-- was pruned only those are here who came in the day, week or month that the cut goes through.
-- grain: user
select
    user_key,
    start_date as first_date
from int_counted_sessions
where is_new_user
union all
select
    kept_sessions.user_key,
    any_value(users.first_date) as first_date
from users
inner join int_counted_sessions as kept_sessions on users.user_id = kept_sessions.user_id
where
    $pruned_before::date is not null
    and users.first_date < $pruned_before::date
    and users.first_date >= date_trunc($period, $pruned_before::date)
group by kept_sessions.user_key
