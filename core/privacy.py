"""Personal data: encrypted at rest, found by a keyed hash, shown masked (domain.md §6).

`DATA_KEY` may hold several Fernet keys, comma-separated: the first encrypts, all decrypt, so that a key
can be replaced while the old data is still readable. The hash key derives from the last, the oldest:
it must not change when keys rotate.
"""

import base64
import hashlib
import hmac
import re

from cryptography.fernet import Fernet, MultiFernet

_box: MultiFernet
_hash_key: bytes


def configure(data_key: str) -> None:
    """Set the data keys of this installation. Raises ValueError when one is not a Fernet key."""
    global _box, _hash_key
    parts = [part.strip() for part in data_key.split(",") if part.strip()]
    _box = MultiFernet([Fernet(part) for part in parts])
    _hash_key = hashlib.sha256(b"yingke fingerprint" + base64.urlsafe_b64decode(parts[-1])).digest()


def encrypt(value: str) -> str:
    return _box.encrypt(value.encode()).decode()


def decrypt(value: str) -> str:
    return _box.decrypt(value.encode()).decode()


def fingerprint(value: str) -> str:
    """A keyed hash of an identity number or phone, the same however it was typed."""
    return hmac.new(_hash_key, re.sub(r"[\s\-()+]", "", value).upper().encode(), hashlib.sha256).hexdigest()


def mask(value: str | None) -> str:
    """First three and last two characters; of short values only the last."""
    if not value:
        return ""
    return (
        value[:3] + "*" * max(3, len(value) - 5) + value[-2:] if len(value) >= 8 else "*" * (len(value) - 1) + value[-1]
    )
