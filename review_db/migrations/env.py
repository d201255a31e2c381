"""Run by Alembic: applies the scripts in `versions/` to the connection that `review_db.database` hands over.

A store from before events had seals (0005) is sealed as it is found, in the same transaction, by the program that then
fits it. Knows nothing of addresses or settings; there is no alembic.ini.
"""

from datetime import UTC, datetime

from alembic import context
from sqlalchemy.orm import Session

from review_db.anchoring import anchor
from review_db.tables import Base

WITHOUT_SEALS = {None, "0001", "0002", "0003", "0004"}
connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,  # both databases roll back DDL
)
with context.begin_transaction():
    before = context.get_context().get_current_revision()
    context.run_migrations()
    if before in WITHOUT_SEALS and context.get_context().get_current_revision() not in WITHOUT_SEALS:
        with Session(connection) as session, session.begin():
            anchor(session, datetime.now(UTC))
