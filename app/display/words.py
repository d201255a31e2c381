"""What the screens say about an ECG in words: its labels, its heart rate, where it comes from.

Knows: the wording. Does not know: Streamlit, files, studies. Nothing here may be shown to a blinded reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.language.words import N_, decimal
from app.language.words import gettext as _
from engine.catalogue import CheckpointSummary
from engine.ecg import Ecg
from engine.generators import GENERATORS, SAMPLER_CHOICES, Provenance
from engine.labels import LabelSet, Sex
from engine.ptbxl import PtbxlRecord
from engine.rate import HeartRate, heart_rate

# Standard deviation of the RR intervals over their mean. Of 120 records of PTB-XL in sinus rhythm 1 % lie
# above, of 91 in atrial fibrillation 93 %.
IRREGULAR = 0.10
DIGEST_LETTERS = 8
SEX_WORDS: Mapping[Sex, str] = MappingProxyType({Sex.FEMALE: N_("female"), Sex.MALE: N_("male")})
PTBXL_CREDIT = ("PTB-XL, Wagner et al. 2020", "CC BY 4.0")


def rate_words(ecg: Ecg, say: Callable[[str], str] = str) -> str:
    """Heart rate and regularity as the program measures them: "72/min, regular". say: puts words into a language; what
    is kept for several visitors, or leaves the app, stays in English.
    """
    return beats_in_words(heart_rate(ecg), say)


def beats_in_words(measured: HeartRate | None, say: Callable[[str], str] = str) -> str:
    """The same of QRS complexes that were found before; None: of no ECG that could be measured."""
    if measured is None or measured.per_minute is None or measured.rr_cv is None:
        return say(N_("heart rate not measurable"))
    regularity = say(N_("irregular") if measured.rr_cv > IRREGULAR else N_("regular"))
    return f"{measured.per_minute:.0f}/min, {regularity}"


def label_words(label_set: LabelSet, codes: tuple[str, ...], say: Callable[[str], str] = str) -> str:
    """Plain names of the labels, with a capital at the beginning only; "no label" for none. say: as of `rate_words`."""
    return " + ".join(say(label_set[code].plain_name) for code in codes) or "No label"


def person_words(provenance: Provenance, say: Callable[[str], str] = str) -> str:
    """The sex that was asked for, and the age band if there was one: "female, age 70-79", "either sex". say: as of
    `rate_words`.
    """
    sex = say(SEX_WORDS[Sex(provenance.sex)]) if provenance.sex else say(N_("either sex"))
    aged = say(N_("{sex}, age {band}")).format(sex=sex, band=provenance.age_band)
    return aged if provenance.age_band else sex


def provenance_lines(provenance: Provenance, checkpoint_name: str | None, say: Callable[[str], str] = str) -> list[str]:
    """From what an ECG can be drawn again: generator, checkpoint, sampler, sex, age band, seed and number. say: as of
    `rate_words`.
    """
    lines = [say(GENERATORS[provenance.generator].title)]
    if provenance.checkpoint:
        name = f"{checkpoint_name} " if checkpoint_name else ""
        lines.append(say(N_("Checkpoint {name}")).format(name=f"{name}{short_digest(provenance.checkpoint)}"))
    if provenance.sampler:
        title = say(SAMPLER_CHOICES[provenance.sampler].title)
        lines.append(say(N_("{sampler}, {steps} steps")).format(sampler=title, steps=provenance.steps))
    if provenance.guidance is not None and provenance.guidance != 1:
        lines.append(say(N_("Guidance {weight}")).format(weight=f"{provenance.guidance:g}"))
    if provenance.checkpoint:
        lines.append(capital(person_words(provenance, say)))
    return [*lines, say(N_("Seed {seed}, no. {number}")).format(seed=provenance.seed, number=provenance.index + 1)]


def capital(words: str) -> str:
    """With a capital at the beginning; German nouns within keep theirs."""
    return f"{words[:1].upper()}{words[1:]}"


def checkpoint_words(checkpoint: CheckpointSummary) -> str:
    """Name, beginning of the digest, and how much it was trained, in the language of the visitor."""
    known = f"{checkpoint.name} · {short_digest(checkpoint.digest)}"
    samples = checkpoint.provenance.get("samples")
    if not isinstance(samples, int):
        return known
    return _("{checkpoint} · {samples} training samples").format(checkpoint=known, samples=decimal(samples, ","))


def short_digest(digest: str) -> str:
    """Enough of a digest to tell checkpoints apart by eye."""
    return digest.removeprefix("sha256:")[:DIGEST_LETTERS]


def record_lines(record: PtbxlRecord) -> list[str]:
    """A record of PTB-XL in the language of the visitor: id, patient, labels, fold."""
    number, fold = _("Record {number}").format(number=record.ecg_id), _("Fold {fold}").format(fold=record.fold)
    return [line for line in (number, _patient_words(record), str(record.labels), fold) if line]


def _patient_words(record: PtbxlRecord) -> str:
    sex = "" if record.sex is None else _(SEX_WORDS[record.sex])
    return capital(", ".join(word for word in (sex, _age_words(record)) if word))


def _age_words(record: PtbxlRecord) -> str:
    if record.age is None:
        return ""
    return _("over 89 years") if record.age_over_89 else _("{age} years").format(age=f"{record.age:.0f}")
