"""The index of the searched words knows whose rows they are: a department's, a receptionist's."""
import unicodedata

from alembic import op
import sqlalchemy as sa

revision = '20261127'
down_revision = '20261126'
branch_labels = None
depends_on = None

DEPARTMENT = "'δ' || CAST({0}department_id AS TEXT)"
HOST = "CASE WHEN {0}status <> 'draft' THEN 'θ' || CAST({0}host_id AS TEXT) END"
MARKS = {
    'customer': (('department_id',), (DEPARTMENT,)),
    'visitor': (('department_id',), (DEPARTMENT,)),
    'visit': (('department_id', 'host_id', 'status'), (DEPARTMENT, HOST)),
    'room_booking': (('department_id',), (DEPARTMENT,)),
    'dispatch': (('department_id',), (DEPARTMENT,)),
    'hospitality_request': (('department_id',), (DEPARTMENT,)),
    'expense': (('department_id',), (DEPARTMENT,)),
    'complaint': (('department_id',), (DEPARTMENT,)),
    'business_card': ((), ()),
}


def upgrade():
    dialect = op.get_bind().dialect.name
    for table, (columns, marks) in MARKS.items():
        for statement in _dropped(table, dialect):
            op.execute(statement)
        _fold(table)
        for statement in _made(table, dialect, columns, marks):
            op.execute(statement)


def _dropped(table, dialect):
    if dialect == 'postgresql':
        return [f'DROP INDEX ix_{table}_search']
    return [*(f'DROP TRIGGER {table}_search_{on}' for on in ('ai', 'ad', 'au')), f'DROP TABLE {table}_search']


def _made(table, dialect, columns, marks):
    """The index as this release makes it, filled with the rows that are there."""
    if dialect == 'postgresql':
        array = "string_to_array(search_grams, ' ')"
        if marks:
            array += ' || ARRAY[' + ', '.join(mark.format('') for mark in marks) + ']'
        return [f'CREATE INDEX ix_{table}_search ON "{table}" USING gin (({array}))']

    def text(row=''):
        return ' || '.join((f'{row}search_grams', *(f"coalesce(' ' || {mark.format(row)}, '')" for mark in marks)))

    name = f'{table}_search'
    delete = f"INSERT INTO {name}({name}, rowid, search_grams) VALUES ('delete', old.id, {text('old.')});"
    insert = f"INSERT INTO {name}(rowid, search_grams) VALUES (new.id, {text('new.')});"
    watched = ', '.join(('search_grams', *columns))
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5(search_grams, content='', tokenize='unicode61')",
        f'CREATE TRIGGER {name}_ai AFTER INSERT ON {table} BEGIN {insert} END',
        f'CREATE TRIGGER {name}_ad AFTER DELETE ON {table} BEGIN {delete} END',
        f"CREATE TRIGGER {name}_au AFTER UPDATE OF {watched} ON {table} WHEN {text('old.')} <> {text('new.')} BEGIN {delete} {insert} END",
        f'INSERT INTO {name}(rowid, search_grams) SELECT id, {text()} FROM {table}',
        f"INSERT INTO {name}({name}) VALUES ('optimize')",
    ]


def _fold(name):
    """Accented letters lose their accents, and × and ÷ part words, as SQLite's index took them all along: Müller is
    found as Muller, 3×4 as 4."""
    connection, last = op.get_bind(), 0
    table = sa.table(name, sa.column('id'), sa.column('search_grams'))
    while rows := connection.execute(sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(10_000)).all():
        last = rows[-1].id
        for key, grams in rows:
            if any('\u00c0' <= c <= '\u024f' for c in grams):
                folded = ''.join(c for c in unicodedata.normalize('NFD', grams) if not unicodedata.combining(c))
                folded = ' '.join(folded.replace('×', ' ').replace('÷', ' ').split())
                if folded != grams:
                    connection.execute(sa.update(table).where(table.c.id == key).values(search_grams=folded))


def downgrade():
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
