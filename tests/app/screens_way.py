"""The way to every view of the app, each trip in a browser window of its own.

Whoever adds a view to the app adds it to the trip of its reader, visitor or investigator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.app.screens_investigator import INVESTIGATOR
from tests.app.screens_reader import CARDS, SHEETS
from tests.app.screens_view import View
from tests.app.screens_visitor import VISITOR

TRIPS: Sequence[Mapping[str, View]] = ({**VISITOR, **INVESTIGATOR}, *SHEETS, CARDS)
ALL: Mapping[str, View] = {name: view for trip in TRIPS for name, view in trip.items()}
assert len(ALL) == sum(map(len, TRIPS)), "two views have one name"
