"""Sessions: all that the filters take, one row each; or one of them, as it happened."""

from pages.ui.controls import parameter
from pages.ui.frame import open_page
from pages.views import session_list, session_page

session_id = parameter("session")
if session_id is None:
    session_list.listing(open_page("Sessions", at_hand=session_list.AT_HAND))
else:
    asked = session_page.asks(session_id)
    session_page.show(open_page("Sessions", filtered=False, asks=lambda _: asked), session_id)
