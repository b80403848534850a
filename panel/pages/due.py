"""What falls due (到期事项): every cycle of the adopted clauses with its last record, and where to do it."""

from flask import url_for
from flask_admin import expose
from flask_babel import gettext

from clauses.words import CycleKind
from models import Customer
from panel.access import actor, can
from panel.i18n import language_tag, show, tr
from panel.pages.page import Page
from rulebook import due, versions
from workflow import Role


def record_url(item: due.Due) -> str | None:
    """Where the record is made that fulfils what is due; None where this user may not make it."""
    if item.customer is not None:
        return url_for("followup.create_view", customer=item.customer.id) if can("followup:create") else None
    screen = {CycleKind.TRAINING: "training", CycleKind.ASSESSMENT: "assessment"}.get(item.what, "inspection")
    if not can(f"{screen}:create"):
        return None
    return url_for(f"{screen}.create_view", **({"kind": str(item.what)} if screen == "inspection" else {}))


def is_for(item: due.Due, who) -> bool:
    """Whether it is for this person to see to."""
    if item.customer is not None:
        return item.customer.owner_id == who.id
    return item.terms["role"] in who.roles


def due_for(who, own: bool = False) -> list[due.Due]:
    """What falls due among what `who` sees; with `own` only the customers they look after."""
    book = versions.load(None, who.department_id)
    return due.everything(book, who.today, Customer.owner_id == who.id if own else Customer.visible_to(who))


class DueScreen(Page):
    @expose("/")
    def index_view(self):
        who, english = actor(), language_tag() == "en"
        book, rows = versions.load(None, who.department_id), []
        for item in due_for(who):
            late = item.late(who.today)
            rows.append(
                {
                    "what": tr(item.what) + (f" · {item.customer.name}" if item.customer else ""),
                    "clause": item.terms.clause,
                    "says": book.text_of(item.terms.clause, f"cycle:{item.what}")[english],
                    "last": show(item.last) or gettext("never"),
                    "on": show(item.on),
                    "late": late,
                    "every": item.terms["days"],
                    "role": tr(Role(item.terms["role"])),
                    "owner": item.customer.owner.name if item.customer and item.customer.owner else "",
                    "for_reader": is_for(item, who),
                    "url": record_url(item),
                    "state": gettext("%(days)s days overdue", days=late)
                    if late > 0
                    else gettext("due today")
                    if late == 0
                    else gettext("in %(days)s days", days=-late),
                }
            )
        return self.render("due.html", rows=rows, today_text=show(who.today))
