"""Once a second: asks the slow watches and the guard, and turns what they answer into alarms."""

from . import alarms
from .around import Around
from .board import ENCODER, END_SWITCH, FORCE, SENSORS
from .friction import Friction
from .journal import DONE
from .trend import Trend
from .watch import reservoir, sensors
from .watch.engaged import EngagedWatch
from .watch.flow import FlowWatch
from .watch.rate import RateWatch
from .watch.restarts import RestartsWatch
from .watch.rising import RisingWatch
from .watch.sensors import EncoderWatch, ForceWatch
from .watch.stall import StallWatch


class Lookout:
    """The slow watches of one pump (a Controller)."""

    def __init__(self, pump):
        self._pump = pump
        self._has_encoder = ENCODER in pump.board.has
        self._has_force = FORCE in pump.board.has
        self._has_end = END_SWITCH in pump.board.has
        self.around = Around(pump)
        self.stall = StallWatch(pump.board.config)
        self.flow = FlowWatch(pump.board.config)
        self.rate = RateWatch(pump.board.config)
        self._watched = None  # the delivery whose steps are compared
        self._made_less = 0  # board.steps() less this are the steps that it made
        self.engaged = EngagedWatch(pump.board.config)
        self.force = ForceWatch(pump.board.config)
        self.encoder = EncoderWatch(pump.board.config)
        self.restarts = RestartsWatch()
        self.friction = None  # of the program, as are self.trend and self.rising
        self.trend = None
        self.rising = None
        self.near_end_at_ms = 0  # not before this can the end be near; 0 after every change of flow
        self.empty_at_steps = 0  # board.steps() at which more was given than there was

    def take(self, program, step):
        """A program was staged; step: a dose.StepVolume."""
        self.friction = Friction(program)
        self.trend = Trend(program, step)
        self.rising = RisingWatch(program)

    def arm(self, now_ms):
        """The motor begins to move, or goes on: compare from here, with what was compared of the same delivery."""
        board = self._pump.board
        moving = self._pump.moving
        steps = board.steps()
        given = moving.steps_given(moving.dose) + moving.steps_given(moving.kvo)
        self._made_less = steps - given
        if moving is not self._watched:
            self._watched = moving
            self.stall.forget()
            self.flow.forget()
        self.trend.restart()
        self.around.moves()
        self.engaged.arm(steps)
        self.force.arm()
        if self._has_encoder:
            encoder = board.encoder()
            self.encoder.arm(now_ms, encoder)
            self.stall.arm(steps, encoder)
            self.flow.arm(now_ms, moving.due_steps(now_ms), given, encoder)

    def rest(self, now_ms):
        """The motor stands from now on."""
        self.rate.rest()
        if self.trend.flowed:
            self.restarts.flowed()
        self._pump.end_alarm(alarms.RATE_UNREACHABLE)
        self._pump.end_alarm(alarms.PRESSURE_RISING)
        if self._has_encoder:
            board = self._pump.board
            encoder = board.encoder()
            self.stall.rest(board.steps(), encoder)
            self.flow.rest(now_ms, encoder)

    def has_cause(self, code):
        """Return whether the cause of a latched alarm can be sensed and is still there."""
        pump = self._pump
        if code == alarms.OCCLUSION:
            return self._has_force and pump.occlusion.present(pump.board.force_mn())
        if code == alarms.EMPTY:
            return bool(reservoir.empty(pump.left_nl(), pump.at_end()))
        if code == alarms.SYRINGE_CHANGE:
            return pump.content.changing or pump.at_end()
        return self.around.has_cause(code)

    def pressed(self, now_ms):
        """The force is too high for too long: the plunger is at the end of the barrel, or the line is closed."""
        pump = self._pump
        board = pump.board
        if pump.at_end():
            pump.content.is_over(True)
        elif sensors.force(board.force_mn(), board.config):
            pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(FORCE))
        else:
            its_own = pump.moving is pump.delivery  # and not of priming, into a line that nobody is connected to
            pump.alarm(alarms.OCCLUSION, pump.occlusion.pressure_mmhg(board.force_mn()))
            if its_own:
                self.restarts.occluded()
                pump.relief.begin(now_ms)

    def look(self, now_ms):
        """Raise and end the alarms that are not looked for at every poll."""
        pump = self._pump
        self.around.look(now_ms)
        if pump.moving is not None:
            self._look_at_motion(pump, now_ms)
        cause = pump.guard.look(now_ms)
        if cause:
            pump.alarm(alarms.GUARD, cause)

    def _look_at_motion(self, pump, now_ms):
        board = pump.board
        steps = board.steps()
        at_end = self._has_end and board.at_end()
        if (at_end or steps >= self.empty_at_steps) and reservoir.empty(self.empty_at_steps - steps, at_end):
            pump.content.is_over(at_end)
            return
        moving = pump.moving
        due = moving.due_steps(now_ms)
        made = steps - self._made_less
        if moving.beyond(made):
            pump.alarm(alarms.SYSTEM_FAULT, alarms.FAULT_COUNT)
            return
        if self._has_force:
            force_mn = board.force_mn()
            if self.force.look(force_mn, steps):
                pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(FORCE))
                return
            if force_mn < self.engaged.limit_mn:
                # Priming may push the plunger's gap together for as long as it takes.
                code = self.engaged.look(now_ms, force_mn, steps)
                if code and moving is pump.delivery:
                    self._force_is_missing(pump, code, force_mn)
                    if pump.moving is None:
                        return
        if self._has_encoder:
            encoder = board.encoder()
            if self.encoder.look(now_ms, encoder):
                pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(ENCODER))
                return
            code = self.stall.look(steps, encoder)
            code = code or self.flow.look(now_ms, due, made, encoder, moving.bolus_runs)
            if code:
                pump.alarm(code, encoder)
                self.stall.forget()
                self.flow.forget()
                return
        if due - made > self.rate.quiet_steps:
            if self.rate.look(now_ms, due - made):
                pump.alarm(alarms.RATE_UNREACHABLE, moving.step.nl_of(due - made))
            else:
                pump.end_alarm(alarms.RATE_UNREACHABLE)
        if moving is not pump.delivery:
            return
        if self._has_force:
            self._look_at_pressure(pump, force_mn, steps)
        if pump.bolus_id:
            self._look_for_end_of_bolus(pump, now_ms)
        if now_ms >= self.near_end_at_ms:
            self._look_for_end(pump, now_ms)

    def _force_is_missing(self, pump, code, force_mn):
        """The drive is not engaged, if there is no better word for it: a jammed cell, another syringe."""
        if self.force.frozen():
            pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(FORCE))
        elif self.force.still_for() >= 2:
            pass  # hardly by chance: it is a few looks more until that is certain
        elif self.around.has_cause(alarms.SYRINGE_UNKNOWN):
            pump.alarm(alarms.SYRINGE_UNKNOWN, pump.board.barrel_um())
        else:
            pump.alarm(code, force_mn)

    def _look_at_pressure(self, pump, force_mn, steps):
        trend, friction = self.trend, self.friction
        rate_nl_h = pump.moving.rate_nl_h
        if trend.look(force_mn, steps, rate_nl_h) and friction.learn(trend, rate_nl_h):
            pump.occlusion.follow(friction.mn)
        if self.rising.look(trend, friction.mn):
            pump.alarm(alarms.PRESSURE_RISING, pump.occlusion.pressure_mmhg(trend.now_mn))
        elif alarms.PRESSURE_RISING in pump.alarms.codes:
            pump.end_alarm(alarms.PRESSURE_RISING)

    def _look_for_end_of_bolus(self, pump, now_ms):
        over_ms = pump.delivery.bolus_over_ms()
        if 0 <= over_ms <= now_ms:
            pump.journal.end(pump.bolus_id, DONE)
            pump.event("bolus_end", pump.bolus_id, 0)
            pump.bolus_id = ""

    def _look_for_end(self, pump, now_ms):
        near_end_ms = pump.program.near_end_ms
        remaining_ms = pump.delivery.remaining_ms(now_ms)
        if near_end_ms and reservoir.near_end(near_end_ms, remaining_ms):
            pump.alarm(alarms.NEAR_END, remaining_ms)
        elif remaining_ms > near_end_ms:
            pump.end_alarm(alarms.NEAR_END)
            self.near_end_at_ms = now_ms + remaining_ms - near_end_ms
