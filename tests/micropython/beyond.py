"""What goes beyond phases, by real frames: options, refused and taken, and what they make the pump do.

Run as `micropython -X heapsize=384k beyond.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import FRICTION_MN, Story  # first: it sets the heap and the path up

from picoinfuse_firmware.board import HISTORY
from picoinfuse_firmware.options import DEMAND, DRUG, HOLD, LIMIT, SYRINGES, WEIGHT, Option
from picoinfuse_firmware.program import BOLUS, PAUSE, RATE, REPEAT, Phase, Program

HOUR_MS = 3600000
ML = 1000000  # nanolitres
MORPHINE = Option(DRUG, "morphine.ng", [1, 1])
PHASE = Phase(RATE, 600 * ML, HOUR_MS, 2 * ML)


def program(*options, filled=50 * ML, phases=(PHASE,)):
    return Program(26700, 60 * ML, filled, FRICTION_MN, 300, 0, list(phases), options)


REFUSED = [
    [Option("dance")],
    [MORPHINE, MORPHINE],
    [Option(DRUG, "morphine", [1, 1])],
    [Option(DRUG, "morphine.ng", [0, 1])],
    [Option(WEIGHT, "-", [1])],
    [Option(SYRINGES, "-", [101])],
    [Option(LIMIT, "-", [1, 1])],
    [Option(LIMIT, "-", [HOUR_MS, 0])],
    [Option(LIMIT, "-", [HOUR_MS, ML])],  # of a basal of 600 mL/h
    [Option(DEMAND, "-", [ML, 100 * ML, HOUR_MS, 1])],
    [Option(HOLD, "-", [1, 0, 0])],
    [Option(DRUG, "-", [11] * 110), Option(WEIGHT, "-", [11] * 110), Option(SYRINGES, "-", [11] * 110)],
]


def options(story):
    """What is no option of a program."""
    for refused in REFUSED:
        story.load(program(*refused))
    bare = program().load_values()
    story.ask("load", *bare[:-1], 13)
    story.ask("load", *bare[:-1], 2)
    story.ask("phase", 0, *PHASE.values())
    story.ask("option", 1, *MORPHINE.values())
    story.ask("option", 0, *MORPHINE.values())
    story.ask("stage")


def syringes(story):
    """A change in the middle of a program, and the power fails while it is waited for."""
    order = program(MORPHINE, Option(WEIGHT, "-", [70000]), Option(SYRINGES, "-", [2]), filled=ML)
    story.ask("confirm", story.load(order))
    print("check agrees", order.check() == story.controller.program.check())
    story.ask("start", "00000001")
    story.until("alarm", 20000)
    story.ask("acknowledge")
    story = story.after_power_cut()
    story.go(300)
    story.hello("c0ffee")
    story.ask("events_from", 1)
    story.ask("acknowledge")
    story.ask("resume", "00000002")
    story.until("alarm", 5000)
    story.ask("refill", 60 * ML)
    story.ask("acknowledge")
    story.ask("resume", "00000003")
    story.until("complete", 20000)
    story.ask("status")
    story.ask("stop")
    return story


def presses(story):
    """A patient presses; lockout, limit, a change of concentration, a power cut, a history that was damaged."""
    pca = [Option(DEMAND, "-", [ML // 5, 600 * ML, HOUR_MS, 120000]), Option(LIMIT, "-", [600000, 900000])]
    drug = Option(DRUG, "fentanyl.ng", [1, 1])  # of morphine too much was given just before
    phases = [
        Phase(BOLUS, 200 * ML, HOUR_MS, ML // 10),
        Phase(RATE, ML // 2, HOUR_MS, duration_ms=300000),
        Phase(REPEAT, to_nl=0, to_ms=3),
        Phase(PAUSE, duration_ms=HOUR_MS),
    ]
    story.ask("demand", "00000010")
    story.ask("confirm", story.load(program(drug, *pca, phases=phases)))
    story.ask("demand", "00000010")
    story.ask("start", "00000011")
    story.go(10000)
    story.ask("doses")
    for identity in ("00000012", "00000013"):
        story.ask("demand", identity)
        story.go(60000)
    story.ask("demand", "00000014")
    story.ask("rate", 3 * ML, HOUR_MS)
    story.ask("bolus", ML // 2, 100 * ML, HOUR_MS)
    for identity in ("00000015", "00000016"):
        story.go(120000)
        story.ask("demand", identity)
    story.ask("doses")
    story = story.after_power_cut()
    story.go(300)
    story.hello("c0ffee")
    story.ask("acknowledge")
    story.ask("resume", "00000017")
    story.ask("doses")
    story.ask("stop")
    weaker = Option(DRUG, "fentanyl.ng", [1, 2])
    story.load(program(weaker, *pca, phases=phases))
    for number in range(3):
        other = Option(DRUG, "drug%d.ng" % number, [1, 1])
        story.ask("confirm", story.load(program(other, phases=[Phase(RATE, 600 * ML, HOUR_MS, ML // 10)])))
        story.ask("start", "0000002%d" % number)
        story.until("complete", 5000)
        story.ask("stop")
    story.load(program(Option(DRUG, "drug9.ng", [1, 1])))
    story.board.flash[HISTORY] = b"nonsense"
    story = story.after_power_cut()
    story.go(300)
    story.hello("c0ffee")
    story.load(program(drug, *pca, phases=phases))
    return story


def a_host_that_dies(story):
    """The rate falls back to what was ordered for that, then the pump is paused."""
    phases = [Phase(RATE, 40 * ML, HOUR_MS, duration_ms=HOUR_MS)]
    story.load(program(Option(HOLD, "-", [5000, 0, 0]), phases=[phases[0], Phase(PAUSE, duration_ms=1000)]))
    for numbers in ([5000, ML, HOUR_MS], [5000, 0, 0]):
        story.ask("confirm", story.load(program(Option(HOLD, "-", numbers), phases=phases)))
        story.ask("start", "0000003%d" % len(str(numbers)))
        story.go(3000)
        story.ask("stay")
        story.go(12000)
        story.ask("status")
        story.ask("stay")
        story.ask("stop")


def main():
    story = Story()
    story.go(300)
    story.hello("c0ffee")
    options(story)
    story = syringes(story)
    story = presses(story)
    a_host_that_dies(story)
    print("end")


if __name__ == "__main__":
    main()
