"""The results of a report: main numbers, tests, by reader and label, ROC, course, time, agreement, misjudged ECGs.

Knows: which numbers stand where. Does not know: how they were computed, how blocks are laid out. A part is added by one
entry in PARTS.
"""

from collections.abc import Callable, Mapping, Sequence

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
from review_db.report.conclusion import decided
from review_db.report.content import Content
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.titles import (
    AGREEMENTS,
    DRAWN_ONLY,
    SCORES,
    TESTS,
    TITLES,
    WITHIN_READERS,
    column_methods,
    main_names,
)
from review_db.report.written import NOTHING, p_value, seconds_in_words, share_in_words, share_interval

EMPTY = Cell("")
Part = Callable[[Content], list[Block]]


def _main(content: Content) -> list[Block]:
    found = content.found
    caption = (
        "Value with its 95 % interval. Naive intervals take ratings as independent, which they are not; which interval "
        "decides is said below the tests."
    )
    rows = [_main_row(found, name) for name in main_names(found)]
    named = " ".join(f"{column}: {'; '.join(names)}." for column, names in column_methods(found))
    blocks: list[Block] = [
        Table(columns("Measure", "#n", "Naive", "Bootstrap", "Mixed model"), rows, caption),
        Paragraph(named, Look.QUIET),
    ]
    why = found.words("why_intervals_differ")
    return [*blocks, Paragraph(why)] if why else blocks


def _main_row(found: Found, name: str) -> tuple[Cell, ...]:
    title, meaning = TITLES[name]
    cell = score_cell if name in SCORES else share_cell
    naive = EMPTY if name in DRAWN_ONLY else cell(found, name)
    drawn_name = name if name in DRAWN_ONLY else f"{name}_bootstrap"
    drawn, model = (cell(found, of) if found.group(of) else EMPTY for of in (drawn_name, f"{name}_mixed_model"))
    return Cell(title, Look.BOLD, meaning), Cell(str(found.estimate(name).n)), naive, drawn, model


def tests(content: Content) -> list[Block]:
    """The tests against chance and against the registered margin."""
    found = content.found
    if not found.has_both:
        return []
    rows = [
        cells(
            Cell(title, below=str(found.group(name)["method"])),
            p_value(found.group(name)["p_value"]),
            share_interval(found.estimate(name)),
            _answer(found, name),
        )
        for name, title in TESTS.items()
        if found.group(name)
    ]
    registered = f"Registered: {found.registered}. {decided(found)}"
    return [Table(columns("Test", "#p", "Interval of the test", "Answer"), rows, registered)]


def _answer(found: Found, name: str) -> str:
    test = found.group(name)
    if "equivalent" in test:
        return "equivalence shown" if test["equivalent"] else "equivalence not shown"
    return "rejected" if test["p_value"] < found.group("plan")["alpha"] else "not rejected"


def _by_reader(content: Content) -> list[Block]:
    found = content.found
    titles = columns("Reader", "Accuracy", "Sensitivity", "Specificity", "d-prime", "Median time", "#p, Holm")
    rows = [
        cells(
            name,
            *(share_cell(found, "by_reader", name, of) for of in ("accuracy", "sensitivity", "specificity")),
            score_cell(found, "by_reader", name, "d_prime"),
            seconds_cell(found, "by_reader", name, "median_seconds"),
            p_value(group["p_holm"]) if found.has_both else NOTHING,
        )
        for name, group in found.group("by_reader").items()
    ]
    beside = machine_results.beside_readers(content.study)
    drawings = [Picture(drawing) for drawing in pictures.forests(found, "by_reader", {}, beside)]
    return [Heading("By reader", 2), *drawings, Table(titles, rows)]


def _by_label(content: Content) -> list[Block]:
    found = content.found
    groups = found.group("by_label")
    if not groups:
        return []
    caption = (
        "An ECG with several labels counts in each of them. p: exact binomial test of accuracy against 50 %, and that "
        "of the bootstrap, both after Holm."
    )
    names = {code: content.label(code) for code in groups}
    titles = columns("Label", "#n", "Accuracy", "Bootstrap", "Fooling rate", "#p, Holm", "#bootstrap p, Holm")
    rows = [
        cells(
            names[code],
            found.estimate("by_label", code, "accuracy").n,
            *(share_cell(found, "by_label", code, of) for of in ("accuracy", "accuracy_bootstrap", "fooling_rate")),
            *(p_value(group[of]) if found.has_both else NOTHING for of in ("p_holm", "p_holm_bootstrap")),
        )
        for code, group in groups.items()
    ]
    drawings = [Picture(drawing) for drawing in pictures.forests(found, "by_label", names)]
    return [Heading("By label", 2), *drawings, Table(titles, rows, caption)]


