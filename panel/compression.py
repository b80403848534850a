"""Answers compressed by gzip, where the browser takes it.

A page shows what somebody typed beside what is secret, and who measures the length of encrypted answers while making
the browser load many of them might guess the secret (BREACH). Pages are compressed all the same: other sites' requests
bring no session (the cookie is SameSite=Lax), the CSRF token's signature is another one every second, and each answer
is made longer by a random number of bytes. Streamed files are left alone: they are never held in memory.
"""

import secrets
import struct
import zlib
from functools import lru_cache

from flask import Flask, Response, request

from panel.assets import FOREVER

SMALLEST = 1024
"""Bytes below which an answer fits a packet anyway."""
PAGE, FILE = 4, 9
"""How hard pages are compressed (0.15 ms for a list), and files, which are kept."""
KINDS = ("text/", "application/json", "image/svg+xml")
NAMED = 8
"""The flag of a gzip header that says that a name follows."""


def gzipped(data: bytes, level: int, padding: int = 0) -> bytes:
    """`data` as a gzip file, its header made longer by `padding` bytes of a name that nobody reads."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"x" * padding + b"\0" if padding else b""
    head = struct.pack("<4BL2B", 0x1F, 0x8B, 8, NAMED if padding else 0, 0, 0, 255) + name
    tail = struct.pack("<2L", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return b"".join((head, deflate.compress(data), deflate.flush(), tail))


@lru_cache(64)
def _kept(data: bytes) -> bytes:
    return gzipped(data, FILE)


def _compressible(response: Response, file: bool) -> bool:
    """Whether it is text that is whole: neither a stream nor a part, nor compressed already."""
    return (
        response.status_code not in (204, 206, 304)
        and (response.mimetype or "").startswith(KINDS)
        and (file or not response.is_streamed)
        and "Content-Encoding" not in response.headers
    )


def register(app: Flask) -> None:
    """Compress what the application answers, after all else that is done to an answer."""

    @app.after_request
    def compress(response: Response) -> Response:
        file = response.headers.get("Cache-Control") == FOREVER
        if not _compressible(response, file):
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings["gzip"] or (response.content_length or SMALLEST) < SMALLEST:
            return response
        response.direct_passthrough = False
        data = response.get_data()
        response.set_data(_kept(data) if file else gzipped(data, PAGE, 1 + secrets.randbelow(100)))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)  # It is the plain file's.
        return response
