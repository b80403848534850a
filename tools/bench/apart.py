"""Work inside the application, in a process of its own: what one database leaves behind meets no other one."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def apart(work, *arguments):
    """What `work(*arguments)` gives, computed by a fresh process with this environment."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def application():
    """The panel, without what stands in a benchmark's way: CSRF tokens and limits of sign-in."""
    from app import create_app

    return create_app({"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False})


def filter_names() -> dict[str, str]:
    """The address parameters of the visit list's filters, by the column that each looks at."""
    screen = application().extensions["screens"]["visit"]
    return {f.column.key: f"flt{n}_{screen.get_filter_arg(n, f)}" for n, f in enumerate(screen._filters)}
