-- The tags and assets of each session's events, sorted.
-- scope: session
-- grain: one row per session_id that has some
with

-- Two looks at a column each cost less than one at both: files say where a column has nothing.
listed as (
    select source, event_id, tags, assets
    from lake_events
    where tags is not null
    union all
    select source, event_id, tags, assets
    from lake_events
    where assets is not null and tags is null
),

final as (
    select
        session_events.session_id,
        list_sort(list_distinct(flatten(list(listed.tags) filter (listed.tags is not null))))
            as tags,
        list_sort(
            list_distinct(flatten(list(listed.assets) filter (listed.assets is not null)))
        ) as assets
    from session_events
    inner join listed
        on
            listed.source = session_events.source
            and listed.event_id = session_events.event_id
    group by session_events.session_id
)

select * from final
