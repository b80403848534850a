"""Rooms and vehicles: what is booked, and by whom."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from clauses.words import DispatchField
from core.clock import local_day
from core.search import Searchable
from rules import DispatchFacts
from tables.base import OFFICE, ChoiceType, Encrypted, OfficeTable, Table, UTCDateTime, col, link, ref
from tables.requests import Request
from tables.visits import Visit
from workflow import BOOKING, DISPATCH, Actor, BookingState, DispatchState, Role


class MeetingRoom(OfficeTable, Table):
    __tablename__ = "meeting_room"
    __table_args__ = (sa.CheckConstraint("capacity > 0", name="capacity"),)
    name: Mapped[str] = col(sa.String(40), _l("Room"), unique=True)
    location: Mapped[str] = col(sa.String(60), _l("Location"), default="")
    capacity: Mapped[int] = col(sa.Integer, _l("Seats"))
    equipment: Mapped[str] = col(sa.String(120), _l("Equipment"), default="")
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)

    def __str__(self):
        return self.name


class RoomBooking(Searchable, Request, Table):
    """A room for a span of time. Confirmed bookings never overlap: the room is locked while one is confirmed."""

    __tablename__ = "room_booking"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="span"),
        sa.CheckConstraint("attendees >= 1", name="attendees"),
        sa.Index("ix_room_booking_room", "room_id", "starts_at", "id"),
        sa.Index("ix_room_booking_start", "starts_at", "id"),
        sa.Index("ix_room_booking_status", "status", "starts_at", "id"),
        sa.Index("ix_room_booking_department", "department_id", "starts_at", "id"),
    )
    prefix = "HY"
    process = BOOKING
    search_fields = ("subject",)
    sees_all = OFFICE
    status: Mapped[BookingState] = col(ChoiceType(BookingState), _l("Status"), default=BookingState.REQUESTED)
    room_id: Mapped[int] = ref("meeting_room.id", _l("Room"))
    room: Mapped[MeetingRoom] = link("MeetingRoom", _l("Room"))
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    subject: Mapped[str] = col(sa.String(120), _l("Subject"))
    starts_at: Mapped[datetime] = col(UTCDateTime, _l("From"))
    ends_at: Mapped[datetime] = col(UTCDateTime, _l("To"))
    attendees: Mapped[int] = col(sa.Integer, _l("People"), default=2)
    needs: Mapped[str] = col(sa.String(200), _l("Needs (tea, projector, name plates)"), default="")
    restored_note: Mapped[str] = col(sa.String(200), _l("State after use"), default="")

    @classmethod
    def also_visible(cls, actor: Actor) -> tuple:
        return (actor.has(Role.FRONT_DESK) and cls.status.in_(BOOKING.occupying),)


class Vehicle(OfficeTable, Table):
    __tablename__ = "vehicle"
    plate: Mapped[str] = col(sa.String(12), _l("Plate"), unique=True)
    model: Mapped[str] = col(sa.String(40), _l("Model"), default="")
    seats: Mapped[int] = col(sa.Integer, _l("Seats"), default=5)
    odometer: Mapped[int] = col(sa.Integer, _l("Odometer (km)"), default=0)
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)

    def __str__(self):
        return self.plate


class Driver(OfficeTable, Table):
    __tablename__ = "driver"
    name: Mapped[str] = col(sa.String(40), _l("Name"))
    phone: Mapped[str | None] = col(Encrypted, _l("Phone"), null=True, info={"private": True})
    licence_class: Mapped[str] = col(sa.String(6), _l("Licence class"), default="C1")
    licence_until: Mapped[date | None] = col(sa.Date, _l("Licence valid until"), null=True)
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)

    def __str__(self):
        return self.name


class Dispatch(Searchable, Request, Table):
    """A dispatch order (派车单). Car and driver are locked while assigned, so that neither is promised twice."""

    __tablename__ = "dispatch"
    __table_args__ = (
        sa.CheckConstraint("back_planned > out_planned", name="span"),
        sa.CheckConstraint("odometer_back >= odometer_out", name="odometer"),
        sa.Index("ix_dispatch_vehicle", "vehicle_id", "out_planned"),
        sa.Index("ix_dispatch_driver", "driver_id", "out_planned"),
        sa.Index("ix_dispatch_start", "out_planned", "id"),
        sa.Index("ix_dispatch_status", "status", "out_planned", "id"),
        sa.Index("ix_dispatch_department", "department_id", "out_planned", "id"),
    )
    prefix = "PC"
    process = DISPATCH
    search_fields = ("destination", "reason")
    sees_all = OFFICE
    status: Mapped[DispatchState] = col(ChoiceType(DispatchState), _l("Status"), default=DispatchState.SUBMITTED)
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    reason: Mapped[str] = col(sa.String(120), _l("Reason"))
    pick_up: Mapped[str] = col(sa.String(80), _l("Pick-up place"))
    destination: Mapped[str] = col(sa.String(80), _l("Destination"))
    flight: Mapped[str] = col(sa.String(20), _l("Flight or train"), default="")
    contact: Mapped[str] = col(sa.String(60), _l("Contact"), default="")
    sign: Mapped[str] = col(sa.String(60), _l("How to recognise them"), default="")
    send_off: Mapped[bool] = col(sa.Boolean, _l("Takes the guests back"), default=False)
    late_reason: Mapped[str] = col(sa.String(200), _l("Reason, where a rule asks for one"), default="")
    passengers: Mapped[int] = col(sa.Integer, _l("Passengers"), default=1)
    out_planned: Mapped[datetime] = col(UTCDateTime, _l("Departs"))
    back_planned: Mapped[datetime] = col(UTCDateTime, _l("Planned back"))
    vehicle_id: Mapped[int | None] = ref("vehicle.id", _l("Vehicle"), null=True)
    vehicle: Mapped[Vehicle | None] = link("Vehicle", _l("Vehicle"))
    driver_id: Mapped[int | None] = ref("driver.id", _l("Driver"), null=True)
    driver: Mapped[Driver | None] = link("Driver", _l("Driver"))
    out_at: Mapped[datetime | None] = col(UTCDateTime, _l("Left"), null=True)
    back_at: Mapped[datetime | None] = col(UTCDateTime, _l("Came back"), null=True)
    odometer_out: Mapped[int | None] = col(sa.Integer, _l("Odometer out (km)"), null=True)
    odometer_back: Mapped[int | None] = col(sa.Integer, _l("Odometer back (km)"), null=True)

    def facts(self, moment: datetime, day: date, kinds=None, **known) -> DispatchFacts:
        filled = {str(f) for f in DispatchField if getattr(self, str(f), None)}
        return DispatchFacts(
            day=local_day(self.out_planned) if self.out_planned else None,
            filed_on=local_day(self.created_at) if self.id and self.created_at else day,
            filled=frozenset(filled),
        )
