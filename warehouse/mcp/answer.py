"""An answer as it is sent: as an object by its schema, and the same as text."""

from typing import Any

from mcp.types import CallToolResult, TextContent

from etl.errors import ConfigError
from warehouse.mcp.fitting import LONGEST_ANSWER, written


def answered(answer: dict[str, Any], less: str = "Ask for less.") -> CallToolResult:
    """What a tool returns. ConfigError, with how to ask for `less`, where it is too long."""
    text = written(answer)
    if len(text) > LONGEST_ANSWER:
        msg = f"The answer has {len(text):,} signs. Wanted: {LONGEST_ANSWER:,} at most. {less}"
        raise ConfigError(msg)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer)
