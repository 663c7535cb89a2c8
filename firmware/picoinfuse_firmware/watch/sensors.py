"""Sensor fault: no reading, or one that cannot be true: at the end of its range, stuck, faster than any screw."""

from ..alarms import SENSOR_FAULT
from ..board import BATTERY, FORCE, THERMOMETER

LOOKS = 3  # in a row
# A cell that gives the very same number for so many looks and steps is stuck: one that trembles by 10 mN
# (Config.force_noise_mn) does so once in 25 looks, and never sixty times in a row in the age of the world. It needs no
# history, so it holds from power-on. A cell that is declared without noise, as in an ideal simulation, may.
SAME_LOOKS = 60
FROZEN_LOOKS = 10  # so few are enough when the force is missing as well
SAME_PART_OF_TURN = 64  # and the screw has turned so far: 50 steps, 18 uL in a 60 mL syringe
FASTER = 2  # an encoder that turns so many times faster than the motor's highest rate has jumped
BATTERY_AT_MOST_MV = 20000  # nothing that feeds a Pico has more
THERMOMETER_MC = (-40000, 125000)  # the range of common thermometer chips (engineer's memory)
_NO_MN = 1 << 40


def force(force_mn, config):
    """Return SENSOR_FAULT if the cell is at an end of its range, else 0.

    A cell that cannot read tension (its range begins at 0 or above) may rest at its lower end.
    """
    if force_mn >= config.force_max_mn or (config.force_min_mn < 0 and force_mn <= config.force_min_mn):
        return SENSOR_FAULT
    return 0


def battery(battery_mv):
    """Return SENSOR_FAULT for a voltage that no battery of this pump has, else 0."""
    return 0 if 0 <= battery_mv <= BATTERY_AT_MOST_MV else SENSOR_FAULT


def thermometer(temperature_mc):
    """Return SENSOR_FAULT for a temperature that no thermometer reads, else 0."""
    return 0 if THERMOMETER_MC[0] < temperature_mc < THERMOMETER_MC[1] else SENSOR_FAULT


def silent(bits):
    """Return SENSOR_FAULT if a fitted sensor gives no reading, by the bits of Board.silent, else 0.

    At the first look: the board has waited already.
    """
    return SENSOR_FAULT if bits else 0


def absurd(board):
    """Return SENSOR_FAULT if a sensor is silent, or force, battery or thermometer read what cannot be true, else 0."""
    if silent(board.silent()):
        return SENSOR_FAULT
    has = board.has
    code = force(board.force_mn(), board.config) if FORCE in has else 0
    code = code or (battery(board.battery_mv()) if BATTERY in has else 0)
    return code or (thermometer(board.temperature_mc()) if THERMOMETER in has else 0)


class OddWatch:
    """Looks at a slow sensor, by what `battery` or `thermometer` say of its reading."""

    def __init__(self):
        self._looks = 0

    def look(self, code):
        """Return the code after LOOKS looks in a row, else 0."""
        self._looks = self._looks + 1 if code else 0
        return code if self._looks >= LOOKS else 0


class ForceWatch:
    """Looks once a second while the motor moves."""

    def __init__(self, config):
        self._same_steps = config.steps_per_turn // SAME_PART_OF_TURN
        self._low_mn = config.force_min_mn if config.force_min_mn < 0 else -_NO_MN
        self._high_mn = config.force_max_mn
        self._trembles = config.force_noise_mn > 0
        self._rest_mn = config.force_min_mn  # one that reads no tension may rest there
        self._last_mn = 0
        self._since_steps = 0
        self._same = 0
        self._at_end = 0

    def arm(self):
        """The motor begins to move. A cell that reads the very same number as before the pause may be jammed still."""
        self._at_end = 0

    def still_for(self):
        """Return for how many looks a cell has not trembled, if it should; asked when its force is missing."""
        return self._same if self._trembles else 0

    def frozen(self):
        """Return SENSOR_FAULT when that is long enough to be no chance, else 0."""
        return SENSOR_FAULT if self.still_for() >= FROZEN_LOOKS else 0

    def look(self, force_mn, steps):
        """Return SENSOR_FAULT or 0."""
        if self._low_mn < force_mn < self._high_mn:
            self._at_end = 0
        else:
            self._at_end += 1
            if self._at_end >= LOOKS:
                return SENSOR_FAULT
        if force_mn == self._last_mn and force_mn > self._rest_mn:
            self._same += 1
            stuck = self._same >= SAME_LOOKS and steps - self._since_steps >= self._same_steps
            return SENSOR_FAULT if stuck and self._trembles else 0
        self._last_mn = force_mn
        self._since_steps = steps
        self._same = 0
        return 0


class EncoderWatch:
    """Looks once a second while the motor moves."""

    def __init__(self, config):
        per_turn = config.encoder_counts_per_turn
        steps_per_turn = config.steps_per_turn
        # Counts in a second at the highest rate the motor can do, times FASTER.
        self._a_second = FASTER * 1000000 * per_turn // (config.min_interval_us * steps_per_turn)
        self._last = 0
        self._looked_ms = 0

    def arm(self, now_ms, encoder):
        """The motor begins to move."""
        self._last = encoder
        self._looked_ms = now_ms

    def look(self, now_ms, encoder):
        """Return SENSOR_FAULT if it turned faster than any screw here can, else 0."""
        turned = encoder - self._last
        passed_ms = now_ms - self._looked_ms
        self._last = encoder
        self._looked_ms = now_ms
        if -self._a_second < turned < self._a_second or abs(turned) * 1000 < self._a_second * max(1000, passed_ms):
            return 0
        return SENSOR_FAULT
