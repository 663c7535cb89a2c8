"""After an occlusion: draws the plunger back until the pressure is gone, so that opening the clamp gives no bolus.

The only reverse motion of the pump. A closed line holds what the motor pushed into it: 300 mmHg in 3 uL/mmHg are 0.9 mL
that would run into the patient at once when the clamp opens. The motor turns back in chunks of CHUNK_NL, one for each
poll, so that a firmware that hangs draws no more than a chunk. It takes up the backlash first and ends

- relieved: the force means REST_MMHG. The friction now holds the plunger the other way, so that is the force of the
  pressure less the friction, and may be tension; a load cell that reads no tension ends it at no force;
- loose: the force does not fall any more as a closed line makes it fall. The pusher has left a plunger that it does not
  hold, or the line is open: then nothing may be drawn out of the patient;
- bound: the volume that threshold, friction and the softest line can hold, or all that this program has given;
- late: after LONGEST_MS;
- stalled: the encoder does not see the screw turn, as forward (stall.py);
- unfelt: the load cell reads an end of its range, and nobody knows what is drawn;
- ended: another alarm stops the motor, or a new syringe is fitted.

Until then nothing is acknowledged or loaded: who opened the clamp with half of it drawn back would give the other half
as a bolus. Stopping ends the program at once and leaves the pressure to be drawn back; the guard stays armed for it.

A plunger that is not held, or a cell that reads no tension, keeps the pressure that its friction bears.

For the patient: `delivered` counts the steps of the dose, also those that only raised the pressure. What is drawn back
is counted apart (`drawn_nl`, backlash and all, and no more than the encoder saw turn): delivered less drawn back went
into the line. Nothing of it is made up for after resuming: how much reached the patient before the line closed nobody
knows, and a volume that is pushed after by itself is the very bolus that drawing back prevents. The nurse sees both
numbers. Going on, the screw takes up the backlash first, and the spring of plunger and rod: at a low rate that takes
minutes without flow.

If power fails meanwhile the motor stands, with a part of the pressure left, and at power-on the pump says so
(PRESSURE_LEFT of power_on.py); the journal keeps `delivered`, and what was drawn back from the end of a draw-back on.
"""

from . import alarms
from .board import ENCODER, FORCE, SENSORS, TICKS_MASK
from .dose import force_of_pressure_mn, mmhg_per_mn
from .trend import SOFTEST_NL_MMHG
from .watch import sensors
from .watch.stall import StallWatch

RELIEVED = "relieved"
LOOSE = "loose"
BOUND = "bound"
LATE = "late"
STALLED = "stalled"
UNFELT = "unfelt"
ENDED = "ended"

REST_MMHG = 15  # a peripheral vein has 5 to 20 mmHg
STATIC_PART = 8  # a plunger that turns round rubs up to a fifth harder than it slides: half of that is allowed for
POLL_US = 100000
CHUNK_NL = 4000  # a poll's worth: 2 mmHg in the stiffest line (2 uL/mmHg), 144 mL/h
LONGEST_MS = 120000  # the whole bound at the highest threshold takes 115 s
SAMPLES = 2  # so many readings in a row mean that the pressure is gone
READING_MS = 90  # a cell of 10 a second has another one after that; a host that asks lets the pump look more often
PROVE_NL = 80000  # over so much the lowest force must fall ...
FALL_PART = 4  # ... by a quarter of what the softest closed line makes it fall, 5 mmHg
SLACK_MN = 60  # less than this either way is no force: three times the noise of a load cell
SLACK_NL = 40000  # so much without a force: the pusher has left the plunger


