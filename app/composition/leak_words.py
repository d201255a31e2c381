"""What a leak audit found, in the language of the visitor.

Knows: the sentences of `engine.audit.report` and the properties of `engine.audit.features`, which a study keeps in
English; they are recognised by their words. Does not know: how an audit is made, where its words are shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.language.recognised import said
from app.language.words import N_
from app.language.words import gettext as _
from app.wording import numerals

VERDICTS = (
    N_(
        "The arms can be told apart without looking at the heart: AUC {auc} ({low} to {high}), chance reaches {chance}."
    ),
    N_(
        "Taken together, {number} properties tell the arms apart no better than chance: AUC {auc} ({low} to {high}), "
        "chance reaches {chance}."
    ),
    N_(
        "The arms do not differ from chance in anything but physiology: AUC {auc} ({low} to {high}), chance reaches "
        "{chance}."
    ),
)
GIVEAWAYS = (
    N_(
        "{property} gives the arm away (AUC {auc}; typically {real} {unit} in real, {synthetic} {same} in synthetic "
        "ECGs)."
    ),
    N_(
        "{property} by itself separates the arms somewhat (AUC {auc}; typically {real} {unit} in real, {synthetic} "
        "{same} in synthetic ECGs)."
    ),
    N_("{property} gives the arm away (AUC {auc}; in {real} % of real, {synthetic} % of synthetic ECGs)."),
    N_(
        "{property} by itself separates the arms somewhat (AUC {auc}; in {real} % of real, {synthetic} % of synthetic "
        "ECGs)."
    ),
)
BLAMES = (
    N_("Numbers, bytes or times alone tell the arms apart: send both through the same pipeline."),
    N_("What is missing among the measurements below the ECGs, or their step, tells the arms apart: show none."),
    N_("Format says nothing; what is left is noise, baseline or edges that are drawn unlike recorded ones."),
    N_(
        "The best of {number} properties reaches {chance} by chance in one of twenty such audits: a study with more "
        "ECGs would tell."
    ),
)
SENTENCES = (*VERDICTS, *GIVEAWAYS, *BLAMES)
PROPERTIES: Mapping[str, str] = MappingProxyType(
    {
        "amplitude_grid": N_("The finest step between amplitudes"),
        "grid_offset": N_("The distance of amplitudes from their grid"),
        "einthoven_residual": N_("The rounding error of lead III (Einthoven's law)"),
        "goldberger_residual": N_("The rounding error of the augmented leads"),
        "rounding_bias": N_("The side to which augmented leads are rounded"),
        "offset": N_("The offset of the leads from zero (DC)"),
        "missing": N_("The share of missing samples"),
        "clipping": N_("The longest stay at a lead's largest value"),
        "wander": N_("The baseline wander below 0.5 Hz"),
        "below_band_edge": N_("The share of 35 to 40 Hz above 25 Hz"),
        "above_band_edge": N_("The amplitude above 42 Hz"),
        "nyquist": N_("The amplitude at 49 to 50 Hz"),
        "noise_floor": N_("The noise floor between beats"),
        "first_samples": N_("The slope of the first samples"),
        "last_samples": N_("The slope of the last samples"),
        "size": N_("The size of what is sent"),
        "rate": N_("The sampling rate"),
        "timing": N_("The time that serving it takes"),
        "no_heart_rate": N_("A missing heart rate below the ECG"),
        "no_pr": N_("A missing PR interval below the ECG"),
        "no_qrs": N_("A missing QRS duration below the ECG"),
        "no_qt": N_("A missing QT interval below the ECG"),
        "no_qtc_bazett": N_("A missing QTc after Bazett below the ECG"),
        "no_qtc_fridericia": N_("A missing QTc after Fridericia below the ECG"),
        "no_p_axis": N_("A missing P axis below the ECG"),
        "no_qrs_axis": N_("A missing QRS axis below the ECG"),
        "no_t_axis": N_("A missing T axis below the ECG"),
        "measurements_missing": N_("The number of measurements that are missing below the ECG"),
        "measurement_grid": N_("The step of the intervals below the ECG"),
    }
)
SHORT: Mapping[str, str] = MappingProxyType(
    {
        "amplitude_grid": N_("amplitude grid"),
        "grid_offset": N_("grid offset"),
        "einthoven_residual": N_("einthoven residual"),
        "goldberger_residual": N_("goldberger residual"),
        "rounding_bias": N_("rounding bias"),
        "offset": N_("offset"),
        "missing": N_("missing"),
        "clipping": N_("clipping"),
        "wander": N_("wander"),
        "below_band_edge": N_("below band edge"),
        "above_band_edge": N_("above band edge"),
        "nyquist": N_("nyquist"),
        "noise_floor": N_("noise floor"),
        "first_samples": N_("first samples"),
        "last_samples": N_("last samples"),
        "size": N_("size"),
        "rate": N_("rate"),
        "timing": N_("timing"),
        "no_heart_rate": N_("no heart rate"),
        "no_pr": N_("no PR"),
        "no_qrs": N_("no QRS"),
        "no_qt": N_("no QT"),
        "no_qtc_bazett": N_("no QTc (Bazett)"),
        "no_qtc_fridericia": N_("no QTc (Fridericia)"),
        "no_p_axis": N_("no P axis"),
        "no_qrs_axis": N_("no QRS axis"),
        "no_t_axis": N_("no T axis"),
        "measurements_missing": N_("measurements missing"),
        "measurement_grid": N_("measurement grid"),
    }
)
# Translators: where a property comes from
KINDS: Mapping[str, str] = MappingProxyType(
    {"format": N_("format"), "recording": N_("recording"), "measurements": N_("measurements")}
)
_UNITS = (N_("steps"), N_("x the rest"), N_("bytes"), N_("of 9"))
_VALUES = frozenset((*PROPERTIES.values(), *_UNITS))
_BETWEEN = re.compile(r"(?<=\.) (?=[A-Z])")


def in_words(sentences: str) -> str:
    """The sentences of an audit; one that is not among those above stays in English."""
    return " ".join(said(sentence, SENTENCES, _value) for sentence in _BETWEEN.split(sentences))


def property_words(name: str) -> str:
    """A property in short, as a table has it."""
    return _(SHORT.get(name, name.replace("_", " ")))


def kind_words(kind: str) -> str:
    """Where it comes from: the format of numbers, the recording, or the measurements below it."""
    return _(KINDS.get(kind, kind))


def _value(words: str) -> str:
    return _(words) if words in _VALUES else numerals(words)
