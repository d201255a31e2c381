"""Which ECGs a new study has: findings, how many of each, how real and drawn ones are matched, how they are drawn.

Knows: the widgets and their words; it ends in a template's table [ecgs].
Does not know: how a study is composed, how it is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from app.composition.curate import (
    COMPLETED,
    GENERATOR,
    HAND_PICKED,
    OWN,
    REAL,
    REAL_ARMS,
    SIMULATOR,
    Trait,
    parse_finding,
    shares,
)
from app.composition.order import CHECKPOINT_AGE, SIMULATOR_AGE
from app.composition.real_arm import OLDEST, common_findings
from app.composition.scenarios import SCENARIOS, USUAL_SCENARIO
from app.composition.template import MOST_PER_ARM, REAL_AT_HAND, Ecgs
from app.display.words import checkpoint_words
from app.guidance import choose_guidance, follow_checkpoint
from app.language.words import N_, decimal, ngettext
from app.language.words import finding as finding_name
from app.language.words import gettext as _
from app.session import Services
from app.study_form.arms import real_sources
from app.study_form.memory import GUIDANCE, key
from engine.catalogue import CheckpointSummary
from engine.generators import SAMPLER_CHOICES
from engine.labels import LabelSet, UnknownLabel
from engine.simulator import HEART_RATES
from review_db.protocol import Design

SINUS_FINDINGS = ("NORM + SR", "NORM + SBRAD", "NORM + STACH")  # the simulator draws nothing else
EVENLY, EACH = N_("Evenly"), N_("A number for each")
NUMBER_PX = 200
AGES_OF_TRAINING = N_("Its ECGs have whatever ages their labels had in training.")
BY_RECORD = {  # where age is matched by the choice of records, whatever a checkpoint knows
    COMPLETED: N_("Bands of ten years: whose record is completed is chosen by it."),
    HAND_PICKED: N_(
        "Bands of ten years: the real record is chosen by that for which a hand-picked ECG was drawn, if any."
    ),
}
IN_PAIRS = N_("A pair shows a record as it was recorded beside the same one completed: only the drawn part differs.")
OTHERWISE = N_(
    "Other people's records than those of the real arm are completed, with the same labels, so that nobody sees the "
    "same beats twice. That takes two records of a kind for each case."
)


def choose_findings(services: Services, asked: Ecgs, arms: tuple[str, ...]) -> tuple[str, ...]:
    """Codes such as "AFIB + LVH"."""
    sources = real_sources(services)
    real = next((sources[arm] for arm in arms if arm in sources), None)
    counts = common_findings(real) if real else {}
    suggested = _suggested(asked, arms, counts)
    chosen = st.multiselect(
        _("Findings"),
        list(dict.fromkeys([*suggested, *counts, *services.label_set.codes])),
        default=suggested,
        key=key(f"findings-{'-'.join(arms)}"),
        format_func=lambda text: _finding_words(text, services.label_set, counts),
        accept_new_options=True,
        placeholder=_("Choose findings, or type codes such as AFIB + LVH"),
        help=_(
            "A real record may have further labels; the other arms then get the same ones, so that labels say nothing "
            "of the origin."
        ),
    )
    if SIMULATOR in arms and any(not _simulator_hears(text, services.label_set) for text in chosen):
        st.caption(_("The simulator draws sinus rhythms only; with other findings it is easily told apart."))
    return tuple(chosen)


def _suggested(asked: Ecgs, arms: tuple[str, ...], counts: Mapping[str, int]) -> list[str]:
    """The template's findings if it was written for these arms or for real ECGs as PTB-XL has them; else what is
    frequent here.
    """
    if asked.arms == arms or (REAL_AT_HAND in asked.arms and REAL in arms and SIMULATOR not in arms):
        return list(asked.findings)
    if OWN in arms:
        return list(counts)[:5]
    return list(SINUS_FINDINGS if SIMULATOR in arms else asked.findings)


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
    named = f"{' + '.join(finding_name(label_set[code].plain_name) for code in codes)} · {text}"
    if text not in counts:
        return named
    records = ngettext("{number} record", "{number} records", counts[text]).format(number=decimal(counts[text], ","))
    return f"{named} · {records}"


# ------------------------------------------------------------------------------------------------- how many


def choose_numbers(asked: Ecgs, findings: tuple[str, ...]) -> tuple[tuple[str, ...] | dict[str, int], int | None]:
    """Findings and ECGs per arm, as a template has them: spread evenly, or a number for each finding."""
    is_table = isinstance(asked.findings, dict)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        total = sum(asked.findings.values()) if isinstance(asked.findings, dict) else asked.per_arm or len(findings)
        spread = st.segmented_control(
            _("ECGs over the findings"), (EVENLY, EACH), default=EACH if is_table else EVENLY, required=True,
            format_func=_, key=key("spread"),
        )  # fmt: skip
        if spread != EACH:
            return findings, int(
                st.number_input(_("ECGs per arm"), 1, MOST_PER_ARM, total, width=NUMBER_PX, key=key("per-arm"))
            )
    return _number_each(asked, findings, total), None


def _number_each(asked: Ecgs, findings: Sequence[str], total: int) -> dict[str, int]:
    even = dict(zip(findings, shares(total, findings), strict=True)) if findings else {}
    known = asked.findings if isinstance(asked.findings, dict) else {}
    with st.container(horizontal=True):
        return {
            finding: int(
                st.number_input(
                    finding, 1, MOST_PER_ARM, max(1, known.get(finding, even[finding])), width=130,
                    key=key(f"number-{finding}"),
                )
            )
            for finding in findings
        }  # fmt: skip


# ------------------------------------------------------------------------------------------------- how alike


def choose_matching(
    asked: Ecgs, arms: tuple[str, ...], checkpoint: CheckpointSummary | None
) -> tuple[tuple[str, ...], tuple[int, int] | None]:
    """In what drawn ECGs are like the real ones, and the ages of the people in the real arm.

    checkpoint: that of the diffusion model; None where no arm is drawn with one.
    """
    if not set(arms) & set(REAL_ARMS):
        return asked.match, None
    with st.expander(_("Matching")):
        st.checkbox(_("Same labels"), True, disabled=True, key=key("match-labels"))
        by_sex = st.checkbox(_("Same sex"), Trait.SEX in asked.match, key=key("match-sex"))
        by_age = _choose_age_band(asked, arms, checkpoint)
        words = _("Only people of a certain age in the real arm")
        narrowed = st.checkbox(words, asked.ages is not None, key=key("aged"))
        ages = None
        if narrowed:
            ages = st.slider(_("Age in years"), 0, OLDEST, asked.ages or (40, 79), key=key("ages"), width=420)
        st.caption(_("Of PTB-XL, ages over 89 are only known as such."))
    wanted = {Trait.LABELS: True, Trait.SEX: by_sex, Trait.AGE_BAND: by_age}
    return tuple(trait.value for trait, is_wanted in wanted.items() if is_wanted), ages


def _choose_age_band(asked: Ecgs, arms: tuple[str, ...], checkpoint: CheckpointSummary | None) -> bool:
    """A box for a checkpoint that knows age; with another one only for a template that asks for it, to be cleared."""
    name, is_asked = key("match-age"), Trait.AGE_BAND in asked.match
    by_record = next((BY_RECORD[arm] for arm in arms if arm in BY_RECORD and GENERATOR not in arms), None)
    knows_age = by_record is not None or (checkpoint is not None and checkpoint.knows_age)
    if not knows_age and not is_asked:
        st.session_state[name] = False
    st.session_state.setdefault(name, is_asked)
    by_age = st.checkbox(_("Same age band"), key=name, disabled=not knows_age and not is_asked)
    st.caption(_(by_record) if by_record else _age_words(checkpoint))
    return by_age


def _age_words(checkpoint: CheckpointSummary | None) -> str:
    if checkpoint is None:
        return _(SIMULATOR_AGE)
    if checkpoint.knows_age:
        return _("Bands of ten years, the oldest from 90: a drawn ECG is asked for in the band of a real person.")
    return f"{_(CHECKPOINT_AGE)} {_(AGES_OF_TRAINING)}"


# ------------------------------------------------------------------------------------------------- how drawn


def choose_scenario(asked: Ecgs, arms: tuple[str, ...], design: Design) -> str | None:
    """What is hidden of completed records before the model draws it; as the template has it where no arm is of such."""
    if COMPLETED not in arms:
        return asked.scenario
    names = list(SCENARIOS)
    chosen = st.selectbox(
        _("Hidden of completed records"), names, names.index(asked.scenario or USUAL_SCENARIO), width=520,
        format_func=_scenario_words, key=key("scenario"),
    )  # fmt: skip
    st.caption(_(IN_PAIRS) if design is Design.PAIRS else _(OTHERWISE))
    return chosen


def _scenario_words(name: str) -> str:
    words = _(SCENARIOS[name].words)
    return words[0].upper() + words[1:]


def choose_checkpoint(asked: Ecgs, checkpoints: Sequence[CheckpointSummary]) -> tuple[Ecgs, CheckpointSummary]:
    """With which checkpoint the diffusion model draws or completes; and that checkpoint."""
    present = st.selectbox(
        _("Checkpoint"), checkpoints, _asked_for(asked.checkpoint, checkpoints), format_func=checkpoint_words,
        width=520, key=key("checkpoint"),
    )  # fmt: skip
    return replace(asked, checkpoint=present.digest), present


def choose_sampler(asked: Ecgs, checkpoint: CheckpointSummary) -> Ecgs:
    """How whole ECGs are drawn: sampler, steps and guidance of the result."""
    with st.expander(_("Sampler")):
        names = list(SAMPLER_CHOICES)
        sampler = st.selectbox(
            _("Sampler"), names, names.index(asked.sampler), format_func=lambda name: _(SAMPLER_CHOICES[name].title),
            key=key("sampler"),
        )  # fmt: skip
        choice = SAMPLER_CHOICES[sampler]
        first = asked.steps if asked.steps and sampler == asked.sampler else choice.default_steps
        steps = st.number_input(_("Steps"), 1, choice.max_steps, first, key=key(f"steps-{sampler}"))
        guidance = checkpoint.guidance
        if checkpoint.knows_guidance:
            follow_checkpoint(GUIDANCE, checkpoint.guidance)
            guidance = choose_guidance(GUIDANCE, checkpoint.guidance)
    return replace(asked, sampler=sampler, steps=int(steps), guidance=guidance)


def _asked_for(digest: str | None, checkpoints: Sequence[CheckpointSummary]) -> int:
    """Position of the checkpoint that a template names; the first one if it names none, or one that is not here."""
    found = [at for at, one in enumerate(checkpoints) if digest and one.digest.startswith(digest)]
    if digest and not found:
        words = _("The template was made with checkpoint {digest}, which is not here: another one is chosen.")
        st.warning(words.format(digest=digest[:12]))
    return found[0] if found else 0
