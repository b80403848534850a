"""Translation catalogues: kept as text, compiled for the running panel."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> list[Path]:
    """Compile the catalogues under `folder` whose compiled form is missing or older; gives those compiled.

    Several processes may start at once: each writes a file of its own and puts it in place whole.
    """
    made = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file)
        part = compiled.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(compiled)
        made.append(compiled)
    return made
