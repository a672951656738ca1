-- All that a session's own events say of it.
-- An open session may still go on: nothing about its end is decided.
-- scope: session
-- grain: one row per session_id
with

-- A ready session without its events counts what its row tells. What is known of pages and
-- workflows by their number alone is not known otherwise: no absence is told from it.
counts_told as (
    select
        totals.* exclude (
            action_count, page_view_count, query_count, error_count, workflow_count
        ),
        coalesce(told.action_count, totals.action_count) as action_count,
        coalesce(told.page_view_count, totals.page_view_count) as page_view_count,
        coalesce(told.query_count, totals.query_count) as query_count,
        coalesce(told.error_count, totals.error_count) as error_count,
        coalesce(told.workflow_count, totals.workflow_count) as workflow_count,
        coalesce(told.page_view_count, 0) <= totals.page_view_count as has_its_pages,
        coalesce(told.workflow_count, 0) <= totals.workflow_count as has_its_workflows
    from int_session_totals as totals
    left join int_told_counts as told on told.session_id = totals.session_id
),

openness_decided as (
    select
        totals.*,
        not totals.has_ended
        and not (totals.stream = 'tracker' and totals.last_event_type = 'session_end')
        and epoch_us(int_as_of.as_of) - epoch_us(totals.end_time) <= stg_settings.timeout_us
            as is_open,
        coalesce(sources.sources, [totals.first_source]) as sources,
        ends.given_reason,
        coalesce(lists.tags, []) as tags,
        coalesce(lists.assets, []) as assets,
        coalesce(query_types.query_types, []) as query_types,
        -- The names of int_pattern_indicators, always in this order: one set is one text. The few
        -- different ones are kept once, and found as quickly as numbers.
        concat_ws(
            ', ',
            case when totals.error_count >= 3 then 'many_errors' end,
            case when pages.session_id is not null then 'repeated_page' end,
            case when clicks.session_id is not null then 'rage_clicks' end,
            case when totals.ends_on_error then 'ended_on_error' end,
            case when queries.session_id is not null then 'repeated_query' end,
            case when totals.duration_seconds >= 1800 then 'long_visit' end,
            case when totals.action_count >= 50 then 'many_actions' end,
            case when totals.has_three_event_types then 'many_event_types' end,
            case when totals.error_count = 0 then 'no_errors' end,
            case
                when totals.completed_workflow_count >= 1 or totals.query_count >= 2
                    then 'workflow_or_queries'
            end,
            case when totals.distinct_page_count <= 3 and totals.has_its_pages then 'few_pages' end,
            case when totals.action_count >= 5 then 'some_actions' end,
            case when totals.distinct_page_count >= 8 then 'many_pages' end,
            case
                when totals.distinct_page_count / nullif(totals.page_view_count, 0) >= 7e-1
                    then 'mostly_new_pages'
            end,
            case
                when totals.completed_workflow_count = 0 and totals.has_its_workflows
                    then 'no_completed_workflow'
            end
        ) as indicator_set,
        stg_settings.time_zone,
        stg_settings.internal_hosts,
        stg_settings.suspect_seconds,
        stg_settings.bounce_seconds,
        stg_settings.bounce_actions,
        own.* exclude (session_id)
    from counts_told as totals
    left join int_session_pages as pages on pages.session_id = totals.session_id
    left join int_rage_clicks as clicks on clicks.session_id = totals.session_id
    left join int_repeated_queries as queries on queries.session_id = totals.session_id
    left join int_session_sources as sources on sources.session_id = totals.session_id
    left join int_session_ends as ends on ends.session_id = totals.session_id
    left join int_session_lists as lists on lists.session_id = totals.session_id
    left join int_session_query_types as query_types
        on query_types.session_id = totals.session_id
    left join int_own_session_columns as own on own.session_id = totals.session_id
    cross join stg_settings
    cross join int_as_of
),

-- What the totals say goes on as it is, but for what is only worked with here.
final as (
    select
        openness_decided.* exclude (
            timeline, session_index, first_position, first_source, last_source, engaged_us,
            completed_workflow_count, has_its_pages, has_its_workflows, has_three_event_types,
            has_ended, ends_on_error, ends_on_leave, last_event_type, given_reason, entry_referrer,
            entry_referrer_host, entry_host, starts_with_view, time_zone, internal_hosts,
            suspect_seconds, bounce_seconds, bounce_actions
        ),
        case
            when time_zone = 'UTC' then start_time::date
            else timezone(time_zone, timezone('UTC', start_time))::date
        end as start_date,
        case
            when time_zone = 'UTC' then end_time::date
            else timezone(time_zone, timezone('UTC', end_time))::date
        end as end_date,
        engaged_us / 1e6 as engaged_seconds,
        case
            when entry_referrer = '' and (entry_page is not null or starts_with_view) then 'direct'
            -- Who never saw a page, such as a server's call, came from nowhere that is known.
            when entry_referrer = '' then null
            when
                entry_referrer_host = ''
                or entry_referrer_host = entry_host
                or list_contains(internal_hosts, entry_referrer_host)
                then 'internal'
            else 'external'
        end as entry_source,
        nullif(entry_referrer, '') as referrer,
        nullif(entry_referrer_host, '') as referrer_host,
        case
            when is_open then null
            -- What runs out was left, not logged out of.
            when has_ended and last_event_type = 'session_expired' then 'timeout'
            when has_ended then 'logout'
            when
                last_event_type = 'session_end'
                and given_reason in ('logout', 'navigation', 'error', 'timeout')
                then given_reason
            when ends_on_error then 'error'
            when ends_on_leave then 'navigation'
            else 'timeout'
        end as exit_reason,
        not is_open
        and duration_seconds < bounce_seconds
        and action_count <= bounce_actions as is_bounce,
        duration_seconds > suspect_seconds as is_suspect,
        event_count >= 2 as has_duration
    from openness_decided
)

select * from final
order by start_time, session_id
