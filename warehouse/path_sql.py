"""Puts the steps of paths into SQL: one select for each, of fixed places of the lists."""


def nodes_sql(depth: int, sign: int) -> str:
    """How many sessions are at each node, from step 1 to the one after the last.

    Step n is the n-th node of a path, or the n-th from its end where `sign` is -1.
    """
    return _for_each(
        "select {at} as step_number, path[{here}] as node, count(*) as session_count\n"
        "from session_paths where len(path) >= {at} group by all",
        range(1, depth + 2),
        sign,
    )


def steps_sql(depth: int, sign: int) -> str:
    """How many sessions went from one node to another, by the places of these among the named.

    0 is none of the named nodes, and null stands behind the end of a path.
    """
    return _for_each(
        "select {at} as step_number, coalesce(list_position(here.names, path[{here}]), 0) "
        "as node_rank, case when len(path) > {at} then coalesce(list_position(there.names, "
        "path[{there}]), 0) end as next_rank, count(*) as session_count from session_paths\n"
        "cross join (select names from named_nodes where step_number = {at}) as here\n"
        "cross join (select names from named_nodes where step_number = {next}) as there\n"
        "where len(path) >= {at} group by all",
        range(1, depth + 1),
        sign,
    )


def _for_each(select: str, steps: range, sign: int) -> str:
    return "({})".format(
        "\nunion all\n".join(
            select.format(at=at, next=at + 1, here=sign * at, there=sign * (at + 1)) for at in steps
        )
    )
