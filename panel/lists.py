"""Lists that stay quick at a million rows.

Counts are bounded; a page is found by its keys over an index first, and only its own rows are loaded;
next, previous and last follow a cursor (keyset) instead of skipping rows. A page number typed by hand
still works.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import flash, g, request
from flask_admin import expose
from flask_babel import gettext

from core.search import Searchable, matches
from models import db, unindexed
from panel.access import actor
from panel.loading import loading
from panel.searching import Found, Walk, by_scope, by_words, parts_of

CAP = 10_000
SIZES = (20, 50, 100)
LARGEST_PAGE = 10**7


@dataclass
class Pager:
    """Where the list stands, as the template shows it; a URL is None where there is nothing to go to."""

    label: str
    first_url: str | None = None
    prev_url: str | None = None
    next_url: str | None = None
    last_url: str | None = None


def pack(values: list) -> str:
    """A cursor: the sort keys of a row, opaque in a URL."""
    plain = [[type(v).__name__, v.isoformat() if isinstance(v, (date, datetime)) else str(v)] for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def unpack(cursor: str | None, columns) -> list | None:
    """The sort keys in `cursor`, as the types of `columns`; None for anything else."""
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = []
        for (_, text), column in zip(plain, columns, strict=True):
            kind = column.type.python_type if not hasattr(column.type, "choices") else str
            if "\x00" in text:
                return None
            values.append(
                datetime.fromisoformat(text)
                if kind is datetime
                else date.fromisoformat(text)
                if kind is date
                else kind(text)
            )
        if not 0 < values[-1] < 2**63:
            return None
        return values
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return None


def clean_pk(raw) -> int | None:
    """A primary key as typed in a URL, or None for what can't be one (on PostgreSQL it would be an error)."""
    text = str(raw)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class FastList:
    """Mixed into a Flask-Admin ModelView: its list, count, search and paging."""

    page_size = SIZES[0]
    page_size_options = SIZES
    can_set_page_size = True
    simple_list_pager = True
    column_auto_select_related = False
    list_relations: tuple[str, ...] = ()
    """The relationships whose rows the list shows."""
    row_needs: tuple[str, ...] = ()
    """What cells and actions of a row read besides: relations, dotted where one leads to the next."""
    page_needs: tuple[str, ...] = ()
    """What a row's own page reads besides those."""
    form_needs: tuple[str, ...] = ()
    """What the form of a row reads besides its fields."""
    search_relations: tuple[tuple[str, str], ...] = ()
    """Where the words are looked for besides the own columns: pairs of relationship and its text column."""

    # ── What rows ────────────────────────────────────────────────────────────────────────────────
    def scope(self):
        """The rows this user may see here."""
        return self.model.visible_to(actor())

    def get_query(self):
        return db.session.query(self.model).filter(self.scope())

    def get_count_query(self):
        return db.session.query(sa.func.count(self.model.id)).filter(self.scope())

    def get_one(self, id, needs=(), bare: bool = False):
        """The row of this number that the user may see, or None; with the related rows that `needs` names."""
        key = clean_pk(id)
        if key is None:
            return None
        kept = self.__dict__.setdefault("_one_statements", {})
        statement = kept.get((needs, bare))
        if statement is None:
            statement = sa.select(self.model).where(self.model.id == sa.bindparam("key"))
            statement = kept[needs, bare] = statement.options(*loading(self.model, needs, bare))
        return db.session.scalars(statement.where(self.scope()), {"key": key}).unique().one_or_none()

    def init_search(self):
        return issubclass(self.model, Searchable) or bool(self.column_searchable_list or self.search_relations)

    def search_placeholder(self):
        labels = self.model.search_fields if issubclass(self.model, Searchable) else self.column_searchable_list or ()
        names = [str(self.label_of(name)) for name in (*labels, *(name for name, _ in self.search_relations))]
        if hasattr(self.model, "number"):
            names.insert(0, str(self.label_of("number")))
        return "、".join(list(dict.fromkeys(names))[:3])

    def search_condition(self, search: str):
        exact = self.exactly(search)
        if exact is not None:
            return exact
        if issubclass(self.model, Searchable):
            return matches(self.model, search, db.engine.dialect.name)
        word = search.replace("\x00", "").strip()[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        columns = [getattr(self.model, name) for name in self.column_searchable_list or ()]
        conditions = [column.like(f"%{word}%", escape="\\") for column in columns]
        for name, column in self.search_relations:
            prop = sa.inspect(self.model).relationships[name]
            target, own = prop.mapper.class_, getattr(self.model, next(iter(prop.local_columns)).key)
            through = (
                matches(target, search, db.engine.dialect.name)
                if issubclass(target, Searchable)
                else getattr(target, column).like(f"%{word}%", escape="\\")
            )
            conditions.append(own.in_(sa.select(target.id).where(through)))
        return sa.or_(*conditions)

    def exactly(self, search: str):
        """The condition of rows that `search` names by more than words (a number in full), or None."""
        return

    def conditions(self, search, filters) -> list:
        """What the rows of the list fulfil: the scope, what was searched for, the filters."""
        where = [self.scope()]
        if search and search.strip():
            # The words narrow it down far more than the scope does: they lead.
            where = [unindexed(self.scope()), self.search_condition(search)]
        return where + self.chosen(filters)

    def chosen(self, filters) -> list:
        """The conditions of the filters; one that means nothing is left out, and the reader is told."""
        conditions = []
        for index, _, value in filters or ():
            chosen = self._filters[index]
            if chosen.validate(value):
                conditions.append(chosen.condition(chosen.clean(value)))
            else:
                flash(
                    gettext(
                        "“%(value)s” means nothing to the filter %(name)s; it was left out.",
                        value=value[:40],
                        name=chosen.name,
                    ),
                    "warning",
                )
        return conditions

    def _get_list_filter_args(self):
        """An empty control of the filter panel is no filter."""
        filters = []
        for name in request.args:
            if name.startswith("flt") and "_" in name and request.args[name].strip():
                key = name.split("_", 1)[1]
                if key in self._filter_args:
                    index, flt = self._filter_args[key]
                    filters.append((index, str(flt.name), request.args[name].strip()))
        return filters

    @expose("/")
    def index_view(self):
        args = self._get_list_extra_args()
        chosen, size = self._get_column_by_idx(args.sort), self.get_safe_page_size(args.page_size)
        count, rows = self.get_list(
            args.page, chosen and chosen[0], args.sort_desc, args.search, args.filters, page_size=size
        )
        return_url = self._get_list_url(args)
        return self.render(
            self.list_template,
            count=count,
            heads=self.heads(args),
            rows=self.table(rows, return_url),
            bulk=self.bulk_actions() if rows else [],
            controls=self.filter_controls(),
            pager=g.get("pager"),
            page_size=size,
            page_size_url=lambda size: self._get_list_url(args.clone(page_size=size)),
            search=args.search,
            search_placeholder=self.search_placeholder() if self._search_supported else None,
            return_url=return_url,
        )

    # ── In what order ────────────────────────────────────────────────────────────────────────────
    def order(self, sort_column, sort_desc, searching: bool):
        """The columns to sort by, ending in the primary key, and whether they descend."""
        key = self.model.id
        if sort_column is not None:
            return [getattr(self.model, sort_column), key], bool(sort_desc)
        if searching or not self.column_default_sort:
            # The search index gives its rows in this order, so that a common word needs no sorting.
            return [key], True
        name, descends = self.column_default_sort
        return [getattr(self.model, name), key], descends

    def get_list(self, page, sort_column, sort_desc, search, filters, execute=True, page_size=None):
        searching = bool(search and search.strip())
        size = page_size if page_size in SIZES else self.page_size
        columns, descends = self.order(sort_column, sort_desc, searching)
        rows = self.rows(search if searching else "", filters, by_id=len(columns) == 1)
        keyset = all(not c.property.columns[0].nullable for c in columns)
        page = min(max(page or 0, 0), LARGEST_PAGE)
        after, before, last = (request.args.get(k) for k in ("after", "before", "last"))
        count = rows.count(CAP + 1)
        if last and count <= CAP:
            page, last = max(0, (count - 1) // size), None
        cursor = unpack(after or before, columns) if keyset and (after or before) else None
        backwards = bool(last and keyset) or (cursor is not None and bool(before))
        skipped = 0 if backwards or cursor is not None else page * size
        keys = rows.keys(columns, descends != backwards, cursor, skipped, size + 1)
        more, keys = len(keys) > size, keys[:size]
        if backwards:
            keys.reverse()
        g.pager = self._pager(page, size, count, keys, more, cursor, before, bool(last), keyset)
        return count, self.load([key[-1] for key in keys])

    def rows(self, search: str, filters, by_id: bool) -> Walk | Found:
        """The rows of the list, for counting and paging; `by_id`: in the order of their ids."""
        if not search:
            return by_scope(self.model, actor(), self.chosen(filters), CAP + 1)
        if not issubclass(self.model, Searchable) or self.exactly(search) is not None:
            return Walk(self.model, self.conditions(search, filters))
        return by_words(self.model, search, parts_of(self.model, actor()), self.chosen(filters), by_id)

    def load(self, ids: list[int]) -> list:
        """The rows of a page, in the order of `ids`, with what the list shows of other tables."""
        if not ids:
            return []
        if self._rows_statement is None:
            self._rows_statement = (
                sa.select(self.model)
                .where(self.model.id.in_(sa.bindparam("ids", expanding=True)))
                .options(*loading(self.model, (*self.list_relations, *self.row_needs)))
            )
        statement = self._rows_statement.where(unindexed(self.scope()))
        by_id = {row.id: row for row in db.session.scalars(statement, {"ids": ids}).unique()}
        rows = [by_id[i] for i in ids if i in by_id]
        self.prepare_rows(rows)
        return rows

    _rows_statement = None

    def prepare_rows(self, rows) -> None:
        """Read what the row actions of a page need in a few queries."""

    # ── Getting around ───────────────────────────────────────────────────────────────────────────
    def _pager(self, page, size, count, keys, more, cursor, before, last, keyset) -> Pager:
        total = f"{CAP:,}+" if count > CAP else f"{count:,}"
        start = page * size
        if last:
            label = gettext("Last page of %(total)s", total=total)
        elif keys:
            label = gettext(
                "%(first)s–%(last)s of %(total)s", first=f"{start + 1:,}", last=f"{start + len(keys):,}", total=total
            )
        else:
            label = gettext("Nothing here")
        ahead = more if not (before and cursor is not None) else True
        ahead = ahead and not last
        behind = page > 0 or (last and (more or count > size)) or (cursor is not None and not before)
        pager = Pager(label)
        if behind:
            pager.first_url = self._page_url()
            if keys and keyset and (last or cursor is not None):
                pager.prev_url = (
                    self._page_url(before=pack(keys[0]), page=max(0, page - 1))
                    if last or page > 1
                    else self._page_url()
                )
            else:
                pager.prev_url = self._page_url(page=page - 1)
        if ahead and keys:
            pager.next_url = (
                self._page_url(after=pack(keys[-1]), page=page + 1) if keyset else self._page_url(page=page + 1)
            )
            pager.last_url = self._page_url(last=1) if keyset or count <= CAP else None
        return pager

    def _page_url(self, **changes) -> str:
        return self.get_url(".index_view", **self.kept_args(), **{k: v for k, v in changes.items() if v})

    @staticmethod
    def kept_args() -> dict[str, str]:
        """What says which rows the list shows, and nothing else of the address."""
        return {
            k: v
            for k, v in request.args.items()
            if v and (k in ("search", "sort", "desc", "page_size") or re.fullmatch(r"flt\d+_\w+", k))
        }

    def _get_list_extra_args(self):
        args = super()._get_list_extra_args()
        # Flask-Admin would hand any further argument on as a keyword of its own functions.
        args.extra_args = {}
        return args

    def get_safe_page_size(self, page_size):
        return page_size if page_size in SIZES else self.page_size
