"""Two ECGs beside each other, or one on the other: chosen from the batch, the favourites and real records.

Knows: the choice, both arrangements, the keys, the link. Does not know: where ECGs come from (`compare_choice`), how
beats are aligned (`compare_beats`).

Overlaid, both stand on one sheet, so that calipers and lens stay in place while the ECG beneath them changes. What is
seen of it is a line of style: nothing is sent again. As astronomers find the star that moved, X flicks between the two
and B lets them blink. X also swaps the sides of two sheets.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from types import MappingProxyType

import streamlit as st

from app.display.paper import INKS, STANDARD, TRACE_COLOUR
from app.display.sheet import BEHIND_COLOUR, draw_sheet
from app.explore.compare import Shown
from app.explore.compare_beats import align, alignment_words
from app.explore.compare_choice import ABOVE, Candidate, candidates, following, real_records
from app.explore.scene import Scene
from app.explore.sharing import link
from app.language.words import N_, decimal
from app.language.words import gettext as _

FIRST, SECOND, VIEW = (f"explore_compare_{name}" for name in ("first", "second", "view"))
SEEN, SWAPPED = "explore_compare_seen", "explore_compare_swapped"
ADDRESS = {FIRST: "first", SECOND: "second", VIEW: "view"}  # names in the address
BESIDE, OVERLAID = N_("Side by side"), N_("Overlaid")
FLICK_KEY, BLINK_KEY, BOTH_KEY = "X", "B", "O"
BOTH, A, B, BLINKING = "both", "A", "B", "blinking"
INVITATION = N_(
    "Choose a second ECG: a real one with these labels, another one of the batch, a favourite. Both are drawn on one "
    "format, with calipers."
)
SHARED = N_("This link draws and shows the same two ECGs, wherever this checkpoint and the real record are.")
PERIOD_SECONDS = 1.4  # each ECG for half of it: far below three flashes a second (WCAG 2.3.1)
STYLE = """<style>
.st-key-explore_compare { container-type: inline-size; }
.st-key-explore_compare_sheets { --shrink: 0.5; }
@container (min-width: 800px) { .st-key-explore_compare_sheets { --shrink: 0.75; } }
@container (min-width: 1065px) { .st-key-explore_compare_sheets { --shrink: 1; } }
@container (min-width: 1080px) { .st-key-explore_compare_beside { --shrink: 0.5; } }
@container (min-width: 1210px) { .st-key-explore_compare_beside { --shrink: 0.5625; } }
@container (min-width: 1345px) { .st-key-explore_compare_beside { --shrink: 0.625; } }
@container (min-width: 1610px) { .st-key-explore_compare_beside { --shrink: 0.75; } }
@container (min-width: 1875px) { .st-key-explore_compare_beside { --shrink: 0.875; } }
@container (min-width: 2140px) { .st-key-explore_compare_beside { --shrink: 1; } }
@keyframes explore-blink { 0%, 49.9% { visibility: visible; } 50%, 100% { visibility: hidden; } }
</style>"""
SHEET = ".st-key-explore_compare_sheets"
SWAPPED_STYLE = (
    ".st-key-explore_compare_beside { flex-flow: row-reverse wrap-reverse !important; justify-content: flex-end; }"
)
SEEN_STYLES: Mapping[str, str] = MappingProxyType(
    {
        BOTH: "",
        A: f"{SHEET} .ecg-behind {{ visibility: hidden; }}",
        B: f"{SHEET} .ecg-curves {{ visibility: hidden; }}",
        BLINKING: f"""@media (prefers-reduced-motion: no-preference) {{
            {SHEET} :is(.ecg-curves, .ecg-behind) {{ animation: explore-blink {PERIOD_SECONDS}s step-end infinite; }}
            {SHEET} .ecg-behind {{ animation-delay: -{PERIOD_SECONDS / 2}s; }} }}""",
    }
)


def compare(scene: Scene) -> None:
    """The look: choice, both ECGs, where they come from, the link."""
    with st.container(key="explore_compare"):
        pair = _choose(scene)
        if pair is None:
            st.caption(_(INVITATION))
            return
        one, other = (candidate.look(f"explore_compare_{at}") for at, candidate in zip((A, B), pair, strict=True))
        if one is not None and other is not None:
            _show(pair, one, other)
            _origins(scene, pair)


def address() -> dict[str, str]:
    """What the address must say to show the same two again; nothing while no second one is chosen."""
    if st.session_state.get(SECOND) is None:
        return {}
    chosen = {name: st.session_state.get(key) for key, name in ADDRESS.items()}
    return {name: value for name, value in chosen.items() if value not in (None, ABOVE, BESIDE)}


# ---------------------------------------------------------------------------------------------------- the choice


def _choose(scene: Scene) -> tuple[Candidate, Candidate] | None:
    for key, name in ADDRESS.items():
        st.session_state.setdefault(key, st.query_params.get(name))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = _choose_one(scene, "A", FIRST, without=None)
        other = _choose_one(scene, _("B: compare with"), SECOND, without=one)
        if st.session_state[VIEW] not in (BESIDE, OVERLAID):
            st.session_state[VIEW] = BESIDE
        st.segmented_control(
            _("View"), (BESIDE, OVERLAID), format_func=_, key=VIEW, required=True, persist_state="session"
        )
    return None if one is None or other is None else (one, other)


def _choose_one(scene: Scene, words: str, key: str, without: Candidate | None) -> Candidate | None:
    offered = candidates(scene, st.session_state[key])
    if without is not None:
        offered.pop(without.reference, None)
    if st.session_state[key] not in offered:
        st.session_state[key] = ABOVE if without is None else None
    reference = st.selectbox(
        words,
        list(offered),
        index=0 if without is None else None,  # there is always a first one
        key=key,
        format_func=lambda reference: offered[reference].title,
        placeholder=_("Choose an ECG, or type a number, a label or a name"),
        width=420,
        persist_state="session",
    )
    return offered[reference] if reference else None


# --------------------------------------------------------------------------------------------------- the sheets


def _show(pair: tuple[Candidate, Candidate], one: Shown, other: Shown) -> None:
    st.html(STYLE)
    for name, candidate, shown in zip((A, B), pair, (one, other), strict=True):
        if shown.ecg is None:
            words = _("{name}, {title}, cannot be shown on paper. {problem}")
            told = words.format(name=name, title=candidate.title, problem=shown.problem)
            st.warning(told, icon=":material/broken_image:")
    if one.ecg is None or other.ecg is None:
        return
    with st.container(key="explore_compare_sheets"):
        if st.session_state[VIEW] == OVERLAID:
            _overlay(pair, one, other)
        else:
            _put_beside(pair, one, other)


def _put_beside(pair: tuple[Candidate, Candidate], one: Shown, other: Shown) -> None:
    _swap_sides()
    with st.container(horizontal=True, key="explore_compare_beside"):
        for name, candidate, shown in zip((A, B), pair, (one, other), strict=True):
            with st.container(width="content", gap="xxsmall", key=f"explore_compare_{name}"):
                st.html(_legend(name, candidate, shown))
                if shown.ecg is not None:
                    draw_sheet(shown.ecg, f"explore_compare_sheet_{name}")


def _overlay(pair: tuple[Candidate, Candidate], one: Shown, other: Shown) -> None:
    if one.ecg is None or other.ecg is None:
        return
    alignment = align(one.ecg, other.ecg)
    with st.container(horizontal=True, gap="medium"):
        for name, candidate, shown in zip((A, B), pair, (one, other), strict=True):
            st.html(_legend(name, candidate, shown), width="content")
    _choose_what_is_seen()
    draw_sheet(one.ecg, "explore_compare_sheet", behind=other.ecg, late=alignment.late)
    st.caption(alignment_words(alignment))


def _legend(name: str, candidate: Candidate, shown: Shown) -> str:
    """The name in the colour that its curve has when both are on one sheet, on a piece of paper."""
    colour = TRACE_COLOUR if name == A else BEHIND_COLOUR
    mark = f'<b style="color: {colour}; background: {INKS[STANDARD.ink].paper}; padding: 0 0.4em">{name}</b>'
    return f"<div>{mark} {escape(candidate.title)} · {escape(shown.rate)}</div>"


@st.fragment
def _swap_sides() -> None:
    is_swapped = bool(st.session_state.get(SWAPPED))
    swap = partial(st.session_state.__setitem__, SWAPPED, not is_swapped)
    st.button(_("Swap sides"), shortcut=FLICK_KEY, on_click=swap)
    st.html(f"<style>{SWAPPED_STYLE if is_swapped else ''}</style>")


@st.fragment
def _choose_what_is_seen() -> None:
    seen = st.session_state.get(SEEN, BOTH)
    other = A if seen == B else B
    with st.container(horizontal=True, gap="small"):
        _offer(_("{name} alone").format(name=other), FLICK_KEY, other)
        _offer(_("Blink"), BLINK_KEY, BLINKING, is_on=seen == BLINKING)
        _offer(_("Both"), BOTH_KEY, BOTH, is_on=seen == BOTH)
    st.html(f"<style>{SEEN_STYLES[seen]}</style>")  # always sent: a fragment takes no style back


def _offer(words: str, key: str, seen: str, is_on: bool = False) -> None:
    st.button(
        words,
        key=f"{SEEN}_{key}",
        shortcut=key,
        type="primary" if is_on else "secondary",
        on_click=st.session_state.__setitem__,
        args=(SEEN, seen),
    )


# -------------------------------------------------------------------------------------------------- below them


def _origins(scene: Scene, pair: tuple[Candidate, Candidate]) -> None:
    with st.container(horizontal=True, gap="large"):
        for name, candidate in zip((A, B), pair, strict=True):
            with st.container(width=420, gap="xsmall"):
                st.caption(f"**{name}**  \n" + "  \n".join(candidate.lines()))
        with st.container(width="content", gap="xsmall"):
            _another(scene, pair[1])
            with st.popover(_("Share"), icon=":material/link:", key="explore_compare_share"):
                whole = link(st.context.url, scene.one.provenance, len(scene.drawn), address())
                st.code(whole, language=None, wrap_lines=True)
                st.caption(_(SHARED))


def _another(scene: Scene, other: Candidate) -> None:
    step = following(scene, other.reference)
    if step is not None:
        total = decimal(len(real_records(scene)), ",")
        st.button(
            _("Another one"),
            icon=":material/skip_next:",
            help=_("The next of {total} real ECGs with these labels").format(total=total),
            on_click=st.session_state.__setitem__,
            args=(SECOND, step),
        )
