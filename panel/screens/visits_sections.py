"""The sections of a visit's page: whatever belongs to it, as far as the reader may see it."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app, url_for
from flask_babel import gettext
from markupsafe import Markup

from core.text import N_
from facts import notices
from models import (
    BusinessCard,
    ChecklistItem,
    Complaint,
    Dispatch,
    Evidence,
    Expense,
    Feedback,
    FollowUp,
    GiftRequest,
    GoodsRelease,
    HospitalityRequest,
    Incident,
    ItineraryItem,
    Nda,
    RoomBooking,
    VisitEscort,
    VisitGuest,
    VisitQuestion,
    db,
)
from panel.access import actor, can
from panel.i18n import badge, language_tag, show, tr
from panel.loading import loading
from panel.notices import differences
from panel.sections import line, link_to, section
from workflow import VISIT

MOST = 500
"""At most so many rows of a kind stand on a visit's page."""


@dataclass(frozen=True)
class Part:
    """A section: the rows of `model` that belong to the visit, `cells` of each under `headers` (message ids)."""

    model: type
    title: str
    add: str
    headers: tuple[str, ...]
    cells: Callable
    empty: str = N_("None yet.")
    quiet: bool = True
    """Whether only the button is shown where there are no rows."""
    leads: Callable | None = lambda row: link_to(type(row).__name__.lower(), row.id)
    """Where a row leads to."""
    needs: tuple[str, ...] = ()
    """The relations that `cells` reads."""

    @property
    def screen(self) -> str:
        return self.model.__name__.lower()

    def addable(self, visit) -> bool:
        """Whether the reader may add a row now: the screen of such rows knows until when."""
        closed = getattr(current_app.extensions["screens"][self.screen], "closed", None)
        return can(f"{self.screen}:create") and (closed is None or closed(visit) is None)

    def section(self, visit) -> dict:
        """The section as the page shows it."""
        statement = sa.select(self.model).where(self.model.visit_id == visit.id, self.model.visible_to(actor()))
        statement = statement.order_by(self.model.id).limit(MOST).options(*loading(self.model, self.needs))
        rows = db.session.scalars(statement)
        return section(
            tr(self.title),
            [tr(header) for header in self.headers],
            [line(*self.cells(row), url=self.leads(row) if self.leads else None) for row in rows],
            tr(self.empty),
            url_for(f"{self.screen}.create_view", visit=visit.id) if self.addable(visit) else None,
            tr(self.add),
            **({"quiet": True} if self.quiet else {}),
        )


def stays(guest) -> str:
    """When the guest came in and left, and with which badge."""
    return "、".join(
        f"{show(c.arrived_at)[5:]} → {show(c.left_at)[11:] if c.left_at else '…'}"
        + (f" [{c.badge_no}]" if c.badge_no else "")
        for c in guest.checkins
    )


def name_of(row) -> str:
    """The name of a person or department; nothing for nobody."""
    return row.name if row else ""


