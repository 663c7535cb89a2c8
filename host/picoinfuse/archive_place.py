"""Where the archives of pumps stand on this computer: one file for each journal, in one folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .archive import JOURNAL, Archive
from .errors import BadInput

VARIABLE = "PICOINFUSE_ARCHIVE"  # names the folder; empty: nothing is kept
SUFFIX = ".sqlite"


def folder() -> Path | None:
    """Return the folder: what PICOINFUSE_ARCHIVE says, or the usual one of this system for data; None: none at all."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "picoinfuse" / "pumps"


def _folder() -> Path:
    found = folder()
    if found is None:
        raise BadInput(f"{VARIABLE} is empty, so nothing is kept here: unset it, or let it name a folder")
    return found


def of_journal(journal: str) -> Archive:
    """Return the archive of this journal, made if there is none yet. Raises BadInput."""
    return Archive(_folder() / f"{journal}{SUFFIX}", journal)


FETCH = "fetch one first: picoinfuse archive fetch; of one run its record has a diary: picoinfuse diary runs/NAME-1"


def journals() -> list[str]:
    """Return the names of all journals that have an archive here."""
    place = folder()
    if place is None or not place.is_dir():
        return []
    return sorted(path.stem for path in place.glob(f"*{SUFFIX}") if JOURNAL.fullmatch(path.stem))


def chosen(pump: str | None) -> Archive:
    """Return the archive of a journal, or of the only one that there is. Raises BadInput that names those there are."""
    place = _folder()
    known = journals()
    if pump is None:
        if len(known) != 1:
            what = f"say which pump: {', '.join(known)}" if known else FETCH
            many = f"{len(known)} archives" if known else "no archive"
            raise BadInput(f"There {'are' if known else 'is'} {many} in {place}; {what}")
        pump = known[0]
    if pump not in known:
        there = ", ".join(known) or "none"
        raise BadInput(f"pump = {pump!r}: has no archive in {place}; there are: {there}")
    return Archive(place / f"{pump}{SUFFIX}")
