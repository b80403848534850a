"""Every transition × every state × every role, against a table written by hand (transitions.txt)."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.clock import local_day, now
from engine.effects.registry import effect_of
from installation import NEW_STEPS
from tests.factories import FACTORIES, Rows
from workflow import PROCESSES, Role, why_not

TABLE = Path(__file__).parent / "transitions.txt"
HOLDERS = {
    Role.FRONT_DESK: "front",
    Role.STAFF: "sales",
    Role.DEPT_HEAD: "sales_head",
    Role.ADMIN_OFFICE: "office",
    Role.ADMIN_HEAD: "office_head",
    Role.EXECUTIVE: "exec",
    Role.FINANCE: "finance",
    Role.SYSADMIN: "sysadmin",
}
"""The account of the cast that holds each role, and no other."""
ROLE, STATE = "Your role may not do this.", "Not possible while it is “{state}”."


FIRST = 67
"""So many transitions came with the first release."""


def written() -> dict[str, tuple[set[str], set[str], set[str], str]]:
    """The table: by transition the states it starts from, those it leads to, who holds it, since which release."""
    found = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, rest = line.partition(": ")
            states, roles, *since = rest.split(" | ")
            sources, _, targets = states.partition(" -> ")
            release = since[0].removeprefix("since ") if since else ""
            found[name] = set(sources.split()), set(targets.split()), set(roles.split()), release
    return found


NAMES = [f"{process.name}.{step.name}" for process in PROCESSES.values() for step in process.transitions]


def test_the_table_speaks_of_every_transition_and_of_no_other():
    for name in NAMES:
        assert name in written(), f"tests/transitions.txt says nothing of {name}: from which states to which, and who?"
    assert not set(written()) - set(NAMES)


def test_older_installations_are_given_what_came_later():
    given = {step.replace(":", "."): release for release, steps in NEW_STEPS.items() for step in steps}
    later = {name: since for name, (*_, since) in written().items() if since}
    assert given == later, "installation.NEW_STEPS and tests/transitions.txt disagree"
    assert len(written()) - len(later) == FIRST, (
        "a new transition says since which release it is there, in tests/transitions.txt and in installation.NEW_STEPS"
    )


def test_what_a_transition_asks_for_is_read_by_its_effect():
    for process in PROCESSES.values():
        for step in process.transitions:
            asked = {name.removesuffix("!") for name in step.asks} - {"comment", "reasons"}
            assert not asked or effect_of(process, step.name), (
                f"{process.name}.{step.name} asks for {', '.join(sorted(asked))} and has no effect in engine/effects"
            )


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One company for the whole file: nothing here is stored."""
    from models import db
    from tests.conftest import build, people_only

    path = tmp_path_factory.mktemp("transitions") / "company.db"
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    people_only(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("name", NAMES)
def test_a_transition_is_taken_from_its_states_by_its_roles_only(shared, name):
    from models import User, db

    subject, _, transition = name.partition(".")
    process = PROCESSES[subject]
    step = process.by_name[transition]
    sources, targets, roles, _ = written()[name]
    assert ({str(s) for s in step.sources}, {str(s) for s in step.targets}) == (sources, targets)
    model = next(m for m in FACTORIES if getattr(m, "process", None) is process)
    row, moment = Rows("sales").make(model), now()
    for role, username in HOLDERS.items():
        who = db.session.scalar(sa.select(User).where(User.username == username))
        actor = who.actor(moment, local_day(moment))
        for state in process.states:
            sa.orm.attributes.set_committed_value(row, "status", state)
            reason = why_not(process, transition, row, actor)
            place = (name, str(role), str(state), str(reason))
            if str(role) not in roles:
                assert reason is not None and reason.msgid == ROLE, (
                    place,
                    "held against tests/transitions.txt and seed/roles.toml",
                )
            elif str(state) not in sources:
                assert reason is not None and reason.msgid == STATE, place
            else:
                assert reason is None or reason.msgid not in (ROLE, STATE), place
    db.session.rollback()
