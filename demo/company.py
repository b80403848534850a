"""A demo company: fixed people first, then a history lived through the workflow. Who they are, says `demo.people`."""

import sqlalchemy as sa

from core.passwords import hash_password
from demo.people import COMPANIES, FACTORY, ROLES, Company, identity, person
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


def people(company: Company = FACTORY) -> None:
    """Departments, users, customers, visitors, rooms, cars and gifts: what stands before the first request."""
    departments = {code: Department(code=code, name=name, name_en=en) for code, name, en in company.departments}
    db.session.add_all(departments.values())
    db.session.flush()
    users = add_users(company, departments)
    add_customers(company, departments, users)
    name, title, organisation, why = company.barred
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
    db.session.add_all(MeetingRoom(name=n, location=at, capacity=c, equipment=e) for n, at, c, e in company.rooms)
    db.session.add_all(Vehicle(plate=p, model=m, seats=s, odometer=o) for p, m, s, o in company.vehicles)
    db.session.add_all(Driver(name=n, phone=p, licence_class=c) for n, p, c in company.drivers)
    add_gifts(company, users["office"])
    db.session.flush()


def add_users(company: Company, departments: dict[str, Department]) -> dict[str, User]:
    """The company's logins, all with the demo password."""
    hashed, users = hash_password(PASSWORD), {}
    for username, name, title, phone in company.users:
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
    return users


def add_customers(company: Company, departments: dict[str, Department], users: dict[str, User]) -> None:
    """The customers, each with the guests named for it or with four others."""
    guests = 0
    for name, short, kind, department, contact in company.customers:
        customer = Customer(
            name=name,
            short_name=short,
            kind=kind,
            contact=contact,
            owner_id=users["sales" if department == "SAL" else "tech"].id,
            department_id=departments[department].id,
            contact_days=30 if kind == CustomerClass.IMPORTANT else 90,
        )
        db.session.add(customer)
        db.session.flush()
        for guest in company.guests.get(name) or others(company, contact, guests):
            guests += 1
            add_visitor(customer, guests, *guest)


def others(company: Company, contact: str, n: int) -> list[tuple[str, str, str]]:
    """Four guests of a customer that names none: its contact and three more, after the company's `n`th guest."""
    titles = company.titles
    return [(contact if k == 1 else person(n + k), titles[(n + k) % len(titles)], "") for k in range(1, 5)]


def add_visitor(customer: Customer, n: int, name: str, title: str, assistance: str) -> None:
    """The `n`th guest of the company, who comes for a customer."""
    db.session.add(
        Visitor(
            name=name,
            title=title,
            organisation=customer.name,
            customer_id=customer.id,
            department_id=customer.department_id,
            assistance=assistance,
            gender=Gender.MALE if n % 3 else Gender.FEMALE,
            phone=f"139{10000000 + n * 7919 % 89999999}",
            identity_no=identity(n),
            diet="清真" if n % 17 == 0 else "素食" if n % 23 == 0 else "",
        )
    )


def add_gifts(company: Company, keeper: User) -> None:
    """The articles with their stock, as the keeper received it."""
    for code, name, kind, specification, unit, cost, important, minimum, stock in company.gifts:
        gift = Gift(
            code=code,
            name=name,
            kind=kind,
            specification=specification,
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
                by_id=keeper.id,
                note="年度采购",
            )
        )


def load(key: str) -> Company:
    """The company without a history: its regulations and its people. The caller commits."""
    company = COMPANIES[key]
    load_basics(company.adopt)
    people(company)
    settings = (("demo", "true"), ("company", company.name), ("demo_company", company.key))
    db.session.add_all(Setting(key=name, value=value) for name, value in settings)
    db.session.flush()
    return company


def loaded() -> str | None:
    """Which demo company the database holds; None where it holds none."""
    kept = dict(
        db.session.execute(sa.select(Setting.key, Setting.value).where(Setting.key.in_(("demo", "demo_company")))).all()
    )
    return kept.get("demo_company", FACTORY.key) if kept.get("demo") == "true" else None


def make(company: str = FACTORY.key, today=None) -> None:
    """The whole demo company, in one transaction: half a company is never left behind."""
    from demo.history import live

    live(load(company), today)
    db.session.commit()
