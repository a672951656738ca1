"""Users: who they are, and what each of them did, visit by visit."""

from functools import partial

from pages.ui.controls import parameter
from pages.ui.frame import open_page
from pages.views import user_list, user_profile

user_id = parameter("user")
if user_id is None:
    user_list.listing(open_page("Users", at_hand=user_list.AT_HAND))
else:
    page = open_page("Users", filtered=False, asks=partial(user_profile.asks, user_id))
    user_profile.show(page, user_id)
