"""The page rules as SQL: a macro that names a page by the template it fits. Never runs it."""

from collections.abc import Sequence

from etl.config.page_rules import PageRule
from etl.duck import quoted

MACRO = "page_name"


def page_name_macro(rules: Sequence[PageRule]) -> str:
    """The macro `page_name(page)`: the first template that fits; null where none does.

    Where none fits, words take the place of the segments of their kind.
    """
    templates = [rule for rule in rules if not rule.is_word]
    words = [rule for rule in rules if rule.is_word]
    other = "null"
    if words:
        other = (
            "nullif(array_to_string(list_transform(string_split(page, '/'), lambda part: "
            f"{_first_fit('part', words, 'part')}), '/'), page)"
        )
    return (
        f"create or replace temp macro {MACRO}(page) as "
        f"({_first_fit('page', templates, other)})::varchar"
    )


def _first_fit(text: str, rules: Sequence[PageRule], other: str) -> str:
    cases = [
        f"when regexp_full_match({text}, {quoted(rule.pattern)}) then {quoted(rule.name)}"
        for rule in rules
    ]
    return f"case {' '.join(cases)} else {other} end" if cases else other
