"""An ECG as a sheet in the browser: grid, curves, calipers, the reader's choice of format, all in SVG.

Knows: what is sent (`sheet_data`) and how the component is put together from the files in assets/sheet.
Does not know: where the ECG comes from. What is sent says nothing about it either: keys, lengths and words are the same
for every ECG of the same paper; there are no names, no identifiers and nothing to hover over.

All leads are sent once, as drawn curves in int16 uV, with a table of every page that a reader can choose. The table is
made by `paper` and by nothing else; the browser only looks positions up, so another format needs no trip to the server.
The size of a millimetre on a screen is known to its browser alone (assets/sheet/scale.js).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
import streamlit as st

from app.display import paper as page
from app.display.alternative import alt_text
from app.display.paper import STANDARD, PaperFormat
from app.display.sheet_samples import interpolation, samples
from app.display.sheet_words import decimal_sign, sheet_words
from app.language import visitor
from engine.ecg import STANDARD_LEADS, Ecg

ASSETS = Path(__file__).parents[2] / "assets" / "sheet"
# Every file holds plain functions; `sheet` comes last, because it exports the one that Streamlit calls.
MODULES = (
    "words",
    "geometry",
    "samples",
    "drawing",
    "calipers",
    "keeping",
    "dragging",
    "keys",
    "lens",
    "choices",
    "scale",
    "tools",
    "sheet",
)

SPEEDS, GAINS = (12.5, 25.0, 50.0), (5.0, 10.0, 20.0)
COLUMNS = ("sequential", "simultaneous")  # by are_simultaneous
BEHIND_COLOUR = "#1a66a8"
MEASURED = "measurements"  # name of the component's value


DRAWING: Mapping[str, Any] = MappingProxyType(
    {
        "rate": page.DRAWN_RATE,
        "points": page.DRAWN_POINTS,
        "leads": len(STANDARD_LEADS),
        "fine_mm": page.FINE_MM,
        "bold_mm": page.BOLD_MM,
        "fine_line_mm": page.FINE_LINE_MM,
        "bold_line_mm": page.BOLD_LINE_MM,
        "trace_mm": page.TRACE_MM,
        "mark_mm": page.MARK_MM,
        "name_mm": page.NAME_MM,
        "footer_mm": page.FOOTER_MM,
        "trace": page.TRACE_COLOUR,
        "behind": BEHIND_COLOUR,
        "text": page.TEXT_COLOUR,
    }
)


@dataclass(frozen=True)
class Shortcuts:
    """Keys of the tools, one letter or digit each. Streamlit keeps C and R for itself."""

    time: str = "T"
    amplitude: str = "V"
    march: str = "M"
    magnify: str = "Z"


SHORTCUTS = Shortcuts()


@dataclass(frozen=True)
class Measurement:
    """What a caliper spans: `kind` is "time" with a value in ms, or "amplitude" with one in mV.

    Its left end, or the one of the higher voltage, is at `seconds` from the start, `millivolts` above the baseline of
    `lead`.
    """

    kind: str
    value: float
    lead: str
    seconds: float
    millivolts: float


@dataclass(frozen=True)
class Kept:
    """What was measured before on an ECG, to be shown again. `of` is any name of the ECG, by which what is measured on
    it is told from what was measured on others.
    """

    of: str
    calipers: tuple[Measurement, ...] = ()

    def asdict(self) -> dict[str, Any]:
        """As the browser gets it."""
        places = [vars(one) | {"lead": STANDARD_LEADS.index(one.lead)} for one in self.calipers]
        return {"of": self.of, "calipers": places}


def draw_sheet(
    ecg: Ecg,
    key: str,
    paper: PaperFormat = STANDARD,
    shortcuts: Shortcuts = SHORTCUTS,
    on_measured: Callable[[], None] | None = None,
    behind: Ecg | None = None,
    late: float = 0.0,
    kept: Kept | None = None,
) -> None:
    """Show the first ten seconds of an ECG, with calipers and a menu of formats that begins with `paper`.

    behind: another ECG, drawn in blue behind it, and `late` seconds later. What readers choose is kept in their
    browser. on_measured is called when a caliper has been moved; `measured` tells what the calipers of this key span.
    Without it nothing is sent back. With `kept` only calipers that were moved count. Raises EcgError as
    `paper.drawn_signal` does.
    """
    told = {f"on_{MEASURED}_change": on_measured} if on_measured else {}
    data = sheet_data(ecg, paper, shortcuts, behind, late) | {"keeps_measurements": on_measured is not None}
    if kept is not None:
        data["kept"] = kept.asdict()
    _component()(key=key, data=on_the_wire(data, paper), width="content", **told)


def warm_up(key: str) -> None:
    """Let the browser load what draws sheets before the first of them is due. It draws nothing."""
    _component()(key=key, data=None, width="content")


def measured(key: str, of: str = "") -> tuple[Measurement, ...]:
    """What the calipers on the sheet of a key span now; with a name as in `Kept`, only if they are on that ECG."""
    return tuple(_measurement(one) for one in _told(key, of) if not one.get("cleared"))


def cleared(key: str, of: str) -> tuple[str, ...]:
    """The kinds of calipers that a reader took off the ECG of this name, as in `Kept`, and has not put back."""
    return tuple(str(one["kind"]) for one in _told(key, of) if one.get("cleared"))


def _told(key: str, of: str) -> list[Mapping[str, Any]]:
    found = (st.session_state.get(key) or {}).get(MEASURED) or []
    return [one for one in found if one.get("of", "") == of]


def _measurement(told: Mapping[str, Any]) -> Measurement:
    place = float(told["seconds"]), float(told["millivolts"])
    return Measurement(str(told["kind"]), float(told["value"]), STANDARD_LEADS[told["lead"]], *place)


def sheet_data(
    ecg: Ecg,
    paper: PaperFormat = STANDARD,
    shortcuts: Shortcuts = SHORTCUTS,
    behind: Ecg | None = None,
    late: float = 0.0,
) -> dict[str, Any]:
    """What the browser gets. samples, behind: as `sheet_samples.samples` packs them; late: points
    by which the one behind is moved to the right.
    """
    return {
        "samples": samples(ecg),
        "behind": "" if behind is None else samples(behind),
        "late": round(late * page.DRAWN_RATE),
        "table": _table(paper, visitor.code()),
        "shortcuts": vars(shortcuts),
    }


def on_the_wire(data: Mapping[str, Any], paper: PaperFormat = STANDARD) -> bytes:
    """What `sheet_data` makes for this paper, as JSON. The table, by far the most of it, is written once and not for
    every ECG.
    """
    table = orjson.Fragment(_written_table(paper, data["table"]["language"]))
    return orjson.dumps({**data, "table": table})


@cache
def _written_table(paper: PaperFormat, language: str) -> bytes:
    return orjson.dumps(_table(paper, language))


@cache
def _table(paper: PaperFormat, language: str) -> Mapping[str, Any]:
    """All pages that can be chosen, beginning with `paper`; positions in mm; words in the visitor's language."""
    names, speeds, gains = tuple(page.ARRANGEMENTS), sorted({*SPEEDS, paper.speed}), sorted({*GAINS, paper.gain})
    return {
        "first": {name: getattr(paper, name) for name in ("arrangement", "order", "speed", "gain", "ink")}
        | {"columns": COLUMNS[paper.are_simultaneous]},
        "choices": {
            "arrangement": names,
            "columns": COLUMNS,
            "order": tuple(page.ORDERS),
            "speed": speeds,
            "gain": gains,
            "ink": tuple(page.INKS),
        },
        "pages": {
            f"{name}|{speed:g}|{gain:g}": _page(replace(paper, arrangement=name, speed=speed, gain=gain))
            for name, speed, gain in product(names, speeds, gains)
        },
        "strips": {
            f"{name}|{columns}|{order}": _strips(
                replace(paper, arrangement=name, order=order, are_simultaneous=bool(at))
            )
            for name, (at, columns), order in product(names, enumerate(COLUMNS), page.ORDERS)
        },
        "language": language,
        "words": sheet_words(),
        "decimal": decimal_sign(),
        "inks": {name: vars(ink) for name, ink in page.INKS.items()},
        "drawing": DRAWING | {"px_per_mm": paper.px_per_mm, **interpolation()},
    }


