"""What events of a chat tell in their properties, as SQL: macros of their names. Never runs them.

One macro for each kind of event; its text is read once for all names, since to read it is what
costs. Products name these things as the interfaces do that they call: OpenAI, Anthropic, Gemini,
LangChain, Langfuse, LiteLLM, the Vercel AI SDK, and the conventions of OpenTelemetry (gen_ai).
"""

from collections.abc import Iterable

from etl.duck import json_path
from etl.lake.count_names import spellings
from warehouse.typed_texts import PROMPT_TEXTS, RESPONSE_TEXTS

# A number beyond these is none that was measured: it would make a mean infinite.
_MOST, _MOST_WHOLE = "1e300", "9e15"

# A point leads into an object, or is in the name itself: exports of tables write it so.
_USAGE = ("usage", "token_usage", "usage_metadata", "usageMetadata", "gen_ai.usage", "ai.usage")


def _counted(*names: str) -> tuple[str, ...]:
    return (*names, *(f"{group}.{name}" for group in _USAGE for name in names))


# Fact → the names that tell it, most telling first.
RESPONSE_NUMBERS = {
    "latency_ms": (
        *spellings("latency_ms", "latency", "response_time_ms", "duration_ms", "ms_to_finish"),
        "ai.response.msToFinish",
    ),
    "first_token_ms": (
        *spellings("first_token_ms", "time_to_first_token_ms", "ttft_ms", "ms_to_first_chunk"),
        *("ai.response.msToFirstChunk", "ai.response.msToFirstToken"),
    ),
    "cost": (
        *spellings("cost", "cost_usd", "total_cost", "response_cost", "calculated_total_cost"),
        *("usage.cost", "usage.total_cost", "usage.totalCost"),
    ),
}
RESPONSE_COUNTS = {
    "prompt_tokens": (
        *_counted(*spellings("prompt_tokens", "input_tokens"), "promptTokenCount"),
        "usage.input",
    ),
    "completion_tokens": (
        *_counted(*spellings("completion_tokens", "output_tokens"), "candidatesTokenCount"),
        "usage.output",
    ),
    "response_length": spellings("response_length", "length", "char_count"),
}
CITATIONS = (*spellings("citation_count", "num_citations"), "citations", "sources")
RESPONSE_WORDS = {
    "model": (
        *spellings("model", "model_name", "model_id", "response_model"),
        *("gen_ai.response.model", "gen_ai.request.model", "ai.model.id"),
    ),
    "provider": (
        *spellings("provider", "model_provider", "provider_name"),
        *("gen_ai.provider.name", "gen_ai.system", "ai.model.provider"),
    ),
}
PROMPT_TYPES = ("query_type", "prompt_type")
FAILED = spellings("error", "is_error")
STATUS = (*spellings("status", "finish_reason"), "level")
VISIBLE = spellings("visible_seconds", "visible_ms")
OPINION = ("value", "feedback", "rating", "score", "vote", "sentiment")
DEPTH = spellings(
    *("depth", "scroll_depth", "max_depth", "depth_percent", "scroll_percent"),
    *("percent_scrolled", "percent"),
)


def chat_macros() -> dict[str, str]:
    """Macro → the statement that creates it: told_of_response, told_of_prompt, told_of_act.

    Each gives, of an event's properties, a struct. What is not told, or cannot be it, is null.
    """
    return {
        "told_of_response": _macro("told_of_response", _of_response()),
        "told_of_prompt": _macro("told_of_prompt", _of_prompt()),
        "told_of_act": _macro("told_of_act", _of_act()),
    }


def _macro(name: str, facts: dict[str, str]) -> str:
    struct = ", ".join(f"'{fact}': {sql}" for fact, sql in facts.items())
    return f"create or replace temp macro {name}(properties) as {{ {struct} }}"


def _of_response() -> dict[str, str]:
    numbers = {name: _number(names) for name, names in RESPONSE_NUMBERS.items()}
    counts = {name: _count(names) for name, names in RESPONSE_COUNTS.items()}
    counts["response_length"] = f"coalesce({counts['response_length']}, {_length(RESPONSE_TEXTS)})"
    words = {name: _word(names) for name, names in RESPONSE_WORDS.items()}
    return {
        **numbers,
        **counts,
        "citation_count": f"coalesce({_count(CITATIONS)}, {_listed(CITATIONS)})",
        **words,
        "visible_seconds": _visible(),
        "is_error": _failed(),
    }


def _of_prompt() -> dict[str, str]:
    return {"prompt_type": _word(PROMPT_TYPES), "prompt_length": _length(PROMPT_TEXTS)}


def _of_act() -> dict[str, str]:
    return {
        "scroll_depth": _number(DEPTH),
        "opinion": f"lower(trim({_first(OPINION)}))",
        "visible_seconds": _visible(),
    }


def _paths(names: Iterable[str]) -> str:
    """A list of the paths of the names; of those with a point both ways of writing it."""
    paths: list[str] = []
    for name in names:
        paths.append(json_path((name,)))
        if "." in name:
            group, _, last = name.rpartition(".")
            paths += [json_path(tuple(name.split("."))), json_path((group, last))]
    return f"[{', '.join(dict.fromkeys(paths))}]"


def _texts(names: Iterable[str]) -> str:
    return f"json_extract_string(properties, {_paths(names)})"


def _first(names: Iterable[str]) -> str:
    """The first that is told."""
    return f"list_filter({_texts(names)}, lambda told: told is not null)[1]"


def _number(names: Iterable[str], most: str = _MOST) -> str:
    """The first that is a number of its kind: neither below 0 nor without an end."""
    numbers = f"try_cast({_texts(names)} as double[])"
    return f"list_filter({numbers}, lambda told: told between 0 and {most})[1]"


def _count(names: Iterable[str]) -> str:
    return f"floor({_number(names, _MOST_WHOLE)})::bigint"


def _listed(names: Iterable[str]) -> str:
    """The length of the first that is a list."""
    paths = _paths(names)
    place = f"list_position(json_type(properties, {paths}), 'ARRAY')"
    return f"json_array_length(properties, {paths})[{place}]::bigint"


def _word(names: Iterable[str]) -> str:
    """The first that is a text: in an object there may be what was typed."""
    told = f"list_zip({_texts(names)}, json_type(properties, {_paths(names)}))"
    return f"list_filter({told}, lambda told: told[2] = 'VARCHAR')[1][1]"


def _length(names: Iterable[str]) -> str:
    return f"length({_first(names)})"


def _visible() -> str:
    """Seconds, from the names in seconds and those in milliseconds."""
    in_ms = [name for name in VISIBLE if name.lower().endswith("ms")]
    in_seconds = [name for name in VISIBLE if name not in in_ms]
    return f"coalesce({_number(in_seconds)}, {_number(in_ms)} / 1e3)"


def _failed() -> str:
    """Whether a response says that it is an error."""
    says_so = "lower(told) not in ('false', '', '0', 'none', 'no', '{}', '[]')"
    words = "lower(told) in ('error', 'failed', 'failure')"
    return (
        f"len(list_filter({_texts(FAILED)}, lambda told: {says_so})) > 0 "
        f"or len(list_filter({_texts(STATUS)}, lambda told: {words})) > 0"
    )
