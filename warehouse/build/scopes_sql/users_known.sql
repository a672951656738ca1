-- Users of the scope, and when they came first to the product.
-- grain: one user
select
    user_id,
    first_event_time,
    first_date
from users
semi join scope_sessions using (user_id)
