"""How long a battery lasts with a program: a forecast from its voltage, before anything is started.

Every figure is a teaching value for two lithium cells in series, found on the simulated battery as one finds them on a
real pump: run it flat with the motor at rest and note time and voltage, then once more with the motor at its highest
rate (docs/home.md tells how, and how to find yours). A battery that is cold gives less; how much an old one gives,
two contacts with the pump on its battery show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf
from statistics import median

from picoinfuse_firmware import program as firmware
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of

from .archive import Contact
from .diary_plan import pieces_of
from .status import duration_words

FULL_J = 19.0 * 3600  # from full to dark
IDLE_W = 1.5  # the motor at rest
STEP_J = 0.003  # a motor step more
OHM = 0.15  # how far the voltage sags more under a load beyond IDLE_W
# Part of FULL_J that is left -> voltage at its terminals with IDLE_W drawn.
LEFT_MV = (
    (0.0, 5960.0),
    (0.01, 6180.0),
    (0.02, 6370.0),
    (0.03, 6590.0),
    (0.05, 6690.0),
    (0.07, 6790.0),
    (0.10, 6950.0),
    (0.15, 7040.0),
    (0.20, 7120.0),
    (0.25, 7210.0),
    (0.30, 7260.0),
    (0.40, 7350.0),
    (0.50, 7450.0),
    (0.60, 7600.0),
    (0.70, 7750.0),
    (0.80, 7900.0),
    (0.90, 8050.0),
    (0.95, 8210.0),
    (1.0, 8370.0),
)
# Temperature (C) -> the part of its charge that a battery gives; lithium cells, engineer's memory.
GIVES = ((-20.0, 0.5), (-10.0, 0.7), (0.0, 0.85), (20.0, 1.0))
APART_MS, FALL_MV = 30 * 60_000, 40  # of two contacts that show how much a battery holds, at least
HEALTH = (0.1, 1.2)  # what is found beyond is a wrong reading
OLD, COLD_C = 0.95, 15.0  # below them it is told
ROUND_MS = 5 * 60_000  # a forecast of more than an hour is told to five minutes


@dataclass(frozen=True)
class Reading:
    """What is known of a battery. mv: its voltage with `watt` drawn; 0: nobody looked, it is taken for full.

    fed: the mains feeds the pump, so nothing is drawn. low_mv, empty_mv: where the pump warns, and where it stops, as
    its configuration says. celsius: its temperature; health: what it holds of a new one's charge; None: not known.
    """

    mv: int = 0
    watt: float = IDLE_W
    fed: bool = False
    low_mv: int = Config().battery_low_mv
    empty_mv: int = Config().battery_empty_mv
    celsius: float | None = None
    health: float | None = None

    @property
    def part(self) -> float:
        """The part of its own charge that is left, 0 to 1, by the voltage."""
        if not self.mv:
            return 1.0
        drawn_w = 0.0 if self.fed else self.watt
        return part_of(self.mv + sag_mv(self.mv, drawn_w - IDLE_W))

    @property
    def holds_j(self) -> float:
        """What it gives from full to dark, at its age and temperature."""
        part = 1.0 if self.celsius is None else _between(GIVES, self.celsius)
        return FULL_J * part * (1.0 if self.health is None else self.health)


@dataclass(frozen=True)
class Forecast:
    """How long a battery lasts. low_ms: until it warns, lasts_ms: until the pump stops, if the mains is not there.

    needs_ms: of the program, -1: without end. part: of its charge that is left now.
    """

    low_ms: int
    lasts_ms: int
    needs_ms: int
    part: float
    reading: Reading

    @property
    def enough(self) -> bool:
        """Whether it lasts to the end of the program. Never for one without end."""
        return 0 <= self.needs_ms <= self.lasts_ms


def sag_mv(mv: float, watt: float) -> float:
    """Return how far the voltage sags under a load, in mV."""
    return OHM * watt / mv * 1e6


def part_of(mv: float) -> float:
    """Return the part of its charge that a battery has left which shows this voltage with IDLE_W drawn."""
    return _between([(its_mv, part) for part, its_mv in LEFT_MV], mv)


def _between(points: Sequence[tuple[float, float]], x: float) -> float:
    """Return the value at x between points in rising order, and beyond them that of the nearest."""
    if x <= points[0][0]:
        return points[0][1]
    for (below, first), (above, last) in pairwise(points):
        if x <= above:
            return first + (last - first) * (x - below) / (above - below)
    return points[-1][1]


def loads(program: firmware.Program, config: Config | None = None) -> list[tuple[float, float]]:
    """Return (watt, ms) for each phase as it runs, the last one for ever: a program's, then the motor at rest."""
    step = step_of(config or Config(), program.barrel_um)
    step_nl = step.pl_num / step.pl_den / 1000
    found: list[tuple[float, float]] = []
    bolus_nl = 0.0
    for piece in pieces_of(program):
        phase, ms = piece.phase, piece.length_ms
        if piece.kind == firmware.BOLUS:
            bolus_nl += piece.volume_nl
            continue
        flow = phase.rate_nl / phase.rate_ms if piece.kind == firmware.KVO else piece.volume_nl / ms if ms else 0.0
        if ms and bolus_nl and ms != inf:
            flow, bolus_nl = flow + bolus_nl / ms, 0.0
        found.append((IDLE_W + flow / step_nl * 1000 * STEP_J, ms))
    return [*found, (IDLE_W, inf)]


