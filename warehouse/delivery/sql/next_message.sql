-- The oldest message that waits for a receiver, after those that it stumbles over.
select id, attempts, content
from deliveries
join messages using (id)
where receiver = :receiver and state = 'waiting'
order by doubts >= :most, position
limit 1
