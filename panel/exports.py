"""What a list shows as a file: CSV and XLSX of everything its filters let through, streamed."""

import re
from urllib.parse import unquote

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, request, stream_with_context
from flask_admin import expose
from sqlalchemy.orm import Session, selectinload

from core.clock import today
from engine.audit import audit
from models import db, writing
from panel.access import actor
from panel.findings import cited, disclosure
from panel.i18n import tr
from panel.streams import attachment_headers, scan, stream_csv, stream_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Exporting:
    """Mixed into a screen: its export, which is itself on the audit log."""

    personal = False
    """Whether its rows tell of people or customers: clauses may keep such exports to some roles."""

    def export_url(self, kind: str) -> str:
        return self.get_url(".export", export_type=kind, **self.kept_args())

    @expose("/export/<export_type>/")
    def export(self, export_type):
        """Everything the filters show, streamed; the export itself is on the audit log."""
        if export_type not in self.export_types or not self.can_export:
            abort(404)
        if self.personal:
            kept = disclosure("export")
            if kept is not None:
                flash(tr(cited(kept)), "error")
                return redirect(self.get_url(".index_view"))
        args = self._get_list_extra_args()
        where = self.conditions(args.search, args.filters)
        chosen = self._get_column_by_idx(args.sort)
        columns, descends = self.order(chosen[0] if chosen else None, args.sort_desc, bool(args.search))
        statement = (
            sa.select(self.model.id).where(*where).order_by(*(c.desc() if descends else c.asc() for c in columns))
        )
        header = [str(label) for _, label in self._export_columns]
        self.log_export(export_type)
        rows = self._export_rows(statement)
        name = f"{tr(self.title)}-{today():%Y%m%d}.{export_type}"
        body = stream_csv(header, rows) if export_type == "csv" else stream_xlsx(header, rows)
        return Response(
            stream_with_context(body),
            headers=attachment_headers(name, "text/csv; charset=utf-8" if export_type == "csv" else XLSX),
        )

    def log_export(self, what: str):
        """The audit entry of an export, in a transaction of its own: the page itself only reads."""
        db.session.rollback()
        writing.set(True)
        event = audit(
            "export",
            None,
            actor(),
            note=re.sub(r"\d{7,}", "…", f"{what} {unquote(request.query_string.decode())[:400]}"),
        )
        event.subject = self.key
        db.session.commit()
        writing.set(False)

    def _export_rows(self, statement):
        names = [name for name, _ in self._export_columns]
        relations = [selectinload(getattr(self.model, n)) for n in self.list_relations]
        with Session(db.engine) as session:
            for part in scan(db.engine, statement):
                ids = [row[0] for row in part]
                found = {
                    row.id: row
                    for row in session.scalars(sa.select(self.model).where(self.model.id.in_(ids)).options(*relations))
                }
                for i in ids:
                    if i in found:
                        yield [self.get_export_value(found[i], name) for name in names]
                session.expunge_all()
