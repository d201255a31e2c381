"""What happens at a door that a link does not open; see `review_db.wrong_links`."""

from collections.abc import Iterator
from contextlib import contextmanager

from review_db import wrong_links
from review_db.errors import TooManyWrongLinks, TooManyWrongSetupLinks, UnknownLink, UnknownSetupLink
from review_db.transactions import Transactions


class LinkVerbs(Transactions):
    """Doors that links open: who comes with a wrong one too often is told to wait."""

    @contextmanager
    def _opening(self, token: str) -> Iterator[None]:
        """Around a transaction that a reader's link opens."""
        try:
            yield
        except UnknownLink as refusal:
            if type(refusal) is UnknownLink:  # its other kinds are of links that somebody has
                self._refuse_reader(token, refusal)
            raise

    @contextmanager
    def _setting_up_by(self, token: str) -> Iterator[None]:
        """Around a transaction that a set-up link opens."""
        try:
            yield
        except UnknownSetupLink as refusal:
            if (seconds := self._wait(wrong_links.SETUP_LINKS, token)) is not None:
                raise TooManyWrongSetupLinks(refusal, seconds) from refusal
            raise

    def _refuse_reader(self, token: str, refusal: UnknownLink) -> None:
        if (seconds := self._wait(wrong_links.READER_LINKS, token)) is not None:
            raise TooManyWrongLinks(refusal, seconds) from refusal

    def _wait(self, kind: str, token: str) -> float | None:
        """Count a wrong link; how many seconds its visitor has to wait, None if this one was free."""
        with self._read() as session:
            under_way = wrong_links.wait_under_way(session, kind, self._clock())
        if under_way is not None:
            return under_way
        with self._write() as session:
            return wrong_links.count(session, kind, token, self._clock())
