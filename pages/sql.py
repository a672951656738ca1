"""SQL: a question of one's own, answered by the build."""

from pages.ui.frame import open_page
from pages.views import sql

sql.show(open_page("SQL", asks=sql.asks))
