-- Where the users of a segment stand among all users of the filters: each user's value is that of
-- the user's own sessions, in the segment of those that the segment takes. A value's place is the
-- share of all users with less, plus half of those with the same, in per cent.
-- grain: one metric
with

-- A session of the segment counts twice: for the segment, and for everybody.
sessions_told as (
    select
        *,
        unnest(if($segment_holds, [false, true], [false])) as is_of_segment,
        round(timed_seconds * 1000000)::bigint as timed_us,
        round(timed_engaged_seconds * 1000000)::bigint as engaged_us
    from filtered_sessions as dimensioned_sessions
    where $since::timestamp is null or start_time >= $since::timestamp
),

-- Whole microseconds add up to the same in any order of the sessions: who is alike stays alike.
users_measured as (
    select
        is_of_segment,
        count(*)::double as session_count,
        sum(query_count)::double as query_count,
        median(timed_seconds) as median_duration_seconds,
        avg(timed_us) / 1e6 as avg_duration_seconds,
        avg(engaged_us) / 1e6 as avg_engaged_seconds,
        avg(action_count) as actions_per_session,
        avg(query_count) as queries_per_session,
        avg(bounced) as bounce_rate,
        avg(had_error) as error_rate,
        avg(abandoned) as abandonment_rate
    from sessions_told
    group by user_key, is_of_segment
),

values_told as (
    select
        is_of_segment,
        unnest(struct_keys(struct_pack(*columns(* exclude (is_of_segment))))) as metric,
        unnest(list_value(*columns(* exclude (is_of_segment)))) as value
    from users_measured
),

values_counted as (
    select
        metric,
        value,
        count(*) filter (not is_of_segment) as all_count,
        count(*) filter (is_of_segment) as segment_count
    from values_told
    where value is not null
    group by metric, value
),

values_placed as (
    select
        metric,
        segment_count,
        100 * (sum(all_count) over up_to_here - all_count / 2) / sum(all_count) over of_metric
            as place
    from values_counted
    window
        of_metric as (partition by metric),
        up_to_here as (partition by metric order by value)
),

places_met as (
    select
        metric,
        sum(segment_count * place) / nullif(sum(segment_count), 0) as percentile
    from values_placed
    group by metric
)

select
    values_told.metric,
    median(values_told.value) filter (values_told.is_of_segment) as value,
    median(values_told.value) filter (not values_told.is_of_segment) as platform_median,
    any_value(places_met.percentile) as percentile,
    count(values_told.value) filter (values_told.is_of_segment) as user_count,
    count(values_told.value) filter (not values_told.is_of_segment) as platform_user_count
from values_told
left join places_met on values_told.metric = places_met.metric
group by values_told.metric
order by values_told.metric
