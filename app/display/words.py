"""What the screens say about an ECG in words: its labels, its heart rate, where it comes from.

Knows: the wording. Does not know: Streamlit, files, studies. Nothing here may be shown to a blinded reader.
"""

from __future__ import annotations

from collections.abc import Callable

from app.language.words import N_
from engine.catalogue import CheckpointSummary
from engine.ecg import Ecg
from engine.generators import GENERATORS, SAMPLER_CHOICES, Provenance
from engine.labels import LabelSet, Sex
from engine.ptbxl import PtbxlRecord
from engine.rate import heart_rate

# Standard deviation of the RR intervals over their mean. Of 120 records of PTB-XL in sinus rhythm 1 % lie
# above, of 91 in atrial fibrillation 93 %.
IRREGULAR = 0.10
DIGEST_LETTERS = 8
PTBXL_CREDIT = ("PTB-XL, Wagner et al. 2020", "CC BY 4.0")


def rate_words(ecg: Ecg, say: Callable[[str], str] = str) -> str:
    """Heart rate and regularity as the program measures them: "72/min, regular". say: puts words into a language; what
    is kept for several visitors, or leaves the app, stays in English.
    """
    measured = heart_rate(ecg)
    if measured.per_minute is None or measured.rr_cv is None:
        return say(N_("heart rate not measurable"))
    regularity = say(N_("irregular") if measured.rr_cv > IRREGULAR else N_("regular"))
    return f"{measured.per_minute:.0f}/min, {regularity}"


def label_words(label_set: LabelSet, codes: tuple[str, ...], say: Callable[[str], str] = str) -> str:
    """Plain names of the labels, with a capital at the beginning only; "no label" for none. say: as of `rate_words`."""
    return " + ".join(say(label_set[code].plain_name) for code in codes) or "No label"


def person_words(provenance: Provenance) -> str:
    """The sex that was asked for, and the age band if there was one: "female, age 70-79", "either sex"."""
    sex = Sex(provenance.sex).value if provenance.sex else "either sex"
    return f"{sex}, age {provenance.age_band}" if provenance.age_band else sex


def provenance_lines(provenance: Provenance, checkpoint_name: str | None) -> list[str]:
    """From what an ECG can be drawn again: generator, checkpoint, sampler, sex, age band, seed and number."""
    lines = [GENERATORS[provenance.generator].title]
    if provenance.checkpoint:
        name = f"{checkpoint_name} " if checkpoint_name else ""
        lines.append(f"Checkpoint {name}{short_digest(provenance.checkpoint)}")
    if provenance.sampler:
        lines.append(f"{SAMPLER_CHOICES[provenance.sampler].title}, {provenance.steps} steps")
    if provenance.guidance not in (None, 1):
        lines.append(f"Guidance {provenance.guidance:g}")
    if provenance.checkpoint:
        lines.append(person_words(provenance).capitalize())
    return [*lines, f"Seed {provenance.seed}, no. {provenance.index + 1}"]


def checkpoint_words(checkpoint: CheckpointSummary) -> str:
    """Name, beginning of the digest, and how much it was trained."""
    samples = checkpoint.provenance.get("samples")
    trained = f" · {samples:,} training samples" if isinstance(samples, int) else ""
    return f"{checkpoint.name} · {short_digest(checkpoint.digest)}{trained}"


def short_digest(digest: str) -> str:
    """Enough of a digest to tell checkpoints apart by eye."""
    return digest.removeprefix("sha256:")[:DIGEST_LETTERS]


def record_lines(record: PtbxlRecord) -> list[str]:
    """A record of PTB-XL: id, patient, labels, fold."""
    lines = (f"Record {record.ecg_id}", _patient_words(record), str(record.labels), f"Fold {record.fold}")
    return [line for line in lines if line]


def _patient_words(record: PtbxlRecord) -> str:
    age = None if record.age is None else ("over 89 years" if record.age_over_89 else f"{record.age:.0f} years")
    return ", ".join(word for word in (record.sex and record.sex.value, age) if word).capitalize()
