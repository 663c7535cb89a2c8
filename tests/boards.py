"""A small, exact board for the firmware's tests, a rig that polls a pump on it, and the orders these tests give.

Nothing here is random and nothing waits: the clock is a whole number of microseconds that the rig moves on.
"""

from collections import deque

from picoinfuse_firmware import VERSION
from picoinfuse_firmware.alarms import BY_CODE
from picoinfuse_firmware.board import ENCODER, END_SWITCH, FORCE, TICKS_MASK, Board
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.controller import Controller
from picoinfuse_firmware.delivery import END_TURN, Delivery
from picoinfuse_firmware.dose import StepVolume
from picoinfuse_firmware.messages import FINGERPRINT, TABLE
from picoinfuse_firmware.program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT, Phase, Program
from picoinfuse_firmware.wire import Lines, decode, encode

HOUR_MS = 3600000
RUNS = 3  # the running one and two that wait, as on a Pico
BARREL_UM = {5: 12060, 20: 19130, 60: 26700}  # BD syringes by their size in mL
FRICTION_MN = 5000


class PowerFailed(BaseException):
    """Power fails at this very instruction; no `except Exception` of the firmware may see it."""


class Flash:
    """What survives a power cut. dies_at: power fails at that save (counted from 1), `late`: just after it stands."""

    def __init__(self):
        self.data = None
        self.saves = 0
        self.dies_at = 0
        self.late = False

    def save(self, data):
        assert len(data) <= 512
        self.saves += 1
        dies = self.saves == self.dies_at
        if dies and not self.late:
            raise PowerFailed
        self.data = bytes(data)
        if dies:
            raise PowerFailed


