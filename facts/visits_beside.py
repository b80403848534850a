"""What other tables say of visits: each read by one statement, when the first fact asks for it."""

from collections import defaultdict
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from facts.base import Beside, plain
from models import (
    BusinessCard,
    Checkin,
    ChecklistItem,
    Dispatch,
    Evidence,
    Feedback,
    FollowUp,
    Gender,
    Gift,
    GiftRequest,
    GoodsRelease,
    ItineraryItem,
    ItineraryKind,
    MeetingRoom,
    Nda,
    Notice,
    NoticeReceipt,
    RoomBooking,
    TourRoute,
    Vehicle,
    Visit,
    VisitEscort,
    VisitGuest,
    Visitor,
    VisitQuestion,
)
from workflow import BOOKING, DISPATCH, GIFT_REQUEST, NOTICE_RECEIPT, ReleaseState


class Guest(NamedTuple):
    """One guest: each GuestField holds something where it is on file."""

    id: int
    is_lead: bool
    signature: bool
    name: str
    title: str
    organisation: str
    gender: str
    phone: bool
    identity_no: bool
    diet: str
    blacklisted: bool


class Stay(NamedTuple):
    """One stay of one guest in the house."""

    inside: bool
    badge: bool
    identity: bool
    security: bool


class BesideVisits(Beside):
    """What other tables say of visits; guests, escorts and evidence of an object are those laid into it."""

    @cached_property
    def guests(self) -> dict[int, list[Guest]]:
        if self.row is not None:
            return {self.row.id: [_guest(g, g.visitor) for g in self.row.guests]}
        p = Visitor
        guests = self.grouped(
            VisitGuest.visit_id,
            *(VisitGuest.id, VisitGuest.is_lead, VisitGuest.signed, p.name, p.title, p.organisation),
            sa.case((p.gender == Gender.UNKNOWN, ""), else_=plain(p.gender)),
            sa.type_coerce(p.phone, sa.Text).is_not(None),
            sa.type_coerce(p.identity_no, sa.Text).is_not(None),
            *(p.diet, p.blacklisted),
            join=[(p, p.id == VisitGuest.visitor_id)],
        )
        return {key: [Guest._make(row) for row in rows] for key, rows in guests.items()}

    @cached_property
    def stays(self) -> dict[int, list[Stay]]:
        """The stays of each guest, by the guest's id."""
        if self.row is not None:
            return {g.id: [_stay(c) for c in g.checkins] for g in self.row.guests if g.checkins}
        c, stays = Checkin, defaultdict(list)
        if self.within is not None:
            statement = sa.select(c.guest_id, c.left_at.is_(None), c.badge_no != "", c.identity_checked)
            for guest, *stay in self.run.execute(
                statement.add_columns(c.security_checked)
                .join(VisitGuest, VisitGuest.id == c.guest_id)
                .where(self.within(VisitGuest.visit_id))
            ):
                stays[guest].append(Stay._make(stay))
        return stays

    @cached_property
    def escorts(self) -> dict[int, list[tuple[int, str]]]:
        if self.row is not None:
            return {self.row.id: [(e.user.id, e.duty or "") for e in self.row.escorts]}
        return self.grouped(VisitEscort.visit_id, VisitEscort.user_id, VisitEscort.duty)

    @cached_property
    def evidence(self) -> dict[int, list[tuple[bool]]]:
        if self.row is not None:
            return {self.row.id: [(bool(e.sealed),) for e in self.row.evidence]}
        return self.grouped(Evidence.visit_id, Evidence.sealed)

    @cached_property
    def itinerary(self) -> dict[int, list[tuple[str, str]]]:
        return self.grouped(ItineraryItem.visit_id, plain(ItineraryItem.kind), ItineraryItem.diet)

    @cached_property
    def rooms(self) -> dict[int, int]:
        return self.counted(RoomBooking.visit_id, RoomBooking.status.in_(BOOKING.granted))

    @cached_property
    def cars(self) -> dict[int, list[tuple[bool]]]:
        return self.grouped(Dispatch.visit_id, Dispatch.send_off, where=[Dispatch.status.not_in(DISPATCH.gone)])

    @cached_property
    def unsigned(self) -> dict[int, int]:
        """How many departments have not signed for a copy of a notice."""
        if self.within is None:
            return {}
        statement = sa.select(Notice.visit_id, sa.func.count(NoticeReceipt.department_id.distinct()))
        return dict(
            self.run.execute(
                statement.join(NoticeReceipt)
                .where(self.within(Notice.visit_id), NoticeReceipt.status.not_in(NOTICE_RECEIPT.over))
                .group_by(Notice.visit_id)
            ).all()
        )

    @cached_property
    def notices(self) -> dict[int, dict[str, Any]]:
        """What the notice said that went out last."""
        if self.within is None:
            return {}
        last = sa.select(sa.func.max(Notice.id)).where(self.within(Notice.visit_id)).group_by(Notice.visit_id)
        return dict(self.run.execute(sa.select(Notice.visit_id, Notice.content).where(Notice.id.in_(last))).all())

    @cached_property
    def routes(self) -> dict[int, str]:
        """The names of tour routes."""
        if self.within is None:
            return {}
        statement = sa.select(Visit.id, TourRoute.name).join(TourRoute, TourRoute.id == Visit.route_id)
        return dict(self.run.execute(statement.where(self.within(Visit.id))).all())

    @cached_property
    def bookings(self) -> dict[int, list[tuple[str, datetime, datetime]]]:
        """Rooms that count for the visit: name, from, to."""
        b = RoomBooking
        return self.grouped(
            *(b.visit_id, MeetingRoom.name, b.starts_at, b.ends_at),
            where=[b.status.not_in(BOOKING.gone)],
            join=[(MeetingRoom, MeetingRoom.id == b.room_id)],
        )

    @cached_property
    def drives(self) -> dict[int, list[tuple[datetime, str, str, str | None]]]:
        """Cars that count for the visit: when they leave, from where, whereto, their plate."""
        d = Dispatch
        return self.grouped(
            *(d.visit_id, d.out_planned, d.pick_up, d.destination, Vehicle.plate),
            where=[d.status.not_in(DISPATCH.gone)],
            join=[(Vehicle, Vehicle.id == d.vehicle_id)],
        )

    @cached_property
    def programme(self) -> dict[int, list[tuple[datetime, ItineraryKind, str, str]]]:
        """The itinerary in order of time: when, what, where, how."""
        i = ItineraryItem
        return self.grouped(*(i.visit_id, i.starts_at, i.kind, i.place, i.standard), order=(i.starts_at, i.id))

    @cached_property
    def gifts_wanted(self) -> dict[int, list[tuple[str, int]]]:
        """Gifts that count for the visit: what, how many."""
        g = GiftRequest
        return self.grouped(
            *(g.visit_id, Gift.name, g.quantity),
            where=[g.status.not_in(GIFT_REQUEST.gone)],
            join=[(Gift, Gift.id == g.gift_id)],
        )

    @cached_property
    def issuers(self) -> dict[int, list[tuple[int]]]:
        return self.grouped(Notice.visit_id, Notice.issued_by_id)

    @cached_property
    def checks(self) -> dict[int, list[tuple[str, str, str]]]:
        """The items of checklists that nobody has ticked."""
        c = ChecklistItem
        return self.grouped(c.visit_id, c.clause, plain(c.phase), c.item, where=[c.done_at.is_(None)])

    @cached_property
    def ndas(self) -> tuple[dict[int, list[Any]], dict[str, list[Any]]]:
        """Confidentiality agreements as (signed on, valid until), by visit and by organisation."""
        of_visit: dict[int, list[Any]] = defaultdict(list)
        of_organisation: dict[str, list[Any]] = defaultdict(list)
        if self.within is not None:
            sensitive = sa.select(Visit.organisation).where(
                self.within(Visit.id), Visit.sensitive, Visit.organisation != ""
            )
            for visit, organisation, *span in self.run.execute(
                sa.select(Nda.visit_id, Nda.organisation, Nda.signed_on, Nda.valid_until).where(
                    sa.or_(self.within(Nda.visit_id), Nda.organisation.in_(sensitive))
                )
            ):
                of_visit[visit].append(span)
                if organisation:
                    of_organisation[organisation].append(span)
        return of_visit, of_organisation

    @cached_property
    def slips(self) -> dict[int, int]:
        return self.counted(GoodsRelease.visit_id, GoodsRelease.status == ReleaseState.RELEASED)

    @cached_property
    def questions(self) -> dict[int, list[tuple[datetime, datetime | None]]]:
        return self.grouped(VisitQuestion.visit_id, VisitQuestion.created_at, VisitQuestion.answered_at)

    @cached_property
    def feedback(self) -> dict[int, int]:
        return self.counted(Feedback.visit_id)

    @cached_property
    def gifts(self) -> dict[int, int]:
        return self.counted(GiftRequest.visit_id, GiftRequest.status.in_(GIFT_REQUEST.handed_out))

    @cached_property
    def cards(self) -> dict[int, int]:
        return self.counted(BusinessCard.visit_id)

    @cached_property
    def follow_ups(self) -> dict[int, date]:
        """The first day on which somebody follows up."""
        if self.within is None:
            return {}
        statement = sa.select(FollowUp.visit_id, sa.func.min(FollowUp.next_on)).group_by(FollowUp.visit_id)
        return dict(
            self.run.execute(statement.where(self.within(FollowUp.visit_id), FollowUp.next_on.is_not(None))).all()
        )


def _guest(guest: VisitGuest, visitor: Visitor) -> Guest:
    return Guest(
        guest.id,
        bool(guest.is_lead),
        bool(guest.signed),
        visitor.name,
        visitor.title or "",
        visitor.organisation or "",
        "" if visitor.gender in (None, Gender.UNKNOWN) else str(visitor.gender),
        bool(visitor.phone),
        bool(visitor.identity_no),
        visitor.diet or "",
        bool(visitor.blacklisted),
    )


def _stay(checkin: Checkin) -> Stay:
    return Stay(
        checkin.left_at is None,
        bool(checkin.badge_no),
        bool(checkin.identity_checked),
        bool(checkin.security_checked),
    )


__all__ = ["BesideVisits", "Guest", "Stay"]
