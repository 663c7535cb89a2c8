"""One therapy through the whole firmware core, by real frames and in virtual time: the same bytes on every interpreter.

Run as `micropython -X heapsize=256k conformance.py FIRMWARE_FOLDER`, or with CPython.
"""

import gc
import sys

if hasattr(gc, "threshold"):
    gc.threshold(16384)  # collect while importing: without it, garbage of the compiler cuts a small heap into pieces
sys.path.insert(0, sys.argv[1])

from picoinfuse_firmware import VERSION, messages, wire
from picoinfuse_firmware import program as programs
from picoinfuse_firmware.board import TICKS_MASK
from picoinfuse_firmware.controller import Controller
from toy_board import ToyBoard

BARREL_UM = 26700
FRICTION_MN = 5000
BEFORE_WRAP_MS = 3000
ROOM_TO_SEND = 512  # bytes the host can take at once


class VirtualBoard(ToyBoard):
    """Time passes only in `idle`; the wire is two byte strings."""

    def __init__(self, flash=None):
        super().__init__(BARREL_UM, FRICTION_MN, flash)
        self.us = (TICKS_MASK + 1 - BEFORE_WRAP_MS) * 1000
        self.rx = b""
        self.tx = b""
        self.signalled = (0, False)

    def now_us(self):
        return self.us

    def idle(self, ms):
        self.us += ms * 1000

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
            print("signal", priority, bool(audible))


class Story:
    """The host's side of it: asks, and prints every byte that comes back."""

    def __init__(self, flash=None):
        self.board = VirtualBoard(flash)
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
        print("state", self.controller.state, "steps", self.board.steps(), "force", self.board.force_mn())

    def until(self, state, at_most_ms):
        end = self.board.us + at_most_ms * 1000
        while self.controller.state != state:
            if self.board.us > end:
                print("never became", state)
                sys.exit(1)
            self.poll()
        self.go(200)

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
        return self.ask("stage")[0]


ANSWER_NAMES = [name for name, _ in messages.ANSWERS]


def order():
    """Return a program that uses every kind of phase: about 1.2 mL in some minutes, from a 60 mL syringe."""
    phases = [
        programs.Phase(programs.RATE, rate_nl=40000000, rate_ms=3600000, volume_nl=300000),
        programs.Phase(programs.PAUSE, duration_ms=4000),
        programs.Phase(
            programs.RAMP, rate_nl=10000000, rate_ms=3600000, duration_ms=20000, to_nl=50000001, to_ms=3600007
        ),
        programs.Phase(programs.BOLUS, rate_nl=100000000, rate_ms=3600000, volume_nl=100000),
        programs.Phase(programs.RATE, rate_nl=33333333, rate_ms=3000001, duration_ms=15000),
        programs.Phase(programs.KVO, rate_nl=500000, rate_ms=3600000, duration_ms=10000),
        programs.Phase(programs.REPEAT, to_nl=4, to_ms=2),
    ]
    return programs.Program(BARREL_UM, 60000000, 50000000, FRICTION_MN, 300, 180000, phases)


def main():
    story = Story()
    story.type("status\r\n")  # before anything, as a person in a terminal
    story.ask("status")  # refused: no session
    story.hello("c0ffee")
    story.ask("start", "00000001")  # refused: nothing is loaded
    program = order()
    check = story.load(program)
    print("check agrees", check == program.check(), program.volume_nl(), program.duration_ms())
    story.ask("confirm", "00000000")  # refused: not what the pump understood
    story.ask("confirm", check)
    story.ask("prime", "00000002", 50000, 100000000, 3600000, 0)  # refused: connected
    story.ask("prime", "00000002", 50000, 100000000, 3600000, 1)
    story.until("ready", 10000)
    story.ask("outcome", "00000002")
    story.ask("telemetry_every", 5000)
    story.ask("start", "00000003")
    story.ask("start", "00000003", again=True)  # answered again, not done again
    story.board.rx += b"\x00\xff$$noise*\r\n\x03\n" + b"x" * 1000 + b"\n"
    story.go(5000)
    proposed = story.ask("rate", 60000000, 3600000)
    story.ask("apply", "00000004", proposed[0])
    story.go(3000)
    proposed = story.ask("bolus", 70000, 200000000, 3600000)
    story.ask("apply", "00000005", proposed[0])
    story.ask("outcome", "00000005")
    story.ask("pause")
    story.go(2000)
    story.ask("resume", "00000006")
    story.go(1000)
    story.board.clamp()
    story.until("alarm", 30000)
    story.ask("mute", 120000)
    story.ask("acknowledge")  # while the cause is there
    story.ask("resume", "00000007")  # refused: the alarm stands
    story.board.release()
    story.go(3000)
    story.ask("acknowledge")
    story.ask("resume", "00000008")
    story.until("complete", 600000)
    story.ask("status")
    story.ask("outcome", "00000003")
    story.ask("events_from", 1)
    story.go(2000)
    story.type("help\r")
    story.ask("acknowledge")
    story.ask("stop")
    story.go(1000)
    # The same again until the power fails in mid-infusion.
    story.hello("beef")
    story.ask("confirm", story.load(program))
    story.ask("start", "00000009")
    story.go(7000)
    print("power cut")
    after = Story(story.board.flash)
    after.go(2000)
    after.hello("feed")
    after.ask("events_from", 1)  # what happened before anybody greeted the pump
    after.go(500)
    after.ask("status")
    after.ask("outcome", "00000009")
    after.ask("outcome", "deadbeef")
    after.ask("acknowledge")
    after.ask("status")
    if hasattr(gc, "mem_free"):
        gc.collect()
        print("heap free", gc.mem_free(), file=sys.stderr)
    print("end")


if __name__ == "__main__":
    main()
