"""A page as the server sends it to a browser, over the WebSocket, without one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


@dataclass
class Drawn:
    """What stands on a page: how many elements of each kind, the files that it links, its texts."""

    kinds: Counter[str] = field(default_factory=Counter)
    links: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All texts."""
        return "\n".join(self.texts)


def draw(server: str, page: str, query: str = "", **headers: str) -> Drawn:
    """Has a page drawn once, for who says that by headers."""
    drawn = Drawn()
    with connect(
        f"{server.replace('http', 'ws', 1)}/_stcore/stream",
        additional_headers={name.replace("_", "-"): text for name, text in headers.items()},
        subprotocols=["streamlit"],
        origin=server,
        max_size=None,
    ) as line:
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        line.send(asked.SerializeToString())
        while True:
            told = ForwardMsg.FromString(line.recv(timeout=60))
            if told.WhichOneof("type") == "script_finished":
                return drawn
            if told.WhichOneof("type") == "delta" and told.delta.HasField("new_element"):
                element = told.delta.new_element
                kind = element.WhichOneof("type")
                drawn.kinds[kind] += 1
                drawn.texts.append(str(getattr(element, kind)))
                if kind == "page_link":
                    drawn.links.add(element.page_link.page)
