"""The arms that this installation has, what is missing for the others, and the choice of them in a form.

Knows: sources, checkpoints, the words about them. Does not know: findings, how a study is composed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.composition.composing import Sources
from app.composition.curate import ARMS, COMPLETED, GENERATOR, HAND_PICKED, OWN, REAL, REAL_ARMS, SIMULATOR
from app.composition.own_arm import OwnSource, own_at_hand, why_not_at_hand
from app.composition.ptbxl_arm import PtbXlSource
from app.composition.template import REAL_AT_HAND
from app.language.words import N_, decimal, ngettext
from app.language.words import gettext as _
from app.pool import picked
from app.session import Services
from app.study_form.memory import key
from app.study_form.pool import EMPTY
from app.study_form.refusals import in_words

NO_PTBXL = N_(
    "No PTB-XL here. Download some records with `python -m engine download ptb-xl --records 200`, name the folder in "
    "`ECG_TURING_PTBXL` and restart the app."
)
NO_CHECKPOINT = N_(
    "No checkpoint here. Train one with `make train`, or import a published one with `python -m engine import`, into "
    "`{folder}`, and reload this page."
)
NO_RECORDS = N_("There are no real records to complete: get PTB-XL or add own records first.")


def real_sources(services: Services) -> Sources:
    """The real ECGs at hand, by the key of their arm."""
    own = own_at_hand(services.own)
    return {
        **({REAL: PtbXlSource(services.ptbxl)} if services.ptbxl else {}),
        **({OWN: OwnSource(own)} if own else {}),
    }


def offered_arms(services: Services) -> dict[str, str | None]:
    """All arms in the order of preference; None, or a sentence on how to get an arm that is missing."""
    no_checkpoint = _(NO_CHECKPOINT).format(folder=services.settings.checkpoints)
    offered = {
        REAL: None if services.ptbxl else _(NO_PTBXL),
        OWN: None if own_at_hand(services.own) else in_words(why_not_at_hand(services.own)),
        GENERATOR: None if services.checkpoints() else no_checkpoint,
        SIMULATOR: None,
    }
    has_real = any(offered[arm] is None for arm in REAL_ARMS)
    return {
        **offered,
        COMPLETED: offered[GENERATOR] if has_real else _(NO_RECORDS),
        HAND_PICKED: None if picked(services) else _(EMPTY),
    }


def default_arms(
    offered: Mapping[str, str | None], asked: Sequence[str] = (REAL_AT_HAND, GENERATOR)
) -> tuple[str, ...]:
    """The arms that a template asks for, if they are at hand; else the first real arm and the first other one, and
    without a real one two others.
    """
    usable = [arm for arm, missing in offered.items() if missing is None]
    real, others = [arm for arm in usable if arm in REAL_ARMS], [arm for arm in usable if arm not in REAL_ARMS]
    wanted = [real[0] if arm == REAL_AT_HAND and real else arm for arm in asked]
    if all(arm in usable for arm in wanted):
        return tuple(dict.fromkeys(wanted))
    return (*real[:1], *others)[:2]


def describe_default(services: Services) -> str:
    """What this installation can compare, in plain words."""
    first = default_arms(offered_arms(services))
    if len(first) < 2:
        return _("Only the simulator is at hand, so no study can be composed yet. See below what is missing.")
    if first[0] == REAL:
        words = _("Real ECGs of PTB-XL are at hand: a study compares them with synthetic ones of {arm}.")
        return words.format(arm=_(ARMS[first[1]].name))
    if first[0] == OWN:
        words = _("Real ECGs of your own are at hand: a study compares them with synthetic ones of {arm}.")
        return words.format(arm=_(ARMS[first[1]].name))
    return _(
        "There are no real ECGs on this computer, so a study compares the generator with the simulator: "
        "both arms are synthetic, and “real” is never the right answer. Good for trying things out."
    )


def choose_arms(services: Services, asked: Sequence[str]) -> tuple[str, ...]:
    """A box for each arm; one that is missing says how to get it."""
    st.markdown(_("**Arms**"))
    offered, sources = offered_arms(services), real_sources(services)
    first = default_arms(offered, asked)
    chosen = []
    for arm, missing in offered.items():
        label = f"{_(ARMS[arm].name)}: {_arm_words(arm, sources)}"
        if st.checkbox(label, arm in first, key=key(f"arm-{arm}"), disabled=missing is not None) and not missing:
            chosen.append(arm)
        if missing:
            st.caption(missing)
    return tuple(chosen)


def _arm_words(arm: str, sources: Sources) -> str:
    if arm == GENERATOR:
        return _("synthetic ECGs of the diffusion model")
    if arm == SIMULATOR:
        return _("a simulator, not a model: beats from a formula, in sinus rhythm only")
    if arm == COMPLETED:
        return _("partly synthetic: real ECGs of which the diffusion model draws a part")
    if arm == HAND_PICKED:
        return _("synthetic ECGs of your pool, chosen one by one: no random sample")
    words = _("your own real ECGs") if arm == OWN else _("real ECGs")
    return f"{words} ({_records(len(sources[arm].records))})" if arm in sources else words


def _records(number: int) -> str:
    return ngettext("{number} record", "{number} records", number).format(number=decimal(number, ","))
