"""Passwords: kept as Argon2 hashes, checked in the same time whether there is one or not."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's Argon2id minimum: the library's own 64 MB per sign-in would let a burst of them fill a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked when there is no such account, so that a wrong name takes as long as a wrong password.
_NOBODY = _hasher.hash("nobody")
NONE = "!"
"""What an account without a password holds in place of a hash."""
SHORTEST = 10
"""At least so many characters."""


def hash_password(password: str) -> str:
    """What is stored of `password`."""
    return _hasher.hash(password)


def check(hashed: str | None, password: str) -> bool:
    """Whether `password` is the one behind `hashed`; equally slow where there is no account (None) or no password."""
    kept = None if hashed == NONE else hashed
    try:
        _hasher.verify(_NOBODY if kept is None else kept, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(hashed: str) -> bool:
    """Whether `hashed` was made with other parameters than today's and is better made anew."""
    return _hasher.check_needs_rehash(hashed)
