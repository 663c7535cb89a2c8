"""The second, independent channel: it can only stop the motor and say so.

It knows the order by its own copy and the motion by its own reading of encoder and force; it shares no arithmetic and
no state with delivery and watches. Tokens, counted in picolitres, come in at the ordered rate and go as the screw
turns; there are never more than the margin of them, so that an hour at a low rate saves up nothing for a fast one. The
margin is a part of a turn, and two seconds of the highest ordered rate, since a change takes effect behind the
look-ahead.
"""

from .board import ENCODER, FORCE
from .program import BOLUS, REPEAT

MARGIN_PART_OF_TURN = 8  # an eighth of a turn: 140 uL in a 60 mL syringe, 29 uL in a 5 mL one
MARGIN_MS = 2000
EXTRA_PERCENT = 5  # the ordered rate and so much more comes in, for encoder and clock
MAX_MMHG = 1100  # above every threshold that can be chosen; the guard allows this and twice the mean friction ...
MAX_FORCE_MN = 100000  # ... and never more than this, whatever the syringe
CAUSE_TURNED = 1  # value of the alarm: the screw turned further than ordered
CAUSE_FORCE = 2  # ... or the force was above what MAX_MMHG or MAX_FORCE_MN allow


def _above(rate, other):
    return rate[0] * other[1] > other[0] * rate[1]


class Guard:
    """Armed from the start of a program until it ends."""

    def __init__(self, board):
        self._board = board
        self._has_encoder = ENCODER in board.has
        self._has_force = FORCE in board.has
        self._armed = False

    def take(self, program):
        """Copy the order: syringe and rates."""
        config = self._board.config
        # pi/4 d**2 pitch / counts, in picolitres per encoder count; its own figures, not those of dose.py
        volume = 785398 * program.barrel_um * program.barrel_um // 1000000 * config.pitch_um
        # 1 mmHg is 133.322 Pa; a pascal on 1e9 um2 is a millinewton
        pressure_mn = MAX_MMHG * 133322 * (785398 * program.barrel_um * program.barrel_um // 1000000) // 1000000000000
        self.max_force_mn = min(MAX_FORCE_MN, pressure_mn + 2 * program.friction_mn)
        self._pl_per_count = volume // (1000 * config.encoder_counts_per_turn)
        self._base_pl = volume // (1000 * MARGIN_PART_OF_TURN)
        self._phases = [(p.rate_nl, p.rate_ms, p.to_nl, p.to_ms) for p in program.phases]
        self._fastest_basal_pl = self._fastest_bolus_pl = 0
        self.margin_pl = 0
        self._tokens_pl = 0
        self._rate = (0, 1)
        self._faster = (0, 1)  # the rate before a slower one, which takes effect behind the look-ahead,
        self._faster_until_ms = 0  # counts until then
        self._boluses = []  # [rate_nl, rate_ms, volume_nl, ms of it that are over], given one after the other
        for p in program.phases:
            if p.kind == BOLUS:
                self._widen(0, 1, p.rate_nl, p.rate_ms)
            elif p.kind != REPEAT and p.rate_ms:
                self._widen(p.rate_nl, p.rate_ms, 0, 1)
                if p.to_ms:
                    self._widen(p.to_nl, p.to_ms, 0, 1)
        self._widen(0, 1, 0, 1)

    def arm(self, now_ms):
        """The motor may run from now on."""
        if self._has_encoder and not self._armed:
            self._encoder = self._board.encoder()
        self._armed = self._moves = True
        self._now_ms = now_ms

    def rest(self, now_ms):
        """The motor was told to stand still: nothing more may turn."""
        if self._armed:
            self._come(now_ms)
            self._moves = False

    def handled(self):
        """The syringe was changed, and the screw turned by hand: from here it counts again."""
        if self._armed and self._has_encoder:
            self._encoder = self._board.encoder()

    def disarm(self):
        """The syringe may be handled."""
        self._armed = False

    def phase(self, index, at_ms):
        """Phase `index` has begun at at_ms: its own copy of the rate counts; of a ramp, the higher end."""
        self._come(at_ms)
        nl, ms, to_nl, to_ms = self._phases[index]
        if ms and to_ms and to_nl * ms > nl * to_ms:
            nl, ms = to_nl, to_ms
        self._rate = (nl, ms) if ms else (0, 1)

    def rate(self, rate_nl, rate_ms, now_ms):
        """A person changed the rate."""
        self._come(now_ms)
        if now_ms >= self._faster_until_ms or _above(self._rate, self._faster):
            self._faster = self._rate
        self._faster_until_ms = now_ms + MARGIN_MS
        self._rate = (rate_nl, rate_ms)
        self._widen(rate_nl, rate_ms, 0, 1)

    def bolus(self, volume_nl, rate_nl, rate_ms, at_ms):
        """A bolus was ordered, in the program or by a person."""
        self._come(at_ms)
        self._widen(0, 1, rate_nl, rate_ms)
        self._boluses.append([rate_nl, rate_ms, volume_nl, 0])

    def look(self, now_ms):
        """Halt the motor and return the cause if it turned further than ordered or presses too hard, else 0."""
        if not self._armed:
            return 0
        if self._has_force and self._moves and self._board.force_mn() > self.max_force_mn:
            self._board.halt()
            return CAUSE_FORCE
        if not self._has_encoder:
            return 0
        self._come(now_ms)
        encoder = self._board.encoder()
        self._tokens_pl -= (encoder - self._encoder) * self._pl_per_count
        self._encoder = encoder
        if self._tokens_pl < 0:
            self._board.halt()
            return CAUSE_TURNED
        return 0

    def _come(self, at_ms):
        """Let tokens come for the time up to at_ms, at what was ordered for it."""
        if not self._armed or not self._moves:
            return
        rate = self._rate
        if self._now_ms < self._faster_until_ms and _above(self._faster, rate):
            rate = self._faster
        elapsed_ms = max(0, at_ms - self._now_ms)
        self._now_ms += elapsed_ms
        come_pl = rate[0] * elapsed_ms * 10 * (100 + EXTRA_PERCENT) // rate[1]
        if self._boluses:
            come_pl += self._bolus_nl(elapsed_ms) * 10 * (100 + EXTRA_PERCENT)
        self._tokens_pl = min(self._tokens_pl + come_pl, self.margin_pl)

    def _bolus_nl(self, elapsed_ms):
        """Return what of the boluses may be given in elapsed_ms; the next one begins when one is over."""
        total_nl = 0
        while self._boluses and elapsed_ms > 0:
            first = self._boluses[0]
            nl, ms, volume_nl, before_ms = first
            lasts_ms = -(-volume_nl * ms // nl)
            after_ms = min(before_ms + elapsed_ms, lasts_ms)
            total_nl += min(nl * after_ms // ms, volume_nl) - nl * before_ms // ms
            elapsed_ms -= after_ms - before_ms
            first[3] = after_ms
            if after_ms == lasts_ms:
                self._boluses.pop(0)
        return total_nl

    def _widen(self, basal_nl, basal_ms, bolus_nl, bolus_ms):
        """Let the margin hold two seconds of the highest rates that were ordered."""
        self._fastest_basal_pl = max(self._fastest_basal_pl, basal_nl * MARGIN_MS * 1000 // basal_ms)
        self._fastest_bolus_pl = max(self._fastest_bolus_pl, bolus_nl * MARGIN_MS * 1000 // bolus_ms)
        margin_pl = self._base_pl + self._fastest_basal_pl + self._fastest_bolus_pl
        self._tokens_pl += margin_pl - self.margin_pl
        self.margin_pl = margin_pl
