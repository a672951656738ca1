"""What events of a chat tell in their properties, as SQL: macros of their names. Never runs them.

One macro for each kind of event; its text is read once for all names, since to read it is what
costs. Products name these things as the interfaces do that they call: OpenAI, Anthropic, Gemini,
LangChain, Langfuse, LiteLLM, the Vercel AI SDK, and the conventions of OpenTelemetry (gen_ai).
"""

from collections.abc import Iterable

from etl.duck import json_path
from etl.lake.count_names import spellings
from etl.privacy import not_kept
from warehouse.typed_texts import PROMPT_TEXTS, RESPONSE_TEXTS

# A number beyond these is none that was measured: it would make a mean infinite.
_MOST, _MOST_WHOLE = "1e300", "9e15"

# A point leads into an object; in quotes the name itself has it, as exports of tables write it.
# Fact → the names that tell it, most telling first.
RESPONSE_NUMBERS = {
    "latency_ms": (
        *spellings("latency_ms", "latency", "response_time_ms", "duration_ms"),
        *("msToFinish", '"ai.response.msToFinish"'),
    ),
    "first_token_ms": (
        *spellings("first_token_ms", "time_to_first_token_ms", "ttft_ms"),
        *("msToFirstChunk", '"ai.response.msToFirstChunk"'),
    ),
    "cost": (
        *spellings("cost", "cost_usd", "total_cost", "response_cost"),
        *("calculatedTotalCost", "usage.cost", "usage.total_cost", "usage.totalCost"),
    ),
}
RESPONSE_COUNTS = {
    "prompt_tokens": (
        *spellings("prompt_tokens", "input_tokens"),
        *(f"usage.{name}" for name in spellings("prompt_tokens", "input_tokens", "input")),
        *("token_usage.prompt_tokens", "usage_metadata.input_tokens"),
        *("usageMetadata.promptTokenCount", '"gen_ai.usage.input_tokens"'),
    ),
    "completion_tokens": (
        *spellings("completion_tokens", "output_tokens"),
        *(f"usage.{name}" for name in spellings("completion_tokens", "output_tokens", "output")),
        *("token_usage.completion_tokens", "usage_metadata.output_tokens"),
        *("usageMetadata.candidatesTokenCount", '"gen_ai.usage.output_tokens"'),
    ),
    "response_length": spellings("response_length", "length", "char_count"),
}
CITATIONS = (*spellings("citation_count", "num_citations"), "citations", "sources")
RESPONSE_WORDS = {
    "model": (
        *spellings("model", "model_name", "model_id"),
        *('"gen_ai.response.model"', '"gen_ai.request.model"', '"ai.model.id"'),
    ),
    "provider": (
        *spellings("provider", "model_provider"),
        *('"gen_ai.provider.name"', '"gen_ai.system"', '"ai.model.provider"'),
    ),
}
PROMPT_TYPES = ("query_type", "prompt_type")
PROMPT_LENGTH = spellings("prompt_length", "length", "char_count")
# Of a text that is not kept any more.
_KEPT_PROMPT_LENGTH = f"{not_kept.NOT_KEPT}.{not_kept.PROMPT_LENGTH}"
_KEPT_RESPONSE_LENGTH = f"{not_kept.NOT_KEPT}.{not_kept.RESPONSE_LENGTH}"
FAILED = spellings("error", "is_error")
STATUS = (*spellings("status", "finish_reason"), "level")
VISIBLE = spellings("visible_seconds", "visible_ms")
OPINION = ("value", "feedback", "rating", "score", "vote", "sentiment")
DEPTH = spellings(
    *("depth", "scroll_depth", "max_depth", "depth_percent", "scroll_percent"),
    *("percent_scrolled", "percent"),
)


def chat_macros() -> dict[str, str]:
    """Macro → the statement that creates it.

    `values_of_response`, `values_of_prompt` and `values_of_act` read an event's properties, and
    `told_of_response(values)`, … make a struct of facts of that. What is not told, or cannot be
    it, is null.
    """
    return {
        name: f"create or replace temp macro {name} as {sql}"
        for facts in (_response(), _prompt(), _act())
        for name, sql in facts.macros().items()
    }


