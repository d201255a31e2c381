"""Hand-picked ECGs as an arm: the very ECGs of the pool, real records that match them, and plain words about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.composition.composing import Composition
from app.composition.curate import COMPLETED, GENERATOR, HAND_PICKED, REAL, SIMULATOR, CurationError, Trait
from app.composition.order import StudyOrder
from app.composition.picked_arm import findings_of, in_order_of_cases
from app.composition.ptbxl_arm import PtbXlSource
from app.explore.favourites import Favourite
from app.pool import not_drawable
from app.results.items import request_of
from app.session import Services
from engine.age import age_band_of
from engine.drawing import DiffusionGenerator
from engine.generators import DrawRequest, Provenance, provenance_of
from engine.harmonise import encode, harmonise
from engine.labels import Sex
from engine.ptbxl import PtbXl
from review_db.account import Role
from review_db.model import Origin
from review_db.plan import NewItem, StudyPlan
from review_db.pool import MOST_POOLED
from review_db.protocol import Design, StudyProtocol
from review_db.report.limitations import limitations
from tests.app.completing_kit import Completing, MadeUpDrawingAgain
from tests.app.conftest import OpenApp, add_monitor
from tests.app.study_kit import DIGEST, LABEL_SET, MadeUpPtbXl, checkpoint, labels, record
from tests.app.test_studies import click
from tests.engine.conftest import made_up_ecg
from tests.review_db.report_kit import answers
from tests.review_db.report_kit import content as report_content

RECORDS = tuple(
    replace(record(number, codes), sex=list(Sex)[number % 2], age=40.0 + number % 20)
    for number, codes in enumerate(["NORM SR"] * 24 + ["AFIB"] * 16 + ["AFIB LVH"] * 8, start=1)
)
SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "checkpoints" / "default.safetensors"
SEXES, BANDS = st.sampled_from([None, *Sex]), st.sampled_from([None, "40-49", "50-59"])


def drawn(codes: str, seed: int, index: int = 0, sex: Sex | None = None, age_band: str | None = None) -> Provenance:
    request = DrawRequest(tuple(codes.split()), sex, 1, seed, guidance=2.0, age_band=age_band, first=index)
    return provenance_of(request, DIGEST)[0]


POOL = (drawn("AFIB", 1, sex=Sex.MALE), drawn("NORM SR", 2, 5), drawn("AFIB", 3, 63), drawn("SR NORM", 4))


def order(pool: tuple[Provenance, ...] = POOL, design: Design = Design.SINGLE, **changes: object) -> StudyOrder:
    shown = findings_of(pool, LABEL_SET)
    asked: dict[str, object] = {
        "arms": (REAL, HAND_PICKED),
        "findings": tuple(map(labels, shown)),
        "numbers": tuple(shown.values()),
        "seed": 7,
        "protocol": StudyProtocol(design=design),
        "drawn_like": DrawRequest(()),
        "pool": in_order_of_cases(pool, LABEL_SET),
    }
    return StudyOrder("Reading", "", **(asked | changes))  # type: ignore[arg-type]


def composed(asked: StudyOrder, drawer: object = None) -> StudyPlan:
    sources = {REAL: PtbXlSource(MadeUpPtbXl(RECORDS))}  # type: ignore[arg-type]
    made = Composition(asked, drawer or MadeUpDrawingAgain(), sources, LABEL_SET)  # type: ignore[arg-type]
    while not made.finished:
        made.advance()
    return made.plan()


def picked_of(plan: StudyPlan) -> list[NewItem]:
    return [item for item in plan.items if item.arm == "Hand-picked ECGs"]


@pytest.mark.parametrize("design", Design)
def test_the_arm_is_the_very_pool_and_every_case_has_a_real_record_with_its_labels(design: Design) -> None:
    drawer = MadeUpDrawingAgain()
    plan = composed(order(design=design), drawer)
    picked = picked_of(plan)
    origins = [Provenance.fromdict({k: v for k, v in i.provenance.items() if k not in ("source", "hand_picked")})
               for i in picked]  # fmt: skip
    assert set(origins) == set(POOL) and len(plan.items) == 8
    for item, origin in zip(picked, origins, strict=True):
        again = made_up_ecg(origin.request().record_seed(origin.index) % 2**32)
        assert item.payload == encode(harmonise(again))
    by_case = {item.case: item for item in plan.items if item.arm == "PTB-XL"}
    assert all((by_case[i.case].labels, by_case[i.case].stated) == (i.labels, i.stated) for i in picked)
    people = {one.ecg_id: one for one in RECORDS}
    male = next(item for item in picked if item.provenance["sex"] == "male")
    assert people[int(str(by_case[male.case].provenance["ecg_id"]))].sex is Sex.MALE
    assert len(drawer.requests) == 1


@settings(max_examples=20, deadline=None)
@given(
    asked=st.lists(st.tuples(st.sampled_from(["NORM SR", "AFIB"]), SEXES, BANDS), min_size=1, max_size=8),
    seed=st.integers(0, 500),
)
def test_sex_and_age_of_the_pool_choose_the_real_records(
    asked: list[tuple[str, Sex | None, str | None]], seed: int
) -> None:
    pool = tuple(drawn(codes, at, sex=sex, age_band=band) for at, (codes, sex, band) in enumerate(asked))
    plan = composed(order(pool, match=tuple(Trait), seed=seed))
    people = {one.ecg_id: one for one in RECORDS}
    real = {item.case: people[int(str(item.provenance["ecg_id"]))] for item in plan.items if item.arm == "PTB-XL"}
    for item in picked_of(plan):
        person, truth = real[item.case], item.provenance
        assert truth["sex"] in (None, person.sex) and truth["age_band"] in (None, age_band_of(person.age))
    assert len({one.patient_id for one in real.values()}) == len(pool)


def test_protocol_and_report_say_plainly_that_they_were_picked_by_hand() -> None:
    arms = {arm.name: arm for arm in composed(order()).arms}
    assert arms["Hand-picked ECGs"].origin is Origin.SYNTHETIC
    assert arms["Hand-picked ECGs"].description.startswith("Hand-picked: 4 ECGs that an investigator chose one by one")
    assert "not a random sample" in arms["Hand-picked ECGs"].description
    assert "Records were chosen to match the hand-picked ECGs in labels and sex" in arms["PTB-XL"].description


@pytest.mark.parametrize(
    ("provenance", "words"),
    [({"hand_picked": True}, "hand-picked, one by one"), ({"source": "completed"}, "of that part")],
)
def test_a_report_names_picking_and_completing_among_its_limitations(provenance: dict[str, object], words: str) -> None:
    whole = report_content(answers(["Ada", "Bob"], 6))
    marked = replace(whole, observations=[replace(one, provenance=provenance) for one in whole.observations])
    assert not any(words in sentence for sentence in limitations(whole))
    assert sum(words in sentence for sentence in limitations(marked)) == 1


def test_beside_the_pool_there_may_be_a_random_sample_with_the_same_labels() -> None:
    plan = composed(order(arms=(REAL, HAND_PICKED, GENERATOR)))
    counts = [sorted(item.labels for item in plan.items if item.arm == arm.name) for arm in plan.arms]
    assert counts[0] == counts[1] == counts[2]
    without_real = composed(order(arms=(HAND_PICKED, SIMULATOR)))
    assert len(picked_of(without_real)) == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pool": ()}, "Your pool is empty"),
        ({"pool": POOL[:3]}, "findings and numbers are those of the pool"),
        ({"protocol": StudyProtocol(practice=2)}, "ask for no practice"),
        ({"arms": (REAL, HAND_PICKED, COMPLETED)}, "choose one of both"),
    ],
)
def test_an_order_with_a_pool_that_makes_no_study_says_what_to_change(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CurationError, match=words):
        replace(order(), **changes)  # type: ignore[arg-type]


def test_an_ecg_that_no_real_record_matches_is_refused_in_words() -> None:
    pool = (drawn("NORM SR", 1, age_band="90+"),)
    with pytest.raises(CurationError, match="only 0 usable .*has just the labels of a hand-picked ECG, and its sex"):
        composed(order(pool, match=tuple(Trait)))


def test_a_checkpoint_that_is_gone_is_named_with_the_remedy(tmp_path: Path) -> None:
    here = [checkpoint(tmp_path)]
    assert not_drawable(POOL, here) is None
    simulated = provenance_of(DrawRequest(("SR",), generator="simulator"), None)
    assert not_drawable(simulated, []) is None
    assert "4 ECGs of your pool cannot be drawn again" in str(not_drawable(POOL, []))
    assert DIGEST[:12] in str(not_drawable(POOL, [])) and "remove them from the pool" in str(not_drawable(POOL, []))


@pytest.mark.slow
def test_the_shipped_model_draws_the_very_ecg_again_and_the_package_could_too(ptbxl_folder: Path) -> None:
    generator = DiffusionGenerator.load(SHIPPED, "cpu")
    like = DrawRequest(("NORM", "SR"), Sex.FEMALE, 3, 11, steps=4)
    *_, three = generator.draw(like)
    pool = tuple(three.provenance[1:])  # type: ignore[union-attr]
    made = Composition(
        order(pool), Completing(generator), {REAL: PtbXlSource(PtbXl(ptbxl_folder, LABEL_SET))}, LABEL_SET
    )
    while not made.finished:
        made.advance()
    items = picked_of(made.plan())
    assert [item.payload for item in items] == [encode(harmonise(ecg)) for ecg in three.ecgs[1:]]  # type: ignore[union-attr]
    assert [request_of(item.provenance) for item in items] == [one.request() for one in pool]


# ------------------------------------------------------------------------------------- from Explore into a study


@pytest.fixture
def app(services: Services, open_app: OpenApp) -> Iterator[AppTest]:
    """Signed in, in Explore, with the pool of the other tests as favourites."""
    signed_in = open_app("studies")
    signed_in.session_state["explore/favourites"] = tuple(map(Favourite, POOL))
    yield explore(signed_in)


def explore(app: AppTest) -> AppTest:
    app.switch_page("screens/explore.py").run()
    assert not app.exception
    return app


def studies(app: AppTest) -> AppTest:
    app.switch_page("screens/studies.py").run()
    return click(app, "New study")


def said(app: AppTest) -> str:
    parts = [*app.caption, *app.info, *app.warning, *app.error, *app.success]
    return " ".join(part.value for part in parts) + " ".join(part.proto.body for part in app.html)


def add(app: AppTest, *left_out: int) -> AppTest:
    box = next(box for box in app.multiselect if box.label == "Favourites")
    box.set_value([value for at, value in enumerate(box.value) if at not in left_out]).run()
    return click(app, "Add to the pool")


def pooled(services: Services) -> list[Provenance]:
    (account,) = (one for one in services.store.accounts() if one.role is Role.INVESTIGATOR)
    return [Provenance.fromdict(one.provenance) for one in services.store.pool(account.id)]


GENERATION = {"generation": MadeUpDrawingAgain(), "ptbxl": MadeUpPtbXl(RECORDS)}


@pytest.mark.parametrize("services", [GENERATION], indirect=True)
def test_chosen_favourites_become_a_studys_arm_and_survive_a_reload(
    app: AppTest, services: Services, open_app: OpenApp
) -> None:
    add(app, 1)
    assert "3 ECGs added to your pool" in said(app) and pooled(services) == [POOL[0], POOL[2], POOL[3]]
    add(app)
    assert pooled(services)[-1] == POOL[1] and "All favourites are in the pool" in said(app)
    form = click(open_app("studies"), "New study")  # another session: a reload
    box = next(box for box in form.checkbox if box.label.startswith("Hand-picked ECGs"))
    assert not box.disabled and not box.value
    next(other for other in form.checkbox if other.label.startswith("SSSD")).set_value(False)
    box.set_value(True).run()
    assert "no random sample" in said(form) and "2 findings × 2 arms × 2 = 8 ECGs" in form.success[0].value
    click(form, "Compose the study").run()
    (study,) = services.store.studies()
    assert [arm.name for arm in study.arms] == ["PTB-XL", "Hand-picked ECGs"] and study.items == 8
    assert "Hand-picked: 4 ECGs" in study.arms[1].description


def test_an_empty_pool_says_how_to_fill_it(open_app: OpenApp) -> None:
    form = click(open_app("studies"), "New study")
    box = next(box for box in form.checkbox if box.label.startswith("Hand-picked ECGs"))
    assert box.disabled and "Your pool is empty: in Explore, keep ECGs as favourites" in said(form)


def choose_pool(form: AppTest) -> AppTest:
    next(box for box in form.checkbox if box.label.startswith("Hand-picked ECGs")).set_value(True).run()
    return form


def test_an_ecg_is_taken_out_of_the_pool_and_brought_back(app: AppTest, services: Services) -> None:
    form = choose_pool(studies(add(app)))
    out = next(box for box in form.multiselect if box.label == "Take out")
    out.set_value([services.store.pool(1)[0].id]).run()
    click(form, "Remove from the pool")
    assert pooled(services) == list(POOL[1:]) and "Removed: AFIB, seed 1, no. 1." in said(form)
    click(form, "Bring back")
    assert pooled(services) == [*POOL[1:], POOL[0]] and "Removed:" not in said(form)


def test_the_last_ecgs_that_are_taken_out_can_be_brought_back_although_the_arm_is_gone_with_them(
    app: AppTest, services: Services
) -> None:
    form = choose_pool(studies(add(app)))
    out = next(box for box in form.multiselect if box.label == "Take out")
    out.set_value([one.id for one in services.store.pool(1)]).run()
    click(form, "Remove from the pool")
    assert pooled(services) == [] and "Your pool is empty" in said(form)
    assert not [box for box in form.multiselect if box.label == "Take out"]
    click(form, "Bring back")
    assert pooled(services) == list(POOL) and "Your pool is empty" not in said(form)


def test_the_form_refuses_a_pool_whose_checkpoint_is_gone(app: AppTest, services: Services) -> None:
    form = choose_pool(studies(add(app)))
    other = [replace(one, digest=64 * "f") for one in services.checkpoints()]
    object.__setattr__(services, "checkpoints", lambda: other)
    form.run()
    assert "cannot be drawn again" in form.warning[0].value and DIGEST[:12] in form.warning[0].value
    assert next(button for button in form.button if button.label == "Compose the study").disabled


def test_a_full_pool_is_answered_in_words(app: AppTest, services: Services) -> None:
    services.store.add_to_pool(1, [drawn("AFIB", seed).asdict() for seed in range(100, 100 + MOST_POOLED - 1)])
    add(explore(app))
    assert f"room for {MOST_POOLED} ECGs, and {MOST_POOLED - 1} are there" in said(app)
    assert len(services.store.pool(1)) == MOST_POOLED - 1


@pytest.mark.parametrize("role", [Role.MONITOR, None])
def test_only_investigators_have_a_pool(role: Role | None, services: Services, open_app: OpenApp) -> None:
    add_monitor(services)
    app = open_app("monitor", role=role) if role else open_app()
    app.session_state["explore/favourites"] = tuple(map(Favourite, POOL))
    explore(app)
    assert any(one.label == "Save the list" for one in app.get("download_button"))
    assert not [box for box in app.multiselect if box.label == "Favourites"]


def test_what_a_pool_keeps_is_json(app: AppTest, services: Services) -> None:
    add(app)
    assert [json.loads(json.dumps(dict(one.provenance))) for one in services.store.pool(1)] == [
        one.asdict() for one in POOL
    ]
