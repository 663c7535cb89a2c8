"""Everything the pump refuses, asked for on purpose: the same bytes on every interpreter.

Run as `micropython -X heapsize=384k refusals.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import BARREL_UM, FRICTION_MN, Story  # first: it sets the heap and the path up

from picoinfuse_firmware import messages
from picoinfuse_firmware.board import COVER_OPEN
from picoinfuse_firmware.program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT, Phase, Program

HOUR_MS = 3600000
ML = 1000000  # nanolitres
GOOD = Phase(RATE, 40 * ML, HOUR_MS, 2 * ML)


def program(phases=None, barrel=BARREL_UM, capacity=60 * ML, filled=50 * ML, friction=FRICTION_MN, mmhg=300, near=0):
    return Program(barrel, capacity, filled, friction, mmhg, near, [GOOD] if phases is None else phases)


BAD_SYRINGES = [
    program(barrel=2000),
    program(barrel=50000),
    program(capacity=2000 * ML),
    program(filled=61 * ML),
    program(filled=-1),
    program(barrel=10000),
    program(friction=40000),
    program(friction=-1),
    program(mmhg=10),
    program(mmhg=2000),
    program(mmhg=100),
    program(near=-1),
    program([]),
    program([GOOD] * 33),
]
BAD_PHASES = [
    [Phase("dance")],
    [Phase(RATE, 40 * ML, HOUR_MS, ML, to_nl=1)],
    [Phase(RATE, 40 * ML, HOUR_MS, -ML)],
    [Phase(KVO, ML, HOUR_MS, ML)],
    [Phase(PAUSE, ML, HOUR_MS, duration_ms=1000), GOOD],
    [Phase(PAUSE), GOOD],
    [Phase(BOLUS, 40 * ML, HOUR_MS, ML, 1000), GOOD],
    [Phase(BOLUS, 40 * ML, HOUR_MS), GOOD],
    [Phase(RATE, 40 * ML, HOUR_MS)],
    [Phase(RATE, 40 * ML, HOUR_MS, ML, -1)],
    [Phase(RATE, 40 * ML, HOUR_MS, ML, HOUR_MS * 24 * 32)],
    [Phase(RATE, 40 * ML, HOUR_MS * 1000, 30 * ML), Phase(PAUSE, duration_ms=HOUR_MS * 24 * 30)],
    [Phase(RATE, 40 * ML, 0, ML)],
    [Phase(RATE, 0, HOUR_MS, ML)],
    [Phase(RATE, 1, HOUR_MS, ML)],
    [Phase(RATE, 3000 * ML, HOUR_MS, ML)],
    [Phase(RATE, 40 * ML, HOUR_MS, 1)],
    [Phase(RATE, 40 * ML, HOUR_MS, 2000 * ML)],
    [Phase(RATE, 40 * ML, HOUR_MS, 51 * ML)],
    [Phase(RAMP, 40 * ML, HOUR_MS, duration_ms=1000, to_nl=0, to_ms=HOUR_MS)],
    [Phase(RAMP, 40 * ML, HOUR_MS, to_nl=ML, to_ms=HOUR_MS)],
    [Phase(KVO, ML, HOUR_MS), GOOD],
    [Phase(PAUSE, duration_ms=1000)],
    [GOOD, Phase(REPEAT, to_nl=1, to_ms=2)],
    [GOOD, Phase(REPEAT, to_nl=0, to_ms=2000)],
    [GOOD, Phase(REPEAT, to_nl=0, to_ms=2, volume_nl=1)],
    [Phase(BOLUS, 40 * ML, HOUR_MS, ML), Phase(REPEAT, to_nl=0, to_ms=2)],
    [Phase(BOLUS, 1000 * ML, HOUR_MS, ML), Phase(RATE, 900 * ML, HOUR_MS, ML)],
    [Phase(BOLUS, 1000 * ML, HOUR_MS, ML), Phase(RAMP, ML, HOUR_MS, 0, 9000, 900 * ML, HOUR_MS)],
]
# Rates without a common measure: each makes the exact ratio of what is due some 27 bits wider.
PRIMES = [100000007, 100000037, 100000039, 100000049, 100000073, 100000081, 100000123, 100000127, 100000193, 100000213]


def before_a_program(story):
    story.ask("status")  # no session
    story.ask("hello", "0ld", 99, "00000000")
    story.ask("status")  # another version
    story.hello("c0ffee")
    story.ask("acknowledge")
    story.ask("start", "00000001")
    story.ask("confirm", "00000000")
    story.ask("stop")
    story.ask("pause")
    story.ask("stage")
    story.ask("phase", 0, *GOOD.values())
    story.ask("refill", 50 * ML)
    story.ask("health")
    story.ask("leave")
    story.go(1500)
    print("left", story.board.left)
    story.ask("telemetry_every", 20)
    story.ask("mute", 200000)
    story.ask("senses")
    story.ask("about")
    story.ask("try_signal", 0)
    story.ask("try_signal", 4)
    story.ask("try_signal", 2)
    story.go(4000)
    story.ask("rate", ML, HOUR_MS)
    story.ask("bolus", ML, ML, HOUR_MS)
    story.seq += 10
    story.ask("status")  # a number that is not its turn
    story.seq -= 11
    story.ask("status")


def programs(story):
    for one in BAD_SYRINGES:
        story.ask("load", *one.load_values())
    for phases in BAD_PHASES:
        story.load(program(phases))
    story.ask("load", *program([GOOD, GOOD]).load_values())
    story.ask("phase", 1, *GOOD.values())
    story.ask("phase", 0, *GOOD.values())
    story.ask("stage")


def ready(story):
    story.load(program())
    story.ask("confirm", "00000000")
    story.go(31000)  # the call-back: a setting was begun and not finished
    story.ask("acknowledge")
    story.ask("confirm", program().check())
    story.ask("start", "short")
    story.ask("start", "UPPER123")
    prime = ("0000000a", ML, 100 * ML, HOUR_MS)
    story.ask("prime", *prime, 0)
    story.ask("prime", "0000000a", ML, 3000 * ML, HOUR_MS, 1)
    story.ask("prime", "0000000a", 1, 100 * ML, HOUR_MS, 1)
    story.ask("prime", "0000000a", 49 * ML, 100 * ML, HOUR_MS, 1)
    story.ask("prime", *prime, 1)
    story.go(500)
    story.ask("load", *program().load_values())
    story.ask("pause")  # ends the priming
    story.ask("outcome", "0000000a")
    story.ask("prime", *prime, 1)  # the identity was used
    story.ask("refill", 50 * ML)


def running(story):
    story.ask("start", "00000001")
    story.go(3000)
    story.ask("load", *program().load_values())
    story.ask("try_signal", 1)
    story.ask("senses")
    story.ask("leave")  # never while it infuses
    story.ask("resume", "00000002")
    story.ask("rate", 3000 * ML, HOUR_MS)
    story.ask("rate", 0, HOUR_MS)
    story.ask("bolus", ML, 3000 * ML, HOUR_MS)
    story.ask("bolus", 1, 100 * ML, HOUR_MS)
    story.ask("bolus", 49 * ML, 100 * ML, HOUR_MS)
    story.ask("apply", "00000003", "00000000")
    check = story.ask("bolus", 200000, 100 * ML, HOUR_MS)[0]
    story.ask("apply", "00000003", "00000000")
    story.ask("apply", "short", check)
    story.ask("apply", "00000001", check)
    story.ask("apply", "00000003", check)
    story.ask("apply", "00000004", check)
    story.ask("bolus", 200000, 100 * ML, HOUR_MS)  # one runs already
    story.ask("rate", 1150 * ML, HOUR_MS)  # with the bolus it is too much
    story.ask("mute", 0)
    story.go(9000)
    for prime in PRIMES:
        answer = story.ask("rate", 40 * ML * prime + 1, HOUR_MS * prime)
        if len(answer) == 4:
            story.ask("apply", "%08x" % prime, answer[0])
        story.go(2000)  # changes within one look-ahead replace each other
    check = story.ask("rate", 50 * ML, HOUR_MS)
    story.ask("pause")
    story.ask("apply", "00000005", check[0])  # it does not infuse
    story.ask("refill", 70 * ML)
    story.ask("refill", 0)
    story.ask("refill", 40 * ML)
    story.ask("resume", "00000001")
    story.ask("resume", "00000006")
    story.board.clamp()
    story.until("alarm", 60000)
    story.ask("try_signal", 1)
    story.ask("acknowledge")
    story.ask("load", *program().load_values())
    story.ask("resume", "00000007")
    story.board.release()
    story.ask("stop")
    story.go(10000)  # the pressure is drawn back first


def duration_only(story):
    """A rate for a time: a faster one would order more than there is; then a keep-vein-open without end."""
    phases = [Phase(RATE, 40 * ML, HOUR_MS, 0, HOUR_MS), Phase(KVO, ML, HOUR_MS)]
    one = program(phases)
    story.load(one)
    story.ask("confirm", one.check())
    story.ask("start", "000000f0")
    story.go(3000)
    story.ask("rate", 1000 * ML, HOUR_MS)
    story.ask("stop")
    story.ask("outcome", "000000f0")
    story.ask("events_from", 1000000)
    story.go(500)


def not_while_it_changes(story):
    """A ramp has no rate of its own to change."""
    one = program([Phase(RAMP, 10 * ML, HOUR_MS, 0, 60000, 50 * ML, HOUR_MS)])
    story.load(one)
    story.ask("confirm", one.check())
    story.ask("start", "000000f1")
    story.go(3000)
    story.ask("rate", 20 * ML, HOUR_MS)


def cover(story):
    """An open cover stops the pump, keeps it from starting, and three restarts are enough."""
    story.load(program())
    story.ask("confirm", program().check())
    story.board.switched = COVER_OPEN
    story.ask("start", "000000e0")
    story.board.switched = 0
    story.ask("start", "000000e1")
    for identity in ("000000e2", "000000e3", "000000e4"):
        story.go(1000)
        story.board.switched = COVER_OPEN
        story.until("alarm", 3000)
        story.ask("acknowledge")
        story.board.switched = 0
        story.ask("acknowledge")
        story.ask("resume", identity)
    story.ask("acknowledge")
    story.ask("stop")


def a_fault(story):
    """A sensor that breaks in mid-infusion is a fault that nobody can acknowledge."""
    story.board.broken = True
    story.until("alarm", 1000)
    story.board.broken = False
    story.ask("acknowledge")
    story.ask("resume", "000000f2")
    story.ask("stop")
    story.ask("load", *program().load_values())
    story.ask("status")


def the_log(story):
    story.ask("log", 0)
    story.ask("log", 1)
    story.ask("log", 2)
    story.ask("log", 1000)
    story.board.entries[1] = None  # torn by a power cut
    story.ask("log", 2)


def main():
    story = Story()
    story.go(300)
    before_a_program(story)
    programs(story)
    ready(story)
    running(story)
    cover(story)
    duration_only(story)
    not_while_it_changes(story)
    a_fault(story)
    the_log(story)
    print("end", messages.FINGERPRINT)


if __name__ == "__main__":
    main()
