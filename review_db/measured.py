"""The measurements that stand below an ECG, where the protocol says so: which there are, and in which form.

Knows: their names and that all are whole numbers, so that their form says nothing of the arm. Does not know: how an ECG
is measured, what a payload means.
"""

from collections.abc import Mapping
from types import MappingProxyType

Measured = Mapping[str, int | None]  # by name; None where the signal does not carry it

NAMES = (
    "heart_rate",
    "pr_ms",
    "qrs_ms",
    "qt_ms",
    "qtc_bazett_ms",
    "qtc_fridericia_ms",
    "p_axis_deg",
    "qrs_axis_deg",
    "t_axis_deg",
)
NOTHING: Measured = MappingProxyType(dict.fromkeys(NAMES))


def is_whole(measured: Measured) -> bool:
    """True for all of the names and no other, each a whole number or nothing."""
    values = measured.values()
    return set(measured) == set(NAMES) and all(value is None or type(value) is int for value in values)


def in_order(stored: Mapping[str, object]) -> dict[str, int | None]:
    """What a database gave back, in the order of the names; what it lacks is nothing."""
    values = ((name, stored.get(name)) for name in NAMES)
    return {name: value if isinstance(value, int) else None for name, value in values}
