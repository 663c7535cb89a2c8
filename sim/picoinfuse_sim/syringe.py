"""The physical syringe: its real bore, how it swells, how the plunger rubs along its way, and where its barrel ends."""

from math import pi, sqrt

import numpy as np

from picoinfuse.syringes import Syringe as Kind

# How far friction strays from its mean along the travel: one standard deviation, as a fraction. Teaching value; that it
# varies is published (Leuthner 2024), by how much depends on the syringe and on how dry it is.
FRICTION_SPREAD = 0.15
FRICTION_WAVES_UM = (2_000, 40_000)  # it varies over such lengths, so a step of 0.6 um hardly feels a difference
_WAVES = 6
# A plunger at rest holds against so much more than what it rubs with when it moves. Teaching value: rubber on siliconed
# plastic; engineer's memory.
STATIC_RATIO = 1.2
# Of the compliance in the catalogue this part is the stopper's and the rod's, between pusher and plunger; the rest is
# the barrel's. Teaching value: the publications tell the sum only.
STOPPER_PART = 0.5
AREA_ERROR = 0.01  # the most by which a barrel's area differs from the catalogue's; teaching value (engineer's memory)
LOOK_UP_SHIFT = 3  # friction is tabled every 2**3 steps, 5 um of travel on the usual screw


class Syringe:
    """One syringe in the pump. Places along it are volumes in nL: what its plunger has displaced since it was fitted.

    kind: a row of the host's catalogue. filled_nl: fluid in it, 0 to its capacity. pitch_um, steps_per_turn: of the
    drive. friction_varies: smoothly along the travel, drawn from `rng`; otherwise it is the mean everywhere.
    area_error: by which fraction its area is larger than the catalogue's.
    """

    def __init__(
        self,
        kind: Kind,
        filled_nl: float,
        pitch_um: float,
        steps_per_turn: int,
        *,
        rng: np.random.Generator,
        friction_varies: bool = True,
        area_error: float = 0.0,
    ) -> None:
        if not 0 <= filled_nl <= kind.capacity_nl:
            raise ValueError(f"{filled_nl / 1e6:g} mL in a {kind.name}: it holds 0 to {kind.capacity_nl / 1e6:g} mL")
        self.kind = kind
        self.filled_nl = filled_nl
        self.true_barrel_um = kind.barrel_um * sqrt(1 + area_error)
        self.nl_per_um = pi / 4 * self.true_barrel_um**2 * 1e-6  # 1 um3 is 1e-6 nL
        self.step_nl = self.nl_per_um * pitch_um / steps_per_turn  # of a step of the screw, its errors left out
        self.mn_per_mmhg = self.nl_per_um * 0.133322  # 1 nL/um is 1e-6 m2
        self.stopper_nl_per_mmhg = kind.compliance_nl_mmhg * STOPPER_PART
        self.barrel_nl_per_mmhg = kind.compliance_nl_mmhg - self.stopper_nl_per_mmhg
        self.end_nl = filled_nl  # the plunger meets the end of the barrel here
        self.look_up_nl = self.step_nl * (1 << LOOK_UP_SHIFT)
        travel_nl = kind.capacity_nl * 1.02  # a little more than it holds: the barrel may be wider than its scale says
        self.friction_table = _friction_table(
            kind.friction_mn,
            self.look_up_nl / self.nl_per_um,
            int(travel_nl / self.look_up_nl) + 2,
            rng if friction_varies else None,
        )
        self.highest_mn = max(self.friction_table)  # friction, anywhere along the travel

    def friction_mn(self, at_nl: float) -> float:
        """Return what the plunger rubs with, in mN, while it moves at this place."""
        return self.friction_table[min(max(0, int(at_nl / self.look_up_nl)), len(self.friction_table) - 1)]

    def rub(self, factor: float, from_nl: float, to_nl: float) -> None:
        """Multiply the friction between two places by factor (above 0): dry, or sticky over a part of its travel."""
        if factor <= 0:
            raise ValueError(f"friction times {factor:g}: the factor is above 0")
        first, last = (max(0, int(at_nl / self.look_up_nl)) for at_nl in (from_nl, to_nl))
        self.friction_table[first:last] = [mn * factor for mn in self.friction_table[first:last]]
        self.highest_mn = max(self.friction_table)


def _friction_table(mean_mn: int, look_up_um: float, entries: int, rng: np.random.Generator | None) -> list[float]:
    """Return friction along the travel: the mean and a few smooth waves of drawn length and phase."""
    if rng is None:
        return [float(mean_mn)] * entries
    at_um = np.arange(entries) * look_up_um
    shortest, longest = np.log(FRICTION_WAVES_UM)
    lengths_um = np.exp(rng.uniform(shortest, longest, _WAVES))
    phases = rng.uniform(0, 2 * pi, _WAVES)
    coarse_um = np.linspace(0.0, at_um[-1], 1024)
    waves = np.sin(2 * pi * coarse_um[:, None] / lengths_um + phases).sum(axis=1) * np.sqrt(2 / _WAVES)
    table: list[float] = (mean_mn * (1 + FRICTION_SPREAD * np.interp(at_um, coarse_um, waves))).tolist()
    return table
