-- Sessions that the conditions take, of any date, with what the metrics average: what rates and
-- durations leave out stands in int_counted_sessions.
-- $chosen holds the chosen values of each dimension of dimensions.py, '' for not known, and null
-- where any will do; $dimension names the one that sessions are broken down by. Both are bound
-- like any value: what is not chosen falls away when the query is planned.
-- grain: one session
select
    *,
    case $dimension
        when 'device_type' then device_type
        when 'browser' then browser
        when 'os' then os
        when 'entry_page' then entry_page
        when 'exit_page' then exit_page
        when 'entry_source' then entry_source
        when 'campaign' then campaign
        when 'session_type' then session_type
        when 'experiment_id' then experiment_id
        when 'model_group' then model_group
        when 'pattern' then pattern
        when 'exit_reason' then exit_reason
    end as dimension_key,
    -- Of the dimensions that are lists: all values of the session.
    case $dimension
        when 'source' then sources
        when 'tag' then tags
        when 'asset' then assets
    end as dimension_keys
from int_counted_sessions
where
    ($include_bots or not is_bot)
    and ($chosen.source is null or list_has_any(sources, $chosen.source))
    and ($chosen.device_type is null or coalesce(device_type, '') in $chosen.device_type)
    and ($chosen.browser is null or coalesce(browser, '') in $chosen.browser)
    and ($chosen.os is null or coalesce(os, '') in $chosen.os)
    and ($chosen.entry_page is null or coalesce(entry_page, '') in $chosen.entry_page)
    and ($chosen.exit_page is null or coalesce(exit_page, '') in $chosen.exit_page)
    and ($chosen.entry_source is null or coalesce(entry_source, '') in $chosen.entry_source)
    and ($chosen.campaign is null or coalesce(campaign, '') in $chosen.campaign)
    and ($chosen.session_type is null or coalesce(session_type, '') in $chosen.session_type)
    and ($chosen.tag is null or list_has_any(if(len(tags) > 0, tags, ['']), $chosen.tag))
    and ($chosen.asset is null or list_has_any(if(len(assets) > 0, assets, ['']), $chosen.asset))
    and ($chosen.experiment_id is null or coalesce(experiment_id, '') in $chosen.experiment_id)
    and ($chosen.model_group is null or coalesce(model_group, '') in $chosen.model_group)
    and ($chosen.pattern is null or coalesce(pattern, '') in $chosen.pattern)
    and ($chosen.exit_reason is null or coalesce(exit_reason, '') in $chosen.exit_reason)
