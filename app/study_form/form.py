"""The form of a new study: from a template to a checked order.

Knows: the order of the form, what is said while a study cannot be composed yet, the preview of a reader's order.
Does not know: the single widgets (`arms`, `ecgs`, `rules`), how a study is composed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app.composition.curate import COMPLETED, GENERATOR, HAND_PICKED, CurationError, Trait, parse_finding, shares
from app.composition.order import StudyOrder
from app.composition.picked_arm import findings_of, in_order_of_cases
from app.composition.real_arm import AgeRange
from app.composition.rehearsal import Step, reading_order
from app.composition.scenarios import USUAL_SCENARIO
from app.composition.template import About, Shown, Template, TemplateError
from app.generator_words import show_unusable
from app.language.words import gettext as _
from app.language.words import ngettext, stated
from app.session import Services
from app.study.summary import summary
from app.study_form.arms import choose_arms, describe_default
from app.study_form.ecgs import (
    choose_checkpoint,
    choose_findings,
    choose_matching,
    choose_numbers,
    choose_sampler,
    choose_scenario,
)
from app.study_form.memory import SEED, key
from app.study_form.pool import no_pool, require_drawable, show_pool
from app.study_form.refusals import in_words
from app.study_form.rules import choose_design, choose_protocol
from app.study_form.templates import choose_template, offer_download
from app.table import show_table
from engine.catalogue import CheckpointSummary
from engine.generators import SAMPLER_CHOICES, DrawRequest, Provenance
from engine.labels import LabelSet, UnknownLabel
from review_db.errors import InvalidPlan
from review_db.model import LONGEST_TITLE

PREVIEWED = 40  # presentations of a reader's order that are shown


@dataclass(frozen=True)
class _Ready:
    """A study that can be composed, and what its first reader would see."""

    template: Template
    order: StudyOrder
    steps: Sequence[Step]


def ask_for_order(services: Services) -> StudyOrder | None:
    """The form; a checked order once the button was pressed, else None."""
    asked = choose_template()
    with st.container(key="study-form", width=760):
        st.info(describe_default(services))
        show_unusable(services.settings.checkpoints)
        try:
            ready = _fill_in(services, asked)
        except (CurationError, TemplateError, UnknownLabel, InvalidPlan) as error:
            st.warning(in_words(error))
            st.button(_("Compose the study"), type="primary", disabled=True)
            return None
        st.success(summary(ready.order, ready.steps))
        _preview(ready.steps)
        with st.container(horizontal=True):
            pressed = st.button(_("Compose the study"), type="primary")
            offer_download(ready.template)
        return ready.order if pressed else None


def order_of(
    template: Template,
    arms: tuple[str, ...],
    seed: int,
    label_set: LabelSet,
    checkpoint: CheckpointSummary | None,
    pool: tuple[Provenance, ...] = (),
) -> StudyOrder:
    """The order that a template stands for with these arms, drawn with this checkpoint if it is with any; pool: the
    hand-picked ECGs of an arm of such.

    Raises CurationError or UnknownLabel.
    """
    ecgs = template.ecgs
    findings = tuple(parse_finding(text, label_set) for text in ecgs.findings)
    numbers = ecgs.findings.values() if isinstance(ecgs.findings, dict) else shares(ecgs.per_arm or 0, findings)
    steps = ecgs.steps or SAMPLER_CHOICES[ecgs.sampler].default_steps
    return StudyOrder(
        title=template.study.title,
        description=template.study.description,
        arms=arms,
        findings=findings,
        numbers=tuple(numbers),
        seed=seed,
        protocol=template.protocol,
        drawn_like=DrawRequest(
            (), sampler=ecgs.sampler, steps=steps, guidance=ecgs.guidance, checkpoint=ecgs.checkpoint
        ),
        match=tuple(map(Trait, ecgs.match)),
        ages=AgeRange(*ecgs.ages) if ecgs.ages else None,
        knows_age=checkpoint is not None and checkpoint.knows_age,
        knows_sex=checkpoint is None or checkpoint.knows_sex,
        known_labels=None if checkpoint is None else frozenset(checkpoint.label_codes),
        pool=in_order_of_cases(pool, label_set),
        scenario=ecgs.scenario or USUAL_SCENARIO,
    )


def _fill_in(services: Services, asked: Template) -> _Ready:
    """All widgets. Raises what the settings together break: the widgets below a broken one are shown all the same."""
    design = choose_design(asked.protocol)
    arms = choose_arms(services, asked.ecgs.arms)
    pool = show_pool(services) if HAND_PICKED in arms else no_pool(services)
    shown, per_arm = _choose_shown(services, asked, arms, pool)
    study = _choose_texts(asked.study)
    drawn, checkpoint = asked.ecgs, None
    scenario = choose_scenario(asked.ecgs, arms, design)
    if {GENERATOR, COMPLETED} & set(arms):
        drawn, checkpoint = choose_checkpoint(asked.ecgs, services.checkpoints())
    if GENERATOR in arms and checkpoint is not None:
        drawn = choose_sampler(drawn, checkpoint)
    match, ages = choose_matching(asked.ecgs, arms, checkpoint)
    protocol = choose_protocol(asked.protocol, design)
    seed = int(st.session_state[SEED])
    ecgs = replace(
        drawn, arms=arms, findings=shown, per_arm=per_arm, match=match, ages=ages, scenario=scenario, seed=seed
    )
    template = Template(About(study.title or asked.about.name), study, ecgs, protocol)
    require_drawable(services, pool)
    order = order_of(template, arms, seed, services.label_set, checkpoint, pool)
    return _Ready(template, order, reading_order(order, services.label_set))


def _choose_shown(
    services: Services, asked: Template, arms: tuple[str, ...], pool: tuple[Provenance, ...]
) -> tuple[tuple[str, ...] | dict[str, int], int | None]:
    """Findings and ECGs per arm, as a template has them; a pool says both."""
    if pool:
        return findings_of(pool, services.label_set), None
    return choose_numbers(asked.ecgs, choose_findings(services, asked.ecgs, arms))


def _choose_texts(asked: Shown) -> Shown:
    words = _("Shown to readers: do not name the arms.")
    title = st.text_input(_("Title"), asked.title, max_chars=LONGEST_TITLE, key=key("title"), help=words)
    words = _("Shown to readers on their first page: do not name the arms.")
    description = st.text_area(_("Description (optional)"), asked.description, height=84, help=words, key=key("about"))
    return Shown(title, description)


def _preview(steps: Sequence[Step]) -> None:
    """The order of a fictitious reader, without any truth."""
    with st.expander(_("What the first reader would see")):
        show_table(("", _("Stated"), ""), [_row(step) for step in steps[:PREVIEWED]], numbers=[0])
        parts = [
            _("Every reader gets another order."),
            *_following(len(steps) - PREVIEWED),
            _("Real records may have further labels, which are then stated too."),
        ]
        st.caption(" ".join(parts))


def _following(number: int) -> list[str]:
    if number <= 0:
        return []
    return [ngettext("{number} more follows.", "{number} more follow.", number).format(number=number)]


def _row(step: Step) -> tuple[object, str, str]:
    again = _("shown again, first as number {number}").format(number=step.first_seen) if step.first_seen else ""
    return step.position, stated(step.stated), _("practice, with feedback") if step.is_practice else again
