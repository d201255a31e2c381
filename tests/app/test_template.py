"""Study templates: the shipped ones are complete, what is written is read again, and errors name file and key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.composition.curate import CurationError, Trait, parse_finding
from app.composition.template import (
    FOLDER,
    LARGEST_FILE,
    About,
    Ecgs,
    Shown,
    Template,
    TemplateError,
    read,
    shipped,
    write,
)
from app.study_form.arms import default_arms
from app.study_form.form import order_of
from app.study_form.templates import file_name, read_upload
from engine.generators import SAMPLER_CHOICES
from engine.labels import ptbxl_statements
from review_db.protocol import Design, StudyProtocol
from tests.app.study_kit import checkpoint

LABEL_SET = ptbxl_statements()
MINIMAL = '[template]\nname = "A"\n[study]\ntitle = "T"\n[ecgs]\nfindings = ["AFIB"]\nper_arm = 4\n'

# Lines as a form or an editor gives them: no carriage return, which TOML joins to the line feed behind it.
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40)
FINDING = st.sampled_from(["NORM + SR", "AFIB", "LVH", "IMI", "AFIB + LVH"])
FINDINGS = st.lists(FINDING, min_size=1, max_size=5, unique=True).map(tuple)
COUNTS = st.none() | st.integers(1, 50)


@st.composite
def protocols(draw: st.DrawFn) -> StudyProtocol:
    design = draw(st.sampled_from(Design))
    consent = draw(st.sampled_from([("", ""), ('I agree.\nIn two lines with """ and \\.', "1.0")]))
    return StudyProtocol(
        design=design,
        asks_reasons=draw(st.booleans()),
        items_per_reader=draw(COUNTS),
        repeats=draw(st.integers(0, 20)),
        practice=draw(st.integers(0, 20)),
        catch_pairs=draw(st.integers(0, 5)) if design is Design.PAIRS else 0,
        minimum_view_seconds=draw(st.floats(0, 600)),
        maximum_view_seconds=draw(st.none() | st.just(700.0)),
        break_every=draw(COUNTS),
        margin=draw(st.floats(0.01, 0.49)),
        consent=consent[0],
        consent_version=consent[1],
    )


@st.composite
def templates(draw: st.DrawFn) -> Template:
    findings = draw(FINDINGS)
    each = draw(st.none() | st.lists(st.integers(1, 40), min_size=len(findings), max_size=len(findings)))
    ecgs = Ecgs(
        arms=draw(st.sampled_from([("real", "sssd-ecg-nle"), ("own-records", "simulator", "sssd-ecg-nle")])),
        findings=findings if each is None else dict(zip(findings, each, strict=True)),
        per_arm=draw(st.integers(len(findings), 200)) if each is None else None,
        match=draw(st.sampled_from([("labels",), ("labels", "sex"), ("labels", "age band"), tuple(Trait)])),
        ages=draw(st.none() | st.just((40, 79))),
        sampler=draw(st.sampled_from(list(SAMPLER_CHOICES))),
        steps=draw(COUNTS),
        guidance=draw(st.none() | st.floats(0, 5)),
        checkpoint=draw(st.none() | st.just("1c14924c")),
        seed=draw(st.none() | st.integers(0, 2**53 - 1)),
    )
    name = draw(LINES.filter(str.strip))
    return Template(About(name, draw(LINES)), Shown(draw(LINES), draw(LINES)), ecgs, draw(protocols()))


@settings(max_examples=200)
@given(templates())
def test_what_is_written_is_read_again(template: Template) -> None:
    assert read(write(template), "x.toml") == template


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_template_makes_an_order(path: Path) -> None:
    template = shipped()[path.stem]
    assert template.about.summary and template.study.title
    assert all(parse_finding(text, LABEL_SET).codes for text in template.ecgs.findings)
    arms = default_arms({"ptb-xl": None, "sssd-ecg-nle": None}, template.ecgs.arms)
    order = order_of(template, arms, 1, LABEL_SET, None)
    assert order.arms == ("ptb-xl", "sssd-ecg-nle") and order.protocol == template.protocol


def test_the_shipped_templates_show_every_design_and_all_of_a_reading_study() -> None:
    assert {template.protocol.design for template in shipped().values()} == set(Design)
    protocol = shipped()["2-reading-study"].protocol
    assert (
        protocol.consent and protocol.asks_profile and protocol.practice and protocol.repeats and protocol.break_every
    )
    pairs = shipped()["3-pairs"].protocol
    assert pairs.catch_pairs and pairs.practice


