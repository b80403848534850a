"""Change notices: what a notice said, what changed since, by when and by whom a task is done; another receptionist asked for."""
from alembic import op
import sqlalchemy as sa

revision = '20261125'
down_revision = '20261124'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('notice', sa.Column('due_at', sa.DateTime(), nullable=True))
    op.add_column('notice', sa.Column('content', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('notice', sa.Column('changes', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('notice_receipt', sa.Column('relieved', sa.Boolean(), nullable=False, server_default=sa.false()))
    # As SQL, which both databases take: Alembic would have SQLite copy the table, under the receipts that refer to it.
    op.execute('ALTER TABLE notice_receipt ADD COLUMN responsible_id INTEGER CONSTRAINT fk_notice_receipt_responsible_id REFERENCES "user" (id)')
    for name in ('proposed_host_id', 'proposed_by_id'):
        op.execute(f'ALTER TABLE visit ADD COLUMN {name} INTEGER CONSTRAINT fk_visit_{name} REFERENCES "user" (id)')
    op.add_column('visit', sa.Column('proposed_reason', sa.String(length=300), nullable=False, server_default=''))
    op.create_index('ix_visit_proposed', 'visit', ['planned_start'], unique=False, sqlite_where=sa.text('proposed_host_id IS NOT NULL'), postgresql_where=sa.text('proposed_host_id IS NOT NULL'))
    if op.get_bind().dialect.name != 'sqlite':
        # The defaults only served the rows that were there already.
        for table, column in (('notice', 'content'), ('notice', 'changes'), ('notice_receipt', 'relieved'), ('visit', 'proposed_reason')):
            op.alter_column(table, column, server_default=None)


def downgrade():
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
