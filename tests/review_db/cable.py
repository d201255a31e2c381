"""A cable between a program and a server that a test can pull out: bytes neither come nor go, and nobody is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

POLL_SECONDS = 0.05


@dataclass
class Cable:
    """Forwards `port` of the loopback address to the server's port while it is plugged in."""

    server: int
    plugged: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def pull(self) -> None:
        self.plugged.clear()

    def plug_in(self) -> None:
        self.plugged.set()

    def listen(self, door: socket.socket) -> None:
        while not self.ended.is_set():
            with suppress(TimeoutError):
                near, _ = door.accept()
                far = socket.create_connection(("127.0.0.1", self.server))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=(one, other), daemon=True).start()

    def _forward(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one, other:
            while data := one.recv(65536):
                while not self.plugged.wait(POLL_SECONDS):
                    if self.ended.is_set():
                        return
                other.sendall(data)


@contextmanager
def cable_to(server: int) -> Iterator[Cable]:
    """A plugged cable to a port of the loopback address."""
    cable = Cable(server)
    cable.plug_in()
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(POLL_SECONDS)
        cable.port = door.getsockname()[1]
        listening = threading.Thread(target=cable.listen, args=(door,), daemon=True)
        listening.start()
        try:
            yield cable
        finally:
            cable.ended.set()
            listening.join()
