"""What an installation of a team is made of: PostgreSQL from the store's tests."""

from tests.review_db.conftest import server as server  # a fixture
