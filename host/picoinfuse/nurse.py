"""A nurse for runs without people: answers alarms as a seeded person would, and removes no fault."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from picoinfuse_firmware import alarms, states

from . import units
from .errors import BadInput, Refused

if TYPE_CHECKING:
    from .pump import Pump

DELAY_MS = 30_000  # until she stands at the pump: a teaching value
MAX_VISITS = 120  # an hour of them at the default delay, until she gives up one alarm whose cause stays
MAX_ALARMS = 10  # of one kind in one run, likewise: something is wrong that she cannot mend
# Alarms whose cause she can leave to others and go on when it is gone. After the rest somebody must understand first.
TRUSTED = (
    "occlusion",
    "motor_stalled",
    "under_delivery",
    "empty",
    "syringe_removed",
    "cover_open",
    "air",
    "battery_depleted",
    "temperature",
    "syringe_change",
)
IS_OVER = (alarms.EMPTY, alarms.SYRINGE_CHANGE)  # the syringe; she fits the next one
NOT_YET = ("cause_present", "drawing_back", "alarm_active", "would_alarm")  # refusals that only mean: come back later


class AutoNurse:
    """Acknowledges, changes an empty syringe, and resumes once the cause is gone.

    delay_ms: how long she takes, on average (between half and one and a half of it, drawn from the seed). She comes
    back after as long when the pump says that the cause is still there. power_too: she was told to go on with the rest
    of the program after a power cut; without that she leaves it to whoever ordered it.
    """

    def __init__(self, delay_ms: int = DELAY_MS, seed: int = 0, *, power_too: bool = False) -> None:
        self._trusted = (*TRUSTED, "power_lost") if power_too else TRUSTED
        self._delay_ms = delay_ms
        self._random = random.Random(seed)
        self._due_ms: int | None = None
        self._visits = 0
        self._alarms: dict[str, int] = {}
        self._changed = False
        self.refill: str | None = None  # what is in each syringe that she fits; None: what the program says

    def attend(self, pump: Pump) -> bool:
        """Do what is due now, by the pump's clock; False: she gives up."""
        stream = pump.stream
        if stream.state not in (states.ALARM, states.PAUSED):
            self._due_ms = None
            self._visits = 0
            self._changed = False
            return True
        if self._due_ms is None:
            self._due_ms = stream.newest_ms + self.walk_ms()
        if stream.newest_ms < self._due_ms:
            return True
        self._due_ms = stream.newest_ms + self.walk_ms()
        return self._visit(pump)

    def walk_ms(self) -> int:
        """Draw how long she takes to the bedside this time."""
        return self._random.randint(self._delay_ms // 2, self._delay_ms + self._delay_ms // 2)

    def _visit(self, pump: Pump) -> bool:
        status = pump.status()
        stopping = [alarms.BY_CODE[c] for c in status.alarms if c in alarms.BY_CODE and alarms.BY_CODE[c].stops]
        name = str(stopping[0].name) if stopping else status.state
        if any(row.name not in self._trusted for row in stopping):
            return False
        if self._visits == 0:
            self._alarms[name] = self._alarms.get(name, 0) + 1
        self._visits += 1
        too_many = self._alarms[name] > MAX_ALARMS and name != "syringe_change"  # of which the program says how many
        if self._visits > MAX_VISITS or too_many:
            return False
        try:
            if any(row.code in IS_OVER for row in stopping) and not self._changed:
                if not pump.port.act("change_syringe"):
                    return False  # no hand can reach this syringe
                pump.refill(self.refill)
                self._changed = True
            if status.state == states.ALARM:
                pump.acknowledge()
            pump.resume()
        except Refused as refusal:
            return refusal.reason in NOT_YET
        return True


def nurse(text: str, seed: int = 0) -> AutoNurse | None:
    """Return the nurse that "none", "auto" or "auto:DELAY" ("auto:2 min") names. Raises BadInput for anything else.

    "resume" and "resume:DELAY" name one who goes on after a power cut too.
    """
    kind, colon, delay = text.partition(":")
    if kind == "none" and not colon:
        return None
    if kind not in ("auto", "resume") or (colon and not delay):
        raise BadInput(f"nurse = {text!r}: is not one of none, auto, auto:DELAY, resume:DELAY, e.g. auto:30s")
    delay_ms = units.duration_ms(delay, "nurse") if delay else DELAY_MS
    return AutoNurse(delay_ms, seed, power_too=kind == "resume")
