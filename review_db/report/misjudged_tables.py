"""The part of a report that lists misjudged ECGs: single ones, pairs, and those graded against their origin.

Knows: words and columns. Does not know: what counts as misjudged (`misjudged`, `misjudged_pairs`, `misjudged_graded`).
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from review_db.report.blocks import Block, Cell, Heading, Look, Paragraph, Table, cells, columns
from review_db.report.content import Content
from review_db.report.misjudged import JudgedItem, misjudged
from review_db.report.misjudged_graded import GradedItem, graded_against_origin
from review_db.report.misjudged_pairs import JudgedPair, PairedEcg, catch_pairs, misjudged_pairs
from review_db.report.written import counted

MOST_LISTED, LONGEST_COMMENT = 40, 300  # ECGs, letters that a report shows; the data package has all
T = TypeVar("T")
Rows = Sequence[tuple[Cell, ...]]
AGAINST_ORIGIN = (
    "Nobody was asked which ECG is real, so no grade is wrong. Graded against the origin means: a real ECG as unusable "
    "or poor, a synthetic one as acceptable or good."
)
NO_RIGHT_CHOICE = "In a catch pair both ECGs are of one origin, so that no choice is right or wrong."


def of_single(content: Content) -> list[Block]:
    """ECGs with a wrong verdict."""
    wrong = misjudged(content.firsts)
    heading = Heading("ECGs that were misjudged", 2)
    if not wrong:
        return [heading, Paragraph("No verdict was wrong.")]
    words = f"{counted(len(wrong), 'ECG')} with a wrong verdict{_shown(wrong)}, the most misleading first."
    titles = columns("#No.", "Truth", "Stated", "#Wrong", "Comments")
    return [heading, Paragraph(words, Look.QUIET), Table(titles, _rows(wrong, _single_row))]


def of_pairs(content: Content) -> list[Block]:
    """Pairs in which the real ECG was taken for the synthetic one; catch pairs below."""
    wrong = misjudged_pairs(content.firsts)
    blocks: list[Block] = [Heading("Pairs that were misjudged", 2)]
    if wrong:
        words = f"{counted(len(wrong), 'pair')} of which the real ECG was taken for the synthetic one{_shown(wrong)}, "
        titles = columns("Real", "Synthetic", "Stated", "#Wrong", "Comments")
        blocks.append(Paragraph(f"{words}the most misleading first.", Look.QUIET))
        blocks.append(Table(titles, _rows(wrong, _pair_row)))
    else:
        blocks.append(Paragraph("No choice was wrong."))
    return [*blocks, *_catch_pairs(content)]


def _catch_pairs(content: Content) -> list[Block]:
    caught = catch_pairs(content.firsts)
    if not caught:
        return []
    titles = columns("Catch pair", "Truth", "Stated", "#Certainly", "Comments")
    return [Table(titles, _rows(caught, _catch_row), f"{NO_RIGHT_CHOICE} “Certainly” most often first.")]


def of_graded(content: Content) -> list[Block]:
    """ECGs graded against their origin."""
    against = graded_against_origin(content.firsts)
    blocks: list[Block] = [Heading("ECGs graded against their origin", 2), Paragraph(AGAINST_ORIGIN, Look.QUIET)]
    if not against:
        return [*blocks, Paragraph("No ECG was graded so.")]
    words = f"{counted(len(against), 'ECG')}{_shown(against)}, the largest share of such grades first."
    titles = columns("#No.", "Truth", "Stated", "Grades", "#Against", "Comments")
    return [*blocks, Table(titles, _rows(against, _graded_row), words)]


def grades_in_words(item: GradedItem) -> str:
    """How often each grade was given, the best first: "good 2, poor 1"."""
    given = sorted({answer.grade for answer in item.answers}, reverse=True)
    return ", ".join(f"{grade.wording} {sum(a.grade is grade for a in item.answers)}" for grade in given)


def _shown(found: Sequence[object]) -> str:
    return f"; the first {MOST_LISTED} of them" if len(found) > MOST_LISTED else ""


def _rows(found: Sequence[T], row: Callable[[T], tuple[Cell, ...]]) -> Rows:
    return [row(one) for one in found[:MOST_LISTED]]


def _single_row(item: JudgedItem) -> tuple[Cell, ...]:
    wrong = f"{item.wrong} of {len(item.answers)}"
    return cells(item.item, f"{item.origin.value} ({item.arm})", item.stated, wrong, _comments(item.comments))


def _pair_row(pair: JudgedPair) -> tuple[Cell, ...]:
    wrong = f"{pair.wrong} of {len(pair.answers)}"
    return cells(*map(_ecg, pair.ecgs), pair.stated, wrong, _comments(pair.comments))


def _catch_row(pair: JudgedPair) -> tuple[Cell, ...]:
    certain, numbers = f"{pair.certain} of {len(pair.answers)}", " and ".join(map(_ecg, pair.ecgs))
    return cells(numbers, f"both {pair.ecgs[0].origin.value}", pair.stated, certain, _comments(pair.comments))


def _graded_row(item: GradedItem) -> tuple[Cell, ...]:
    truth, against = f"{item.origin.value} ({item.arm})", f"{item.against} of {len(item.answers)}"
    return cells(item.item, truth, item.stated, grades_in_words(item), against, _comments(item.comments))


def _ecg(ecg: PairedEcg) -> str:
    return f"{ecg.item} ({ecg.arm})"


def _comments(comments: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{reader}: {_shortened(comment)}" for reader, comment in comments)


def _shortened(comment: str) -> str:
    words = " ".join(comment.split())
    return words if len(words) <= LONGEST_COMMENT else words[: LONGEST_COMMENT - 2].rstrip() + " …"