class TestBoard(Board):
    """A Board whose motor obeys to the microsecond and whose sensors show what the test says.

    turns: (num, den), how far the screw turns for a step; (0, 1) is a stalled motor. receives: bytes the host's side
    of the wire has room for; 0 is a host that does not read.
    """

    __test__ = False  # no test class, whatever pytest thinks of its name

    def __init__(self, has=(FORCE, ENCODER, END_SWITCH), before_wrap_ms=5000, flash=None, config=None):
        self.has = has
        self.config = config or Config()
        self.now_us = (TICKS_MASK + 1 - before_wrap_ms) * 1000
        self.flash = flash or Flash()
        self._turns = (1, 1)
        self.force = FRICTION_MN
        self.end = False
        self.shown = (0, False)
        self.fed = 0
        self.halts = 0
        self.moves = []  # (count, interval_us, absolute first_us)
        self.edges = None  # a list: the absolute time of each step
        self.incoming = bytearray()
        self.sent = bytearray()
        self.receives = 1 << 30
        self._runs = deque()  # [next_us, interval_us, left, sign]
        self._last_us = 0
        self._forward = self._reverse = 0
        self._turned = 0  # of the screw, in steps, times 1000

    @property
    def turns(self):
        return self._turns

    @turns.setter
    def turns(self, turns):
        self._make_steps()  # what was stepped until now turned as it did
        self._turns = turns

    def ticks_ms(self):
        return self.now_us // 1000 & TICKS_MASK

    def move(self, count, interval_us, first_at_us):
        if not self.room():
            raise RuntimeError("the run queue is full")
        assert count != 0
        assert interval_us >= self.config.min_interval_us
        assert 0 <= first_at_us <= TICKS_MASK
        half = (TICKS_MASK + 1) // 2
        first = self.now_us + ((first_at_us - self.now_us + half) & TICKS_MASK) - half
        first = max(first, self.now_us)
        if self._runs:
            first = max(first, self._last_us + self.config.min_interval_us)
        self._runs.append([first, interval_us, abs(count), 1 if count > 0 else -1])
        self._last_us = first + (abs(count) - 1) * interval_us
        self.moves.append((count, interval_us, first))

    def _make_steps(self):
        while self._runs and self._runs[0][0] <= self.now_us:
            run = self._runs[0]
            count = min((self.now_us - run[0]) // run[1] + 1, run[2])
            if self.edges is not None:
                self.edges.extend(range(run[0], run[0] + count * run[1], run[1]))
            if run[3] > 0:
                self._forward += count
            else:
                self._reverse += count
            self._turned += run[3] * count * 1000 * self._turns[0] // self._turns[1]
            run[0] += count * run[1]
            run[2] -= count
            if not run[2]:
                self._runs.popleft()

    def room(self):
        self._make_steps()
        return RUNS - len(self._runs)

    def halt(self):
        self._make_steps()
        self._runs.clear()
        self.halts += 1
        return self._forward - self._reverse

    def steps(self):
        self._make_steps()
        return self._forward - self._reverse

    def steps_forward(self):
        self._make_steps()
        return self._forward

    def steps_reverse(self):
        self._make_steps()
        return self._reverse

    def encoder(self):
        assert ENCODER in self.has, "an absent sensor is never read"
        self._make_steps()
        return self._turned * self.config.encoder_counts_per_turn // (1000 * self.config.steps_per_turn)

    def force_mn(self):
        assert FORCE in self.has, "an absent sensor is never read"
        return self.force

    def at_end(self):
        assert END_SWITCH in self.has, "an absent sensor is never read"
        return self.end

    def save(self, data):
        self.flash.save(data)

    def load(self):
        return self.flash.data

    def read(self):
        data = bytes(self.incoming[:256])
        del self.incoming[:256]
        return data

    def write(self, data):
        count = min(len(data), self.receives)
        self.sent += data[:count]
        self.receives -= count
        return count

    def signal(self, priority, audible):
        self.shown = (priority, audible)

    def feed(self):
        self.fed += 1


class Rig:
    """A pump on a TestBoard and a host at its wire. `run` polls every 100 ms; `ask` waits for the answer."""

    def __init__(self, board=None, greet=True, **options):
        self.board = board or TestBoard(**options)
        self.controller = Controller(self.board)
        self.seq = 0
        self.ids = 0
        self.nonce = "rig"
        self.events = []  # dicts
        self.telemetry = []  # dicts
        self.answers = []  # (seq, name, values)
        self.words = []  # lines for people
        self._lines = Lines()
        if greet:
            self.run(100)
            assert self.hello()[0] == "welcome"
            self.ok("events_from", 1)

    # ---- time ------------------------------------------------------------------------------------------------

    def poll(self):
        self.controller.poll()
        self.listen()
        self.board.now_us += 100000

    def run(self, ms):
        for _ in range(ms // 100):
            self.poll()

    def run_until(self, state, within_ms=HOUR_MS):
        """Poll until the pump is in `state`."""
        for _ in range(within_ms // 100):
            if self.state == state:
                return
            self.poll()
        raise AssertionError(f"still {self.state} after {within_ms} ms, alarms {self.alarms}")

    # ---- the wire --------------------------------------------------------------------------------------------

    def listen(self):
        if not self.board.sent:
            return
        data = bytes(self.board.sent)
        self.board.sent.clear()
        for line in self._lines.feed(data):
            message = decode(line)
            if message is None:
                assert line.startswith(b"#"), line
                self.words.append(line.decode())
            elif message[1] in ("event", "telemetry"):
                row = dict(zip(TABLE[message[1]][0], message[2], strict=True))
                (self.events if message[1] == "event" else self.telemetry).append(row)
            else:
                self.answers.append((message[0], message[1], list(message[2])))

    def send(self, seq, name, *values):
        self.board.incoming += encode(seq, name, values)

    def answer(self, seq):
        """Poll until an answer with this number comes and return (name, values)."""
        for _ in range(50):
            for entry in self.answers:
                if entry[0] == seq:
                    self.answers.clear()
                    return entry[1:]
            self.poll()
        raise AssertionError("no answer")

    def hello(self, nonce=None, version=VERSION, table=FINGERPRINT):
        self.nonce = nonce or self.nonce
        self.answers.clear()
        self.send(0, "hello", self.nonce, version, table)
        self.seq = 0
        return self.answer(0)

    def ask(self, name, *values):
        """Send a request and return (name, values) of its answer."""
        self.seq += 1
        self.send(self.seq, name, *values)
        return self.answer(self.seq)

    def ok(self, name, *values):
        answer = self.ask(name, *values)
        assert answer == ("ok", []), answer

    def refusal(self, name, *values):
        """Ask for what will be refused and return the reason."""
        answer = self.ask(name, *values)
        assert answer[0] == "refused", answer
        return answer[1][0]

    def status(self):
        name, values = self.ask("status")
        assert name == "is"
        return dict(zip(TABLE["is"][0], values, strict=True))

    def new_id(self):
        self.ids += 1
        return "%08x" % self.ids

    def outcome(self, identity):
        return self.ask("outcome", identity)[1][1]

    # ---- what a nurse does ---------------------------------------------------------------------------------------

    def stage(self, order):
        self.ok("load", *order.load_values())
        for i, phase in enumerate(order.phases):
            self.ok("phase", i, *phase.values())
        return self.ask("stage")

    def ready(self, order):
        name, values = self.stage(order)
        assert name == "staged", values
        assert values[0] == order.check()
        self.ok("confirm", values[0])

    def start(self, order):
        """Load, confirm and start; returns the identity of the start."""
        self.ready(order)
        identity = self.new_id()
        self.ok("start", identity)
        return identity

    def resume(self):
        self.ok("resume", self.new_id())

    def change(self, verb, *values):
        """Propose a rate or a bolus and apply it; returns its identity."""
        name, proposed = self.ask(verb, *values)
        assert name == "proposed", proposed
        identity = self.new_id()
        self.ok("apply", identity, proposed[0])
        return identity

    # ---- what one sees -----------------------------------------------------------------------------------------

    @property
    def state(self):
        return self.controller.state

    @property
    def alarms(self):
        """Names of the active alarms."""
        return [BY_CODE[code].name for code in self.controller.alarms.codes]

    @property
    def now_ms(self):
        return self.controller.now_ms

    @property
    def delivery(self):
        return self.controller.delivery

    @property
    def dose_steps(self):
        return self.delivery.steps_given(self.delivery.dose)

    def seen(self, kind, what=None):
        """Return the events of a kind that the host got."""
        return [e for e in self.events if e["kind"] == kind and what in (None, e["what"])]

    def after_power_cut(self, has=(FORCE, ENCODER, END_SWITCH)):
        """Return the pump as it starts again on the same flash."""
        return Rig(flash=self.board.flash, has=has)


class Bed:
    """A Delivery and its board, without a controller: `run` polls them every 100 ms."""

    def __init__(self, phases, size_ml=60, **options):
        self.board = TestBoard(has=(), **options)
        self.board.edges = []
        self.origin_us = self.board.now_us
        self.delivery = Delivery(self.board, phases, step_of(size_ml), self.board.ticks_ms())
        self.now_ms = 0
        self.turns = []  # (ms, what), as they were made
        self.ended = False

    def start(self):
        self.delivery.start(self.now_ms)

    def hold(self):
        self.delivery.hold(self.now_ms)

    def poll(self):
        delivery = self.delivery
        if delivery.running:
            assert delivery.lay(self.now_ms) >= 0
            turn = delivery.arrived(self.now_ms) if delivery.turn else ""
            assert turn is not None
            if turn:
                self.turns.append((self.now_ms, turn))
                self.ended = turn == END_TURN

    def wait(self, ms):
        self.now_ms += ms
        self.board.now_us += ms * 1000

    def run(self, ms):
        for _ in range(ms // 100):
            self.poll()
            self.wait(100)

    def finish(self, within_ms=HOUR_MS):
        for _ in range(within_ms // 100):
            if self.ended:
                return
            self.run(100)
        raise AssertionError(f"not ended after {within_ms} ms")

    def edges_ms(self):
        """Return the time of each step so far in device milliseconds."""
        self.board.steps()
        return [(edge - self.origin_us) / 1000 for edge in self.board.edges]

    def steps(self, lane="dose"):
        return self.delivery.steps_given(getattr(self.delivery, lane))


def ml(volume):
    """Return millilitres (whole or a decimal text's float) as whole nanolitres."""
    return round(volume * 1000000)


def rate(ml_h, volume_ml=0, duration_ms=0):
    return Phase(RATE, ml(ml_h), HOUR_MS, ml(volume_ml), duration_ms)


def ramp(ml_h, to_ml_h, duration_ms):
    return Phase(RAMP, ml(ml_h), HOUR_MS, 0, duration_ms, ml(to_ml_h), HOUR_MS)


def pause(duration_ms):
    return Phase(PAUSE, duration_ms=duration_ms)


def bolus(volume_ml, ml_h):
    return Phase(BOLUS, ml(ml_h), HOUR_MS, ml(volume_ml))


def kvo(ml_h, duration_ms=0):
    return Phase(KVO, ml(ml_h), HOUR_MS, 0, duration_ms)


def repeat(first, times):
    return Phase(REPEAT, to_nl=first, to_ms=times)


def order(*phases, size_ml=60, filled_ml=None, occlusion_mmhg=300, near_end_ms=0):
    """Return a Program of these phases from a BD syringe."""
    filled = ml(size_ml if filled_ml is None else filled_ml)
    return Program(BARREL_UM[size_ml], ml(size_ml), filled, FRICTION_MN, occlusion_mmhg, near_end_ms, list(phases))


def infusing(program, for_ms=0):
    """Return a Rig whose pump has infused this program for so long."""
    rig = Rig()
    rig.start(program)
    rig.run(for_ms)
    return rig


def step_of(size_ml=60):
    """Return the StepVolume of a BD syringe in the standard drive."""
    config = Config()
    return StepVolume(BARREL_UM[size_ml], config.pitch_um, config.steps_per_turn)
