"""What went wrong with a database, in words that the kinds of server share."""

from etl.config.databases import Database
from etl.config.durations import duration_text


def install(server: str, extra: str) -> str:
    """No driver."""
    return (
        f"no driver for {server} is installed. Run 'make databases', or install the extra: "
        f"pip install 'dwell[{extra}]'."
    )


def unreachable(reason: str) -> str:
    """No connection."""
    return f"no connection: {reason}. Check that the server runs, and host, port and name."


def refused(database: Database, reason: str) -> str:
    """Wrong user or password."""
    return (
        f"the server refuses the user or the password: {reason}. Give the password in "
        f"{database.password_env or database.usual_env}, by password_env or by password_file."
    )


def no_permission(database: Database, reason: str) -> str:
    """The user may not read it."""
    return f"{reason}. Let the owner run: grant select on … to {database.user}."


def too_slow(database: Database) -> str:
    """The statement timeout."""
    return (
        f"reading took longer than {duration_text(database.statement_timeout)} and was stopped. "
        "Raise statement_timeout of the source, or name an indexed column as watermark."
    )


def writes(reason: str) -> str:
    """A view or function that would write."""
    return f"reading it would write, which Dwell never lets happen: {reason}. Name another table."
