"""A request for ECGs as part of the page's address, so that a reload or a shared link brings it back.

Knows: the names in the address. Does not know: Streamlit, jobs.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.generators import DrawRequest, RequestError
from engine.labels import LabelSet, Sex, UnknownLabel

ADDRESS_NAMES = (
    "labels", "sex", "age_band", "count", "seed", "sampler", "steps", "generator", "guidance", "checkpoint"
)  # fmt: skip


def to_address(request: DrawRequest) -> dict[str, str]:
    """Every field of a request as text; a sex, age band, guidance or checkpoint that is left open is left out."""
    values = request.asdict() | {"labels": ",".join(request.labels)}
    return {name: str(values[name]) for name in ADDRESS_NAMES if values[name] is not None}


def from_address(address: Mapping[str, str], label_set: LabelSet, largest_count: int) -> DrawRequest | None:
    """Inverse of to_address; None where the address holds no request or one that cannot be met."""
    if "labels" not in address:
        return None
    given: dict[str, str] = {name: address[name] for name in ADDRESS_NAMES if name in address}
    try:
        request = _parse(given, label_set).check(label_set)
    except (RequestError, UnknownLabel, ValueError):
        return None
    return request if request.count <= largest_count else None


def _parse(given: Mapping[str, str], label_set: LabelSet) -> DrawRequest:
    codes = [code for code in given["labels"].split(",") if code]
    numbers = {name: int(given[name]) for name in ("count", "seed", "steps") if name in given}
    numbers |= {"guidance": float(given["guidance"])} if "guidance" in given else {}
    words = {name: given[name] for name in ("sampler", "generator", "checkpoint", "age_band") if name in given}
    sex = Sex(given["sex"]) if "sex" in given else None
    return DrawRequest(label_set.select(codes).codes, sex, **numbers, **words)  # type: ignore[arg-type]
