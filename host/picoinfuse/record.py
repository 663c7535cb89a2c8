"""A run kept as data: telemetry.csv, events.jsonl and meta.json in one folder, written and read again.

The first two hold only what the pump said, with its own time stamps: the same seed gives the same bytes. Date and
versions stand in meta.json alone. With a simulated patient there is also patient.csv: the signs at each telemetry; and
with target-controlled infusion tci.csv: the target, and what the model of the host says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from picoinfuse_firmware import alarm_texts, alarms

from . import courses, ordered, patient, signs, tci_words
from .errors import BadInput
from .status import duration_words
from .stream import Event, Telemetry

FORMAT = 1  # of the folder; a reader refuses another one
TELEMETRY, EVENTS, META, PATIENT, TCI = "telemetry.csv", "events.jsonl", "meta.json", "patient.csv", "tci.csv"
_BY_NAME = {row.name: row for row in alarms.TABLE}
_TEXT = Telemetry._fields.index("state")


@dataclass
class Record:
    """What happened in one run. For teaching only.

    rows: of telemetry, and events: as the pump pushed them. meta: therapy, program, url, seed, versions, date, result,
    and faults_to_come: those whose time had not come at the end.
    path: the folder it was saved in or read from. seen: of a simulated patient, (at_ms, a value for each of
    meta["patient"]["signs"]), at each telemetry; empty without one. tci: likewise of meta["tci"], in a run at a target.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None
    seen: list[tuple[float, ...]] = field(default_factory=list)
    tci: list[tuple[float, ...]] = field(default_factory=list)

    def _beside(self) -> list[tuple[str, str, list[tuple[float, ...]]]]:
        """Return what is kept beside the telemetry: the key of meta that describes it, its file, its rows."""
        return [row for row in (("patient", PATIENT, self.seen), ("tci", TCI, self.tci)) if row[0] in self.meta]

    @property
    def telemetry(self) -> list[Telemetry]:
        """The rows by name; made anew each time it is asked for."""
        return [Telemetry._make(row) for row in self.rows]

    @property
    def started_ms(self) -> int:
        """When the infusion began, in device milliseconds."""
        return int(self.meta.get("started_ms", 0))

    def result(self) -> dict[str, Any]:
        """Return therapy, outcome, volumes, duration, alarms and the folder, ready for JSON."""
        return {**self.meta["result"], "record": None if self.path is None else str(self.path)}

    def alarms(self) -> list[dict[str, Any]]:
        """Return every alarm: code (its name), priority, at_s since the start of the infusion, text."""
        rows = []
        for event in self.events:
            row = _BY_NAME.get(event.what) if event.kind == "alarm" else None
            if row is not None:
                at_s = (event.at_ms - self.started_ms) / 1000
                priority = alarms.PRIORITIES[row.priority]
                rows.append({"code": row.name, "priority": priority, "at_s": at_s, "text": alarm_texts.text(row)})
        return rows

    @property
    def drawn_ml(self) -> float:
        """How much was drawn back after occlusions, in mL."""
        return sum(event.value for event in self.events if event.kind == "drawback") / 1e6

    def summary(self) -> str:
        """Return the run in words, several lines."""
        its = self.meta["result"]
        delivered = its["delivered_ml"]
        lines = [f"{self.meta.get('title') or its['therapy']} (for teaching only)", f"  outcome     {its['outcome']}"]
        if "tci" in self.meta:  # the rates are decided as it runs: what was programmed is only the most
            lines.append(f"  at most     {its['programmed_ml']:.4f} mL")
            lines.append(f"  delivered   {delivered:.4f} mL by the pump's account")
        else:
            lines += ordered.summary(self)
            beyond = round(delivered - ordered.of(self).total_nl / 1e6, 4) or 0.0  # -0.0 is none
            lines.append(f"  delivered   {delivered:.4f} mL by the pump's account ({beyond:+.4f} mL)")
        if self.drawn_ml:
            lines.append(f"  drawn back  {self.drawn_ml:.4f} mL after an occlusion; so much less went into the line")
        if its["patient_ml"] is not None:
            lines.append(f"  patient     {its['patient_ml']:.4f} mL left the cannula (only a simulated world knows)")
        if self.meta.get("lock"):
            lines.append(f"  lock        {self.meta['lock']}")
        lines += courses.summary(self)
        lines += tci_words.summary(self)
        lines += patient.summary(self)
        lines.append(f"  duration    {duration_words(round(its['duration_s'] * 1000))}")
        for alarm in its["alarms"]:
            lines.append(f"  alarm       {alarm['priority']}, at {_clock(alarm['at_s'])}: {alarm['text']}")
        if not its["alarms"]:
            lines.append("  alarms      none")
        for fault in self.meta.get("faults_to_come", []):
            lines.append(f"  fault       {fault} did not happen: its time had not come when the run ended")
        if self.path is not None:
            lines.append(f"  record      {self.path}")
        return "\n".join(lines)

    def plot(self, path: str | Path) -> None:
        """Draw rate, volume, pressure and alarms into a picture file. Raises BadInput if it cannot be written."""
        from .plot import plot_record

        plot_record(self, Path(path))

    def save(self, folder: str | Path) -> Path:
        """Write the three files into `folder` and return it. Raises BadInput if that is not possible."""
        target = Path(folder)
        rows = [",".join(Telemetry._fields)]
        rows += [",".join(map(str, row)) for row in self.rows]
        try:
            target.mkdir(parents=True, exist_ok=True)
            self.path = target
            _write(target / TELEMETRY, "\n".join(rows) + "\n")
            _write(target / EVENTS, "".join(json.dumps(event._asdict()) + "\n" for event in self.events))
            self.meta["lines"] = {TELEMETRY: len(self.rows), EVENTS: len(self.events)}  # what is cut off is missed
            for key, name, beside in self._beside():
                _write(target / name, signs.table(self.meta[key], beside))
                self.meta["lines"][name] = len(beside)
            _write(target / META, json.dumps(self.meta, indent=2) + "\n")
        except OSError as error:
            raise BadInput(f"out = {str(target)!r}: the record cannot be written there: {error}") from error
        return target

    @staticmethod
    def read(folder: str | Path) -> Record:
        """Return the record in a folder. Raises BadInput that names the file and what is wrong in it."""
        source = Path(folder)
        if not source.is_dir():
            raise BadInput(f"record = {str(source)!r}: is no folder; give one that `picoinfuse run` wrote")
        record = Record(path=source)
        try:
            record.meta = json.loads(_text(source, META))
            if record.meta["format"] != FORMAT:
                raise BadInput(
                    f"record = {str(source)!r}: {META} has format {record.meta['format']}; this program reads {FORMAT}"
                )
            record.meta["result"]["outcome"]
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, BadInput):
                raise
            raise BadInput(f"record = {str(source)!r}: {META} is damaged ({error})") from error
        record.rows = _telemetry(source)
        record.events = _events(source)
        for key, name, beside in record._beside():
            beside += signs.read(_text(source, name), record.meta[key], f"record = {str(source)!r}: {name}")
        for name, found in (
            (TELEMETRY, record.rows),
            (EVENTS, record.events),
            (PATIENT, record.seen),
            (TCI, record.tci),
        ):
            written = record.meta.get("lines", {}).get(name, len(found))
            if written != len(found):
                raise BadInput(f"record = {str(source)!r}: {name} is damaged: it has {len(found)} of {written} rows")
        return record


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"record = {str(folder)!r}: {name} is missing; is it a record of `picoinfuse run`?") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"record = {str(folder)!r}: {name} cannot be read: {error}") from error


