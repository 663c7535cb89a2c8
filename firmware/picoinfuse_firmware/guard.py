"""The second, independent channel: it can only stop the motor and say so.

It knows the order by its own copy and the motion by its own reading of encoder, force and reverse steps; it shares no
arithmetic and no state with delivery and watches. Tokens, counted in picolitres, come in at the ordered rate and go as
the screw turns; there are never more than the margin of them, so that an hour at a low rate saves up nothing for a fast
one. The margin is a part of a turn, and two seconds of the highest ordered rate, since a change takes effect behind the
look-ahead. No tokens come once a phase has lasted its time, has turned its volume, or has begun more often than it was
ordered. What is ordered and not turned is counted too: a screw that stands although it should turn is as wrong.
"""

from .board import ENCODER, FORCE
from .program import BOLUS, RAMP, RATE, REPEAT

MARGIN_PART_OF_TURN = 8  # an eighth of a turn: 140 uL in a 60 mL syringe, 29 uL in a 5 mL one
MARGIN_MS = 2000
EXTRA_PERCENT = 5  # the ordered rate and so much more comes in, for encoder and clock
STILL_MARGINS = 2  # so many margins may be ordered while the screw turns less than half of it
# Above every threshold that can be chosen, and twice the mean friction, since the occlusion alarm may learn half as
# much again; but never more than MAX_FORCE_MN, whatever the syringe: the simulator's motor loses
# steps at 180 N, which is engineer's memory of a small stepper on a 2 mm screw; measure yours.
MAX_MMHG = 1100
MAX_FORCE_MN = 175000
BACK_NL_PER_MMHG = 4000  # syringe 2.8 and tubing 0.9 uL/mmHg at the most [Snijder 2015], and some
CAUSE_TURNED = 1  # value of the alarm: the screw turned further than ordered
CAUSE_FORCE = 2  # ... or the force was above what MAX_MMHG or MAX_FORCE_MN allow
CAUSE_STILL = 3  # ... or the screw stands although a flow is ordered
CAUSE_BACK = 4  # ... or the motor was stepped back further than drawing back after an occlusion needs
_NEVER = 1 << 60
_NOTHING = (0, 1)


def _above(rate, other):
    return rate[0] * other[1] > other[0] * rate[1]


