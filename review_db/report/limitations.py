"""What the results of a study do not show, in plain words, from what the study was.

Knows: one rule per limitation; a rule answers a sentence, or nothing where it does not apply. A limitation is added
by one entry in RULES.
"""

from collections.abc import Callable, Sequence

from review_db.leak_gate import found, leaks
from review_db.report.content import Content
from review_db.report.ecgs import ecgs_read
from review_db.report.found import estimate_of
from review_db.report.written import counted, decimal, score

FEW_READERS = 5
STRONG_LEANING = 0.67  # criterion of who says the same of 75 % of all ECGs: z(0.75)
FEW_RATINGS = 20  # of one label; an exact interval of 10 in 20 is 46 points wide

Rule = Callable[[Content], str]


def limitations(content: Content) -> list[str]:
    """The sentences that apply to this study."""
    return [words for rule in RULES if (words := rule(content))]


def _one_origin(content: Content) -> str:
    if content.found.has_both:
        return ""
    return "Real and synthetic ECGs were not both rated: nothing here says whether readers can tell them apart."


def _few_readers(content: Content) -> str:
    began = content.flow.began
    if began >= FEW_READERS:
        return ""
    return (
        f"Only {counted(began, 'reader')} took part. So few cannot show how much readers differ, and the result may "
        "not hold for others."
    )


def _missing(content: Content) -> str:
    flow = content.flow
    if not flow.missing:
        return ""
    return (
        f"{flow.missing:,} of {flow.planned:,} planned answers are missing. If readers stopped for a reason that has "
        "to do with the ECGs, the result is biased."
    )


def _leak(content: Content) -> str:
    audit = content.study.leak_audit
    if audit is None:
        return (
            "There was no leak audit: signs that have nothing to do with the heart may have told the arms apart. "
            f"{_reason(content)}"
        ).strip()
    threshold = content.study.protocol.leak_threshold
    return f"{found(audit, threshold)} Readers may have used such signs." if leaks(audit, threshold) else ""


def _reason(content: Content) -> str:
    reason = content.study.leak_reason
    return f"The study was opened without one because: {reason}" if reason else ""


def _margin(content: Content) -> str:
    used, registered = float(content.found.group("plan")["margin"]), content.study.protocol.margin
    if used == registered:
        return ""
    return (
        f"The margin of equivalence of this analysis ({decimal(100 * used, 0)} points) is not the registered one "
        f"({decimal(100 * registered, 0)} points)."
    )


def _small_labels(content: Content) -> str:
    groups = content.found.group("by_label")
    main = {label: estimate_of(group.get("accuracy") or group["auc"]) for label, group in groups.items()}
    small = [label for label, estimate in main.items() if estimate.n < FEW_RATINGS]
    if not small:
        return ""
    return f"Labels with fewer than {FEW_RATINGS} ratings say little by themselves: {', '.join(small)}."


def _flagged(content: Content) -> str:
    flags = content.found.rows("flags")
    if not flags:
        return ""
    words = "; ".join(f"{flag['reader']}: {flag['words']}" for flag in flags)
    return f"Some answers look careless and were kept: {words}."


def _leaning(content: Content) -> str:
    bias, criterion = content.found.group("response_bias"), content.found.estimate("criterion")
    if bias and bias["on_one_side"]:
        who = f"{bias['on_one_side']} of {bias['readers']} readers"
        return (
            f"{who} answered on one side whatever was shown: they are right as often as guessing, which shows nothing."
        )
    if not abs(criterion.value) >= STRONG_LEANING:
        return ""
    return (
        f"Readers leaned strongly to one side (criterion {score(criterion)}). Accuracy near 50 % is then due to the "
        "leaning as well: read it beside sensitivity, specificity and d-prime."
    )


def _notes(content: Content) -> str:
    return " ".join(str(note) for note in content.found.rows("notes"))


def _profiles(content: Content) -> str:
    if all(one.profile for one in content.people) and content.people:
        return ""
    if any(one.profile for one in content.people):
        return "Not all readers said how much training and experience they have."
    return "Training and experience of the readers were not recorded."


def _harmonised(_: Content) -> str:
    return (
        "All ECGs were brought to the same rate, band and resolution before they were shown. The result speaks of ECGs "
        "so prepared, on this display, with the stated finding in sight."
    )


def _hand_picked(content: Content) -> str:
    if not any(ecg.provenance.get("hand_picked") for ecg in ecgs_read(content.observations)):
        return ""
    return (
        "Synthetic ECGs were hand-picked, one by one, by an investigator. They are no random sample: the result speaks "
        "of these ECGs, not of what the generator draws."
    )


def _completed(content: Content) -> str:
    if not any(ecg.provenance.get("source") == "completed" for ecg in ecgs_read(content.observations)):
        return ""
    return (
        "ECGs that count as synthetic were real records of which a model drew a part; the rest is as it was recorded. "
        "The result speaks of that part, and not of ECGs that are synthetic as a whole."
    )


RULES: Sequence[Rule] = (
    _one_origin,
    _hand_picked,
    _completed,
    _few_readers,
    _missing,
    _leak,
    _margin,
    _small_labels,
    _flagged,
    _leaning,
    _notes,
    _profiles,
    _harmonised,
)
