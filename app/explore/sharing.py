"""An ECG as an address: labels, seed and number in a link draw the same ECG again, wherever the checkpoint is.

Knows: which request an ECG comes from, how a link to it reads. Does not know: widgets, jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

from app.explore.link import to_address
from engine.generators import DrawRequest, Provenance
from engine.labels import Sex

CHECKPOINT_LETTERS = 12  # of the digest, as the form writes them
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


def request_of(provenance: Provenance, count: int) -> DrawRequest:
    """The request whose ECG no. provenance.index this is, for the first `count` ECGs of it; count must exceed index."""
    sampled = {"sampler": provenance.sampler, "steps": provenance.steps} if provenance.sampler else {}
    return DrawRequest(
        labels=provenance.labels,
        sex=Sex(provenance.sex) if provenance.sex else None,
        count=count,
        seed=provenance.seed,
        generator=provenance.generator,
        guidance=provenance.guidance,
        checkpoint=provenance.checkpoint[:CHECKPOINT_LETTERS] if provenance.checkpoint else None,
        age_band=provenance.age_band,
        towards=provenance.towards,
        share=provenance.share,
        **sampled,  # type: ignore[arg-type]
    )


def query(provenance: Provenance, count: int, more: Mapping[str, str] = NOTHING_MORE) -> str:
    """The part of an address after the question mark; `ecg` counts from 1. more: what else it says."""
    return urlencode(to_address(request_of(provenance, count)) | {"ecg": str(provenance.index + 1), **more})


def link(page: str | None, provenance: Provenance, count: int, more: Mapping[str, str] = NOTHING_MORE) -> str:
    """The whole address, from that of the page as this browser reaches it."""
    parts = urlsplit(page or "http://localhost:8501/")
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}?{query(provenance, count, more)}"
