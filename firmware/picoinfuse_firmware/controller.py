"""poll(): read, obey, deliver, watch, report; returns the milliseconds until it is needed again.

It calls the deciders and holds no thresholds of its own. The state changes only through the table in states.py.
"""

from . import alarms, report, states
from .alarm_list import AlarmList
from .board import END_SWITCH, FORCE, KEYS, TICKS_MASK
from .content import Content
from .delivery import EMPTIED, END_TURN, KVO_TURN
from .guard import Guard
from .journal import DONE, STOPPED, Journal
from .keypad import Keypad
from .lookout import Lookout
from .outbox import Outbox
from .program import BOLUS
from .relief import ENDED, Relief
from .requests import Requests
from .reserve import Reserve
from .session import Session
from .watch import reservoir
from .watch.occlusion import OcclusionWatch

POLL_MS = 100
FEEL_MS = 60  # between two looks at the force, at least: a host that floods makes polls come sooner, not alarms
SLOW_MS = 1000  # the watches that compare motion, the guard and the watchdog
NEVER_MS = 1 << 60


class Controller:
    """The pump: one board, one program at a time. At most 29 attributes: CPython 3.11 reaches more of them slowly."""

    def __init__(self, board):
        self.board = board
        self.state = states.SELFTEST
        self.now_ms = 0  # since the pump started; the board's ticks, unwrapped
        self.error = None  # the exception behind alarms.FAULT_PROGRAM
        self.journal = Journal(board)
        self.alarms = AlarmList()
        self.reserve = Reserve(self)
        self.outbox = Outbox(board, self.journal.boot)
        self.guard = Guard(board)
        self.requests = Requests(self)
        self.session = Session(self, self.requests, self.outbox)
        self.lookout = Lookout(self)
        self.keypad = Keypad(self) if KEYS in board.has else None
        self.program = None
        self.delivery = None  # of the program
        self.moving = None  # the delivery that moves the motor: of the program, or of priming
        self.ordered_nl = 0
        self.primed_nl = 0
        self.content = Content(self)
        self.bolus_id = ""
        self.occlusion = None
        self.relief = Relief(self)
        self.origin_ms = board.ticks_ms()  # the board's ticks at device time 0
        self._ticks = self.origin_ms
        self._feel_ms = NEVER_MS  # the force is looked at in this poll
        self._next_ms = 0
        self._lay_ms = NEVER_MS
        self._slow_ms = 0
        self._telemetry_at_ms = NEVER_MS

    def poll(self):
        """Do all that is to be done now; call it again after the milliseconds it returns, or sooner."""
        try:
            board = self.board
            ticks = board.ticks_ms()
            now_ms = self.now_ms + ((ticks - self._ticks) & TICKS_MASK)
            self._ticks = ticks
            self.now_ms = now_ms
            if self.keypad is not None:  # before the wire: who presses one has not seen what a host asks for now
                keys = board.keys()
                if keys or self.keypad.down:
                    self.keypad.look(now_ms, keys)
                    self._next_ms = now_ms
            data = board.read()
            if data:
                self.session.feed(data, now_ms)
                self._next_ms = now_ms
            if now_ms >= self._feel_ms:
                self._feel_ms = now_ms + FEEL_MS
                force_mn = board.force_mn()
                if force_mn > self.occlusion.quiet_mn and self.occlusion.look(force_mn):
                    self.lookout.pressed(now_ms)
                    self._next_ms = now_ms
            if now_ms >= self._next_ms:
                self._work(self.now_ms)
        except Exception as error:
            self.failed(error)
        return POLL_MS

    def failed(self, error):
        """The firmware raised an exception, in a poll or around it: the motor stands still and somebody has to come."""
        self.error = error
        self.board.halt()
        self._lay_ms = NEVER_MS  # also if the alarm fails as well, for want of memory
        self.alarm(alarms.SYSTEM_FAULT, alarms.FAULT_PROGRAM)
        self.relief.end(ENDED)  # what an alarm that failed left undone
        self.stop_motor()
        self.go(states.STOPPED_BY_ALARM)
        self._next_ms = self.now_ms

    # ---- what the requests use ---------------------------------------------------------------------------

    def go(self, event):
        """Change the state by the table; returns False if the event is not allowed now."""
        state = states.after(self.state, event)
        if state is None:
            return False
        if state != self.state:
            self.state = state
            if self.keypad is not None:
                self.keypad.changed(self.now_ms)
            self.event("state", state, report.delivered_nl(self))
        return True

    def event(self, kind, what, value):
        """Tell the host, numbered and with the time."""
        self.outbox.event(self.now_ms, kind, what, value)

    def alarm(self, code, value):
        """Raise an alarm, and stop the motor if the table says so."""
        if not self.alarms.add(code):
            return
        row = alarms.BY_CODE[code]
        if row.stops:
            self.board.halt()  # before the log is written: that may take an erase of the flash
        self.event("alarm", row.name, value)
        if row.stops:
            self.relief.end(ENDED)
            self.stop_motor()
            self.go(states.STOPPED_BY_ALARM)
            if code in alarms.RESTART_NEEDED and self.journal.under_way:
                self.journal.give_up()
        self.show()

    def end_alarm(self, code):
        """End an alarm."""
        if self.alarms.remove(code):
            self.event("alarm_end", alarms.BY_CODE[code].name, 0)
            if code == alarms.POWER_LOST:
                self.journal.loss_is_known()
            self.show()

    def show(self):
        """Let light and sound follow the alarms."""
        if self.alarms.changed(self.now_ms):
            self.board.signal(*self.alarms.shown)

    def start_motor(self, delivery):
        """Let a delivery move the motor from now on, all alarms armed."""
        # The one time that the clock is read again: the start was written into the journal, which takes a Pico 60 ms,
        # and so much would the steps be late.
        looked_ms = self.now_ms
        ticks = self.board.ticks_ms()
        now_ms = looked_ms + ((ticks - self._ticks) & TICKS_MASK)
        self._ticks = ticks
        self.now_ms = now_ms
        self.moving = delivery
        delivery.prepare = self._look_ahead
        delivery.start(now_ms)
        self.guard.arm(now_ms)
        self.occlusion.forwards()
        self.lookout.arm(now_ms)
        self._feel_ms = now_ms if FORCE in self.board.has else NEVER_MS
        self._lay_ms = now_ms
        self._next_ms = looked_ms  # in this poll

    def stop_motor(self):
        """Stop the motor at once; the program waits, priming ends."""
        self.requests.proposal = None
        delivery = self.moving
        if delivery is None:
            return
        delivery.hold(self.now_ms)
        self._report_begun(delivery, self.now_ms)
        self.guard.rest(self.now_ms, self.error is None)
        if self.error is None:
            self.lookout.rest(self.now_ms)
        self._feel_ms = NEVER_MS
        self._lay_ms = NEVER_MS
        if delivery is not self.delivery:
            self._end_prime(STOPPED)
        else:
            self.count_order()
            for companion in self.requests.companions:
                try:
                    companion.rested(self.now_ms)
                except Exception:
                    if self.error is None:
                        raise
                    # else the alarm must come, whatever else fails, memory too
            if self.error is None:  # else what is reserved stays: no more may be asked of the board
                self.reserve.exactly(self.delivery)
        self.moving = None

    def drop_program(self, outcome):
        """The program ends; its account stands until the next one is loaded."""
        self.stop_motor()
        if not self.relief.active:
            self.guard.disarm()
        if self.journal.under_way:
            self.journal.under_way = self.journal.lost = False
            self.journal.end_all(outcome)
            self.journal.save()
        self.bolus_id = ""
        self.requests.confirmed = False
        self.lookout.around.memory.confirmed(None)
        self.lookout.restarts.forget()

    def take_program(self, program, delivery):
        """This program replaces the one before."""
        self.program = program
        self.delivery = delivery
        self.relief.forget()
        self.occlusion = OcclusionWatch(program)
        self.lookout.take(program, delivery.step)
        self.requests.confirmed = False
        self.requests.take_options()
        self.lookout.around.memory.confirmed(None)
        self.count_order()
        self.primed_nl = 0

    def count_order(self):
        """What is ordered has changed: the program, and what people added to it."""
        self.ordered_nl = self.program.volume_nl() + self.delivery.added_nl()

    def refilled(self, filled_nl):
        """filled_nl are in the syringe now."""
        self.relief.end(ENDED)
        self.content.is_now(filled_nl)
        self.guard.handled()
        if self.journal.under_way:
            self.reserve.exactly(self.delivery)
        self.event("refill", "syringe", filled_nl)

    def set_telemetry(self, period_ms):
        """Push telemetry every period_ms; 0: none."""
        self.outbox.every_ms = period_ms
        # It goes with the look around, which has work of its own in that poll.
        self._telemetry_at_ms = self._slow_ms if period_ms else NEVER_MS
        self._next_ms = self.now_ms

    def left_nl(self):
        """Return what is left in the syringe by the account."""
        return self.content.left_nl()

    def prime_nl(self):
        """Return what went into the line before the patient was connected."""
        if self.moving is not None and self.moving is not self.delivery:
            return self.primed_nl + self.moving.dose_nl()
        return self.primed_nl

    def at_end(self):
        """Return whether the end switch is fitted and closed."""
        return END_SWITCH in self.board.has and self.board.at_end()

    def remaining_ms(self):
        """Return the time until the dose is complete, 0 if nothing is under way."""
        if self.delivery is None or not self.journal.under_way:
            return 0
        return self.delivery.remaining_ms(self.now_ms)

    def rate_nl_h(self):
        """Return the flow that is ordered now, floored."""
        return 0 if self.moving is None else self.moving.rate_nl_h

    # ---- inside a poll -------------------------------------------------------------------------------------

    def _work(self, now_ms):
        """Do what is due: lay steps, look around, send what waits."""
        if now_ms >= self._lay_ms:
            self._deliver(now_ms)
        if now_ms >= self._slow_ms:
            self._slow_ms = now_ms + SLOW_MS
            self.board.feed()
            self.requests.look(now_ms)
            if self.state == states.SELFTEST:
                from . import power_on  # once; a Pico lets it go then

                power_on.first_look(self)
            elif self.alarms.priority or self.alarms.shown[0]:
                self.show()
            self.lookout.look(now_ms)
            if self.journal.failed:
                self.alarm(alarms.SYSTEM_FAULT, alarms.FAULT_JOURNAL)
        if self.relief.active:
            self.relief.look(now_ms)
        if now_ms >= self._telemetry_at_ms:
            every_ms = self.outbox.every_ms
            self._telemetry_at_ms += every_ms
            if self._telemetry_at_ms <= now_ms:
                self._telemetry_at_ms = now_ms + every_ms
            if self.outbox.open:
                self.outbox.telemetry(report.telemetry(self))
        self._next_ms = min(self._lay_ms, self._slow_ms, self._telemetry_at_ms)
        if self.relief.active:
            self._next_ms = now_ms  # in every poll
        if self.outbox.waiting:
            self.outbox.flush()
            if self.outbox.waiting:
                self._next_ms = now_ms  # the host reads slowly: more in the next poll

    def _deliver(self, now_ms):
        delivery = self.moving
        if delivery.lane.laid >= self.reserve.at_steps or now_ms >= self.reserve.at_ms:
            self._look_ahead(delivery, now_ms)
        if self.journal.failed:
            self.alarm(alarms.SYSTEM_FAULT, alarms.FAULT_JOURNAL)
            return
        lay_ms = delivery.lay(now_ms)
        if delivery.begun:
            self._report_begun(delivery, now_ms)
        if lay_ms == EMPTIED:
            self.content.is_over(False)
            return
        if lay_ms < 0:
            self.alarm(alarms.SYSTEM_FAULT, alarms.FAULT_STARVED)
            return
        self._lay_ms = min(lay_ms, delivery.begun[0][0]) if delivery.begun else lay_ms
        if not delivery.turn:
            return
        turn = delivery.arrived(now_ms)
        if turn is None:
            self.alarm(alarms.SYSTEM_FAULT, alarms.FAULT_COUNT)
        elif turn == END_TURN:
            self._ended(delivery)
        elif turn:
            if turn == KVO_TURN:
                self.go(states.KVO_BEGINS)
                self._tell_end(delivery, reservoir.end(False, delivery.in_last_kvo()))
            else:
                self.go(states.DOSE_BEGINS)
            self._deliver(now_ms)  # what begins now is laid now

    def _report_begun(self, delivery, now_ms):
        """Tell of phases that have begun by now; the guard hears of them too."""
        begun = delivery.begun
        while begun and begun[0][0] <= now_ms:
            at_ms, index = begun.pop(0)
            if delivery is not self.delivery:
                continue
            phase = self.program.phases[index]
            self.guard.phase(index, at_ms)
            if phase.kind == BOLUS:
                self.outbox.event(at_ms, "bolus", "program", phase.volume_nl)
            else:
                self.outbox.event(at_ms, "phase", phase.kind, index)

    def _look_ahead(self, delivery, now_ms):
        """The flow changed, or much of the reserve is laid: keep the journal ahead, and return whether it is."""
        delivery.changed = False
        if delivery is self.delivery:
            for companion in self.requests.companions:
                companion.ahead(now_ms)
            self.reserve.take(delivery)
            self.lookout.near_end_at_ms = now_ms
        else:
            self.reserve.none()
        return not self.journal.failed

    def _ended(self, delivery):
        """Everything that was laid was counted, and nothing follows."""
        self._feel_ms = NEVER_MS
        self._lay_ms = NEVER_MS
        self.moving = None
        self.lookout.rest(self.now_ms)
        if delivery is not self.delivery:
            self.moving = delivery
            self._end_prime(DONE)
            self.moving = None
            self.go(states.PRIMED)
            return
        for companion in self.requests.companions:  # before the journal says that it is over
            companion.rested(self.now_ms)
        self.reserve.exactly(self.delivery)
        self.go(states.ENDED)
        self.drop_program(DONE)
        self._tell_end(delivery, reservoir.end(True, False))

    def _tell_end(self, delivery, code):
        if code:
            self.end_alarm(alarms.NEAR_END)
            self.alarm(code, delivery.dose_nl())

    def _end_prime(self, outcome):
        self.primed_nl += self.moving.dose_nl()
        self.event("prime", outcome, self.primed_nl)
        self.journal.end_all(outcome)
        self.journal.save()
        self.guard.disarm()
