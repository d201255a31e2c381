"""From the engine's ECGs to a study's items: the only translation between the two rooms.

Knows: which records of PTB-XL make a real arm, what a drawn arm must show to be its match, the words that
readers are told about an ECG. Every ECG of every arm goes through `harmonise` and `encode`.
Does not know: screens, jobs, the database.

A *finding* is the set of labels that an investigator asks for. A *case* is what one ECG of each arm shows:
the labels (and sex) of a real record, or the finding itself where a study has no real arm. Each arm has the
same cases, so labels, and the words about them, say nothing of the origin.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from engine.ecg import Ecg, EcgError
from engine.files.excerpt import held_seconds
from engine.files.own_records import OwnRecords
from engine.generators import LARGEST_SEED, DrawRequest, Provenance
from engine.harmonise import encode, harmonise
from engine.labels import Labels, LabelSet, Sex
from engine.ptbxl import PtbXl, PtbXlError, PtbxlRecord, Rate
from review_db.model import Arm, NewItem, Origin

REAL = "ptb-xl"
OWN = "own-records"
REAL_ARMS = (REAL, OWN)
GENERATOR = "sssd-ecg-nle"  # keys of engine.generators.GENERATORS
SIMULATOR = "simulator"
ARMS: Mapping[str, Arm] = MappingProxyType(
    {
        REAL: Arm("PTB-XL", Origin.REAL),
        OWN: Arm("Own records", Origin.REAL),
        GENERATOR: Arm("SSSD-ECG-nle", Origin.SYNTHETIC),
        SIMULATOR: Arm("NeuroKit2 simulator", Origin.SYNTHETIC),
    }
)
HELD_OUT = (9, 10)  # folds of PTB-XL that no weights are trained on


class CurationError(ValueError):
    """A study that cannot be composed as asked; the message says what to change."""


@dataclass(frozen=True)
class Case:
    """What one ECG of each arm must show."""

    labels: Labels
    sex: Sex | None = None


@dataclass(frozen=True)
class RealArm:
    """Real records as items, one for each case, and what was left out on the way."""

    cases: tuple[Case, ...]
    items: tuple[NewItem, ...]
    left_out: tuple[str, ...]  # a sentence for each reason, naming the records that could not be used
    from_training: int | None  # items from folds that weights are trained on; None for records of other sources
    with_more_labels: int  # items whose record has labels beyond the finding


def stated(labels: Labels, label_set: LabelSet) -> str:
    """What readers are told an ECG shows, in plain words and codes: the same for every ECG with these labels."""
    return " · ".join(f"{label_set[code].plain_name} [{code}]" for code in labels.codes) or "No finding stated"


def parse_finding(text: str, label_set: LabelSet) -> Labels:
    """A finding from codes such as "AFIB + LVH". Raises UnknownLabel."""
    return label_set.select(text.replace("+", " ").replace(",", " ").upper().split())


def shares(number: int, findings: Sequence[Labels]) -> list[int]:
    """How many of `number` ECGs show each finding: as evenly as can be, the first ones get the rest."""
    each, rest = divmod(number, len(findings))
    return [each + (position < rest) for position in range(len(findings))]


def planned_cases(findings: Sequence[Labels], number: int) -> tuple[Case, ...]:
    """The cases of a study without a real arm."""
    pairs = zip(findings, shares(number, findings), strict=True)
    return tuple(Case(finding) for finding, share in pairs for _ in range(share))


def to_item(ecg: Ecg, arm: Arm, labels: Labels, label_set: LabelSet, truth: Mapping[str, object]) -> NewItem:
    """One ECG of an arm as a study stores it. Raises EcgError if it cannot be harmonised."""
    payload = encode(harmonise(ecg))
    return NewItem(payload, arm.name, labels.codes, stated(labels, label_set), truth)


def drawn_truth(provenance: Provenance) -> dict[str, object]:
    """From what a synthetic ECG can be drawn again, as JSON."""
    return {"source": "drawn", **provenance.asdict()}


def real_truth(record: PtbxlRecord) -> dict[str, object]:
    """Where a real ECG comes from, as JSON."""
    sex = record.sex.value if record.sex else None
    return {"source": "PTB-XL", "ecg_id": record.ecg_id, "fold": record.fold, "sex": sex, "age": record.age}


# --------------------------------------------------------------------------------------------- the real arm


def common_findings(source: PtbXl | OwnRecords, most: int = 40) -> dict[str, int]:
    """The most frequent label sets among the records, such as "NORM + SR", with their counts."""
    counts = Counter(str(record.labels) for record in source.records if record.labels.codes)
    return dict(counts.most_common(most))


def candidates(ptbxl: PtbXl, finding: Labels, seed: int) -> list[PtbxlRecord]:
    """Records that show a finding, in the order in which they are tried.

    First those that no training has seen, of these first those with no other label; otherwise by lot.
    """
    records = list(ptbxl.with_labels(finding.codes))
    random.Random(f"records/{seed}/{finding}").shuffle(records)
    return sorted(records, key=lambda record: (record.fold not in HELD_OUT, record.labels != finding))


def real_arm(ptbxl: PtbXl, findings: Sequence[Labels], number: int, seed: int) -> RealArm:
    """Choose, read and harmonise `number` records, no patient twice. Raises CurationError if too few are
    usable.
    """
    left_out: dict[str, list[int]] = {}
    used_patients: set[int | None] = set()
    chosen: list[tuple[PtbxlRecord, NewItem, Labels]] = []
    for finding, share in zip(findings, shares(number, findings), strict=True):
        usable = _usable(ptbxl, candidates(ptbxl, finding, seed), used_patients, left_out)
        found = [(record, item, finding) for record, item in islice(usable, share)]
        if len(found) < share:
            raise CurationError(_too_few(finding, len(found), share))
        chosen += found
    return RealArm(
        cases=tuple(Case(record.labels, record.sex) for record, _, _ in chosen),
        items=tuple(item for _, item, _ in chosen),
        left_out=tuple(_left_out_words(reason, ids) for reason, ids in left_out.items()),
        from_training=sum(record.fold not in HELD_OUT for record, _, _ in chosen),
        with_more_labels=sum(record.labels != finding for record, _, finding in chosen),
    )


def _usable(
    ptbxl: PtbXl, records: Iterable[PtbxlRecord], used: set[int | None], left_out: dict[str, list[int]]
) -> Iterator[tuple[PtbxlRecord, NewItem]]:
    """Records that can be harmonised, read one by one; notes the others, and the patients it has used."""
    at_100 = set(ptbxl.at_rate(100))
    for record in records:
        if record.patient_id is not None and record.patient_id in used:
            continue
        rate: Rate = 100 if record in at_100 else 500
        try:
            ecg = Ecg(ptbxl.read_many([record], rate)[0], rate)
            item = to_item(ecg, ARMS[REAL], record.labels, ptbxl.label_set, real_truth(record))
            require_live_ends(ecg)
        except (EcgError, PtbXlError) as error:
            left_out.setdefault(str(error), []).append(record.ecg_id)
            continue
        used.add(record.patient_id)
        yield record, item


def require_live_ends(ecg: Ecg) -> None:
    """PTB-XL's 500 Hz files keep one value for their last 0.1 s; no synthetic ECG does. Raises EcgError."""
    if any(held_seconds(ecg)):
        raise EcgError("Its first or last samples are held constant, which would tell it from a synthetic ECG.")


