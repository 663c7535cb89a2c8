"""The notebook: every request that can deliver is written down before it is sent, so that nothing is guessed later."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .errors import BadInput

SENT = "sent"  # written down, perhaps sent, never answered
ANSWERED = "answered"  # the pump took it


@dataclass(frozen=True)
class Entry:
    """One request: its identity, verb, what it asked for in words, and its state: sent, answered, or its outcome."""

    id: str
    verb: str
    detail: str
    state: str = SENT


class Notebook:
    """Keeps entries in a file, one JSON object a line, on the disk before `note` returns; in memory without a path.

    Raises BadInput for a file that cannot be read or written, or is something else.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._entries: dict[str, Entry] = {}
        if self.path is not None and self.path.exists():
            self._read(self.path)

    def _read(self, path: Path) -> None:
        try:
            lines = path.read_bytes().decode().split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"notebook = {str(path)!r}: cannot be read: {error}") from error
        # What follows the last line end was cut short while it was written, so its request was never sent.
        for number, line in enumerate(lines[:-1], 1):
            try:
                row = json.loads(line)
                self._entries[row["id"]] = Entry(row["id"], row["verb"], row["detail"], row["state"])
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(
                    f"notebook = {str(path)!r}: line {number} is no entry; is it another file? Choose another path"
                ) from error

    def _write(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        if self.path is None:
            return
        row: dict[str, Any] = {"id": entry.id, "verb": entry.verb, "detail": entry.detail, "state": entry.state}
        try:
            with self.path.open("r+b" if self.path.exists() else "x+b") as file:
                file.truncate(file.read().rfind(b"\n") + 1)  # without a line that was cut short
                file.seek(0, os.SEEK_END)
                file.write(json.dumps(row).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise BadInput(f"notebook = {str(self.path)!r}: cannot be written: {error}; nothing was sent") from error

    def note(self, id: str, verb: str, detail: str) -> None:
        """Write down a request that is about to be sent."""
        self._write(Entry(id, verb, detail))

    def mark(self, id: str, state: str) -> None:
        """Write down how a request stands now."""
        self._write(replace(self._entries[id], state=state))

    def open(self) -> list[Entry]:
        """Return the entries whose outcome is not known yet, oldest first."""
        return [entry for entry in self._entries.values() if entry.state in (SENT, ANSWERED)]

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first."""
        return list(self._entries.values())
