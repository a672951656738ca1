"""The server: its tools, what it says of itself, and what it says where a call does not fit."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, InputRequiredResult
from pydantic import ValidationError

from etl.errors import DwellError, did_you_mean, nearest
from warehouse.audit import Audit
from warehouse.mcp.builds import Builds
from warehouse.mcp.fitting import cut
from warehouse.mcp.guide import guide
from warehouse.mcp.notes import Note, noting
from warehouse.mcp.roles import WANTED, hidden_arguments, refusal
from warehouse.mcp.tools import tools_of, without
from warehouse.serving import OPERATOR, Visitor, told_without_home


class ToolServer(MCPServer[Any]):
    """An MCP server for one visitor, whose refusals say what is valid.

    It lists the tools that the visitor may call, and notes each call where there is an audit. Where
    the home lies is for operators.
    """

    def __init__(
        self,
        tools: Iterable[Tool],
        version: str,
        visitor: Visitor,
        audit: Audit | None,
        home: Path,
    ) -> None:
        self._every = {tool.name: tool for tool in tools}
        self._home = home
        self._visitor, self._audit = visitor, audit
        own = [
            without(tool, hidden_arguments(visitor, name))
            for name, tool in self._every.items()
            if visitor.may(WANTED[name].role)
        ]
        super().__init__(
            "dwell",
            title="Dwell",
            instructions=guide([tool.name for tool in own]),
            version=version,
            tools=own,
            log_level="ERROR",
        )

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """The answer of a tool. ToolError, with what to do, for what a tool cannot answer, the
        visitor may not ask, or cannot be noted.
        """
        note = noting(self._audit, self._visitor, self._every.get(name), arguments)
        try:
            result = await self._called(name, arguments, context)
        except ToolError:
            _told(note, "refused", {})
            raise
        except BaseException:
            # Nobody waits for an answer any more, nor for why it was not noted.
            with suppress(DwellError):
                note("cancelled", {})
            raise
        told = result.structured_content if isinstance(result, CallToolResult) else None
        _told(note, "answered", told or {})
        return result

    async def _called(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None
    ) -> CallToolResult | InputRequiredResult:
        if name in self._every and (why := refusal(self._visitor, name, arguments)):
            raise ToolError(why)
        tool = self._tool_manager.get_tool(name)
        if tool is None:
            known = [each.name for each in self._tool_manager.list_tools()]
            msg = f"Unknown tool '{cut(name)}'. {did_you_mean(name, known)}"
            raise ToolError(msg)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, DwellError):
                is_whole = self._visitor.may(OPERATOR)
                told = str(cause) if is_whole else told_without_home(cause, self._home)
                raise ToolError(told) from cause
            if isinstance(cause, ValidationError):
                raise ToolError(_refusal(tool, cause)) from cause
            msg = f"{name} failed as nobody expected. The log of 'dwell mcp' tells where and why."
            raise UnexpectedToolError(msg) from cause


def server_of(
    builds: Builds,
    version: str,
    visitor: Visitor | None = None,
    audit: Audit | None = None,
    tools: Iterable[Tool] | None = None,
) -> ToolServer:
    """The server of one home for one visitor; for whoever has the home, without one.

    `tools`: those of the home, where several servers share them.
    """
    return ToolServer(
        tools_of(builds) if tools is None else tools,
        version,
        visitor or Visitor(),
        audit,
        builds.home,
    )


def _told(note: Note, came_to: str, answer: Mapping[str, Any]) -> None:
    """Notes a call. ToolError, instead of its answer, where it cannot be noted."""
    try:
        note(came_to, answer)
    except DwellError as error:
        raise ToolError(str(error)) from error


def _refusal(tool: Tool, error: ValidationError) -> str:
    """What does not fit of the arguments, each once, and what does."""
    known: dict[str, Any] = tool.parameters["properties"]
    sentences: dict[str, str] = {}
    for each in error.errors():
        name = str(each["loc"][0]) if each["loc"] else ""
        about = known.get(name, {}).get("description", "")
        if each["type"] == "extra_forbidden":
            near = nearest(name, known)
            hint = near or f"Known: {', '.join(known)}."
            sentence = f"{tool.name} has no argument '{cut(name, 60)}'. {hint}"
        elif each["type"] == "missing":
            sentence = f"{name} is missing. {about}"
        else:
            met = cut(repr(each["input"]), 80)
            reason = each["msg"][:1].lower() + each["msg"][1:]
            several = len({err["type"] for err in error.errors() if err["loc"][:1] == (name,)}) > 1
            wanted = "it is of another type" if several else reason
            sentence = f"{name} is {met}: {wanted}. {about}"
        sentences.setdefault(name, sentence.strip())
    return " ".join(sentences.values())
