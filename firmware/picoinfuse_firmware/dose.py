"""Steps <-> nanolitres: the only arithmetic on dose. Whole numbers; a step's volume is a ratio, never rounded."""

from .ratio import reduced

PI_NUM, PI_DEN = 355, 113  # pi within 8.5e-8: 5 nL in 60 mL, a sixtieth of one motor step there


class StepVolume:
    """The volume of one motor step in one syringe: pl_num / pl_den picolitres.

    barrel_um: inner diameter of the barrel; pitch_um: travel of the plunger per turn; steps_per_turn: motor steps.
    volume_ppm: what a step was found to give by weighing, in millionths of what these say.
    Volume of a step = pi/4 * barrel**2 * pitch / steps_per_turn * volume_ppm / 1e6; a cubic micrometre is 1/1000 pL.
    """

    def __init__(self, barrel_um, pitch_um, steps_per_turn, volume_ppm=1000000):
        self.pl_num, self.pl_den = reduced(
            PI_NUM * barrel_um * barrel_um * pitch_um * volume_ppm, PI_DEN * 4 * 1000 * steps_per_turn * 1000000
        )

    def steps_in(self, nl):
        """Return how many whole steps fit into `nl` nanolitres: never more than was ordered."""
        return nl * 1000 * self.pl_den // self.pl_num

    def nl_of(self, steps):
        """Return the nanolitres that `steps` steps displace, floored (also for a negative count)."""
        return steps * self.pl_num // (self.pl_den * 1000)


def step_of(config, barrel_um):
    """Return the StepVolume of a barrel in the drive of this Config."""
    return StepVolume(barrel_um, config.pitch_um, config.steps_per_turn, config.volume_ppm)


def area_um2(barrel_um):
    """Return the area of the plunger in square micrometres, floored."""
    return PI_NUM * barrel_um * barrel_um // (PI_DEN * 4)


def force_of_pressure_mn(mmhg, barrel_um):
    """Return the force in mN that a pressure makes on the plunger. 1 mmHg = 133.322 Pa; 1 Pa on 1e9 um2 is 1 mN."""
    return mmhg * 133322 * area_um2(barrel_um) // 1000000000000


def mmhg_per_mn(barrel_um):
    """Return the pressure in mmHg that a force of 1 mN on the plunger makes, as a ratio (num, den)."""
    return reduced(1000000000000, 133322 * area_um2(barrel_um))