def _telemetry(folder: Path) -> list[tuple[Any, ...]]:
    text = _text(folder, TELEMETRY)
    header, *lines = text.splitlines() or [""]
    if header != ",".join(Telemetry._fields):
        raise BadInput(f"record = {str(folder)!r}: {TELEMETRY} line 1 is not the header {','.join(Telemetry._fields)}")
    rows: list[tuple[Any, ...]] = []
    for number, line in enumerate(lines, 2):
        values: list[Any] = line.split(",")
        try:
            if len(values) != len(Telemetry._fields):
                raise ValueError(f"{len(values)} fields, not {len(Telemetry._fields)}")
            rows.append(tuple(v if i == _TEXT else int(v) for i, v in enumerate(values)))
        except ValueError as error:
            raise BadInput(f"record = {str(folder)!r}: {TELEMETRY} line {number} is damaged ({error})") from error
    if not text.endswith("\n"):  # a number cut short is a number too
        raise BadInput(f"record = {str(folder)!r}: {TELEMETRY} line {len(lines) + 1} is damaged (it does not end)")
    return rows


def _events(folder: Path) -> list[Event]:
    rows = []
    for number, line in enumerate(_text(folder, EVENTS).splitlines(), 1):
        try:
            rows.append(Event(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise BadInput(f"record = {str(folder)!r}: {EVENTS} line {number} is damaged ({error})") from error
    return rows


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def new_folder(name: str, root: str | Path = "runs") -> Path:
    """Make and return the next free folder ROOT/NAME-N, N from 1. Raises BadInput if it cannot be made."""
    number = 1
    while True:
        path = Path(root) / f"{name}-{number}"
        try:
            path.mkdir(parents=True)
            return path
        except FileExistsError:
            if not Path(root).is_dir():
                raise BadInput(f"out = {str(root)!r}: is a file, not a folder; give another with --out") from None
            number += 1
        except OSError as error:
            raise BadInput(f"out = {str(path)!r}: cannot be made: {error}; give another with --out") from error
