"""The results of a study that graded ECGs: grades by arm, the comparison, by reader and label, course, agreement.

Knows: which numbers stand where. Does not know: how they were computed, how blocks are laid out. A part is added by one
entry in PARTS.
"""

from collections.abc import Mapping, Sequence

from review_db.report import machine_results, misjudged_tables, pictures, power_reached
from review_db.report.blocks import Block, Cell, Heading, Look, Picture, Table, cells, columns

from review_db.report.blocks import method_cell, score_cell, seconds_cell, share_cell  # isort: skip
from review_db.report.content import Content
from review_db.report.found import Found, is_known
from review_db.report.results import EMPTY, Part, left_out, scores
from review_db.report.shared_results import agreement, bars, course, reasons, times
from review_db.report.written import NOTHING, p_value, score_interval
from review_db.scales import Grade

GRADES = [grade.wording for grade in Grade]
TITLES: Mapping[str, tuple[str, str]] = {
    "acceptable_real": ("Acceptable, real ECGs", "graded acceptable or good"),
    "acceptable_synthetic": ("Acceptable, synthetic ECGs", "graded acceptable or good"),
    "difference": ("Difference", "acceptable, synthetic less real; 0 = none"),
    "auc": ("AUC, pooled", "a synthetic ECG is graded better than a real one, ties half; 0.5 = no difference"),
    "auc_of_readers": ("AUC of the readers", "of each reader alone, then the mean"),
    "plausibility_of_real": ("Plausible, real ECGs", "the stated finding was seen"),
    "plausibility_of_synthetic": ("Plausible, synthetic ECGs", "the stated finding was seen"),
}
DRAWN_ONLY = ("difference", "auc", "auc_of_readers")
SCORES = ("auc", "auc_of_readers")
NAIVE: Mapping[str, str] = {"auc": "mann_whitney", "auc_of_readers": "", "difference": ""}
AGREEMENTS: Mapping[str, str] = {
    "krippendorff_alpha_ordinal": "Krippendorff's alpha, grades in order",
    "krippendorff_alpha": "Krippendorff's alpha, grades without order",
    "fleiss_kappa": "Fleiss' kappa, grades without order",
    "gwet_ac1": "Gwet's AC1, grades without order",
}
WITHIN: Mapping[str, str] = {"weighted_kappa": "Weighted kappa, four grades"}
CHANGES: Mapping[str, str] = {
    "leniency": "Change of the share acceptable",
    "pace": "Change of reading time, relative",
}
FOREST = "Synthetic ECG graded better than real (AUC)"


def grade_rows(found: Found) -> dict[str, list[int]]:
    """How often each grade was given, by arm."""
    return {f"{arm} ({of['origin']})": list(of["grades"]) for arm, of in found.group("by_arm").items()}


def area_lines(found: Found, group: str, names: Mapping[str, str]) -> list[pictures.Line]:
    """The AUC of each label or reader, and of all, as lines of a forest plot."""
    lines = [(names.get(key, key), found.estimate(group, key, "auc"), False) for key in found.group(group)]
    return [*lines, ("All", found.estimate("mann_whitney"), True), ("All, by bootstrap", found.estimate("auc"), True)]


def _by_arm(content: Content) -> list[Block]:
    found = content.found
    rows = grade_rows(found)
    counts = [cells(name, *grades) for name, grades in rows.items()]
    shares = [
        cells(
            arm,
            share_cell(found, "by_arm", arm, "acceptable"),
            share_cell(found, "by_arm", arm, "acceptable_bootstrap"),
            share_cell(found, "by_arm", arm, "good"),
            share_cell(found, "by_arm", arm, "plausible") if "plausible" in of else EMPTY,
        )
        for arm, of in found.group("by_arm").items()
    ]
    return [
        Heading("Grades by arm", 2),
        *bars(rows, GRADES, "Grades by arm"),
        Table(columns("Arm", *(f"#{grade}" for grade in GRADES)), counts),
        Table(columns("Arm", "Acceptable or good", "Bootstrap", "Good", "Finding plausible"), shares),
    ]


def _main(content: Content) -> list[Block]:
    found = content.found
    rows = [_main_row(found, name) for name in TITLES if is_known(found.estimate(name))]
    caption = "Value with its 95 % interval. Naive intervals take grades as independent, which they are not."
    return [Table(columns("Measure", "#n", "Naive", "Bootstrap"), rows, caption)]


