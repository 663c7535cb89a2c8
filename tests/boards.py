"""A pump on a small, exact board (testboard.py), polled by a rig, with the orders that tests give it (orders.py).

Nothing here is random and nothing waits: the clock is a whole number of microseconds that the rig moves on.
"""

from orders import (
    BARREL_UM,
    FRICTION_MN,
    HOUR_MS,
    Phase,
    Program,
    bolus,
    kvo,
    ml,
    order,
    pause,
    ramp,
    rate,
    repeat,
    step_of,
)
from picoinfuse_firmware import VERSION
from picoinfuse_firmware.alarms import BY_CODE
from picoinfuse_firmware.board import ENCODER, END_SWITCH, FORCE
from picoinfuse_firmware.controller import Controller
from picoinfuse_firmware.delivery import END_TURN, Delivery
from picoinfuse_firmware.messages import FINGERPRINT, TABLE
from picoinfuse_firmware.wire import Lines, decode, encode
from testboard import Flash, PowerFailed, TestBoard

__all__ = [
    "BARREL_UM",
    "FRICTION_MN",
    "HOUR_MS",
    "Bed",
    "Flash",
    "Phase",
    "PowerFailed",
    "Program",
    "Rig",
    "TestBoard",
    "bolus",
    "infusing",
    "kvo",
    "ml",
    "order",
    "pause",
    "ramp",
    "rate",
    "repeat",
    "step_of",
]


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

    def run_until_drawn_back(self):
        """Poll until the pump has ended what it draws back after an occlusion; before that nobody can acknowledge."""
        while self.controller.relief.active:
            self.poll()

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
        if self.board.force == FRICTION_MN:
            self.board.force = order.friction_mn  # the plunger of this syringe, sliding freely
        self.ok("load", *order.load_values())
        for i, phase in enumerate(order.phases):
            self.ok("phase", i, *phase.values())
        for i, option in enumerate(order.options):
            self.ok("option", i, *option.values())
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
        self.board.steps()  # the screw stands where it was turned to until now
        after = Rig(flash=self.board.flash, has=has, texts=self.board.texts)
        after.ids = self.ids
        after.board.force = self.board.force
        return after


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


def infusing(program, for_ms=0):
    """Return a Rig whose pump has infused this program for so long."""
    rig = Rig()
    rig.start(program)
    rig.run(for_ms)
    return rig