class _Facts:
    """Facts of one kind of event, over all values that may tell them: their texts and types."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.told: dict[str, str] = {}
        self._texts: list[str] = []
        self._types: list[str] = []

    def macros(self) -> dict[str, str]:
        """What reads the values, and what makes facts of them."""
        texts, types = ", ".join(self._texts), ", ".join(self._types)
        sizes = f"json_array_length(properties, [{types}])" if types else "null::bigint[]"
        kinds = f"json_type(properties, [{types}])" if types else "null::varchar[]"
        facts = ", ".join(f"'{fact}': {sql}" for fact, sql in self.told.items())
        return {
            f"values_of_{self.kind}(properties)": (
                f"{{ 'texts': json_extract_string(properties, [{texts}]), "
                f"'kinds': {kinds}, 'sizes': {sizes} }}"
            ),
            f"told_of_{self.kind}(told)": f"{{ {facts} }}",
        }

    def first(self, names: Iterable[str]) -> str:
        """The first that is told."""
        return f"coalesce({', '.join(self._each(names))})"

    def number(self, names: Iterable[str], most: str = _MOST) -> str:
        """The first that is a number of its kind: neither below 0 nor without an end."""
        numbers = (f"try_cast({text} as double)" for text in self._each(names))
        fit = (f"case when {number} between 0 and {most} then {number} end" for number in numbers)
        return f"coalesce({', '.join(fit)})"

    def count(self, names: Iterable[str]) -> str:
        """The first whole number; fractions are cut."""
        return f"floor({self.number(names, _MOST_WHOLE)})::bigint"

    def word(self, names: Iterable[str]) -> str:
        """The first that is a text: in an object there may be what was typed."""
        words = (
            f"case when told.kinds[{self._place(name)}] = 'VARCHAR' then {text} end"
            for name, text in zip(names, self._each(names), strict=True)
        )
        return f"coalesce({', '.join(words)})"

    def listed(self, names: Iterable[str]) -> str:
        """The length of the first that is a list."""
        places = [self._place(name) for name in names]
        sizes = (
            f"case when told.kinds[{place}] = 'ARRAY' then told.sizes[{place}] end"
            for place in places
        )
        return f"coalesce({', '.join(sizes)})::bigint"

    def visible(self) -> str:
        """Seconds, from the names in seconds and those in milliseconds."""
        in_ms = [name for name in VISIBLE if name.lower().endswith("ms")]
        in_seconds = [name for name in VISIBLE if name not in in_ms]
        return f"coalesce({self.number(in_seconds)}, {self.number(in_ms)} / 1e3)"

    def is_any(self, names: Iterable[str], condition: str) -> str:
        """Whether the text of one of them fulfils a condition."""
        held = (f"coalesce(lower({text}) {condition}, false)" for text in self._each(names))
        return " or ".join(held)

    def _each(self, names: Iterable[str]) -> list[str]:
        return [f"told.texts[{_place(self._texts, name)}]" for name in names]

    def _place(self, name: str) -> int:
        return _place(self._types, name)


def _place(paths: list[str], name: str) -> int:
    """Where a name's value is among those that are read."""
    path = json_path((name.strip('"'),) if name.startswith('"') else tuple(name.split(".")))
    if path not in paths:
        paths.append(path)
    return paths.index(path) + 1


def _response() -> _Facts:
    facts = _Facts("response")
    told = {name: facts.number(names) for name, names in RESPONSE_NUMBERS.items()}
    told |= {name: facts.count(names) for name, names in RESPONSE_COUNTS.items()}
    told |= {name: facts.word(names) for name, names in RESPONSE_WORDS.items()}
    length = f"length({facts.first(RESPONSE_TEXTS)})"
    kept = facts.count((_KEPT_RESPONSE_LENGTH,))
    told["response_length"] = f"coalesce({told['response_length']}, {length}, {kept})"
    told["citation_count"] = f"coalesce({facts.count(CITATIONS)}, {facts.listed(CITATIONS)})"
    told["visible_seconds"] = facts.visible()
    says_so = facts.is_any(FAILED, "not in ('false', '', '0', 'none', 'no', '{}', '[]')")
    failed = facts.is_any(STATUS, "in ('error', 'failed', 'failure')")
    told["is_error"] = f"{says_so} or {failed}"
    facts.told = told
    return facts


def _prompt() -> _Facts:
    facts = _Facts("prompt")
    facts.told = {
        "prompt_type": facts.word(PROMPT_TYPES),
        # A tracker tells the length in place of the text, and so does an event that lost it.
        "prompt_length": f"coalesce(length({facts.first(PROMPT_TEXTS)}), "
        f"{facts.count((_KEPT_PROMPT_LENGTH, *PROMPT_LENGTH))})",
    }
    return facts


def _act() -> _Facts:
    facts = _Facts("act")
    facts.told = {
        "scroll_depth": facts.number(DEPTH),
        "opinion": f"lower(trim({facts.first(OPINION)}))",
        "visible_seconds": facts.visible(),
    }
    return facts
