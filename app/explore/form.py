"""The form of Explore: labels, sex, age, number, seed, and what is under Advanced.

Knows: which choices a generator and a checkpoint leave open. Does not know: jobs, ECGs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from types import MappingProxyType

import streamlit as st

from app.display.words import checkpoint_words
from app.explore import memory
from app.explore.counts import NOTICE, counts_of, say_counts, warn_of
from app.explore.label_picker import (
    LABELS,
    browse_labels,
    choose_preset,
    label_groups,
    preset_of,
    presets_for,
    search_labels,
)
from app.explore.words import describe_in_words
from app.guidance import choose_guidance, follow_checkpoint
from app.language.words import N_
from app.language.words import gettext as _
from engine.age import AGE_BANDS
from engine.catalogue import CheckpointSummary
from engine.generators import GENERATORS, SAMPLER_CHOICES, DrawRequest
from engine.label_counts import LabelCounts
from engine.labels import LabelSet
from engine.simulator import HEART_RATES

MOST_ECGS = 64
NUMBER_PX = 140
AGE_PX = 110
SEED_HELP = N_("The same seed and labels give the same ECGs.")
GONE = N_(
    "The link names the checkpoint {checkpoint}, which is not here: another one draws other ECGs from the same labels "
    "and seed."
)
PEOPLE: Mapping[str, str] = MappingProxyType(
    {memory.EITHER: N_("Either"), "female": N_("Female"), "male": N_("Male"), memory.ANY_AGE: N_("Any")}
)
SIMULATED_LABELS = tuple(HEART_RATES)  # what the simulator hears
FIRST_REQUEST = DrawRequest(("NORM", "SR"), count=4, seed=1)
FIRST_SIMULATED = replace(FIRST_REQUEST, labels=SIMULATED_LABELS[:1], generator="simulator")


class Progress(Enum):
    """How far the last request is, as the form needs to know it."""

    OPEN = auto()  # nothing asked for yet, or nothing came of it
    BUSY = auto()
    DRAWN = auto()  # its ECGs are on the screen


def form(
    label_set: LabelSet, checkpoints: Sequence[CheckpointSummary], progress: Progress, start: Callable[[], None]
) -> None:
    """The form. start is called when Generate is pressed; the request is then memory.form_request()."""
    checkpoint = memory.chosen_checkpoint(checkpoints)
    generators = usable_generators(checkpoint)
    if st.session_state[memory.GENERATOR] not in generators:
        st.session_state[memory.GENERATOR] = generators[0]
    simulated = GENERATORS[st.session_state[memory.GENERATOR]].is_simulator
    own_guidance = checkpoint.guidance if checkpoint and checkpoint.knows_guidance and not simulated else None
    follow_checkpoint(memory.GUIDANCE, own_guidance)
    codes = SIMULATED_LABELS if simulated or checkpoint is None else checkpoint.label_codes
    with st.container(border=True, key="explore_form"):
        if presets_for(codes):
            choose_preset(codes)
        counts = counts_of(None if simulated else checkpoint)
        _what_to_draw(label_set, codes, None if simulated else checkpoint, counts)
        with st.container(horizontal=True, vertical_alignment="center"):
            _generate_button(progress is Progress.BUSY, start)
            st.button(_("New seed"), icon=":material/casino:", on_click=memory.take_new_seed)
            describe_in_words(label_set, codes)
            browse_labels(label_groups(label_set, codes), counts)
            with st.popover(_("Advanced"), icon=":material/tune:"):
                _choose_generator(generators)
                _choose_checkpoint(checkpoints)
                _choose_sampler(simulated)
                if own_guidance is not None:
                    choose_guidance(memory.GUIDANCE, own_guidance, persist_state="session")
            if progress is Progress.DRAWN and memory.last_request() == memory.form_request(label_set):
                st.caption(_("Same seed, same ECGs: take a new seed for others."))
        _about_the_choice(counts)


def usable_generators(checkpoint: CheckpointSummary | None) -> list[str]:
    """Names of the generators that work here: without a checkpoint only simulators."""
    return [name for name, info in GENERATORS.items() if info.is_simulator or checkpoint]


def _what_to_draw(
    label_set: LabelSet, codes: Sequence[str], checkpoint: CheckpointSummary | None, counts: LabelCounts | None
) -> None:
    """checkpoint: None if none draws."""
    with st.container(horizontal=True):
        search_labels(label_set, label_groups(label_set, codes), counts)
        _choose_sex(checkpoint is not None and checkpoint.knows_sex)
        _choose_age(checkpoint is not None and checkpoint.knows_age)
        st.number_input(_("ECGs"), 1, MOST_ECGS, key=memory.COUNT, width=NUMBER_PX, persist_state="session")
        seed, help_ = _("Seed"), _(SEED_HELP)
        st.number_input(
            seed, 0, memory.LARGEST_SEED, key=memory.SEED, help=help_, width=NUMBER_PX, persist_state="session"
        )


def _choose_sex(matters: bool) -> None:
    """What does not know sex is asked for neither, because a checkpoint would refuse it."""
    if not matters:
        st.session_state[memory.SEX] = memory.EITHER
    st.segmented_control(
        _("Sex"),
        (memory.EITHER, "female", "male"),
        key=memory.SEX,
        required=True,
        format_func=lambda sex: _(PEOPLE[sex]),
        disabled=not matters,
        help=None if matters else _("This generator does not take the sex into account."),
        persist_state="session",
    )


def _choose_age(matters: bool) -> None:
    """Bands of ten years; what does not know age is asked for none, because a checkpoint would refuse it."""
    if not matters:
        st.session_state[memory.AGE] = memory.ANY_AGE
    st.selectbox(
        _("Age"),
        (memory.ANY_AGE, *AGE_BANDS),
        key=memory.AGE,
        format_func=lambda band: _(PEOPLE.get(band, band)),
        disabled=not matters,
        help=None if matters else _("This generator does not take the age into account."),
        width=AGE_PX,
        persist_state="session",
    )


def _about_the_choice(counts: LabelCounts | None) -> None:
    """What the chosen labels show, how often training saw them, and what speaks against them together."""
    chosen = st.session_state[LABELS]
    with st.container(gap="xsmall", key="explore_about_choice"):
        if (preset := preset_of(chosen)) is not None:
            st.caption(_(preset.explanation))
        say_counts(counts, chosen)
        warn_of(counts, chosen)
        if (gone := memory.gone_checkpoint()) is not None:
            words = _(GONE).format(checkpoint=gone)
            st.markdown(f":orange[:small[{NOTICE} {words}]]")


def _generate_button(busy: bool, start: Callable[[], None]) -> None:
    unlabelled = not st.session_state[LABELS]
    st.button(
        _("Generate"),
        key="explore_generate",
        type="primary",
        icon=":material/ecg:",
        on_click=start,
        disabled=busy or unlabelled,
        help=_("Choose at least one label first.") if unlabelled else None,
    )


def _choose_generator(generators: Sequence[str]) -> None:
    st.selectbox(
        _("Generator"),
        generators,
        key=memory.GENERATOR,
        format_func=lambda name: _(GENERATORS[name].title),
        persist_state="session",
    )
    st.caption(_(GENERATORS[st.session_state[memory.GENERATOR]].description))


def _choose_checkpoint(checkpoints: Sequence[CheckpointSummary]) -> None:
    if len(checkpoints) < 2:
        return
    names = {memory.checkpoint_key(one): checkpoint_words(one) for one in checkpoints}
    st.selectbox(
        _("Checkpoint"),
        list(names),
        key=memory.CHECKPOINT,
        format_func=lambda key: names[key],
        help=_("Every checkpoint in the checkpoint folder; put your own there to see it here."),
        persist_state="session",
    )


def _choose_sampler(simulated: bool) -> None:
    st.selectbox(
        _("Sampler"),
        list(SAMPLER_CHOICES),
        key=memory.SAMPLER,
        format_func=lambda name: _(SAMPLER_CHOICES[name].title),
        on_change=_take_default_steps,
        disabled=simulated,
        persist_state="session",
    )
    st.slider(
        _("Steps"),
        1,
        SAMPLER_CHOICES[st.session_state[memory.SAMPLER]].max_steps,
        key=memory.STEPS,
        disabled=simulated,
        help=_("More steps take longer and follow the model more closely."),
        persist_state="session",
    )


def _take_default_steps() -> None:
    st.session_state[memory.STEPS] = SAMPLER_CHOICES[st.session_state[memory.SAMPLER]].default_steps
