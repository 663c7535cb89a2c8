"""How the force on the plunger moved over the volume that was displaced last; measured once for all who ask.

A window is the volume over which a closed line raises the force by CLOSED_PARTS / RISE_PARTS of `rise_mn`, which is
more than friction does by itself while the plunger slides and sticks. Volume and not time: at a tenth of the rate a
clamp takes ten times as long, and the plunger sticks ten times as long too.
"""

from .dose import area_um2, force_of_pressure_mn, mmhg_per_mn

SOFTEST_NL_MMHG = 4000  # syringe 1.2 to 2.8 uL/mmHg and tubing 0.7 to 0.9 [Snijder 2015], and some more
# A line as soft as is usual for a syringe: a fifth more than the catalogue's syringes (1.2 uL/mmHg at 12 mm, 2.2 at 27
# mm) with tubing. Fitted to our catalogue, which is no measurement of a real line.
SOFT_NL_MMHG, SOFT_NL_MMHG_PER_MM = 1400, 80
# What friction does not do by itself, in quarters of its nominal value, as long as the window is no longer than that
# many micrometres of travel. Sticking and slipping is a fifth of the friction; along 2 mm and more it varies by as much
# as the friction of another syringe does, along 0.3 mm hardly. A large syringe closes within a short way.
RISES = ((2, 300), (3, 700), (6, 1 << 30))
RISE_MMHG = 15  # a patient who sits up, a pump that is moved by 20 cm
RISE_MN = 200  # ten times the noise of a load cell
CLOSED_PARTS, RISE_PARTS = 4, 3
BLOCKS = 4  # of a window
SMOOTH = 2  # the force is smoothed over 2**SMOOTH looks
FASTER_NL_H = 5000000  # 5 mL/h more raise the pressure by 10 mmHg in the narrowest line, an epidural catheter


class Trend:
    """The force over the last window. Forces in mN; steps as the board counts them.

    now_mn: smoothed. low_mn: the lowest of the window. settled: a whole window went by without a rise, since the flow
    began or became faster. flowed: so it was once since the motor started. level_mn: the middle of the newest whole
    block. climb_mn: how much that is above the middle of the oldest. rise_mn: what friction does not do by itself.
    closed_mn: what a closed line does in a window.
    """

    def __init__(self, program, step):
        barrel_um = program.barrel_um
        soft_nl_mmhg = SOFT_NL_MMHG + SOFT_NL_MMHG_PER_MM * barrel_um // 1000
        num, den = mmhg_per_mn(barrel_um)
        for quarters, longest_um in RISES:
            friction_mn = program.friction_mn * quarters // 4
            self.rise_mn = max(RISE_MN, friction_mn, force_of_pressure_mn(RISE_MMHG, barrel_um))
            self.closed_mn = self.rise_mn * CLOSED_PARTS // RISE_PARTS
            window_nl = self.closed_mn * num * soft_nl_mmhg // den
            if window_nl * 1000000 <= longest_um * area_um2(barrel_um):
                break
        window = step.steps_in(window_nl)
        self._block = max(1, window // BLOCKS)
        self._lows = [0] * BLOCKS
        self._middles = [0] * BLOCKS
        self._blocks = 0
        self._fresh = True
        self._sum = self._low = self._high = self._ends = self._rate_nl_h = 0
        self.now_mn = self.low_mn = self.level_mn = self.climb_mn = 0
        self.settled = self.flowed = False

    def restart(self):
        """Forget what was: the motor stood, or another syringe is fitted."""
        self._fresh = True
        self.settled = self.flowed = False

    def look(self, force_mn, steps, rate_nl_h):
        """Take one reading in; return whether a window, beginning behind the last one, is complete with it."""
        if self._fresh or rate_nl_h > self._rate_nl_h + FASTER_NL_H:
            self._begin(force_mn, steps)
            self._rate_nl_h = rate_nl_h
            return False
        if rate_nl_h < self._rate_nl_h:
            self._rate_nl_h = rate_nl_h
        self._sum += force_mn - (self._sum >> SMOOTH)
        self.now_mn = now_mn = self._sum >> SMOOTH
        if now_mn < self._low:
            self._low = now_mn
            if now_mn < self.low_mn:
                self.low_mn = now_mn
        elif now_mn > self._high:
            self._high = now_mn
        return steps >= self._ends and self._close(now_mn, steps)

    def _begin(self, force_mn, steps):
        self._fresh = self.settled = False
        self._blocks = 0
        self._sum = force_mn << SMOOTH
        self.now_mn = self.low_mn = self._low = self._high = force_mn
        self._ends = steps + self._block

    def _close(self, now_mn, steps):
        """A block is complete: return whether a window is."""
        self._lows[self._blocks % BLOCKS] = self._low
        middle = (self._low + self._high) // 2
        self._middles[self._blocks % BLOCKS] = middle
        self._blocks += 1
        self._low = self._high = now_mn
        self._ends = steps + self._block
        if self._blocks < BLOCKS:
            return False
        self.low_mn = min(self._lows)
        self.level_mn = middle
        self.climb_mn = middle - self._middles[self._blocks % BLOCKS]
        if middle - self.low_mn < self.rise_mn // 2:
            self.settled = self.flowed = True
        return self._blocks % BLOCKS == 0
