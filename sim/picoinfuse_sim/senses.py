"""The sensors of the simulated pump: what each reads of the plant, with its error, and what can go wrong with it.

They are things in the pump, so they outlive power cuts: one `Senses` per bench, asked by each board of that bench. All
that is drawn comes from the bench's seed, and every error's size is a teaching value unless it names its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import exp, floor

import numpy as np

from picoinfuse.errors import BadInput
from picoinfuse_firmware.board import (
    AIR_SEEN,
    COVER_OPEN,
    ENCODER,
    FORCE,
    KEY_BOLUS,
    KEY_MUTE,
    KEY_START,
    MAINS_GONE,
    SENSORS,
    SYRINGE_OUT,
)
from picoinfuse_firmware.config import Config

from .battery import Battery
from .plant import Plant
from .tubing import DETECTOR_NL

# Noise of the force reading, one standard deviation: a 20 kg load cell on an HX711 at 10 readings a second
# (engineer's memory; measure it on the pump that is built).
FORCE_NOISE_MN = 20.0
OFFSET_MN = 100.0  # what taring leaves, one standard deviation; half a per mille of the cell's range
DRIFT_MN = 50.0  # how far the zero wanders with temperature and creep, one standard deviation ...
DRIFT_S = 3600.0  # ... and in about which time
_NOISES = 16384  # drawn at once; at ten readings a second they last 27 minutes
BUBBLE_NL = 50_000.0  # smaller bubbles pass unseen: real detectors see from 15 to 50 uL on (engineer's memory)
GAUGE_UM = 40.0  # of the barrel gauge, one standard deviation for each fitting; never more than ...
GAUGE_AT_MOST_UM = 100.0  # ... this
INSIDE_C = 30.0  # electronics and motor in a room of 22
WARMING_S = 120.0  # time constant of what the thermometer sits on
THERMOMETER_C = 0.5  # its error, one standard deviation
KEYS = {"start": KEY_START, "bolus": KEY_BOLUS, "mute": KEY_MUTE}
SWITCHES = {
    "syringe_switch": SYRINGE_OUT,
    "cover_switch": COVER_OPEN,
    "air_detector": AIR_SEEN,
    "mains_sense": MAINS_GONE,
}


def fitted(absent: Iterable[str]) -> tuple[str, ...]:
    """Return the sensors that are there when these are not, in the seam's order. Raises BadInput for unknown names."""
    missing = tuple(absent)
    for name in missing:
        if name not in SENSORS:
            raise BadInput(f"absent = {name!r}: unknown sensor; the known ones are: {', '.join(SENSORS)}")
    return tuple(name for name in SENSORS if name not in missing)


