"""Rooms and cars: nothing is promised twice at the same time."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Move, Refused
from models import Dispatch, Driver, RoomBooking, Vehicle, db, lock


# ── Rooms ────────────────────────────────────────────────────────────────────────────────────────
@effect("roombooking.confirm")
def confirm_room(move: Move) -> None:
    """The room is reserved. Refused where it is taken at that time, or seats too few; its row is held meanwhile."""
    row = move.row
    lock(row.room)
    number = booking_of(row.room_id, row.starts_at, row.ends_at, row.id)
    if number:
        raise Refused(
            say(N_("The room is taken at that time by {number}: choose another room or time."), number=number)
        )
    if row.attendees > row.room.capacity:
        text = N_("The room seats {seats}; {people} are expected: choose a larger room.")
        raise Refused(say(text, seats=row.room.capacity, people=row.attendees))


@effect("roombooking.restore")
def restore_room(move: Move) -> None:
    """Venue and equipment were checked after use; what was found is noted."""
    if not move.data.get("restored"):
        raise Refused(say(N_("Tick that venue and equipment were checked.")))
    move.row.restored_note = move.comment[:200]


def booking_of(room_id: int, start: datetime, end: datetime, but: int = 0) -> str | None:
    """The number of a booking other than `but` that takes the room within [start, end); None where it is free."""
    return _taking(
        RoomBooking, RoomBooking.room_id == room_id, RoomBooking.starts_at < end, RoomBooking.ends_at > start, but
    )


# ── Cars ─────────────────────────────────────────────────────────────────────────────────────────
@effect("dispatch.assign")
def assign(move: Move) -> None:
    """Car and driver are reserved.

    Refused where one is out of service or taken, the car too small or the licence over.
    """
    row, vehicle = move.row, db.session.get(Vehicle, move.data["vehicle"])
    driver = db.session.get(Driver, move.data["driver"])
    if vehicle is None or driver is None or not vehicle.active or not driver.active:
        raise Refused(say(N_("Choose a car and a driver that are in service.")))
    # Always in this order, so that two assignments never wait for each other.
    lock(vehicle)
    lock(driver)
    during = Dispatch.out_planned < row.back_planned, Dispatch.back_planned > row.out_planned
    for thing, text in (
        (Dispatch.vehicle_id == vehicle.id, N_("The car is taken at that time by {number}: choose another.")),
        (Dispatch.driver_id == driver.id, N_("The driver is taken at that time by {number}: choose another.")),
    ):
        number = _taking(Dispatch, thing, *during, row.id)
        if number:
            raise Refused(say(text, number=number))
    if row.passengers >= vehicle.seats:
        text = N_("The car seats {seats} with its driver; {people} passengers are too many.")
        raise Refused(say(text, seats=vehicle.seats, people=row.passengers))
    if driver.licence_until and driver.licence_until < row.out_planned.date():
        raise Refused(say(N_("The driver's licence will have expired on that day.")))
    row.vehicle_id, row.driver_id = vehicle.id, driver.id


@effect("dispatch.depart")
def depart(move: Move) -> None:
    """The car has left: when, and with what on its odometer (km), which never goes back."""
    row, reading = move.row, move.data.get("odometer_out")
    lock(row.vehicle)
    row.odometer_out = row.vehicle.odometer if reading is None else reading
    if row.odometer_out < row.vehicle.odometer:
        raise Refused(say(N_("The odometer stood at {km} km before: it cannot go back."), km=row.vehicle.odometer))
    row.out_at = move.actor.now


@effect("dispatch.come_back")
def come_back(move: Move) -> None:
    """The car is back and free again: when, and with what on its odometer (km), which the car keeps."""
    row, reading = move.row, move.data.get("odometer_back")
    lock(row.vehicle)
    if reading is None or reading < row.odometer_out:
        raise Refused(say(N_("It left at {km} km: enter the odometer at return."), km=row.odometer_out))
    row.odometer_back, row.back_at, row.vehicle.odometer = reading, move.actor.now, reading


def _taking(model: Any, thing: Any, begins_before: Any, ends_after: Any, but: int) -> str | None:
    """The number of a row other than `but` that takes `thing` meanwhile; None where it is free."""
    return db.session.scalar(
        sa.select(model.number)
        .where(thing, model.status.in_(model.process.occupying), model.id != but, begins_before, ends_after)
        .limit(1)
    )
