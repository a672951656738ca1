"""ChatGPT's export of one's own account: conversations.json, the messages of each in `mapping`.

What people wrote and what they were answered become events. What nobody saw does not: messages of
the system, calls of tools, and what is hidden.
"""

from etl.errors import SourceError
from etl.formats.field_map import Derived, FieldMap, constant_of
from etl.formats.format import Format, Request
from etl.read.sample import Sample

RESHAPE = """
    with

    messages as (
        select
            line,
            part,
            record,
            unnest(json_extract(record, '$.mapping.*')) -> '$.message' as message
        from records
    ),

    seen as (
        select *
        from messages
        where
            message ->> '$.author.role' in ('user', 'assistant')
            and coalesce(message ->> '$.recipient', 'all') = 'all'
            and coalesce(
                message ->> '$.metadata.is_visually_hidden_from_conversation', 'false'
            ) <> 'true'
            and coalesce(message ->> '$.content.parts', '') <> '[""]'
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by line
                order by try_cast(message ->> '$.create_time' as double) nulls last
            ) as place
        from seen
    )

    select
        line,
        part,
        json_object(
            'chat', json_merge_patch(record, '{"mapping": null}'),
            'message', message,
            'is_first', place = 1
        ) as record
    from numbered
"""

# What the export says of the chat stays with its first message, the title with each.
_PROPERTIES = """
    json_merge_patch(
        json_merge_patch(record -> '$.message', '{"id": null, "create_time": null}'),
        json_object(
            'title', record -> '$.chat.title',
            'chat', case when (record -> '$.is_first')::boolean then record -> '$.chat' end
        )
    )
"""


def recognises(sample: Sample, request: Request) -> bool:
    """Conversations whose messages stand in a mapping."""
    return any(
        isinstance(record.get("mapping"), dict) and "create_time" in record
        for record in sample.records
    )


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. SourceError where nobody said whose account it is: the export does not."""
    given = request.map.get("user")
    user = constant_of(given) if given else None
    if not given:
        msg = (
            f"{sample.path} is ChatGPT's export of an account, which does not say whose it is. "
            "Wanted: the user of all its chats. Name it in quotes: --map \"user='me'\"."
        )
        raise SourceError(msg)
    return [
        FieldMap(
            paths={
                "user_id": () if user else (("chat", *given.split(".")),),
                "time": (("message", "create_time"), ("chat", "create_time")),
                "chat_id": (("chat", "conversation_id"), ("chat", "id")),
            },
            expressions={
                # A branch of a chat may have the messages of another.
                "event_id": Derived(
                    "coalesce({1}, {2}, '') || ':' || {0}",
                    (("message", "id"), ("chat", "conversation_id"), ("chat", "id")),
                ),
                "type": Derived(
                    "case {0} when 'user' then 'prompt' else 'model_response' end",
                    (("message", "author", "role"),),
                ),
            },
            constants={"user_id": user} if user else {},
            properties=_PROPERTIES,
        )
    ]


FORMAT = Format(
    name="chatgpt",
    sentence="ChatGPT's conversations.json: prompts and answers of one account.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    has_several=True,
    reshape=RESHAPE,
)