class Senses:
    """What the electronics can read of the world.

    clock: bench time in ms, over power cuts. steps: motor steps made so far. noise: of the force, its offset and drift
    too. ideal: no sensor has any error. absent: names of sensors that are not fitted. Raises BadInput for such a name.
    """

    def __init__(
        self,
        plant: Plant,
        config: Config,
        rng: np.random.Generator,
        clock: Callable[[], int],
        steps: Callable[[], int],
        *,
        noise: bool = True,
        ideal: bool = False,
        absent: Iterable[str] = (),
    ) -> None:
        self.has = fitted(absent)
        self.plant = plant
        self.battery = Battery(clock, steps, self.inside_c)
        self._config = config
        self._clock = clock
        self._exact = ideal
        self._noise_rng, self._rng = rng.spawn(2)
        self._noisy = noise and not ideal
        self.silent = 0  # the bits, in the order of SENSORS, of the fitted sensors that give no reading
        self.noise_mn = FORCE_NOISE_MN  # one standard deviation; a change counts from the next that are drawn
        # The force: its errors are drawn ahead; see force_error_mn.
        self.noises_mn: list[float] = []
        self._spare_mn: list[float] = []
        self._offset_mn = float(np.clip(self._rng.normal(0, OFFSET_MN), -3 * OFFSET_MN, 3 * OFFSET_MN)) * self._noisy
        self._wander_mn = 0.0
        self._reads_tension = config.force_min_mn < 0
        self._stuck_mn: int | None = None
        self._wrong_mn = 0.0
        self._pushed_mn = 0.0  # by a hand, on top of everything
        self._drift_mn_h = 0.0
        self._drift_from_ms = 0
        self._careful = False
        # The encoder's shaft stands where the screw stands, until something is wrong: at + (turned - since) * keeps.
        self._shaft_at = self._shaft_since = 0
        self._shaft_keeps = 1.0
        self._counts = self._read_since = 0  # what was read when it was asked last ...
        self._read_at: int | None = None  # ... and the screw stood there: it is asked thrice a second at one place
        # The switches, the keys, the barrel gauge, the thermometer.
        self._switches = 0
        self._looked_nl = 0.0  # what had passed the bubble detector when it was asked last
        self._mask = sum(bit for name, bit in SWITCHES.items() if name in self.has)
        self.pressed = 0  # the bits of the keys that are pressed now
        self.end_pressed = False  # by a finger
        self._gauged: object = None
        self._gauge_error_um = 0.0
        self._thermometer_error_c = 0.0 if ideal else float(self._rng.normal(0, THERMOMETER_C))
        self._towards_c = self._from_c = INSIDE_C
        self._warming_since_ms = 0

    def silence(self, sensor: str, silent: bool = True) -> None:
        """The plug of a sensor is out: it gives no reading any more. False: it is in again.

        An absent sensor has no plug: nothing happens. Raises BadInput for a name that no sensor has.
        """
        if sensor not in SENSORS:
            raise BadInput(f"sensor = {sensor!r}: unknown sensor; the known ones are: {', '.join(SENSORS)}")
        if sensor not in self.has:
            return
        bit = 1 << SENSORS.index(sensor)
        self.silent = self.silent | bit if silent else self.silent & ~bit
        # What a board has of it is the last reading.
        if sensor == FORCE:
            self.stick_force(silent)
        elif sensor == ENCODER:
            self.stick_encoder(silent)

    # --- the force -----------------------------------------------------------------------------------------------

    def force_error_mn(self, now_ms: float) -> float:
        """Return what one reading at now_ms (of the board) adds to the true force; half a mN is on top, for `floor`.

        The board pops `noises_mn` itself, because it reads ten times a second; it calls this when the list is empty. As
        long as the cell's ends or a fault matter, the list stays empty, and every reading is made here.
        """
        if not self._odd():
            if self._spare_mn:
                self.noises_mn[:] = self._spare_mn
                self._spare_mn.clear()
            else:
                self._draw(self.noises_mn)
            return self.noises_mn.pop()
        true_mn = self.plant.force_mn(now_ms)
        reading_mn = self._stuck_mn
        if reading_mn is None:
            if not self._spare_mn:
                self._draw(self._spare_mn)
            drifted_mn = self._drift_mn_h * (self._clock() - self._drift_from_ms) / 3.6e6
            reading_mn = floor(true_mn + self._spare_mn.pop() + self._wrong_mn + self._pushed_mn + drifted_mn)
            reading_mn = min(self._config.force_max_mn, max(self._config.force_min_mn, reading_mn))
            self._careful = self._careful and reading_mn < 0
        return reading_mn - true_mn + 0.5

    def _odd(self) -> bool:
        """Whether a reading is more than the true force and the usual errors."""
        return (
            self._stuck_mn is not None
            or self._wrong_mn != 0.0
            or self._pushed_mn != 0.0
            or self._drift_mn_h != 0.0
            or self._careful
            or not self._reads_tension
        )

    def _draw(self, into: list[float]) -> None:
        """Draw the errors of so many readings: noise, the offset, and a zero that wanders slowly between two values."""
        if not self._noisy:
            into[:] = [0.5] * _NOISES
            return
        fades = exp(-_NOISES / 10 / DRIFT_S)
        before_mn = self._wander_mn
        self._wander_mn = before_mn * fades + float(self._noise_rng.normal(0, DRIFT_MN * (1 - fades**2) ** 0.5))
        zeros_mn = np.linspace(self._wander_mn, before_mn, _NOISES) + (self._offset_mn + 0.5)  # popped from the end
        into[:] = (self._noise_rng.normal(0, self.noise_mn, _NOISES) + zeros_mn).tolist()

    def _force_changed(self) -> None:
        if self.noises_mn:
            self._spare_mn[:] = self.noises_mn
            self.noises_mn.clear()

    def near_an_end(self) -> None:
        """The screw turns back: the cell may be pulled beyond its end, so look at each reading until it is pressed."""
        self._careful = True
        self._force_changed()

    def stick_force(self, stuck: bool = True) -> None:
        """The cell is jammed: it goes on reading the force of now. False: mended."""
        now_ms = self.plant.line.clock()
        self._stuck_mn = round(self.plant.force_mn(now_ms) + self._offset_mn) if stuck else None
        self._force_changed()

    def saturate_force(self, saturated: bool = True) -> None:
        """A wire of the cell is off: the amplifier stands at its upper end. False: mended."""
        self._stuck_mn = self._config.force_max_mn if saturated else None
        self._force_changed()

    def offset_force(self, offset_mn: float) -> None:
        """The cell reads so much more than it should (less, if below 0), on top of its usual tare error."""
        self._wrong_mn = offset_mn
        self._force_changed()

    def push(self, mn: float) -> None:
        """A hand presses on the load cell so much. 0: it lets go."""
        self._pushed_mn = mn
        self._force_changed()

    def drift_force(self, mn_per_h: float) -> None:
        """From now on the cell's zero runs away at this rate; 0: it stays where it has come to."""
        now_ms = self._clock()
        self._wrong_mn += self._drift_mn_h * (now_ms - self._drift_from_ms) / 3.6e6
        self._drift_mn_h, self._drift_from_ms = mn_per_h, now_ms
        self._force_changed()

    # --- the encoder ---------------------------------------------------------------------------------------------

    def shaft_steps(self) -> int:
        """Return where the encoder's shaft stands, in motor steps of the screw."""
        turned = self.plant.drive.turned_steps
        if self._shaft_keeps == 1.0:
            return turned + self._shaft_at - self._shaft_since
        return self._shaft_at + floor((turned - self._shaft_since) * self._shaft_keeps)

    def encoder(self, since_steps: int) -> int:
        """Return the counts that the encoder's shaft has turned since it stood at `since_steps`."""
        drive = self.plant.drive
        if drive.turned_steps != self._read_at or since_steps != self._read_since:
            self._read_at, self._read_since = drive.turned_steps, since_steps
            self._counts = drive.encoder_counts(since_steps + drive.turned_steps - self.shaft_steps())
        return self._counts

    def angle(self) -> int:
        """Return where the encoder's shaft stands within its turn, in counts from 0 up: it outlives a power cut."""
        return self.plant.drive.encoder_angle(self.shaft_steps())

    def stick_encoder(self, stuck: bool = True) -> None:
        """The magnet came off: it goes on reading what it reads now. False: mended, and all turns are known again."""
        self.plant.line.clock()
        self._read_at = None
        self._shaft_at = self.shaft_steps() if stuck else self.plant.drive.turned_steps
        self._shaft_since = self.plant.drive.turned_steps
        self._shaft_keeps = 0.0 if stuck else 1.0

    def slip_encoder(self, fraction: float) -> None:
        """The encoder is loose on the screw: it misses this fraction (0 to 1) of what the screw turns from now on."""
        self.plant.line.clock()
        self._read_at = None
        self._shaft_at, self._shaft_since = self.shaft_steps(), self.plant.drive.turned_steps
        self._shaft_keeps = 1.0 - fraction

    # --- switches and keys ---------------------------------------------------------------------------------------

    def switches(self) -> int:
        """Return the bits of the fitted switches as the seam defines them."""
        # Asked once a second, so it looks before it calls.
        plant, bits = self.plant, self._switches
        air = plant.line.account.passage
        if (air.own.air_nl or air.syringe_air_nl) and self._bubble_nl() >= BUBBLE_NL:
            bits |= AIR_SEEN
        if not plant.fitted:
            bits |= SYRINGE_OUT
        if not self.battery.mains:
            bits |= MAINS_GONE
        return bits & self._mask

    def _bubble_nl(self) -> float:
        """Return how large the largest bubble is that came before the detector since this was asked, in nL."""
        line = self.plant.line
        own = line.account_at(line.clock()).passage.own
        moved_nl = own.passed_nl - self._looked_nl
        self._looked_nl = own.passed_nl
        return own.bubble_nl(DETECTOR_NL, moved_nl)

    def _switch(self, bit: int, on: bool) -> None:
        self._switches = self._switches | bit if on else self._switches & ~bit

    def open_cover(self, is_open: bool = True) -> None:
        """Open the cover. False: close it."""
        self._switch(COVER_OPEN, is_open)

    def see_air(self, seen: bool = True) -> None:
        """The bubble detector reports air whatever is in the line (dirt, a drop of gel). False: it is clean again."""
        self._switch(AIR_SEEN, seen)

    def press_end(self, pressed: bool = True) -> None:
        """A finger presses the end switch. False: it lets go."""
        self.end_pressed = pressed

    def press(self, key: str, pressed: bool = True) -> None:
        """Press a key: start, bolus or mute. False: let it go. Raises BadInput for another name."""
        if key not in KEYS:
            raise BadInput(f"key = {key!r}: unknown key; the known ones are: {', '.join(KEYS)}")
        self.pressed = self.pressed | KEYS[key] if pressed else self.pressed & ~KEYS[key]

    # --- barrel gauge, battery, thermometer ----------------------------------------------------------------------

    def barrel_um(self) -> int:
        """Return the inner diameter that belongs to the barrel in the clamp, as the gauge finds it; 0 without one."""
        if not self.plant.fitted:
            return 0
        syringe = self.plant.syringe
        if self._gauged is not syringe and not self._exact:
            error_um = float(self._rng.normal(0, GAUGE_UM))
            self._gauge_error_um = min(GAUGE_AT_MOST_UM, max(-GAUGE_AT_MOST_UM, error_um))
        self._gauged = syringe
        return round(syringe.kind.barrel_um + self._gauge_error_um)

    def battery_mv(self) -> int:
        """Return the battery's voltage."""
        return self.battery.millivolts()

    def heat(self, celsius: float) -> None:
        """Something takes the inside of the pump towards this temperature, within minutes."""
        self._from_c = self.inside_c()
        self._towards_c, self._warming_since_ms = celsius, self._clock()

    def inside_c(self) -> float:
        """Return the temperature inside the pump, in degrees Celsius, as it is."""
        passed_s = (self._clock() - self._warming_since_ms) / 1000
        return self._towards_c + (self._from_c - self._towards_c) * exp(-passed_s / WARMING_S)

    def temperature_mc(self) -> int:
        """Return the temperature inside the pump, in thousandths of a degree Celsius."""
        return round((self.inside_c() + self._thermometer_error_c) * 1000)
