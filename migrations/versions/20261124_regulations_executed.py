"""What the regulations executed need: checklists, itineraries, aftercare, supervision, trials."""
from alembic import op
import sqlalchemy as sa


SEARCHED = ('business_card', 'complaint')
FILLED = (('checkin', 'security_checked'), ('clause', 'forms'), ('dispatch', 'contact'), ('dispatch', 'sign'), ('dispatch', 'send_off'), ('dispatch', 'late_reason'), ('dispatch',
          'compliance'), ('expense', 'compliance'), ('gift', 'benefit'), ('gift_request', 'compliance'), ('hospitality_request', 'compliance'), ('reception_level', 'classes'),
          ('reception_level', 'categories'), ('reception_level', 'titles'), ('room_booking', 'compliance'), ('visit', 'visit_kind'), ('visit', 'channel'), ('visit', 'contact'),
          ('visit', 'lead_title'), ('visit', 'nights'), ('visit', 'transport'), ('visit', 'needs'), ('visit', 'sensitive'), ('visit', 'offer'), ('visit', 'outcome'), ('visit',
          'compliance'), ('visit_guest', 'signed'))

revision = '20261124'
down_revision = '20261123'
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
    op.create_table('clause_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('prevails', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clause_choice'))
    )
    op.create_index(op.f('ix_clause_choice_origin_id'), 'clause_choice', ['origin_id'], unique=False)
    op.create_index(op.f('ix_clause_choice_to_version'), 'clause_choice', ['to_version'], unique=False)

    op.create_table('training',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('topic', sa.String(length=120), nullable=False),
    sa.Column('trainer', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training'))
    )
    op.create_index(op.f('ix_training_held_on'), 'training', ['held_on'], unique=False)

    op.create_table('current_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('clauses', sa.JSON(), nullable=False),
    sa.Column('msgid', sa.Text(), nullable=False),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('way_out', sa.Text(), nullable=False),
    sa.Column('way_out_values', sa.JSON(), nullable=False),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_current_finding_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_current_finding'))
    )
    op.create_index('ix_current_finding_month', 'current_finding', ['day', 'department_id'], unique=False)
    op.create_index('ix_current_finding_row', 'current_finding', ['subject', 'subject_id'], unique=False)

    op.create_table('assessment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('assessor_id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('scores', sa.JSON(), nullable=False),
    sa.Column('reward', sa.String(length=120), nullable=False),
    sa.Column('remarks', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['assessor_id'], ['user.id'], name=op.f('fk_assessment_assessor_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_assessment_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment'))
    )
    op.create_index('ix_assessment_on', 'assessment', ['held_on', 'id'], unique=False)
    op.create_index(op.f('ix_assessment_user_id'), 'assessment', ['user_id'], unique=False)

    op.create_table('inspection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=False),
    sa.Column('result', sa.Text(), nullable=False),
    sa.Column('faults', sa.Text(), nullable=False),
    sa.Column('repaired_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_inspection_inspector_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inspection'))
    )
    op.create_index('ix_inspection_kind', 'inspection', ['kind', 'held_on'], unique=False)

    op.create_table('outbound_plan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('remarks', sa.String(length=200), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('compliance', sa.String(length=24), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_outbound_plan_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_outbound_plan_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbound_plan')),
    sa.UniqueConstraint('number', name=op.f('uq_outbound_plan_number'))
    )
    op.create_index('ix_outbound_plan_department', 'outbound_plan', ['department_id', 'id'], unique=False)
    op.create_index('ix_outbound_plan_month', 'outbound_plan', ['month', 'id'], unique=False)
    op.create_index('ix_outbound_plan_status', 'outbound_plan', ['status', 'id'], unique=False)

    op.create_table('training_attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('training_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['training_id'], ['training.id'], name=op.f('fk_training_attendance_training_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_training_attendance_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_attendance')),
    sa.UniqueConstraint('training_id', 'user_id', name=op.f('uq_training_attendance_training_id_user_id'))
    )
    op.create_index(op.f('ix_training_attendance_user_id'), 'training_attendance', ['user_id'], unique=False)

    op.create_table('trial',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('regulation_ids', sa.JSON(), nullable=False),
    sa.Column('retired_ids', sa.JSON(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('took_ms', sa.Integer(), nullable=True),
    sa.Column('rulebook_version', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_trial_by_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_trial_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial'))
    )
    op.create_table('violation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('clause', sa.String(length=40), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('serious', sa.Boolean(), nullable=False),
    sa.Column('measure', sa.String(length=24), nullable=False),
    sa.Column('retrained_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_violation_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_violation'))
    )
    op.create_index('ix_violation_on', 'violation', ['happened_on', 'id'], unique=False)
    op.create_index(op.f('ix_violation_user_id'), 'violation', ['user_id'], unique=False)

    op.create_table('checklist_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clause_id', sa.Integer(), nullable=False),
    sa.Column('phase', sa.String(length=24), nullable=False),
    sa.Column('item', sa.String(length=120), nullable=False),
    sa.Column('item_en', sa.String(length=160), nullable=False),
    sa.Column('ranks', sa.JSON(), nullable=False),
    sa.Column('only_if', sa.String(length=24), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['clause_id'], ['clause.id'], name=op.f('fk_checklist_template_clause_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_template'))
    )
    op.create_index(op.f('ix_checklist_template_clause_id'), 'checklist_template', ['clause_id'], unique=False)
    op.create_index(op.f('ix_checklist_template_origin_id'), 'checklist_template', ['origin_id'], unique=False)
    op.create_index(op.f('ix_checklist_template_to_version'), 'checklist_template', ['to_version'], unique=False)

    op.create_table('outbound_visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('purpose', sa.String(length=24), nullable=False),
    sa.Column('target', sa.String(length=24), nullable=False),
    sa.Column('contact', sa.String(length=60), nullable=False),
    sa.Column('goal', sa.String(length=200), nullable=False),
    sa.Column('items', sa.String(length=120), nullable=False),
    sa.Column('expected_cost', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('result', sa.Text(), nullable=False),
    sa.Column('next_step', sa.String(length=200), nullable=False),
    sa.Column('actual_cost', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('compliance', sa.String(length=24), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_outbound_visit_applicant_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_outbound_visit_customer_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_outbound_visit_department_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['outbound_plan.id'], name=op.f('fk_outbound_visit_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbound_visit')),
    sa.UniqueConstraint('number', name=op.f('uq_outbound_visit_number'))
    )
    op.create_index('ix_outbound_visit_customer', 'outbound_visit', ['customer_id', 'planned_on'], unique=False)
    op.create_index('ix_outbound_visit_department', 'outbound_visit', ['department_id', 'id'], unique=False)
    op.create_index('ix_outbound_visit_on', 'outbound_visit', ['planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_outbound_visit_plan_id'), 'outbound_visit', ['plan_id'], unique=False)
    op.create_index('ix_outbound_visit_status', 'outbound_visit', ['status', 'planned_on', 'id'], unique=False)

    op.create_table('tour_route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clause_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('stops', sa.JSON(), nullable=False),
    sa.Column('from_version', sa.Integer(), nullable=False),
    sa.Column('to_version', sa.Integer(), nullable=True),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['clause_id'], ['clause.id'], name=op.f('fk_tour_route_clause_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tour_route'))
    )
    op.create_index(op.f('ix_tour_route_clause_id'), 'tour_route', ['clause_id'], unique=False)
    op.create_index(op.f('ix_tour_route_origin_id'), 'tour_route', ['origin_id'], unique=False)
    op.create_index(op.f('ix_tour_route_to_version'), 'tour_route', ['to_version'], unique=False)

    op.create_table('commitment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('outbound_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['outbound_id'], ['outbound_visit.id'], name=op.f('fk_commitment_outbound_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_commitment_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment'))
    )
    op.create_index(op.f('ix_commitment_outbound_id'), 'commitment', ['outbound_id'], unique=False)
    op.create_index('ix_commitment_owner', 'commitment', ['owner_id', 'settled_on'], unique=False)

    op.create_table('business_card',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_business_card_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_business_card'))
    )
    op.create_index(op.f('ix_business_card_visit_id'), 'business_card', ['visit_id'], unique=False)

    op.create_table('checklist_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('phase', sa.String(length=24), nullable=False),
    sa.Column('item', sa.String(length=120), nullable=False),
    sa.Column('item_en', sa.String(length=160), nullable=False),
    sa.Column('clause', sa.String(length=120), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=True),
    sa.Column('done_by_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['done_by_id'], ['user.id'], name=op.f('fk_checklist_item_done_by_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_checklist_item_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_item')),
    sa.UniqueConstraint('visit_id', 'phase', 'item', name=op.f('uq_checklist_item_visit_id_phase_item'))
    )
    op.create_index(op.f('ix_checklist_item_visit_id'), 'checklist_item', ['visit_id'], unique=False)

    op.create_table('complaint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('complainant', sa.String(length=40), nullable=False),
    sa.Column('received_at', sa.DateTime(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('investigation', sa.Text(), nullable=False),
    sa.Column('solution', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('satisfied', sa.Boolean(), nullable=True),
    sa.Column('search_grams', sa.Text(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('compliance', sa.String(length=24), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_complaint_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_complaint_department_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_complaint_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint')),
    sa.UniqueConstraint('number', name=op.f('uq_complaint_number'))
    )
    op.create_index('ix_complaint_department', 'complaint', ['department_id', 'id'], unique=False)
    op.create_index('ix_complaint_status', 'complaint', ['status', 'id'], unique=False)
    op.create_index(op.f('ix_complaint_visit_id'), 'complaint', ['visit_id'], unique=False)

    op.create_table('feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('satisfaction', sa.Integer(), nullable=False),
    sa.Column('needs', sa.Text(), nullable=False),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('passed_to_id', sa.Integer(), nullable=True),
    sa.Column('passed_on', sa.Date(), nullable=True),
    sa.Column('dealt_with', sa.Text(), nullable=False),
    sa.Column('late_reason', sa.String(length=200), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('satisfaction BETWEEN 1 AND 5', name=op.f('ck_feedback_satisfaction')),
    sa.ForeignKeyConstraint(['passed_to_id'], ['department.id'], name=op.f('fk_feedback_passed_to_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_feedback_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback'))
    )
    op.create_index(op.f('ix_feedback_visit_id'), 'feedback', ['visit_id'], unique=False)

    op.create_table('follow_up',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('open_points', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.Column('settled', sa.Boolean(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_follow_up_customer_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_follow_up_department_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_follow_up_owner_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_follow_up_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up'))
    )
    op.create_index('ix_follow_up_customer', 'follow_up', ['customer_id', 'held_on'], unique=False)
    op.create_index(op.f('ix_follow_up_department_id'), 'follow_up', ['department_id'], unique=False)
    op.create_index('ix_follow_up_owner', 'follow_up', ['owner_id', 'next_on'], unique=False)
    op.create_index(op.f('ix_follow_up_visit_id'), 'follow_up', ['visit_id'], unique=False)

    op.create_table('goods_release',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('carrier', sa.String(length=40), nullable=False),
    sa.Column('items', sa.Text(), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('compliance', sa.String(length=24), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rulebook_version', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['user.id'], name=op.f('fk_goods_release_applicant_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_goods_release_department_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_goods_release_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goods_release')),
    sa.UniqueConstraint('number', name=op.f('uq_goods_release_number'))
    )
    op.create_index('ix_goods_release_department', 'goods_release', ['department_id', 'id'], unique=False)
    op.create_index('ix_goods_release_status', 'goods_release', ['status', 'id'], unique=False)
    op.create_index(op.f('ix_goods_release_visit_id'), 'goods_release', ['visit_id'], unique=False)

    op.create_table('incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('occurred_at', sa.DateTime(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('measures', sa.Text(), nullable=False),
    sa.Column('handled_at', sa.DateTime(), nullable=True),
    sa.Column('police', sa.Boolean(), nullable=False),
    sa.Column('reported_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['reported_by_id'], ['user.id'], name=op.f('fk_incident_reported_by_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_incident_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    op.create_index('ix_incident_occurred', 'incident', ['occurred_at', 'id'], unique=False)
    op.create_index(op.f('ix_incident_visit_id'), 'incident', ['visit_id'], unique=False)

    op.create_table('itinerary_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('starts_at', sa.DateTime(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('standard', sa.String(length=80), nullable=False),
    sa.Column('diet', sa.String(length=120), nullable=False),
    sa.Column('responsible_id', sa.Integer(), nullable=True),
    sa.Column('satisfaction', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['responsible_id'], ['user.id'], name=op.f('fk_itinerary_item_responsible_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_itinerary_item_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_itinerary_item'))
    )
    op.create_index(op.f('ix_itinerary_item_visit_id'), 'itinerary_item', ['visit_id'], unique=False)

    op.create_table('nda',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('signatory', sa.String(length=60), nullable=False),
    sa.Column('organisation', sa.String(length=80), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('topics', sa.String(length=200), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_nda_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_nda'))
    )
    op.create_index(op.f('ix_nda_visit_id'), 'nda', ['visit_id'], unique=False)

    op.create_table('visit_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_visit_question_owner_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_question_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_question'))
    )
    op.create_index(op.f('ix_visit_question_visit_id'), 'visit_question', ['visit_id'], unique=False)

    op.add_column('checkin', sa.Column('security_checked', sa.Boolean(), nullable=False, server_default=sa.false()))

    op.add_column('clause', sa.Column('forms', sa.JSON(), nullable=False, server_default='[]'))

    op.add_column('dispatch', sa.Column('contact', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('dispatch', sa.Column('sign', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('dispatch', sa.Column('send_off', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('dispatch', sa.Column('late_reason', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('dispatch', sa.Column('compliance', sa.String(length=24), nullable=False, server_default='clear'))

    op.add_column('expense', sa.Column('compliance', sa.String(length=24), nullable=False, server_default='clear'))
    op.create_index('ix_expense_compliance', 'expense', ['compliance', 'incurred_on', 'id'], unique=False)

    op.add_column('gift', sa.Column('benefit', sa.String(length=24), nullable=False, server_default=''))

    op.add_column('gift_request', sa.Column('compliance', sa.String(length=24), nullable=False, server_default='clear'))

    op.add_column('hospitality_request', sa.Column('compliance', sa.String(length=24), nullable=False, server_default='clear'))
    op.create_index('ix_hospitality_request_compliance', 'hospitality_request', ['compliance', 'planned_on', 'id'], unique=False)

    op.add_column('reception_level', sa.Column('classes', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('reception_level', sa.Column('categories', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('reception_level', sa.Column('titles', sa.JSON(), nullable=False, server_default='[]'))

    op.execute('ALTER TABLE recorded_finding ADD COLUMN department_id INTEGER CONSTRAINT fk_recorded_finding_department_id REFERENCES department (id)')
    op.add_column('recorded_finding', sa.Column('day', sa.Date(), nullable=True))
    op.create_index('ix_recorded_finding_month', 'recorded_finding', ['day', 'department_id'], unique=False)

    op.execute('ALTER TABLE regulation ADD COLUMN replaces_id INTEGER CONSTRAINT fk_regulation_replaces_id REFERENCES regulation (id)')

    op.add_column('room_booking', sa.Column('compliance', sa.String(length=24), nullable=False, server_default='clear'))

    op.add_column('visit', sa.Column('visit_kind', sa.String(length=24), nullable=False, server_default='tour'))
    op.add_column('visit', sa.Column('channel', sa.String(length=24), nullable=False, server_default=''))
    op.add_column('visit', sa.Column('contact', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('visit', sa.Column('lead_title', sa.String(length=40), nullable=False, server_default=''))
    op.add_column('visit', sa.Column('nights', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('visit', sa.Column('transport', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('visit', sa.Column('needs', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('visit', sa.Column('sensitive', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute('ALTER TABLE visit ADD COLUMN route_id INTEGER CONSTRAINT fk_visit_route_id REFERENCES tour_route (id)')
    op.add_column('visit', sa.Column('requested_at', sa.DateTime(), nullable=True))
    op.add_column('visit', sa.Column('answered_at', sa.DateTime(), nullable=True))
    op.add_column('visit', sa.Column('guest_confirmed_at', sa.DateTime(), nullable=True))
    op.add_column('visit', sa.Column('ready_at', sa.DateTime(), nullable=True))
    op.add_column('visit', sa.Column('refusal', sa.String(length=24), nullable=True))
    op.add_column('visit', sa.Column('offer', sa.String(length=24), nullable=False, server_default=''))
    op.add_column('visit', sa.Column('outcome', sa.String(length=24), nullable=False, server_default=''))
    op.add_column('visit', sa.Column('recorded_at', sa.DateTime(), nullable=True))
    op.add_column('visit', sa.Column('compliance', sa.String(length=24), nullable=False, server_default='clear'))
    op.create_index('ix_visit_compliance', 'visit', ['compliance', 'planned_start', 'id', 'department_id', 'host_id', 'status'], unique=False)

    op.add_column('visit_guest', sa.Column('signed', sa.Boolean(), nullable=False, server_default=sa.false()))

    for table in SEARCHED:
        for statement in search_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)
    if op.get_bind().dialect.name != 'sqlite':
        # The defaults only served the rows that were there already.
        for table, column in FILLED:
            op.alter_column(table, column, server_default=None)


def downgrade():
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
