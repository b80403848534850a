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
from demo.history import PLACES, PURPOSES
from demo.people import GIVEN, SURNAMES, TITLES
from models import Approval, Customer, Department, Expense, NumberSequence, ReceptionLevel, TourRoute, User, Visit, db

FIRST = date(2016, 1, 1)
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
        cast = _Cast(connection)
        connection.rollback()
        tables = [Visit.__table__, Expense.__table__, Approval.__table__]
        say(f"Adding {visits:,} visits and {2 * visits:,} expenses …")
        with connection.begin():
            for table in tables:
                if "search_grams" in table.c:
                    search.pause_triggers(connection, table.name)
                for index in table.indexes:
                    index.drop(connection, checkfirst=True)
            days = max(1, (cast.last - FIRST).days)
            _insert(connection, Visit.__table__, _visits(cast, visits, days))
            say("  visits are in")
            _insert(connection, Expense.__table__, _expenses(cast, visits, days))
            say("  expenses are in")
            _insert(connection, Approval.__table__, _approvals(cast, visits))
            for prefix, share in (("LF", visits), ("FY", 2 * visits)):
                _insert(
                    connection,
                    NumberSequence.__table__,
                    ({"prefix": prefix, "day": day, "last": count} for day, count in _per_day(share, days)),
                )
            for table in tables:
                for index in table.indexes:
                    index.create(connection)
                if "search_grams" in table.c:
                    search.rebuild(connection, table.name)
            _follow_sequences(connection, tables)
        say("  indexes are made")
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    say("Done.")


class _Cast:
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


def _owner(cast, n: int):
    """Sales has three visits in four; both clerks file."""
    sales = n % 4 != 3
    return cast.departments["SAL" if sales else "TEC"], cast.users[
        ("sales" if sales else "tech") + ("2" if n % 5 == 0 else "")
    ]


def _visits(cast, total, days) -> Iterator[dict]:
    pick = random.Random(1)
    names = [
        f"{a}{b}{c}" for a in PLACE_SEEDS for b in TRADES for c in ("有限公司", "股份有限公司", "集团", "研究院", "厂")
    ]
    name_grams, purpose_grams = {n: grams(n) for n in names}, {p: grams(p) for p in PURPOSES}
    guests = [f"{s}{g} {t}" for s in SURNAMES for g in GIVEN[:12] for t in TITLES[:4]]
    guest_grams = {g: grams(g) for g in guests}
    key = cast.first["visit"]
    for n, (number, day) in enumerate(_numbered("LF", total, days)):
        department, clerk = _owner(cast, n)
        level, rank = cast.levels[3 if n % 10 < 6 else 2 if n % 10 < 9 else n // 10 % 2]
        name, purpose, guest = (
            names[pick.randrange(len(names))],
            PURPOSES[n % len(PURPOSES)],
            guests[pick.randrange(len(guests))],
        )
        hour = n % 8
        yield {
            "id": key + n,
            "number": number,
            "version": 9,
            "submitted_at": f"{day - timedelta(days=3)} 02:10:00.000000",
            "closed_at": f"{day + timedelta(days=1)} 08:00:00.000000",
            "created_at": f"{day - timedelta(days=3)} 0{hour}:{n % 60:02d}:00.000000",
            "round": 1,
            "rulebook_version": 1,
            "applicant_id": clerk,
            "department_id": department,
            "status": STATES[n % len(STATES)],
            "organisation": name,
            "customer_id": None,
            "category": "business",
            "purpose": purpose,
            "level_id": level,
            "lead_guest": guest,
            "guest_count": n % 6 + 1,
            "planned_start": f"{day} 0{hour + 1}:{n % 4 * 15:02d}:00.000000",
            "planned_end": f"{day} 1{hour % 3 + 0}:{n % 4 * 15:02d}:00.000000",
            "host_id": clerk,
            "proposed_reason": "",
            "area": "office",
            "visit_kind": KINDS[n % len(KINDS)],
            "channel": CHANNELS[n % len(CHANNELS)],
            "contact": guest.split()[0],
            "lead_title": guest.split()[1],
            "nights": n % 12 // 11,
            "transport": "",
            "needs": '["tour"]' if n % len(KINDS) < 2 else "[]",
            "sensitive": n % 40 == 0,
            "route_id": cast.route if n % len(KINDS) < 2 else None,
            "offer": "",
            "outcome": OUTCOMES[n % len(OUTCOMES)],
            "recorded_at": f"{day + timedelta(days=1)} 08:00:00.000000",
            "compliance": STANDINGS[n // 7 % len(STANDINGS)],
            "letter_no": "",
            "budget": "800.00",
            "walk_in": False,
            "unrelated_sales": False,
            "remarks": "",
            "record": "已接待。",
            "search_grams": f"{name_grams[name]} {purpose_grams[purpose]} {guest_grams[guest]}",
        }


def _expenses(cast, visits, days) -> Iterator[dict]:
    caps = (500, 300, 200, 150)
    place_grams = {p: grams(p) for p in PLACES}
    names = [name for _, name, _ in cast.customers]
    name_grams = {n: grams(n) for n in names}
    key, first_visit = cast.first["expense"], cast.first["visit"]
    for n, (number, day) in enumerate(_numbered("FY", 2 * visits, days)):
        visit = n // 2
        department, clerk = _owner(cast, visit)
        cap = caps[3 if visit % 10 < 6 else 2 if visit % 10 < 9 else visit // 10 % 2]
        guests = visit % 6 + 1
        cents = cap * guests * 70 + n % 9973
        amount, name, place = f"{cents // 100}.{cents % 100:02d}", names[n % len(names)], PLACES[n % len(PLACES)]
        yield {
            "id": key + n,
            "number": number,
            "version": 6,
            "submitted_at": f"{day} 02:10:00.000000",
            "closed_at": f"{day + timedelta(days=5)} 08:00:00.000000",
            "created_at": f"{day} 01:{n % 60:02d}:00.000000",
            "round": 1,
            "rulebook_version": 1,
            "applicant_id": clerk,
            "department_id": department,
            "status": "settled",
            "visit_id": first_visit + visit,
            "organisation": name,
            "category": "meal" if n % 3 else "lodging",
            "meal_period": "dinner" if n % 3 else "",
            "incurred_on": str(day),
            "place": place,
            "guests": guests,
            "escort_count": 1 if guests < 5 else 2,
            "escort_names": "陈志远",
            "invoice_no": f"{10**19 + n}",
            "invoice_date": str(day),
            "payee": place + "餐饮有限公司",
            "amount": amount,
            "tax": "12.35",
            "wine_amount": "0.00",
            "cap": f"{cap}.00",
            "cap_clause": "R10-3.1",
            "over_cap_reason": "",
            "attachments": 2,
            "approved_amount": amount,
            "settled_on": str(day + timedelta(days=5)),
            "voucher_no": f"记-{n % 10000:04d}",
            "remarks": "",
            "compliance": STANDINGS[n // 11 % len(STANDINGS)],
            "search_grams": f"{name_grams[name]} {place_grams[place]} {10**19 + n}",
        }


def _approvals(cast, visits) -> Iterator[dict]:
    key, first = cast.first["approval"], cast.first["expense"]
    at = f"{FIRST} 06:30:00.000000"
    for n in range(2 * visits):
        department, _ = _owner(cast, n // 2)
        sales = department == cast.departments["SAL"]
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
            "decider_id": cast.users["sales_head" if sales else "tech_head"],
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
