-- Hashes of ids that are twice in a chunk, earlier in its file, or in the lake. What has one may be
-- a duplicate: two ids may have the same hash.
-- grain: one row per occurrence
select id_hash
from ids
group by id_hash
having count(*) > 1

union all

select id_hash
from (
    from seen_ids
    union all
    from known_hashes
)
semi join ids using (id_hash)
