"""Who works here and holds which role, as far as facts speak of it."""

from collections import defaultdict
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from models import Department, User, UserRole
from tables.base import db
from workflow import Role

NONE: frozenset[str] = frozenset()


class Receivers(NamedTuple):
    """Host and escorts by their roles."""

    escorts: int
    attending: frozenset[str]
    heads: int
    host_is_leader: bool


class People:
    """The roles and the department of a person, by their id."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int | None, tuple[int, ...]], Receivers] = {}

    def roles(self, person: int) -> frozenset[str]:
        raise NotImplementedError

    def department(self, person: int) -> int | None:
        raise NotImplementedError

    def name(self, person: int | None) -> str:
        """The name of a person; empty for None."""
        raise NotImplementedError

    def receivers(self, host: int | None, escorts: tuple[int, ...]) -> Receivers:
        """Host and escorts by their roles; the same people receive again and again."""
        group = self._groups.get((host, escorts))
        if group is None:
            held = [NONE if host is None else self.roles(host), *map(self.roles, escorts)]
            group = self._groups[host, escorts] = Receivers(
                len(escorts),
                NONE.union(*held),
                sum(1 for roles in held if Role.DEPT_HEAD in roles),
                Role.EXECUTIVE in held[0],
            )
        return group


class Acquaintances(People):
    """The people around one row: those whom the session has read already cost no statement."""

    def roles(self, person: int) -> frozenset[str]:
        user = db.session.get(User, person)
        return NONE if user is None else user.role_names

    def department(self, person: int) -> int | None:
        user = db.session.get(User, person)
        return None if user is None else user.department_id

    def name(self, person: int | None) -> str:
        user = None if person is None else db.session.get(User, person)
        return "" if user is None else user.name


class Everybody(People):
    """Everybody who works here, as of today, read once by `run`, a session or a connection."""

    def __init__(self, run: Any):
        super().__init__()
        self.run = run

    @cached_property
    def _roles(self) -> dict[int, frozenset[str]]:
        held = defaultdict(set)
        for person, role in self.run.execute(sa.select(UserRole.user_id, sa.type_coerce(UserRole.role, sa.String))):
            held[person].add(role)
        return {person: frozenset(roles) for person, roles in held.items()}

    @cached_property
    def _users(self) -> dict[int, Any]:
        rows = self.run.execute(sa.select(User.id, User.name, User.department_id, User.active))
        return {row.id: row for row in rows}

    @cached_property
    def _departments(self) -> dict[int, str]:
        return dict(self.run.execute(sa.select(Department.id, Department.name)).all())

    def roles(self, person: int) -> frozenset[str]:
        return self._roles.get(person, NONE)

    def department(self, person: int) -> int | None:
        user = self._users.get(person)
        return None if user is None else user.department_id

    def name(self, person: int | None) -> str:
        return "" if person is None or person not in self._users else self._users[person].name

    def department_name(self, person: int | None) -> str:
        """The name of the department in which a person works; empty for None."""
        department = None if person is None else self.department(person)
        return "" if department is None else self._departments.get(department, "")

    def holders(self, role: str, department_id: int) -> list[int]:
        """The active people who hold `role`; of department heads the department's own."""
        return [
            person
            for person, user in sorted(self._users.items())
            if user.active
            and role in self.roles(person)
            and (role != Role.DEPT_HEAD or user.department_id == department_id)
        ]

    def read(self) -> "Everybody":
        """Read all there is to read, while `run` is open."""
        for name in ("_roles", "_users", "_departments"):
            getattr(self, name)
        return self


__all__ = ["Acquaintances", "Everybody", "People", "Receivers"]
