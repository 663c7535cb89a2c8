"""What a person at a closed loop does on the host: passes each reading of the sensor on, and gives boluses for food.

The readings of a simulated patient come over the port as signs (sensor_mg_dl, sensor_at_s, announced_g); for a real one
a function tells the newest. The pump decides alone: it takes a reading or refuses it, and sets its rate itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from picoinfuse_firmware import states
from picoinfuse_firmware.options import LOOP

from . import units
from .errors import BadInput, Refused
from .session import SessionLost

if TYPE_CHECKING:
    from .port import Port
    from .program import Program
    from .pump import Nurse, Pump

LOOK_MS = 10_000  # the sensor is looked at so often, by the pump's clock
PATIENCE_S = 900.0  # a bolus that cannot be given for so long is given up, and somebody has to know
LATER = ("bolus_running", "phase_changing", "alarm_active", "not_now")  # refusals that pass
SIGN = "glucose_mg_dl"  # the sign of a patient whose time in range is told
MG_DL_PER_MMOL_L = Fraction("18.0156")  # the molar mass of glucose is 180.156 g/mol
# Bounds of what people type, for slips of the unit; engineer's memory. What a sensor can show the pump knows itself.
READING_MG_DL = (10, 1000)
FOOD_G = (1, 250)
RATIO_G_PER_U = (2, 100)
LOW, VERY_LOW, HIGH = 70, 54, 180  # mg/dL: the range in which glucose ought to be, and what is below it


class Seen(NamedTuple):
    """The newest reading and the food that was announced so far. at_s: when it was taken, on the clock of now_s."""

    now_s: float
    at_s: float
    mg_dl: int
    announced_g: float


class Decision(NamedTuple):
    """What the pump answered to a reading: its rate in nL/h and why, the glucose it expects, insulin on board.

    at_s: by the sensor's clock. refused: the reason, "" if the reading was taken; if not, the rest is as before.
    """

    at_s: float
    mg_dl: int
    rate_nl_h: int
    why: str
    predicted_mg_dl: int
    on_board_uu: int
    refused: str


class Bolus(NamedTuple):
    """A bolus for food. at_s: when it was asked for, by the sensor's clock. given: whether the pump took it."""

    at_s: float
    carbohydrate_g: float
    units: float
    given: bool


def of_port(port: Port) -> Seen | None:
    """Return what the simulated patient's sensor shows; None without one, or before its first reading."""
    truth = port.truth()
    if truth is None or truth.get("sensor_at_s", -1.0) < 0:
        return None
    return Seen(truth["now_s"], truth["sensor_at_s"], round(truth["sensor_mg_dl"]), truth["announced_g"])


def mg_dl(text: object, field: str = "glucose") -> int:
    """Return a reading in whole mg/dL, of "6.4 mmol/L" or "115 mg/dL". Raises BadInput, also for 10 > it > 1000."""
    example = "6.4 mmol/L"
    its = units.quantity(text, field, example)
    kind = dict(its.dimensions)
    if kind == {"[substance]": 1, "[volume]": -1}:
        exact = its.value * 1000 * MG_DL_PER_MMOL_L
    elif kind == {"[mass]": 1, "[volume]": -1}:
        exact = its.value * 100
    else:
        raise BadInput(f"{field} = {text!r}: is no glucose; write e.g. {example!r} or '115 mg/dL'")
    low, high = READING_MG_DL
    if not low <= exact <= high:
        raise BadInput(
            f"{field} = {text!r}: is {float(exact):.4g} mg/dL or {float(exact / MG_DL_PER_MMOL_L):.4g} mmol/L, beyond "
            f"{low} to {high} mg/dL; is the unit right?"
        )
    return round(exact)


def food_g(text: object, field: str = "food") -> Fraction:
    """Return carbohydrate in grams, of "45 g". Raises BadInput, also beyond 1 to 250 g."""
    return _within(text, field, {"[mass]": 1}, FOOD_G, "45 g")


def ratio_g_per_u(text: object, field: str = "ratio") -> Fraction:
    """Return grams of carbohydrate for a unit of insulin, of "15 g/U". Raises BadInput, also beyond 2 to 100 g/U."""
    return _within(text, field, {"[mass]": 1, "[activity]": -1}, RATIO_G_PER_U, "15 g/U")


def _within(text: object, field: str, kind: dict[str, int], bounds: tuple[int, int], example: str) -> Fraction:
    its = units.quantity(text, field, example)
    unit = example.split(" ")[1]
    if dict(its.dimensions) != kind:
        raise BadInput(f"{field} = {text!r}: is not in {unit}; write e.g. {example!r}")
    if not bounds[0] <= its.value <= bounds[1]:
        raise BadInput(f"{field} = {text!r}: is beyond {bounds[0]} to {bounds[1]} {unit}; is it meant?")
    return its.value


def tell(pump: Pump, mg_dl: int, age_ms: int = 0, at_s: float = 0.0) -> Decision:
    """Tell a closed loop a reading of the glucose sensor, 40 to 400 mg/dL, taken age_ms ago, and return its answer.

    at_s: when that is, for the Decision. Raises Refused for a reading that the pump does not believe, and where no loop
    runs.
    """
    try:
        its = pump.session.ask("glucose", (mg_dl, age_ms))
    except SessionLost:  # it was restarted: nothing is given for a reading, so it can be told again
        its = pump.session.ask("glucose", (mg_dl, age_ms))
    return Decision(at_s, mg_dl, its["rate_nl_h"], its["why"], its["predicted_mg_dl"], its["on_board_uu"], "")


