"""The machine reader in a report: beside the readers, never among them.

Knows: its words, its table and its line in a forest plot. Does not know: how it was measured (`engine.audit.machine`).
"""

from collections.abc import Mapping, Sequence

from review_db.analysis.estimate import Estimate
from review_db.model import StudySummary
from review_db.protocol import Design
from review_db.report import written
from review_db.report.blocks import Block, Cell, Heading, Look, Paragraph, Table, columns
from review_db.report.content import Content
from review_db.report.machine_reader import NAME, MachineReader, Point, machine_reader, machine_words
from review_db.report.pictures import Line

NEVER_POOLED = "It is one classifier, trained on these ECGs with cross-validation, and is in no number of the readers."
BESIDE: Mapping[Design, str] = {
    Design.SINGLE: "Beside a reader's accuracy stands its own, and beside the readers' ROC curve its curve.",
    Design.PAIRS: "Its AUC is the share of right choices between a random real and a random synthetic ECG.",
    Design.GRADED: "Readers graded quality and were not asked which ECG is real; the classifier was.",
}


def described(study: StudySummary) -> Paragraph:
    """What it found, or that it was not measured, as a paragraph of the leak audit."""
    return Paragraph(machine_words(study.leak_audit), lead=f"{NAME}:")


def part(content: Content) -> list[Block]:
    """Its numbers among the results."""
    machine = machine_reader(content.study.leak_audit)
    heading, words = Heading(NAME, 2), Paragraph(machine_words(content.study.leak_audit))
    if machine is None:
        return [heading, words]
    caption = f"{machine.method[0].upper()}{machine.method[1:]}. {NEVER_POOLED}"
    rows = [_row(*row) for row in rows_of(machine)]
    return [
        heading,
        Paragraph(f"{words.words} {BESIDE[content.study.protocol.design]}"),
        Table(columns("Measure", "#n", "Value", "Method"), rows, caption),
    ]


def rows_of(machine: MachineReader) -> list[tuple[str, str, str, Estimate]]:
    """Title, value and interval in words, and the estimate, for each of its numbers."""
    shares = {"Right verdicts on single ECGs": machine.accuracy, "Right choices in the pairs of a case": machine.pairs}
    return [
        ("AUC", written.score(machine.auc), written.score_interval(machine.auc), machine.auc),
        *((title, written.share(e), written.share_interval(e), e) for title, e in shares.items() if e),
    ]


def _row(title: str, value: str, interval: str, estimate: Estimate) -> tuple[Cell, ...]:
    method = Cell(estimate.method, Look.QUIET)
    return Cell(title, Look.BOLD), Cell(str(estimate.n)), Cell(value, below=interval), method


def beside_readers(study: StudySummary) -> list[Line]:
    """Its line in a forest plot of readers, in the same measure as theirs; none where it was not measured."""
    estimate = same_measure(study)
    return [(NAME, estimate, False)] if estimate else []


def same_measure(study: StudySummary) -> Estimate | None:
    """The number that is of the same kind as the readers': verdicts or choices; grades have none."""
    machine = machine_reader(study.leak_audit)
    if machine is None:
        return None
    return {Design.SINGLE: machine.accuracy, Design.PAIRS: machine.pairs}.get(study.protocol.design)


def curve(study: StudySummary) -> Sequence[Point]:
    """Its ROC curve in the coordinates of single verdicts; empty in other designs, and where it was not measured."""
    machine = machine_reader(study.leak_audit)
    return machine.curve if machine and study.protocol.design is Design.SINGLE else ()
