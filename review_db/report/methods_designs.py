"""The methods texts in which pairs and grades differ from single ECGs: how it was read, and the statistics.

Knows: items 8 and 10 of GRRAS for these designs. Does not know: the other items (`methods`).
"""

from collections.abc import Callable, Mapping

from review_db.protocol import Design
from review_db.report.conclusion import decided
from review_db.report.content import Content

OPENED = "An answer was taken after {seconds:g} s at the earliest; the last answer could be corrected."
TWO_WAY = "a bootstrap that draws readers and {what} anew ({draws:,} draws, seed {seed})"
REGISTERED = "The margin ({margin:g}) and alpha ({alpha:g}) are those of the protocol."


def _reading_of_pairs(content: Content) -> str:
    protocol = content.study.protocol
    catch = f" {protocol.catch_pairs} catch pairs per reader showed two ECGs of one origin." * bool(
        protocol.catch_pairs
    )
    return (
        "Each reader saw a real and a synthetic ECG of the same case side by side, with the statement of what both "
        "show, and chose the synthetic one on six steps from certainly left to certainly right, without a middle. "
        f"Sides and order were random for each reader and stored; a repeat had its sides swapped.{catch} "
        f"{OPENED.format(seconds=protocol.minimum_view_seconds)}"
    )


def _reading_of_grades(content: Content) -> str:
    protocol = content.study.protocol
    return (
        "Each reader saw one ECG at a time, with the statement of what it shows, and graded it as a clinical "
        "recording: unusable, poor, acceptable or good. The order was random for each reader and stored. "
        f"{OPENED.format(seconds=protocol.minimum_view_seconds)}"
    )


def _statistics_of_pairs(content: Content) -> str:
    plan = content.found.group("plan")
    return (
        "The share of right choices has an exact 95 % interval, which takes choices as independent, and one by "
        f"{TWO_WAY.format(what='cases', **plan)}. d-prime and the side criterion are those of two-alternative forced "
        "choice (Macmillan & Creelman 2005, chapter 7), with the log-linear correction; catch pairs are not among "
        "them. Right choices were tested against 50 % (exact) and for equivalence to it (two one-sided tests, exact "
        f"and by bootstrap). {decided(content.found)} {REGISTERED.format(**plan)} The ROC curve is that of the signed "
        "confidence, with the synthetic ECG on the right as the signal. Agreement is on which ECG of a case was "
        "chosen, not on which side. p-values of labels and of readers are corrected by Holm's method."
    )


def _statistics_of_grades(content: Content) -> str:
    plan = content.found.group("plan")
    return (
        "Shares of acceptable or good ECGs have exact 95 % intervals, which take grades as independent, and intervals "
        f"by {TWO_WAY.format(what='ECGs', **plan)}; so has their difference. The AUC is the probability that a "
        "synthetic ECG is graded better than a real one, ties half (Mann & Whitney 1947). Equivalence is that of the "
        f"AUC to 0.5 by the bootstrap. {REGISTERED.format(**plan)} Agreement between readers is Krippendorff's ordinal "
        "alpha of the four grades; within readers the quadratically weighted kappa. p-values of labels are corrected "
        "by Holm's method."
    )


TEXTS: Mapping[Design, Mapping[int, Callable[[Content], str]]] = {
    Design.PAIRS: {8: _reading_of_pairs, 10: _statistics_of_pairs},
    Design.GRADED: {8: _reading_of_grades, 10: _statistics_of_grades},
}
