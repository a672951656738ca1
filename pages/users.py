"""Users: who they are, and what each of them did, visit by visit."""

from pages.ui import people, person
from pages.ui.frame import open_page, parameter

page = open_page("Users")

user_id = parameter("user")
if user_id is None:
    people.listing(page)
else:
    person.show(page, user_id)
