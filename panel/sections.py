"""Sections of a details page."""


def url_of(screen: str, row_id: int) -> str:
    from flask import url_for

    return url_for(f"{screen}.details_view", id=row_id)


def section(title, headers, rows, empty, add_url=None, add_label="") -> dict:
    return {
        "title": title,
        "headers": headers,
        "rows": rows,
        "empty": empty,
        "add_url": add_url,
        "add_label": add_label,
    }


def requests_section(title, screen, rows, cells, headers, empty, **add) -> dict:
    return section(title, headers, [{"cells": cells(r), "url": url_of(screen, r.id)} for r in rows], empty, **add)
