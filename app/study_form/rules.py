"""How a new study is read: questions, measurements, readers, consent, order, repeats, time, breaks, plan of analysis.

Knows: a widget for each field of `StudyProtocol`, and its words. Does not know: ECGs, how an order is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.composition.template import LARGEST_SEED
from app.language.words import N_
from app.language.words import gettext as _
from app.study.protocol_words import in_words
from app.study_form.memory import SEED, choose_seed, key
from review_db.protocol import LONGEST_CONSENT, LONGEST_MINIMUM_VIEW, MOST_PER_READER, Design, StudyProtocol
from review_db.protocol_words import DESIGNS

DESIGN_NAMES = {
    Design.SINGLE: N_("One ECG at a time"),
    Design.PAIRS: N_("Pairs"),
    Design.GRADED: N_("Graded quality"),
}
WIDTH = 222  # three in a row
Fields = dict[str, Any]


def choose_design(asked: StudyProtocol) -> Design:
    """What one presentation shows and asks."""
    chosen = st.segmented_control(
        _("What a reader sees"), list(Design), default=asked.design, required=True, key=key("design"),
        format_func=lambda design: _(DESIGN_NAMES[design]),
    )  # fmt: skip
    design = chosen or asked.design
    st.caption(in_words(DESIGNS[design]))
    return design


def choose_protocol(asked: StudyProtocol, design: Design) -> StudyProtocol:
    """All other rules, folded away. Raises InvalidProtocol."""
    return StudyProtocol(
        design=design,
        **_questions(asked, design),
        **_folded(_("Measurements"), _measurements, asked),
        **_folded(_("Readers and consent"), readers_and_consent, asked),
        **_order_and_repeats(asked, design),
        **_folded(_("Time and breaks"), time_and_breaks, asked),
        **_analysis_plan(asked),
    )


def _folded(title: str, ask: Callable[[StudyProtocol], Fields], asked: StudyProtocol) -> Fields:
    with st.expander(title):
        return ask(asked)


def _questions(asked: StudyProtocol, design: Design) -> Fields:
    is_graded = design is Design.GRADED
    reasons = _("Ask for reasons: what was poor") if is_graded else _("Ask for reasons: what gave it away")
    with st.expander(_("Questions")):
        return {
            "asks_plausibility": _box(_("Ask how well the ECG shows the stated finding"), asked, "asks_plausibility"),
            "asks_reasons": _box(reasons, asked, "asks_reasons"),
            "asks_comment": _box(_("Offer a comment"), asked, "asks_comment"),
        }


def _measurements(asked: StudyProtocol) -> Fields:
    return {
        "keeps_calipers": _box(
            _("Keep what readers measure with the calipers"), asked, "keeps_calipers",
            _("Lead, place, value and time of each measurement are stored with the presentation and exported."),
        ),
        "shows_measurements": _box(
            _("Show heart rate, intervals and axes below each ECG"), asked, "shows_measurements",
            _("Measured alike in all arms when the study is composed. They too may tell readers something of the arm."),
        ),
    }  # fmt: skip


def readers_and_consent(asked: StudyProtocol) -> Fields:
    """Who reads and to what they agree: may be amended while a study is open."""
    return {
        "asks_profile": _box(_("Ask for specialty, years of reading and ECGs per week"), asked, "asks_profile"),
        "consent": st.text_area(
            _("Consent text (empty: none)"), asked.consent, height=180, max_chars=LONGEST_CONSENT, key=key("consent"),
            help=_("Each reader agrees to it before the first ECG; the agreement is kept with the version."),
        ),
        "consent_version": st.text_input(
            _("Version of the consent text"), asked.consent_version, width=WIDTH, key=key("consent_version"),
            placeholder=_("for example 1.0"),
        ),
        "erases_on_withdrawal": _box(_("Erase the answers of whoever withdraws"), asked, "erases_on_withdrawal"),
        "shows_score_after_closing": _box(
            _("Show readers how they did, once the study is closed"), asked, "shows_score_after_closing"
        ),
    }  # fmt: skip


def _order_and_repeats(asked: StudyProtocol, design: Design) -> Fields:
    shown = _("Pairs per reader") if design is Design.PAIRS else _("ECGs per reader")
    choose_seed()
    with st.expander(_("Order and repeats")), st.container(horizontal=True, vertical_alignment="bottom"):
        fields: Fields = {
            "items_per_reader": _number_or_none(
                shown, asked, "items_per_reader", 1, MOST_PER_READER, _("all of them"),
                _("Readers who see a part see balanced blocks."),
            ),
            "repeats": _count(_("Repeats"), asked, "repeats", _("Shown again: do readers agree with themselves?")),
            "repeat_distance": _count(
                _("Between both readings"), asked, "repeat_distance", _("At least so many others come in between.")
            ),
            "practice": _count(_("Practice, with feedback"), asked, "practice"),
            "catch_pairs": (
                _count(_("Catch pairs of one origin"), asked, "catch_pairs") if design is Design.PAIRS else 0
            ),
            "longest_run": int(
                st.number_input(
                    _("Of one origin in a row"), 1, 50, asked.longest_run, key=key("longest_run"), width=WIDTH,
                    help=_("At most, where that is possible; in pairs: with the synthetic ECG on one side."),
                )
            ),
        }  # fmt: skip
        seed_words = _("The same seed, arms and findings give the same study again.")
        st.number_input(_("Seed"), 0, LARGEST_SEED, key=SEED, width=WIDTH, help=seed_words)
    return fields


def time_and_breaks(asked: StudyProtocol) -> Fields:
    """How long an ECG is seen: may be amended while a study is open."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {
            "minimum_view_seconds": float(
                st.number_input(
                    _("Minimum viewing time (s)"), 0.0, LONGEST_MINIMUM_VIEW, float(asked.minimum_view_seconds), 0.5,
                    key=key("minimum"), width=WIDTH,
                )
            ),
            "maximum_view_seconds": st.number_input(
                _("Maximum viewing time (s)"), 1.0, None, asked.maximum_view_seconds, 5.0, key=key("maximum"),
                width=WIDTH, placeholder=_("none"), help=_("Then the ECG disappears; it can still be answered."),
            ),
            "break_every": _number_or_none(
                _("Suggest a break after"), asked, "break_every", 1, MOST_PER_READER, _("never")
            ),
        }  # fmt: skip


