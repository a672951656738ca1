-- The counts of ready sessions: those that their rows tell, unless events of their own are there.
-- A row becomes marks and queries (etl/formats/sessions_sql.py), which are no such events. Where
-- some of these came too, they count alone, and queries that were made of a row do not.
-- scope: session
-- grain: one row per session_id of a ready session
with

-- Only marks hold a row, as `session`; it is looked for before it is read, which is dearer.
rows_told as (
    select
        session_id,
        event_number,
        event_time,
        event_type = 'system' as is_of_metrics,
        event_type = 'system' or event_id = tracker_session_id || ':start' as makes_queries,
        told_counts(properties) as told
    from session_events
    where
        stream = 'tracker'
        and tracker_session_id is not null
        and event_type in ('session_start', 'session_end', 'activity', 'system')
        and contains(properties, '"session"')
),

-- The newest mark of a session knows best. Rows of metrics each tell a part, as their queries do.
told_summed as (
    select
        session_id,
        greatest(
            arg_max(told.action_count, event_number) filter (not is_of_metrics),
            sum(told.action_count) filter (is_of_metrics)
        )::bigint as action_count,
        greatest(
            arg_max(told.page_view_count, event_number) filter (not is_of_metrics),
            sum(told.page_view_count) filter (is_of_metrics)
        )::bigint as page_view_count,
        greatest(
            arg_max(told.query_count, event_number) filter (not is_of_metrics),
            sum(told.query_count) filter (is_of_metrics)
        )::bigint as query_count,
        greatest(
            arg_max(told.error_count, event_number) filter (not is_of_metrics),
            sum(told.error_count) filter (is_of_metrics)
        )::bigint as error_count,
        greatest(
            arg_max(told.workflow_count, event_number) filter (not is_of_metrics),
            sum(told.workflow_count) filter (is_of_metrics)
        )::bigint as workflow_count
    from rows_told
    group by session_id
),

times_of_rows as (
    select distinct
        session_id,
        event_time
    from rows_told
    where makes_queries
),

-- A query that was made of a row says nothing itself, and is of the row's time.
events_judged as (
    select
        events.session_id,
        events.is_action,
        events.is_query,
        times_of_rows.session_id is not null as is_made_query,
        times_of_rows.session_id is not null
        or events.event_type in ('session_start', 'session_end', 'activity', 'system')
        or (
            events.event_type in ('workflow_start', 'workflow_step', 'workflow_complete')
            and left(events.event_id, 9) = 'workflow:'
        ) as is_of_row
    from session_events as events
    semi join told_summed on told_summed.session_id = events.session_id
    left join times_of_rows
        on
            times_of_rows.session_id = events.session_id
            and times_of_rows.event_time = events.event_time
            and events.event_type = 'query'
            and events.properties is null
),

events_summed as (
    select
        session_id,
        bool_or(not is_of_row) as has_own_events,
        count(*) filter (is_made_query and is_action) as made_action_count,
        count(*) filter (is_made_query and is_query) as made_query_count
    from events_judged
    group by session_id
),

-- What marks and runs of workflows count stands where a row tells less.
compared as (
    select
        totals.session_id,
        events.has_own_events,
        totals.action_count - events.made_action_count as own_action_count,
        totals.page_view_count as own_page_view_count,
        totals.query_count - events.made_query_count as own_query_count,
        totals.error_count as own_error_count,
        totals.workflow_count as own_workflow_count,
        greatest(totals.action_count, told.action_count) as action_count,
        greatest(totals.page_view_count, told.page_view_count) as page_view_count,
        greatest(totals.query_count, told.query_count) as query_count,
        greatest(totals.error_count, told.error_count) as error_count,
        greatest(totals.workflow_count, told.workflow_count) as workflow_count,
        told.action_count is null as is_without_actions
    from int_session_totals as totals
    inner join told_summed as told on told.session_id = totals.session_id
    inner join events_summed as events on events.session_id = totals.session_id
),

-- A row that tells no actions tells of them by what is one.
final as (
    select
        session_id,
        case
            when has_own_events then own_action_count
            when is_without_actions
                then greatest(
                    action_count, page_view_count + query_count + error_count + workflow_count
                )
            else action_count
        end as action_count,
        case when has_own_events then own_page_view_count else page_view_count end
            as page_view_count,
        case when has_own_events then own_query_count else query_count end as query_count,
        case when has_own_events then own_error_count else error_count end as error_count,
        case when has_own_events then own_workflow_count else workflow_count end
            as workflow_count
    from compared
)

select * from final
