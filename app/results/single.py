"""The sections of the results of single ECGs, pictures first and all numbers below.

Knows: their order. Does not know: how a section looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.language.words import gettext as _
from app.results import charts, machine, numbers, power
from app.results.data import Results
from app.results.shared import show_reasons, with_analysis
from review_db.report.found import Found

show_headline = numbers.show_headline


def _picture_numbers(results: Results, found: Found) -> None:
    numbers.show_picture_numbers(results, found, charts.counts(results))


def _reasons(results: Results) -> None:
    show_reasons(results, _("What gave it away"))


SECTIONS: Sequence[Callable[[Results], None]] = (
    charts.show_forests,
    with_analysis(charts.show_answers),
    machine.show_machine_reader,
    charts.show_confusion,
    _reasons,
    with_analysis(charts.show_course),
    with_analysis(power.show_power),
    with_analysis(_picture_numbers),
    numbers.show_key_numbers,
    numbers.show_arms,
    numbers.show_readers,
    numbers.show_labels,
    with_analysis(numbers.show_agreement),
)