def _analysis_plan(asked: StudyProtocol) -> Fields:
    with st.expander(_("Analysis plan")):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            margin = st.number_input(
                _("Equivalence margin (points)"), 0.5, 49.5, 100 * asked.margin, 0.5, key=key("margin"), width=WIDTH,
                format="%.4g", help=_("Equivalence: the interval of the accuracy lies within 50 % ± so many points."),
            )  # fmt: skip
            alpha = st.number_input(
                _("Level alpha"), 0.001, 0.499, asked.alpha, 0.005, key=key("alpha"), width=WIDTH, format="%.4g"
            )
            threshold = st.number_input(
                _("Leak audit: highest AUC"), 0.5, 1.0, float(asked.leak_threshold), 0.01, key=key("leak_threshold"),
                width=WIDTH, format="%.3g", help=_("Above it the study opens only with a written reason."),
            )  # fmt: skip
        st.caption(
            _(
                "All are fixed and hashed when the study is opened, before the first answer. To show within ±10 % that "
                "readers guess takes about 230 answers in all, within ±15 % about 100; the page Planner says more."
            )
        )
    return {"margin": round(margin / 100, 6), "alpha": float(alpha), "leak_threshold": float(threshold)}


# ------------------------------------------------------------------------------------------------------- widgets


def _box(label: str, asked: StudyProtocol, name: str, words: str | None = None) -> bool:
    return st.checkbox(label, getattr(asked, name), key=key(name), help=words)


def _count(label: str, asked: StudyProtocol, name: str, words: str | None = None) -> int:
    value = getattr(asked, name)
    return int(st.number_input(label, 0, MOST_PER_READER, value, key=key(name), width=WIDTH, help=words))


def _number_or_none(
    label: str, asked: StudyProtocol, name: str, least: int, most: int, empty: str, words: str | None = None
) -> int | None:
    value = getattr(asked, name)
    number = st.number_input(
        label, least, most, value, step=1, placeholder=empty, key=key(name), width=WIDTH, help=words
    )
    return None if number is None else int(number)
