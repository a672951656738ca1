-- Closed sessions, and their users, that show a sign of frustration; the last row is of any sign.
-- grain: one sign
with

closed_sessions as (
    select
        user_key,
        contains(indicator_set, 'rage_clicks') as has_rage_clicks,
        contains(indicator_set, 'ended_on_error') as has_error_exit,
        contains(indicator_set, 'repeated_query') as has_repeated_query
    from filtered_sessions
    where not is_open
),

signs_told as (
    select
        user_key,
        unnest([
            { 'place': 1, 'sign': 'rage_clicks', 'is_there': has_rage_clicks },
            { 'place': 2, 'sign': 'error_then_exit', 'is_there': has_error_exit },
            { 'place': 3, 'sign': 'repeated_query', 'is_there': has_repeated_query },
            { 'place': 4, 'sign': 'any', 'is_there': true }
        ]) as told
    from closed_sessions
    where has_rage_clicks or has_error_exit or has_repeated_query
),

signs_counted as (
    select
        told.sign,
        count(*) as session_count,
        count(distinct user_key) as user_count
    from signs_told
    where told.is_there
    group by told.sign
)

select
    signs.sign,
    coalesce(signs_counted.session_count, 0) as session_count,
    coalesce(signs_counted.user_count, 0) as user_count,
    coalesce(signs_counted.session_count, 0) / nullif(everyone.session_count, 0) as share
from (
    values (1, 'rage_clicks'), (2, 'error_then_exit'), (3, 'repeated_query'), (4, 'any')
) as signs (place, sign)
cross join (select count(*) as session_count from closed_sessions) as everyone
left join signs_counted on signs_counted.sign = signs.sign
order by signs.place
