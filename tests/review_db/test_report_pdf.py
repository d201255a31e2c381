"""The PDF says what the page says, as text, with an outline and a head on every sheet; it names no computer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from pypdf import PdfReader

from review_db.report.blocks import Block, Bullets, Cell, Heading, Look, Paragraph, Picture, Table, columns
from review_db.report.document import Document
from review_db.report.drawing import Text
from review_db.report.page import report_page
from review_db.report.pdf import FOOTER, report_pdf
from review_db.report.pdf_table import column_widths
from review_db.report.pictures import MOST_ROWS, forests
from tests.review_db.report_kit import NOW, PROTOCOL, answers, content, report_of, storable

READERS = ("Dr Ada", "Dr Dvořák", "Dr Έλενα", "Dr <b>Bo</b> & Co")


@pytest.fixture(scope="module")
def report() -> Document:
    return report_of(content(answers(READERS, 12, repeats=4)))


@pytest.fixture(scope="module")
def reader(report: Document) -> PdfReader:
    return PdfReader(BytesIO(report_pdf(report)))


def tight(text: str) -> str:
    """Without spaces: lines are broken elsewhere on paper."""
    return re.sub(r"\s+", "", text)


def words_of(block: Block) -> Iterator[str]:
    """Everything that a block says."""
    match block:
        case Heading():
            yield block.words
        case Paragraph():
            yield from (block.lead, block.words, block.digest)
        case Bullets():
            yield from block.sentences
        case Table():
            yield from (block.caption, *(column.title for column in block.columns))
            yield from (line for row in block.rows for cell in row for line in (*cell.words.split("\n"), cell.below))
        case Picture():
            yield from (shape.words for shape in block.drawing.shapes if isinstance(shape, Text))


def body(reader: PdfReader, report: Document) -> str:
    """The text of all sheets without their heads and feet."""
    total = len(reader.pages)
    sheets = []
    for at, page in enumerate(reader.pages, start=1):
        text = tight(page.extract_text())
        for part in (report.title, f"Protocol SHA-256 {PROTOCOL}", FOOTER, f"Page {at} of", str(total)):
            assert tight(part) in text
            text = text.replace(tight(part), "", 1)
        sheets.append(text)
    return "".join(sheets)


def test_pdf_and_page_say_everything_that_the_report_says(report: Document, reader: PdfReader) -> None:
    on_paper = body(reader, report)
    on_screen = tight(unescape(re.sub(r"<[^>]*>", "", report_page(report))))
    said = [tight(words) for block in report.blocks for words in words_of(block)]
    assert len(said) > 300
    assert [words for words in said if words not in on_paper] == []
    assert [words for words in said if words not in on_screen] == []


def test_the_outline_is_the_headings(report: Document, reader: PdfReader) -> None:
    def entries(outline: object, level: int = 1) -> list[tuple[str, int]]:
        assert isinstance(outline, list)
        listed = [entries(one, level + 1) if isinstance(one, list) else [(one.title, level)] for one in outline]
        return [entry for part in listed for entry in part]

    headings = [(block.words, block.level) for block in report.blocks if isinstance(block, Heading)]
    assert entries(reader.outline) == headings


def test_nothing_in_the_file_names_a_computer_or_a_person(report: Document, reader: PdfReader) -> None:
    assert reader.metadata is not None
    assert dict(reader.metadata) == {
        "/Title": report.title,
        "/Subject": f"Protocol SHA-256 {PROTOCOL}",
        "/Author": "ECG Turing test",
        "/Creator": "ECG Turing test",
        "/Producer": "reportlab",
        "/Keywords": "",
        "/Trapped": "/False",
        "/CreationDate": f"D:{NOW:%Y%m%d%H%M%S}Z",
        "/ModDate": f"D:{NOW:%Y%m%d%H%M%S}Z",
    }


def test_sheets_are_a4_pictures_are_vectors_and_fonts_are_embedded(reader: PdfReader) -> None:
    for page in reader.pages:
        assert [round(float(length) / 72 * 25.4) for length in page.mediabox[2:]] == [210, 297]
        assert not page.images
        fonts = page["/Resources"]["/Font"].values()  # type: ignore[index]
        used = [font.get_object() for font in fonts if font.get_object()["/Subtype"] != "/Type1"]
        assert used and all("/FontFile2" in font["/FontDescriptor"] for font in used)


def test_the_same_report_is_the_same_file(report: Document) -> None:
    assert report_pdf(report) == report_pdf(report)


@given(storable.filter(str.strip), storable, storable)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_people_type_is_laid_out(title: str, name: str, comment: str) -> None:
    row = (Cell(name, Look.BOLD), Cell(comment, below=name), Cell(comment * 9, Look.CODE))
    blocks = [Heading(title), Paragraph(comment, lead=name), Bullets([comment]), Table(columns("a", "#b", "c"), [row])]
    file = report_pdf(Document(title, name, PROTOCOL, NOW, blocks))
    assert len(PdfReader(BytesIO(file)).pages) >= 1


def test_a_row_that_no_sheet_could_hold_goes_on_on_the_next(report: Document) -> None:
    long = "\n".join(f"line {at} of a comment" for at in range(200))
    file = report_pdf(replace(report, blocks=[Table(columns("#No.", "Comment"), [(Cell("1"), Cell(long))])]))
    text = tight("".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages))
    assert all(f"line{at}ofacomment" in text for at in range(200))


def test_many_readers_make_several_forests_each_with_the_same_axis() -> None:
    made = content(answers([f"Dr {at}" for at in range(MOST_ROWS + 4)], 4))
    drawings = forests(made.found, "by_reader", {})
    assert len(drawings) == 2
    named = [shape.words for drawing in drawings for shape in drawing.shapes if isinstance(shape, Text)]
    assert [f"Dr {at} (4)" in named for at in range(MOST_ROWS + 4)] == [True] * (MOST_ROWS + 4)


def test_columns_fill_the_sheet_and_the_widest_gives_first() -> None:
    short, long = Cell("12"), Cell("many words " * 60)
    narrow, wide = column_widths([(short, long)], 400)
    assert narrow + wide == pytest.approx(400, abs=0.1) and narrow < 30
    assert sum(column_widths([(short, short)], 400)) < 60
    assert sum(column_widths([tuple([long] * 12)], 400)) == pytest.approx(400, abs=0.5)
