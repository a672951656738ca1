-- The page most sessions of a day were entered by, and left from; ties alphabetical. By stream, and
-- of all streams together.
-- scope: day
-- grain: one row per stream and start_date
with

entries_counted as (
    select
        coalesce(user_sessions.stream, 'all') as stream,
        start_date,
        entry_page,
        count(*) as session_count
    from user_sessions
    where not is_bot and entry_page is not null
    group by
        grouping sets (
            (user_sessions.stream, start_date, entry_page), (start_date, entry_page)
        )
),

exits_counted as (
    select
        coalesce(user_sessions.stream, 'all') as stream,
        start_date,
        exit_page,
        count(*) as session_count
    from user_sessions
    where not is_bot and not is_open and exit_page is not null
    group by
        grouping sets (
            (user_sessions.stream, start_date, exit_page), (start_date, exit_page)
        )
),

entries_chosen as (
    select
        stream,
        start_date,
        arg_min(entry_page, { 'count': -session_count, 'page': entry_page }) as most_common_entry
    from entries_counted
    group by stream, start_date
),

exits_chosen as (
    select
        stream,
        start_date,
        arg_min(exit_page, { 'count': -session_count, 'page': exit_page }) as most_common_exit
    from exits_counted
    group by stream, start_date
),

final as (
    select
        entries_chosen.stream,
        entries_chosen.start_date,
        entries_chosen.most_common_entry,
        exits_chosen.most_common_exit
    from entries_chosen
    left join exits_chosen
        on
            exits_chosen.stream = entries_chosen.stream
            and exits_chosen.start_date = entries_chosen.start_date
)

select * from final
