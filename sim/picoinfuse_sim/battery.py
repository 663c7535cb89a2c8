"""The battery: how full it is, and which voltage it shows; new or old, warm or cold.

Energy is counted exactly: what the electronics draw in the time that passed, and what each motor step takes. Every
figure is a teaching value for two lithium cells in series (engineer's memory): measure the pump that is built. An old
battery holds less and resists more; a cold one keeps a part of what it holds to itself until it is warm again.
"""

from __future__ import annotations

from collections.abc import Callable

CAPACITY_J = 19.0 * 3600  # 7.4 V, 2.6 Ah
IDLE_W = 1.5  # processor, sensors, display, converter losses: 12 h without a motor; 6 h and more is published
STEP_J = 0.003  # of one motor step with the current it holds in between: 6 W at 2000 steps a second
HARDEST_W = 10.0  # never more than this
CHARGER_W = 12.0  # what the mains part can put into pump and battery together
INNER_OHM = 0.15  # cells and leads: under load the voltage sags
OLD_OHM = 2.5  # so many times INNER_OHM more, for each part of the capacity that is gone: twice at 60 %
# Temperature (C) -> the part of its charge that a battery gives, and how much more it resists; between them linear.
COLD = ((-20.0, 0.5, 4.0), (-10.0, 0.7, 3.0), (0.0, 0.85, 2.0), (20.0, 1.0, 1.0))
# Voltage without load against charge, as cells of this kind fall: flat in the middle, steep at the end.
CURVE_MV = (
    (0.0, 6000.0),
    (0.03, 6620.0),
    (0.10, 6980.0),
    (0.25, 7240.0),
    (0.50, 7480.0),
    (0.90, 8080.0),
    (1.0, 8400.0),
)


class Battery:
    """Charge of the battery over time. `clock` returns milliseconds, `steps` the motor steps made so far, both rising.

    mains: whether the mains part is plugged in: it feeds the pump and fills the battery. charge: 0 to 1. health: its
    capacity as a part of a new one's. celsius: its temperature.
    """

    def __init__(
        self, clock: Callable[[], int], steps: Callable[[], int], celsius: Callable[[], float] = lambda: 20.0
    ) -> None:
        self._clock = clock
        self._steps = steps
        self._celsius = celsius
        self.health = 1.0
        self.mains = True
        self.energy_j = CAPACITY_J
        self._on = False  # the pump: off, it draws nothing
        self._at_ms = 0
        self._at_steps = 0
        self._load_w = IDLE_W

    def _bring(self) -> None:
        """Count what was used and charged until now."""
        now_ms = self._clock()
        passed_s = (now_ms - self._at_ms) / 1000
        if passed_s <= 0:
            return
        self._at_ms = now_ms
        used_j = 0.0
        if self._on:
            steps = self._steps()
            used_j = IDLE_W * passed_s + (steps - self._at_steps) * STEP_J
            self._at_steps = steps
        self._load_w = used_j / passed_s
        gained_j = CHARGER_W * passed_s if self.mains else 0.0
        self.energy_j = min(self.capacity_j, max(0.0, self.energy_j + gained_j - used_j))

    @property
    def capacity_j(self) -> float:
        """What it holds when it is full."""
        return CAPACITY_J * self.health

    def charge(self) -> float:
        """Return how full it is now, 0 to 1."""
        self._bring()
        return self.energy_j / self.capacity_j

    def set_charge(self, charge: float) -> None:
        """Take it for charged to this part, 0 to 1."""
        self._bring()
        self.energy_j = charge * self.capacity_j

    def fit(self, charge: float, health: float = 1.0) -> None:
        """Another battery is put in its place."""
        self._bring()
        self.health = health
        self.energy_j = charge * self.capacity_j

    def _gives(self) -> tuple[float, float]:
        """Return (the part of its charge that it gives at its temperature, its resistance in ohm)."""
        part, more = _cold(self._celsius())
        return part, INNER_OHM * more * (1 + OLD_OHM * (1 - self.health))

    def _usable_j(self) -> float:
        """Return what it gives before it is flat; the rest comes back when it is warm."""
        part, _ = self._gives()
        return max(0.0, self.energy_j - self.capacity_j * (1 - part))

    def plug(self, mains: bool) -> None:
        """Put the mains plug in (True) or pull it out."""
        self._bring()
        self.mains = mains

    def switch(self, on: bool) -> None:
        """The pump gets its power (its board counts steps from 0) or loses it; off, it draws nothing."""
        self._bring()
        self._on = on
        self._at_steps = 0

    def millivolts(self) -> int:
        """Return the voltage at its terminals now, under the mean load since one looked last."""
        self._bring()
        part, ohm = self._gives()
        open_mv = _open_mv(self._usable_j() / (self.capacity_j * part))
        if self.mains:
            return round(open_mv)
        return round(open_mv - ohm * self._load_w / open_mv * 1e6)

    def lasts_ms(self, watt: float = IDLE_W) -> int:
        """Return how long it lasts at a constant load without mains, in whole milliseconds, rounded up."""
        self._bring()
        return -int(-self._usable_j() / watt * 1000 // 1)


def _cold(celsius: float) -> tuple[float, float]:
    """Return between the points of COLD, and beyond the last ones as there: (part it gives, times it resists more)."""
    below, below_part, below_more = COLD[0]
    if celsius <= below:
        return below_part, below_more
    for above, part, more in COLD[1:]:
        if celsius <= above:
            share = (celsius - below) / (above - below)
            return below_part + (part - below_part) * share, below_more + (more - below_more) * share
        below, below_part, below_more = above, part, more
    return below_part, below_more


def _open_mv(charge: float) -> float:
    """Return the voltage without load, between the points of CURVE_MV."""
    below, below_mv = CURVE_MV[0]
    for above, above_mv in CURVE_MV[1:]:
        if charge <= above:
            return below_mv + (above_mv - below_mv) * (charge - below) / (above - below)
        below, below_mv = above, above_mv
    return below_mv
