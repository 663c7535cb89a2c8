"""The drive: how far the screw really turns for the steps it is given, and what the encoder on it reads."""

# The thrust at which a small stepper on a 2 mm screw loses steps. Teaching value: 0.3 N m and a screw efficiency near
# 20 % give 2 pi * 0.3 * 0.2 / 0.002 = 188 N; engineer's memory, measure it on the pump that is built.
THRUST_MN = 180_000
# How hard it is to bend frame and screw. Teaching value for a printed or sheet-metal frame, engineer's memory.
FRAME_MN_PER_UM = 1000
_MILLION = 1_000_000


class Drive:
    """Motor and lead screw. `turned_steps` is where the screw stands, in motor steps; power cuts do not move it.

    steps_per_turn: motor steps per turn of the screw; encoder_counts_per_turn: of the encoder on the screw.
    """

    def __init__(self, steps_per_turn: int, encoder_counts_per_turn: int) -> None:
        self.steps_per_turn = steps_per_turn
        self.encoder_counts_per_turn = encoder_counts_per_turn
        self.turned_steps = 0
        self.sound = True  # True: every step turns the screw by exactly one step
        self._stalled = False
        self._gain_ppm = _MILLION  # of the steps issued, so many millionths turn the screw
        self._rest = 0

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

    def _judge(self) -> None:
        self.sound = not self._stalled and self._gain_ppm == _MILLION

    def turns(self) -> int:
        """Return by how many steps the next single step turns the screw: 0, 1 or 2. Asking uses that step up."""
        if self._stalled:
            return 0
        self._rest += self._gain_ppm
        whole, self._rest = divmod(self._rest, _MILLION)
        return whole

    def encoder_counts(self, since_steps: int = 0) -> int:
        """Return encoder counts, turns added up, since the screw stood at `since_steps`."""
        return (self.turned_steps - since_steps) * self.encoder_counts_per_turn // self.steps_per_turn
