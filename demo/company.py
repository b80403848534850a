"""A demo company: fixed people first, then a history lived through the workflow. Whose, says `demo.casts`."""

import sqlalchemy as sa

from core.passwords import hash_password
from demo.people import COMPANIES, FACTORY, ROLES, Cast, identity, person
from installation import load_basics
from models import (
    Customer,
    CustomerClass,
    Department,
    Driver,
    Gender,
    Gift,
    MeetingRoom,
    MovementKind,
    Setting,
    StockMovement,
    User,
    UserRole,
    Vehicle,
    Visitor,
    db,
)

PASSWORD = "demo-yingke"


def people(cast: Cast = FACTORY) -> None:
    """Departments, users, customers, visitors, rooms, cars and gifts: what stands before the first request."""
    departments = {code: Department(code=code, name=name, name_en=english) for code, name, english in cast.departments}
    db.session.add_all(departments.values())
    db.session.flush()
    hashed = hash_password(PASSWORD)
    users = {}
    for username, name, title, phone in cast.users:
        department, role = ROLES[username]
        users[username] = User(
            username=username,
            name=name,
            title=title,
            department_id=departments[department].id,
            phone=phone,
            password_hash=hashed,
            roles=[UserRole(role=role)],
        )
        db.session.add(users[username])
        db.session.flush()
    n = 0
    for name, short, kind, department, contact in cast.customers:
        owner = users["sales" if department == "SAL" else "tech"]
        customer = Customer(
            name=name,
            short_name=short,
            kind=kind,
            contact=contact,
            owner_id=owner.id,
            department_id=departments[department].id,
            contact_days=30 if kind == CustomerClass.IMPORTANT else 90,
        )
        db.session.add(customer)
        db.session.flush()
        named = cast.guests.get(name)
        for k in range(len(named) if named else 4):
            n += 1
            guest, title, assistance = (
                named[k] if named else (contact if k == 0 else person(n), cast.titles[n % len(cast.titles)], "")
            )
            db.session.add(
                Visitor(
                    name=guest,
                    title=title,
                    organisation=name,
                    customer_id=customer.id,
                    department_id=customer.department_id,
                    assistance=assistance,
                    gender=Gender.MALE if n % 3 else Gender.FEMALE,
                    phone=f"139{10000000 + n * 7919 % 89999999}",
                    identity_no=identity(n),
                    diet="清真" if n % 17 == 0 else "素食" if n % 23 == 0 else "",
                )
            )
    name, title, organisation, why = cast.barred
    db.session.add(
        Visitor(
            name=name,
            title=title,
            organisation=organisation,
            department_id=departments["ADM"].id,
            phone="13800001111",
            blacklisted=True,
            blacklist_reason=why,
        )
    )
    db.session.add_all(MeetingRoom(name=n, location=where, capacity=c, equipment=e) for n, where, c, e in cast.rooms)
    db.session.add_all(Vehicle(plate=p, model=m, seats=s, odometer=o) for p, m, s, o in cast.vehicles)
    db.session.add_all(Driver(name=n, phone=p, licence_class=c) for n, p, c in cast.drivers)
    for code, name, kind, spec, unit, cost, important, minimum, stock in cast.gifts:
        gift = Gift(
            code=code,
            name=name,
            kind=kind,
            specification=spec,
            unit=unit,
            unit_cost=cost,
            important=important,
            minimum=minimum,
        )
        db.session.add(gift)
        db.session.flush()
        db.session.add(
            StockMovement(
                gift_id=gift.id,
                kind=MovementKind.IN,
                quantity=stock,
                unit_cost=cost,
                by_id=users["office"].id,
                note="年度采购",
            )
        )
    db.session.flush()


def found(company: str) -> Cast:
    """The company without a history: its regulations and its people. The caller commits."""
    cast = COMPANIES[company]
    load_basics(cast.adopt)
    people(cast)
    db.session.add_all(
        Setting(key=key, value=value)
        for key, value in (("demo", "true"), ("company", cast.name), ("demo_company", cast.key))
    )
    db.session.flush()
    return cast


def loaded() -> str | None:
    """Which demo company the database holds; None where it holds none."""
    kept = dict(
        db.session.execute(sa.select(Setting.key, Setting.value).where(Setting.key.in_(("demo", "demo_company")))).all()
    )
    return kept.get("demo_company", FACTORY.key) if kept.get("demo") == "true" else None


def make(company: str = FACTORY.key, today=None) -> None:
    """The whole demo company, in one transaction: half a company is never left behind."""
    from demo.history import live

    live(found(company), today)
    db.session.commit()
