-- Sessions under rules that go from ours to a peer's by one difference each.
-- grain: one rule
with

-- Under the name by which conditions look users up.
taken as (
    select rule
    from peer_sessions as dimensioned_sessions
    where
        ($pruned_before::date is null or start_date >= $pruned_before::date)
        and ($first_date::date is null or start_date >= $first_date::date)
        and ($last_date::date is null or start_date <= $last_date::date)
        and $conditions
)

select
    asked.rule as step,
    count(taken.rule) as session_count
from (
    select
        unnest($names::varchar[]) as rule,
        generate_subscripts($names::varchar[], 1) as place
) as asked
left join taken on taken.rule = asked.rule
group by asked.rule, asked.place
order by asked.place