def test_what_a_file_leaves_out_has_its_default() -> None:
    template = read(MINIMAL, "x.toml")
    assert template.protocol == StudyProtocol() and template.ecgs.match == ("labels", "sex")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[template", "x.toml is not TOML"),
        (MINIMAL.replace("[study]", "[stdy]"), r"x.toml has no table \[study\]"),
        (MINIMAL + "[extra]\n", "x.toml: extra belongs to no template"),
        (MINIMAL.replace('title = "T"', "").replace("[study]\n", ""), r"no table \[study\]"),
        (MINIMAL.replace('title = "T"', ""), r"x.toml, \[study\] title: Field required"),
        (MINIMAL + "per_am = 3\n", r"x.toml, \[ecgs\] has no key per_am; it may have ages, arms"),
        (MINIMAL.replace("= 4", '= "4"'), r"\[ecgs\] per_arm: Input should be a valid integer"),
        (MINIMAL.replace('["AFIB"]', "3"), r"\[ecgs\] findings: a list of findings, or a table"),
        (MINIMAL.replace('["AFIB"]', "[]"), "findings: name at least one"),
        (MINIMAL.replace('["AFIB"]', "{ AFIB = 4 }"), "per_arm: leave it out"),
        (MINIMAL.replace("= 4", "= 0"), "per_arm: ask for 1 to 200"),
        (MINIMAL + 'match = ["labels", "age"]\n', "match: there are labels, sex, age band"),
        (MINIMAL + 'match = ["sex"]\n', "labels cannot be left out"),
        (MINIMAL + "ages = [70, 40]\n", "the younger first"),
        (MINIMAL + 'arms = ["real", "dream"]\n', "arms: there are real, ptb-xl"),
        (MINIMAL + 'sampler = "magic"\n', "sampler: there are dpmpp2m"),
        (MINIMAL + "steps = 5000\n", "steps: dpmpp2m_sde takes 1 to 200"),
        (MINIMAL + "[protocol]\nrepeat = 3\n", r"x.toml, \[protocol\] A protocol has no repeat"),
        (MINIMAL + "[protocol]\nmargin = 0.7\n", "margin of the accuracy .* must lie between"),
    ],
)
def test_a_wrong_file_is_refused_in_words_that_name_file_and_key(text: str, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        read(text, "x.toml")


def test_the_same_age_band_takes_a_checkpoint_that_knows_age(tmp_path: Path) -> None:
    template = read(MINIMAL + 'match = ["labels", "age band"]\n', "x.toml")
    knowing, ignorant = checkpoint(tmp_path, knows_age=True), checkpoint(tmp_path, knows_age=False)
    order = order_of(template, ("ptb-xl", "sssd-ecg-nle"), 1, LABEL_SET, knowing)
    assert order.match == (Trait.LABELS, Trait.AGE_BAND) and order.matches_age
    with pytest.raises(CurationError, match="^This checkpoint does not know age. Choose another one, or do without"):
        order_of(template, ("ptb-xl", "sssd-ecg-nle"), 1, LABEL_SET, ignorant)
    with pytest.raises(CurationError, match="^The simulator does not know age. Add SSSD-ECG-nle, or do without"):
        order_of(template, ("ptb-xl", "simulator"), 1, LABEL_SET, None)
    assert not order_of(template, ("sssd-ecg-nle", "simulator"), 1, LABEL_SET, ignorant).matches_age


def test_the_same_sex_takes_a_checkpoint_that_knows_sex(tmp_path: Path) -> None:
    kinds = ('["labels", "sex"]', '["labels"]')
    by_sex, by_labels = (read(MINIMAL + f"match = {match}\n", "x.toml") for match in kinds)
    ignorant, arms = replace(checkpoint(tmp_path), knows_sex=False), ("ptb-xl", "sssd-ecg-nle")
    assert order_of(by_sex, arms, 1, LABEL_SET, checkpoint(tmp_path)).matches_sex
    with pytest.raises(CurationError, match="^This checkpoint does not know sex. Choose another one, or do without"):
        order_of(by_sex, arms, 1, LABEL_SET, ignorant)
    assert not order_of(by_labels, arms, 1, LABEL_SET, ignorant).matches_sex
    assert order_of(by_sex, ("ptb-xl", "simulator"), 1, LABEL_SET, None).matches_sex  # which draws either, and says so
    assert not order_of(by_sex, ("sssd-ecg-nle", "simulator"), 1, LABEL_SET, ignorant).matches_sex


def test_an_upload_is_bounded_and_must_be_text() -> None:
    assert read_upload("x.toml", MINIMAL.encode()).study.title == "T"
    with pytest.raises(TemplateError, match="larger than 100 kB"):
        read_upload("x.toml", b"#" * (LARGEST_FILE + 1))
    with pytest.raises(TemplateError, match="UTF-8"):
        read_upload("x.toml", b"\xff\xfe")


def test_a_saved_template_is_named_after_its_study() -> None:
    assert file_name("Pairs, 2nd round!") == "pairs-2nd-round" and file_name("···") == "study"
