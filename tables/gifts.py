"""Gifts and wine: what is kept, asked for and issued."""

from decimal import Decimal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from clauses.words import Benefit
from core.text import N_, Choice
from rules import Rulebook
from tables.base import OFFICE, ChoiceType, Created, Money, OfficeTable, Table, any_of, col, db, link, ref
from tables.people import User
from tables.requests import Request
from tables.visits import Visit
from workflow import GIFT_REQUEST, Actor, GiftRequestState


class GiftKind(Choice):
    GIFT = "gift", N_("Gift")
    WINE = "wine", N_("Wine")


class MovementKind(Choice):
    IN = "in", N_("Received")
    OUT = "out", N_("Out of stock room")
    BACK = "back", N_("Returned")
    ADJUST = "adjust", N_("Adjusted")


class Gift(OfficeTable, Table):
    __tablename__ = "gift"
    __table_args__ = (sa.CheckConstraint("unit_cost >= 0", name="cost"),)
    code: Mapped[str] = col(sa.String(20), _l("Code"), unique=True)
    name: Mapped[str] = col(sa.String(60), _l("Article"))
    kind: Mapped[GiftKind] = col(ChoiceType(GiftKind), _l("Kind"), default=GiftKind.GIFT)
    specification: Mapped[str] = col(sa.String(60), _l("Specification"), default="")
    unit: Mapped[str] = col(sa.String(10), _l("Unit"), default="件")
    unit_cost: Mapped[sa.Numeric] = col(Money, _l("Unit cost (CNY)"))
    important: Mapped[bool] = col(sa.Boolean, _l("Important gift"), default=False)
    benefit: Mapped[Benefit] = col(ChoiceType(Benefit), _l("As good as money"), default=Benefit.NONE)
    minimum: Mapped[int] = col(sa.Integer, _l("Reorder below"), default=0)
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)

    def __str__(self):
        return f"{self.name} {self.specification}".strip()


class StockMovement(Created, Table):
    """The ledger of gifts: append-only, the stock is its sum. `quantity` is signed."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        sa.CheckConstraint("quantity <> 0", name="quantity"),
        sa.Index("ix_stock_movement_gift", "gift_id", "quantity"),
    )
    gift_id: Mapped[int] = ref("gift.id", _l("Article"))
    gift: Mapped[Gift] = link("Gift", _l("Article"))
    kind: Mapped[MovementKind] = col(ChoiceType(MovementKind), _l("Kind"), default=MovementKind.IN)
    quantity: Mapped[int] = col(sa.Integer, _l("Quantity"))
    unit_cost: Mapped[sa.Numeric] = col(Money, _l("Unit cost (CNY)"))
    request_id: Mapped[int | None] = ref("gift_request.id", _l("Gift request"), null=True, index=True)
    by_id: Mapped[int | None] = ref("user.id", _l("By"), null=True)
    by: Mapped[User | None] = link("User", _l("By"))
    note: Mapped[str] = col(sa.String(120), _l("Note"), default="")

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(actor.has(*OFFICE))


def stock_of(gift_id: int) -> int:
    return db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(StockMovement.quantity), 0)).where(StockMovement.gift_id == gift_id)
    )


class GiftRequest(Request, Table):
    """Gifts or wine asked for a visit (申领)."""

    __tablename__ = "gift_request"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 1", name="quantity"),
        sa.Index("ix_gift_request_status", "status", "id"),
        sa.Index("ix_gift_request_department", "department_id", "id"),
    )
    prefix = "LP"
    process = GIFT_REQUEST
    status: Mapped[GiftRequestState] = col(ChoiceType(GiftRequestState), _l("Status"), default=GiftRequestState.DRAFT)
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    hospitality_id: Mapped[int | None] = ref("hospitality_request.id", _l("Hospitality request"), null=True, index=True)
    hospitality: Mapped["object | None"] = link("HospitalityRequest", _l("Hospitality request"))
    gift_id: Mapped[int] = ref("gift.id", _l("Article"), index=True)
    gift: Mapped[Gift] = link("Gift", _l("Article"))
    quantity: Mapped[int] = col(sa.Integer, _l("Quantity"), default=1)
    purpose: Mapped[str] = col(sa.String(200), _l("Purpose"))
    recipient: Mapped[str] = col(sa.String(60), _l("Recipient"), default="")

    @property
    def amount(self) -> Decimal:
        return self.gift.unit_cost * self.quantity if self.gift else Decimal(0)

    @property
    def issued_cost(self):
        """What left the stock for it and did not come back, at cost in CNY."""
        return -db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(StockMovement.quantity * StockMovement.unit_cost), 0)).where(
                StockMovement.request_id == self.id
            )
        )

    @property
    def rank(self):
        return self.visit.rank if self.visit else None

    def conditions(self, book: Rulebook) -> frozenset[str]:
        return frozenset({"important"} if self.gift and self.gift.important else ())
