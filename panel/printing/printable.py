"""The screens' part of printed forms: which are offered for a row, as a page and as a PDF."""

from flask import Response, abort, render_template, url_for
from flask_admin import expose

from panel.access import can
from panel.printing.blocks import Form
from panel.printing.forms import FORMS
from panel.streams import attachment_headers


def forms_of(subject: str) -> list[Form]:
    """The forms for rows of `subject` that the user may print."""
    return [f for f in FORMS.values() if f.subject == subject and (not f.permission or can(f.permission))]


class Printable:
    """Mixed into a screen of numbered requests: its rows as printed forms, for those who may see the row."""

    def forms(self, row) -> list[Form]:
        """The forms offered for `row`, of its kind and of those the user may print."""
        return [f for f in forms_of(self.key) if f.when(row)]

    def _sheet(self, name: str):
        row = self.wanted()
        form = next((form for form in self.forms(row) if form.name == name), None)
        if form is None:
            abort(404)
        return row, form.sheet(row)

    @expose("/print/<form>/")
    def print_view(self, form):
        """The form as a page to print, without the panel around it."""
        row, sheet = self._sheet(form)
        return render_template(
            "print.html",
            sheet=sheet,
            pdf_url=self.get_url(".pdf_view", form=form, id=row.id),
            back_url=self.get_url(".details_view", id=row.id),
            css_url=url_for("static", filename="print.css"),
        )

    @expose("/pdf/<form>/")
    def pdf_view(self, form):
        """The same form as a PDF with its fonts embedded."""
        from panel.printing.pdf import draw  # the drawing library weighs much; most processes never need it

        _, sheet = self._sheet(form)
        headers = attachment_headers(f"{sheet.title}-{sheet.number}.pdf", "application/pdf")
        headers["Content-Disposition"] = headers["Content-Disposition"].replace("attachment", "inline", 1)
        return Response(draw(sheet), headers=headers)
