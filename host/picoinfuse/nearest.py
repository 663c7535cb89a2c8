"""What somebody may have meant by a name that is not known: said behind the list of those that are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
LIKE = 0.6  # of 1, as difflib counts it


def perhaps(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean A or B?", or "" if nothing is like it."""
    near = get_close_matches(name, list(known), MOST, LIKE)
    return f"; did you mean {' or '.join(near)}?" if near else ""