@dataclass(frozen=True)
class Meals:
    """How food is covered: one unit for so many grams of carbohydrate, given of u_per_ml at a rate ("10 mL/h").

    Raises BadInput for what is not above 0.
    """

    grams_per_unit: float
    u_per_ml: float
    rate: str = "10 mL/h"

    def __post_init__(self) -> None:
        for name, value in (("grams for a unit", self.grams_per_unit), ("units in a millilitre", self.u_per_ml)):
            if not 0 < value < 1000:
                raise BadInput(f"{name} = {value:g}: is above 0 and below 1000")

    def units(self, carbohydrate_g: float) -> float:
        """Return the units for so much carbohydrate."""
        return carbohydrate_g / self.grams_per_unit

    def volume(self, carbohydrate_g: float) -> str:
        """Return their volume, in whole nanolitres."""
        return f"{round(self.units(carbohydrate_g) / self.u_per_ml * 1e6)} nL"


class Relay:
    """Passes readings on and covers announced food while the host waits; a Nurse, who may ask another one.

    meals: how; None: food is not covered. nurse: who answers alarms. seen: tells the newest reading. What came of them
    stands in decisions and boluses.
    """

    def __init__(
        self,
        meals: Meals | None = None,
        nurse: Nurse | None = None,
        seen: Callable[[Port], Seen | None] = of_port,
    ) -> None:
        self.meals = meals
        self.decisions: list[Decision] = []
        self.boluses: list[Bolus] = []
        self._nurse = nurse
        self._seen = seen
        self._told_s = -1.0  # the time of the reading that was passed on last
        self._covered_g = 0.0
        self._since_s: float | None = None  # when the food that is not covered was announced
        self._look_ms = 0

    def attend(self, pump: Pump) -> bool:
        """Do what is due; False if the nurse gives up, or there is none at an alarm."""
        now_ms = pump.stream.newest_ms
        if now_ms >= self._look_ms:
            self._look_ms = now_ms + LOOK_MS
            self.look(pump)
        if self._nurse is not None:
            return self._nurse.attend(pump)
        return pump.stream.state != states.ALARM and pump.may_wait()

    def look(self, pump: Pump) -> None:
        """Pass on the newest reading, if it is a new one, and cover food that was announced since."""
        newest = self._seen(pump.port)
        if newest is not None:
            if newest.at_s > self._told_s:
                self._pass_on(pump, newest)
            self._cover(pump, newest)

    def _pass_on(self, pump: Pump, newest: Seen) -> None:
        self._told_s = newest.at_s
        age_ms = round((newest.now_s - newest.at_s) * 1000)
        try:
            self.decisions.append(tell(pump, newest.mg_dl, age_ms, newest.now_s))
        except Refused as refusal:
            before = self.decisions[-1] if self.decisions else Decision(0.0, 0, 0, "", 0, 0, "")
            self.decisions.append(before._replace(at_s=newest.now_s, mg_dl=newest.mg_dl, refused=refusal.reason))

    def _cover(self, pump: Pump, newest: Seen) -> None:
        grams = newest.announced_g - self._covered_g
        if self.meals is None or grams <= 0:
            return
        if self._since_s is None:
            self._since_s = newest.now_s
        given = True
        try:
            pump.bolus(self.meals.volume(grams), self.meals.rate)
        except Refused as refusal:
            if refusal.reason in LATER and newest.now_s - self._since_s < PATIENCE_S:
                return
            given = False
        self._covered_g, self._since_s = newest.announced_g, None
        self.boluses.append(Bolus(newest.now_s, grams, self.meals.units(grams), given))


def with_readings(program: Program, nurse: Nurse | None) -> Nurse | None:
    """Return who attends a run of this program: under a closed loop a Relay, who asks the nurse; else the nurse."""
    looped = any(option.kind == LOOP for option in program.options)
    return Relay(nurse=nurse) if looped and not isinstance(nurse, Relay) else nurse


def shares(glucose_mg_dl: Sequence[float]) -> dict[str, float]:
    """Return the parts of the time (0 to 1, of values evenly spaced in it) in range, low, very low and high.

    in_range: 70 to 180 mg/dL; low: below 70, of which very_low: below 54; high: above 180. Raises BadInput for none.
    """
    count = len(glucose_mg_dl)
    if not count:
        raise BadInput("glucose: there is no value, so no time in range")
    low = sum(value < LOW for value in glucose_mg_dl) / count
    high = sum(value > HIGH for value in glucose_mg_dl) / count
    very_low = sum(value < VERY_LOW for value in glucose_mg_dl) / count
    return {"in_range": 1 - low - high, "low": low, "very_low": very_low, "high": high}


def words(of: dict[str, float]) -> str:
    """Return shares in words."""
    return (
        f"{of['in_range']:.0%} of the time in range ({LOW} to {HIGH} mg/dL), {of['low']:.0%} below {LOW} "
        f"({of['very_low']:.0%} below {VERY_LOW}), {of['high']:.0%} above {HIGH}"
    )
