"""The methods text, item by item after GRRAS, from what the study really was.

Knows: the fifteen items of the Guidelines for Reporting Reliability and Agreement Studies and what this program can
say to each. What only the authors know is named as theirs to write, never filled in.

Source: Kottner J, Audige L, Brorson S, et al. Guidelines for Reporting Reliability and Agreement Studies (GRRAS) were
proposed. J Clin Epidemiol 2011;64:96-106, table 1 (items put in our own words).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from review_db.protocol_words import shown_words
from review_db.report import methods_designs, methods_protocol, people
from review_db.report.blocks import Block
from review_db.report.conclusion import decided
from review_db.report.content import Content
from review_db.report.ecgs import ecgs_read
from review_db.report.found import is_known
from review_db.report.written import counted, decimal

YOURS = ""
POOLED = (
    "d-prime and AUC of all answers thrown together hold differences of the readers' criteria and come out smaller "
    "than what readers see; those of the readers are means over readers, with intervals by a bootstrap of readers and "
    "ECGs."
)


@dataclass(frozen=True)
class Item:
    """One item of GRRAS: what it asks for, the text, empty where the authors have to write it, and tables below."""

    number: int
    asks: str
    text: str
    more: Sequence[Block] = ()


def methods(content: Content) -> list[Item]:
    """All fifteen items."""
    texts = {**_TEXTS, **methods_designs.TEXTS.get(content.found.design, {})}
    return [
        Item(number, asks, texts.get(number, _theirs)(content), _MORE.get(number, _nothing)(content))
        for number, asks in ASKED.items()
    ]


def _theirs(_: Content) -> str:
    return YOURS


def _nothing(_: Content) -> Sequence[Block]:
    return ()


def _title(content: Content) -> str:
    return f"A blinded reader study of accuracy and agreement: {content.study.title}"


def _device(content: Content) -> str:
    arms = "; ".join(f"{arm.name} ({arm.origin.value})" for arm in content.study.arms)
    return f"12-lead electrocardiograms of these arms: {arms}. {content.display}"


def _sample(content: Content) -> str:
    study, flow, protocol = content.study, content.flow, content.study.protocol
    totals = sorted({reader.total for reader in content.readers})
    each = f"{totals[0]:,} to {totals[-1]:,}" if len(totals) > 1 else f"{totals[0] if totals else 0:,}"
    again = (
        f"{shown_words(protocol.repeats, protocol.design)} came a second time to the same reader, at least "
        f"{counted(protocol.repeat_distance, 'presentation')} later"
        if protocol.repeats
        else "nothing came twice to the same reader"
    )
    return (
        f"Planned were {counted(flow.planned, 'answer')} of {counted(flow.invited, 'reader')}, {each} of each, on "
        f"{counted(study.items, 'ECG')}; {again}. The reason for these numbers is the authors' to give."
    )


def _sampling(content: Content) -> str:
    return (
        f"The program composed the study with the seed {content.study.seed}. {_label_mix(content)} What is stored of "
        "the origin of each arm is listed under Provenance."
    )


def _label_mix(content: Content) -> str:
    """Whether the ECGs that were read carry the same label sets in all arms, as often."""
    mixes: dict[str, Counter[tuple[str, ...]]] = {}
    for labels, arm in [(tuple(sorted(ecg.labels)), ecg.arm) for ecg in ecgs_read(content.observations)]:
        mixes.setdefault(arm, Counter())[labels] += 1
    if len(mixes) > 1 and len({frozenset(mix.items()) for mix in mixes.values()}) == 1:
        return "The ECGs that were read carry the same labels in all arms, as often."
    return "The ECGs that were read do not carry the same labels as often in every arm." if len(mixes) > 1 else ""


def _rating(content: Content) -> str:
    study = content.study
    return " ".join(
        [
            "Each reader saw one ECG at a time, with the statement of what it shows and no other clinical information, "
            "and answered on six steps from certainly real to certainly synthetic, without a middle.",
            _plausibility(study.protocol.asks_plausibility),
            f"An answer was taken after {study.protocol.minimum_view_seconds:g} s at the earliest; the last answer "
            "could be corrected. The order was random for each reader and stored.",
        ]
    )


def _plausibility(asked: bool) -> str:
    if not asked:
        return "Plausibility of the statement was not asked for."
    return "They also said on five steps how plausible the statement is, of real ECGs as of synthetic ones."


def _independence(_: Content) -> str:
    return "Each reader had a link and an order of their own and could see no answer of another reader."


def _statistics(content: Content) -> str:
    found = content.found
    plan = found.group("plan")
    sentences = [
        f"Shares have {_named(content, 'accuracy')} 95 % intervals, d-prime and criterion {_named(content, 'd_prime')} "
        "ones, all of which take ratings as independent.",
        f"Beside them stand intervals by {_named(content, 'accuracy_bootstrap')} ({plan['draws']:,} draws, seed "
        f"{plan['seed']}).",
        f"The population share of a {_named(content, 'accuracy_mixed_model')} is given too."
        if found.group("accuracy_mixed_model")
        else "",
        f"Accuracy was tested against 50 % ({_named(content, 'binomial_test')}) and for equivalence to it within "
        f"{decimal(100 * plan['margin'], 0)} points at alpha {plan['alpha']:g} (two one-sided tests, exact and by "
        f"bootstrap). {decided(found)}",
        POOLED if is_known(found.estimate("d_prime_of_readers")) else "",
        "The ROC curve is that of the signed six-step answer." if found.group("roc") else "",
        "p-values of labels and of readers are corrected by Holm's method.",
        _agreement_words(content),
    ]
    return " ".join(filter(None, sentences))


def _agreement_words(content: Content) -> str:
    if not content.found.group("fleiss_kappa"):
        return "Agreement between readers was not computed, which needs two readers."
    return (
        "Agreement between readers is Fleiss' kappa, Gwet's AC1 and Krippendorff's alpha (real against synthetic, and "
        f"in the order of the six steps), with intervals by {_named(content, 'fleiss_kappa')}."
    )


def _included(content: Content) -> str:
    flow = content.flow
    return (
        f"{counted(flow.began, 'reader')} gave {counted(flow.given, 'answer')} on {counted(flow.items_read, 'ECG')} "
        f"({flow.real_read} real, {flow.synthetic_read} synthetic); {flow.finished} of {flow.invited} readers "
        f"answered all that was theirs, {flow.missing:,} planned answers are missing. Missing answers were left "
        "out, not replaced."
    )


def _estimates(_: Content) -> str:
    return "Under Results, each with its interval, its number of ratings and its method."


def _details(_: Content) -> str:
    return "The data package holds every answer, the analysis as JSON and a codebook."


def _named(content: Content, name: str) -> str:
    return content.found.estimate(name).method


def asked_of_authors(items: Iterable[Item]) -> list[Item]:
    """The items that the program has no text for."""
    return [item for item in items if item.text == YOURS]


ASKED: Mapping[int, str] = {
    1: "Title or abstract says that agreement or reliability was studied",
    2: "The measurement that is judged",
    3: "The population of subjects",
    4: "The population of readers",
    5: "What is known already, and why this study",
    6: "Number of readers, ECGs and repeats, and why",
    7: "How ECGs and readers were sampled",
    8: "How it was read: information, blinding, intervals",
    9: "Were the readings independent?",
    10: "Statistical analysis",
    11: "Readers, ECGs and readings that were included",
    12: "Training and experience of the readers, characteristics of the patients",
    13: "Estimates with their uncertainty",
    14: "What the results mean in practice",
    15: "Detailed results",
}

_TEXTS: Mapping[int, Callable[[Content], str]] = {
    1: _title,
    2: _device,
    4: people.population,
    6: _sample,
    7: _sampling,
    8: _rating,
    9: _independence,
    10: _statistics,
    11: _included,
    12: people.experience,
    13: _estimates,
    15: _details,
}
_MORE: Mapping[int, Callable[[Content], Sequence[Block]]] = {
    8: methods_protocol.conduct,
    12: people.experience_tables,
}
