"""Over- and under-delivery: what the screw turned against what was due over the same window.

A window is at least WINDOW_MS and at least `least_steps` long. While a bolus runs, and until one window is full, a
second one of BOLUS_WINDOW_MS looks beside it. There is one screw, so both compare all that flows, bolus and basal
together. Time and turns count while the motor is told to run: a pause interrupts a window and does not end it. Each
window slides on by a fifth.
"""

from ..alarms import OVER_DELIVERY, UNDER_DELIVERY
from ..ratio import gcd

WINDOW_MS = 900000  # 15 min [GIP 1.2]
BOLUS_WINDOW_MS = 60000  # 1 min [KSU Open PCA]
PERCENT = 10  # [GIP 1.2]
PARTS = 5  # of a window, by which it slides on
# So much beyond 110 % of what was due, since any moment, is told at once: it has no window. Teaching value.
FAST_PART_OF_TURN = 32

# What two readings of the encoder and the steps between may differ by on a sound drive, in thousandths of a degree.
NONLINEARITY_MDEG = 1000  # AS5600 with its magnet well placed, each of the two readings [engineer's memory]
LOAD_ANGLE_MDEG = 900  # half a full step of a 200-step motor, from no load to full load [engineer's memory]
COUPLING_MDEG = 500  # give and backlash of the coupling between motor and screw [engineer's memory]
# The nut's backlash lies behind the encoder: it is no error of this comparison, and only a draw-back opens it.
TIMES = 3  # 10 % of a window are so many times the uncertainty: more than the sum of all of it at its worst
MOVED_PART_OF_TURN = 50  # moved by more than this while it stood, the screw is read anew, with all the uncertainty


def uncertainty_mdeg(config):
    """Return the uncertainty of a turned angle: the root of the sum of the squares, rounded up."""
    resolution = -(-360000 // config.encoder_counts_per_turn)
    squares = resolution**2 + 2 * NONLINEARITY_MDEG**2 + LOAD_ANGLE_MDEG**2 + COUPLING_MDEG**2
    root = squares
    while root > squares // root:
        root = (root + squares // root) // 2
    return root if root * root == squares else root + 1


def least_steps(config):
    """Return the steps of which PERCENT are TIMES the uncertainty: a window holds at least so many."""
    return -(-TIMES * uncertainty_mdeg(config) * 100 * config.steps_per_turn // (PERCENT * 360000))


class Window:
    """One sliding window: marks at the edges of its parts, each (ms, due, due or made, turned)."""

    def __init__(self, window_ms, config):
        common = gcd(config.steps_per_turn, config.encoder_counts_per_turn)
        per_step, per_count = config.encoder_counts_per_turn // common, config.steps_per_turn // common
        self._part_ms = window_ms // PARTS
        self._least = least_steps(config)
        self._part_steps = -(-self._least // PARTS)
        self._moved = config.encoder_counts_per_turn // MOVED_PART_OF_TURN
        self._fast = config.steps_per_turn // FAST_PART_OF_TURN * per_step * 100
        self._over = (100 + PERCENT) * per_step
        self._under = (100 - PERCENT) * per_step
        self._turned = 100 * per_count
        self.full = False  # it was full at least once, and so compared
        self._marks = []
        self._next_ms = 0
        self._next_due = 0
        self._low = 0  # the least that was turned beyond 110 % of what was due

    def begin(self, now_ms, due, given, encoder):
        """Begin anew."""
        self.full = False
        self._low = encoder * self._turned - min(due, given) * self._over
        self._marks = []
        self._mark(now_ms, due, given, encoder)

    def moved(self, ms, counts):
        """The pump stood for `ms`, and meanwhile the screw was moved by `counts` that are no delivery."""
        self._marks = [(mark[0] + ms, mark[1], mark[2], mark[3] + counts) for mark in self._marks]
        self._next_ms += ms
        if abs(counts) > self._moved:
            self._next_due += self._least  # two readings more, and their uncertainty
        self._low += counts * self._turned

    def look(self, now_ms, due, given, encoder):
        """Return OVER_DELIVERY, UNDER_DELIVERY or 0."""
        beyond = encoder * self._turned - due * self._over
        if beyond < self._low:
            # After a late poll the motor catches up with what was due: that is no over-delivery.
            self._low = min(self._low, beyond + (due - given) * self._over) if given < due else beyond
        elif beyond - self._low > self._fast:
            return OVER_DELIVERY
        if now_ms < self._next_ms or due < self._next_due:
            return 0
        self._mark(now_ms, due, given, encoder)
        if len(self._marks) <= PARTS:
            return 0
        self.full = True
        _, due_then, made_then, encoder_then = self._marks.pop(0)
        self._set_next_due()
        turned = (encoder - encoder_then) * self._turned
        if turned > (due - made_then) * self._over:
            return OVER_DELIVERY
        return UNDER_DELIVERY if turned < (due - due_then) * self._under else 0

    def _mark(self, now_ms, due, given, encoder):
        self._marks.append((now_ms, due, min(due, given), encoder))
        self._next_ms = now_ms + self._part_ms
        self._set_next_due()

    def _set_next_due(self):
        """Let the part that runs be as long as it must for a window that holds the least."""
        part, whole = self._marks[-1][1] + self._part_steps, self._marks[0][1] + self._least
        if self.full:
            self._next_due = max(part, whole)
        else:
            self._next_due = whole if len(self._marks) == PARTS else min(part, whole)


class FlowWatch:
    """The windows of one pump. due, given: steps since the program began; encoder: counts."""

    def __init__(self, config):
        self._all = Window(WINDOW_MS, config)
        self._bolus = Window(BOLUS_WINDOW_MS, config)
        self._bolus_looks = False
        self._rests = None  # (ms, counts) when the motor came to rest; None: nothing to go on with

    def arm(self, now_ms, due, given, encoder):
        """The motor runs from now on: go on with the window, or begin the first one."""
        if self._rests is None:
            self._all.begin(now_ms, due, given, encoder)
            self._bolus_looks = False
            return
        ms, counts = self._rests
        self._all.moved(now_ms - ms, encoder - counts)
        self._bolus.moved(now_ms - ms, encoder - counts)

    def rest(self, now_ms, encoder):
        """The motor stands from now on."""
        self._rests = (now_ms, encoder)

    def forget(self):
        """An alarm told of it, or another program moves the motor: `arm` begins anew."""
        self._rests = None

    def look(self, now_ms, due, given, encoder, bolus_runs):
        """Return OVER_DELIVERY, UNDER_DELIVERY or 0."""
        code = self._all.look(now_ms, due, given, encoder)
        if self._bolus_looks:
            code = code or self._bolus.look(now_ms, due, given, encoder)
            if not bolus_runs and self._bolus.full:
                self._bolus_looks = False
        elif bolus_runs:
            self._bolus_looks = True
            self._bolus.begin(now_ms, due, given, encoder)
        return code
