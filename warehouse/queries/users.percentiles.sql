-- Where one user stands among all who have a session of the filters, and among those of the same
-- cohort: for each metric the share of users below, of those alike one half, in per cent.
-- grain: one metric; no row when the user has no session of the filters
with

-- Whole microseconds add up to the same in any order of the sessions: who is alike stays alike.
sessions_summed as (
    select
        user_key,
        count(*) as session_count,
        sum(engaged_us) as engaged_us,
        sum(action_count) as action_count,
        sum(error_count) as error_count,
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
        count(*) as active_day_count
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

-- A metric is known by its place, here and below.
users_measured as materialized (
    select
        sessions_summed.user_key,
        cohort.user_key is not null as is_of_cohort,
        [
            sessions_summed.session_count::double,
            days_counted.active_day_count,
            sessions_summed.engaged_us / 1e6,
            sessions_summed.action_count,
            sessions_summed.error_count,
            sessions_summed.median_duration_seconds,
            sessions_summed.avg_duration_seconds,
            sessions_summed.avg_engaged_seconds,
            sessions_summed.actions_per_session,
            sessions_summed.bounce_rate,
            sessions_summed.error_rate
        ] as numbers
    from sessions_summed
    inner join days_counted on sessions_summed.user_key = days_counted.user_key
    left join cohort on sessions_summed.user_key = cohort.user_key
),

own_numbers as (
    select
        unnest(numbers) as value,
        unnest(range(1, len(numbers) + 1)) as place,
        unnest([
            'session_count',
            'active_day_count',
            'engaged_seconds',
            'action_count',
            'error_count',
            'median_duration_seconds',
            'avg_duration_seconds',
            'avg_engaged_seconds',
            'actions_per_session',
            'bounce_rate',
            'error_rate'
        ]) as metric
    from users_measured
    inner join user_chosen on users_measured.user_key = user_chosen.user_key
),

others_numbers as (
    select
        is_of_cohort,
        unnest(numbers) as value,
        unnest(range(1, len(numbers) + 1)) as place
    from users_measured
),

others_compared as (
    select
        others_numbers.place,
        others_numbers.is_of_cohort,
        others_numbers.value < own_numbers.value as is_less,
        others_numbers.value = own_numbers.value as is_alike
    from others_numbers
    inner join own_numbers on others_numbers.place = own_numbers.place
    where others_numbers.value is not null
),

ranked as (
    select
        place,
        100 * (count(*) filter (is_less) + count(*) filter (is_alike) / 2) / count(*)
            as percentile,
        100 * (
            count(*) filter (is_of_cohort and is_less)
            + count(*) filter (is_of_cohort and is_alike) / 2
        ) / nullif(count(*) filter (is_of_cohort), 0) as cohort_percentile
    from others_compared
    group by place
)

select
    own_numbers.metric,
    own_numbers.value,
    case when own_numbers.value is not null then ranked.percentile end as percentile,
    case when own_numbers.value is not null then ranked.cohort_percentile end
        as cohort_percentile
from own_numbers
left join ranked on own_numbers.place = ranked.place
order by own_numbers.place
