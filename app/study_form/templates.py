"""Where a new study starts: the shipped templates as cards, a template of one's own, and how to keep the present one.

Knows: the cards, upload and download. Does not know: what a template's settings mean to a study.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from app.composition.template import LARGEST_FILE, Template, TemplateError, read, shipped, write
from app.language.words import N_
from app.language.words import gettext as _
from app.study_form.memory import key, present, take
from app.study_form.refusals import in_words
from app.wording import plain
from review_db.protocol import Design

REFUSED = "study-form/refused"
# Names and summaries of the shipped templates (assets/studies), as their cards say them.
SHIPPED = (
    N_("Quick look"),
    N_(
        "Twenty real and twenty synthetic ECGs, one at a time. No consent, no practice: for a demonstration, or to try "
        "the app."
    ),
    N_("Reading study"),
    N_(
        "Forty real and forty synthetic ECGs with consent, reader profile, practice, repeats, reasons, breaks and a "
        "registered margin."
    ),
    N_("Pairs"),
    N_(
        "A real and a synthetic ECG of the same finding side by side: which one is synthetic? With catch pairs and "
        "practice."
    ),
    N_("Graded"),
    N_("How good is this ECG as a clinical recording? Four classes; each reader sees a balanced half of the ECGs."),
    N_("Completed records"),
    N_(
        "Twenty real ECGs and twenty of which the model drew one beat, one at a time: does a drawn beat give a record "
        "away?"
    ),
)
_PAPER = '<rect x="{x}" y="4" width="{w}" height="40" rx="3" fill="#fdeeee" stroke="#e3a6a6"/>'
_CURVE = '<polyline fill="none" stroke="#333" stroke-width="1.6" points="{points}"/>'
_BEAT = ((0, 0), (5, 0), (7, -3), (9, 0), (12, 0), (13, 3), (15, -15), (17, 6), (18, 0), (23, 0), (26, -5), (30, 0))
_BOX = '<rect x="{x}" y="{y}" width="{w}" height="9" rx="2" fill="none" stroke="#888"/>'


def _ecg(x: int, beats: int) -> str:
    points = " ".join(f"{x + 6 + 34 * beat + dx},{28 + dy}" for beat in range(beats) for dx, dy in _BEAT)
    return _PAPER.format(x=x, w=34 * beats + 10) + _CURVE.format(points=points)


def _boxes(number: int, width: int) -> str:
    return "".join(_BOX.format(x=2 + at * (width + 4), y=52, w=width) for at in range(number))


# What a presentation of each design looks like: paper, and the steps of the answer below it.
PICTURES: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: _ecg(2, 5) + _boxes(6, 26),
        Design.PAIRS: _ecg(2, 2) + _ecg(98, 2) + _boxes(6, 26),
        Design.GRADED: _ecg(2, 5) + _boxes(4, 41),
    }
)


def picture(design: Design) -> str:
    """A small drawing of what readers see, as HTML; Streamlit takes SVG in it only as the address of an image."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 184 64">{PICTURES[design]}</svg>'
    return f'<img alt="" width="184" height="64" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'


def choose_template() -> Template:
    """The template that the form starts from. Raises TemplateError if a shipped one is damaged."""
    chosen = present()
    with st.container(horizontal=True, gap="small"):
        for name, template in shipped().items():
            _card(name, template, template == chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen not in shipped().values():
            words = _("From {template}").format(template=plain(_(chosen.about.name)))
            st.badge(words, icon=":material/check:", color="green")
        with st.popover(_("A template of your own"), type="tertiary", icon=":material/upload_file:"):
            _upload()
    return chosen


def _card(name: str, template: Template, is_chosen: bool) -> None:
    with st.container(border=True, width=240, height="stretch", gap="xsmall", key=f"template-{name}"):
        st.html(picture(template.protocol.design))
        st.markdown(f"**{plain(_(template.about.name))}**")
        st.caption(plain(_(template.about.summary)))
        if is_chosen:
            st.badge(_("Chosen"), icon=":material/check:", color="green")
        else:
            st.button(_("Choose"), key=f"choose-{name}", on_click=take, args=(template,))


def _upload() -> None:
    st.write(_("A TOML file, such as this page saves. It fills in the form; nothing is composed yet."))
    st.file_uploader(
        _("Template"),
        type=["toml"],
        max_upload_size=1,
        key=key("upload"),
        on_change=_take_upload,
        args=(key("upload"),),
    )
    if refused := st.session_state.pop(REFUSED, None):
        st.error(refused)


def _take_upload(widget: str) -> None:
    file = st.session_state[widget]
    if file is None:
        return
    try:
        take(read_upload(file.name, file.getvalue()))
    except TemplateError as error:
        st.session_state[REFUSED] = in_words(error)


def read_upload(name: str, content: bytes) -> Template:
    """A template from a file that somebody sends. Raises TemplateError."""
    if len(content) > LARGEST_FILE:
        raise TemplateError(f"{name} is larger than {LARGEST_FILE // 1000} kB, which no template is.")
    try:
        return read(content.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        raise TemplateError(f"{name} is not a text in UTF-8, as TOML is.") from error


def offer_download(template: Template) -> None:
    """The present settings as a file."""
    st.download_button(
        _("Save as a template"), write(template), f"{file_name(template.study.title)}.toml", "application/toml",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def file_name(title: str) -> str:
    """A title as the name of a file, without suffix: "Pairs, 2nd round" -> "pairs-2nd-round"."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "study"
