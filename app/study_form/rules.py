"""How a new study is read: questions, measurements, readers, consent, order, repeats, time, breaks, plan of analysis.

Knows: a widget for each field of `StudyProtocol`, and its words. Does not know: ECGs, how an order is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.composition.template import LARGEST_SEED
from app.study_form.memory import SEED, choose_seed, key
from review_db.protocol import LONGEST_CONSENT, LONGEST_MINIMUM_VIEW, MOST_PER_READER, Design, StudyProtocol
from review_db.protocol_words import DESIGNS

DESIGN_NAMES = {Design.SINGLE: "One ECG at a time", Design.PAIRS: "Pairs", Design.GRADED: "Graded quality"}
WIDTH = 222  # three in a row
Fields = dict[str, Any]


def choose_design(asked: StudyProtocol) -> Design:
    """What one presentation shows and asks."""
    chosen = st.segmented_control(
        "What a reader sees", list(Design), default=asked.design, required=True, key=key("design"),
        format_func=DESIGN_NAMES.__getitem__,
    )  # fmt: skip
    design = chosen or asked.design
    st.caption(DESIGNS[design])
    return design


def choose_protocol(asked: StudyProtocol, design: Design) -> StudyProtocol:
    """All other rules, folded away. Raises InvalidProtocol."""
    return StudyProtocol(
        design=design,
        **_questions(asked, design),
        **_folded("Measurements", _measurements, asked),
        **_folded("Readers and consent", readers_and_consent, asked),
        **_order_and_repeats(asked, design),
        **_folded("Time and breaks", time_and_breaks, asked),
        **_analysis_plan(asked),
    )


def _folded(title: str, ask: Callable[[StudyProtocol], Fields], asked: StudyProtocol) -> Fields:
    with st.expander(title):
        return ask(asked)


def _questions(asked: StudyProtocol, design: Design) -> Fields:
    reasons = "what was poor" if design is Design.GRADED else "what gave it away"
    with st.expander("Questions"):
        return {
            "asks_plausibility": _box("Ask how well the ECG shows the stated finding", asked, "asks_plausibility"),
            "asks_reasons": _box(f"Ask for reasons: {reasons}", asked, "asks_reasons"),
            "asks_comment": _box("Offer a comment", asked, "asks_comment"),
        }


def _measurements(asked: StudyProtocol) -> Fields:
    return {
        "keeps_calipers": _box(
            "Keep what readers measure with the calipers", asked, "keeps_calipers",
            "Lead, place, value and time of each measurement are stored with the presentation and exported.",
        ),
        "shows_measurements": _box(
            "Show heart rate, intervals and axes below each ECG", asked, "shows_measurements",
            "Measured alike in all arms when the study is composed. They too may tell readers something of the arm.",
        ),
    }  # fmt: skip


def readers_and_consent(asked: StudyProtocol) -> Fields:
    """Who reads and to what they agree: may be amended while a study is open."""
    return {
        "asks_profile": _box("Ask for specialty, years of reading and ECGs per week", asked, "asks_profile"),
        "consent": st.text_area(
            "Consent text (empty: none)", asked.consent, height=180, max_chars=LONGEST_CONSENT, key=key("consent"),
            help="Each reader agrees to it before the first ECG; the agreement is kept with the version.",
        ),
        "consent_version": st.text_input(
            "Version of the consent text", asked.consent_version, width=WIDTH, key=key("consent_version"),
            placeholder="for example 1.0",
        ),
        "erases_on_withdrawal": _box("Erase the answers of whoever withdraws", asked, "erases_on_withdrawal"),
        "shows_score_after_closing": _box(
            "Show readers how they did, once the study is closed", asked, "shows_score_after_closing"
        ),
    }  # fmt: skip


def _order_and_repeats(asked: StudyProtocol, design: Design) -> Fields:
    shown = "Pairs" if design is Design.PAIRS else "ECGs"
    choose_seed()
    with st.expander("Order and repeats"), st.container(horizontal=True, vertical_alignment="bottom"):
        fields: Fields = {
            "items_per_reader": _number_or_none(
                f"{shown} per reader", asked, "items_per_reader", 1, MOST_PER_READER, "all of them",
                "Readers who see a part see balanced blocks.",
            ),
            "repeats": _count("Repeats", asked, "repeats", "Shown again: do readers agree with themselves?"),
            "repeat_distance": _count(
                "Between both readings", asked, "repeat_distance", "At least so many others come in between."
            ),
            "practice": _count("Practice, with feedback", asked, "practice"),
            "catch_pairs": (
                _count("Catch pairs of one origin", asked, "catch_pairs") if design is Design.PAIRS else 0
            ),
            "longest_run": int(
                st.number_input(
                    "Of one origin in a row", 1, 50, asked.longest_run, key=key("longest_run"), width=WIDTH,
                    help="At most, where that is possible; in pairs: with the synthetic ECG on one side.",
                )
            ),
        }  # fmt: skip
        seed_words = "The same seed, arms and findings give the same study again."
        st.number_input("Seed", 0, LARGEST_SEED, key=SEED, width=WIDTH, help=seed_words)
    return fields


def time_and_breaks(asked: StudyProtocol) -> Fields:
    """How long an ECG is seen: may be amended while a study is open."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {
            "minimum_view_seconds": float(
                st.number_input(
                    "Minimum viewing time (s)", 0.0, LONGEST_MINIMUM_VIEW, float(asked.minimum_view_seconds), 0.5,
                    key=key("minimum"), width=WIDTH,
                )
            ),
            "maximum_view_seconds": st.number_input(
                "Maximum viewing time (s)", 1.0, None, asked.maximum_view_seconds, 5.0, key=key("maximum"),
                width=WIDTH, placeholder="none", help="Then the ECG disappears; it can still be answered.",
            ),
            "break_every": _number_or_none(
                "Suggest a break after", asked, "break_every", 1, MOST_PER_READER, "never"
            ),
        }  # fmt: skip


def _analysis_plan(asked: StudyProtocol) -> Fields:
    with st.expander("Analysis plan"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            margin = st.number_input(
                "Equivalence margin (points)", 0.5, 49.5, 100 * asked.margin, 0.5, key=key("margin"), width=WIDTH,
                format="%.4g", help="Equivalence: the interval of the accuracy lies within 50 % ± so many points.",
            )  # fmt: skip
            alpha = st.number_input(
                "Level alpha", 0.001, 0.499, asked.alpha, 0.005, key=key("alpha"), width=WIDTH, format="%.4g"
            )
            threshold = st.number_input(
                "Leak audit: highest AUC", 0.5, 1.0, float(asked.leak_threshold), 0.01, key=key("leak_threshold"),
                width=WIDTH, format="%.3g", help="Above it the study opens only with a written reason.",
            )  # fmt: skip
        st.caption(
            "All are fixed and hashed when the study is opened, before the first answer. To show within ±10 % that "
            "readers guess takes about 230 answers in all, within ±15 % about 100; the page Planner says more."
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
