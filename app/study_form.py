"""The form of a new study: arms, findings, size, and what is offered where something is missing.

Knows: which arms this installation has and which findings suit them, the widgets and their words.
Does not know: how a study is composed. It ends in a `StudyOrder`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import streamlit as st

from app.composition import StudyOrder
from app.curate import ARMS, GENERATOR, OWN, REAL, REAL_ARMS, SIMULATOR, CurationError, common_findings, parse_finding
from app.ecg_words import checkpoint_words
from app.session import Services
from engine.catalogue import CheckpointSummary
from engine.generators import LARGEST_GUIDANCE, SAMPLER_CHOICES, DrawRequest
from engine.labels import LabelSet, UnknownLabel
from engine.simulator import HEART_RATES

MOST_PER_ARM = 200
TITLE = "Real or synthetic? Twelve-lead ECGs"
SEED = "study-form/seed"
# Suggested findings by the arms of the study: frequent in PTB-XL and clearly different to look at.
REAL_FINDINGS = ("NORM + SR", "AFIB", "LVH", "IMI", "CLBBB")
SINUS_FINDINGS = ("NORM + SR", "NORM + SBRAD", "NORM + STACH")


def offered_arms(services: Services) -> dict[str, str | None]:
    """All arms in the order of preference; None, or a sentence on how to get an arm that is missing."""
    return {
        REAL: None
        if services.ptbxl
        else "No PTB-XL here. Download some records with `python -m engine download ptb-xl --records 200`, name the "
        "folder in `ECG_TURING_PTBXL` and restart the app.",
        OWN: None
        if services.own
        else "No own records here. Collect them with `python -m engine collect`, name the folder in "
        "`ECG_TURING_OWN_RECORDS` and restart the app.",
        GENERATOR: None
        if services.checkpoints()
        else "No checkpoint here. Train one with `make train`, or import a published one with "
        f"`python -m engine import`, into `{services.settings.checkpoints}`, and reload this page.",
        SIMULATOR: None,
    }


def default_arms(offered: Mapping[str, str | None]) -> tuple[str, ...]:
    """The first real arm and the first other one that are at hand; without a real one, two others."""
    usable = [key for key, missing in offered.items() if missing is None]
    real, others = [key for key in usable if key in REAL_ARMS], [key for key in usable if key not in REAL_ARMS]
    return (*real[:1], *others)[:2]


def describe_default(services: Services) -> str:
    """What this installation can compare, in plain words."""
    first = default_arms(offered_arms(services))
    if len(first) < 2:
        return "Only the simulator is at hand, so no study can be composed yet. See below what is missing."
    if first[0] in REAL_ARMS:
        source = "of PTB-XL" if first[0] == REAL else "of your own"
        return f"Real ECGs {source} are at hand: a study compares them with synthetic ones of {ARMS[first[1]].name}."
    return (
        "There are no real ECGs on this computer, so a study compares the generator with the simulator: "
        "both arms are synthetic, and “real” is never the right answer. Good for trying things out."
    )


def ask_for_order(services: Services) -> StudyOrder | None:
    """The form; a checked order once the button was pressed, else None."""
    st.info(describe_default(services))
    arms = _choose_arms(services)
    findings = _choose_findings(services, arms)
    number = _choose_number(arms)
    title = st.text_input("Title", TITLE, help="Shown to readers: do not name the arms.")
    description = st.text_area(
        "Description (optional)", height=68, help="Shown to readers on their first page: do not name the arms."
    )
    drawn_like = _choose_drawing(services.checkpoints()) if GENERATOR in arms else DrawRequest(())
    seed, minimum, plausibility = _choose_details()
    if not st.button("Compose the study", type="primary", disabled=len(arms) < 2):
        return None
    try:
        return StudyOrder(
            title=title,
            description=description,
            arms=arms,
            findings=tuple(parse_finding(text, services.label_set) for text in findings),
            number=number,
            seed=seed,
            minimum_view_seconds=minimum,
            question_plausibility=plausibility,
            drawn_like=drawn_like,
        )
    except (CurationError, UnknownLabel) as error:
        st.error(str(error))
        return None


def _choose_arms(services: Services) -> tuple[str, ...]:
    st.markdown("**Arms**")
    offered = offered_arms(services)
    first = default_arms(offered)
    chosen = []
    for key, missing in offered.items():
        label = f"{ARMS[key].name}: {_arm_words(key, services)}"
        if st.checkbox(label, key in first, key=f"arm-{key}", disabled=missing is not None) and not missing:
            chosen.append(key)
        if missing:
            st.caption(missing)
    return tuple(chosen)


def _arm_words(key: str, services: Services) -> str:
    if key == REAL:
        return f"real ECGs ({len(services.ptbxl):,} records)" if services.ptbxl else "real ECGs"
    if key == OWN:
        return f"your own real ECGs ({len(services.own):,} records)" if services.own else "your own real ECGs"
    if key == GENERATOR:
        return "synthetic ECGs of the diffusion model"
    return "a simulator, not a model: beats from a formula, in sinus rhythm only"


def _choose_findings(services: Services, arms: tuple[str, ...]) -> list[str]:
    source = {REAL: services.ptbxl, OWN: services.own}.get(arms[0]) if arms else None
    counts = common_findings(source) if source else {}
    suggested = list(counts)[:5] if OWN in arms else _suggested(arms)
    options = list(dict.fromkeys([*suggested, *counts, *services.label_set.codes]))
    chosen = st.multiselect(
        "Findings",
        options,
        default=suggested,
        key=f"findings-{'-'.join(arms)}",
        format_func=lambda text: _finding_words(text, services.label_set, counts),
        accept_new_options=True,
        placeholder="Choose findings, or type codes such as AFIB + LVH",
        help="The ECGs of each arm are spread evenly over the findings. A real record may have further labels; "
        "the other arms then get the same ones, so that labels say nothing of the origin.",
    )
    if SIMULATOR in arms and any(not _simulator_hears(text, services.label_set) for text in chosen):
        st.caption("The simulator draws sinus rhythms only; with other findings it is easily told apart.")
    return chosen


def _suggested(arms: tuple[str, ...]) -> list[str]:
    return list(SINUS_FINDINGS if SIMULATOR in arms else REAL_FINDINGS)


def _simulator_hears(text: str, label_set: LabelSet) -> bool:
    try:
        return set(parse_finding(text, label_set).codes) <= {*HEART_RATES, "NORM"}
    except UnknownLabel:
        return False


def _finding_words(text: str, label_set: LabelSet, counts: Mapping[str, int]) -> str:
    """For example "Normal ECG + Sinus rhythm · NORM + SR · 1,615 records"."""
    try:
        codes = parse_finding(text, label_set).codes
    except UnknownLabel:
        return text
    count = f" · {counts[text]:,} records" if text in counts else ""
    return f"{' + '.join(label_set[code].plain_name for code in codes)} · {text}{count}"


def _choose_number(arms: tuple[str, ...]) -> int:
    number = int(st.number_input("ECGs per arm", 1, MOST_PER_ARM, 20, width=200))
    st.caption(
        f"{number * len(arms)} ECGs for each reader. To show within ±10 % that readers guess takes about 230 answers "
        "in all, within ±15 % about 100."
    )
    return number


def _choose_details() -> tuple[int, float, bool]:
    with st.expander("Details"):
        minimum = st.number_input("Minimum viewing time of an ECG (s)", 0.0, 60.0, 2.0, 0.5, width=260)
        plausibility = st.checkbox("Ask how well the ECG shows the stated finding", True)
        st.session_state.setdefault(SEED, secrets.randbelow(1_000_000))
        seed = st.number_input(
            "Seed",
            0,
            2**53 - 1,
            key=SEED,
            width=260,
            help="The same seed, arms and findings give the same study again.",
        )
    return int(seed), float(minimum), plausibility


def _choose_drawing(checkpoints: Sequence[CheckpointSummary]) -> DrawRequest:
    """How the diffusion model draws, as a request whose labels are still to come."""
    checkpoint = st.selectbox("Checkpoint", checkpoints, format_func=checkpoint_words, width=520)
    with st.expander("Sampler"):
        sampler = st.selectbox("Sampler", SAMPLER_CHOICES, format_func=lambda key: SAMPLER_CHOICES[key].title)
        choice = SAMPLER_CHOICES[sampler]
        steps = st.number_input("Steps", 1, choice.max_steps, choice.default_steps, key=f"steps-{sampler}")
        guidance = 1.0
        if checkpoint.knows_guidance:
            guidance = st.number_input("Guidance", 0.0, LARGEST_GUIDANCE, 1.0, 0.5, help="1: as trained.")
    return DrawRequest((), sampler=sampler, steps=int(steps), guidance=guidance, checkpoint=checkpoint.digest)
