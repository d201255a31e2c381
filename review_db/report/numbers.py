"""Every number of a report and of the results screen, as one mapping for JSON.

Knows: what is counted beside the analysis, and under which names. Does not know: how numbers are written or shown.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

from review_db import statistics
from review_db.analysis.analyse import as_json
from review_db.analysis.proportions import exact as proportion
from review_db.model import ProtocolVersion, StudySummary
from review_db.observed import Observation
from review_db.protocol import Design
from review_db.report import people
from review_db.report.content import Content
from review_db.report.misjudged import misjudged
from review_db.report.misjudged_graded import graded_against_origin
from review_db.report.misjudged_pairs import JudgedPair, catch_pairs, misjudged_pairs
from review_db.report.pictures import step_counts
from review_db.report.results_graded import GRADES, grade_rows
from review_db.report.results_pairs import SIDE_CLASSES, side_rows
from review_db.report.sources import software


def analysis_json(content: Content, observations_csv: str) -> str:
    """The analysis under its own names and, under "report", all that is counted beside it."""
    digest = hashlib.sha256(observations_csv.encode()).hexdigest()
    beside = {"observations_sha256": digest, **counted_beside(content)}
    return json.dumps({**content.found.answers, "report": as_json(beside)}, indent=1, allow_nan=False)


def counted_beside(content: Content) -> dict[str, object]:
    """What report and screen show beside the analysis: of first readings, except where a repeat is named."""
    return {
        "study": _study(content.study),
        "flow": dict(content.flow.rows()),
        "readers": [
            {"number": at, "reader": r.name, "answered": r.answered, "total": r.total}
            for at, r in enumerate(content.readers, start=1)
        ],
        "experience": [asdict(spread) for spread in people.spreads(people.profiles(content))],
        "specialties": dict(people.specialties(people.profiles(content))),
        "protocol_versions": [_version(version) for version in content.versions],
        "software": dict(software()),
        **_BY_DESIGN[content.found.design](content),
    }


def _version(version: ProtocolVersion) -> dict[str, object]:
    return {
        "version": version.version,
        "at": version.at.isoformat(),
        "sha256": version.sha256,
        "reason": version.reason,
        "protocol": version.protocol.asdict(),
    }


def _of_single(content: Content) -> dict[str, object]:
    firsts, arms = content.firsts, [arm.name for arm in content.study.arms]
    return {
        "naive": {name: statistic(firsts) for name, statistic in statistics.STATISTICS.items()},
        "naive_by_reader": {name: _of_reader(rows) for name, rows in statistics.by_reader(firsts).items()},
        "naive_by_label": {label: _of_label(firsts, label) for label in _labels(firsts)},
        "by_arm": {name: _of_arm([o for o in firsts if o.arm == name]) for name in arms},
        "answers_by_arm": {
            arm: {verdict.wording: count for verdict, count in counts.items()}
            for arm, counts in step_counts(firsts, arms).items()
        },
        "misjudged": [
            {"item": item.item, "arm": item.arm, "wrong": item.wrong, "answers": len(item.answers)}
            for item in misjudged(firsts)
        ],
    }


def _of_pairs(content: Content) -> dict[str, object]:
    return {
        "sides_chosen": {
            name: dict(zip(SIDE_CLASSES, of, strict=True)) for name, of in side_rows(content.found).items()
        },
        "misjudged": [{**_of_pair(pair), "wrong": pair.wrong} for pair in misjudged_pairs(content.firsts)],
        "catch_pairs": [{**_of_pair(pair), "certain": pair.certain} for pair in catch_pairs(content.firsts)],
    }


def _of_pair(pair: JudgedPair) -> dict[str, object]:
    return {"ecgs": [asdict(ecg) for ecg in pair.ecgs], "answers": len(pair.answers)}


def _of_graded(content: Content) -> dict[str, object]:
    return {
        "grades_by_arm": {name: dict(zip(GRADES, of, strict=True)) for name, of in grade_rows(content.found).items()},
        "graded_against_origin": [
            {"item": item.item, "arm": item.arm, "against": item.against, "answers": len(item.answers)}
            for item in graded_against_origin(content.firsts)
        ],
    }


def _study(study: StudySummary) -> dict[str, object]:
    times = {"created_at": study.created_at, "opened_at": study.opened_at, "closed_at": study.closed_at}
    return {
        "id": study.id,
        "title": study.title,
        "items": study.items,
        "readers": study.readers,
        "answers": study.ratings,
        "seed": study.seed,
        "protocol": study.protocol.asdict(),
        "protocol_sha256": study.protocol_sha256,
        "leak_audit": study.leak_audit,
        "leak_reason": study.leak_reason,
        "arms": [asdict(arm) for arm in study.arms],
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
    }


def _of_reader(rows: list[Observation]) -> dict[str, object]:
    seconds = sorted(o.seconds for o in rows)
    numbers: Mapping[str, object] = {name: statistic(rows) for name, statistic in statistics.STATISTICS.items()}
    return {**numbers, "answers": len(rows), "median_seconds": seconds[len(seconds) // 2]}


def _labels(rows: list[Observation]) -> list[str]:
    return sorted({label for o in rows for label in o.labels})


def _of_label(rows: list[Observation], label: str) -> dict[str, object]:
    of_label = [o for o in rows if label in o.labels]
    return {"accuracy": statistics.accuracy(of_label), "confusion": statistics.confusion(of_label)}


def _of_arm(rows: list[Observation]) -> dict[str, object]:
    plausible = (statistics.plausibility_of_real(rows), statistics.plausibility_of_synthetic(rows))
    return {
        "answers": len(rows),
        "called_real": proportion(sum(not o.verdict.says_synthetic for o in rows), len(rows)),
        "plausible": max(plausible, key=lambda estimate: estimate.n),
    }


_BY_DESIGN: Mapping[Design, Callable[[Content], dict[str, object]]] = {
    Design.SINGLE: _of_single,
    Design.PAIRS: _of_pairs,
    Design.GRADED: _of_graded,
}
