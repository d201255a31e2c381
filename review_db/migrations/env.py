"""Run by Alembic: applies the scripts in `versions/` to the connection that `review_db.database` hands over.

Knows nothing of addresses or settings; there is no alembic.ini.
"""

from alembic import context

from review_db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,  # both databases roll back DDL
)
with context.begin_transaction():
    context.run_migrations()
