-- As of rules 1 (etl/lake/rules.py): what is mended elsewhere stays here as it was.
-- What each row without an id says, and its place among the rows of its file that say the same.
-- An overlapping export makes the same ids of them. What fills a column that came later is in the
-- properties too: it takes no line here, and the ids of all homes stay what they are.
-- grain: one row per accepted row that came without an id
with

-- The order of a row's properties is that in which keys came up in its file: no part of what it
-- says. What is no object, or has a key twice, stays as it is.
in_order as (
    select
        *,
        to_json(
            list_sort(map_entries(from_json(properties, '"MAP(VARCHAR, JSON)"')))
        )::varchar as properties_in_order
    from rows_to_describe
    where reason is null and given_id is null
),

described as (
    select
        row,
        -- Files that are read together stay apart: see etl/read/joined.py.
        line >> 40 as file,
        md5(concat_ws(
            chr(31), user_id, epoch_us(event_time), event_type, coalesce(page, ''),
            coalesce(page_host, ''), coalesce(referrer, ''), coalesce(campaign, ''),
            coalesce(tracker_session_id, ''), coalesce(chat_id, ''),
            coalesce(query_type, ''), coalesce(properties_in_order, properties, '')
        ))::uuid as description
    from in_order
),

seen_before as (
    select file, description, sum(rows)::bigint as before
    from seen_descriptions_1
    group by file, description
),

final as (
    select
        described.row,
        described.file,
        described.description,
        row_number() over (
            partition by described.file, described.description order by described.row
        ) as place,
        coalesce(seen_before.before, 0) as before
    from described
    left join seen_before
        on seen_before.description = described.description and seen_before.file = described.file
)

select * from final
