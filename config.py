"""The configuration of an installation: from the environment, with safe defaults."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from core import rate_limits, serving

ROOT = Path(__file__).parent


def _kept(folder: Path, name: str, make) -> str:
    """A secret made on first start and kept in `folder`, readable by its owner only. Of two that start at once, both
    get the first one's: it appears whole or not at all."""
    path = folder / name
    if not path.exists():
        part = folder / f"{name}.{os.getpid()}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    return path.read_text().strip()


def read(environment=os.environ) -> dict:
    """The settings Flask and the panel run with.

    DATABASE_URL (SQLite file by default), SECRET_KEY and DATA_KEY (made and kept in the instance folder),
    INSTANCE_DIR, COMPANY_NAME, DEFAULT_LOCALE, TIME_ZONE, RATELIMIT_STORAGE_URI, TRUSTED_PROXIES; HOST, PORT, WORKERS
    and THREADS: where and with how much the panel is served.
    """
    folder = Path(environment.get("INSTANCE_DIR") or ROOT / "instance").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    url = environment.get("DATABASE_URL") or f"sqlite:///{folder / 'yingke.db'}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    threads = max(1, int(environment.get("THREADS") or 8))
    # A page needs one connection, an export two. The one used last is taken first: its cache is warm, the others go.
    pool = {"pool_size": 4, "max_overflow": 2 * threads, "pool_use_lifo": True}
    return {
        "INSTANCE_DIR": str(folder),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": pool | {"pool_pre_ping": not url.startswith("sqlite")},
        "SECRET_KEY": environment.get("SECRET_KEY") or _kept(folder, "secret_key", lambda: secrets.token_hex(32)),
        "DATA_KEY": environment.get("DATA_KEY") or _kept(folder, "data_key", lambda: Fernet.generate_key().decode()),
        "COMPANY_NAME": environment.get("COMPANY_NAME", ""),
        "BABEL_DEFAULT_LOCALE": environment.get("DEFAULT_LOCALE", "zh_Hans_CN"),
        "BABEL_DEFAULT_TIMEZONE": environment.get("TIME_ZONE", "Asia/Shanghai"),
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "yingke",
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "RATELIMIT_STORAGE_URI": environment.get("RATELIMIT_STORAGE_URI") or rate_limits.address(folder / "limits.db"),
        "RATELIMIT_HEADERS_ENABLED": False,
        "TRUSTED_PROXIES": int(environment.get("TRUSTED_PROXIES", "0")),
        "TEMPLATES_AUTO_RELOAD": False,
        "HOST": environment.get("HOST") or "127.0.0.1",
        "PORT": int(environment.get("PORT") or 5000),
        "WORKERS": max(1, int(environment.get("WORKERS") or serving.cores())),
        "THREADS": threads,
    }
