"""A cable between a program and a server that a test can pull out: bytes neither come nor go, and nobody is told.

Or it can be cut: then whoever uses it is told at once, and a new connection is refused until it is mended. Before that
it can keep the server's answers to itself, which are then lost.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

POLL_SECONDS = 0.05


@dataclass
class Cable:
    """Forwards `port` of the loopback address to the server's port while it is plugged in."""

    server: int
    plugged: threading.Event = field(default_factory=threading.Event)
    answers: threading.Event = field(default_factory=threading.Event)  # those of the server come through
    ended: threading.Event = field(default_factory=threading.Event)
    is_cut: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def pull(self) -> None:
        self.plugged.clear()

    def plug_in(self) -> None:
        self.plugged.set()

    def cut(self) -> None:
        self.is_cut.set()

    def mend(self) -> None:
        self.answers.set()
        self.is_cut.clear()

    def hold_answers(self) -> None:
        self.answers.clear()

    def listen(self, door: socket.socket) -> None:
        while not self.ended.is_set():
            with suppress(OSError), door.accept()[0] as accepted:  # nobody came, or the server is away
                if self.is_cut.is_set():
                    continue
                far = socket.create_connection(("127.0.0.1", self.server))
                near = socket.socket(fileno=accepted.detach())
                for way in ((near, far, self.plugged), (far, near, self.answers)):
                    threading.Thread(target=self._forward, args=way, daemon=True).start()

    def _forward(self, one: socket.socket, other: socket.socket, is_free: threading.Event) -> None:
        with suppress(OSError, ValueError), one, other:  # the other way may have closed both
            while not (self.is_cut.is_set() or self.ended.is_set()):
                if select.select([one], [], [], POLL_SECONDS)[0]:
                    if not (data := one.recv(65536)):
                        return
                    self._pass_on(data, other, is_free)

    def _pass_on(self, data: bytes, other: socket.socket, is_free: threading.Event) -> None:
        while not (self.plugged.is_set() and is_free.wait(POLL_SECONDS)):
            time.sleep(POLL_SECONDS)
            if self.is_cut.is_set() or self.ended.is_set():
                return
        other.sendall(data)


@contextmanager
def cable_to(server: int) -> Iterator[Cable]:
    """A plugged cable to a port of the loopback address."""
    cable = Cable(server)
    cable.plug_in()
    cable.mend()
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
