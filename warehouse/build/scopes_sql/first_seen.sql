-- Users of the scope have come first when they came first to the product.
update users
set
    first_event_time = known.first_event_time,
    first_date = known.first_date
from users_known as known
where known.user_id = users.user_id
