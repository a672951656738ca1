-- Gives every accepted row its event id: the given one, else one made of what it says and of
-- its place among the rows of its file that say the same. An overlapping export makes the same.
-- grain: one row per accepted row
with

described as (
    select
        *,
        case
            when given_id is null
                then md5(concat_ws(
                    chr(31), user_id, epoch_us(event_time), event_type, coalesce(page, ''),
                    coalesce(page_host, ''), coalesce(referrer, ''), coalesce(campaign, ''),
                    coalesce(tracker_session_id, ''), coalesce(chat_id, ''),
                    coalesce(query_type, ''), coalesce(properties, '')
                ))
        end as description
    from typed_rows
    where reason is null
),

final as (
    select
        * exclude (given_id, description, reason, record),
        coalesce(
            given_id,
            md5(description || row_number() over (partition by description order by line))
        ) as event_id,
        given_id is null as is_derived
    from described
)

select * from final
