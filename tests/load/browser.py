"""A browser's side of the connection to a Streamlit server: it opens a page and clicks on buttons.

Knows: Streamlit's BackMsg, the websocket, how long the server took. Does not know: what the page is about.
The time of the server is counted from the click's leaving to the arrival of the end of the run that it started.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from tests.load.page import Page

PATIENCE = 60.0  # s without the end of a run, after which a reader has lost patience
LOCALE = "en-GB"


@dataclass(frozen=True)
class Run:
    """One run of the server for this tab. began: monotonic seconds; is_whole: the whole page, not a part of it."""

    began: float
    seconds: float
    bytes: int
    is_whole: bool


@dataclass
class Tab:
    """An open page. `runs` are those so far."""

    link: str
    connection: ClientConnection
    page: Page = field(default_factory=Page)
    runs: list[Run] = field(default_factory=list)

    async def load(self) -> None:
        """Ask for the page."""
        await self._run([], "")

    async def click(self, key: str) -> None:
        """On the button of this key, or with these words. Raises LookupError, TimeoutError, ConnectionClosed."""
        button = self.page.button(key)
        await self._run([WidgetState(id=button.id, trigger_value=True)], button.fragment)

    async def _run(self, clicked: list[WidgetState], fragment: str) -> None:
        message = self._message(clicked, fragment).SerializeToString()
        began = time.perf_counter()
        await self.connection.send(message)
        async with asyncio.timeout(PATIENCE):
            size = await self._until_finished()
        self.runs.append(Run(began, time.perf_counter() - began, size, not fragment))

    async def _until_finished(self) -> int:
        size = 0
        while True:
            data = await self.connection.recv(decode=False)
            size += len(data)
            if self.page.take(ForwardMsg.FromString(data)):
                return size

    def _message(self, clicked: list[WidgetState], fragment: str) -> BackMsg:
        message, address = BackMsg(), urlsplit(self.link)
        state = message.rerun_script
        state.query_string, state.fragment_id, state.page_script_hash = address.query, fragment, self.page.script
        state.widget_states.widgets.extend([*self.page.states(), *clicked])
        state.cached_message_hashes.extend(self.page.remembered)
        state.context_info.url, state.context_info.locale = self.link, LOCALE
        return message


@asynccontextmanager
async def opened(link: str) -> AsyncIterator[Tab]:
    """A tab on this link; it closes with the context."""
    address = urlsplit(link)
    url = f"{'wss' if address.scheme == 'https' else 'ws'}://{address.netloc}/_stcore/stream"
    async with connect(url, subprotocols=["streamlit"], max_size=None, compression=None) as connection:
        tab = Tab(link, connection)
        await tab.load()
        yield tab