class Guard:
    """Armed from the start of a program until it ends. At most 28 attributes, see Controller."""

    def __init__(self, board):
        self._board = board
        self._has_encoder = ENCODER in board.has
        self._has_force = FORCE in board.has
        self._armed = False

    def take(self, program):
        """Copy the order: syringe, phases, and how often each of them may begin."""
        config = self._board.config
        area_um2 = 785398 * program.barrel_um * program.barrel_um // 1000000
        # pi/4 d**2 pitch / counts and what weighing found, in picolitres per encoder count; its own figures, not those
        # of dose.py
        volume = area_um2 * config.pitch_um * config.volume_ppm // 1000000
        # 1 mmHg is 133.322 Pa; a pascal on 1e9 um2 is a millinewton
        pressure_mn = MAX_MMHG * 133322 * area_um2 // 1000000000000
        self.max_force_mn = min(MAX_FORCE_MN, pressure_mn + 2 * program.friction_mn)
        self._pl_per_count = volume // (1000 * config.encoder_counts_per_turn)
        self._base_pl = volume // (1000 * MARGIN_PART_OF_TURN)
        # What the threshold and twice the friction can hold, and the backlash; a step is a part of `volume`.
        back_mmhg = program.occlusion_mmhg + 2 * program.friction_mn * 1000000000000 // (133322 * area_um2)
        back_um = back_mmhg * BACK_NL_PER_MMHG * 1000000 // area_um2 + config.backlash_um
        self._rest_back = self._still_back() + back_um * config.steps_per_turn // config.pitch_um
        self._phases = [
            (p.kind, p.rate_nl, p.rate_ms, p.volume_nl, p.duration_ms, p.to_nl, p.to_ms) for p in program.phases
        ]
        self._may_begin = program.passes()
        self._fastest_pl = (0, 0)  # basal and bolus, in MARGIN_MS
        self.margin_pl = 0
        self._tokens_pl = 0
        self._owed_pl = 0
        self._most = self._least = _NOTHING  # the ordered rate; two of them, for a ramp
        self._faster = _NOTHING  # the rate before a slower one, which takes effect behind the look-ahead,
        self._changed_until_ms = 0  # counts until then
        self._rested = 0  # the encoder when the motor was told to stand still
        self._until_ms = 0  # then the phase is over ...
        self._until_counts = self._bolus_pl = 0  # ... or when the encoder reads this and what the boluses gave
        self._left_pl = 0  # of its volume, by time; then nothing is owed any more
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
        encoder = self._board.encoder() if self._has_encoder else 0
        if not self._armed:
            self._encoder = encoder
        else:
            if encoder < self._rested:
                self._until_counts += encoder - self._rested  # what was drawn back is not given once more
            if self._until_ms:
                self._until_ms += now_ms - self._now_ms
        self._armed = self._moves = True
        self._now_ms = now_ms
        self._reverse = self._board.steps_reverse()
        self._most_back = self._still_back()

    def rest(self, now_ms, senses=True):
        """The motor was told to stand still: nothing more may turn, but drawing back after an occlusion.

        senses: the sensors may be asked; not when one of them has raised an exception.
        """
        if self._armed:
            self._come(now_ms)
            if senses and self._moves and self._has_encoder:
                self._rested = self._board.encoder()
            self._moves = False
            self._now_ms = now_ms
            self._most_back = self._rest_back

    def handled(self):
        """The syringe was changed, and the screw turned by hand: from here it counts again."""
        if self._armed and self._has_encoder:
            encoder = self._board.encoder()
            turned = encoder - self._encoder
            self._until_counts += turned
            self._rested += turned
            self._encoder = encoder

    def disarm(self):
        """The syringe may be handled."""
        self._armed = False

    def phase(self, index, at_ms):
        """Phase `index` has begun at at_ms: its own copy of rates, volume and duration counts."""
        self._come(at_ms)
        kind, nl, ms, volume_nl, duration_ms, to_nl, to_ms = self._phases[index]
        if kind == BOLUS:
            if self._may_begin[index]:
                self._boluses.append([nl, ms, volume_nl, 0])
            self._may_begin[index] -= 1
            return
        self._most = self._least = (nl, ms) if ms else _NOTHING
        if kind == RAMP:
            if _above((to_nl, to_ms), self._most):
                self._most = (to_nl, to_ms)
            else:
                self._least = (to_nl, to_ms)
        if self._may_begin[index] <= 0:
            self._most = self._least = _NOTHING
        self._may_begin[index] -= 1
        self._until_ms = at_ms + duration_ms if duration_ms else _NEVER
        self._bolus_pl = 0
        if kind == RATE and volume_nl and self._has_encoder:
            self._until_counts = self._board.encoder() + volume_nl * 1000 // self._pl_per_count + 1
            self._left_pl = volume_nl * 1000
        else:
            self._until_counts = self._left_pl = _NEVER

    def go_on(self, index, passes, entered, used_nl, used_ms, rate, now_ms):
        """After a power cut: what lies before phase `index` is over, and so much of it too if it was `entered`.

        passes: of the loop it is in, begun; 1 outside of one. rate: (nL, ms), at which it goes on.
        """
        first = last = index
        times = 1
        for i in range(index, len(self._phases)):
            if self._phases[i][0] == REPEAT:
                if self._phases[i][5] <= index:
                    first, last, times = self._phases[i][5], i, self._phases[i][6]
                break
        for i in range(min(last + 1, len(self._phases))):
            if i < first:
                self._may_begin[i] = 0
            elif i < index or (i == index and entered):
                self._may_begin[i] = times - passes
            elif i < last or i == index:
                self._may_begin[i] = times - passes + 1
        if not entered:
            return
        self._may_begin[index] += 1
        self.phase(index, now_ms)
        if self._phases[index][4]:
            self._until_ms -= used_ms
        if self._left_pl != _NEVER:
            self._until_counts -= used_nl * 1000 // self._pl_per_count
            self._left_pl -= used_nl * 1000
        if self._phases[index][0] == RATE and rate != self._most:
            self._most = self._least = rate
            self._widen(*rate, 0, 1)

    def rate(self, rate_nl, rate_ms, now_ms):
        """A person changed the rate."""
        self._come(now_ms)
        if now_ms >= self._changed_until_ms or _above(self._most, self._faster):
            self._faster = self._most
        self._changed_until_ms = now_ms + MARGIN_MS
        self._most = self._least = (rate_nl, rate_ms)
        self._widen(rate_nl, rate_ms, 0, 1)

    def bolus(self, volume_nl, rate_nl, rate_ms, now_ms):
        """A person ordered a bolus."""
        self._come(now_ms)
        self._widen(0, 1, rate_nl, rate_ms)
        self._boluses.append([rate_nl, rate_ms, volume_nl, 0])

    def look(self, now_ms):
        """Halt the motor and return the cause if it does what was not ordered, else 0."""
        if not self._armed:
            return 0
        board = self._board
        if self._has_force and self._moves and board.force_mn() > self.max_force_mn:
            return self._halt(CAUSE_FORCE)
        if board.steps_reverse() - self._reverse > self._most_back:
            return self._halt(CAUSE_BACK)
        if not self._has_encoder:
            return 0
        self._come(now_ms)
        encoder = board.encoder()
        turned_pl = (encoder - self._encoder) * self._pl_per_count
        self._encoder = encoder
        margin_pl = self.margin_pl
        tokens_pl = self._tokens_pl - turned_pl
        self._tokens_pl = tokens_pl if tokens_pl < margin_pl else margin_pl
        if tokens_pl < 0:
            return self._halt(CAUSE_TURNED)
        if turned_pl > 0 or self._moves:
            owed_pl = self._owed_pl - 2 * turned_pl
            self._owed_pl = owed_pl if owed_pl > 0 else 0
            if owed_pl > STILL_MARGINS * margin_pl:
                return self._halt(CAUSE_STILL)
        return 0

    def _halt(self, cause):
        self._board.halt()
        return cause

    def _come(self, at_ms):
        """Let tokens come for the time up to at_ms, at what was ordered for it."""
        if not self._armed or not self._moves or at_ms <= self._now_ms:
            return
        from_ms = self._now_ms
        self._now_ms = at_ms
        come_pl = 0
        if from_ms < self._until_ms and self._encoder < self._until_counts:
            elapsed_ms = (at_ms if at_ms < self._until_ms else self._until_ms) - from_ms
            rate = self._most
            changed = from_ms < self._changed_until_ms
            if changed and _above(self._faster, rate):
                rate = self._faster
            come_pl = rate[0] * elapsed_ms * 1000 // rate[1]
            if not changed and self._left_pl > 0:
                least = self._least
                self._owed_pl += come_pl if least is rate else least[0] * elapsed_ms * 1000 // least[1]
            self._left_pl -= come_pl
        if self._boluses:
            bolus_pl = self._bolus_nl(at_ms - from_ms) * 1000
            come_pl += bolus_pl
            self._owed_pl += bolus_pl
            if self._until_counts != _NEVER:
                before = self._bolus_pl // self._pl_per_count
                self._bolus_pl += bolus_pl
                self._until_counts += self._bolus_pl // self._pl_per_count - before
        tokens_pl = self._tokens_pl + come_pl * (100 + EXTRA_PERCENT) // 100
        self._tokens_pl = tokens_pl if tokens_pl < self.margin_pl else self.margin_pl

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

    def _still_back(self):
        """Return how many steps back the motor may make while it is to push."""
        return self._board.config.steps_per_turn // MARGIN_PART_OF_TURN

    def _widen(self, basal_nl, basal_ms, bolus_nl, bolus_ms):
        """Let the margin hold two seconds of the highest rates that were ordered."""
        basal_pl, bolus_pl = self._fastest_pl
        basal_pl = max(basal_pl, basal_nl * MARGIN_MS * 1000 // basal_ms)
        bolus_pl = max(bolus_pl, bolus_nl * MARGIN_MS * 1000 // bolus_ms)
        self._fastest_pl = (basal_pl, bolus_pl)
        margin_pl = self._base_pl + basal_pl + bolus_pl
        self._tokens_pl += margin_pl - self.margin_pl
        self.margin_pl = margin_pl
