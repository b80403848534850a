"""The first tables, with their indexes for searching by words."""
from alembic import op
import sqlalchemy as sa



SEARCHED = ('customer', 'visitor', 'visit', 'room_booking', 'dispatch', 'hospitality_request', 'expense')

# revision identifiers, used by Alembic.
revision = '20261123'
down_revision = None
branch_labels = None
depends_on = None


def search_ddl(table, dialect):
    """The index of the searched words as this release made it."""
    if dialect == 'postgresql':
        return [f"CREATE INDEX ix_{table}_search ON \"{table}\" USING gin (string_to_array(search_grams, ' '))"]
    name = f'{table}_search'
    delete = f"INSERT INTO {name}({name}, rowid, search_grams) VALUES ('delete', old.id, old.search_grams);"
    insert = f'INSERT INTO {name}(rowid, search_grams) VALUES (new.id, new.search_grams);'
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5(search_grams, content='{table}', content_rowid='id', tokenize='unicode61')",
        f'CREATE TRIGGER {name}_ai AFTER INSERT ON {table} BEGIN {insert} END',
        f'CREATE TRIGGER {name}_ad AFTER DELETE ON {table} BEGIN {delete} END',
        f'CREATE TRIGGER {name}_au AFTER UPDATE OF search_grams ON {table} WHEN old.search_grams <> new.search_grams BEGIN {delete} {insert} END',
    ]


