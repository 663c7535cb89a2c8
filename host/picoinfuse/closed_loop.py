"""A closed loop in the units of the clinic -> the phases and options of its program in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from picoinfuse_firmware import options as firmware

from .errors import BadInput
from .options import Option
from .program import Phase, Program
from .syringes import Syringe

NL_PER_ML = 1_000_000
UU_PER_U = 1_000_000
MS_PER_MIN = 60_000
MAX_DAYS = 30


@dataclass(frozen=True)
class Loop:
    """What a closed loop is ordered with.

    basal_u_h: the set basal rate; the loop moves it from 0 to max_basal_u_h. sensitivity_mg_dl_per_u: how far a unit
    lowers glucose. max_on_board_u: beyond the set basal rate. target_mg_dl: between these it leaves the rate alone.
    peak_min: until the insulin works hardest. lost_min: so long without a reading, and the set rate runs again.
    u_per_ml: insulin in the syringe. The pump says which ranges it takes; raises BadInput for no number above 0.
    """

    basal_u_h: float
    sensitivity_mg_dl_per_u: float
    max_basal_u_h: float
    max_on_board_u: float
    target_mg_dl: tuple[int, int] = (100, 110)
    peak_min: int = 75
    lost_min: int = 15
    u_per_ml: float = 10.0

    def __post_init__(self) -> None:
        for name in ("basal_u_h", "sensitivity_mg_dl_per_u", "max_basal_u_h", "u_per_ml"):
            if not 0 < getattr(self, name) < 1e6:
                raise BadInput(f"loop {name} = {getattr(self, name):g}: write a number above 0")
        if not 0 <= self.max_on_board_u < 1e6:
            raise BadInput(f"loop max_on_board_u = {self.max_on_board_u:g}: write 0 or more")

    def nl_h(self, u_h: float) -> int:
        """Return a rate in whole nL/h, rounded down."""
        return int(_exact(u_h) / _exact(self.u_per_ml) * NL_PER_ML)

    def options(self) -> tuple[Option, Option]:
        """Return the insulin, and the loop itself (loop_limits.py of the firmware says what its numbers mean)."""
        numbers = [
            *self.target_mg_dl,
            int(_exact(self.sensitivity_mg_dl_per_u) * 1000),
            self.nl_h(self.max_basal_u_h),
            int(_exact(self.max_on_board_u) * UU_PER_U),
            self.peak_min * MS_PER_MIN,
            self.lost_min * MS_PER_MIN,
        ]
        loop = Option(firmware.Option(firmware.LOOP, "-", numbers), (("loop", "closed loop"),))
        return Option.drug("insulin", f"{self.u_per_ml:g} U/mL"), loop

    def program(self, hours: int = 24, syringe: str | Syringe = "BD 10 mL", filled: str | None = None) -> Program:
        """Return the program: the basal rate, hour by hour, for 2 to 720 hours. Raises BadInput."""
        if not 2 <= hours <= MAX_DAYS * 24:
            raise BadInput(f"hours = {hours}: a closed loop is ordered for 2 to {MAX_DAYS * 24} whole hours")
        phases = [Phase.rate(f"{self.nl_h(self.basal_u_h)} nL/h", duration="1 h"), Phase.repeat(hours)]
        return Program(phases, syringe=syringe, filled=filled, options=self.options())


def _exact(number: float) -> Fraction:
    return Fraction(str(number))
