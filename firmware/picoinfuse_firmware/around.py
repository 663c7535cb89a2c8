"""Once a second: what is around the motor (switches, keys, battery, warmth, barrel, memory, waiting people) -> alarms.

Cheap on purpose: the switches are one call, compared with what they were; the slow senses take turns.
"""

from . import alarms, states
from .board import (
    AIR_DETECTOR,
    AIR_SEEN,
    BARREL_GAUGE,
    BATTERY,
    COVER_SWITCH,
    KEYS,
    MAINS_GONE,
    MAINS_SENSE,
    SENSORS,
    SYRINGE_SWITCH,
    THERMOMETER,
)
from .known_answers import wrong_answer
from .watch import air, fitted, power, sensors, temperature
from .watch.callback import CallBackWatch, PauseWatch
from .watch.fitted import BarrelWatch
from .watch.keys import KeyWatch
from .watch.memory import MemoryWatch
from .watch.power import BatteryWatch
from .watch.sensors import OddWatch
from .watch.temperature import TemperatureWatch

TURN_MS = 3000  # so often one of the slow senses has its turn; there are at most four

# What is looked at before the motor may start, in this order; the first cause that is there refuses it.
BEFORE_START = (
    alarms.SYRINGE_REMOVED,
    alarms.COVER_OPEN,
    alarms.SYRINGE_UNKNOWN,
    alarms.BATTERY_DEPLETED,
    alarms.TEMPERATURE,
    alarms.AIR,
    alarms.SENSOR_FAULT,
)


