"""A message to a webhook: one POST over HTTP. Its address is never told, but for the host."""

import json
import re
import ssl
from base64 import b64encode
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import time
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from etl.config.hosts import is_loopback
from etl.config.webhook_address import WebhookAddress
from etl.errors import DeliveryError
from warehouse.delivery.cut_off import Clock, cut_off
from warehouse.delivery.message import Message
from warehouse.delivery.reasons import reason_of
from warehouse.version import version

# Slack takes 40,000 characters and advises a tenth of it.
_SLACK_LENGTH = 4_000
_MOST_READ = 1_000
# Answers that say nothing of the message: they are about who asks, where, or how often.
_OF_THE_ADDRESS = (401, 402, 403, 404, 405, 410)
_OF_THE_MOMENT = (408, 425, 429, 503)


def post(address: WebhookAddress, message: Message, style: str, seconds: float) -> None:
    """Sends the message within so many seconds. DeliveryError when it was not taken.

    Any answer from 200 to 299 takes it. Redirects are not followed, certificates are checked.
    """
    body = slack(message) if style == "slack" else message.document()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.id,
        "User-Agent": f"dwell/{version()}",
        "Connection": "close",
    }
    if address.login is not None:
        headers["Authorization"] = _basic(address.login)
    clock = Clock(seconds)
    connection = _connection(address, seconds)
    held: list[Any] = []
    try:
        # Once the answer begins, the connection lets go of its socket.
        with cut_off(lambda: held[0] if held else connection.sock, clock):
            connection.connect()
            held.append(connection.sock)
            connection.request("POST", address.target, json.dumps(body).encode(), headers)
            with connection.getresponse() as answer:
                if 200 <= answer.status < 300:
                    return
                said = b""
                # Why it was not taken is good to know; that it was not is known.
                with suppress(OSError, HTTPException):
                    said = answer.read(_MOST_READ)
    except (OSError, HTTPException, ValueError) as error:
        # What these say may hold the address.
        why = reason_of(error) if clock.left() else f"no answer within {seconds:.0f} s"
        msg = f"{address.shown}: {why}"
        raise DeliveryError(msg) from None
    finally:
        connection.close()
    raise _refusal(address, answer.status, answer.headers.get("Retry-After"), said)


def slack(message: Message) -> dict[str, Any]:
    """The message as Slack, and those who speak like it, take it: a text with marks.

    A first line that only says the subject again is left out. Nothing in it calls people, whatever
    a page or a user is named.
    """
    first, _, rest = message.text.partition("\n")
    text = rest if first.rstrip(" .") == message.subject.rstrip(" .") else message.text
    text = f"*{_escaped(message.subject)}*\n{_escaped(text)}".rstrip("\n")
    if len(text) > _SLACK_LENGTH:
        # An escaped sign is not cut in two.
        text = re.sub(r"&\w*$", "", text[: _SLACK_LENGTH - 1]) + "…"
    return {"text": text}


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=(?:all|channel|everyone|here)\b)", "@\u200b", text)


def _connection(address: WebhookAddress, seconds: float) -> HTTPConnection:
    """Not connected yet. Another machine is reached by https:// through the proxy that the
    environment names, as by other programs.
    """
    if not address.is_encrypted:
        return HTTPConnection(address.host, address.port, timeout=seconds)
    context = ssl.create_default_context()
    proxy = None if is_loopback(address.host) else getproxies().get("https")
    if not proxy or proxy_bypass(f"{address.host}:{address.port}"):
        return HTTPSConnection(address.host, address.port, timeout=seconds, context=context)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        msg = f"{address.shown}: the proxy that the environment names is no http:// one."
        raise DeliveryError(msg)
    connection = HTTPSConnection(parts.hostname, parts.port or 80, timeout=seconds, context=context)
    login = unquote(parts.netloc.rpartition("@")[0])
    connection.set_tunnel(
        address.host, address.port, {"Proxy-Authorization": _basic(login)} if login else {}
    )
    return connection


def _basic(login: str) -> str:
    return f"Basic {b64encode(login.encode()).decode()}"


def _refusal(
    address: WebhookAddress, status: int, retry_after: str | None, said: bytes
) -> DeliveryError:
    """What an answer that does not take the message means."""
    # One word, as Slack says it: more could repeat the address.
    word = said.decode("ascii", "replace").strip()
    is_word = re.fullmatch(r"[a-z_]{1,40}", word) and word not in address.target
    told = f"{address.shown}: answered {status}{f' {word}' if is_word else ''}"
    if 300 <= status < 400:
        return DeliveryError(f"{told}, which points to another address. Write that one.")
    if status in _OF_THE_ADDRESS:
        return DeliveryError(f"{told}. Mend the address of the webhook.")
    if status in _OF_THE_MOMENT:
        return DeliveryError(told, retry_after=_seconds_of(retry_after))
    return DeliveryError(told, "message" if 400 <= status < 500 else "unknown")


def _seconds_of(retry_after: str | None) -> float | None:
    """Seconds from now, of a number or a date; None without one."""
    if retry_after is None:
        return None
    with suppress(ValueError, TypeError, OverflowError):
        if retry_after.strip().isdecimal():
            return float(retry_after)
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time())
    return None
