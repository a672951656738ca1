"""Cuts what looks personal out of texts, by the kinds and own patterns of a source's rules.

Few texts hold any. So all of them are looked at with one joined pattern first, and only those that
it finds with each kind's own.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from etl.config.redact import Rules
from etl.privacy.kinds import LOOKS, Look

# How JSON may write a plain sign, however deep texts lie in texts; but for what JSON needs.
_ESCAPED = r"\\+u00(?:2[013-9a-fA-F]|[3467][0-9a-fA-F]|5[0-9abdefABDEF])"
_ESCAPE = re.compile(_ESCAPED)
MAY_BE_ESCAPED = r"\\u00[2-7]"
# Pictures for sharp screens are called so: logo@2x.png.
_PICTURE = r"@([1-9]x\.(?:png|jpe?g|gif|webp|svg|avif|heic))"
# Bytes from which on a text is looked through once for all kinds, and not for each.
_LONG = 200
# Digits that follow each other: where one of these ends another may have begun.
_RUN_ON = frozenset(("iban", "card", "ssn", "phone", "ip"))
_HIDDEN = "\ue000"
OWN = "own"


class Cutter:
    """Cuts texts by rules. `is_idle`: whether there is nothing to look for."""

    def __init__(self, rules: Rules) -> None:
        self.looks = [(kind, look) for kind in rules.patterns for look in LOOKS[kind]]
        self.looks += [(OWN, Look(pattern, "{mark}")) for pattern in rules.own]
        self.is_idle = not self.looks
        # Mark → how many values it was put into since somebody last looked.
        self.marks: Counter[str] = Counter()
        self.joined = "|".join([*(plain(look.pattern) for _, look in self.looks), _ESCAPED])

    def series(self, texts: pl.Series) -> pl.Series:
        """The texts, of any length, each with a mark such as `[email]` for what was found."""
        if self.is_idle or not len(texts):
            return texts
        are_met = texts.str.contains(self.joined)
        if not are_met.any():
            return texts
        return changed(texts, are_met, self._counted)

    def _counted(self, met: pl.Series) -> pl.Series:
        """Texts that hold something, cut, and counted by what was."""
        rows = met.alias("text").value_counts(name="values")
        rows = rows.with_columns(self._cut(rows["text"]).alias("cut"))
        others = rows.filter(pl.col("text") != pl.col("cut"))
        if not others.height:
            return met
        for kind in dict.fromkeys(kind for kind, _ in self.looks):
            are = others["cut"].str.contains(f"[{kind}]", literal=True)
            if count := others.filter(are)["values"].sum():
                self.marks[kind] += int(count)
        return met.replace(others["text"], others["cut"])

    def text(self, text: str) -> str:
        """One text, cut."""
        if self.is_idle:
            return text
        return str(self.series(pl.Series([text]))[0])

    def found_in(self, texts: pl.Series) -> list[tuple[str, str, str]]:
        """What was found in unique texts: the text, the kind, and what of it is of that kind.

        Once for each kind in a text.
        """
        if self.is_idle:
            return []
        met = texts.filter(texts.str.contains(self.joined))
        found: list[tuple[str, str, str]] = []
        cut, seen = _plain_signs(met), set[tuple[str, str]]()
        for kind, look in self.looks:
            after = _without(cut, kind, look)
            are = cut != after
            parts = cut.filter(are).str.extract(look.pattern, 0).to_list()
            for text, part in zip(met.filter(are).to_list(), parts, strict=True):
                if (text, kind) not in seen:
                    seen.add((text, kind))
                    found.append((text, kind, part))
            cut = after
        return found

    def _cut(self, texts: pl.Series) -> pl.Series:
        texts = _plain_signs(texts)
        are_long = texts.str.len_bytes() > _LONG
        if are_long.any():
            texts = changed(texts, are_long, self._cut_by_parts)
            # What another find had hidden is found now.
            are_long &= ~texts.str.contains(self.joined)
        return changed(texts, ~are_long, lambda rest: _by_all(rest, self.looks))

    def _cut_by_parts(self, texts: pl.Series) -> pl.Series:
        """Long texts, each cut by the looks alone that what was found in it may have: most hold
        one kind, and to look through a text for each takes long."""
        found = texts.str.extract_all(self.joined)
        parts = found.explode(empty_as_null=True).drop_nulls().unique()
        has = [parts.str.contains(look.pattern).to_list() for _, look in self.looks]
        looks_of = dict(zip(parts.to_list(), zip(*has, strict=True), strict=True))
        alike: dict[tuple[bool, ...], list[int]] = {}
        for place, of_text in enumerate(found.to_list()):
            are = tuple(map(any, zip(*(looks_of[part] for part in of_text or ()), strict=True)))
            alike.setdefault(are, []).append(place)
        texts = texts.clone()
        for are, places in alike.items():
            kinds = {kind for (kind, _), is_met in zip(self.looks, are, strict=False) if is_met}
            if kinds & _RUN_ON:
                kinds |= _RUN_ON
            looks = [look for look in self.looks if look[0] in kinds]
            texts = texts.scatter(places, _by_all(texts.gather(places), looks))
        return texts


@lru_cache(maxsize=32)
def cutter_of(rules: Rules) -> Cutter:
    """What cuts by these rules."""
    return Cutter(rules)


def changed(
    texts: pl.Series, are_met: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """The texts, of which those that are met are changed: the rest is not looked at again."""
    met = texts.filter(are_met)
    after = change(met)
    if after.equals(met, null_equal=True):
        return texts
    places = are_met.fill_null(value=False).arg_true()
    return texts.clone().scatter(places, after)


def plain(pattern: str) -> str:
    """A pattern with groups that have no names, so that it may stand beside others."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def without_escapes(text: str) -> str:
    """JSON with the plain signs that it escapes for nothing: `\\u0040` is an @."""
    return _ESCAPE.sub(lambda escape: chr(int(escape[0][-2:], 16)), text)


