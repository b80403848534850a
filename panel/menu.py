"""The side menu: areas of work, each with what this user may use; nothing else."""

from dataclasses import dataclass

from flask import current_app, request

from panel.access import actor
from panel.i18n import language, tr

KEEP = 64


@dataclass(frozen=True)
class Entry:
    endpoint: str
    url: str
    label: str


@dataclass(frozen=True)
class Area:
    """A heading with its entries; the pages that stand in none have an area without a name."""

    label: str
    entries: tuple[Entry, ...]

    @property
    def endpoints(self) -> frozenset[str]:
        return frozenset(entry.endpoint for entry in self.entries)


def menu(admin) -> tuple[Area, ...]:
    """The menu of the signed-in user; made once per language, set of permissions and address of the panel."""
    kept = current_app.extensions.setdefault("menus", {})
    key = (language(), actor().permissions, request.script_root)
    if key not in kept:
        if len(kept) >= KEEP:
            kept.clear()
        kept[key] = tuple(area for area in _areas(admin) if area.entries)
    return kept[key]


def _areas(admin):
    items = admin.menu()
    yield Area("", tuple(_entry(i) for i in items if not i.is_category() and i.is_visible() and i.is_accessible()))
    for item in items:
        if item.is_category():
            yield Area(tr(item.name), tuple(map(_entry, item.get_children())))


def _entry(item) -> Entry:
    view = item._view
    return Entry(view.endpoint, view.get_url(f"{view.endpoint}.{view._default_view}"), tr(item.name))
