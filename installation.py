"""What a new installation starts with: grants, account codes and the first regulations, out of `seed/`."""

import tomllib

import config
import regulations
from models import Account, Category, Grant, Role, clash, db

FIRST_REGULATIONS = ("R01", "R08", "R10")


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


def load_basics(adopt: bool):
    """What a new installation starts with: grants, account codes, the regulations."""
    load_roles()
    codes = {Category.MEAL: ("6602.05.01", "业务招待费-餐饮"), Category.LODGING: ("6602.05.02", "业务招待费-住宿"), Category.GIFT: ("6602.05.03", "业务招待费-礼品"),
             Category.TRANSPORT: ("6602.06", "交通费"), Category.OTHER: ("6602.05.99", "业务招待费-其他")}
    db.session.add_all(Account(category=c, code=code, name=name) for c, (code, name) in codes.items())
    for code in FIRST_REGULATIONS:
        regulations.load(regulations.FOLDER / f"{code}.toml", adopt=adopt)
    db.session.flush()