def _page(paper: PaperFormat) -> dict[str, Any]:
    """Sizes and places of one page, but for its leads."""
    foot = page.baseline_mm(0, paper)
    return {
        "width": paper.width_mm,
        "height": paper.height_mm,
        "left": paper.left_mm,
        "baselines": [page.baseline_mm(row, paper) for row in range(paper.layout.rows)],
        "pulse": [(x, y - foot) for x, y in page.pulse(0, paper)],
        "footer": (paper.footer, *paper.footer_at),
        "alt": alt_text(paper),
    }


def _strips(paper: PaperFormat) -> list[dict[str, Any]]:
    """The leads of an arrangement: which samples, in which row, from which second; places of name and marks in mm."""
    separators = iter(page.separators(paper))  # two for each lead that begins within a row
    return [
        {
            "lead": STANDARD_LEADS.index(strip.lead),
            "sign": strip.sign,
            "row": strip.row,
            "at": strip.at,
            "from": strip.points.start,
            "to": strip.points.stop,
            "name": (name, x - page.time_mm(strip.at, paper), y - page.baseline_mm(strip.row, paper)),
            "marks": [_heights(mark, strip.row, paper) for mark in islice(separators, 2 if strip.at > 0 else 0)],
        }
        for strip, (name, x, y) in zip(page.strips(paper), page.names(paper), strict=True)
    ]


def _heights(line: Sequence[tuple[float, float]], row: int, paper: PaperFormat) -> list[float]:
    return [y - page.baseline_mm(row, paper) for _, y in line]


@cache
def _component() -> Callable[..., Any]:
    """Made when the first sheet is drawn, not at import: the files are read once."""
    script = "\n".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in MODULES)
    style = (ASSETS / "sheet.css").read_text(encoding="utf-8")
    return st.components.v2.component("ecg_sheet", js=script, css=style, isolate_styles=False)
