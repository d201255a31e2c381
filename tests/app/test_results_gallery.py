"""The galleries of pairs and grades: truth, answers and ECGs, one after the other; nothing before unblinding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.access import screens_for
from app.display.figure import ecg_figure
from app.main import SCREENS
from app.results import analysis
from app.results import designs as screens
from app.results.gallery import show_answers
from app.session import Services
from engine.harmonise import decode
from review_db.account import Role
from review_db.blinded import BlindedItem, Submission
from review_db.errors import StillBlinded
from review_db.model import AuditKind, Origin
from review_db.protocol import Design
from review_db.scales import Answer, Choice, Grade, Plausibility, Reason
from review_db.store import Store
from tests.app.conftest import OpenApp
from tests.app.study_kit import plan
from tests.app.test_results import AtWork, click, html
from tests.app.test_roles import HIDDEN, opened, told

PER_ARM = 6
COMMENT = "zebra <b>in</b> V3"
LABELS = ("NORM", "AFIB")  # of the cases in turn
NAMES = ("Dr Ada", "<b>Dr Bo</b>")
RULES: Mapping[Design, Mapping[str, Any]] = {
    Design.SINGLE: {},
    Design.PAIRS: {"catch_pairs": 1},
    Design.GRADED: {},
}
TITLES = {
    Design.SINGLE: "Misjudged ECGs",
    Design.PAIRS: "Misjudged pairs",
    Design.GRADED: "Graded against their origin",
}
NOTHING_WRONG = {Design.PAIRS: "No choice was wrong.", Design.GRADED: "No ECG was graded so."}
Script = Callable[[BlindedItem, "Composed"], Answer]


@dataclass(frozen=True)
class Composed:
    """A study, and what its composer alone knows."""

    study: int
    tokens: tuple[str, ...]
    synthetic: frozenset[bytes]

    def is_right(self, item: BlindedItem) -> bool:
        """Is the ECG, in a pair the right one, synthetic?"""
        return (item.payload if item.beside is None else item.beside) in self.synthetic


def wrong(item: BlindedItem, of: Composed) -> Answer:
    """Takes the real ECG for the synthetic one; grades real ECGs poor and synthetic ones good."""
    is_right = of.is_right(item)
    if item.beside is None:
        return Grade.GOOD if is_right else Grade.POOR
    return Choice.CERTAINLY_LEFT if is_right else Choice.CERTAINLY_RIGHT


def right(item: BlindedItem, of: Composed) -> Answer:
    """The opposite of that."""
    is_right = of.is_right(item)
    if item.beside is None:
        return Grade.UNUSABLE if is_right else Grade.ACCEPTABLE
    return Choice.PROBABLY_RIGHT if is_right else Choice.PROBABLY_LEFT


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(analysis, "AnalysisProcess", AtWork)
    yield


def compose(store: Store, design: Design) -> Composed:
    """An open study whose cases have two findings in turn, under one statement."""
    made = plan(per_arm=PER_ARM, design=design, asks_reasons=True, **RULES[design])
    items = [replace(item, labels=(LABELS[at % PER_ARM % 2],)) for at, item in enumerate(made.items)]
    study = store.create_study(replace(made, items=items))
    tokens = tuple(store.add_reader(study, name) for name in NAMES)
    store.open_study(study)
    synthetic = {arm.name for arm in made.arms if arm.origin is Origin.SYNTHETIC}
    return Composed(study, tokens, frozenset(item.payload for item in items if item.arm in synthetic))


def read(store: Store, composed: Composed, scripts: tuple[Script, Script]) -> None:
    """Both readers read all; the first one gives reasons, a comment and plausibilities that differ by side."""
    for token, script, talks in zip(composed.tokens, scripts, (True, False), strict=True):
        while (item := store.next_item(token)) is not None:
            store.mark_shown(token, item.presentation)
            beside = None if item.beside is None else Plausibility.RATHER_PLAUSIBLE
            said = (COMMENT, item.presentation, (Reason.ST_T, Reason.NOISE)) if talks else ("", item.presentation, ())
            answer = Submission(item.presentation, script(item, composed), Plausibility.IMPLAUSIBLE, *said, beside)
            store.record(token, answer)
    store.close_study(composed.study)


def unblinded(store: Store, design: Design, scripts: tuple[Script, Script]) -> Composed:
    """A study of this design, read so, closed and unblinded."""
    composed = compose(store, design)
    read(store, composed, scripts)
    screens.SCREENS[design].observations(store, composed.study)
    return composed


def box(app: AppTest, label: str) -> Any:
    return next(found for found in app.selectbox if found.label == label)


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in app.text)


def drawn(app: AppTest) -> list[str]:
    """The figures on the page, as JSON."""
    return [chart.proto.spec for chart in app.get("plotly_chart")]


# --------------------------------------------------------------------------------------------------- one of them


def test_a_misjudged_pair_is_shown_with_truth_both_ecgs_and_who_chose_which(
    open_app: OpenApp, services: Services
) -> None:
    unblinded(services.store, Design.PAIRS, (wrong, right))
    app = open_app("results")
    choice = box(app, "Look at one of them")
    read_by_both = next(at for at, words in enumerate(choice.options) if words.endswith("1 of 2 wrong"))
    page = html(choice.select_index(read_by_both).run())
    real, synthetic = box(app, "Look at one of them").value
    truths = {truth.item: truth.origin for truth in services.store.items_of(1)}
    assert (truths[real], truths[synthetic]) == (Origin.REAL, Origin.SYNTHETIC)
    assert f"ECG {real} is real, from Arm Alpha0; ECG {synthetic} is synthetic, from Arm Alpha1." in texts(app)
    assert f'<div class="sheet-name">ECG {real}: real</div>' in page and f"ECG {synthetic}: synthetic</div>" in page
    sheets = [ecg_figure(decode(services.store.item_payload(1, item))).to_json() for item in (real, synthetic)]
    assert [curves(sheet) for sheet in sheets] == [curves(sheet) for sheet in drawn(app)]
    assert f"<td>ECG {real}, on the " in page and "<td>wrong</td><td>certainly</td>" in page
    assert f"<td>ECG {synthetic}, on the " in page and "<td>right</td><td>probably</td>" in page
    assert f"{real} plausible?" in page and "<td>ST-T, noise</td>" in page
    assert "zebra &lt;b&gt;in&lt;/b&gt; V3" in page and "<b>Dr Bo" not in page


def curves(figure: str) -> list[Any]:
    import json

    return [trace["y"] for trace in json.loads(figure)["data"]]


def test_an_ecg_graded_against_its_origin_is_shown_with_all_its_grades(open_app: OpenApp, services: Services) -> None:
    unblinded(services.store, Design.GRADED, (wrong, right))
    app = open_app("results")
    box(app, "Show").set_value("Real, graded unusable or poor").run()
    (item,) = [box(app, "Look at one of them").value]
    assert {truth.item: truth.origin for truth in services.store.items_of(1)}[item] is Origin.REAL
    assert f"ECG {item} is real, from Arm Alpha0." in texts(app)
    page = html(app)
    assert "<td>poor</td><td>against its origin</td>" in page and "<td>acceptable</td><td></td>" in page
    assert "<td>acceptable 1, poor 1</td>" in page and "<td>ST-T, noise</td>" in page
    assert "What made it look poor" in page and "zebra &lt;b&gt;in&lt;/b&gt; V3" in page
    (sheet,) = drawn(app)
    assert curves(sheet) == curves(ecg_figure(decode(services.store.item_payload(1, item))).to_json())


def test_the_page_says_what_against_the_origin_means(open_app: OpenApp, services: Services) -> None:
    unblinded(services.store, Design.GRADED, (wrong, right))
    captions = " ".join(caption.value for caption in open_app("results").caption)
    assert "no grade is wrong" in captions and "a real ECG as unusable or poor" in captions


@pytest.mark.parametrize("design", list(NOTHING_WRONG))
def test_a_study_without_errors_says_so_and_all_of_it_can_be_looked_at(
    open_app: OpenApp, services: Services, design: Design
) -> None:
    unblinded(services.store, design, (right, right))
    app = open_app("results")
    assert NOTHING_WRONG[design] in [text.value for text in app.markdown] and not drawn(app)
    everything = [group for group in box(app, "Show").options if group.startswith("All")]
    box(app, "Show").set_value(everything[0]).run()
    answers = screens.SCREENS[design].observations(services.store, 1)
    shown = {frozenset((o.left_item, o.right_item)) if design is Design.PAIRS else o.item for o in answers
             if design is Design.GRADED or not o.is_catch}  # fmt: skip
    assert len(box(app, "Look at one of them").options) == len(shown) >= PER_ARM - 1


def test_catch_pairs_are_a_list_of_their_own_without_right_or_wrong(open_app: OpenApp, services: Services) -> None:
    unblinded(services.store, Design.PAIRS, (wrong, right))
    app = open_app("results")
    box(app, "Show").set_value("Catch pairs").run()
    assert "no choice is right" in texts(app) and "are both" in texts(app)
    assert "<td>wrong</td>" not in html(app) and "<td>right</td>" not in html(app)
    assert len(drawn(app)) == 2


# -------------------------------------------------------------------------------------------- one after the other


def test_next_and_previous_walk_through_the_list_and_stop_at_its_ends(open_app: OpenApp, services: Services) -> None:
    unblinded(services.store, Design.GRADED, (wrong, wrong))
    app = open_app("results")
    names = box(app, "Look at one of them").options
    assert len(names) == 2 * PER_ARM and button(app, "Previous").disabled
    seen = [texts(app)]
    for _ in names[1:]:
        seen.append(texts(click(app, "Next")))
    assert len(set(seen)) == len(names) and button(app, "Next").disabled and not button(app, "Previous").disabled
    assert texts(click(app, "Previous")) == seen[-2]
    assert [button(app, words).proto.shortcut.lower() for words in ("Previous", "Next")] == ["left", "right"]


@pytest.mark.parametrize("design", [Design.PAIRS, Design.GRADED])
def test_the_list_can_be_kept_to_one_finding(open_app: OpenApp, services: Services, design: Design) -> None:
    composed = unblinded(services.store, design, (wrong, wrong))
    app = open_app("results")
    box(app, "Finding").set_value("AFIB").run()
    labels = {truth.item: truth.labels for truth in services.store.items_of(composed.study)}
    everyone = box(app, "Look at one of them").options
    walked = [box(app, "Look at one of them").value]
    for _ in everyone[1:]:
        walked.append(box(click(app, "Next"), "Look at one of them").value)
    items = {item for one in walked for item in (one if isinstance(one, tuple) else (one,))}
    assert items and {labels[item] for item in items} == {("AFIB",)}
    assert any("Atrial fibrillation" in option for option in box(app, "Finding").options)


def test_columns_that_nobody_was_asked_about_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("app.results.gallery.show_table", lambda *table, numbers: shown.append((*table, numbers)))
    show_answers(("Reader", "Plausible?", "Seconds"), [("Ada", "–", "2.0"), ("Bo", "–", "3.0")], ("Seconds",))
    assert shown == [(["Reader", "Seconds"], [["Ada", "2.0"], ["Bo", "3.0"]], [1])]


# ------------------------------------------------------------------------------------------------------- blinding


@pytest.mark.parametrize("design", [Design.PAIRS, Design.GRADED])  # single ECGs: test_roles
@pytest.mark.parametrize("role", list(HIDDEN))
def test_a_closed_study_of_pairs_or_grades_tells_no_role_the_truth_before_it_is_unblinded(
    open_app: OpenApp, services: Services, design: Design, role: Role | None
) -> None:
    composed = compose(services.store, design)
    for token in composed.tokens[:1]:
        answer_once(services.store, token, design)
    services.store.close_study(composed.study)
    for screen in screens_for(role, SCREENS):
        app = opened(open_app, role, screen, composed.tokens[0])
        assert not app.exception and not told(app, role)
        assert TITLES[design] not in [title.value for title in app.subheader]
        assert "gallery" not in repr(app.session_state)
        if screen == "results":
            assert not drawn(app) and ("still blinded" in app.markdown[0].value) == (role is Role.INVESTIGATOR)
    assert AuditKind.UNBLINDED not in [event.kind for event in services.store.audit_trail(composed.study)]


def answer_once(store: Store, token: str, design: Design) -> None:
    item = store.next_item(token)
    assert item is not None
    store.mark_shown(token, item.presentation)
    beside = None if item.beside is None else Plausibility.PLAUSIBLE
    step = design.scale(1)
    store.record(token, Submission(item.presentation, step, Plausibility.PLAUSIBLE, "zebra in V3", "one", (), beside))


@pytest.mark.parametrize("design", list(Design))
def test_the_store_hands_out_no_ecg_by_its_number_before_unblinding(services: Services, design: Design) -> None:
    composed, store = compose(services.store, design), services.store
    with pytest.raises(StillBlinded):
        screens.SCREENS[design].observations(store, composed.study)
    for close in (False, True):
        if close:
            store.close_study(composed.study)
        for ask in (lambda: store.item_payload(composed.study, 1), lambda: store.items_of(composed.study)):
            with pytest.raises(StillBlinded):
                ask()


def test_the_gallery_asks_itself_who_is_there(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    unblinded(services.store, Design.GRADED, (wrong, right))
    app = open_app("results")
    asked: list[bool] = []

    def nobody_at_first() -> bool:
        asked.append(bool(asked))
        return asked[-1]

    monkeypatch.setattr(session, "is_investigator", nobody_at_first)
    app.run()
    assert asked == [False, True] and drawn(app)  # the page was asked for again, with its own door
