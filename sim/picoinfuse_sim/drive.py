"""The drive: how far the screw really turns for its steps, how far that moves the pusher, and what the encoder reads.

A gear between motor and screw is in `steps_per_turn`: motor steps per turn of the screw.
"""

from collections.abc import Callable
from math import cos, floor, pi, sin

# The thrust at which a small stepper on a 2 mm screw loses steps when it turns slowly. Teaching value: 0.3 N m and a
# screw efficiency near 20 % give 2 pi * 0.3 * 0.2 / 0.002 = 188 N; engineer's memory, measure it on the pump you build.
THRUST_MN = 180_000
# At this rate of motor steps the thrust is half of that, because the current no longer rises within a step. Teaching
# value for a NEMA 17 motor at 12 V: some 1000 full steps a second, times 16 microsteps (engineer's memory).
HALF_THRUST_STEPS_S = 16_000
# How hard it is to bend frame and screw. Teaching value for a printed or sheet-metal frame, engineer's memory.
FRAME_MN_PER_UM = 1000
PITCH_ERROR_UM = 4.0  # amplitude of one wave per turn; teaching value for a rolled screw (engineer's memory)
BACKLASH_UM = 60.0  # of a plain nut with little wear; teaching value (engineer's memory), below Config.backlash_um
# Amplitude of the encoder's non-linearity, one wave per turn. An AS5600 errs by 1 degree at worst (engineer's memory).
ENCODER_ERROR_DEG = 0.5
_MILLION = 1_000_000


class Drive:
    """Motor, lead screw and nut. `turned_steps` is where the screw stands, in motor steps; power cuts do not move it.

    steps_per_turn: motor steps per turn of the screw; encoder_counts_per_turn: of the encoder on the screw. pitch_um:
    travel per turn. The errors are none unless given: pitch_error_um and encoder_error_deg are amplitudes of one wave
    per turn, which starts at phase (in turns); backlash_um is how far the screw turns back before the pusher follows.
    """

    def __init__(
        self,
        steps_per_turn: int,
        encoder_counts_per_turn: int,
        pitch_um: float = 2000,
        *,
        pitch_error_um: float = 0.0,
        backlash_um: float = 0.0,
        encoder_error_deg: float = 0.0,
        phase: float = 0.0,
    ) -> None:
        self.steps_per_turn = steps_per_turn
        self.encoder_counts_per_turn = encoder_counts_per_turn
        self.turned_steps = 0
        self.sound = True  # True: every step turns the screw by exactly one step
        self.changed: Callable[[], None] = lambda: None
        # How far the nut moves with the step that leaves this angle, in um: the sum over a turn is the pitch.
        step_um, wave = pitch_um / steps_per_turn, 2 * pi / steps_per_turn
        self.advances_um = [
            step_um + 2 * pitch_error_um * sin(wave / 2) * cos(wave * (i + 0.5) + 2 * pi * phase)
            for i in range(steps_per_turn)
        ]
        self.slack_um = 0.0  # the nut stands so far before the place where the screw would push it forward
        self._backlash_um = backlash_um
        # What the encoder reads within a turn, by the angle of the screw; empty: without error.
        self._readings: list[int] = []
        if encoder_error_deg:
            amplitude = encoder_error_deg / 360 * encoder_counts_per_turn
            self._readings = [
                floor(i / steps_per_turn * encoder_counts_per_turn + amplitude * sin(wave * i + 2 * pi * phase))
                for i in range(steps_per_turn)
            ]
        self._since_steps, self._since_counts = 0, self._readings[0] if self._readings else 0
        self._thrust_mn = float(THRUST_MN)
        self._stalled = False
        self._gain_ppm = _MILLION  # of the steps issued, so many millionths turn the screw
        self._rest = 0

    # --- what can be wrong with it -------------------------------------------------------------------------------

    def stall(self, stalled: bool = True) -> None:
        """The coupling is loose or a wire is off: steps are issued and the screw stands still. False: mended."""
        self._stalled = stalled
        self._judge()

    def slip(self, fraction: float) -> None:
        """Lose this fraction of the steps, evenly spread (0 to 1); below 0 the screw turns further than it was told."""
        if not -1 <= fraction <= 1:
            raise ValueError(f"a slip of {fraction} is outside -1 to 1")
        self._gain_ppm = _MILLION - round(fraction * _MILLION)
        self._rest = 0
        self._judge()

    def weaken(self, fraction: float) -> None:
        """The motor has only this fraction (0 to 1) of its thrust, e.g. because its current is set too low."""
        if not 0 <= fraction <= 1:
            raise ValueError(f"a thrust of {fraction} times the motor's is outside 0 to 1")
        self._thrust_mn = THRUST_MN * fraction
        self.changed()

    def set_backlash(self, backlash_um: float) -> None:
        """The nut is worn, or mended: it has this play from now on, 0 or more."""
        if backlash_um < 0:
            raise ValueError(f"a backlash of {backlash_um} um is below 0")
        self._backlash_um = backlash_um
        self.slack_um = min(self.slack_um, backlash_um)
        self.changed()

    def _judge(self) -> None:
        self.sound = not self._stalled and self._gain_ppm == _MILLION
        self.changed()

    # --- motion --------------------------------------------------------------------------------------------------

    def thrust_mn(self, interval_ms: float) -> float:
        """Return the force at which steps that come interval_ms (above 0) apart are lost."""
        return self._thrust_mn / (1 + 1000 / interval_ms / HALF_THRUST_STEPS_S)

    def turns(self) -> int:
        """Return by how many steps the next single step turns the screw: 0, 1 or 2. Asking uses that step up."""
        if self._stalled:
            return 0
        self._rest += self._gain_ppm
        whole, self._rest = divmod(self._rest, _MILLION)
        return whole

    def turn(self, sign: int) -> float:
        """Turn the screw by one step and return how far that moves the pusher, in um (below 0: back)."""
        if sign > 0:
            moved_um = self.advances_um[self.turned_steps % self.steps_per_turn] - self.slack_um
            self.turned_steps += 1
            self.slack_um = max(0.0, -moved_um)
            return max(0.0, moved_um)
        self.turned_steps -= 1
        slack_um = self.slack_um + self.advances_um[self.turned_steps % self.steps_per_turn]
        self.slack_um = min(slack_um, self._backlash_um)
        return self.slack_um - slack_um

    def encoder_counts(self, since_steps: int = 0) -> int:
        """Return encoder counts, turns added up, since the screw stood at `since_steps`."""
        if not self._readings:
            return (self.turned_steps - since_steps) * self.encoder_counts_per_turn // self.steps_per_turn
        if since_steps != self._since_steps:
            self._since_steps, self._since_counts = since_steps, self._reading(since_steps)
        return self._reading(self.turned_steps) - self._since_counts

    def encoder_angle(self, steps: int) -> int:
        """Return what the encoder reads within a turn where the screw stands at `steps`."""
        if not self._readings:
            return steps * self.encoder_counts_per_turn // self.steps_per_turn % self.encoder_counts_per_turn
        return self._reading(steps) % self.encoder_counts_per_turn

    def _reading(self, steps: int) -> int:
        turns, angle = divmod(steps, self.steps_per_turn)
        return turns * self.encoder_counts_per_turn + self._readings[angle]
