"""A day of a closed loop on the bench: the real firmware, a person with a sensor, and a relay between them.

Virtual time goes on in steps of five minutes, as the sensor reads. What comes out is a teaching model's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from picoinfuse.closed_loop import Loop
from picoinfuse.errors import BadInput
from picoinfuse.glucose import Bolus, Decision, Meals, Relay, Seen, of_port, shares, words
from picoinfuse.models import TEACHING
from picoinfuse.port import Port

if TYPE_CHECKING:
    from ..bench import Bench

STEP_S = 300
NL_PER_ML = 1e6
UU_PER_U = 1e6


class Moment(NamedTuple):
    """One look, every five minutes.

    at_s: since the bench was built. glucose, sensor: mg/dL (sensor nan: nothing yet). insulin_mu_l: in the plasma.
    rate_u_h: of the pump now. given_u: by its account since the start.
    """

    at_s: float
    glucose_mg_dl: float
    sensor_mg_dl: float
    insulin_mu_l: float
    rate_u_h: float
    given_u: float


@dataclass
class LoopDay:
    """What came of it. Teaching model.

    title: of the patient. alarms: (name, at_s). moments, decisions, boluses: in the order of time. loop: as ordered.
    """

    title: str
    loop: Loop
    moments: list[Moment] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    boluses: list[Bolus] = field(default_factory=list)
    alarms: list[tuple[str, float]] = field(default_factory=list)

    @property
    def glucose_mg_dl(self) -> list[float]:
        """The plasma glucose at every moment."""
        return [moment.glucose_mg_dl for moment in self.moments]

    def shares(self) -> dict[str, float]:
        """Return the parts of the time in range, low, very low and high."""
        return shares(self.glucose_mg_dl)

    def mean_mg_dl(self) -> float:
        """Return the mean glucose."""
        return sum(self.glucose_mg_dl) / len(self.moments)

    def summary(self) -> str:
        """Return it in words, several lines."""
        least, most = min(self.glucose_mg_dl), max(self.glucose_mg_dl)
        given = [bolus.units for bolus in self.boluses if bolus.given]
        refused = sum(bool(decision.refused) for decision in self.decisions)
        lines = [
            f"{self.title} ({TEACHING}, not for treating anyone)",
            f"  {words(self.shares())}",
            f"  glucose {least:.0f} to {most:.0f} mg/dL, mean {self.mean_mg_dl():.0f}",
            f"  insulin {self.moments[-1].given_u:.1f} U, of it {sum(given):.1f} U in {len(given)} boluses for food",
            f"  {len(self.decisions)} readings told, {refused} refused",
        ]
        lines += [f"  a bolus of {bolus.units:.1f} U was not given" for bolus in self.boluses if not bolus.given]
        lines += [f"  alarm {name} at {at_s / 3600:.2f} h" for name, at_s in self.alarms]
        return "\n".join(lines)


def live(bench: Bench, loop: Loop, meals: Meals | None, hours: int = 24, *, follow: bool = True) -> LoopDay:
    """Start `loop` on a bench with a glucose patient, let it run, and return what came of it.

    meals: how announced food is covered; None: it is not. follow: readings are passed on; if not, the set basal rate
    runs all the time, as without a loop. Raises BadInput if nobody with a sensor is at the line, and Refused.
    """
    bedside = bench.bedside
    if bedside is None or "sensor_mg_dl" not in bedside.signs():
        raise BadInput("patient: a closed loop needs a person with a glucose sensor, e.g. patient=hovorka")
    pump = bench.pump
    relay = Relay(meals, seen=of_port if follow else _only_food)
    day = LoopDay(bedside.patient.title, loop)
    pump.start(loop.program(hours, bench.syringe.kind))
    for _ in range(hours * 3600 // STEP_S):
        bench.advance(STEP_S)
        relay.look(pump)
        signs = bedside.signs()
        status = pump.status()
        day.moments.append(
            Moment(
                bench.now_ms / 1000,
                signs["glucose_mg_dl"],
                signs["sensor_mg_dl"],
                signs["insulin_mu_l"],
                status.rate_nl_h / NL_PER_ML * loop.u_per_ml,
                status.delivered_nl / NL_PER_ML * loop.u_per_ml,
            )
        )
    day.decisions, day.boluses = relay.decisions, relay.boluses
    day.alarms = [(event.what, event.at_ms / 1000) for event in pump.events() if event.kind == "alarm"]
    return day


def _only_food(port: Port) -> Seen | None:
    """What a person without a relay tells: the food, and no reading."""
    seen = of_port(port)
    return None if seen is None else seen._replace(at_s=-1.0)
