-- Where one user stands among all who have a session of the filters, and among those of the same
-- cohort: for each metric the share of users below, of those alike one half, in per cent. Beside it
-- the median of all of them.
-- grain: one metric; no row when the user has no session of the filters
with

-- Whole microseconds add up to the same in any order of the sessions: who is alike stays alike.
sessions_summed as (
    select
        user_key,
        count(*)::double as session_count,
        sum(engaged_us) / 1e6 as engaged_seconds,
        sum(action_count)::double as action_count,
        sum(error_count)::double as error_count,
        median(timed_seconds) as median_duration_seconds,
        avg(timed_us) / 1e6 as avg_duration_seconds,
        avg(engaged_us) / 1e6 as avg_engaged_seconds,
        avg(action_count) as actions_per_session,
        avg(bounced) as bounce_rate,
        avg(had_error) as error_rate
    from (
        select
            *,
            round(timed_seconds * 1000000)::bigint as timed_us,
            round(timed_engaged_seconds * 1000000)::bigint as engaged_us
        from filtered_sessions
    )
    group by user_key
),

days_counted as (
    select
        user_key,
        count(*)::double as active_day_count
    from (
        select distinct
            user_key,
            event_date
        from active_days
    )
    group by user_key
),

user_chosen as (
    select
        user_key,
        strftime(first_date, '%Y-%m') as cohort_month
    from users
    where user_id = $user_id
),

cohort as (
    select users.user_key
    from users
    inner join user_chosen on strftime(users.first_date, '%Y-%m') = user_chosen.cohort_month
),

users_measured as materialized (
    select
        sessions_summed.user_key,
        sessions_summed.session_count,
        days_counted.active_day_count,
        sessions_summed.* exclude (user_key, session_count),
        cohort.user_key is not null as is_of_cohort
    from sessions_summed
    inner join days_counted on sessions_summed.user_key = days_counted.user_key
    left join cohort on sessions_summed.user_key = cohort.user_key
),

own as (
    select users_measured.*
    from users_measured
    inner join user_chosen on users_measured.user_key = user_chosen.user_key
),

-- Whether each user has more than this one, 1, as much, 0, or less, -1; null where not known.
users_compared as (
    select
        everyone.is_of_cohort,
        sign(everyone.session_count - own.session_count) as session_count,
        sign(everyone.active_day_count - own.active_day_count) as active_day_count,
        sign(everyone.engaged_seconds - own.engaged_seconds) as engaged_seconds,
        sign(everyone.action_count - own.action_count) as action_count,
        sign(everyone.error_count - own.error_count) as error_count,
        sign(everyone.median_duration_seconds - own.median_duration_seconds)
            as median_duration_seconds,
        sign(everyone.avg_duration_seconds - own.avg_duration_seconds) as avg_duration_seconds,
        sign(everyone.avg_engaged_seconds - own.avg_engaged_seconds) as avg_engaged_seconds,
        sign(everyone.actions_per_session - own.actions_per_session) as actions_per_session,
        sign(everyone.bounce_rate - own.bounce_rate) as bounce_rate,
        sign(everyone.error_rate - own.error_rate) as error_rate
    from users_measured as everyone
    cross join own
),

-- As many below as above are 50 in a hundred.
ranked as (
    select 50 * (1 - avg(columns(* exclude (is_of_cohort))))
    from users_compared
),

ranked_in_cohort as (
    select 50 * (1 - avg(columns(* exclude (is_of_cohort))))
    from users_compared
    where is_of_cohort
),

medians_told as (
    select median(columns(* exclude (user_key, is_of_cohort)))
    from users_measured
),

values_told as (
    select * exclude (user_key, is_of_cohort)
    from own
)

-- Each has its columns in one order; here they are rows.
select
    unnest(struct_keys(values_told)) as metric,
    unnest((select list_value(*columns(*)) from values_told)) as value,
    unnest((select list_value(*columns(*)) from ranked)) as percentile,
    unnest((select list_value(*columns(*)) from ranked_in_cohort)) as cohort_percentile,
    unnest((select list_value(*columns(*)) from medians_told)) as median
from values_told