def forecast(program: firmware.Program, reading: Reading, config: Config | None = None) -> Forecast:
    """Return how long a battery lasts with a program that starts now."""
    its = loads(program, config)
    return Forecast(
        low_ms=_until(its, reading, reading.low_mv),
        lasts_ms=_until(its, reading, reading.empty_mv),
        needs_ms=int(program.duration_ms()),
        part=reading.part,
        reading=reading,
    )


def course(
    program: firmware.Program, reading: Reading, end_ms: float, config: Config | None = None
) -> list[tuple[float, float]]:
    """Return (ms since the start, part of the charge that is left), from 0 to end_ms or to where the pump stops.

    A straight line leads from each point to the next: within a phase always as much is drawn.
    """
    its = loads(program, config)
    end_ms = min(end_ms, _until(its, reading, reading.empty_mv))
    passed_ms, part = 0.0, reading.part
    points = [(passed_ms, part)]
    for watt, ms in its:
        ms = min(ms, end_ms - passed_ms)
        passed_ms, part = passed_ms + ms, part - watt * ms / 1000 / reading.holds_j
        points.append((passed_ms, part))
        if passed_ms >= end_ms:
            break
    return points


def _until(its: Iterable[tuple[float, float]], reading: Reading, mv: int) -> int:
    """Return how long it takes until the voltage under the load has fallen to mv."""
    left_j = reading.part * reading.holds_j
    passed_ms = 0.0
    for watt, ms in its:
        end_j = part_of(mv + sag_mv(mv, watt - IDLE_W)) * reading.holds_j
        can_ms = max(0.0, left_j - end_j) / watt * 1000
        if can_ms <= ms:
            return round(passed_ms + can_ms)
        left_j -= watt * ms / 1000
        passed_ms += ms
    return round(passed_ms)


def health_of(contacts: Sequence[Contact], step_nl: float) -> float | None:
    """Return what a battery holds of a new one's charge, from contacts with a pump that ran on it; None: not known.

    Two contacts of one start show it, without mains at both and with a voltage that fell: what the teaching values say
    was drawn between them is so much of FULL_J, and by the voltage it was so much of what the battery holds.
    step_nl: of a motor step, to know how many there were. A battery that was changed between is another one: only the
    newest start counts that shows anything.
    """
    by_start: dict[int, list[Contact]] = {}
    for contact in contacts:
        by_start.setdefault(contact.boot, []).append(contact)
    for boot in sorted(by_start, reverse=True):
        found = [
            part
            for one, other in pairwise(_on_battery(by_start[boot]))
            if (part := _holds(one, other, step_nl)) is not None
        ]
        if found:
            return median(found)
    return None


def _on_battery(contacts: Sequence[Contact]) -> list[Contact]:
    """Return contacts on the battery that are far enough apart, as long as the voltage only fell."""
    kept: list[Contact] = []
    for contact in sorted(contacts, key=lambda contact: contact.at_ms):
        if contact.fed != 0 or not contact.battery_mv or (kept and contact.battery_mv > kept[-1].battery_mv + 5):
            kept = []
        if contact.fed == 0 and contact.battery_mv:
            far = not kept or (
                contact.at_ms - kept[-1].at_ms >= APART_MS and kept[-1].battery_mv - contact.battery_mv >= FALL_MV
            )
            if far:
                kept.append(contact)
    return kept


def _holds(one: Contact, other: Contact, step_nl: float) -> float | None:
    passed_s = (other.at_ms - one.at_ms) / 1000
    steps = max(0, other.delivered_nl - one.delivered_nl) / step_nl
    drawn_j = IDLE_W * passed_s + steps * STEP_J
    watt = drawn_j / passed_s
    fell = Reading(one.battery_mv, watt).part - Reading(other.battery_mv, watt).part
    if fell <= 0:
        return None
    part = drawn_j / (fell * FULL_J)
    return part if HEALTH[0] <= part <= HEALTH[1] else None


def words(its: Forecast, now: datetime | None = None) -> list[str]:
    """Return a forecast in words: what is known of the battery, how long it lasts, and whether that is enough.

    now: of this computer's clock, to say until when; None: there is no clock, as in a simulated world.
    """
    reading = its.reading
    known = f"{reading.mv / 1000:.2f} V, about {100 * its.part:.0f} % full" if reading.mv else "a full one"
    if reading.health is not None and reading.health < OLD:
        known += f", old (holds about {100 * reading.health:.0f} % of a new one)"
    if reading.celsius is not None and reading.celsius < COLD_C:
        known += f", cold ({reading.celsius:.0f} degC)"
    if reading.fed:
        known += ", the mains is there; without it the battery"
    until = f", until {now + timedelta(milliseconds=its.lasts_ms):%a %H:%M}" if now is not None else ""
    lasts = f"{known} lasts about {_about(its.lasts_ms)} with this therapy{until}"
    warns = f"the pump warns after about {_about(its.low_ms)}"
    if its.enough:
        return [f"{lasts}; it takes {duration_words(its.needs_ms)}: enough"]
    takes = "has no end" if its.needs_ms < 0 else f"takes {duration_words(its.needs_ms)}"
    do = "leave the plug in, or" if reading.fed else "plug the mains in, or"
    return [lasts, f"not enough, the therapy {takes}: {do} have a full battery ready; {warns}"]


def _about(ms: int) -> str:
    if ms < 3_600_000:
        return duration_words(max(1, round(ms / 60_000)) * 60_000)
    return duration_words(round(ms / ROUND_MS) * ROUND_MS)
