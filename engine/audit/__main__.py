"""`python -m engine.audit`: the audit's process where nobody serves ECGs. A person uses `python -m engine audit`."""

from __future__ import annotations

from engine.audit.answering import answer

if __name__ == "__main__":
    answer()