def _main_row(found: Found, name: str) -> tuple[Cell, ...]:
    title, meaning = TITLES[name]
    cell = score_cell if name in SCORES else share_cell
    naive_name = NAIVE.get(name, name)
    naive = cell(found, naive_name) if naive_name else EMPTY
    drawn_name = name if name in DRAWN_ONLY else f"{name}_bootstrap"
    drawn = cell(found, drawn_name) if found.group(drawn_name) else EMPTY
    return Cell(title, Look.BOLD, meaning), Cell(str(found.estimate(name).n)), naive, drawn


def _tests(content: Content) -> list[Block]:
    found = content.found
    if not found.has_both:
        return []
    alpha, naive, equivalence = (found.group("plan")["alpha"], *map(found.group, ("mann_whitney", "tost_bootstrap")))
    p_drawn = found.answers.get("p_value_bootstrap")
    rows = [
        cells("Grades are alike (Mann-Whitney, grades as independent)", p_value(naive.get("p_value")),
              score_interval(found.estimate("mann_whitney")), _said(naive.get("p_value"), alpha)),
        cells("Grades are alike (bootstrap)", p_value(p_drawn), score_interval(found.estimate("auc_at_alpha")),
              _said(p_drawn, alpha)),
        cells("AUC is not within the margin (bootstrap)", p_value(equivalence.get("p_value")),
              score_interval(found.estimate("tost_bootstrap")), _equivalent(equivalence)),
    ]  # fmt: skip
    return [Table(columns("Test", "#p", "Interval of the AUC", "Answer"), rows, f"Registered: {found.registered}.")]


def _said(p: float | None, alpha: float) -> str:
    return NOTHING if p is None else "rejected" if p < alpha else "not rejected"


def _equivalent(test: Mapping[str, object]) -> str:
    return "equivalence shown" if test.get("equivalent") else "equivalence not shown"


def _by_reader(content: Content) -> list[Block]:
    return _groups(content, "by_reader", {}, "Reader")


def _by_label(content: Content) -> list[Block]:
    names = {code: content.label(code) for code in content.found.group("by_label")}
    return _groups(content, "by_label", names, "Label") if names else []


def _groups(content: Content, group: str, names: Mapping[str, str], title: str) -> list[Block]:
    found = content.found
    sheets = pictures.forest_sheets(area_lines(found, group, names), FOREST, pictures.AREAS)
    rows = [
        cells(
            names.get(key, key),
            *(share_cell(found, group, key, name) for name in ("acceptable_real", "acceptable_synthetic")),
            score_cell(found, group, key, "auc"),
            *([seconds_cell(found, group, key, "median_seconds")] if "median_seconds" in of else []),
            p_value(of.get("p_holm_bootstrap", of["auc"].get("p_value"))),
        )
        for key, of in found.group(group).items()
    ]
    caption = "p: grades of real and synthetic ECGs alike; labels by bootstrap, after Holm; readers by Mann-Whitney."
    timed = ["Median time"] if any("median_seconds" in of for of in found.group(group).values()) else []
    titles = columns(title, "Acceptable, real", "Acceptable, synthetic", "AUC", *timed, "#p")
    return [Heading(f"By {title.lower()}", 2), *map(Picture, sheets), Table(titles, rows, caption)]


def _course(content: Content) -> list[Block]:
    return course(content.found, "acceptable", "Acceptable or good", CHANGES)


def _time(content: Content) -> list[Block]:
    return times(content.found, ("seconds_by_origin",))


def _agreement(content: Content) -> list[Block]:
    found = content.found
    within = scores(found, WITHIN)
    if is_known(found.estimate("same_again")):
        within.append((Cell("Same grade again"), share_cell(found, "same_again"), method_cell(found, "same_again")))
    return agreement(found, AGREEMENTS, within)


def _reasons(content: Content) -> list[Block]:
    return reasons(content.found, "What made ECGs look poor")


PARTS: Sequence[Part] = (
    _by_arm,
    _main,
    _tests,
    power_reached.part,
    _by_reader,
    _by_label,
    machine_results.part,
    _course,
    _time,
    _agreement,
    _reasons,
    left_out,
    misjudged_tables.of_graded,
)
