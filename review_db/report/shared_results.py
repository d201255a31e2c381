"""Parts of the results that several designs have: course, times, agreement, reasons.

Knows: their tables. Does not know: designs; titles and names are given.
"""

from collections.abc import Mapping, Sequence

from review_db.report.blocks import Block, Cell, Heading, Paragraph, Picture, Table, cells, columns

from review_db.report.blocks import method_cell, seconds_cell, share_cell  # isort: skip
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.results import scores
from review_db.report.stacked import stacked
from review_db.report.written import seconds_in_words, share_in_words

SCORE_COLUMNS = ("Coefficient", "Value", "Method")


def course(found: Found, share: str, title: str, changes: Mapping[str, str]) -> list[Block]:
    """A share, called `title`, and the time by quarters, and the changes from the first to the last position."""
    quarters = [
        cells(
            row["quarter"],
            share_in_words(estimate_of(row[share])),
            seconds_in_words(estimate_of(row["median_seconds"])) if row.get("median_seconds") else "",
        )
        for row in found.rows("by_quarter")
    ]
    known = {name: words for name, words in changes.items() if is_known(found.estimate(name))}
    rows = [(Cell(words), share_cell(found, name), method_cell(found, name)) for name, words in known.items()]
    tables = [Table(columns("Quarter", title, "Median time"), quarters)] if quarters else []
    tables += [Table(columns("Change", "Value", "Method"), rows)] if rows else []
    return [Heading("From the first to the last position", 2), *tables] if tables else []


def times(found: Found, groups: Sequence[str]) -> list[Block]:
    """Median times of the groups of answers."""
    rows = [
        (Cell(name.replace("_", " ")), seconds_cell(found, group, name), method_cell(found, group, name))
        for group in groups
        for name in found.group(group)
    ]
    return [Heading("Reading time", 2), Table(columns("Answers", "Median", "Method"), rows)] if rows else []


def agreement(found: Found, titles: Mapping[str, str], within: Sequence[Sequence[Cell]]) -> list[Block]:
    """Agreement between readers, and within them where there were repeats."""
    blocks: list[Block] = [Heading("Agreement between readers", 2)]
    if rows := scores(found, titles):
        blocks.append(Table(columns(*SCORE_COLUMNS), rows))
    else:
        why = found.group("left_out").get("agreement_between_readers", "no answers")
        blocks.append(Paragraph(f"Not computed: {why}."))
    if within:
        blocks += [Heading("Agreement within readers", 2), Table(columns(*SCORE_COLUMNS), within)]
    return blocks


def reasons(found: Found, title: str) -> list[Block]:
    """How often each reason was given, by arm and answer."""
    rows = found.rows("reasons")
    if not rows:
        return []
    names = list(rows[0]["given"])
    counts = [cells(row["arm"], row["answer"], row["n"], *(row["given"][name] for name in names)) for row in rows]
    titles = columns("Arm", "Answer", "#Answers", *(f"#{name}" for name in names))
    caption = "An answer may have several reasons, or none."
    return [Heading(title, 2), Table(titles, counts, caption)]


def bars(rows: Mapping[str, Sequence[int]], classes: Sequence[str], title: str) -> list[Block]:
    """Stacked bars; nothing without answers."""
    return [Picture(stacked(rows, classes, title))] if any(map(sum, rows.values())) else []
