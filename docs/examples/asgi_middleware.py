"""Tells Dwell's collector of logins, logouts, token refreshes and API calls of an ASGI app.

Copy it into your app; it needs nothing but Python. It never delays, changes or fails a request.
"""

import http.client
import json
import queue
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import suppress

LONGEST_ID, LONGEST_TEXT = 256, 8192  # The collector takes no longer ones.
AUTH = {"/auth/login": "login", "/auth/logout": "logout", "/auth/refresh": "token_refresh"}


class DwellMiddleware:
    """An event for each request to a path of `auth` or below `api`, once it has been answered."""

    def __init__(self, app, collector, key, auth=AUTH, api="/api/", most_waiting=10_000):
        self.app, self.auth, self.api = app, auth, api
        self.address, self.headers = f"{collector}/i", {"X-Write-Key": key, "User-Agent": ""}
        self.waiting = queue.Queue(most_waiting)
        threading.Thread(target=self._send_all, daemon=True).start()

    async def __call__(self, scope, receive, send):
        path, status, began = scope.get("path", ""), 500, time.time()
        if scope["type"] != "http" or not (path in self.auth or path.startswith(self.api)):
            return await self.app(scope, receive, send)
        state = scope.setdefault("state", {})  # Where the app writes request.state.user_id.

        async def send_and_look(message):
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            return await self.app(scope, receive, send_and_look)
        finally:
            given = {name: value.decode("latin-1") for name, value in scope["headers"]}
            user, session = state.get("user_id"), given.get(b"x-dwell-session")
            agent = given.get(b"user-agent", "")[:LONGEST_TEXT] or None
            if session and len(session) > LONGEST_ID:
                session = None  # None of ours; cut off, it could be another's.
            is_private = "1" in (given.get(b"dnt"), given.get(b"sec-gpc"))
            if (user or session) and not is_private:
                event = {"id": str(uuid.uuid4()), "t": round(began * 1000)}
                event["type"] = (
                    self.auth.get(path, "api_request") if status < 400 else "api_request"
                )
                event["page"] = path[:LONGEST_TEXT]
                event |= {"user_id": user, "visitor_id": None if user else session}
                event |= {"session_id": session, "device": {"user_agent": agent}}
                took = round((time.time() - began) * 1000)
                event["data"] = {"method": scope["method"], "status": status, "duration_ms": took}
                with suppress(queue.Full):  # A collector that is away costs events, never memory.
                    self.waiting.put_nowait(event)

    def _send_all(self):
        while True:
            events = [self.waiting.get()]
            while len(events) < 100 and not self.waiting.empty():
                events.append(self.waiting.get())
            if self._send(events) in (400, 413) and len(events) > 1:
                for event in events:  # One that is refused takes no other along.
                    self._send([event])

    def _send(self, events):
        body = json.dumps({"events": events}, default=str).encode()
        for pause in (1, 5, 25, 0):
            # Each time the same ids: what was taken already is not taken twice.
            request = urllib.request.Request(self.address, body, self.headers)
            try:
                urllib.request.urlopen(request, timeout=10).close()
                return 200
            except urllib.error.HTTPError as refused:
                if refused.code not in (429, 503):
                    return refused.code
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(pause)
        return 503
