"""Sections of a details page: tables of what belongs to the row."""

from flask import url_for

from panel.access import can


def url_of(screen: str, row_id: int) -> str:
    """The page of a row."""
    return url_for(f"{screen}.details_view", id=row_id)


def link_to(screen: str, row_id: int) -> str | None:
    """The page of a row, for whoever may read such rows; None for others."""
    return url_of(screen, row_id) if can(f"{screen}:read") else None


def line(*cells, url: str | None = None) -> dict:
    """A line of a section; `url` is where its first cell leads."""
    return {"cells": list(cells), "url": url}


def section(title, headers, lines, empty="", add_url=None, add_label="", **more) -> dict:
    """A table with its headers. Without lines it says `empty`; `add_url` is where one more is made.

    `more`: `quiet` (where it is empty only its button is shown), `anchor`, `tally`.
    """
    return {
        "title": title,
        "headers": headers,
        "rows": lines,
        "empty": empty,
        "add_url": add_url,
        "add_label": add_label,
        **more,
    }
