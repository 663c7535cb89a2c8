"""The delivery channel: walks the phases of a program and lays their steps ahead of time as bounded runs.

What is laid is never replaced: a change takes effect at the horizon, the time up to which runs are laid. A `halt` drops
what is queued; then everything that was begun beyond now is taken back, and changes a person asked for are made again.
"""

from . import remaining
from .board import TICKS_MASK
from .lane import Lane
from .limits import rate_nl_h
from .program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT
from .ratio import bits, plus
from .stream import Stream
from .undo import Undo

LOOKAHEAD_MS = 700  # at least so much is laid: the worst flash erase (400 ms) and two polls of 100 ms, and some
CHUNK_MS = 1000  # laid at a time; so a firmware that hangs infuses for LOOKAHEAD_MS + CHUNK_MS at the most
TREAD_MS = 1000  # a ramp is a stair of such treads, each at the mean rate of its second: exact at every edge
EMPTIED = -2  # what `lay` returns when a syringe that another one is planned to follow has given its last step
LATE_MS = 1000  # later than this the motor was starved: a fault, not something to catch up

DOSE_TURN = "dose"
KVO_TURN = "kvo"
END_TURN = "end"


class Delivery:
    """Gives the phases of one program from one syringe.

    step: a dose.StepVolume. origin_ms: the board's ticks at device time 0.
    """

    def __init__(self, board, phases, step, origin_ms):
        self._board = board
        self._origin_us = origin_ms * 1000
        self._min_interval_us = board.config.min_interval_us
        self.phases = phases
        self.step = step
        self.dose = Lane(step)
        self.kvo = Lane(step)
        self.lane = self.dose
        self._mark = 0  # board.steps() when the lane was settled
        self.phase = 0  # index of the phase at the horizon
        self.passes = {}  # index of a repeat phase -> passes begun
        self.ramp_from_ms = 0
        self.held_ms = 0  # when the flows came to rest in the last hold
        self.boluses = []  # waiting: (volume_nl, rate_nl, rate_ms)
        self.bolus_runs = False  # at the horizon
        self._bolus_ended_ms = 0
        self.horizon_ms = 0
        self.running = False
        self.ends_at = None  # board.steps() when the syringe is empty, if another one is planned to follow it
        self._dry = False  # all that it holds is laid, and more is due
        self.turn = DOSE_TURN  # what comes when all that is laid is done; "" while more is being laid
        self._undo = Undo()
        self.rate_nl_h = 0  # the flow that is ordered at the horizon, floored
        self.changed = True  # a flow began, changed or ended; who keeps something computed from it clears this
        self.landmark = True  # a phase began, or a person changed something, where no record was written yet
        self.prepare = None  # (self, now_ms) -> may a run be laid? Asked before the first one of a flow that `changed`
        self.begun = []  # phases that have begun, for the controller to report and clear
        self.uncertain = 0  # steps that count as given and may not have been, since power was lost
        self._added_num, self._added_den = 0, 1  # nL that people's changes add to the order of the phases, exact

    # ---- what was given and what is ordered ------------------------------------------------------------

    def steps_given(self, lane):
        """Return the counted steps of a lane."""
        if lane is self.lane and self.running:
            return lane.given + self._board.steps() - self._mark
        return lane.given

    def dose_nl(self):
        """Return what was delivered of the order, in nanolitres."""
        return self.step.nl_of(self.steps_given(self.dose))

    def kvo_nl(self):
        """Return what kept the vein open, in nanolitres."""
        return self.step.nl_of(self.steps_given(self.kvo))

    def due_steps(self, now_ms):
        """Return the steps of both lanes that are due at now_ms."""
        other = self.kvo if self.lane is self.dose else self.dose
        return self.lane.due.at(now_ms) + other.laid

    def beyond(self, made):
        """Return whether these are more steps, of both lanes, than were ever laid: nobody asked the motor for them."""
        return made > self.dose.laid + self.kvo.laid

    def rate(self):
        """Return the flow that is ordered at the horizon as nL per ms: (num, den)."""
        if not self.running:
            return 0, 1
        a, b = self.lane.basal, self.lane.bolus
        return a.rate_nl * b.rate_ms + b.rate_nl * a.rate_ms, a.rate_ms * b.rate_ms

    def remaining_ms(self, now_ms):
        """Return the time until the dose is complete, in milliseconds; a last keep-vein-open is not counted."""
        return remaining.of(self, now_ms)

    def can_change(self, now_ms):
        """Return whether a new rate can be given now: a rate phase runs and none is about to begin."""
        if self.phase >= len(self.phases) or self.phases[self.phase].kind != RATE or self.turn:
            return False
        return not self._undo.program_changes(now_ms)

    def in_kvo(self):
        """Return whether the vein is being kept open."""
        return self.lane is self.kvo

    def in_last_kvo(self):
        """Return whether the vein is kept open without end, the dose being complete."""
        return self.in_kvo() and self.phase == len(self.phases) - 1 and self.phases[self.phase].duration_ms == 0

    def bolus_over_ms(self):
        """Return when the last bolus is over, in device ms; -1 while it still runs at the horizon."""
        return -1 if self.bolus_runs else self._bolus_ended_ms

    def added_nl(self):
        """Return what people's changes and boluses add to the order of the phases, in nanolitres, floored once."""
        return self._added_num // self._added_den

    def added_by(self, rate_nl, rate_ms):
        """Return by how many nL the order would grow if the running phase went on at rate_nl/rate_ms: (num, den, bits).

        bits: the size of the denominator that the sum of all rates would have then.
        """
        basal = Stream()
        basal.restore(self.lane.basal.state())
        num, den = basal.total_of_item()
        basal.change(self.horizon_ms, rate_nl, rate_ms)
        num2, den2 = basal.total_of_item()
        num, den = plus(num2, den2, -num, den)
        return num, den, bits(basal.given_den * rate_ms * basal.before_den)

    def steps_left(self):
        """Return how many steps more can be laid before the syringe is empty; only with `ends_at`."""
        return self.ends_at - self._mark - self.lane.laid + self.lane.given

    # ---- what people ask for ----------------------------------------------------------------------------

    def start(self, now_ms):
        """Begin, or go on after `hold`."""
        self.running = True
        self._dry = False
        self._mark = self._board.steps()
        self.horizon_ms = now_ms
        if self.turn == DOSE_TURN and self.lane is self.dose:
            self.turn = ""
            self._enter(now_ms)
        elif not self.turn:
            self.ramp_from_ms += now_ms - self.held_ms
            self.lane.basal.go(now_ms)
            self.lane.bolus.go(now_ms)
        self._open(now_ms)

    def change_rate(self, rate_nl, rate_ms):
        """Give the running phase a new rate from the horizon on."""
        num, den, _ = self.added_by(rate_nl, rate_ms)
        self._remember(self.horizon_ms, ("rate", rate_nl, rate_ms, num, den))
        self.lane.basal.change(self.horizon_ms, rate_nl, rate_ms)
        self.add(num, den)
        self.landmark = True
        self._open(self.horizon_ms)

    def give_bolus(self, volume_nl, rate_nl, rate_ms):
        """Give a bolus beside what runs, from the horizon on."""
        self._remember(self.horizon_ms, ("bolus", volume_nl, rate_nl, rate_ms))
        self._queue_bolus(self.horizon_ms, volume_nl, rate_nl, rate_ms)
        self.add(volume_nl, 1)
        self.landmark = True
        self._open(self.horizon_ms)

    def hold(self, now_ms):
        """Stop the motor at once and let the program wait; `start` goes on."""
        if not self.running:
            return
        self._settle(self._board.halt())
        self.running = self._dry = False
        again = self._take_back(now_ms)
        self.held_ms = at_ms = min(now_ms, self.horizon_ms)  # beyond the horizon nothing was laid, so nothing flowed
        if not self.turn:
            self.lane.basal.hold(at_ms)
            self.lane.bolus.hold(at_ms)
        for change in again:
            if change[0] == "rate":
                self._change_held_rate(change)
            elif self.bolus_runs:
                self.boluses.append(change[1:])
            else:
                self.bolus_runs = True
                bolus = self.lane.bolus
                bolus.begin(at_ms, change[2], change[3], change[1])
                bolus.hold(at_ms)
        self.horizon_ms = now_ms
        self._open(at_ms)

    # ---- at every poll that needs it --------------------------------------------------------------------

    def lay(self, now_ms):
        """Append the runs that are wanted and return when to be asked again.

        -1: the motor was starved. EMPTIED: the syringe is empty and another one is planned; all its steps are done.
        """
        if self._undo.entries:
            self._undo.forget(now_ms)
            self.lane.due.forget(now_ms)
        if self.turn:
            return now_ms
        if self._dry and self.steps_given(self.lane) == self.lane.laid:
            return EMPTIED
        if now_ms > self.horizon_ms + LATE_MS:
            return -1
        if self._dry:
            return now_ms
        while self.horizon_ms < now_ms + LOOKAHEAD_MS and not self.turn and self._board.room() and not self._dry:
            if self.changed and self.prepare is not None and not self.prepare(self, now_ms):
                break
            lane = self.lane
            until_ms = self.horizon_ms + CHUNK_MS
            end_ms = lane.basal.end_ms
            if 0 <= end_ms < until_ms:
                until_ms = end_ms
            end_ms = lane.bolus.end_ms
            if 0 <= end_ms < until_ms:
                until_ms = end_ms
            self._run(until_ms)
        return max(0, self.horizon_ms - LOOKAHEAD_MS + 1)  # just after power-on that may be before time began

    def arrived(self, now_ms):
        """Return the turn that can be made now, since all that is laid is done: "dose", "kvo", "end", or "" for none.

        Returns None if the motor has not done its steps LATE_MS after their time.
        """
        if not self.turn or now_ms < self.horizon_ms:
            return ""
        if self.steps_given(self.lane) != self.lane.laid:
            return None if now_ms > self.horizon_ms + LATE_MS else ""
        turn = self.turn
        self._settle(self._board.steps())
        self._undo.forget_all()
        if turn == END_TURN:
            self.running = False
            return turn
        self.lane = self.kvo if turn == KVO_TURN else self.dose
        self.turn = ""
        self.horizon_ms = now_ms
        self._enter(now_ms)
        self._open(now_ms)
        return turn

    # ---- inside -----------------------------------------------------------------------------------------

    def add(self, num, den):
        """People's changes order num/den nL more."""
        self._added_num, self._added_den = plus(self._added_num, self._added_den, num, den)

    def _change_held_rate(self, change):
        """Make a change of rate that was taken back: it begins earlier, so a phase by time orders another volume."""
        self.add(-change[3], change[4])
        num, den = self.lane.basal.total_of_item()
        self.add(-num, den)
        self.lane.basal.set_held_rate(change[1], change[2])
        num, den = self.lane.basal.total_of_item()
        self.add(num, den)

    def _open(self, at_ms):
        self.lane.open(at_ms)
        self.changed = True
        num, den = self.rate()
        self.rate_nl_h = rate_nl_h(num, den)

    def _settle(self, steps):
        self.lane.given += steps - self._mark
        self._mark = steps

    def _run(self, until_ms):
        """Lay the steps that are due until until_ms, and pass what ends there."""
        lane = self.lane
        passes = until_ms == lane.basal.end_ms or until_ms == lane.bolus.end_ms
        last = lane.steps_at(until_ms) if passes else -1
        count, first_us, interval_us = lane.due.run(lane.laid, until_ms, last)
        if count:
            if interval_us < self._min_interval_us:
                interval_us = self._min_interval_us
            if self.ends_at is not None and count > self.steps_left():
                count = self.steps_left()
                self._dry = True
                # What is due here is what is laid: held here and gone on with, the flow lacks and doubles no step.
                last_us = first_us + (count - 1) * interval_us if count else 0
                until_ms = max(self.horizon_ms, last_us // 1000 + 1)
                passes = False
        if count:
            self._board.move(count, interval_us, (self._origin_us + first_us) & TICKS_MASK)
            lane.laid += count
        self.horizon_ms = until_ms
        if passes:
            self._pass(until_ms)

    def _pass(self, at_ms):
        """An item of a stream ends at at_ms: begin what follows."""
        self._remember(at_ms, None)
        lane = self.lane
        if at_ms == lane.bolus.end_ms:
            lane.bolus.rest(at_ms)
            self.bolus_runs = False
            self._bolus_ended_ms = at_ms
            if self.boluses:
                self._queue_bolus(at_ms, *self.boluses.pop(0))
        if at_ms == lane.basal.end_ms:
            phase = self.phases[self.phase]
            if phase.kind == RAMP and at_ms < self.ramp_from_ms + phase.duration_ms:
                self.tread(at_ms, phase)
            else:
                lane.basal.rest(at_ms)
                self.phase += 1
                self._enter(at_ms)
        elif self.phase >= len(self.phases) or self.phases[self.phase].kind == KVO:
            self._turn_when_quiet()
        self._open(at_ms)

    def _enter(self, at_ms):
        """Begin the phase at self.phase, and those after it that take no time."""
        self.landmark = True
        while self.phase < len(self.phases):
            phase = self.phases[self.phase]
            basal = self.lane.basal
            if phase.kind == BOLUS and self.lane is self.dose:
                self._queue_bolus(at_ms, phase.volume_nl, phase.rate_nl, phase.rate_ms)
                self.begun.append((at_ms, self.phase))
                self.phase += 1
                continue
            if phase.kind == REPEAT:
                passes = self.passes.get(self.phase, 1)
                if passes < phase.to_ms:
                    self.passes[self.phase] = passes + 1
                    self.phase = phase.to_nl
                else:
                    self.passes.pop(self.phase, 0)
                    self.phase += 1
                continue
            is_kvo = phase.kind == KVO
            if is_kvo != (self.lane is self.kvo):
                break
            until_ms = at_ms + phase.duration_ms if phase.duration_ms else -1
            if phase.kind == RATE or is_kvo:
                basal.begin(at_ms, phase.rate_nl, phase.rate_ms, phase.volume_nl or -1, until_ms)
            elif phase.kind == PAUSE:
                basal.begin(at_ms, 0, 1, -1, until_ms)
            else:
                self.ramp_from_ms = at_ms
                self.tread(at_ms, phase)
            self.begun.append((at_ms, self.phase))
            return
        self._turn_when_quiet()

    def _turn_when_quiet(self):
        """Nothing more flows in this lane once the boluses have ended; what comes next waits for that."""
        if self.bolus_runs:
            return
        if self.phase >= len(self.phases):
            self.turn = END_TURN
        else:
            self.turn = KVO_TURN if self.lane is self.dose else DOSE_TURN

    def tread(self, at_ms, phase):
        """Begin a tread of a ramp at the rate of its middle."""
        from_ms = at_ms - self.ramp_from_ms
        to_ms = min(from_ms + TREAD_MS, phase.duration_ms)
        span = 2 * phase.duration_ms
        middle = from_ms + to_ms
        num = phase.rate_nl * phase.to_ms * (span - middle) + phase.to_nl * phase.rate_ms * middle
        self.lane.basal.begin(at_ms, num, phase.rate_ms * phase.to_ms * span, -1, at_ms + to_ms - from_ms)

    def _queue_bolus(self, at_ms, volume_nl, rate_nl, rate_ms):
        if self.bolus_runs:
            self.boluses.append((volume_nl, rate_nl, rate_ms))
        else:
            self.bolus_runs = True
            self.lane.bolus.begin(at_ms, rate_nl, rate_ms, volume_nl)

    def _remember(self, at_ms, change):
        lane = self.lane
        state = (self.phase, dict(self.passes), self.ramp_from_ms, list(self.boluses), self.bolus_runs, self.turn)
        state += (lane.basal.state(), lane.bolus.state())
        self._undo.add(at_ms, state, change)

    def _take_back(self, now_ms):
        """Restore the state of now and return the changes that lie beyond it, oldest first."""
        self.lane.laid = self.lane.given
        self.begun = [entry for entry in self.begun if entry[0] <= now_ms]
        state, again = self._undo.take_back(now_ms)
        if state is not None:
            self.phase, self.passes, self.ramp_from_ms, self.boluses, self.bolus_runs = state[:5]
            self.turn = state[5]
            self.lane.basal.restore(state[6])
            self.lane.bolus.restore(state[7])
        return again
