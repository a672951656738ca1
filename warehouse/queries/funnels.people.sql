-- The ids that lead to each of some persons, beside the persons' own.
-- grain: one person and id
select distinct
    person_id,
    known_as
from persons
where list_contains($persons::varchar[], person_id)
