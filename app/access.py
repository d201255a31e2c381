"""Which screens a role may open.

Knows: the table. Does not know: what a screen is called or shows (`main`, the screens), who has which role
(`session`). A screen that is not open to a role is not among the pages of its session, so no address leads there; and
the screens ask again themselves (`guard`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from review_db.account import Role

ACCOUNTS, EXPLORE, WELCOME, TOUR = "accounts", "explore", "welcome", "tour"
DRAWING = ("labels", "drawing", "shown")  # in the address of Explore
# An investigator opens every screen; so does a visitor, who finds the door there and the screen behind it.
OPEN_TO: Mapping[Role, tuple[str, ...]] = {
    Role.READER: ("read",),
    Role.MONITOR: ("monitor", EXPLORE, "planner", ACCOUNTS, WELCOME, TOUR),
}


def screens_for(role: Role | None, screens: Iterable[str], is_setup: bool = False) -> list[str]:
    """Those of `screens` that a session of this role has, the first of them its home. A session that was opened by a
    set-up link has the door only, until its person has a role.
    """
    present = list(screens)
    if role is None and is_setup:
        return [ACCOUNTS]
    if role not in OPEN_TO:
        return present
    return [name for name in OPEN_TO[role] if name in present]


def home(allowed: Sequence[str], address: Container[str], path: str = "") -> str:
    """Which of the screens of a session the bare address opens: the first one.

    Where that is the welcome, a bare address that holds a request for ECGs opens Explore: so do links to drawings. The
    home of a session has no path of its own, so whoever is on Explore's path stays there.
    """
    holds_drawing = any(name in address for name in DRAWING) and not path.rstrip("/").endswith(f"/{EXPLORE}")
    return EXPLORE if holds_drawing and allowed[0] == WELCOME else allowed[0]
