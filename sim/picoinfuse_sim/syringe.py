"""The physical syringe: what a step displaces, how the plunger rubs along its way, and where its barrel ends."""

from math import pi

import numpy as np

from picoinfuse.syringes import Syringe as Kind

# How far friction strays from its mean along the travel: one standard deviation, as a fraction. Teaching value; that it
# varies is published (Leuthner 2024), by how much depends on the syringe and on how dry it is.
FRICTION_SPREAD = 0.15
FRICTION_WAVES_UM = (2_000, 40_000)  # it varies over such lengths, so a step of 0.6 um hardly feels a difference
_WAVES = 6
LOOK_UP_SHIFT = 3  # friction is tabled every 2**3 steps, 5 um of travel on the usual screw


class Syringe:
    """One syringe in the pump. Positions are screw positions in motor steps, as `Drive.turned_steps` counts them.

    kind: a row of the host's catalogue. filled_nl: fluid in it, 0 to its capacity. pitch_um, steps_per_turn: of the
    drive. friction_varies: smoothly along the travel, drawn from `rng`; otherwise it is the mean everywhere.
    fitted_at_steps: where the screw stood when the syringe was put in.
    """

    def __init__(
        self,
        kind: Kind,
        filled_nl: float,
        pitch_um: int,
        steps_per_turn: int,
        *,
        rng: np.random.Generator,
        friction_varies: bool = True,
        fitted_at_steps: int = 0,
    ) -> None:
        if not 0 <= filled_nl <= kind.capacity_nl:
            raise ValueError(f"{filled_nl / 1e6:g} mL in a {kind.name}: it holds 0 to {kind.capacity_nl / 1e6:g} mL")
        self.kind = kind
        self.filled_nl = filled_nl
        self.step_nl = pi / 4 * kind.barrel_um**2 * pitch_um / steps_per_turn * 1e-6  # 1 um3 is 1e-6 nL
        area_m2 = pi / 4 * (kind.barrel_um * 1e-6) ** 2
        self.mn_per_mmhg = area_m2 * 133.322 * 1000
        self.fitted_at_steps = fitted_at_steps
        # Whole steps that fit: a hair is allowed, so that a volume of exactly n steps is n steps and not n - 1.
        self.end_at_steps = fitted_at_steps + int(filled_nl / self.step_nl + 1e-9)
        self.friction_table = _friction_table(kind, pitch_um, steps_per_turn, rng if friction_varies else None)

    def displaced_nl(self, turned_steps: int) -> float:
        """Return what the plunger has displaced since the syringe was fitted, in nL."""
        return (min(turned_steps, self.end_at_steps) - self.fitted_at_steps) * self.step_nl

    def pressed_steps(self, turned_steps: int) -> int:
        """Return how far the screw has turned on with the plunger at the end of the barrel; the frame gives way."""
        return max(0, turned_steps - self.end_at_steps)

    def content_nl(self, turned_steps: int) -> float:
        """Return the fluid that is still in it, in nL."""
        return self.filled_nl - self.displaced_nl(turned_steps)

    def friction_mn(self, turned_steps: int) -> float:
        """Return the friction of the plunger in mN where the screw stands now."""
        # A plunger drawn back behind its start reads the table from its other end, which is harmless.
        return self.friction_table[(min(turned_steps, self.end_at_steps) - self.fitted_at_steps) >> LOOK_UP_SHIFT]

    def empty(self, turned_steps: int) -> None:
        """Spill what it holds: from here on the plunger is at the end of its barrel."""
        self.filled_nl = self.displaced_nl(turned_steps)
        self.end_at_steps = turned_steps


def _friction_table(kind: Kind, pitch_um: int, steps_per_turn: int, rng: np.random.Generator | None) -> list[float]:
    """Return friction along the travel: the mean and a few smooth waves of drawn length and phase."""
    travel_um = kind.capacity_nl * 1e6 / (pi / 4 * kind.barrel_um**2)
    look_up_um = (1 << LOOK_UP_SHIFT) * pitch_um / steps_per_turn
    entries = int(travel_um / look_up_um) + 2
    if rng is None:
        return [float(kind.friction_mn)] * entries
    at_um = np.arange(entries) * look_up_um
    shortest, longest = np.log(FRICTION_WAVES_UM)
    lengths_um = np.exp(rng.uniform(shortest, longest, _WAVES))
    phases = rng.uniform(0, 2 * pi, _WAVES)
    coarse_um = np.linspace(0.0, at_um[-1], 1024)
    waves = np.sin(2 * pi * coarse_um[:, None] / lengths_um + phases).sum(axis=1) * np.sqrt(2 / _WAVES)
    table: list[float] = (kind.friction_mn * (1 + FRICTION_SPREAD * np.interp(at_um, coarse_um, waves))).tolist()
    return table
