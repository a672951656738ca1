-- Sessions with a text in a page, or in the value of a property, of one of their events, in any
-- case. What people typed and were answered is looked at only if that is wanted.
-- grain: one session
with

-- JSON without an escape has its values as they are: of most events that is enough to say no.
events_suspected as (
    select
        session_place,
        session_id,
        user_id,
        event_time,
        properties,
        coalesce(contains(lower(page), lower($sought)), false)
        or coalesce(contains(lower(raw_page), lower($sought)), false) as is_of_page
    from $events
    where
        ($pruned_before::date is null or $day >= $pruned_before::date)
        and ($first_date::date is null or $day >= $first_date::date)
        and ($last_date::date is null or $day <= $until_date)
        and (
            contains(lower(page), lower($sought))
            or contains(lower(raw_page), lower($sought))
            or contains(lower(properties), lower($sought))
            or contains(properties, '\')
        )
),

events_found as (
    select *
    from events_suspected
    where
        is_of_page
        or exists (
            select 1
            from json_tree(events_suspected.properties) as leaf
            where
                contains(lower(leaf.atom ->> '$'), lower($sought))
                and (
                    $show_texts
                    or not (
                        (leaf.type = 'VARCHAR' and list_contains($typed, lower(leaf.key)))
                        or regexp_matches(
                            -- A key that has to be quoted is none of those.
                            lower(regexp_replace(leaf.path, '"(?:[^"\\]|\\.)*"', '', 'g')),
                            $typed_path
                        )
                    )
                )
        )
)

select
    session_place,
    any_value(session_id) as session_id,
    any_value(user_id) as user_id,
    count(*) as mention_count,
    min(event_time) as first_mention_time
from events_found
group by session_place
order by first_mention_time desc, session_id
