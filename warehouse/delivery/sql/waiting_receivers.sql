-- Whom messages wait for: of each how many, and when it is tried next.
select receiver, count(*) as message_count, coalesce(max(next_attempt), 0) as next_attempt
from deliveries
left join receivers on receivers.name = deliveries.receiver
where state = 'waiting'
group by receiver
order by receiver
