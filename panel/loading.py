"""Which related rows come with the rows of a page, so that none is read one by one."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload


def loading(model, paths, bare: bool = True) -> list:
    """How the relations `paths` of `model` (dotted where one leads to the next) are read: single rows in the statement
    of the page itself, lists in one statement each. `bare`: what always hangs on such rows stays unread."""
    options = {}
    for path in paths:
        option, target, at = None, model, ""
        for name in path.split("."):
            attr, at = getattr(target, name), f"{at}.{name}"
            if at not in options:
                load = selectinload if attr.property.uselist else joinedload
                options[at] = load(attr) if option is None else getattr(option, load.__name__)(attr)
            option, target = options[at], attr.property.mapper.class_
    return [option.lazyload("*") if bare else option for option in options.values()]


def single(model, names) -> list[str]:
    """Those of `names` that are relations of `model` to one row."""
    relations = sa.inspect(model).relationships
    return [name for name in names or () if name in relations and not relations[name].uselist]
