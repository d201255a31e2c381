"""A leak audit with a machine reader, as the engine's audit process answers it."""

from typing import Any

from tests.review_db.scenario import AUDITED

MACHINE: dict[str, Any] = {
    "auc": 0.9312,
    "low": 0.8841,
    "high": 0.9723,
    "null_95": 0.5734,
    "p_value": 0.001,
    "n_real": 100,
    "n_synthetic": 100,
    "accuracy": {"value": 0.865, "low": 0.8098, "high": 0.9091, "n": 200, "method": "exact (Clopper-Pearson)"},
    "pairs": {"value": 0.94, "low": 0.874, "high": 0.9777, "n": 100, "method": "exact (Clopper-Pearson)"},
    "roc": {"false_alarm_rate": [0.0, 0.25, 0.5, 0.75, 1.0], "hit_rate": [0.31, 0.92, 0.97, 0.99, 1.0]},
    "of_real": 100,
    "of_synthetic": 100,
    "interval": "95 % bootstrap over cases",
    "method": "random convolutions and ridge regression",
}
AUDITED_BY_MACHINE: dict[str, Any] = {**AUDITED, "machine_reader": MACHINE}
TELLTALES = ("achine reader", "machine_reader", "0.9312", "0.93 (", "0.8841", "0.865", "86.5", "classifier")