class Around:
    """The watches of one pump (a Controller) that do not compare motion."""

    def __init__(self, pump):
        board = pump.board
        has = board.has
        self._pump = pump
        self._board = board
        self._switched = bool([s for s in (SYRINGE_SWITCH, COVER_SWITCH, AIR_DETECTOR, MAINS_SENSE) if s in has])
        self._has_keys = KEYS in has
        self._has_sensors = bool(has)
        self._shows = board.shows
        self.bits = 0  # of the switches, as they were seen last
        self._air = 0  # AIR_SEEN if a bubble was told to somebody who asked for something else
        self._barrel = BarrelWatch()
        self._battery = BatteryWatch(board.config)
        self._keys = KeyWatch()
        self._temperature = TemperatureWatch(board.config)
        self._odd_battery = OddWatch()
        self._odd_thermometer = OddWatch()
        self.call_back = CallBackWatch()
        self.pause = PauseWatch()
        self.memory = MemoryWatch(board.config, wrong_answer)
        self._turns = [self._look_at_memory]
        if BATTERY in has:
            self._turns.append(self._look_at_battery)
        if BARREL_GAUGE in has:
            self._turns.append(self._look_at_barrel)
        if THERMOMETER in has:
            self._turns.append(self._look_at_temperature)
        self._turn = 0
        self._turn_at_ms = 0

    def look(self, now_ms):
        """Raise and end the alarms of what is around."""
        pump = self._pump
        if self._switched:
            bits = self._board.switches() | self._air
            self._air = 0
            if bits != self.bits or bits & ~MAINS_GONE:
                self._look_at_switches(pump, bits)
        if self._has_keys:
            keys = pump.keypad.down
            if keys or self._keys.pressed:
                self._say(self._keys.look(now_ms, keys), alarms.KEY_STUCK, keys)
        if self._has_sensors:
            bits = self._board.silent()
            if bits and sensors.silent(bits) and alarms.SELF_TEST not in pump.alarms.codes:  # which has told it
                pump.alarm(alarms.SENSOR_FAULT, bits)
        if now_ms >= self._turn_at_ms:
            self._turn_at_ms = now_ms + TURN_MS
            turn = self._turn - 1
            self._turn = turn if turn >= 0 else len(self._turns) - 1
            self._turns[turn](now_ms)
        half_made = pump.requests.half_made()
        if half_made or self.call_back.since_ms >= 0:
            self._say(self.call_back.look(now_ms, half_made), alarms.CALL_BACK, 0)
        if pump.moving is None:
            self._say(self.pause.look(now_ms, pump.state == states.PAUSED), alarms.PAUSE_TOO_LONG, 0)
        if self._shows:
            from . import face  # only a pump with a display has it in its memory

            problem = self._board.show(face.lines(pump))
            if problem:  # no reason to stop an infusion; it is told once
                self._shows = False
                pump.event("note", problem, 0)

    def moves(self):
        """The motor begins to move: nobody is waited for any more."""
        self.pause.look(0, False)
        self._pump.end_alarm(alarms.PAUSE_TOO_LONG)

    def touched(self, now_ms):
        """Somebody acknowledged: what waits for a person may wait again."""
        self.call_back.touched(now_ms)
        self.pause.touched(now_ms)
        self._pump.end_alarm(alarms.CALL_BACK)
        self._pump.end_alarm(alarms.PAUSE_TOO_LONG)

    def in_the_way(self, to_patient):
        """Return the alarm that would come at once if the motor started now, or 0.

        Priming is there to drive air out.
        """
        for code in BEFORE_START:
            if (to_patient or code != alarms.AIR) and self.has_cause(code):
                return code
        return 0

    def has_cause(self, code):
        """Return whether the cause of a latched alarm can be sensed here and is still there."""
        board = self._board
        has = board.has
        config = board.config
        bits = 0
        if self._switched:
            # The board tells only once of a bubble that passed: it is kept for the watch, unless it is told here.
            bits = board.switches() | self._air
            self._air = 0 if code == alarms.AIR and code in self._pump.alarms.codes else bits & AIR_SEEN
        if code == alarms.SYRINGE_REMOVED:
            return fitted.syringe(bits) != 0
        if code == alarms.COVER_OPEN:
            return fitted.cover(bits) != 0
        if code == alarms.AIR:
            return air.seen(bits) != 0
        if code == alarms.SYRINGE_UNKNOWN:
            program = self._pump.program
            return BARREL_GAUGE in has and fitted.by_gauge(board.barrel_um(), program.barrel_um) != 0
        if code == alarms.BATTERY_DEPLETED:
            return BATTERY in has and power.depleted(board.battery_mv(), self._is_fed(bits), config) != 0
        if code == alarms.TEMPERATURE:
            return THERMOMETER in has and temperature.outside(board.temperature_mc(), config) != 0
        return code == alarms.SENSOR_FAULT and sensors.absurd(board) != 0

    # ---- inside --------------------------------------------------------------------------------------------

    def _say(self, found, code, value):
        """Raise or end an alarm that goes with its cause."""
        if found:
            self._pump.alarm(code, value)
        elif code in self._pump.alarms.codes:
            self._pump.end_alarm(code)

    def _is_fed(self, bits):
        return MAINS_SENSE in self._board.has and not bits & MAINS_GONE

    def _look_at_switches(self, pump, bits):
        self.bits = bits
        self._say(power.mains(bits), alarms.MAINS_LOST, 0)
        # Whatever is wrong is told, also if something else stopped the motor before: each has to be mended.
        if pump.requests.confirmed or pump.relief.active:
            if fitted.syringe(bits):
                pump.alarm(alarms.SYRINGE_REMOVED, bits)
            if fitted.cover(bits):
                pump.alarm(alarms.COVER_OPEN, bits)
        # Priming, before the start, is there to drive air out.
        if pump.journal.under_way and air.seen(bits):
            pump.alarm(alarms.AIR, bits)

    def _look_at_battery(self, now_ms):
        pump = self._pump
        battery_mv = self._board.battery_mv()
        odd = sensors.battery(battery_mv)
        if self._odd_battery.look(odd):
            pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(BATTERY))
        if odd:
            return
        code = self._battery.look(battery_mv, self._is_fed(self.bits))
        self._say(code == alarms.BATTERY_LOW, alarms.BATTERY_LOW, battery_mv)
        if code == alarms.BATTERY_DEPLETED:
            pump.alarm(code, battery_mv)

    def _look_at_barrel(self, now_ms):
        pump = self._pump
        if pump.moving is None:
            return
        barrel_um = self._board.barrel_um()
        if self._barrel.look(barrel_um, pump.program.barrel_um):
            pump.alarm(alarms.SYRINGE_UNKNOWN, barrel_um)

    def _look_at_temperature(self, now_ms):
        pump = self._pump
        if pump.moving is None:
            return
        temperature_mc = self._board.temperature_mc()
        odd = sensors.thermometer(temperature_mc)
        if self._odd_thermometer.look(odd):
            pump.alarm(alarms.SENSOR_FAULT, 1 << SENSORS.index(THERMOMETER))
        elif not odd and self._temperature.look(temperature_mc):
            pump.alarm(alarms.TEMPERATURE, temperature_mc)

    def _look_at_memory(self, now_ms):
        memory = self.memory
        if now_ms >= memory.at_ms:
            pump = self._pump
            step = pump.delivery.step if pump.delivery else None
            code = memory.look(now_ms, pump.program, step)
            if code:
                pump.alarm(code, memory.value)
