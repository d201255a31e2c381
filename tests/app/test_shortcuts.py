"""The sheet of shortcuts names every key that a screen takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.main import SCREENS as ALL_SCREENS
from app.reading.answering import CHANGE_KEY, PAUSE_KEY, main_question, plausibility_questions
from app.shortcuts.groups import ROOMS, SCREENS, answers, groups
from review_db.protocol import Design
from tests.test_architecture import ROOT, loaded_with, tree

WRITTEN = {"Left": "←", "Right": "→"}


def shortcuts_in(path: Path) -> Iterator[ast.expr]:
    """What is passed as `shortcut` anywhere in a file."""
    calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return (word.value for call in calls for word in call.keywords if word.arg == "shortcut")


def rooms_of(screen: str) -> set[Path]:
    """The files that a screen is made of: its own, and the rooms of the app that it loads."""
    loaded = loaded_with(ROOT / "app" / "screens" / f"{screen}.py")
    return {path for path in loaded if path.is_relative_to(ROOT / "app")}


@pytest.mark.parametrize("screen", ALL_SCREENS)
def test_a_screen_with_shortcuts_has_an_entry(screen: str) -> None:
    found = {str(path.relative_to(ROOT)) for path in rooms_of(screen) if any(shortcuts_in(path))}
    assert not found or screen in SCREENS, f"{screen} takes keys ({', '.join(sorted(found))}) and has no entry"


@pytest.mark.parametrize("screen", SCREENS)
def test_the_keys_that_a_screen_spells_out_are_on_its_sheet(screen: str) -> None:
    listed = " ".join(key for group in groups(screen) for key, _ in group.keys)
    spelt = [value for path in rooms_of(screen) for value in shortcuts_in(path) if isinstance(value, ast.Constant)]
    assert all(WRITTEN.get(value.value, value.value) in listed for value in spelt)


def test_entries_are_of_screens_that_exist() -> None:
    assert set(SCREENS) <= set(ALL_SCREENS)


@pytest.mark.parametrize("design", Design)
def test_every_question_of_a_design_is_on_the_sheet_with_its_keys(design: Design) -> None:
    listed = {group.title: dict(group.keys) for group in answers(design)}
    for question in (main_question(design), *plausibility_questions(design)):
        assert list(listed[question.words]) == list(question.keys.values())


def test_no_key_of_a_reading_does_two_things() -> None:
    for design in Design:
        common = [group for group in groups("read")[:-1] if not group.where.startswith(".st-key-reading-room")]
        keys = [key for group in (*answers(design), *common) for key, _ in group.keys if key not in ("Esc", "Enter")]
        views = {"X", "Z"} if design is not Design.PAIRS else set()
        assert len([key for key in keys if key not in views]) == len({*keys} - views)
        assert {CHANGE_KEY, PAUSE_KEY} <= set(keys)


def test_the_rooms_of_designs_differ() -> None:
    assert len(set(ROOMS.values())) == len(Design)
