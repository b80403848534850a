"""The rows of a list as its template shows them: a cell for each column, and what can be done with each row.

What does not differ from row to row (labels, classes, addresses, permissions) is worked out once per page.
"""

from dataclasses import dataclass

from markupsafe import Markup, escape

from panel.formats import column_class, formatted


@dataclass(slots=True)
class Row:
    """A row of the table: its number, its cells as HTML, links to what can be done with it, whether it can change."""

    id: int
    cells: Markup
    links: list[dict]
    editable: bool


class Tabular:
    """Mixed into a screen: its list as a table."""

    column_looks: dict[str, str] = {}
    """The class of columns that no column or property of the table stands behind."""

    def links_for(self, return_url: str):
        """A function that gives what one click away can be done with a row: dicts of url, label and style."""
        return lambda row: ()

    def table(self, rows, return_url: str) -> list[Row]:
        """`rows` for the template. The first cell leads to the row's own page."""
        names = [name for name, _ in self._list_columns]
        tags = self.cell_tags()
        details, links = escape(self.get_url(".details_view", id=0)[:-1]), self.links_for(return_url)
        changeable = self.can_edit or self.can_delete
        out = []
        for row in rows:
            values = [escape(self.list_value(row, name)) for name in names]
            if values:
                values[0] = f'<a href="{details}{row.id:d}">{values[0]}</a>'
            cells = "".join(f"{tag}{value}</td>\n" for tag, value in zip(tags, values, strict=True))
            out.append(Row(row.id, Markup(cells), links(row), changeable and self.may_edit_row(row) is None))
        return out

    def cell_tags(self) -> list[Markup]:
        """The opening tag of each column's cells, with its label for narrow screens."""
        return [
            Markup(f'<td class="{"key " if n == 0 else ""}{self.column_class(name)}" data-label="{escape(label)}">')
            for n, (name, label) in enumerate(self._list_columns)
        ]

    def column_class(self, name: str) -> str:
        """The classes of a column's head and cells: what kind of value it holds, and its name."""
        if name not in self._column_classes:
            self._column_classes[name] = f"{self.column_looks.get(name) or column_class(self.model, name)} col-{name}"
        return self._column_classes[name]

    def list_value(self, row, name: str):
        """The value of a cell: as the screen's own formatter has it, else by its type."""
        return self._get_list_value(None, row, name, self.column_formatters, self.column_type_formatters)

    def _get_list_value(self, context, model, name, column_formatters, column_type_formatters):
        formatter = column_formatters.get(name)
        value = getattr(model, name) if formatter is None else formatter(self, context, model, name)
        return formatted(self, value, name, column_type_formatters)

    def heads(self, view_args) -> list[dict]:
        """The heads of the columns: label, classes, and where a click sorts by it."""
        heads = []
        for n, (name, label) in enumerate(self._list_columns):
            here = view_args.sort == n
            turned = 1 if here and not view_args.sort_desc else None
            heads.append(
                {
                    "label": label,
                    "class": self.column_class(name),
                    "url": self._get_list_url(view_args.clone(sort=n, sort_desc=turned))
                    if name in self.column_sortable_list
                    else None,
                    "mark": ("↓" if view_args.sort_desc else "↑") if here else "",
                }
            )
        return heads
