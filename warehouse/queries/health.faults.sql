-- What looks like a fault of the data and not of its users: outages, lost ends and heartbeats,
-- events that came twice, robots, clocks that were wrong.
-- grain: one run of days of one source and kind
select
    kind,
    source,
    first_date,
    last_date,
    evidence
from faulty_days
order by first_date, source, kind, last_date, evidence
