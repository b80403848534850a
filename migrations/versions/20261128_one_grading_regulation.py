"""One grading regulation for the company and one for each department: two indexes over columns.

The one they replace stood over an expression, which neither SQLAlchemy nor Alembic can read back and compare.
"""
from alembic import op

revision = '20261128'
down_revision = '20261127'
branch_labels = None
depends_on = None

GRADES = "grades AND status = 'adopted' AND to_version IS NULL"


def upgrade():
    op.execute('DROP INDEX uq_regulation_grading')
    op.execute(f'CREATE UNIQUE INDEX uq_regulation_grading_department ON regulation (department_id) WHERE {GRADES}')
    op.execute(f'CREATE UNIQUE INDEX uq_regulation_grading ON regulation (grades) WHERE {GRADES} AND department_id IS NULL')


def downgrade():
    raise NotImplementedError('Restore the backup that was made before the upgrade.')
