"""Addresses without what follows `?` and `#`, or with the parameters alone that may stay."""

import re

import polars as pl

# Whole ones, and paths that are a value of JSON by themselves.
_ADDRESS = r"[0-9A-Za-z+.-]{2,}:(?:\\?/){2}[^\s\"'<>?#\\]*(?:\\/[^\s\"'<>?#\\]*)*"
_PATH = r'"(?:\\?/)[^\s"?#\\]*(?:\\/[^\s"?#\\]*)*'
# Trackers keep what follows a page's path by itself: {"search": "?name=jane"}.
_MAY_HOLD = r"[?#]|%3|%23"
_MORE = r"[?#][^\s\"<>\\]*"
_QUERY = r'"\?[^\s"<>\\&=]+=[^\s"<>\\]*'
_WHOLE = rf"(?:{_ADDRESS}|{_PATH}){_MORE}|{_QUERY}"
_PARTED = rf"({_ADDRESS}|{_PATH}){_MORE}|(\"){_QUERY[1:]}"
# An address within another's parameters.
_PACKED = r"(?i)([a-z][0-9a-z+.-]+%3a%2f%2f[^\s\"'<>\\&?#]*?)%(?:3f|23)[^\s\"'<>\\&#]*"


class UrlCutter:
    """Cuts addresses. `kept`: the parameters that stay."""

    def __init__(self, kept: tuple[str, ...] = ()) -> None:
        self.kept = frozenset(kept)

    def lone(self, texts: pl.Series) -> pl.Series:
        """Texts each of which is an address."""
        met = texts.filter(texts.str.contains(r"[?#]")).unique()
        cut = pl.Series([self._cut(text) for text in met.to_list()], dtype=pl.String)
        return texts.replace(met, cut) if len(met) else texts

    def within(self, texts: pl.Series) -> pl.Series:
        """Texts that may hold addresses."""
        if not texts.str.contains(_MAY_HOLD).any():
            return texts
        texts = self._unpacked(texts)
        if not texts.str.contains(_WHOLE).any():
            return texts
        if not self.kept:
            return texts.str.replace_all(_PARTED, "${1}${2}")
        found = texts.str.extract_all(_WHOLE).explode().drop_nulls().unique().to_list()
        found.sort(key=len, reverse=True)
        return texts.str.replace_many(found, list(map(self._cut, found)), leftmost=True)

    def _unpacked(self, texts: pl.Series) -> pl.Series:
        """Texts without the queries of addresses that stand in others, where none may stay."""
        if self.kept or not texts.str.contains(_PACKED).any():
            return texts
        return texts.str.replace_all(_PACKED, "${1}")

    def _cut(self, address: str) -> str:
        before, _, query = re.split("#", address, maxsplit=1)[0].partition("?")
        stays = [one for one in query.split("&") if one.partition("=")[0] in self.kept]
        return f"{before}?{'&'.join(stays)}" if stays else before
