-- Sessions of the rules $names that the filters choose: cut anew first, and filtered then. A rule
-- that has none has one row, of nothing but its name and place.
-- grain: one session of a rule
with

asked as (
    select
        unnest($names::varchar[]) as rule,
        generate_subscripts($names::varchar[], 1) as place
),

-- Under the name by which conditions look users up.
taken as (
    select *
    from peer_sessions as dimensioned_sessions
    where
        ($pruned_before::date is null or start_date >= $pruned_before::date)
        and ($first_date::date is null or start_date >= $first_date::date)
        and ($last_date::date is null or start_date <= $last_date::date)
        and $conditions
)

select
    asked.*,
    taken.* exclude (rule)
from asked
left join taken on asked.rule = taken.rule
