"""Which screens a role may open.

Knows: the table. Does not know: what a screen is called or shows (`main`, the screens), who has which role
(`session`). A screen that is not open to a role is not among the pages of its session, so no address leads there; and
the screens ask again themselves (`guard`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from review_db.account import Role

ACCOUNTS, EXPLORE = "accounts", "explore"
# An investigator opens every screen; so does a visitor, who finds the door there and the screen behind it.
OPEN_TO: Mapping[Role, tuple[str, ...]] = {
    Role.READER: ("read",),
    Role.MONITOR: ("monitor", EXPLORE, "planner", ACCOUNTS),
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
