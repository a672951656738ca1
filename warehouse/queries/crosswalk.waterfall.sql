-- Sessions under rules that go from ours to a peer's by one difference each.
-- grain: one rule
select
    rule as step,
    count(start_time) as session_count
from peer_taken
group by rule, place
order by place