def upgrade():
    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=24), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('category', name=op.f('uq_account_category'))
    )
    op.create_table('department',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_department')),
    sa.UniqueConstraint('code', name=op.f('uq_department_code')),
    sa.UniqueConstraint('name', name=op.f('uq_department_name'))
    )
    op.create_table('driver',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('licence_class', sa.String(length=6), nullable=False),
    sa.Column('licence_until', sa.Date(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_driver'))
    )
    op.create_table('gift',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('specification', sa.String(length=60), nullable=False),
    sa.Column('unit', sa.String(length=10), nullable=False),
    sa.Column('unit_cost', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('important', sa.Boolean(), nullable=False),
    sa.Column('minimum', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('unit_cost >= 0', name=op.f('ck_gift_cost')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gift')),
    sa.UniqueConstraint('code', name=op.f('uq_gift_code'))
    )
    op.create_table('grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=24), nullable=False),
    sa.Column('permission', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grant')),
    sa.UniqueConstraint('role', 'permission', name=op.f('uq_grant_role_permission'))
    )
    op.create_table('meeting_room',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('location', sa.String(length=60), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('equipment', sa.String(length=120), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('capacity > 0', name=op.f('ck_meeting_room_capacity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_room')),
    sa.UniqueConstraint('name', name=op.f('uq_meeting_room_name'))
    )
    op.create_table('number_sequence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('prefix', sa.String(length=4), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_number_sequence')),
    sa.UniqueConstraint('prefix', 'day', name=op.f('uq_number_sequence_prefix_day'))
    )
    op.create_table('rulebook_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rulebook_version'))
    )
    op.create_table('setting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_setting')),
    sa.UniqueConstraint('key', name=op.f('uq_setting_key'))
    )
    op.create_table('vehicle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plate', sa.String(length=12), nullable=False),
    sa.Column('model', sa.String(length=40), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('odometer', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vehicle')),
    sa.UniqueConstraint('plate', name=op.f('uq_vehicle_plate'))
    )
    op.create_table('regulation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('title_en', sa.String(length=120), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('grades', sa.Boolean(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('effective_from', sa.Date(), nullable=True),
    sa.Column('effective_until', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_regulation_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regulation'))
    )
    with op.batch_alter_table('regulation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_regulation_origin_id'), ['origin_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_regulation_to_version'), ['to_version'], unique=False)
        batch_op.create_index('uq_regulation_code', ['code'], unique=True, sqlite_where=sa.text('to_version IS NULL'), postgresql_where=sa.text('to_version IS NULL'))

    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('token', sa.String(length=40), nullable=False),
    sa.Column('locale', sa.String(length=12), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_user_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('token', name=op.f('uq_user_token')),
    sa.UniqueConstraint('username', name=op.f('uq_user_username'))
    )
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_department_id'), ['department_id'], unique=False)

    op.create_table('approval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=24), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('clause', sa.String(length=80), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=True),
    sa.Column('urged_on', sa.Date(), nullable=True),
    sa.Column('decision', sa.String(length=24), nullable=True),
    sa.Column('decider_id', sa.Integer(), nullable=True),
    sa.Column('on_behalf_of_id', sa.Integer(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['decider_id'], ['user.id'], name=op.f('fk_approval_decider_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_approval_department_id')),
    sa.ForeignKeyConstraint(['on_behalf_of_id'], ['user.id'], name=op.f('fk_approval_on_behalf_of_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval')),
    sa.UniqueConstraint('subject', 'subject_id', 'round', 'step', name=op.f('uq_approval_subject_subject_id_round_step'))
    )
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.create_index('ix_approval_decider', ['decider_id', 'decided_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_approval_number'), ['number'], unique=False)
        batch_op.create_index('ix_approval_open', ['role', 'department_id', 'subject', 'subject_id'], unique=False, sqlite_where=sa.text('opened_at IS NOT NULL AND decided_at IS NULL'), postgresql_where=sa.text('opened_at IS NOT NULL AND decided_at IS NULL'))
        batch_op.create_index('uq_approval_decider', ['subject', 'subject_id', 'round', 'decider_id'], unique=True, sqlite_where=sa.text('decider_id IS NOT NULL'), postgresql_where=sa.text('decider_id IS NOT NULL'))

    op.create_table('clause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('regulation_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=True),
    sa.Column('terms', sa.JSON(), nullable=False),
    sa.Column('applies', sa.Boolean(), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['regulation_id'], ['regulation.id'], name=op.f('fk_clause_regulation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clause'))
    )
    with op.batch_alter_table('clause', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clause_origin_id'), ['origin_id'], unique=False)
        batch_op.create_index('ix_clause_regulation', ['regulation_id', 'number'], unique=False)
        batch_op.create_index(batch_op.f('ix_clause_to_version'), ['to_version'], unique=False)

    op.create_table('customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('short_name', sa.String(length=30), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('contact', sa.String(length=40), nullable=False),
    sa.Column('address', sa.String(length=120), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('contact_days', sa.Integer(), nullable=True),
    sa.Column('remarks', sa.Text(), nullable=False),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_customer_department_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_customer_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('name', name=op.f('uq_customer_name'))
    )
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.create_index('ix_customer_department', ['department_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_kind'), ['kind'], unique=False)

    op.create_table('delegation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('delegator_id', sa.Integer(), nullable=False),
    sa.Column('delegate_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('delegator_id <> delegate_id', name=op.f('ck_delegation_other')),
    sa.CheckConstraint('until >= since', name=op.f('ck_delegation_span')),
    sa.ForeignKeyConstraint(['delegate_id'], ['user.id'], name=op.f('fk_delegation_delegate_id')),
    sa.ForeignKeyConstraint(['delegator_id'], ['user.id'], name=op.f('fk_delegation_delegator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation'))
    )
    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.create_index('ix_delegation_delegate', ['delegate_id', 'until'], unique=False)

    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('on_behalf_of_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=30), nullable=False),
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('from_state', sa.String(length=24), nullable=False),
    sa.Column('to_state', sa.String(length=24), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('clauses', sa.JSON(), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_event_actor_id')),
    sa.ForeignKeyConstraint(['on_behalf_of_id'], ['user.id'], name=op.f('fk_event_on_behalf_of_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_action'), ['action'], unique=False)
        batch_op.create_index('ix_event_actor', ['actor_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_event_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_event_number'), ['number'], unique=False)
        batch_op.create_index('ix_event_row', ['subject', 'subject_id', 'id'], unique=False)

    op.create_table('user_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=24), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_user_role_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_role')),
    sa.UniqueConstraint('user_id', 'role', name=op.f('uq_user_role_user_id_role'))
    )
    with op.batch_alter_table('user_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_role_role'), ['role'], unique=False)
        batch_op.create_index(batch_op.f('ix_user_role_user_id'), ['user_id'], unique=False)

    op.create_table('approval_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clause_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('rank_from', sa.Integer(), nullable=False),
    sa.Column('rank_to', sa.Integer(), nullable=False),
    sa.Column('amount_from', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('only_if', sa.String(length=24), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=24), nullable=False),
    sa.Column('when_vacant', sa.String(length=24), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('rank_from <= rank_to', name=op.f('ck_approval_rule_ranks')),
    sa.ForeignKeyConstraint(['clause_id'], ['clause.id'], name=op.f('fk_approval_rule_clause_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval_rule'))
    )
    with op.batch_alter_table('approval_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_approval_rule_clause_id'), ['clause_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_approval_rule_origin_id'), ['origin_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_approval_rule_to_version'), ['to_version'], unique=False)

    op.create_table('reception_level',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clause_id', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('qualifies', sa.String(length=200), nullable=False),
    sa.Column('hosts', sa.String(length=200), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['clause_id'], ['clause.id'], name=op.f('fk_reception_level_clause_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reception_level'))
    )
    with op.batch_alter_table('reception_level', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reception_level_clause_id'), ['clause_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reception_level_origin_id'), ['origin_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reception_level_to_version'), ['to_version'], unique=False)

    op.create_table('recorded_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('clauses', sa.JSON(), nullable=False),
    sa.Column('msgid', sa.Text(), nullable=False),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_recorded_finding_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recorded_finding'))
    )
    with op.batch_alter_table('recorded_finding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recorded_finding_event_id'), ['event_id'], unique=False)
        batch_op.create_index('ix_recorded_finding_row', ['subject', 'subject_id'], unique=False)

    op.create_table('spending_cap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clause_id', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('per_guest', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('per_guest >= 0', name=op.f('ck_spending_cap_amount')),
    sa.ForeignKeyConstraint(['clause_id'], ['clause.id'], name=op.f('fk_spending_cap_clause_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spending_cap'))
    )
    with op.batch_alter_table('spending_cap', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_spending_cap_clause_id'), ['clause_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_spending_cap_origin_id'), ['origin_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_spending_cap_to_version'), ['to_version'], unique=False)

    op.create_table('visitor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('gender', sa.String(length=24), nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('phone_hash', sa.String(length=64), nullable=True),
    sa.Column('identity_no', sa.Text(), nullable=True),
    sa.Column('identity_hash', sa.String(length=64), nullable=True),
    sa.Column('diet', sa.String(length=80), nullable=False),
    sa.Column('assistance', sa.String(length=80), nullable=False),
    sa.Column('blacklisted', sa.Boolean(), nullable=False),
    sa.Column('blacklist_reason', sa.String(length=200), nullable=False),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_visitor_customer_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_visitor_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visitor'))
    )
    with op.batch_alter_table('visitor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visitor_blacklisted'), ['blacklisted'], unique=False)
        batch_op.create_index(batch_op.f('ix_visitor_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_visitor_department', ['department_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visitor_identity_hash'), ['identity_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_visitor_phone_hash'), ['phone_hash'], unique=False)

    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('category', sa.String(length=24), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=True),
    sa.Column('lead_guest', sa.String(length=60), nullable=False),
    sa.Column('guest_count', sa.Integer(), nullable=False),
    sa.Column('planned_start', sa.DateTime(), nullable=False),
    sa.Column('planned_end', sa.DateTime(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('host_confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('area', sa.String(length=24), nullable=False),
    sa.Column('letter_no', sa.String(length=60), nullable=False),
    sa.Column('budget', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('walk_in', sa.Boolean(), nullable=False),
    sa.Column('unrelated_sales', sa.Boolean(), nullable=False),
    sa.Column('remarks', sa.Text(), nullable=False),
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('rescheduled_from_id', sa.Integer(), nullable=True),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('guest_count >= 1', name=op.f('ck_visit_guests')),
    sa.CheckConstraint('planned_end >= planned_start', name=op.f('ck_visit_span')),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_visit_applicant_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_visit_customer_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_visit_department_id')),
    sa.ForeignKeyConstraint(['host_id'], ['user.id'], name=op.f('fk_visit_host_id')),
    sa.ForeignKeyConstraint(['level_id'], ['reception_level.id'], name=op.f('fk_visit_level_id')),
    sa.ForeignKeyConstraint(['rescheduled_from_id'], ['visit.id'], name=op.f('fk_visit_rescheduled_from_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('number', name=op.f('uq_visit_number'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_applicant', ['applicant_id', 'status'], unique=False)
        batch_op.create_index('ix_visit_created', ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_visit_department_start', ['department_id', 'planned_start', 'id', 'host_id', 'status'], unique=False)
        batch_op.create_index('ix_visit_department_status', ['department_id', 'status', 'planned_start', 'id'], unique=False)
        batch_op.create_index('ix_visit_host_start', ['host_id', 'planned_start', 'id'], unique=False)
        batch_op.create_index('ix_visit_level_start', ['level_id', 'planned_start', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_rescheduled_from_id'), ['rescheduled_from_id'], unique=False)
        batch_op.create_index('ix_visit_start', ['planned_start', 'id', 'department_id', 'host_id', 'status'], unique=False)
        batch_op.create_index('ix_visit_status_start', ['status', 'planned_start', 'id', 'department_id', 'host_id'], unique=False)

    op.create_table('dispatch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('pick_up', sa.String(length=80), nullable=False),
    sa.Column('destination', sa.String(length=80), nullable=False),
    sa.Column('flight', sa.String(length=20), nullable=False),
    sa.Column('passengers', sa.Integer(), nullable=False),
    sa.Column('out_planned', sa.DateTime(), nullable=False),
    sa.Column('back_planned', sa.DateTime(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.Column('driver_id', sa.Integer(), nullable=True),
    sa.Column('out_at', sa.DateTime(), nullable=True),
    sa.Column('back_at', sa.DateTime(), nullable=True),
    sa.Column('odometer_out', sa.Integer(), nullable=True),
    sa.Column('odometer_back', sa.Integer(), nullable=True),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('back_planned > out_planned', name=op.f('ck_dispatch_span')),
    sa.CheckConstraint('odometer_back >= odometer_out', name=op.f('ck_dispatch_odometer')),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_dispatch_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_dispatch_department_id')),
    sa.ForeignKeyConstraint(['driver_id'], ['driver.id'], name=op.f('fk_dispatch_driver_id')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_dispatch_vehicle_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_dispatch_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatch')),
    sa.UniqueConstraint('number', name=op.f('uq_dispatch_number'))
    )
    with op.batch_alter_table('dispatch', schema=None) as batch_op:
        batch_op.create_index('ix_dispatch_department', ['department_id', 'out_planned', 'id'], unique=False)
        batch_op.create_index('ix_dispatch_driver', ['driver_id', 'out_planned'], unique=False)
        batch_op.create_index('ix_dispatch_start', ['out_planned', 'id'], unique=False)
        batch_op.create_index('ix_dispatch_status', ['status', 'out_planned', 'id'], unique=False)
        batch_op.create_index('ix_dispatch_vehicle', ['vehicle_id', 'out_planned'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispatch_visit_id'), ['visit_id'], unique=False)

    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('issuer', sa.String(length=80), nullable=False),
    sa.Column('sealed', sa.Boolean(), nullable=False),
    sa.Column('filename', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user.id'], name=op.f('fk_evidence_uploaded_by_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_evidence_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_visit_id'), ['visit_id'], unique=False)

    op.create_table('hospitality_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('category', sa.String(length=24), nullable=False),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('guests', sa.Integer(), nullable=False),
    sa.Column('escort_count', sa.Integer(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_hospitality_request_amount')),
    sa.CheckConstraint('escort_count >= 0', name=op.f('ck_hospitality_request_escorts')),
    sa.CheckConstraint('guests >= 1', name=op.f('ck_hospitality_request_guests')),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_hospitality_request_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_hospitality_request_department_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_hospitality_request_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hospitality_request')),
    sa.UniqueConstraint('number', name=op.f('uq_hospitality_request_number'))
    )
    with op.batch_alter_table('hospitality_request', schema=None) as batch_op:
        batch_op.create_index('ix_hospitality_request_department', ['department_id', 'planned_on', 'id'], unique=False)
        batch_op.create_index('ix_hospitality_request_on', ['planned_on', 'id'], unique=False)
        batch_op.create_index('ix_hospitality_request_status', ['status', 'planned_on', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_hospitality_request_visit_id'), ['visit_id'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['issued_by_id'], ['user.id'], name=op.f('fk_notice_issued_by_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_notice_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_visit_id'), ['visit_id'], unique=False)

    op.create_table('room_booking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('starts_at', sa.DateTime(), nullable=False),
    sa.Column('ends_at', sa.DateTime(), nullable=False),
    sa.Column('attendees', sa.Integer(), nullable=False),
    sa.Column('needs', sa.String(length=200), nullable=False),
    sa.Column('restored_note', sa.String(length=200), nullable=False),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('attendees >= 1', name=op.f('ck_room_booking_attendees')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_room_booking_span')),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_room_booking_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_room_booking_department_id')),
    sa.ForeignKeyConstraint(['room_id'], ['meeting_room.id'], name=op.f('fk_room_booking_room_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_room_booking_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room_booking')),
    sa.UniqueConstraint('number', name=op.f('uq_room_booking_number'))
    )
    with op.batch_alter_table('room_booking', schema=None) as batch_op:
        batch_op.create_index('ix_room_booking_department', ['department_id', 'starts_at', 'id'], unique=False)
        batch_op.create_index('ix_room_booking_room', ['room_id', 'starts_at', 'id'], unique=False)
        batch_op.create_index('ix_room_booking_start', ['starts_at', 'id'], unique=False)
        batch_op.create_index('ix_room_booking_status', ['status', 'starts_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_room_booking_visit_id'), ['visit_id'], unique=False)

    op.create_table('visit_escort',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('duty', sa.String(length=60), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_visit_escort_user_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_escort_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_escort')),
    sa.UniqueConstraint('visit_id', 'user_id', name=op.f('uq_visit_escort_visit_id_user_id'))
    )
    with op.batch_alter_table('visit_escort', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_escort_visit_id'), ['visit_id'], unique=False)

    op.create_table('visit_guest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visitor_id', sa.Integer(), nullable=False),
    sa.Column('is_lead', sa.Boolean(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_guest_visit_id')),
    sa.ForeignKeyConstraint(['visitor_id'], ['visitor.id'], name=op.f('fk_visit_guest_visitor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_guest')),
    sa.UniqueConstraint('visit_id', 'visitor_id', name=op.f('uq_visit_guest_visit_id_visitor_id'))
    )
    with op.batch_alter_table('visit_guest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_guest_visit_id'), ['visit_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_guest_visitor_id'), ['visitor_id'], unique=False)

    op.create_table('checkin',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('guest_id', sa.Integer(), nullable=False),
    sa.Column('arrived_at', sa.DateTime(), nullable=False),
    sa.Column('left_at', sa.DateTime(), nullable=True),
    sa.Column('badge_no', sa.String(length=12), nullable=False),
    sa.Column('identity_checked', sa.Boolean(), nullable=False),
    sa.Column('received_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['guest_id'], ['visit_guest.id'], name=op.f('fk_checkin_guest_id')),
    sa.ForeignKeyConstraint(['received_by_id'], ['user.id'], name=op.f('fk_checkin_received_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkin'))
    )
    with op.batch_alter_table('checkin', schema=None) as batch_op:
        batch_op.create_index('ix_checkin_arrived', ['arrived_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_checkin_guest_id'), ['guest_id'], unique=False)
        batch_op.create_index('uq_checkin_badge', ['badge_no'], unique=True, sqlite_where=sa.text("left_at IS NULL AND badge_no <> ''"), postgresql_where=sa.text("left_at IS NULL AND badge_no <> ''"))
        batch_op.create_index('uq_checkin_inside', ['guest_id'], unique=True, sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))

    op.create_table('gift_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('hospitality_id', sa.Integer(), nullable=True),
    sa.Column('gift_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('recipient', sa.String(length=60), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_gift_request_quantity')),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_gift_request_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_gift_request_department_id')),
    sa.ForeignKeyConstraint(['gift_id'], ['gift.id'], name=op.f('fk_gift_request_gift_id')),
    sa.ForeignKeyConstraint(['hospitality_id'], ['hospitality_request.id'], name=op.f('fk_gift_request_hospitality_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_gift_request_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gift_request')),
    sa.UniqueConstraint('number', name=op.f('uq_gift_request_number'))
    )
    with op.batch_alter_table('gift_request', schema=None) as batch_op:
        batch_op.create_index('ix_gift_request_department', ['department_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_gift_request_gift_id'), ['gift_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_gift_request_hospitality_id'), ['hospitality_id'], unique=False)
        batch_op.create_index('ix_gift_request_status', ['status', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_gift_request_visit_id'), ['visit_id'], unique=False)

    op.create_table('notice_receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('task', sa.String(length=300), nullable=False),
    sa.Column('signed_at', sa.DateTime(), nullable=True),
    sa.Column('signed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_notice_receipt_department_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_receipt_notice_id')),
    sa.ForeignKeyConstraint(['signed_by_id'], ['user.id'], name=op.f('fk_notice_receipt_signed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_receipt')),
    sa.UniqueConstraint('notice_id', 'department_id', name=op.f('uq_notice_receipt_notice_id_department_id'))
    )
    with op.batch_alter_table('notice_receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_receipt_notice_id'), ['notice_id'], unique=False)
        batch_op.create_index('ix_notice_receipt_open', ['department_id', 'status'], unique=False)

    op.create_table('expense',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('hospitality_id', sa.Integer(), nullable=True),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('category', sa.String(length=24), nullable=False),
    sa.Column('meal_period', sa.String(length=24), nullable=False),
    sa.Column('incurred_on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('guests', sa.Integer(), nullable=False),
    sa.Column('escort_count', sa.Integer(), nullable=False),
    sa.Column('escort_names', sa.String(length=120), nullable=False),
    sa.Column('invoice_no', sa.String(length=30), nullable=False),
    sa.Column('invoice_date', sa.Date(), nullable=True),
    sa.Column('payee', sa.String(length=80), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('tax', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('wine_request_id', sa.Integer(), nullable=True),
    sa.Column('wine_amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('cap', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('cap_clause', sa.String(length=60), nullable=False),
    sa.Column('over_cap_reason', sa.String(length=300), nullable=False),
    sa.Column('attachments', sa.Integer(), nullable=False),
    sa.Column('approved_amount', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('voucher_no', sa.String(length=30), nullable=False),
    sa.Column('remarks', sa.String(length=200), nullable=False),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_expense_amount')),
    sa.CheckConstraint('escort_count >= 0', name=op.f('ck_expense_escorts')),
    sa.CheckConstraint('guests >= 1', name=op.f('ck_expense_guests')),
    sa.CheckConstraint('tax >= 0 AND tax <= amount', name=op.f('ck_expense_tax')),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_expense_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_expense_department_id')),
    sa.ForeignKeyConstraint(['hospitality_id'], ['hospitality_request.id'], name=op.f('fk_expense_hospitality_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_expense_visit_id')),
    sa.ForeignKeyConstraint(['wine_request_id'], ['gift_request.id'], name=op.f('fk_expense_wine_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expense')),
    sa.UniqueConstraint('number', name=op.f('uq_expense_number'))
    )
    with op.batch_alter_table('expense', schema=None) as batch_op:
        batch_op.create_index('ix_expense_applicant', ['applicant_id', 'status'], unique=False)
        batch_op.create_index('ix_expense_category_on', ['category', 'incurred_on', 'id'], unique=False)
        batch_op.create_index('ix_expense_created', ['created_at', 'id'], unique=False)
        batch_op.create_index('ix_expense_department_on', ['department_id', 'incurred_on', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_expense_hospitality_id'), ['hospitality_id'], unique=False)
        batch_op.create_index('ix_expense_on', ['incurred_on', 'id'], unique=False)
        batch_op.create_index('ix_expense_status_on', ['status', 'incurred_on', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_expense_visit_id'), ['visit_id'], unique=False)
        batch_op.create_index('uq_expense_invoice', ['invoice_no'], unique=True, sqlite_where=sa.text("invoice_no <> '' AND status NOT IN ('rejected', 'withdrawn')"), postgresql_where=sa.text("invoice_no <> '' AND status NOT IN ('rejected', 'withdrawn')"))
        batch_op.create_index('uq_expense_wine', ['wine_request_id'], unique=True, sqlite_where=sa.text("wine_request_id IS NOT NULL AND status NOT IN ('rejected', 'withdrawn')"), postgresql_where=sa.text("wine_request_id IS NOT NULL AND status NOT IN ('rejected', 'withdrawn')"))

    op.create_table('stock_movement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('gift_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_cost', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('quantity <> 0', name=op.f('ck_stock_movement_quantity')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_stock_movement_by_id')),
    sa.ForeignKeyConstraint(['gift_id'], ['gift.id'], name=op.f('fk_stock_movement_gift_id')),
    sa.ForeignKeyConstraint(['request_id'], ['gift_request.id'], name=op.f('fk_stock_movement_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_movement'))
    )
    with op.batch_alter_table('stock_movement', schema=None) as batch_op:
        batch_op.create_index('ix_stock_movement_gift', ['gift_id', 'quantity'], unique=False)
        batch_op.create_index(batch_op.f('ix_stock_movement_request_id'), ['request_id'], unique=False)

    # One adopted regulation grades visits, per company or department: an index over an expression.
    op.execute("CREATE UNIQUE INDEX uq_regulation_grading ON regulation (coalesce(department_id, 0)) WHERE grades AND status = 'adopted' AND to_version IS NULL")
    dialect = op.get_bind().dialect.name
    for table in SEARCHED:
        for statement in search_ddl(table, dialect):
            op.execute(sa.text(statement.replace(':', '\\:')))


def downgrade():
    dialect = op.get_bind().dialect.name
    for table in SEARCHED:
        op.execute(f'DROP INDEX ix_{table}_search' if dialect == 'postgresql' else f'DROP TABLE {table}_search')
    with op.batch_alter_table('stock_movement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_movement_request_id'))
        batch_op.drop_index('ix_stock_movement_gift')

    op.drop_table('stock_movement')
    with op.batch_alter_table('expense', schema=None) as batch_op:
        batch_op.drop_index('uq_expense_wine', sqlite_where=sa.text("wine_request_id IS NOT NULL AND status NOT IN ('rejected', 'withdrawn')"), postgresql_where=sa.text("wine_request_id IS NOT NULL AND status NOT IN ('rejected', 'withdrawn')"))
        batch_op.drop_index('uq_expense_invoice', sqlite_where=sa.text("invoice_no <> '' AND status NOT IN ('rejected', 'withdrawn')"), postgresql_where=sa.text("invoice_no <> '' AND status NOT IN ('rejected', 'withdrawn')"))
        batch_op.drop_index(batch_op.f('ix_expense_visit_id'))
        batch_op.drop_index('ix_expense_status_on')
        batch_op.drop_index('ix_expense_on')
        batch_op.drop_index(batch_op.f('ix_expense_hospitality_id'))
        batch_op.drop_index('ix_expense_department_on')
        batch_op.drop_index('ix_expense_created')
        batch_op.drop_index('ix_expense_category_on')
        batch_op.drop_index('ix_expense_applicant')

    op.drop_table('expense')
    with op.batch_alter_table('notice_receipt', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_receipt_open')
        batch_op.drop_index(batch_op.f('ix_notice_receipt_notice_id'))

    op.drop_table('notice_receipt')
    with op.batch_alter_table('gift_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_gift_request_visit_id'))
        batch_op.drop_index('ix_gift_request_status')
        batch_op.drop_index(batch_op.f('ix_gift_request_hospitality_id'))
        batch_op.drop_index(batch_op.f('ix_gift_request_gift_id'))
        batch_op.drop_index('ix_gift_request_department')

    op.drop_table('gift_request')
    with op.batch_alter_table('checkin', schema=None) as batch_op:
        batch_op.drop_index('uq_checkin_inside', sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))
        batch_op.drop_index('uq_checkin_badge', sqlite_where=sa.text("left_at IS NULL AND badge_no <> ''"), postgresql_where=sa.text("left_at IS NULL AND badge_no <> ''"))
        batch_op.drop_index(batch_op.f('ix_checkin_guest_id'))
        batch_op.drop_index('ix_checkin_arrived')

    op.drop_table('checkin')
    with op.batch_alter_table('visit_guest', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_guest_visitor_id'))
        batch_op.drop_index(batch_op.f('ix_visit_guest_visit_id'))

    op.drop_table('visit_guest')
    with op.batch_alter_table('visit_escort', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_escort_visit_id'))

    op.drop_table('visit_escort')
    with op.batch_alter_table('room_booking', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_booking_visit_id'))
        batch_op.drop_index('ix_room_booking_status')
        batch_op.drop_index('ix_room_booking_start')
        batch_op.drop_index('ix_room_booking_room')
        batch_op.drop_index('ix_room_booking_department')

    op.drop_table('room_booking')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_visit_id'))

    op.drop_table('notice')
    with op.batch_alter_table('hospitality_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hospitality_request_visit_id'))
        batch_op.drop_index('ix_hospitality_request_status')
        batch_op.drop_index('ix_hospitality_request_on')
        batch_op.drop_index('ix_hospitality_request_department')

    op.drop_table('hospitality_request')
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_visit_id'))

    op.drop_table('evidence')
    with op.batch_alter_table('dispatch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dispatch_visit_id'))
        batch_op.drop_index('ix_dispatch_vehicle')
        batch_op.drop_index('ix_dispatch_status')
        batch_op.drop_index('ix_dispatch_start')
        batch_op.drop_index('ix_dispatch_driver')
        batch_op.drop_index('ix_dispatch_department')

    op.drop_table('dispatch')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_status_start')
        batch_op.drop_index('ix_visit_start')
        batch_op.drop_index(batch_op.f('ix_visit_rescheduled_from_id'))
        batch_op.drop_index('ix_visit_level_start')
        batch_op.drop_index('ix_visit_host_start')
        batch_op.drop_index('ix_visit_department_status')
        batch_op.drop_index('ix_visit_department_start')
        batch_op.drop_index(batch_op.f('ix_visit_customer_id'))
        batch_op.drop_index('ix_visit_created')
        batch_op.drop_index('ix_visit_applicant')

    op.drop_table('visit')
    with op.batch_alter_table('visitor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visitor_phone_hash'))
        batch_op.drop_index(batch_op.f('ix_visitor_identity_hash'))
        batch_op.drop_index('ix_visitor_department')
        batch_op.drop_index(batch_op.f('ix_visitor_customer_id'))
        batch_op.drop_index(batch_op.f('ix_visitor_blacklisted'))

    op.drop_table('visitor')
    with op.batch_alter_table('spending_cap', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_spending_cap_to_version'))
        batch_op.drop_index(batch_op.f('ix_spending_cap_origin_id'))
        batch_op.drop_index(batch_op.f('ix_spending_cap_clause_id'))

    op.drop_table('spending_cap')
    with op.batch_alter_table('recorded_finding', schema=None) as batch_op:
        batch_op.drop_index('ix_recorded_finding_row')
        batch_op.drop_index(batch_op.f('ix_recorded_finding_event_id'))

    op.drop_table('recorded_finding')
    with op.batch_alter_table('reception_level', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reception_level_to_version'))
        batch_op.drop_index(batch_op.f('ix_reception_level_origin_id'))
        batch_op.drop_index(batch_op.f('ix_reception_level_clause_id'))

    op.drop_table('reception_level')
    with op.batch_alter_table('approval_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_approval_rule_to_version'))
        batch_op.drop_index(batch_op.f('ix_approval_rule_origin_id'))
        batch_op.drop_index(batch_op.f('ix_approval_rule_clause_id'))

    op.drop_table('approval_rule')
    with op.batch_alter_table('user_role', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_role_user_id'))
        batch_op.drop_index(batch_op.f('ix_user_role_role'))

    op.drop_table('user_role')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index('ix_event_row')
        batch_op.drop_index(batch_op.f('ix_event_number'))
        batch_op.drop_index(batch_op.f('ix_event_at'))
        batch_op.drop_index('ix_event_actor')
        batch_op.drop_index(batch_op.f('ix_event_action'))

    op.drop_table('event')
    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.drop_index('ix_delegation_delegate')

    op.drop_table('delegation')
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_kind'))
        batch_op.drop_index('ix_customer_department')

    op.drop_table('customer')
    with op.batch_alter_table('clause', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clause_to_version'))
        batch_op.drop_index('ix_clause_regulation')
        batch_op.drop_index(batch_op.f('ix_clause_origin_id'))

    op.drop_table('clause')
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.drop_index('uq_approval_decider', sqlite_where=sa.text('decider_id IS NOT NULL'), postgresql_where=sa.text('decider_id IS NOT NULL'))
        batch_op.drop_index('ix_approval_open', sqlite_where=sa.text('opened_at IS NOT NULL AND decided_at IS NULL'), postgresql_where=sa.text('opened_at IS NOT NULL AND decided_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_approval_number'))
        batch_op.drop_index('ix_approval_decider')

    op.drop_table('approval')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_department_id'))

    op.drop_table('user')
    with op.batch_alter_table('regulation', schema=None) as batch_op:
        batch_op.drop_index('uq_regulation_code', sqlite_where=sa.text('to_version IS NULL'), postgresql_where=sa.text('to_version IS NULL'))
        batch_op.drop_index(batch_op.f('ix_regulation_to_version'))
        batch_op.drop_index(batch_op.f('ix_regulation_origin_id'))

    op.drop_table('regulation')
    op.drop_table('vehicle')
    op.drop_table('setting')
    op.drop_table('rulebook_version')
    op.drop_table('number_sequence')
    op.drop_table('meeting_room')
    op.drop_table('grant')
    op.drop_table('gift')
    op.drop_table('driver')
    op.drop_table('department')
    op.drop_table('account')