def _roc(content: Content) -> list[Block]:
    machine = machine_results.curve(content.study)
    drawing, curve = pictures.roc(content.found, machine=machine), content.found.group("roc")
    if drawing is None:
        return []
    dotted = " Dotted curve: the machine reader." if machine else ""
    words = f"Line: {curve['method']}, n = {curve['n']}; grey: 95 % band.{dotted}"
    return [
        Heading("ROC curve of the signed answer", 2),
        Picture(drawing),
        Paragraph(f"Upwards: synthetic ECGs called synthetic. {words}", Look.QUIET),
    ]


def _answers_by_arm(content: Content) -> list[Block]:
    arms = [arm.name for arm in content.study.arms]
    return [Heading("Answers by arm", 2), Picture(pictures.histogram(content.firsts, arms))]


def _confusion(content: Content) -> list[Block]:
    counts = content.found.group("confusion")
    rows = [
        cells(f"{truth} ECGs", counts[f"{truth}_called_real"], counts[f"{truth}_called_synthetic"])
        for truth in ("real", "synthetic")
    ]
    return [Heading("Verdicts by truth", 2), Table(columns("Truth", "#called real", "#called synthetic"), rows)]


def _course(content: Content) -> list[Block]:
    found = content.found
    quarters = [
        cells(
            row["quarter"],
            share_in_words(estimate_of(row["accuracy"])),
            seconds_in_words(estimate_of(row["median_seconds"])) if row.get("median_seconds") else "",
        )
        for row in found.rows("by_quarter")
    ]
    changes = [
        (Cell(TITLES[name][0], below=TITLES[name][1]), share_cell(found, name), method_cell(found, name))
        for name in ("learning", "drift", "pace")
        if is_known(found.estimate(name))
    ]
    tables = [Table(columns("Quarter", found.share_title, "Median time"), quarters)] if quarters else []
    tables += [Table(columns("Change", "Value", "Method"), changes)] if changes else []
    return [Heading("From the first to the last position", 2), *tables] if tables else []


def _time(content: Content) -> list[Block]:
    found = content.found
    rows = [
        (
            Cell(name.replace("_", " ")),
            seconds_cell(found, "seconds_by_verdict", name),
            method_cell(found, "seconds_by_verdict", name),
        )
        for name in found.group("seconds_by_verdict")
    ]
    return [Heading("Reading time", 2), Table(columns("Answers", "Median", "Method"), rows)] if rows else []


def _agreement(content: Content) -> list[Block]:
    found = content.found
    blocks: list[Block] = [Heading("Agreement between readers", 2)]
    rows = scores(found, AGREEMENTS)
    if rows:
        blocks.append(Table(columns("Coefficient", "Value", "Method"), rows))
    else:
        reason = found.group("left_out").get("agreement_between_readers", "no answers")
        blocks.append(Paragraph(f"Not computed: {reason}."))
    within = scores(found, WITHIN_READERS)
    if within:
        blocks += [Heading("Agreement within readers", 2), Table(columns("Coefficient", "Value", "Method"), within)]
    return blocks


def scores(found: Found, titles: Mapping[str, str]) -> list[tuple[Cell, ...]]:
    """Rows of the scores that the analysis has, by name and title."""
    return [
        (Cell(title), score_cell(found, name), method_cell(found, name))
        for name, title in titles.items()
        if found.group(name)
    ]


def left_out(content: Content) -> list[Block]:
    """What the analysis could not compute, and why."""
    left_out = content.found.group("left_out")
    words = "; ".join(f"{name.replace('_', ' ')} ({why})" for name, why in left_out.items())
    return [Paragraph(f"Left out of the analysis: {words}.", Look.QUIET)] if words else []


PARTS: Sequence[Part] = (
    _main,
    tests,
    power_reached.part,
    _by_reader,
    _by_label,
    _roc,
    machine_results.part,
    _answers_by_arm,
    _confusion,
    _course,
    _time,
    _agreement,
    left_out,
    misjudged_tables.of_single,
)
