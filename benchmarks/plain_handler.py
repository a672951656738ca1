"""A plain Starlette handler that appends each body to a file: a peer of the collector.

It looks at no key and into no body, and waits for no disk.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main() -> None:
    """Serves on a port, appending to a file."""
    with Path(sys.argv[1]).open("ab", buffering=0) as file:

        async def append(request: Request) -> Response:
            file.write(await request.body() + b"\n")
            return Response(status_code=204)

        app = Starlette(routes=[Route("/i", append, methods=["POST"])])
        uvicorn.run(
            app,
            port=int(sys.argv[2]),
            loop="uvloop",
            http="httptools",
            log_level="warning",
            access_log=False,
        )


main()
