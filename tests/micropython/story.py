"""A pump on a virtual board, and a host that prints all it hears: for stories that every interpreter tells alike."""

import gc
import sys

if hasattr(gc, "threshold"):
    gc.threshold(16384)  # collect while importing: without it, garbage of the compiler cuts a small heap into pieces
sys.path.insert(0, sys.argv[1])  # the folder with the firmware

from picoinfuse_firmware import VERSION, messages, signals, wire
from picoinfuse_firmware.board import TICKS_MASK
from picoinfuse_firmware.controller import Controller
from toy_board import ToyBoard

BARREL_UM = 26700
FRICTION_MN = 5000
BEFORE_WRAP_MS = 3000
ROOM_TO_SEND = 512  # bytes the host can take at once


def played(priority, audible):
    """Return the first changes of light and sound: (ms, colour, hertz) of each."""
    ms, series = 0, []
    while ms >= 0 and len(series) < 12:
        series.append((ms, signals.light(priority, ms), signals.sound(priority, audible, ms)))
        ms = signals.next_change_ms(priority, audible, ms)
    return series


class VirtualBoard(ToyBoard):
    """Time passes only in `idle`; the wire is two byte strings."""

    def __init__(self, flash=None, turned=0, texts=None):
        super().__init__(BARREL_UM, FRICTION_MN, flash, turned)
        self.texts = texts or {}
        self.us = (TICKS_MASK + 1 - BEFORE_WRAP_MS) * 1000
        self.rx = b""
        self.tx = b""
        self.signalled = (0, False)
        self.broken = False

    def now_us(self):
        return self.us

    def idle(self, ms):
        self.us += ms * 1000

    def force_mn(self):
        if self.broken:
            raise OSError("the force sensor does not answer")
        return super().force_mn()

    def text(self, name):
        return self.texts[name].replace("\n", "\n\0").split("\0")[:-1] if name in self.texts else None

    def read(self):
        data, self.rx = self.rx[:256], self.rx[256:]
        return data

    def write(self, data):
        fits = min(len(data), ROOM_TO_SEND - len(self.tx))
        self.tx += data[:fits]
        return fits

    def signal(self, priority, audible):
        if self.signalled != (priority, audible):
            self.signalled = (priority, audible)
            print("signal", priority, bool(audible), played(priority, audible))


class Story:
    """The host's side of it: asks, and prints every byte that comes back."""

    def __init__(self, flash=None, turned=0, texts=None):
        self.board = VirtualBoard(flash, turned, texts)
        self.controller = Controller(self.board)
        self.lines = wire.Lines()
        self.seq = 0
        self.answer = None
        self.least_free = None

    def poll(self):
        wait = self.controller.poll()
        sent, self.board.tx = self.board.tx, b""
        for line in self.lines.feed(sent):
            print(line.decode())
            frame = wire.decode(line)
            if frame and frame[0] == self.seq and frame[1] in ANSWER_NAMES:
                self.answer = frame
        self.board.idle(wait)

    def go(self, ms):
        until = self.board.us + ms * 1000
        while self.board.us < until:
            self.poll()
        print("state", self.controller.state, "steps", self.board.steps(), "mmHg", self.board.pressure_mmhg())

    def until(self, state, at_most_ms):
        end = self.board.us + at_most_ms * 1000
        while self.controller.state != state:
            if self.board.us > end:
                print("never became", state)
                sys.exit(1)
            self.poll()
        self.go(200)

    def after_power_cut(self):
        """Return the story that goes on after the power is back; of this one nothing is left, as on a real board."""
        print("power cut")
        flash, turned, texts = self.board.flash, self.board.turned + self.board.steps(), self.board.texts
        self.board = self.controller = self.lines = None
        gc.collect()
        return type(self)(flash, turned, texts)

    def type(self, text):
        print("type", text)
        self.board.rx += text.encode()
        self.go(300)

    def ask(self, name, *values, again=False):
        if name == "hello":
            self.seq = 0
        elif not again:
            self.seq += 1
        print("ask", self.seq, name)
        self.answer = None
        self.board.rx += wire.encode(self.seq, name, values)
        for _ in range(20):
            self.poll()
            if self.answer:
                return self.answer[2]
        print("no answer to", name)
        sys.exit(1)

    def hello(self, nonce):
        return self.ask("hello", nonce, VERSION, messages.FINGERPRINT)

    def load(self, program):
        self.ask("load", *program.load_values())
        for i in range(len(program.phases)):
            self.ask("phase", i, *program.phases[i].values())
        for i in range(len(program.options)):
            self.ask("option", i, *program.options[i].values())
        return self.ask("stage")[0]


ANSWER_NAMES = [name for name, _ in messages.ANSWERS]
