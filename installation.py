"""What a new installation starts with: grants, account codes and the first regulations, out of `seed/`."""

import tomllib

import sqlalchemy as sa

import config
from models import Account, Category, Grant, Role, Setting, clash, db
from rulebook import files

FIRST_REGULATIONS = ("R01", "R08", "R10")
"""What a new installation adopts; the other regulations stand on the shelf as drafts."""


class BadSeed(ValueError):
    """A seed file that contradicts itself; the message says where."""


def load_roles():
    """The grants of `seed/roles.toml`. Raises BadSeed for a pair that must not meet."""
    with (config.ROOT / "seed" / "roles.toml").open("rb") as file:
        data = tomllib.load(file)
    for role, tables in data.items():
        permissions = {f"{table}:{verb}" for table, verbs in tables.items() for verb in verbs}
        clashing = clash(role, permissions)
        if clashing:
            raise BadSeed(f"roles.toml: {role} must not hold {', '.join(sorted(clashing))}")
        db.session.add_all(Grant(role=Role(role), permission=p) for p in sorted(permissions))


SEEDED = "20261125"
"""The release whose seeds an installation holds; raised when `seed/` gains what older installations need."""


def complete() -> None:
    """Give an installation of an older release what is new since: regulations on the shelf as drafts, and the grants of
    tables that did not exist. What its people have changed stays as it is. The caller commits."""
    done = db.session.scalar(sa.select(Setting).where(Setting.key == "seeded"))
    if done is not None and done.value >= SEEDED:
        return
    held = {(str(role), permission) for role, permission in db.session.execute(sa.select(Grant.role, Grant.permission))}
    known = {permission.split(":")[0] for _, permission in held}
    fresh = {
        permission
        for release, added in NEW_STEPS.items()
        if done is None or release > done.value
        for permission in added
    }
    with (config.ROOT / "seed" / "roles.toml").open("rb") as file:
        for role, tables in tomllib.load(file).items():
            for table, verbs in tables.items():
                new = verbs if table not in known else [v for v in verbs if f"{table}:{v}" in fresh]
                db.session.add_all(
                    Grant(role=Role(role), permission=f"{table}:{v}") for v in new if (role, f"{table}:{v}") not in held
                )
    for path in sorted(files.FOLDER.glob("*.toml")):
        if files.find(path.stem) is None:
            files.load(path)
    if done is None:
        db.session.add(Setting(key="seeded", value=SEEDED))
    else:
        done.value = SEEDED
    db.session.flush()


NEW_STEPS = {
    "20261124": {f"visit:{step}" for step in ("answer", "confirm_guest", "ready", "hand_over")},
    "20261125": {"visit:amend_notice", "visit:propose_host", "visit:keep_host"},
}
"""Transitions that came with a release, on tables that older ones knew."""


def load_basics(adopt: tuple[str, ...] = FIRST_REGULATIONS):
    """What a new installation starts with: grants, account codes, the shelf of regulations, those named adopted."""
    load_roles()
    codes = {
        Category.MEAL: ("6602.05.01", "业务招待费-餐饮"),
        Category.LODGING: ("6602.05.02", "业务招待费-住宿"),
        Category.GIFT: ("6602.05.03", "业务招待费-礼品"),
        Category.TRANSPORT: ("6602.06", "交通费"),
        Category.OTHER: ("6602.05.99", "业务招待费-其他"),
    }
    db.session.add_all(Account(category=c, code=code, name=name) for c, (code, name) in codes.items())
    for path in sorted(files.FOLDER.glob("*.toml")):
        files.load(path, adopt=path.stem in adopt)
    db.session.add(Setting(key="seeded", value=SEEDED))
    db.session.flush()