def _plain_signs(texts: pl.Series) -> pl.Series:
    texts = texts.str.replace_all(r"\/", "/", literal=True)
    if not texts.str.contains(_ESCAPED).any():
        return texts
    return pl.Series(map(without_escapes, texts.to_list()), dtype=pl.String)


def _by_all(texts: pl.Series, looks: list[tuple[str, Look]]) -> pl.Series:
    for kind, look in looks:
        texts = _without(texts, kind, look)
    return texts


def _without(texts: pl.Series, kind: str, look: Look) -> pl.Series:
    mark = f"[{kind}]"
    if look.check:
        return _without_checked(texts, mark, look)
    rest = look.rest.replace("{mark}", mark)
    if "${after}" in rest and "<after>" not in look.pattern:
        rest = rest.replace("${after}", "")
    if kind == "email":
        texts = texts.str.replace_all(_PICTURE, f"{_HIDDEN}${{1}}")
    # What parts two of them belongs to the first: the second is found the second time.
    for _ in range(2 if "${after}" in rest else 1):
        texts = texts.str.replace_all(look.pattern, rest)
    return texts.str.replace_all(_HIDDEN, "@", literal=True) if kind == "email" else texts


def _without_checked(texts: pl.Series, mark: str, look: Look) -> pl.Series:
    """The texts without what looks so and is it, each where it stands: the same signs may be a
    part of an id elsewhere."""
    are_met = texts.str.contains(look.pattern)
    if not are_met.any():
        return texts
    pattern = _compiled(look.pattern)
    # Of what comes again and again each is looked at once.
    check = lru_cache(maxsize=10_000)(look.check) if look.check else None

    def cut(found: re.Match[str]) -> str:
        if check is None or not check(found["body"]):
            return found[0]
        begin, end = (place - found.start() for place in found.span("body"))
        return found[0][:begin] + mark + found[0][end:]

    def cut_all(met: pl.Series) -> pl.Series:
        return pl.Series(map(cut_one, met.to_list()), dtype=pl.String)

    def cut_one(text: str) -> str:
        once = pattern.sub(cut, text)
        # What parts two of them belongs to the first: the second is found the second time.
        return once if once == text else pattern.sub(cut, once)

    return changed(texts, are_met, cut_all)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    # A text ends where its last line does, and not before.
    return re.compile(pattern.replace("$", r"\Z"))
