"""The results of a study of pairs: right choices, sides, catch pairs, by reader and label, ROC, course, agreement.

Knows: which numbers stand where. Does not know: how they were computed, how blocks are laid out. A part is added by one
entry in PARTS.
"""

from collections.abc import Mapping, Sequence

from review_db.report import machine_results, misjudged_tables, pictures, power_reached
from review_db.report.blocks import (
    Block,
    Cell,
    Heading,
    Look,
    Paragraph,
    Picture,
    Table,
    cells,
    columns,
    method_cell,
    score_cell,
    seconds_cell,
    share_cell,
)
from review_db.report.content import Content
from review_db.report.found import Found, is_known
from review_db.report.results import EMPTY, Part, left_out, scores, tests
from review_db.report.shared_results import agreement, course, reasons, times
from review_db.report.stacked import stacked
from review_db.report.written import p_value

TITLES: Mapping[str, tuple[str, str]] = {
    "accuracy": ("Right choices", "the synthetic ECG was chosen"),
    "d_prime": ("d-prime", "of two alternatives, free of the leaning to a side; 0 = cannot tell"),
    "d_prime_of_readers": ("d-prime of the readers", "of each reader alone, then the mean"),
    "criterion": ("Side criterion", "leaning; below 0 = towards the left"),
    "position_bias": ("Chose the left", "50 % = no leaning"),
    "auc": ("AUC, pooled", "signed confidence, signal = synthetic ECG on the right"),
    "auc_of_readers": ("AUC of the readers", "of each reader alone, then the mean"),
    "plausibility_of_real": ("Plausible, real ECGs", "the stated finding was seen"),
    "plausibility_of_synthetic": ("Plausible, synthetic ECGs", "the stated finding was seen"),
}
SCORES = ("d_prime", "d_prime_of_readers", "criterion", "auc", "auc_of_readers")
DRAWN_ONLY = ("d_prime_of_readers", "auc", "auc_of_readers")
SIDES: Mapping[str, str] = {"synthetic_left": "synthetic ECG left", "synthetic_right": "synthetic ECG right"}
SIDE_CLASSES = ("chose the left", "chose the right")
AGREEMENTS: Mapping[str, str] = {
    "fleiss_kappa": "Fleiss' kappa, which ECG was chosen",
    "gwet_ac1": "Gwet's AC1, which ECG was chosen",
    "krippendorff_alpha": "Krippendorff's alpha, which ECG was chosen",
    "krippendorff_alpha_ordinal": "Krippendorff's alpha, six steps in order",
}
WITHIN: Mapping[str, str] = {
    "cohen_kappa": "Cohen's kappa, which ECG was chosen",
    "weighted_kappa": "Weighted kappa, six steps",
}
AGAIN: Mapping[str, str] = {
    "same_again": "Same ECG chosen again",
    "same_side_again": "Same side chosen again, although the sides were swapped",
}
CHANGES: Mapping[str, str] = {
    "learning": "Change of right choices",
    "drift": "Change of “left” answers",
    "pace": "Change of reading time, relative",
}
LEANING = "A leaning moves all rows to one side; d-prime is how far apart the first two rows are."


def side_rows(found: Found) -> dict[str, list[int]]:
    """Left and right chosen, by the side of the synthetic ECG, and in catch pairs."""
    rows = {words: [of["chose_left"], of["chose_right"]] for key, words in SIDES.items() if (of := _side(found, key))}
    catch = found.estimate("catch_left")
    left = round(catch.value * catch.n) if is_known(catch) else 0
    return rows | ({"catch pairs": [left, catch.n - left]} if catch.n else {})


def _side(found: Found, key: str) -> Mapping[str, int]:
    return found.group("sides").get(key) or {}


def _main(content: Content) -> list[Block]:
    found = content.found
    rows = [_main_row(found, name) for name in TITLES if is_known(found.estimate(name))]
    titles = columns("Measure", "#n", "Naive", "Bootstrap", "Mixed model")
    caption = "Value with its 95 % interval. Naive intervals take choices as independent, which they are not."
    why = found.words("why_intervals_differ")
    return [Table(titles, rows, caption), *([Paragraph(why)] if why else [])]


