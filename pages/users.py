"""Users: who they are, and what each of them did, visit by visit."""

from pages.ui.controls import parameter
from pages.ui.frame import open_page
from pages.views import user_list, user_profile

user_id = parameter("user")
page = open_page("Users", filtered=user_id is None, at_hand=user_list.AT_HAND)

if user_id is None:
    user_list.listing(page)
else:
    user_profile.show(page, user_id)
