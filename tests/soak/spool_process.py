"""A process around a spool and nothing else, for those who kill it: lines in, an answer out.

A request is the number of its lines, then these; the answer `ok` or `full`.
"""

import argparse
import asyncio
import signal
from datetime import timedelta
from pathlib import Path

from etl.collector.spool import Spool
from etl.errors import SpoolFull

SOURCE = "web"


async def _answer(spool: Spool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readline():
        lines = [(await reader.readline()).rstrip(b"\n") for _ in range(int(head))]
        try:
            await spool.append(SOURCE, lines)
            answer = b"ok\n"
        except SpoolFull:
            answer = b"full\n"
        writer.write(answer)
    writer.close()


async def _serve(home: Path, port: int, age: float) -> None:
    spool = Spool(home, age=timedelta(seconds=age))
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(spool, reader, writer)

    server = await asyncio.start_server(on_client, "127.0.0.1", port, limit=1 << 20)
    await over.wait()
    server.close()
    await spool.close()


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--age", type=float, default=0.3)
    args = parser.parse_args()
    asyncio.run(_serve(args.home, args.port, args.age))


if __name__ == "__main__":
    main()
