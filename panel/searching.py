"""Which rows a list holds, and their keys: walked along an index, or found by words.

A search is led by what is narrow. Few rows with the words: they are looked at one by one. Few rows that the user may
see, or that the filters let through: their texts are. Many of both: the index of words answers alone, for it knows
whose rows they are. So no search reads a whole table, whatever the word and the role.
A list without words goes by the same: a scope of narrow parts is looked up part by part.
"""

import sqlalchemy as sa

from core.search import Words
from models import Visit, db, unindexed
from tables.base import Marked, any_of

FEW = 2_000
"""So many rows are looked at one by one in some milliseconds."""


class Walk:
    """The rows that fulfil the conditions `where`, along whatever index the database likes.

    `known`: so many there are at least.
    """

    def __init__(self, model, where, known: int = 0):
        self.model, self.where, self.known = model, where, known

    def count(self, most: int) -> int:
        """How many there are, counted up to `most`."""
        return most if self.known >= most else counted(sa.select(self.model.id).where(*self.where), most)

    def keys(self, columns, falling: bool, beyond, offset: int, limit: int) -> list[list]:
        """The sort keys of a page: `columns` in that order, after the keys `beyond` or skipping `offset` rows."""
        statement = sa.select(*columns).where(*self.where)
        if beyond is not None:
            left = sa.tuple_(*columns)
            right = sa.tuple_(*(sa.literal(v, c.type) for v, c in zip(beyond, columns, strict=True)))
            statement = statement.where(left < right if falling else left > right)
        statement = statement.order_by(*(c.desc() if falling else c.asc() for c in columns))
        return [list(row) for row in db.session.execute(statement.offset(offset or None).limit(limit))]


class Found:
    """The rows whose ids one of `sources` gives (selects of one column), in the order of their ids."""

    def __init__(self, sources):
        self.sources = sources

    def count(self, most: int) -> int:
        if len(self.sources) == 1:
            return counted(self.sources[0], most)
        return counted(sa.union(*(_inner(source.limit(most)) for source in self.sources)), most)

    def keys(self, columns, falling: bool, beyond, offset: int, limit: int) -> list[list]:
        parts = []
        for source in self.sources:
            (key,) = source.selected_columns
            if beyond is not None:
                source = source.where(key < beyond[-1] if falling else key > beyond[-1])
            parts.append(source.order_by(key.desc() if falling else key.asc()))
        if len(parts) == 1:
            statement = parts[0].offset(offset or None).limit(limit)
        else:
            both = sa.union(*(_inner(part.limit(offset + limit)) for part in parts)).subquery()
            key = both.c[0]
            statement = sa.select(key).order_by(key.desc() if falling else key.asc())
            statement = statement.offset(offset or None).limit(limit)
        return [list(row) for row in db.session.execute(statement)]


def _inner(source):
    """A select with a limit of its own, as a part of a union."""
    return sa.select(source.subquery().c[0])


def counted(statement, most: int) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(statement.limit(most).subquery()))


def parts_of(model, actor) -> tuple:
    """The parts of what `actor` sees of `model`; its whole scope where it has no parts."""
    return model.seen_by(actor) if hasattr(model, "seen_by") else (model.visible_to(actor),)


def by_scope(model, actor, filters, most: int) -> Walk:
    """The rows of `model` that `actor` sees and `filters` let through; of interest is whether there are `most`.

    A scope of several parts has no index of its own: where each part is narrow its rows are looked up, where one is
    wide they stand close together along the order of the list. The rows of visits go by the scope of these.
    """
    if hasattr(model, "of_visits"):
        return _of_visits(model, actor, filters, most)
    parts = parts_of(model, actor)
    several = [part for part in parts if part is not False]
    if any(part is True for part in several) or len(several) < 2:
        return Walk(model, [any_of(*parts), *filters])
    sources = [sa.select(model.id).where(any_of(part), *filters) for part in several]
    for source in sources:
        if counted(source, most) == most:
            return Walk(model, [any_of(*parts), *filters], known=most)
    return Walk(model, [model.id.in_(sa.union(*sources))])


def _of_visits(model, actor, filters, most: int) -> Walk:
    """The rows that belong to visits: few visits are looked up, of many each row asks for its own."""
    parts = [part for part in parts_of(Visit, actor) if part is not False]
    if parts and not any(part is True for part in parts):
        sources = [sa.select(Visit.id).where(any_of(part)) for part in parts]
        if all(counted(source, most) < most for source in sources):
            return Walk(model, [model.of_visits(sa.union(*sources) if len(sources) > 1 else sources[0]), *filters])
    return Walk(model, [model.visible_to(actor), *filters])


def by_words(model, query: str, parts, filters, by_id: bool) -> Walk | Found:
    """The rows of `model` with the words of `query` in the scope `parts` that `filters` let through.

    `by_id`: they are wanted in the order of their ids, which the index of words gives for nothing.
    """
    words, scope = Words(model, query, db.engine.dialect.name), any_of(*parts)
    indexed, rest = _indexed(words, parts) if words else ([], [])
    if not (indexed or rest):
        return Walk(model, [sa.false()])
    few_others = not rest or counted(sa.select(model.id).where(any_of(*rest)), FEW + 1) <= FEW
    if by_id and few_others and not filters:
        return Found([*indexed, *_tested(words, rest)])
    if counted(words.indexed(), FEW + 1) <= FEW:
        return Walk(model, [model.id.in_(words.indexed()), unindexed(scope), *filters])
    if filters and counted(sa.select(model.id).where(scope, *filters), FEW + 1) <= FEW:
        return Walk(model, [model.id.in_(sa.select(model.id).where(scope, *filters)), words.tested()])
    if not by_id:
        return Walk(model, [scope, words.tested(), *filters])
    if not few_others:
        return Walk(model, [model.id.in_(words.indexed()), unindexed(scope), *filters])
    return Found([_through(model, source, filters) for source in (*indexed, *_tested(words, rest))])


def _tested(words: Words, parts) -> list:
    """The rows with `words` in the scope `parts`, where those are few."""
    return [sa.select(words.model.id).where(any_of(*parts), words.tested())] if parts else []


def _indexed(words: Words, parts) -> tuple[list, list]:
    """The rows with `words` that the index alone can tell to be in the scope `parts`, and the parts that are left."""
    if any(part is True for part in parts):
        return [words.indexed()], []
    marks = tuple(part.mark for part in parts if words.marked and isinstance(part, Marked))
    rest = [part for part in parts if part is not False and not (words.marked and isinstance(part, Marked))]
    return [words.indexed(marks)] if marks else [], rest


def _through(model, source, filters):
    """The ids of `source` whose rows the filters let through."""
    if not filters:
        return source
    (key,) = source.selected_columns
    if key.table is not model.__table__:
        source = source.join(model.__table__, model.id == key)
    return source.where(*filters)
