-- Which person a user id belonged to, from when to when: the id that `identities` leads to, from
-- one to the next, to the end. An id that logs in by itself is nobody else's, whatever a shared
-- device has told of it. An id that leads nowhere has no row: it is a person.
-- grain: one known_as and interval
with recursive

known_for as (
    select distinct
        identities.anonymous_id as known_as,
        identities.user_id as person_id,
        identities.valid_from,
        identities.valid_to
    from identities
    where
        identities.anonymous_id <> identities.user_id
        and identities.anonymous_id not in (
            select users.user_id from users where not users.is_anonymous
        )
),

followed as (
    select
        *,
        [known_as, person_id] as passed
    from known_for
    union all
    select
        followed.known_as,
        known_for.person_id,
        greatest(followed.valid_from, known_for.valid_from) as valid_from,
        least(followed.valid_to, known_for.valid_to) as valid_to,
        list_append(followed.passed, known_for.person_id) as passed
    from followed
    inner join known_for
        on
            followed.person_id = known_for.known_as
            and (followed.valid_to is null or known_for.valid_from < followed.valid_to)
            and (known_for.valid_to is null or followed.valid_from < known_for.valid_to)
    where not list_contains(followed.passed, known_for.person_id)
),

-- Where one link of a chain lasts shorter than another, the chain is cut.
cut as (
    select
        known_as,
        moment as valid_from,
        lead(moment) over (partition by known_as order by moment) as valid_to
    from (select distinct known_as, unnest([valid_from, valid_to]) as moment from followed)
    where moment is not null
)

select
    cut.known_as,
    cut.valid_from,
    cut.valid_to,
    -- The end of the longest chain; of two sources that say otherwise, the last by name.
    arg_max(followed.person_id, (len(followed.passed), followed.person_id)) as person_id
from cut
inner join followed
    on
        cut.known_as = followed.known_as
        and followed.valid_from <= cut.valid_from
        and (followed.valid_to is null or cut.valid_from < followed.valid_to)
group by all
