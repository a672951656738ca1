"""Slack's export: a folder for each channel, a file for each day, a message for each element.

Which channel a message is in only the folder says, so it is part of what each message says.
"""

import re
from pathlib import Path

from etl.duck import quoted
from etl.formats.field_map import Derived, FieldMap
from etl.formats.format import Format, Request
from etl.read.sample import Sample

_TIME = re.compile(r"\d{9,10}\.\d{6}")
# Files beside the channels, which hold no messages.
_TABLES = ("users", "channels", "groups", "dms", "mpims", "canvases", "lists", "org_users")
# Kinds of messages that somebody wrote.
_WRITTEN = "'thread_broadcast', 'reply_broadcast', 'me_message', 'file_share', 'bot_message'"


def recognises(sample: Sample, request: Request) -> bool:
    """Elements of which one is a message with Slack's time, which is its id in the channel too."""
    return not request.map and any(
        record.get("type") == "message" and _TIME.fullmatch(str(record.get("ts", "")))
        for record in sample.records
    )


def is_beside(sample: Sample) -> bool:
    """Whether it is one of the files that Slack puts beside the channels."""
    is_named = sample.path.name.lower().split(".")[0] in _TABLES
    is_known = {"creator", "members", "deleted", "profile", "team_id"} & {*sample.columns}
    return is_named and sample.kind == "json_array" and "id" in sample.columns and bool(is_known)


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map: its channel is the folder."""
    channel = channel_of(sample.path)
    name = quoted(channel).replace("{", "{{").replace("}", "}}")
    return [
        FieldMap(
            paths={
                "user_id": (("user",), ("bot_id",), ("username",)),
                "time": (("ts",),),
            },
            expressions={
                "event_id": Derived(f"{name} || ':' || {{0}}", (("ts",),)),
                # What somebody wrote is a message, however it came; the rest is what happened.
                "type": Derived(
                    f"case when {{0}} in ({_WRITTEN}) then {{1}} else coalesce({{0}}, {{1}}) end",
                    (("subtype",), ("type",)),
                ),
            },
            constants={"type": "message"},
            spent=("user", "ts"),
            extra={"channel": channel},
        )
    ]


def channel_of(path: Path) -> str:
    """The folder that a file is in."""
    return path.resolve().parent.name


FORMAT = Format(
    name="slack",
    sentence="Slack's export: a folder per channel, a JSON file per day.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    is_told_by_folder=True,
)
