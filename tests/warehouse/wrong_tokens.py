"""Headers that hold no token, though some look as if they did."""

from __future__ import annotations

from hashlib import sha256

Headers = list[tuple[str, str | bytes]]


def wrong_tokens(good: str) -> dict[str, Headers]:
    """What is sent in place of a good token, by what is wrong with it."""
    bearer = ("Authorization", f"Bearer {good}")
    return {
        "none": [],
        "an empty header": [("Authorization", "")],
        "no token": [("Authorization", "Bearer")],
        "an empty token": [("Authorization", "Bearer ")],
        "a beginning": [("Authorization", f"Bearer {good[:-1]}")],
        "one sign more": [("Authorization", f"Bearer {good}x")],
        "other case": [("Authorization", f"Bearer {good.swapcase()}")],
        "quoted": [("Authorization", f'Bearer "{good}"')],
        "its hash": [("Authorization", f"Bearer {sha256(good.encode()).hexdigest()}")],
        "two headers": [bearer, bearer],
        "two tokens": [("Authorization", f"Bearer {good}, Bearer {good}")],
        "no scheme": [("Authorization", good)],
        "basic": [("Authorization", f"Basic {good}")],
        "unicode": [("Authorization", f"Bearer {good}ü".encode())],
        "no UTF-8": [("Authorization", b"Bearer \xff\xfe" + good.encode())],
        "a cookie": [("Cookie", f"token={good}; Authorization=Bearer {good}")],
    }
