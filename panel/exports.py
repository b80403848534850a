"""What a list shows as a file: CSV and XLSX of everything its filters let through, streamed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from types import NoneType
from urllib.parse import unquote

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, request, stream_with_context
from flask_admin import expose
from sqlalchemy.orm import MANYTOONE, Session, selectinload

from core.clock import today
from core.text import Choice
from engine.audit import audit
from models import db, writing
from panel.access import actor
from panel.csv_columns import REMEMBERED, Remembered
from panel.findings import cited, disclosure
from panel.i18n import tr
from panel.streams import attachment_headers, batches, reading, stream_csv, stream_xlsx

PART = 1000
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

    def _export_rows(self, statement) -> Iterator[list]:
        """The rows whose numbers `statement` selects, in its order, as the cells of the file."""
        with (
            reading(db.engine) as connection,
            Session(connection) as session,
            batches(connection, statement, PART) as parts,
        ):
            reader = _Reader(self, session)
            for keys in parts:
                yield from reader(keys)
                session.expunge_all()


class _Reader:
    """Reads the rows of an export by their numbers and shows them, a column at a time; how, is resolved once.

    A screen whose columns are plain ones and names of other rows needs no objects; one with formatters or
    properties is given them.
    """

    def __init__(self, screen, session: Session):
        self.screen, self.session, self.shown = screen, session, _Shown(screen)
        self.names = [name for name, _ in screen._export_columns]
        mapper = sa.inspect(screen.model)
        self.columns = {n: mapper.column_attrs[n] for n in self.names if n in mapper.column_attrs}
        self.relations = {n: mapper.relationships[n] for n in self.names if n in mapper.relationships}
        self.formatters = {n: f for n, f in screen.column_formatters_export.items() if n in self.names}
        self.stored = self.columns | {
            n: next(iter(r.local_columns)) for n, r in self.relations.items() if r.direction is MANYTOONE
        }
        self.needs_objects = bool(self.formatters) or not self.stored.keys() >= set(self.names)
        self.called = {n: _Called(session, r.mapper.class_, self.shown) for n, r in self.relations.items()}

    def __call__(self, keys: Sequence[int]) -> Iterator[tuple]:
        """The rows in the order of `keys`."""
        return zip(*(self.objects(keys) if self.needs_objects else self.plain(keys)), strict=True)

    def plain(self, keys) -> Iterator[Iterable]:
        """The columns of the part, read as they are stored."""
        key = self.screen.model.id
        read = sa.select(key, *(self.stored[name] for name in self.names)).where(key.in_(keys))
        rows = {row[0]: row for row in self.session.execute(read)}
        _, *columns = zip(*(rows[key] for key in keys), strict=True)
        for name, column in zip(self.names, columns, strict=True):
            yield self.called[name].column(column) if name in self.called else self.shown.column(column)

    def objects(self, keys) -> Iterator[Iterable]:
        """The columns of the part, read of its objects."""
        model = self.screen.model
        related = (selectinload(getattr(model, name)) for name in self.relations)
        read = sa.select(model).where(model.id.in_(keys)).options(*related)
        by_key = {row.id: row for row in self.session.scalars(read)}
        rows = [by_key[key] for key in keys]
        for name in self.names:
            if name in self.formatters:
                values = (self.formatters[name](self.screen, None, row, name) for row in rows)
            elif name in self.columns and not self.columns[name].deferred:
                values = (vars(row)[name] for row in rows)
            else:
                values = map(attrgetter(name), rows)
            yield self.shown.column(values)


class _Shown(dict):
    """How values look in a file by their type, as the screen says."""

    def __init__(self, screen):
        super().__init__()
        self.screen = screen

    def __missing__(self, kind: type):
        formats = self.screen.column_type_formatters_export
        formatter = next((formatter for base, formatter in formats.items() if issubclass(kind, base)), None)
        shown = self[kind] = self._by(formatter, kind)
        return shown

    def _by(self, formatter, kind):
        def shown(value):
            return value if formatter is None else formatter(self.screen, value, None)

        # A label is translated and a day written once, not a million times.
        return Remembered(shown).__getitem__ if issubclass(kind, (Choice, bool, date, NoneType)) else shown

    def column(self, values: Iterable) -> list:
        return [self[type(value)](value) for value in values]


class _Called(dict):
    """What the rows of another table are called, by their number."""

    def __init__(self, session, model, shown: _Shown):
        super().__init__()
        self.session, self.model, self.shown = session, model, shown

    def column(self, keys: Sequence[int | None]) -> Iterator:
        """The names for `keys`; those that are not known yet are read in one query."""
        if len(self) > REMEMBERED:
            self.clear()
        self[None] = self.shown[NoneType](None)
        unknown = set(keys) - self.keys()
        if unknown:
            for row in self.session.scalars(sa.select(self.model).where(self.model.id.in_(unknown))):
                self[row.id] = self.shown[type(row)](row)
        return map(self.__getitem__, keys)
