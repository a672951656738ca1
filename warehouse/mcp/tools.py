"""The tools of one home, as clients see them."""

from typing import Any

from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations

from warehouse.mcp.alert_tools import AlertTools
from warehouse.mcp.builds import Builds
from warehouse.mcp.metric_tools import MetricTools
from warehouse.mcp.session_tools import SessionTools
from warehouse.mcp.sql_tools import SqlTools


def tools_of(builds: Builds) -> tuple[Tool, ...]:
    """All tools of a home."""
    metrics, sessions, sql = MetricTools(builds), SessionTools(builds), SqlTools(builds)
    named = (
        ("get-session-analytics", "Session statistics", metrics.get_session_analytics),
        ("list_metrics", "Metrics, properties and segments", metrics.list_metrics),
        ("query_metric", "One metric", metrics.query_metric),
        ("get_user_timeline", "What one user did", sessions.get_user_timeline),
        ("get_session", "One session", sessions.get_session),
        ("get_alerts", "What fires now", AlertTools(builds).get_alerts),
        ("describe_tables", "Tables and columns", sql.describe_tables),
        ("run_sql", "SQL", sql.run_sql),
    )
    return tuple(_tool(name, title, method) for name, title, method in named)


def without(tool: Tool, arguments: frozenset[str]) -> Tool:
    """The tool as somebody sees it who may not give these arguments."""
    if not arguments:
        return tool
    shown: dict[str, Any] = tool.parameters["properties"]
    kept = {name: about for name, about in shown.items() if name not in arguments}
    return tool.model_copy(update={"parameters": tool.parameters | {"properties": kept}})


def _tool(name: str, title: str, method: Any) -> Tool:
    about = " ".join((method.__doc__ or "").split())
    hints = ToolAnnotations(
        title=title,
        read_only_hint=True,
        destructive_hint=False,
        idempotent_hint=True,
        open_world_hint=False,
    )
    tool = Tool.from_function(
        method, name=name, title=title, description=about, annotations=hints, structured_output=True
    )
    # A misspelled argument must not be passed over: its answer would be of something else.
    model = tool.fn_metadata.arg_model
    model.model_config |= {"extra": "forbid", "coerce_numbers_to_str": True}
    model.model_rebuild(force=True)
    tool.parameters = model.model_json_schema(by_alias=True)
    return tool
