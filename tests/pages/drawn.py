"""A page as the server sends it to a browser, over the WebSocket, without one."""

from __future__ import annotations

import urllib.request
from collections import Counter
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


@dataclass
class Drawn:
    """What stands on a page: how many elements of each kind, the files that it links, its texts."""

    kinds: Counter[str] = field(default_factory=Counter)
    links: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    # Of each CSV file that it offers, what is in it, and its address.
    files: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All texts."""
        return "\n".join(self.texts)


def draw(server: str, page: str, query: str = "", *, saves: bool = False, **headers: str) -> Drawn:
    """Has a page drawn once, for who says that by headers; who `saves` takes its files, too."""
    drawn, offered, visit = Drawn(), {}, ""
    said = {name.replace("_", "-"): text for name, text in headers.items()}
    with connect(
        f"{server.replace('http', 'ws', 1)}/_stcore/stream",
        additional_headers=said,
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
            if told.WhichOneof("type") == "new_session":
                visit = told.new_session.initialize.session_id
            if told.WhichOneof("type") == "script_finished":
                break
            if told.WhichOneof("type") == "delta" and told.delta.HasField("new_element"):
                element = told.delta.new_element
                kind = element.WhichOneof("type")
                drawn.kinds[kind] += 1
                drawn.texts.append(str(getattr(element, kind)))
                if kind == "page_link":
                    drawn.links.add(element.page_link.page)
                if kind == "download_button" and element.download_button.label == "CSV":
                    offered[element.download_button.id] = element.download_button.deferred_file_id
        for name, file in offered.items() if saves else ():
            address = server + _made(line, visit, file)
            drawn.addresses.append(address)
            with urllib.request.urlopen(urllib.request.Request(address, headers=said)) as got:
                drawn.files[name] = got.read().decode()
    return drawn


def _made(line: ClientConnection, visit: str, file: str) -> str:
    """The address of a file that is made when its button is pressed."""
    asked = BackMsg()
    asked.backend_operation_request.request_id = file
    asked.backend_operation_request.session_id = visit
    asked.backend_operation_request.deferred_file.file_id = file
    line.send(asked.SerializeToString())
    while True:
        told = ForwardMsg.FromString(line.recv(timeout=60))
        if told.WhichOneof("type") == "backend_operation_response":
            answer = told.backend_operation_response
            assert not answer.error_msg, answer.error_msg
            return str(answer.deferred_file.url)