def _main_row(found: Found, name: str) -> tuple[Cell, ...]:
    title, meaning = TITLES[name]
    cell = score_cell if name in SCORES else share_cell
    naive = EMPTY if name in DRAWN_ONLY else cell(found, name)
    drawn = name if name in DRAWN_ONLY else f"{name}_bootstrap"
    more = [cell(found, of) if found.group(of) else EMPTY for of in (drawn, f"{name}_mixed_model")]
    return Cell(title, Look.BOLD, meaning), Cell(str(found.estimate(name).n)), naive, *more


def _sides(content: Content) -> list[Block]:
    rows = side_rows(content.found)
    drawing = stacked(rows, SIDE_CLASSES, "Side chosen")
    table = [cells(name, *counts) for name, counts in rows.items()]
    return [
        Heading("Sides", 2),
        Picture(drawing),
        Table(columns("Pairs", "#chose the left", "#chose the right"), table, LEANING),
    ]


def _catch(content: Content) -> list[Block]:
    found = content.found
    heading = Heading("Catch pairs", 2)
    if not is_known(found.estimate("catch_left")):
        return [heading, Paragraph(f"None: {found.group('left_out').get('catch_pairs', 'no answers')}.")]
    rows = [
        ("Chose the left", "catch_left"),
        ("Answered “certainly”", "catch_certain"),
        ("Answered “certainly” where there is a right answer", "told_certain"),
    ]
    shown = [(Cell(title), share_cell(found, name), method_cell(found, name)) for title, name in rows]
    caption = f"Two ECGs of one origin: no choice is right. Left against 50 %: p = {_p_of(found, 'catch_left')}."
    return [heading, Table(columns("Answers", "Share", "Method"), shown, caption)]


def _p_of(found: Found, name: str) -> str:
    return p_value(found.group(name).get("p_value"))


def _by_reader(content: Content) -> list[Block]:
    beside = machine_results.beside_readers(content.study)
    drawings = [Picture(drawing) for drawing in pictures.forests(content.found, "by_reader", {}, beside)]
    return [Heading("By reader", 2), *drawings, _groups(content.found, "by_reader", {}, "Reader")]


def _by_label(content: Content) -> list[Block]:
    found = content.found
    if not found.group("by_label"):
        return []
    names = {code: content.label(code) for code in found.group("by_label")}
    drawings = [Picture(drawing) for drawing in pictures.forests(found, "by_label", names)]
    return [Heading("By label", 2), *drawings, _groups(found, "by_label", names, "Label")]


def _groups(found: Found, group: str, names: Mapping[str, str], title: str) -> Table:
    rows = [
        cells(
            names.get(key, key),
            found.estimate(group, key, "accuracy").n,
            share_cell(found, group, key, "accuracy"),
            score_cell(found, group, key, "d_prime"),
            share_cell(found, group, key, "position_bias"),
            *([seconds_cell(found, group, key, "median_seconds")] if "median_seconds" in of else []),
            p_value(of["p_holm"]),
        )
        for key, of in found.group(group).items()
    ]
    timed = ["Median time"] if any("median_seconds" in of for of in found.group(group).values()) else []
    titles = columns(title, "#n", "Right choices", "d-prime", "Chose the left", *timed, "#p, Holm")
    return Table(titles, rows, "p: exact binomial test of right choices against 50 %, after Holm.")


def _roc(content: Content) -> list[Block]:
    drawing = pictures.roc(content.found, "“right”, synthetic ECG on the left")
    if drawing is None:
        return []
    words = "Upwards: “right” with the synthetic ECG on the right. Grey: 95 % band."
    return [Heading("ROC curve of the signed confidence", 2), Picture(drawing), Paragraph(words, Look.QUIET)]


def _course(content: Content) -> list[Block]:
    return course(content.found, "accuracy", "Right choices", CHANGES)


def _time(content: Content) -> list[Block]:
    return times(content.found, ("seconds_by_verdict", "seconds_by_certainty"))


def _agreement(content: Content) -> list[Block]:
    found = content.found
    within = scores(found, WITHIN)
    within += [(Cell(title), share_cell(found, name), method_cell(found, name)) for name, title in AGAIN.items()
               if is_known(found.estimate(name))]  # fmt: skip
    return agreement(found, AGREEMENTS, within)


def _reasons(content: Content) -> list[Block]:
    return reasons(content.found, "What gave it away")


PARTS: Sequence[Part] = (
    _main,
    tests,
    power_reached.part,
    _sides,
    _catch,
    _by_reader,
    _by_label,
    _roc,
    machine_results.part,
    _course,
    _time,
    _agreement,
    _reasons,
    left_out,
    misjudged_tables.of_pairs,
)
