"""What can be wrong with a table or a question put to it, each a sentence that says what to do."""

from review_db.errors import ReviewError


class InvalidTable(ReviewError, ValueError):
    """The table of ratings cannot be read as one."""


class InvalidTest(ReviewError, ValueError):
    """A margin, a level or a plan that no test can have."""