def _left_out_words(reason: str, ecg_ids: Sequence[int]) -> str:
    return f"PTB-XL {'record' if len(ecg_ids) == 1 else 'records'} {', '.join(map(str, ecg_ids))}: {reason}"


def _too_few(finding: Labels, found: int, wanted: int) -> str:
    return (
        f"PTB-XL has only {found} usable {'record' if found == 1 else 'records'} of further patients with "
        f"{finding}, {wanted} are needed: choose fewer ECGs per arm or another finding."
    )


def fold_words(arm: RealArm) -> str:
    """Whether the generator may have met the real ECGs in training, in a sentence."""
    total = len(arm.items)
    if arm.from_training is None:
        return "No checkpoint of this program was trained on own records, unless you did so yourself."
    if not arm.from_training:
        return f"All {total} real ECGs come from folds 9 and 10 of PTB-XL, which training leaves out."
    return (
        f"{arm.from_training} of {total} real ECGs come from folds 1 to 8 of PTB-XL, which are used for training, "
        "because folds 9 and 10 have no more with these findings."
    )


# -------------------------------------------------------------------------------------------- the drawn arms


@dataclass(frozen=True)
class Drawing:
    """A request to a generator and the cases, by position, that its ECGs answer."""

    request: DrawRequest
    positions: tuple[int, ...]


def drawings(cases: Mapping[int, Case], generator: str, seed: int, like: DrawRequest) -> tuple[Drawing, ...]:
    """One request per distinct case, each with a seed of its own, or all would start from the same noise; sampler,
    steps, guidance and checkpoint are those of `like`.
    """
    alike: dict[Case, list[int]] = {}
    for position, case in cases.items():
        alike.setdefault(case, []).append(position)
    return tuple(
        Drawing(
            replace(
                like,
                labels=case.labels.codes,
                sex=case.sex,
                count=len(positions),
                seed=request_seed(seed, generator, positions[0]),
                generator=generator,
            ),
            tuple(positions),
        )
        for case, positions in alike.items()
    )


def request_seed(seed: int, generator: str, position: int) -> int:
    """The seed of one request, from the study's: unrelated between requests, the same on every machine."""
    return random.Random(f"draw/{seed}/{generator}/{position}").randrange(LARGEST_SEED)