class Relief:
    """Draws back for one pump (a Controller), which calls `look` at every poll while it is `active`."""

    def __init__(self, pump):
        self._pump = pump
        self.active = False
        self._drawn = 0  # steps, of this program, without those of the draw-back that is under way
        self._from = 0  # board.steps_reverse() when it began
        self._encoder_from = 0
        self._has_encoder = ENCODER in pump.board.has
        self._stall = StallWatch(pump.board.config)

    def forget(self):
        """A new program, a new account."""
        self._drawn = 0

    def drawn_before(self, steps):
        """So many steps were drawn back before power was lost."""
        self._drawn = steps

    def drawn_steps(self):
        """Return the steps that were drawn back since the program was loaded."""
        if self.active:
            return self._drawn + self._turned()
        return self._drawn

    def _turned(self):
        """Return the steps back since it began: what the motor was stepped, or less if the screw turned less."""
        board = self._pump.board
        stepped = board.steps_reverse() - self._from
        if not self._has_encoder:
            return stepped
        config = board.config
        counts = self._encoder_from - board.encoder()
        return max(0, min(stepped, counts * config.steps_per_turn // config.encoder_counts_per_turn))

    def begin(self, now_ms):
        """The occlusion alarm has stopped the program: draw back, if the board can feel what it does."""
        pump = self._pump
        board = pump.board
        config = board.config
        if FORCE not in board.has or not config.draw_back:
            return
        delivery = pump.delivery
        program = pump.program
        step = delivery.step
        area = program.barrel_um
        friction_mn = pump.lookout.friction.mn
        num, den = mmhg_per_mn(area)
        given = delivery.steps_given(delivery.dose) + delivery.steps_given(delivery.kvo)
        backlash = -(-config.backlash_um * config.steps_per_turn // config.pitch_um)
        held_mmhg = program.occlusion_mmhg + 2 * program.friction_mn * num // den
        given -= delivery.uncertain  # never below nothing
        self._limit = min(given - self._drawn, step.steps_in(held_mmhg * SOFTEST_NL_MMHG) + backlash)
        self._chunk = max(1, min(step.steps_in(CHUNK_NL), POLL_US // (2 * config.min_interval_us)))
        self._interval_us = max(2 * config.min_interval_us, POLL_US // self._chunk)
        floor_mn = config.force_min_mn + SLACK_MN
        holds_mn = friction_mn + friction_mn // STATIC_PART
        self._target_mn = max(floor_mn, force_of_pressure_mn(REST_MMHG, area) - holds_mn)
        self._prove = max(1, step.steps_in(PROVE_NL))
        self._fall_mn = force_of_pressure_mn(PROVE_NL, area) // (SOFTEST_NL_MMHG * FALL_PART)
        self._slack = max(1, step.steps_in(SLACK_NL))
        self._low_mn = self._proven_mn = board.force_mn()
        self._prove_at = backlash + self._prove
        self._pressed_at = 0  # steps drawn when there was a force
        self._below = self._at_end = 0
        self._fresh_ms = now_ms
        # A cell whose tension ends before the target may rest there: that is the end of the way and no fault.
        self._tension_counts = self._target_mn > floor_mn
        self._laid = 0
        self._from = board.steps_reverse()
        if self._has_encoder:
            self._encoder_from = board.encoder()
            self._stall.forget()
            self._stall.arm(self._from, -self._encoder_from)
        self._until_ms = now_ms + LONGEST_MS
        self._origin_us = pump.origin_ms * 1000
        self.active = True
        pump.occlusion.backwards(self._low_mn)
        pump.journal.presses(True)

    def look(self, now_ms):
        """Draw a chunk more, or end."""
        board = self._pump.board
        drawn = board.steps_reverse() - self._from
        force_mn = board.force_mn()
        if self._has_encoder and self._stall.look(drawn + self._from, -board.encoder()):
            self.end(STALLED)
            self._pump.alarm(alarms.MOTOR_STALLED, board.encoder())
            return
        fresh = 0
        if now_ms >= self._fresh_ms:
            self._fresh_ms = now_ms + READING_MS
            fresh = 1
        if sensors.force(force_mn, board.config) and (force_mn > 0 or self._tension_counts):
            self._at_end += fresh
            if self._at_end >= SAMPLES:
                self.end(UNFELT)
                self._pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(FORCE))
            return
        self._at_end = 0
        if force_mn <= self._target_mn:
            self._below += fresh
            if self._below >= SAMPLES:
                self.end(RELIEVED)
                return
        else:
            self._below = 0
        if force_mn < self._low_mn:
            self._low_mn = force_mn
        if force_mn > SLACK_MN or force_mn < -SLACK_MN:
            self._pressed_at = drawn
        elif drawn - self._pressed_at > self._slack:
            self.end(LOOSE)
            return
        if drawn >= self._prove_at:
            if self._low_mn > self._proven_mn - self._fall_mn:
                self.end(LOOSE)
                return
            self._proven_mn = self._low_mn
            self._prove_at = drawn + self._prove
        if now_ms >= self._until_ms:
            self.end(LATE)
            return
        if drawn < self._laid:
            return  # a chunk is still on its way
        count = min(self._chunk, self._limit - drawn)
        if count <= 0:
            self.end(BOUND)
            return
        board.move(-count, self._interval_us, (self._origin_us + now_ms * 1000) & TICKS_MASK)
        self._laid = drawn + count

    def end(self, why):
        """Stop drawing back, and tell how much it was; does nothing if nothing is under way."""
        if not self.active:
            return
        pump = self._pump
        pump.board.halt()
        self.active = False
        drawn = self._turned()
        self._drawn += drawn
        pump.event("drawback", why, pump.delivery.step.nl_of(drawn))
        pump.journal.presses(False)
        if pump.journal.under_way:
            pump.reserve.exactly(pump.delivery)
        else:
            pump.guard.disarm()  # the program was stopped meanwhile
