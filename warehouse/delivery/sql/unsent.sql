-- What receivers do not have, by receiver and state, the oldest first.
select
    id, receiver, subject, state, put_at, attempts, error, coalesce(next_attempt, 0) as next_attempt
from deliveries
left join receivers on receivers.name = deliveries.receiver
where state <> 'sent'
order by receiver, state = 'waiting' desc, state, position
