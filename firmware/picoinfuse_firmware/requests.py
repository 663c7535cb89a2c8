"""What each request of the wire does: one method per request, `method(now_ms, fields...) -> (answer, values)`.

A request is refused with a reason, or done. Whatever can deliver is written into the journal before it is done.
"""

from . import alarms, eventlog, limits, report, states
from .board import LIBRARY, PEOPLE
from .changes import NOT_NOW, OK, Changes, refuse
from .delivery import Delivery
from .dose import step_of
from .journal import DONE, RUNNING, STOPPED
from .leaving import Leaving
from .modules import forget
from .program import RATE, Phase, Program

DRAWING_BACK = ("drawing_back", 0, 0)


class Requests(Changes):
    """The pump as the host sees it."""

    def __init__(self, controller):
        self._pump = controller
        self._draft = None  # the program that is being sent
        self._wanted = (0, 0)  # phases and options that it announced
        self.confirmed = False  # the program that was staged
        self.proposal = None  # (check, "rate" or "bolus", numbers)
        self._proposals = 0
        self.leaving = Leaving(controller)
        self.gate = None  # if people are known to this pump, who of them may do what
        people = controller.board.text(PEOPLE)
        if people is not None:
            from .gate import gate_of

            self.gate = gate_of(controller, people)

    def take_options(self):
        """The pump has taken a program: what it asks for beyond its phases takes part from now on."""
        pump = self._pump
        for companion in self.companions:
            companion.leaves()
        pump.content.planned = 0
        self.companions = []
        if pump.program.options or pump.board.text(LIBRARY) is not None:
            from .companions import begin

            self.companions = begin(pump)
        if self.history is not None:
            self.companions.append(self.history)

    def look(self, now_ms):
        """Once a second."""
        self.leaving.look(now_ms)
        if self.gate is not None:
            self.gate.look(now_ms)
        if self._pump.error is None:  # else what has failed would fail again, and keep lights and sound from going on
            for companion in self.companions:
                companion.look(now_ms)

    def special(self, name):
        """Return what answers a request that only some programs know."""
        for companion in self.companions:
            if name in companion.answers:
                return getattr(companion, name)
        return self._not_ordered

    def _not_ordered(self, now_ms, *values):
        return refuse(("not_ordered", 0, 0))

    def half_made(self):
        """Return whether a person began a setting and has not finished it."""
        return (
            self.proposal is not None
            or self._draft is not None
            or self._pump.state == states.STAGED
            or self._pump.state == states.READY
        )

    # ---- a program: load, phase, stage, confirm, start ------------------------------------------------------

    def load(
        self, now_ms, barrel_um, capacity_nl, filled_nl, friction_mn, occlusion_mmhg, near_end_ms, phases, options
    ):
        pump = self._pump
        if states.after(pump.state, states.LOAD) is None:
            return refuse(NOT_NOW)
        if pump.alarms.stopping():
            return refuse(("alarm_active", pump.alarms.stopping(), 0))
        if pump.relief.active:
            return refuse(DRAWING_BACK)
        if not 1 <= phases <= limits.MAX_PHASES:
            return refuse(("too_many_phases", phases, limits.MAX_PHASES))
        draft = Program(barrel_um, capacity_nl, filled_nl, friction_mn, occlusion_mmhg, near_end_ms, [])
        from . import program_limits

        no = program_limits.syringe(draft, pump.board.config)
        if no:
            return refuse(no)
        if options:
            from .options import MAX_OPTIONS

            if not 0 < options <= MAX_OPTIONS:
                return refuse(("too_many_options", options, MAX_OPTIONS))
        self._draft = draft
        self._wanted = phases, options
        return OK

    def phase(self, now_ms, index, kind, rate_nl, rate_ms, volume_nl, duration_ms, to_nl, to_ms):
        draft = self._draft
        if draft is None:
            return refuse(NOT_NOW)
        if index != len(draft.phases) or index >= self._wanted[0]:
            return refuse(("phase_order", index, len(draft.phases)))
        draft.phases.append(Phase(kind, rate_nl, rate_ms, volume_nl, duration_ms, to_nl, to_ms))
        return OK

    def option(self, now_ms, index, kind, what, numbers):
        draft = self._draft
        if draft is None:
            return refuse(NOT_NOW)
        at = len(draft.options)
        if len(draft.phases) != self._wanted[0] or index != at or at >= self._wanted[1]:
            return refuse(("option_order", index, at))
        from .options import Option

        draft.options.append(Option(kind, what, numbers))
        return OK

    def stage(self, now_ms):
        pump = self._pump
        draft = self._draft
        if draft is None or states.after(pump.state, states.LOAD) is None:
            return refuse(NOT_NOW)
        phases, options = self._wanted
        if len(draft.phases) != phases:
            return refuse(("phase_missing", len(draft.phases), phases))
        if len(draft.options) != options:
            return refuse(("option_missing", len(draft.options), options))
        step = step_of(pump.board.config, draft.barrel_um)
        from . import program_limits

        no = program_limits.program(draft, pump.board.config) or self._library_refusal(draft)
        forget("program_limits")
        if not no and options:
            from .companions import stage_refusal

            for companion in self.companions:
                companion.leaves()
            no = stage_refusal(pump, draft, step)
        if no:
            return refuse(no)
        self._draft = None
        pump.lookout.around.call_back.touched(now_ms)
        pump.take_program(draft, Delivery(pump.board, draft.phases, step, pump.origin_ms))
        pump.refilled(draft.filled_nl)
        pump.go(states.LOAD)
        return "staged", (draft.check(), draft.volume_nl(), draft.duration_ms(), step.pl_num // step.pl_den)

    def _library_refusal(self, program):
        """Return why the drug library of this pump does not allow a program, or None."""
        lines = self._pump.board.text(LIBRARY)
        if lines is None and not program.options:
            return None  # most pumps have none, and do not load what judges by it
        from . import library

        return library.judge(lines, program)[0]

    def confirm(self, now_ms, check):
        pump = self._pump
        if pump.state != states.STAGED:
            return refuse(NOT_NOW)
        if check != pump.program.check():
            return refuse(("bad_check", 0, 0))
        self.confirmed = True
        pump.go(states.CONFIRM)
        pump.lookout.around.memory.confirmed(check)
        pump.lookout.around.call_back.touched(now_ms)
        return OK

    def start(self, now_ms, identity):
        pump = self._pump
        no = self._may_move(states.START, identity)
        if no:
            return refuse(no)
        pump.guard.take(pump.program)
        pump.journal.begin(pump.program, pump.delivery.step)
        pump.reserve.exactly(pump.delivery)
        pump.journal.accept(identity, "start", RUNNING)
        pump.end_alarm(alarms.END)
        pump.event("program", pump.program.check(), pump.ordered_nl)
        pump.go(states.START)
        pump.start_motor(pump.delivery)
        return OK

    # ---- while it runs --------------------------------------------------------------------------------------

    def pause(self, now_ms):
        pump = self._pump
        if states.after(pump.state, states.PAUSE) is None:
            return refuse(NOT_NOW)
        pump.stop_motor()
        pump.go(states.PAUSE)
        return OK

    def resume(self, now_ms, identity):
        pump = self._pump
        no = self._may_move(states.RESUME, identity)
        if no:
            return refuse(no)
        for companion in self.companions:
            no = companion.resume_refusal(now_ms)
            if no:
                return refuse(no)
        code = pump.lookout.restarts.restart(now_ms)
        if code:
            pump.alarm(code, 0)
            return refuse(("alarm_active", code, 0))
        pump.journal.accept(identity, "resume", DONE)
        pump.go(states.RESUME)
        pump.start_motor(pump.delivery)
        if pump.delivery.in_kvo():
            pump.go(states.KVO_BEGINS)
        return OK

    def stop(self, now_ms):
        pump = self._pump
        if states.after(pump.state, states.STOP) is None:
            return refuse(NOT_NOW)
        self._draft = None
        pump.drop_program(STOPPED)
        pump.go(states.STOP)
        for code in list(pump.alarms.codes):
            if code not in alarms.RESTART_NEEDED and code not in alarms.OF_THE_PUMP:
                pump.end_alarm(code)
        return OK

    def prime(self, now_ms, identity, volume_nl, rate_nl, rate_ms, not_connected):
        pump = self._pump
        if not_connected != 1:
            return refuse(("connected", not_connected, 1))
        no = self._may_move(states.PRIME, identity)
        if no:
            return refuse(no)
        step = pump.delivery.step
        no = limits.rate(rate_nl, rate_ms, limits.max_rate_nl_h(pump.board.config, step))
        no = no or limits.volume(volume_nl, step)
        free_nl = min(pump.left_nl(), pump.content.supply_nl() - pump.ordered_nl)
        if not no and volume_nl > free_nl:
            no = ("volume_exceeds_syringe", volume_nl, free_nl)
        if no:
            return refuse(no)
        program = pump.program
        phases = [Phase(RATE, rate_nl, rate_ms, volume_nl)]
        pump.guard.take(Program(program.barrel_um, 0, 0, program.friction_mn, 0, 0, phases))
        pump.guard.phase(0, now_ms)
        pump.journal.accept(identity, "prime", RUNNING)
        pump.go(states.PRIME)
        pump.start_motor(Delivery(pump.board, phases, step, pump.origin_ms))
        return OK

    def refill(self, now_ms, filled_nl):
        pump = self._pump
        if pump.moving is not None or pump.delivery is None or pump.state not in (states.PAUSED, states.ALARM):
            return refuse(NOT_NOW)
        if not 0 < filled_nl <= pump.program.capacity_nl:
            return refuse(("filled_too_much", filled_nl, pump.program.capacity_nl))
        if pump.journal.under_way and pump.left_nl() < filled_nl:  # else it was told before, and the answer was lost
            pump.content.another()
        pump.refilled(filled_nl)
        return OK

    # ---- alarms -----------------------------------------------------------------------------------------------

    def acknowledge(self, now_ms):
        pump = self._pump
        if not pump.alarms.codes:
            return refuse(("no_alarm", 0, 0))
        if pump.relief.active:
            return refuse(DRAWING_BACK)
        for code in pump.alarms.latched():
            if code in alarms.RESTART_NEEDED:
                return refuse(("restart_needed", code, 0))
            if code in alarms.STOP_NEEDED:
                return refuse(("stop_needed", code, 0))
            if pump.lookout.has_cause(code):
                return refuse(("cause_present", code, 0))
        as_planned = pump.alarms.latched() == [alarms.SYRINGE_CHANGE]
        for code in pump.alarms.latched():
            pump.end_alarm(code)
        if alarms.CALL_BACK in pump.alarms.codes:
            self.proposal = self._draft = None  # what was forgotten for so long is begun anew
        pump.lookout.around.touched(now_ms)
        if pump.state == states.ALARM:
            self._cleared(as_planned)
        return OK

    def _cleared(self, as_planned):
        pump = self._pump
        if pump.journal.under_way:
            pump.lookout.restarts.after_alarm = not as_planned
            pump.go(states.CLEARED_RUNNING)
        elif self.confirmed:
            pump.go(states.CLEARED_READY)
        else:
            pump.go(states.CLEARED_IDLE)

    def mute(self, now_ms, for_ms):
        pump = self._pump
        if not pump.alarms.mute(now_ms, for_ms):
            return refuse(("mute_too_long", for_ms, limits.MAX_MUTE_MS))
        pump.event("mute", "audio", for_ms)
        pump.show()
        return OK

    # ---- asking --------------------------------------------------------------------------------------------------

    def status(self, now_ms):
        return "is", report.status(self._pump)

    def outcome(self, now_ms, identity):
        what, verb = self._pump.journal.outcome(identity)
        return "outcome_is", (identity, what, verb)

    def telemetry_every(self, now_ms, period_ms):
        if period_ms and period_ms < limits.MIN_TELEMETRY_MS:
            return refuse(("period_too_short", period_ms, limits.MIN_TELEMETRY_MS))
        self._pump.set_telemetry(period_ms)
        return OK

    def events_from(self, now_ms, n):
        self._pump.outbox.events_from(n)
        return OK

    def log(self, now_ms, n):
        board = self._pump.board
        first, last = board.log_range()
        if n <= 0 or not first <= n <= last:
            return refuse(("entry_gone", first, last))
        entry = eventlog.decode(board.logged(n))
        if entry is None:
            return refuse(("entry_damaged", n, last))
        return "entry", (n,) + entry

    def health(self, now_ms):
        return "health_is", self._pump.board.health()

    def leave(self, now_ms):
        no = self.leaving.ask(now_ms)
        return refuse(no) if no else OK

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _may_move(self, event, identity):
        pump = self._pump
        if states.after(pump.state, event) is None:
            return NOT_NOW
        if pump.alarms.stopping():
            return ("alarm_active", pump.alarms.stopping(), 0)
        code = pump.lookout.around.in_the_way(event != states.PRIME)
        if code:
            return ("would_alarm", code, 0)
        return self.id_refusal(identity)
