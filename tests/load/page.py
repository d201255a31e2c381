"""What a browser knows of a page: its buttons and fields, as the messages of Streamlit's server build and change it.

Knows: Streamlit's ForwardMsg: where an element stands (its delta path), which fragment drew it, that a message seen
before comes as its hash, and that what a run has not drawn again is gone at its end.
Does not know: connections, what a page is about. Only what a reader needs is kept, so that many pages fit in a process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from streamlit.proto.Element_pb2 import Element as Proto
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

KINDS = ("button", "html", "alert", "exception", "text_area", "button_group", "checkbox", "heading")
TROUBLE = ("alert", "exception")
LONGEST_KEPT = 2  # runs of the whole page after which a message has to be sent anew, as Streamlit's default has it
FINISHED = frozenset({ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY})


@dataclass(frozen=True)
class Element:
    """What stands in one place. key: as the script names a widget; run: the one that drew it last."""

    kind: str
    id: str = ""
    words: str = ""
    fragment: str = ""
    run: int = 0

    @property
    def key(self) -> str:
        """Streamlit's identifiers are $$ID-HASH-KEY."""
        return self.id.split("-", 2)[-1]


@dataclass
class Page:
    """Elements by their place. remembered: messages that need not come again, by hash, with the run that used them."""

    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    remembered: dict[str, tuple[Element, int]] = field(default_factory=dict)
    script: str = ""
    run: int = 0
    fragments: frozenset[str] = frozenset()

    def take(self, message: ForwardMsg) -> bool:
        """Change the page as this message says; True at the end of a run."""
        kind = message.WhichOneof("type")
        if kind in ("delta", "ref_hash"):
            self._draw(message, kind)
        elif kind == "new_session":
            self._begin(message)
        elif kind == "script_finished":
            return self._end(message)
        return False

    def _begin(self, message: ForwardMsg) -> None:
        self.run += 1
        self.script = message.new_session.page_script_hash
        self.fragments = frozenset(message.metadata.run.fragment_ids)

    def _draw(self, message: ForwardMsg, kind: str) -> None:
        path = tuple(message.metadata.delta_path)
        if kind == "ref_hash":
            element = self.remembered[message.ref_hash][0]
            self._remember(message.ref_hash, element)
        elif message.delta.HasField("new_element"):
            element = _element(message)
            if message.metadata.cacheable:
                self._remember(message.hash, element)
        else:
            return  # a block holds elements, and each of these says by itself where it stands
        self.elements[path] = replace(element, run=self.run)

    def _remember(self, digest: str, element: Element) -> None:
        self.remembered[digest] = element, self.run

    def _end(self, message: ForwardMsg) -> bool:
        if message.script_finished not in FINISHED:
            return False  # the script asked to be run again
        self.elements = {place: one for place, one in self.elements.items() if not self._is_gone(one)}
        if not self.fragments:
            oldest = self.run - LONGEST_KEPT
            self.remembered = {digest: kept for digest, kept in self.remembered.items() if kept[1] >= oldest}
        return True

    def _is_gone(self, element: Element) -> bool:
        return element.run < self.run and (not self.fragments or element.fragment in self.fragments)

    def button(self, key: str) -> Element:
        """The button that the script calls by this key, or by these words. Raises LookupError if there is none."""
        for element in self.elements.values():
            if element.kind == "button" and key in (element.key, element.words):
                return element
        raise LookupError(f"There is no button {key!r}, but {[one.key for one in self._of('button')]}.")

    def trouble(self) -> list[str]:
        """Warnings, errors and exceptions on the page, in their words."""
        return [one.words for one in self.elements.values() if one.kind in TROUBLE]

    def texts(self) -> list[str]:
        """What stands on the page as HTML or as a heading."""
        return [one.words for one in self.elements.values() if one.kind in ("html", "heading")]

    def states(self) -> list[WidgetState]:
        """What a browser says about the fields of this page with every click."""
        return [WidgetState(id=one.id, string_value="") for one in self._of("text_area")]

    def _of(self, kind: str) -> list[Element]:
        return [one for one in self.elements.values() if one.kind == kind]


WORDS: Mapping[str, str] = MappingProxyType(
    {"button": "label", "html": "body", "alert": "body", "exception": "message", "heading": "body"}
)


def _element(message: ForwardMsg) -> Element:
    """Of what a reader does not need there is the kind alone."""
    proto: Proto = message.delta.new_element
    kind = proto.WhichOneof("type") or ""
    if kind not in KINDS:
        return Element(kind, fragment=message.delta.fragment_id)
    content = getattr(proto, kind)
    words = getattr(content, WORDS[kind]) if kind in WORDS else ""
    return Element(kind, getattr(content, "id", ""), words, message.delta.fragment_id)
