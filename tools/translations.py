"""Gather the texts of the code into the catalogues, compile them, and say what is still to be translated.

`make translations`: new texts are added with an empty translation, those nobody says any more are taken out; what was
translated stays. Ends with an error while a text has no translation.
"""

import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

import config
from core.catalogues import compile_catalogues

CATALOGUES = config.ROOT / "translations"
KEYWORDS = ("_l", "N_", "say", "lazy_gettext")
"""How the code marks a text, besides gettext and its like."""


def texts() -> Catalog:
    """Every text of the code and the templates, as babel.cfg names them."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        words = [part for keyword in KEYWORDS for part in ("-k", keyword)]
        mapping, root = str(config.ROOT / "babel.cfg"), str(config.ROOT)
        CommandLineInterface().run(["pybabel", "-q", "extract", "-F", mapping, *words, "-o", str(template), root])
        with template.open("rb") as file:
            return read_po(file)


def update(path: Path, wanted: Catalog) -> list[str]:
    """Bring the catalogue at `path` to the texts `wanted`; gives those without a translation."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    known = {m.id: m.string for m in catalogue if m.id}
    fresh = Catalog(locale=path.parts[-3], project="Yingke", charset="utf-8", fuzzy=False)
    fresh.creation_date, fresh.revision_date = catalogue.creation_date, catalogue.revision_date
    for message in wanted:
        if message.id:
            fresh.add(message.id, known.get(message.id, ""), flags=message.flags - {"fuzzy"})
    with path.open("wb") as file:
        write_po(file, fresh, sort_output=True, omit_header=False, width=0, no_location=True)
    return [message.id for message in fresh if message.id and not message.string]


def main() -> int:
    """Update and compile each catalogue; the number of texts without a translation decides over the exit status."""
    wanted, missing = texts(), 0
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        empty = update(path, wanted)
        missing += len(empty)
        print(f"{path.relative_to(config.ROOT)}: {len(wanted)} texts, {len(empty)} without a translation")
        for text in empty:
            print(f"  {text}")
    compile_catalogues(CATALOGUES)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
