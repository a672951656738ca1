"""What the user agents of a file say, each worked out once: the table `agents`."""

import duckdb

from etl.duck import create_table
from etl.normalise import user_agents


class KnownAgents:
    """The user agents met so far. `are_there`: whether there were any."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.are_there = False
        create_table(con, "agents", user_agents.COLUMNS, [])

    def add(self, rows: str) -> bool:
        """Adds those of the rows, as a from clause names them; whether any was new."""
        # A condition on a mapped column would have all that it is made of worked out for itself.
        unknown = self.con.execute(
            f"with texts as materialized (select distinct user_agent from {rows}) "  # noqa: S608
            "select user_agent from texts anti join agents using (user_agent) "
            "where user_agent is not null"
        ).fetchall()
        if unknown:
            agents = user_agents.agents(text for (text,) in unknown)
            # A blank or a dash tells nothing, and shall not be asked again for ever.
            known = {row["user_agent"] for row in agents}
            agents += [{"user_agent": text} for (text,) in unknown if text not in known]
            create_table(self.con, "new_agents", user_agents.COLUMNS, agents)
            self.con.execute("insert into agents select * from new_agents")
        # Who has one has more: those of the next chunks are looked up before.
        self.are_there = self.are_there or bool(unknown)
        return bool(unknown)