# fmt: off
NUMBER, STATUS, NAME, POSITION, ORGANISATION = N_("No."), N_("Status"), N_("Name"), N_("Position"), N_("Organisation")
LISTED = (
    Part(VisitGuest, N_("Guest list"), N_("Add a guest"), (NAME, POSITION, ORGANISATION, N_("In the house")),
         lambda g: (Markup("★ ") + g.visitor.name if g.is_lead else g.visitor.name, g.visitor.title,
                    g.visitor.organisation, stays(g)),
         N_("No guest is named yet. Add each of them, so that the front desk can check them in."), quiet=False,
         leads=lambda g: link_to("visitor", g.visitor_id)),
    Part(VisitEscort, N_("Escorts"), N_("Add an escort"), (NAME, N_("Department"), N_("Duty")),
         lambda e: (e.user.name, e.user.department.name, e.duty),
         N_("Nobody is named yet."), quiet=False, leads=None, needs=("user.department",)),
    Part(Evidence, N_("Evidence"), N_("Attach a file"),
         (N_("File"), N_("Letter No."), N_("Official seal"), N_("Size")),
         lambda e: (e.filename, e.reference, show(e.sealed), f"{e.size / 1024:,.0f} KB"),
         N_("Nothing is attached."), quiet=False),
    Part(RoomBooking, N_("Rooms"), N_("Book a room"), (NUMBER, N_("Room"), N_("From"), STATUS),
         lambda b: (b.number, b.room.name, show(b.starts_at), badge(b.status)), needs=("room",)),
    Part(Dispatch, N_("Cars"), N_("Ask for a car"), (NUMBER, N_("Destination"), N_("Departs"), STATUS),
         lambda d: (d.number, d.destination, show(d.out_planned), badge(d.status))),
    Part(HospitalityRequest, N_("Hospitality requests"), N_("Ask for hospitality"),
         (NUMBER, N_("Category"), N_("Estimated (CNY)"), STATUS),
         lambda h: (h.number, tr(h.category), show(h.amount), badge(h.status))),
    Part(GiftRequest, N_("Gift requests"), N_("Ask for a gift"), (NUMBER, N_("Article"), N_("Quantity"), STATUS),
         lambda g: (g.number, str(g.gift), str(g.quantity), badge(g.status)), needs=("gift",)),
    Part(Expense, N_("Expenses"), N_("File an expense"),
         (NUMBER, N_("Category"), N_("Amount with tax (CNY)"), STATUS),
         lambda e: (e.number, tr(e.category), show(e.amount), badge(e.status))),
)
GROWING = (
    Part(ItineraryItem, N_("Itinerary"), N_("Add to the itinerary"),
         (N_("Kind"), N_("From"), N_("Place"), N_("Standard"), N_("Responsible")),
         lambda i: (tr(i.kind), show(i.starts_at), i.place, i.standard, name_of(i.responsible)),
         needs=("responsible",)),
    Part(VisitQuestion, N_("Questions and needs"), N_("Add a question"),
         (N_("Need or question"), N_("Owner"), N_("Answer")),
         lambda q: (q.question, name_of(q.owner), q.answer or gettext("Open")), needs=("owner",)),
    Part(Nda, N_("Confidentiality agreements"), N_("Enter a signed agreement"),
         (N_("Signed by (guest)"), N_("Signed on"), N_("Valid until")),
         lambda a: (a.signatory, show(a.signed_on), show(a.valid_until))),
    Part(BusinessCard, N_("Business cards"), N_("Keep a card"), (NAME, POSITION, ORGANISATION),
         lambda c: (c.name, c.title, c.organisation)),
    Part(GoodsRelease, N_("Goods release slips"), N_("Write a slip"), (NUMBER, N_("Goods"), STATUS),
         lambda s: (s.number, s.items, tr(s.status))),
    Part(Feedback, N_("Feedback"), N_("Enter feedback"),
         (N_("Given on"), N_("Satisfaction"), N_("Opinion"), N_("Passed on to")),
         lambda f: (show(f.given_on), str(f.satisfaction), f.opinion, name_of(f.passed_to) or gettext("Not yet")),
         needs=("passed_to",)),
    Part(FollowUp, N_("Follow-ups"), N_("Enter a follow-up"),
         (N_("Date"), N_("What was discussed"), N_("Owner"), N_("Next contact on")),
         lambda f: (show(f.held_on), f.content, f.owner.name, show(f.next_on)), needs=("owner",)),
    Part(Complaint, N_("Complaints"), N_("Enter a complaint"), (NUMBER, N_("Complaint"), STATUS),
         lambda c: (c.number, c.content, tr(c.status))),
    Part(Incident, N_("Incidents"), N_("Report an incident"),
         (N_("Happened on"), N_("Kind"), N_("What was done")),
         lambda i: (show(i.occurred_at), tr(i.kind), i.measures)),
)
# fmt: on
"""What belongs to a visit, in the order of its page: arranged beforehand, and growing with it."""


def sections_of(visit) -> list[dict]:
    """Every section of the visit's page that the reader may see."""
    made = [
        *(part.section(visit) for part in LISTED if can(f"{part.screen}:read")),
        *notice_section(visit),
        *checklist_section(visit),
        *(part.section(visit) for part in GROWING if can(f"{part.screen}:read")),
    ]
    return [part for part in made if part["rows"] or part["add_url"] or "quiet" not in part]


def notice_section(visit):
    """The departments' copies of the notices, and who signed for them."""
    copies = notices.receipts(visit) if can("noticereceipt:read") else []
    if copies:
        yield section(
            gettext("Reception notice"),
            [
                gettext("Department"),
                gettext("Task"),
                gettext("What has changed"),
                gettext("Done by (time)"),
                gettext("Responsible"),
                gettext("Signed for"),
            ],
            [copy_line(copy) for copy in copies],
        )


def copy_line(copy) -> dict:
    """A department's copy of a notice, in one line."""
    return line(
        copy.department.name,
        gettext("Relieved of its task") if copy.relieved else copy.task,
        "、".join(field for field, *_ in differences(copy.notice.changes)),
        show(copy.notice.due_at),
        name_of(copy.responsible),
        f"{copy.signed_by.name} {show(copy.signed_at)}" if copy.signed_at else badge(copy.status),
    )


def checklist_section(visit):
    """The checklist, to be ticked where it stands."""
    items = db.session.scalars(
        sa.select(ChecklistItem)
        .where(ChecklistItem.visit_id == visit.id, ChecklistItem.visible_to(actor()))
        .order_by(ChecklistItem.id)
        .limit(MOST)
        .options(*loading(ChecklistItem, ("done_by",)))
    ).all()
    if items and can("checklistitem:read"):
        may, english = visit.status not in VISIT.over and can("checklistitem:edit"), language_tag() == "en"
        yield section(
            gettext("Checklist"),
            [gettext("Done"), gettext("Item"), gettext("When"), gettext("By"), gettext("Clause")],
            [item_line(item, may, english) for item in items],
            anchor="checklist",
            tally=f"{sum(1 for item in items if item.done_at)}/{len(items)}",
        )


def item_line(item, may: bool, english: bool) -> dict:
    """An item with its box to tick."""
    made = line(
        "",
        item.item_en if english and item.item_en else item.item,
        tr(item.phase),
        f"{item.done_by.name} {show(item.done_at)}" if item.done_at else "",
        item.clause,
    )
    return {**made, "tick": {"id": item.id, "done": bool(item.done_at), "may": may}}
