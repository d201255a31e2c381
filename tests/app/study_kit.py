"""What the tests of studies share: made-up records and drawings, services around them, a small stored study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app import session
from app.composition import curate
from app.session import Services
from app.settings import Settings
from engine.catalogue import CheckpointSummary
from engine.ecg import Ecg
from engine.files.own_records import own_records_in
from engine.generators import Drawn, DrawRequest, provenance_of
from engine.jobs import JobState, JobStatus, UnknownJob
from engine.labels import Labels, LabelSet, ptbxl_statements
from engine.ptbxl import PtbxlRecord
from review_db.blinded import Submission
from review_db.model import Arm, Origin
from review_db.plan import NewItem, StudyPlan
from review_db.protocol import StudyProtocol
from review_db.scales import Plausibility
from review_db.store import Store, migrate
from tests.engine.conftest import made_up_ecg
from tests.review_db.scenario import AUDITED

LABEL_SET = ptbxl_statements()
PASSPHRASE = "four words make one"
DIGEST = "d1ge57" * 8


@dataclass(eq=False)  # hashable, as PtbXl is
class MadeUpPtbXl:
    """Records without a folder; those in `gaps` miss samples, those in `held` end in a constant."""

    records: tuple[PtbxlRecord, ...]
    gaps: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()
    label_set: LabelSet = LABEL_SET

    def __len__(self) -> int:
        return len(self.records)

    def at_rate(self, rate: int) -> tuple[PtbxlRecord, ...]:
        return self.records if rate == 100 else ()

    def with_labels(self, codes: Sequence[str]) -> tuple[PtbxlRecord, ...]:
        return tuple(r for r in self.records if set(codes) <= set(r.labels.codes))

    def read_many(self, records: Sequence[PtbxlRecord], rate: int = 100) -> NDArray[np.float32]:
        return np.stack([self._signal(record) for record in records])

    def _signal(self, record: PtbxlRecord) -> NDArray[np.float32]:
        signal = made_up_ecg(record.ecg_id).signal.copy()
        if record.ecg_id in self.gaps:
            signal[:, -10:] = np.nan
        if record.ecg_id in self.held:
            signal[:, -10:] = signal[:, -11:-10]
        return signal


def record(number: int, codes: str, fold: int = 9, patient: int | None = None) -> PtbxlRecord:
    return PtbxlRecord(
        ecg_id=number,
        patient_id=1000 + number if patient is None else patient,
        age=60.0,
        age_over_89=False,
        sex=None,
        labels=LABEL_SET.select(codes.split()),
        likelihoods={},
        fold=fold,
        path100=f"records100/00000/{number:05d}_lr",
        path500=f"records500/00000/{number:05d}_hr",
    )


def labels(codes: str) -> Labels:
    return curate.parse_finding(codes, LABEL_SET)


@dataclass
class MadeUpGeneration:
    """Draws at once, or as soon as `slow` is over; ECGs whose seed is in `bad` (once per seed) are flat."""

    requests: list[DrawRequest] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    failing: str | None = None
    flat_first: int = 0  # so many jobs give flat ECGs before the others are sound
    slow: bool = False

    def submit(self, request: DrawRequest) -> str:
        self.requests.append(request)
        return str(len(self.requests) - 1)

    def status(self, job: str) -> JobStatus:
        if int(job) >= len(self.requests):
            raise UnknownJob(job)
        if self.failing:
            return JobStatus(JobState.FAILED, error=self.failing)
        if self.slow:
            return JobStatus(JobState.RUNNING, done=1, total=4)
        return JobStatus(JobState.DONE, 4, 4, drawn=self._drawn(int(job)))

    def cancel(self, job: str) -> None:
        self.cancelled.append(job)

    def close(self) -> None:
        pass

    def _drawn(self, job: int) -> Drawn:
        request = self.requests[job]
        seeds = [request.record_seed(index) % 2**32 for index in range(request.count)]
        ecgs = [made_up_ecg(seed) for seed in seeds]
        if job < self.flat_first:
            ecgs = [Ecg(np.zeros_like(ecg.signal), ecg.rate) for ecg in ecgs]
        return Drawn(tuple(ecgs), provenance_of(request, None if request.generator == "simulator" else DIGEST))


def checkpoint(folder: Path, knows_age: bool = True) -> CheckpointSummary:
    return CheckpointSummary(folder / "default.safetensors", DIGEST, LABEL_SET.codes, True, knows_age, True, {}, {})


def services_with(
    folder: Path,
    ptbxl: MadeUpPtbXl | None = None,
    generation: MadeUpGeneration | None = None,
    trained: bool = True,
    knows_age: bool = True,
) -> Services:
    """Services on a fresh store; close their store in the end."""
    url = f"sqlite:///{folder / 'review.db'}"
    migrate(url)
    return Services(
        settings=Settings(store_url=url, own_records=folder / "own-records"),
        store=Store.open(url).acting_for(session.acting_name),
        generation=generation or MadeUpGeneration(),  # type: ignore[arg-type]
        ptbxl=ptbxl,  # type: ignore[arg-type]
        own=partial(own_records_in, folder / "own-records", LABEL_SET),
        label_set=LABEL_SET,
        checkpoints=lambda: [checkpoint(folder, knows_age)] if trained else [],
    )


def plan(
    per_arm: int = 2, minimum: float = 0.0, origins: Sequence[Origin] = tuple(Origin), practice: int = 0, **rules: Any
) -> StudyPlan:
    """A small study; its arms have names that would be recognised on a reader's page. `rules` are the protocol's;
    `practice` ECGs (pairs) come first.
    """
    arms = [Arm(f"Arm Alpha{number}", origin, "secret remark") for number, origin in enumerate(origins)]
    items = [
        replace(_item(100 * at + number, arm), is_practice=number >= per_arm)
        for at, arm in enumerate(arms)
        for number in range(per_arm + practice)
    ]
    protocol = StudyProtocol(minimum_view_seconds=minimum, practice=practice, **rules)
    return StudyPlan("Reading at dawn", arms, items, seed=5, protocol=protocol, leak_audit=AUDITED)


def _item(seed: int, arm: Arm) -> NewItem:
    return curate.to_item(made_up_ecg(seed), arm, labels("NORM + SR"), LABEL_SET, {"ecg_id": 77_777})


def open_study(store: Store, **changes: Any) -> tuple[int, str]:
    """A study that is open, and the token of its only reader."""
    study = store.create_study(plan(**changes))
    token = store.add_reader(study, "Dr Ada")
    store.open_study(study)
    return study, token


def read_all(store: Store, token: str) -> None:
    """Answer everything that is left, all steps of the scale in turn."""
    number = 0
    while (item := store.next_item(token)) is not None:
        store.mark_shown(token, item.presentation)
        scale = list(item.rules.design.scale)
        plausibility = Plausibility.PLAUSIBLE if item.rules.asks_plausibility else None
        store.record(
            token,
            Submission(
                item.presentation,
                scale[number % len(scale)],
                plausibility,
                "",
                f"{token[:20]}-{number}",
                plausibility_beside=plausibility if item.beside is not None else None,
            ),
        )
        number += 1
