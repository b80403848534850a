"""How migrations run: on the application's own engine, one at a time, whichever database it is."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from models import db


def render_item(kind, item, autogen_context):
    """Migrations name plain SQL types: a later change of our own types must not change the past."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        plain = item.impl
        return (
            f"sa.String(length={plain.length})"
            if isinstance(plain, sa.String) and plain.length
            else f"sa.{type(plain).__name__}()"
        )
    return False


def include_object(item, name, kind, reflected, compare_to):
    """The search indexes are made by `search.create_search_ddl`, not by metadata."""
    return not (kind in ("table", "index") and name and "_search" in name)


with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        include_object=include_object,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two processes that start together upgrade one after the other.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7284201)"))
        context.run_migrations()
