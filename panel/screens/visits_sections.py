"""The sections of a visit's page: whatever belongs to it, as far as the reader may see it."""

from flask_babel import gettext

from models import Complaint, Feedback, db
from panel.access import actor, can
from panel.i18n import language_tag, show, tr
from panel.sections import section, url_of
from tables.base import sa


def parts_of(visit) -> list[dict]:
    """The sections of a visit's page for what grows with it; each one the user may see."""
    from models import BusinessCard, ChecklistItem, FollowUp, GoodsRelease, Incident, ItineraryItem, Nda, VisitQuestion

    out, live = [], visit.status not in visit.process.over
    checks = _rows(ChecklistItem, visit)
    if checks and can("checklistitem:read"):
        done = sum(1 for c in checks if c.done_at)
        out.append(
            {
                **section(
                    gettext("Checklist"),
                    [gettext("Done"), gettext("Item"), gettext("When"), gettext("By"), gettext("Clause")],
                    [
                        {
                            "cells": [
                                "",
                                c.item_en if language_tag() == "en" and c.item_en else c.item,
                                tr(c.phase),
                                f"{c.done_by.name} {show(c.done_at)}" if c.done_at else "",
                                c.clause,
                            ],
                            "url": None,
                            "tick": {"id": c.id, "done": bool(c.done_at), "may": live and can("checklistitem:edit")},
                        }
                        for c in checks
                    ],
                    "",
                ),
                "anchor": "checklist",
                "tally": f"{done}/{len(checks)}",
            }
        )
    listed = (
        (
            ItineraryItem,
            "itineraryitem",
            gettext("Itinerary"),
            gettext("Add to the itinerary"),
            [gettext("Kind"), gettext("From"), gettext("Place"), gettext("Standard"), gettext("Responsible")],
            lambda r: [tr(r.kind), show(r.starts_at), r.place, r.standard, r.responsible.name if r.responsible else ""],
        ),
        (
            VisitQuestion,
            "visitquestion",
            gettext("Questions and needs"),
            gettext("Add a question"),
            [gettext("Need or question"), gettext("Owner"), gettext("Answer")],
            lambda r: [r.question, r.owner.name if r.owner else "", r.answer or gettext("Open")],
        ),
        (
            Nda,
            "nda",
            gettext("Confidentiality agreements"),
            gettext("Enter a signed agreement"),
            [gettext("Signed by (guest)"), gettext("Signed on"), gettext("Valid until")],
            lambda r: [r.signatory, show(r.signed_on), show(r.valid_until)],
        ),
        (
            BusinessCard,
            "businesscard",
            gettext("Business cards"),
            gettext("Keep a card"),
            [gettext("Name"), gettext("Position"), gettext("Organisation")],
            lambda r: [r.name, r.title, r.organisation],
        ),
        (
            GoodsRelease,
            "goodsrelease",
            gettext("Goods release slips"),
            gettext("Write a slip"),
            [gettext("No."), gettext("Goods"), gettext("Status")],
            lambda r: [r.number, r.items, tr(r.status)],
        ),
        (
            Feedback,
            "feedback",
            gettext("Feedback"),
            gettext("Enter feedback"),
            [gettext("Given on"), gettext("Satisfaction"), gettext("Opinion"), gettext("Passed on to")],
            lambda r: [
                show(r.given_on),
                str(r.satisfaction),
                r.opinion,
                r.passed_to.name if r.passed_to else gettext("Not yet"),
            ],
        ),
        (
            FollowUp,
            "followup",
            gettext("Follow-ups"),
            gettext("Enter a follow-up"),
            [gettext("Date"), gettext("What was discussed"), gettext("Owner"), gettext("Next contact on")],
            lambda r: [show(r.held_on), r.content, r.owner.name, show(r.next_on)],
        ),
        (
            Complaint,
            "complaint",
            gettext("Complaints"),
            gettext("Enter a complaint"),
            [gettext("No."), gettext("Complaint"), gettext("Status")],
            lambda r: [r.number, r.content, tr(r.status)],
        ),
        (
            Incident,
            "incident",
            gettext("Incidents"),
            gettext("Report an incident"),
            [gettext("Happened on"), gettext("Kind"), gettext("What was done")],
            lambda r: [show(r.occurred_at), tr(r.kind), r.measures],
        ),
    )
    for model, screen, title, add, headers, cells in listed:
        if can(f"{screen}:read"):
            rows = _rows(model, visit)
            addable = can(f"{screen}:create") and (live or screen in ("feedback", "followup", "complaint"))
            if rows or addable:
                out.append(
                    {
                        **section(
                            title,
                            headers,
                            [{"cells": cells(r), "url": url_of(screen, r.id)} for r in rows],
                            gettext("None yet."),
                            _new(screen, visit.id) if addable else None,
                            add,
                        ),
                        "quiet": True,
                    }
                )
    return out


def _rows(model, visit):
    return db.session.scalars(
        sa.select(model).where(model.visit_id == visit.id, model.visible_to(actor())).order_by(model.id).limit(100)
    ).all()


def _new(screen, visit_id):
    from flask import url_for

    return url_for(f"{screen}.create_view", visit=visit_id)
