"""One file of a server from any byte on, through wfdb's own transfer (`RangeTransfer`, which wfdb reads PhysioNet by).

Knows: ranges, and that a silent server counts as lost after a while. Does not know: what is fetched, where it is kept.

Why not `wfdb.dl_files`, which stands on the same transfer: it asks physionet.org for the version even if
`set_db_index_url` points to another server, keeps a whole file in memory until it is complete (nothing to resume
from), knows no checksums, and waits for ever. The transfer lies in a module of wfdb that is not public; wfdb is
pinned, and the tests of the download run through it.
"""

from collections.abc import Iterator
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from wfdb.io._url import RangeTransfer, _get_session

CONNECTIONS = 2  # at a time, so as not to overload PhysioNet: wfdb's own number


class _Impatient(HTTPAdapter):
    """Gives up on a server that says nothing for a while; wfdb sets no such limit."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(pool_maxsize=CONNECTIONS, pool_block=True)

    def send(self, request: PreparedRequest, *args: Any, **settings: Any) -> Response:
        """As for any adapter, with a time limit for connecting and for each read."""
        return super().send(request, *args, **settings | {"timeout": self.seconds})


def limit_patience(source_url: str, seconds: float) -> None:
    """From now on files under this address have to come without a pause of more than so many seconds."""
    _get_session().mount(source_url, _Impatient(seconds))


class FileTransfer:
    """The rest of a file from byte `start` on. `begins_anew` where the server sends the whole instead."""

    def __init__(self, url: str, start: int) -> None:
        """Ask for it. Raises wfdb's NetFileError for a refusal, requests.RequestException for a lost connection."""
        self._transfer = RangeTransfer(url, start, None)
        self.begins_anew = self._transfer.is_complete

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come, in pieces of 4 kB: what a broken connection loses at most."""
        with self._transfer as transfer:
            for _, chunk in transfer.iter_chunks():
                yield chunk
