"""Rooms and cars: booked and asked for, never promised twice."""

from core.text import N_, say
from engine.effects.resources import booking_of
from panel.checks import at_least_one, ends_in_time
from panel.ruled import Ruled
from panel.transitions import RequestView


class BookingScreen(RequestView):
    takes = {
        "visit": {
            "subject": lambda visit: f"{visit.organisation} {visit.purpose}",
            "starts_at": lambda visit: visit.planned_start,
            "ends_at": lambda visit: visit.planned_end,
            "attendees": lambda visit: visit.guest_count + max(1, len(visit.escorts)),
        }
    }
    summary_columns = ("room", "subject", "starts_at", "ends_at", "attendees", "needs", "applicant")

    def problems(self, row, form):
        yield from ends_in_time(row, "starts_at", "ends_at", strictly=True)
        if row.room and row.attendees and row.attendees > row.room.capacity:
            yield "attendees", say(N_("The room seats {seats}; choose a larger one."), seats=row.room.capacity)
        timed = row.room and row.starts_at and row.ends_at
        if timed and booking_of(row.room.id, row.starts_at, row.ends_at, row.id or 0):
            yield "room", say(N_("The room is taken at that time; choose another room or time."))


class DispatchScreen(Ruled, RequestView):
    judged_at = ("file",)
    takes = {
        "visit": {
            "reason": lambda visit: f"{visit.organisation} {visit.purpose}",
            "passengers": lambda visit: visit.guest_count,
            "out_planned": lambda visit: visit.planned_start,
            "back_planned": lambda visit: visit.planned_end,
            "contact": lambda visit: visit.contact or visit.lead_guest,
            "flight": lambda visit: visit.transport[:20],
            "sign": lambda visit: visit.organisation[:60],
        }
    }
    summary_columns = (
        "reason",
        "pick_up",
        "destination",
        "flight",
        "passengers",
        "out_planned",
        "back_planned",
        "applicant",
    )

    def problems(self, row, form):
        yield from ends_in_time(row, "out_planned", "back_planned", strictly=True)
        yield from at_least_one(row, "passengers")
        yield from super().problems(row, form)
