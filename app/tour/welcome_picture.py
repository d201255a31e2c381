"""Draws assets/welcome.svg with the default checkpoint: `python -m app.tour.welcome_picture`.

Knows: which ECG it is. Run it again whenever another checkpoint is shipped.
"""

from __future__ import annotations

import time

from app.settings import load_settings
from app.tour import wanted
from app.tour.drawing import WELCOME_PICTURE
from app.tour.pictures import page_svg
from engine.generators import Drawn
from engine.harmonise import harmonise
from engine.jobs import GenerationService

POLL_SECONDS = 0.2


def main() -> None:
    """Draw it and write it; the file tells from what it can be drawn again."""
    service = GenerationService(load_settings().checkpoints)
    try:
        drawn = _drawn(service)
    finally:
        service.close()
    origin = f"<!-- {drawn.provenance[0].asdict()} -->"
    WELCOME_PICTURE.write_text(f"{page_svg(harmonise(drawn.ecgs[0]))}{origin}\n", encoding="utf-8")


def _drawn(service: GenerationService) -> Drawn:
    """Raises RuntimeError with the worker's reason."""
    job = service.submit(wanted.film(wanted.repertoire(has_model=True)))
    while not (status := service.status(job)).state.is_over:
        time.sleep(POLL_SECONDS)
    if status.drawn is None:
        raise RuntimeError(status.error)
    return status.drawn


if __name__ == "__main__":
    main()
