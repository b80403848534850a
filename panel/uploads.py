"""Files people attach: of a checked type and size, with a name that is only a name."""

import hashlib
import re
from pathlib import PurePath

from core.text import N_, say
from engine.moves import Refused

ALLOWED = {
    b"%PDF-": ("application/pdf", ".pdf"),
    b"\x89PNG\r\n": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
}
LARGEST = 10 * 1024 * 1024


def read_upload(storage) -> dict | None:
    """The uploaded file as columns of Evidence; None where nothing was chosen. Raises Refused for any other file."""
    if storage is None or not getattr(storage, "filename", ""):
        return None
    content = storage.read(LARGEST + 1)
    kind = next((kind for magic, kind in ALLOWED.items() if content.startswith(magic)), None)
    if kind is None:
        raise Refused(say(N_("Only PDF, PNG and JPEG files can be attached.")))
    if len(content) > LARGEST:
        raise Refused(say(N_("A file may have at most 10 MB.")))
    stem = re.sub(r"[\x00-\x1f<>:\"/\\|?*]", "_", PurePath(storage.filename.replace("\\", "/")).stem)[:100] or "file"
    return {
        "filename": stem + kind[1],
        "media_type": kind[0],
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": content,
    }
