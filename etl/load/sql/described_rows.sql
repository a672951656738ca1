-- What each row without an id says, and its place among the rows of its file that say the same.
-- An overlapping export makes the same ids of them. What fills a column that came later is in the
-- properties too: it takes no line here, and the ids of all homes stay what they are.
-- grain: one row per accepted row that came without an id
with

-- A key of null says what one that is left out says.
nulls_left_out as (
    select
        * replace (
            case
                when contains(properties, 'null')
                    then json_merge_patch('{}', properties::json)::varchar
                else properties
            end as properties
        )
    from rows_to_describe
    where reason is null and given_id is null
),

-- The order of a row's properties is that in which keys came up in its file: no part of what it
-- says. What is no object, or has a key twice, stays as it is.
in_order as (
    select
        *,
        to_json(
            list_sort(map_entries(from_json(properties, '"MAP(VARCHAR, JSON)"')))
        )::varchar as properties_in_order
    from nulls_left_out
),

-- Of objects within objects all that they hold, each with the way that leads to it.
leaves as (
    select
        in_order.row,
        string_agg(
            concat_ws(chr(30), leaf.fullkey, leaf.value::varchar), chr(31) order by leaf.fullkey
        ) as properties_in_order
    from in_order, json_tree(in_order.properties) as leaf
    where
        contains(substr(in_order.properties, 2), '{')
        and leaf.type <> 'NULL'
        and (leaf.atom is not null or leaf.value::varchar in ('{}', '[]', '""'))
    group by in_order.row
),

described as (
    select
        in_order.row,
        -- Files that are read together stay apart: see etl/read/joined.py.
        line >> 40 as file,
        md5(concat_ws(
            chr(31), user_id, epoch_us(event_time), event_type, coalesce(page, ''),
            coalesce(page_host, ''), coalesce(referrer, ''), coalesce(campaign, ''),
            coalesce(tracker_session_id, ''), coalesce(chat_id, ''),
            coalesce(query_type, ''),
            coalesce(leaves.properties_in_order, in_order.properties_in_order, properties, '')
        ))::uuid as description
    from in_order
    left join leaves on leaves.row = in_order.row
),

seen_before as (
    select file, description, sum(rows)::bigint as before
    from seen_descriptions
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
