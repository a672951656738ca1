-- The events of some people: by their user id, and by an anonymous id while it was theirs. An event
-- that carries both is of the user.
-- grain: one row per event
select
    event_rows.filename as path,
    event_rows.file_row_number as row_number,
    event_rows.source,
    event_rows.user_id,
    event_rows.event_time
from event_rows
semi join people_ids on people_ids.id = event_rows.user_id
where
    event_rows.user_id in (select user_id from people_users)
    or exists (
        select 1
        from people_visits
        where
            people_visits.source = event_rows.source
            and people_visits.anonymous_id = event_rows.user_id
            and (
                people_visits.valid_from is null
                or event_rows.event_time >= people_visits.valid_from
            )
            and (people_visits.valid_to is null or event_rows.event_time < people_visits.valid_to)
    )
