"""What goes beyond phases, by real frames: options, refused and taken, and what they make the pump do.

Run as `micropython -X heapsize=320k beyond.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import FRICTION_MN, Story  # first: it sets the heap and the path up

from picoinfuse_firmware.options import DRUG, SYRINGES, WEIGHT, Option
from picoinfuse_firmware.program import RATE, Phase, Program

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


def main():
    story = Story()
    story.go(300)
    story.hello("c0ffee")
    options(story)
    syringes(story)
    print("end")


if __name__ == "__main__":
    main()
