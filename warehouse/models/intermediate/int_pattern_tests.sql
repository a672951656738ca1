-- Tests each indicator of each behaviour pattern on each session.
-- An indicator that cannot be told (no page views, so no ratio) does not hold. The patterns
-- stand in the order that settles ties.
-- grain: one row per session_id
select
    totals.session_id,
    [
        {
            'pattern': 'confused',
            'tests': [
                { 'indicator': '3 or more errors', 'holds': totals.error_count >= 3 },
                {
                    'indicator': 'a page seen 3 or more times',
                    'holds': coalesce(pages.most_views_of_a_page >= 3, false)
                },
                {
                    'indicator': '3 clicks within 1 s and 30 px',
                    'holds': clicks.session_id is not null
                },
                { 'indicator': 'ended on an error', 'holds': totals.ends_on_error },
                {
                    'indicator': 'query repeated within 20 s',
                    'holds': queries.session_id is not null
                }
            ]
        },
        {
            'pattern': 'power_user',
            'tests': [
                { 'indicator': '30 minutes or longer', 'holds': totals.duration_seconds >= 1800 },
                { 'indicator': '50 or more actions', 'holds': totals.action_count >= 50 },
                { 'indicator': '3 or more event types', 'holds': totals.event_type_count >= 3 },
                { 'indicator': 'no errors', 'holds': totals.error_count = 0 }
            ]
        },
        {
            'pattern': 'task_focused',
            'tests': [
                {
                    'indicator': 'a completed workflow or 2 or more queries',
                    'holds': totals.completed_workflow_count >= 1 or totals.query_count >= 2
                },
                {
                    'indicator': '3 or fewer distinct pages',
                    'holds': totals.distinct_page_count <= 3
                },
                { 'indicator': 'no errors', 'holds': totals.error_count = 0 },
                { 'indicator': '5 or more actions', 'holds': totals.action_count >= 5 }
            ]
        },
        {
            'pattern': 'explorer',
            'tests': [
                {
                    'indicator': '8 or more distinct pages',
                    'holds': totals.distinct_page_count >= 8
                },
                {
                    'indicator': '70 % or more of page views are distinct pages',
                    'holds': coalesce(
                        totals.distinct_page_count / nullif(totals.page_view_count, 0) >= 0.7,
                        false
                    )
                },
                {
                    'indicator': 'no completed workflow',
                    'holds': totals.completed_workflow_count = 0
                }
            ]
        }
    ] as patterns
from int_session_totals as totals
left join int_page_repeats as pages on pages.session_id = totals.session_id
left join int_rage_clicks as clicks on clicks.session_id = totals.session_id
left join int_repeated_queries as queries on queries.session_id = totals.session_id
