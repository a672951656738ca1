-- Local days of which events were lost, or came that no user sent: what they tell is no history.
-- Of the sources that the filters take.
-- grain: one local day
select distinct unnest(generate_series(first_date, last_date, interval 1 day))::date as date
from (
    select
        *,
        [source] as sources
    from faulty_days
) as faulty_days
where
    kind in ('outage', 'bot_storm', 'duplicate_storm')
    and $source_holds
order by date
