-- The indicators of each behaviour pattern, by the names that a session's indicator_set has
-- (int_sessions says when each holds). Of patterns with equal scores the lowest tie_rank wins.
-- An absence is true of nearly every short session: it counts only beside a presence.
-- grain: one row per pattern and indicator
select
    pattern,
    tie_rank,
    indicator,
    -- What has a threshold of its own among the settings is told with it.
    case indicator
        when 'rage_clicks'
            then concat(
                stg_settings.rage_clicks,
                ' clicks within ',
                stg_settings.rage_click_seconds,
                ' s and ',
                stg_settings.rage_click_distance,
                ' px'
            )
        when 'repeated_query'
            then concat('query repeated within ', stg_settings.repeated_query_seconds, ' s')
        else meaning
    end as meaning,
    indicator in ('no_errors', 'no_completed_workflow', 'few_pages') as is_absence
from (
    values
        ('confused', 1, 'many_errors', '3 or more errors'),
        ('confused', 1, 'repeated_page', 'a page seen 3 or more times'),
        ('confused', 1, 'rage_clicks', null),
        ('confused', 1, 'ended_on_error', 'ended on an error'),
        ('confused', 1, 'repeated_query', null),
        ('power_user', 2, 'long_visit', '30 minutes or longer'),
        ('power_user', 2, 'many_actions', '50 or more actions'),
        ('power_user', 2, 'many_event_types', '3 or more event types'),
        ('power_user', 2, 'no_errors', 'no errors'),
        ('task_focused', 3, 'no_errors', 'no errors'),
        ('task_focused', 3, 'workflow_or_queries', 'a completed workflow or 2 or more queries'),
        ('task_focused', 3, 'few_pages', '3 or fewer distinct pages'),
        ('task_focused', 3, 'some_actions', '5 or more actions'),
        ('explorer', 4, 'many_pages', '8 or more distinct pages'),
        ('explorer', 4, 'mostly_new_pages', '70 % or more of page views are distinct pages'),
        ('explorer', 4, 'no_completed_workflow', 'no completed workflow')
) as indicators (pattern, tie_rank, indicator, meaning)
cross join stg_settings
