"""Stored findings and notices mark their texts ({"msgid": …}), so that data are never taken for them.

Until now a label lay there as a bare word; which values of a finding are labels is known by their names.
"""
from alembic import op
import sqlalchemy as sa

revision = '20261126'
down_revision = '20261125'
branch_labels = None
depends_on = None

LABELS = {'fields', 'classes', 'kinds', 'roles', 'what', 'offers', 'kind', 'measures', 'purposes', 'targets', 'stages', 'state', 'role'}


def upgrade():
    for table, columns in (('recorded_finding', ('values',)), ('current_finding', ('values', 'way_out_values'))):
        _change(table, columns, _marked)
    _change('notice', ('content',), lambda content: _itinerary(content, _line))
    _change('notice', ('changes',), lambda changes: _itinerary(changes, lambda lines: [_line(line) for line in lines]))


def _change(name, columns, change):
    """Rewrite the JSON `columns` of table `name`, a thousand rows at a time."""
    connection, last = op.get_bind(), 0
    table = sa.table(name, sa.column('id'), *(sa.column(column, sa.JSON) for column in columns))
    while rows := connection.execute(sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(1000)).all():
        last = rows[-1].id
        for row in rows:
            old = {column: row._mapping[column] or {} for column in columns}
            new = {column: change(value) for column, value in old.items()}
            if new != old:
                connection.execute(sa.update(table).where(table.c.id == row.id).values({table.c[c]: v for c, v in new.items()}))


def _marked(values):
    return {key: _text(value) if key in LABELS else value for key, value in values.items()}


def _text(value):
    if isinstance(value, list):
        return [_text(part) for part in value]
    return {'msgid': value} if isinstance(value, str) else value


def _itinerary(fields, change):
    """The lines of a notice's itinerary: a moment, then the label of its kind, then words."""
    return fields | {'itinerary': [change(line) for line in fields['itinerary']]} if 'itinerary' in fields else fields


def _line(atoms):
    at = next((i for i, atom in enumerate(atoms) if isinstance(atom, str) and not atom.startswith('@')), None)
    return atoms if at is None else [*atoms[:at], {'msgid': atoms[at]}, *atoms[at + 1:]]


def downgrade():
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
