"""Many finished visits and expenses for measurement, inserted in bulk past the workflow.

Every row is one the workflow could have produced: finished years ago, with number, chain and cap; only the
audit log is left out. Indexes are dropped while rows pour in and made again afterwards.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import sqlalchemy as sa

from core import search
from core.search import grams
from demo.people import FACTORY, GIVEN, SURNAMES, TITLES
from models import Approval, Customer, Department, Expense, NumberSequence, ReceptionLevel, TourRoute, User, Visit, db

FIRST = date(2016, 1, 1)
PURPOSES = tuple(occasion.purpose for occasion in FACTORY.occasions)
PLACES = FACTORY.places
KINDS = ("tour", "site_audit", "document_audit", "technical")
CHANNELS = ("phone", "wechat", "email", "letter")
OUTCOMES = ("agreed", "demand", "done", "done", "nothing")
STANDINGS = ("clear",) * 17 + ("explained", "noted", "explained")
SHARES = {"closed": 47, "cancelled": 1, "rejected": 1, "no_show": 1}
STATES = [state for state, share in SHARES.items() for _ in range(share)]
PLACE_SEEDS = ("华东", "江南", "北方", "长三角", "滨海", "中原", "西部", "临港", "高新", "金湖")
TRADES = (
    "新能源",
    "精密机械",
    "电子",
    "储能",
    "汽车零部件",
    "自动化",
    "材料",
    "包装",
    "化工",
    "半导体",
    "光电",
    "模具",
)


def scale(visits: int, say=print) -> None:
    """Add `visits` visits and twice as many expenses with their approvals."""
    engine = db.engine
    db.session.rollback()
    db.session.remove()
    with engine.connect() as connection:
        known = _Known(connection)
        connection.rollback()
        tables = [Visit.__table__, Expense.__table__, Approval.__table__]
        say(f"Adding {visits:,} visits and {2 * visits:,} expenses …")
        with (
            connection.begin(),
            search.without_index(connection, Visit),
            search.without_index(connection, Expense),
        ):
            for table in tables:
                for index in table.indexes:
                    index.drop(connection, checkfirst=True)
            days = max(1, (known.last - FIRST).days)
            _insert(connection, Visit.__table__, _visits(known, visits, days))
            say("  visits are in")
            _insert(connection, Expense.__table__, _expenses(known, visits, days))
            say("  expenses are in")
            _insert(connection, Approval.__table__, _approvals(known, visits))
            for prefix, share in (("LF", visits), ("FY", 2 * visits)):
                _insert(
                    connection,
                    NumberSequence.__table__,
                    ({"prefix": prefix, "day": day, "last": count} for day, count in _per_day(share, days)),
                )
            for table in tables:
                for index in table.indexes:
                    index.create(connection)
            _follow_sequences(connection, tables)
        say("  indexes are made")
        # PostgreSQL walks an index alone only where it knows that every row is visible.
        tidy = "VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(tidy)
    say("Done.")


class _Known:
    """What the rows refer to, and where their numbers begin."""

    def __init__(self, connection):
        self.last = date.today() - timedelta(days=120)
        self.customers = connection.execute(
            sa.select(Customer.id, Customer.name, Customer.department_id).order_by(Customer.id)
        ).all()
        self.departments = dict(connection.execute(sa.select(Department.code, Department.id)).all())
        self.users = dict(connection.execute(sa.select(User.username, User.id)).all())
        self.levels = connection.execute(
            sa.select(ReceptionLevel.id, ReceptionLevel.rank)
            .where(ReceptionLevel.to_version.is_(None))
            .order_by(ReceptionLevel.rank)
        ).all()
        self.route = connection.scalar(sa.select(sa.func.max(TourRoute.id)).where(TourRoute.to_version.is_(None)))
        self.first = {
            t.__tablename__: (connection.scalar(sa.select(sa.func.max(t.id))) or 0) + 1
            for t in (Visit, Expense, Approval)
        }
        taken = connection.scalar(
            sa.select(sa.func.max(NumberSequence.day)).where(
                NumberSequence.day < self.last, NumberSequence.prefix == "LF"
            )
        )
        if taken:
            raise ValueError("this database has been scaled already")


def _per_day(total: int, days: int) -> Iterator[tuple[date, int]]:
    for n in range(days):
        count = total * (n + 1) // days - total * n // days
        if count:
            yield FIRST + timedelta(days=n), count


def _numbered(prefix: str, total: int, days: int) -> Iterator[tuple[str, date]]:
    for day, count in _per_day(total, days):
        for serial in range(1, count + 1):
            yield f"{prefix}-{day:%Y%m%d}-{serial:04d}", day


def _owner(known, n: int):
    """Sales has three visits in four; both clerks file."""
    sales = n % 4 != 3
    return known.departments["SAL" if sales else "TEC"], known.users[
        ("sales" if sales else "tech") + ("2" if n % 5 == 0 else "")
    ]


VISIT = {
    "version": 9,
    "round": 1,
    "rulebook_version": 1,
    "customer_id": None,
    "category": "business",
    "proposed_reason": "",
    "area": "office",
    "transport": "",
    "offer": "",
    "letter_no": "",
    "budget": "800.00",
    "walk_in": False,
    "unrelated_sales": False,
    "remarks": "",
    "record": "已接待。",
}
"""What every visit says."""


def _visits(known, total, days) -> Iterator[dict]:
    pick = random.Random(1)
    endings = ("有限公司", "股份有限公司", "集团", "研究院", "厂")
    names = [f"{place}{trade}{ending}" for place in PLACE_SEEDS for trade in TRADES for ending in endings]
    guests = [f"{surname}{given} {title}" for surname in SURNAMES for given in GIVEN[:12] for title in TITLES[:4]]
    words = {text: grams(text) for text in (*names, *PURPOSES, *guests)}
    for n, (number, day) in enumerate(_numbered("LF", total, days)):
        department, clerk = _owner(known, n)
        level, _ = known.levels[_level(n)]
        name, guest = names[pick.randrange(len(names))], guests[pick.randrange(len(guests))]
        purpose, kind = PURPOSES[n % len(PURPOSES)], n % len(KINDS)
        contact, title = guest.split()
        yield (
            VISIT
            | _moments(n, day)
            | {
                "id": known.first["visit"] + n,
                "number": number,
                "applicant_id": clerk,
                "host_id": clerk,
                "department_id": department,
                "status": STATES[n % len(STATES)],
                "organisation": name,
                "purpose": purpose,
                "level_id": level,
                "lead_guest": guest,
                "lead_title": title,
                "contact": contact,
                "guest_count": n % 6 + 1,
                "visit_kind": KINDS[kind],
                "channel": CHANNELS[n % len(CHANNELS)],
                "nights": n % 12 // 11,
                "needs": '["tour"]' if kind < 2 else "[]",
                "sensitive": n % 40 == 0,
                "route_id": known.route if kind < 2 else None,
                "outcome": OUTCOMES[n % len(OUTCOMES)],
                "compliance": STANDINGS[n // 7 % len(STANDINGS)],
                "search_grams": f"{words[name]} {words[purpose]} {words[guest]}",
            }
        )


def _level(n: int) -> int:
    """Which level the `n`th visit has: six in ten the lowest, three the next, one of the two highest."""
    return 3 if n % 10 < 6 else 2 if n % 10 < 9 else n // 10 % 2


def _moments(n: int, day: date) -> dict[str, str]:
    """When the `n`th visit was filed, took place and was closed; UTC."""
    before, after, hour, quarter = day - timedelta(days=3), day + timedelta(days=1), n % 8, n % 4 * 15
    return {
        "created_at": f"{before} 0{hour}:{n % 60:02d}:00.000000",
        "submitted_at": f"{before} 02:10:00.000000",
        "planned_start": f"{day} 0{hour + 1}:{quarter:02d}:00.000000",
        "planned_end": f"{day} 1{hour % 3}:{quarter:02d}:00.000000",
        "recorded_at": f"{after} 08:00:00.000000",
        "closed_at": f"{after} 08:00:00.000000",
    }


EXPENSE = {
    "version": 6,
    "round": 1,
    "rulebook_version": 1,
    "status": "settled",
    "escort_names": "陈志远",
    "tax": "12.35",
    "wine_amount": "0.00",
    "cap_clause": "R10-3.1",
    "over_cap_reason": "",
    "attachments": 2,
    "remarks": "",
}
"""What every expense says."""
CAPS = (500, 300, 200, 150)


def _expenses(known, visits, days) -> Iterator[dict]:
    names = [name for _, name, _ in known.customers]
    words = {text: grams(text) for text in (*names, *PLACES)}
    for n, (number, day) in enumerate(_numbered("FY", 2 * visits, days)):
        visit = n // 2
        department, clerk = _owner(known, visit)
        cap, guests, settled = CAPS[_level(visit)], visit % 6 + 1, day + timedelta(days=5)
        cents = cap * guests * 70 + n % 9973
        amount, name, place = f"{cents // 100}.{cents % 100:02d}", names[n % len(names)], PLACES[n % len(PLACES)]
        yield EXPENSE | {
            "id": known.first["expense"] + n,
            "number": number,
            "submitted_at": f"{day} 02:10:00.000000",
            "closed_at": f"{settled} 08:00:00.000000",
            "created_at": f"{day} 01:{n % 60:02d}:00.000000",
            "applicant_id": clerk,
            "department_id": department,
            "visit_id": known.first["visit"] + visit,
            "organisation": name,
            "category": "meal" if n % 3 else "lodging",
            "meal_period": "dinner" if n % 3 else "",
            "incurred_on": str(day),
            "place": place,
            "guests": guests,
            "escort_count": 1 if guests < 5 else 2,
            "invoice_no": f"{10**19 + n}",
            "invoice_date": str(day),
            "payee": place + "餐饮有限公司",
            "amount": amount,
            "cap": f"{cap}.00",
            "approved_amount": amount,
            "settled_on": str(settled),
            "voucher_no": f"记-{n % 10000:04d}",
            "compliance": STANDINGS[n // 11 % len(STANDINGS)],
            "search_grams": f"{words[name]} {words[place]} {10**19 + n}",
        }


def _approvals(known, visits) -> Iterator[dict]:
    key, first = known.first["approval"], known.first["expense"]
    at = f"{FIRST} 06:30:00.000000"
    for n in range(2 * visits):
        department, _ = _owner(known, n // 2)
        sales = department == known.departments["SAL"]
        yield {
            "id": key + n,
            "subject": "expense",
            "subject_id": first + n,
            "number": "",
            "round": 1,
            "step": 1,
            "role": "dept_head",
            "department_id": department,
            "clause": "R01-2.2",
            "opened_at": at,
            "decision": "approved",
            "decider_id": known.users["sales_head" if sales else "tech_head"],
            "comment": "",
            "decided_at": at,
        }


def _insert(connection, table, rows: Iterable[dict]) -> None:
    """Rows straight through the driver: executemany on SQLite, COPY on PostgreSQL."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    columns = list(first)
    names = ", ".join(f'"{c}"' for c in columns)
    raw = connection.connection.driver_connection

    def values():
        yield tuple(first.values())
        for row in rows:
            yield tuple(row.values())

    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in values():
                copy.write_row(row)
    else:
        raw.executemany(
            f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(columns))})',
            (tuple(str(v) if isinstance(v, date) else v for v in row) for row in values()),
        )


def _follow_sequences(connection, tables) -> None:
    """PostgreSQL's identity sequences do not notice rows that bring their own numbers."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
            )
