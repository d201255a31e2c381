"""Complete a record: a part of an ECG is hidden, the model fills it, and the original lies beneath.

Knows: the order of the look, its words. Does not know: how a gap is chosen (`gap_choice`), drawn (`gap_picture`) or
filled (`engine.completing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure
from app.display.words import record_lines
from app.explore.compare import HELD_OUT_FOLDS, for_the_eye, read_for_the_eye
from app.explore.compare_choice import PTBXL, real_records
from app.explore.compare_look import SECOND
from app.explore.curves import picture_html
from app.explore.gap_choice import choose_gap, gap_words
from app.explore.gap_picture import FILLED_COLOUR, ORIGINAL_COLOUR, filled_svg, small_picture
from app.explore.redrawn import checkpoint_of
from app.explore.scene import Scene
from app.explore.waiting import outcome
from app.language.words import N_, decimal
from app.language.words import gettext as _
from app.table import show_table
from engine.catalogue import CheckpointSummary
from engine.ecg import STANDARD_LEADS, Ecg
from engine.gap import Error, Gap, error, flat_line, median_beat_again, smoothed
from engine.generators import DrawRequest
from engine.labels import Sex
from engine.ptbxl import PtbXl
from engine.tasks import Answer, Task, pack_ecgs

SOURCE, ASKED, CHOSEN, ROUND, LEADS = (
    f"explore_completing_{name}" for name in ("source", "asked", "chosen", "round", "leads")
)
DRAWN, REAL = N_("The ECG above"), N_("A real ECG with these labels")
ALTERNATIVES = 4
WALK = {"steps": 20, "jump": 5, "passes": 2}
MOST_TRIED = 20  # real records, until one can be shown
MOST_LEADS, FIRST_LEADS = 4, ("II", "V2", "V5")
INVITATION = N_("Choose what to hide. The model draws it {times} times anew, from the labels and from what is left.")
HOW = N_(
    "Microvolts over the hidden samples. A difference is not a fault: nobody knows from the rest of a record where the "
    "next beat falls, and where no lead tells, a flat line has the smallest error and is no ECG. The network never "
    "learnt to complete; at each level of noise the known samples are put back and the walk is repeated (RePaint, "
    "Lugmayr et al. 2022). Guidance 1; 40 Hz filter, as on the paper above."
)


@dataclass(frozen=True, eq=False)
class Source:
    """An ECG to be completed, harmonised, and what the network is told about it. words: where it comes from."""

    ecg: Ecg
    labels: tuple[str, ...]
    sex: Sex | None
    age_band: str | None
    words: str


@dataclass(frozen=True, eq=False)
class Filled:
    """Alternatives for the hidden (12, n) samples of the original, with their errors."""

    original: Ecg
    hidden: NDArray[np.bool_]
    alternatives: tuple[Ecg, ...]

    @property
    def errors(self) -> list[Error]:
        """Of each alternative."""
        return [error(one.signal, self.original.signal, self.hidden) for one in self.alternatives]

    @property
    def apart(self) -> float:
        """How far alternatives differ from one another: root mean square over all pairs, in microvolts."""
        pairs = combinations([one.signal for one in self.alternatives], 2)
        return float(np.sqrt(np.mean([error(a, b, self.hidden).rms ** 2 for a, b in pairs])))


def can_be_completed(scene: Scene) -> bool:
    """Whether there is a checkpoint that could."""
    return _checkpoint(scene) is not None


def show(scene: Scene) -> None:
    """The look: source, gap, and what the model makes of it."""
    checkpoint, source = _checkpoint(scene), _choose_source(scene)
    if checkpoint is None or source is None:
        return
    st.caption(source.words)
    gap = choose_gap(source.ecg)
    if gap is None:
        return
    task = _task(source, gap, checkpoint)
    if st.session_state.get(ASKED) != task:
        st.caption(_(INVITATION).format(times=ALTERNATIVES))
        st.button(_("Complete"), type="primary", on_click=st.session_state.__setitem__, args=(ASKED, task))
        return
    words = _("Filling {gap}, {number} alternatives").format(gap=gap_words(gap), number=ALTERNATIVES)
    status = outcome(scene.room.generation, "explore_completing", task, words)
    if status is not None and status.answer is not None:
        _show_filled(_filled(source.ecg, gap, status.answer), gap)


def _checkpoint(scene: Scene) -> CheckpointSummary | None:
    return checkpoint_of(scene) or scene.checkpoint


# --------------------------------------------------------------------------------------------------- the source


def _choose_source(scene: Scene) -> Source | None:
    offered = [DRAWN] + [REAL] * (scene.room.ptbxl is not None)
    choice = st.segmented_control(_("Complete"), offered, default=DRAWN, format_func=_, key=SOURCE, required=True)
    ptbxl = scene.room.ptbxl
    return _real(scene, ptbxl) if choice == REAL and ptbxl is not None else _drawn(scene)


def _drawn(scene: Scene) -> Source | None:
    shown, origin = for_the_eye(scene.one.ecg), scene.one.provenance
    if shown.ecg is None:
        words = _("This ECG cannot be completed. {problem}").format(problem=shown.problem)
        st.warning(words, icon=":material/broken_image:")
        return None
    sex = Sex(origin.sex) if origin.sex else None
    words = " · ".join((_(DRAWN), shown.rate))
    return Source(shown.ecg, origin.labels, sex, origin.age_band, words)


def _real(scene: Scene, ptbxl: PtbXl) -> Source | None:
    """The record that Compare shows, or the next one without missing samples."""
    origin, records = scene.one.provenance, real_records(scene)
    compared = st.session_state.get(SECOND)
    first = next((at for at, record in enumerate(records) if f"{PTBXL}{record.ecg_id}" == compared), 0)
    for number in range(min(MOST_TRIED, len(records))):
        record = records[(first + number) % len(records)]
        shown = read_for_the_eye(ptbxl, record)
        if shown.ecg is not None:
            seen = [] if record.fold in HELD_OUT_FOLDS else [_("the model may have been trained on it")]
            words = " · ".join(("PTB-XL", *record_lines(record), shown.rate, *seen))
            return Source(shown.ecg, record.labels.codes, record.sex, origin.age_band, words)
    words = _("No real ECG with {labels} here can be completed: choose other labels.")
    st.info(words.format(labels=" + ".join(origin.labels)))
    return None


def _task(source: Source, gap: Gap, checkpoint: CheckpointSummary) -> Task:
    request = DrawRequest(
        tuple(code for code in source.labels if code in checkpoint.label_codes),
        source.sex if checkpoint.knows_sex else None,
        ALTERNATIVES,
        guidance=1.0,
        checkpoint=checkpoint.digest,
        age_band=source.age_band if checkpoint.knows_age else None,
        first=ALTERNATIVES * st.session_state.get(ROUND, 0),
    )
    asked = {"ecgs": pack_ecgs([source.ecg]), "gap": gap.asdict(), "walk": WALK, "request": request.asdict()}
    return Task("complete", asked)


# --------------------------------------------------------------------------------------------------- the result


def _filled(original: Ecg, gap: Gap, answer: Answer) -> Filled:
    hidden = gap.hidden(original.samples, original.rate)
    signals = [smoothed(signal, hidden, original.rate) for signal in answer.arrays["signals"]]
    return Filled(original, hidden, tuple(Ecg(signal, original.rate) for signal in signals))


def _show_filled(filled: Filled, gap: Gap) -> None:
    errors, chosen = filled.errors, st.session_state.get(CHOSEN, 0)
    with st.container(horizontal=True, key="explore_alternatives"):
        for number, (one, off) in enumerate(zip(filled.alternatives, errors, strict=True)):
            _thumbnail(number, one, filled.hidden, off, number == chosen)
    leads = _choose_leads(gap)
    words = _("Alternative {number}: {gap} filled in, the original beneath.")
    words = words.format(number=chosen + 1, gap=gap_words(gap))
    st.html(_legend())
    st.html(picture_html(filled_svg(leads, filled.alternatives[chosen], filled.original, filled.hidden, words), words))
    with st.container(horizontal=True, gap="large"):
        with st.container(width=420):
            show_table((_("Filled by"), _("RMS error, µV"), _("Largest, µV")), error_rows(filled), numbers=[1, 2])
        with st.container():
            words = _("Alternatives differ from one another by {apart} µV RMS.").format(apart=f"{filled.apart:.0f}")
            st.caption(" ".join((words, _(HOW))))
            st.button(_("Four others"), icon=":material/refresh:", on_click=_ask_others)
    if st.toggle(_("Twelve leads on paper"), key="explore_completing_paper"):
        figure = ecg_figure(filled.alternatives[chosen])
        st.plotly_chart(figure, width="content", theme=None, config=dict(STATIC), alt=alt_text())


def error_rows(filled: Filled) -> list[tuple[str, str, str]]:
    """Of each alternative, then of what needs no model."""
    original, hidden = filled.original, filled.hidden
    plain = {
        _("A flat line"): flat_line(original.signal, hidden),
        _("The median beat again"): median_beat_again(original, hidden),
    }
    one = _("Alternative {number}")
    rows = [(one.format(number=number), off) for number, off in enumerate(filled.errors, 1)]
    rows += [(name, error(by, original.signal, hidden)) for name, by in plain.items() if by is not None]
    return [(name, decimal(off.rms, ",.0f"), decimal(off.largest, ",.0f")) for name, off in rows]


def _thumbnail(number: int, one: Ecg, hidden: NDArray[np.bool_], off: Error, is_chosen: bool) -> None:
    words = _("Alternative {number}: RMS {rms} µV").format(number=number + 1, rms=f"{off.rms:.0f}")
    with st.container(width="content", gap="xxsmall"):
        st.button(
            f"![{words}]({small_picture(one, hidden, words, has_curve=True)})",
            key=f"{CHOSEN}_{number}",
            type="primary" if is_chosen else "secondary",
            help=words,
            on_click=st.session_state.__setitem__,
            args=(CHOSEN, number),
        )
        sizes = {"rms": decimal(off.rms, ",.0f"), "largest": decimal(off.largest, ",.0f")}
        st.caption(_("{number}: RMS {rms} µV, largest {largest} µV").format(number=number + 1, **sizes))


def _choose_leads(gap: Gap) -> Sequence[str]:
    usual = gap.leads if len(gap.leads) <= MOST_LEADS else [lead for lead in FIRST_LEADS if lead in gap.leads]
    # Another gap has other usual leads: a key of its own lets them take the place of those chosen before.
    key = f"{LEADS}_{'_'.join(usual)}"
    picked = st.multiselect(_("Leads shown"), STANDARD_LEADS, usual, key=key, max_selections=MOST_LEADS, width=480)
    return picked or usual


def _legend() -> str:
    colours = {_("known"): "#15151a", _("filled in"): FILLED_COLOUR, _("the original"): ORIGINAL_COLOUR}
    marks = [f'<span style="color:{colour};font-weight:700">—</span> {name}' for name, colour in colours.items()]
    return f'<div style="font-size:0.875rem">{" &nbsp; ".join(marks)}</div>'


def _ask_others() -> None:
    task = st.session_state[ASKED]
    number = st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    request = {**task.asked["request"], "first": ALTERNATIVES * number}
    st.session_state[ASKED] = Task(task.kind, {**task.asked, "request": request})
