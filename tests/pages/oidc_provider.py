"""A provider of OpenID Connect on 127.0.0.1: logs in whom it is told to, and lies on demand."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Provider:
    """`claims` are said of who logs in; `says` takes the place of what is true of a token."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.claims: dict[str, Any] = {}
        self.says: dict[str, Any] = {}
        self.signs_as_another = False
        self.callbacks: list[str] = []
        self.logouts: list[dict[str, list[str]]] = []
        self.nonces: dict[str, tuple[str, str]] = {}
        self.key, self.other = (
            rsa.generate_private_key(public_exponent=65_537, key_size=2048) for _ in range(2)
        )

    def discovery(self) -> dict[str, Any]:
        """What the provider says of itself."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        """The key that it signs with."""
        numbers = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one"}
        return {"keys": [key | {"n": _number(numbers.n), "e": _number(numbers.e)}]}

    def authorize(self, asked: dict[str, list[str]]) -> str:
        """Where a browser is sent back to, logged in."""
        code = secrets.token_hex(8)
        self.nonces[code] = (asked["nonce"][0], asked["client_id"][0])
        back = urlencode({"code": code, "state": asked["state"][0]})
        self.callbacks.append(f"{asked['redirect_uri'][0]}?{back}")
        return self.callbacks[-1]

    def token(self, code: str) -> dict[str, Any]:
        """The token of a code, which is good once."""
        nonce, client = self.nonces.pop(code)
        now = int(time.time())
        said = {
            "iss": self.address, "sub": "s-1", "aud": client, "iat": now, "exp": now + 300,
            "nonce": nonce, **self.claims, **self.says,
        }  # fmt: skip
        head = {"alg": "RS256", "kid": "one", "typ": "JWT"}
        text = ".".join(_b64(json.dumps(part).encode()) for part in (head, said))
        key = self.other if self.signs_as_another else self.key
        signed = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        token = {"access_token": "a", "token_type": "Bearer", "expires_in": 300}
        return token | {"id_token": f"{text}.{_b64(signed)}"}


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = parse_qs(parts.query)
            if parts.path == "/authorize":
                self._go(at.authorize(asked))
            elif parts.path == "/logout":
                at.logouts.append(asked)
                self._go(asked["post_logout_redirect_uri"][0])
            elif parts.path == "/keys":
                self._say(at.keys())
            else:
                self._say(at.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            try:
                self._say(at.token(parse_qs(body)["code"][0]))
            except KeyError:
                self._say({"error": "invalid_grant"}, 400)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

        def _go(self, to: str) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.end_headers()

        def _say(self, what: dict[str, Any], status: int = 200) -> None:
            data = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    at = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield at
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
