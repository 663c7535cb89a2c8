"""When each alarm came, how long it took until somebody answered it, and when it was over."""

from __future__ import annotations

from dataclasses import dataclass

from picoinfuse_firmware import alarms, states

from .diary_source import Source
from .log import Entry

MUTED, KEY, ACKNOWLEDGED, REFILLED, STOPPED = "muted", "key", "acknowledged", "new syringe", "stopped"
_BY_NAME = {row.name: row for row in alarms.TABLE}


@dataclass
class Alarm:
    """One alarm. answered: by what somebody did, `how`; None: nobody did, as far as is known.

    over: when it ended; None: it had not when the entries end, or power was lost before. answer_ms: from its coming to
    its answer, at least and at most, or None. lost: power was lost while it was there.
    """

    name: str
    priority: str
    stops: bool
    came: Entry
    answered: Entry | None = None
    how: str = ""
    over: Entry | None = None
    answer_ms: tuple[int, int | None] | None = None
    lost: bool = False

    @property
    def open(self) -> bool:
        """Whether it still is there, as far as is known."""
        return self.over is None and not self.lost


def alarms_of(source: Source) -> list[Alarm]:
    """Return every alarm, in the order in which they came."""
    found: list[Alarm] = []
    before: Entry | None = None
    state = ""
    for entry in source.entries:
        if before is not None and source.start_of(entry) != source.start_of(before):
            for alarm in found:
                alarm.lost = alarm.lost or alarm.open
        before = entry
        if entry.kind == "alarm" and entry.what in _BY_NAME:
            row = _BY_NAME[entry.what]
            found.append(Alarm(row.name, alarms.PRIORITIES[row.priority], row.stops, entry))
            continue
        if entry.kind == "by":
            _name(found, entry)
            continue
        how = _answers(entry, state)
        if entry.kind == "state":
            state = entry.what
        for alarm in found:
            if not alarm.open:
                continue
            ends = entry.kind == "alarm_end" and entry.what == alarm.name
            by = ACKNOWLEDGED if ends and _BY_NAME[alarm.name].latching else how
            if by and alarm.answered is None:
                alarm.answered, alarm.how = entry, by
                alarm.answer_ms = source.between_ms(alarm.came, entry)
            if ends:
                alarm.over = entry
    return found


def _name(alarms: list[Alarm], entry: Entry) -> None:
    """Put down who it was: the pump tells it just after what was done."""
    who, _, action = entry.what.rpartition(".")
    how = {"acknowledge": ACKNOWLEDGED, "refill": REFILLED, "stop": STOPPED}.get(action)
    for alarm in alarms:
        at = alarm.answered
        if at is not None and alarm.how == how and (at.boot, at.at_ms) == (entry.boot, entry.at_ms):
            alarm.how = f"{how} by {who}"


def _answers(entry: Entry, state: str) -> str:
    """Return how an entry shows that somebody stands at the pump, or at a host; "" if it does not.

    state: of the pump before it. A syringe is also told of when a program is loaded: that answers nothing.
    """
    if entry.kind == "mute" and entry.value > 0:
        return MUTED
    if entry.kind == "key" and entry.what != "bolus":
        return KEY
    if entry.kind == "refill" and state in (states.PAUSED, states.ALARM):
        return REFILLED
    if entry.kind == "state" and entry.what == states.IDLE and state not in ("", states.SELFTEST):
        return STOPPED
    return ""
