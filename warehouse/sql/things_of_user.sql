-- What pages are of that is of one user: ids of sessions and chats.
-- $user: the id of the user
select session_id as thing_id
from user_sessions
where user_id = $user
union
select chat_id
from chats
where user_id = $user
