"""Sessions: all that the filters take, one row each."""

from pages.ui.frame import open_page
from pages.views import session_list

session_list.listing(open_page("Sessions", at_hand=session_list.AT_HAND))
