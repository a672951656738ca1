-- Intervals in which an anonymous id belonged to a known user, where the user is either of both.
-- grain: one source, anonymous id and interval
select *
from identities
where user_id = $user_id or anonymous_id = $user_id
order by valid_from, source, anonymous_id, interval_number
