"""The closed loop, by itself for a day and then on a pump by real frames: the same digits on every interpreter.

Run as `micropython -X heapsize=384k closed_loop.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import FRICTION_MN, Story  # first: it sets the heap and the path up

from picoinfuse_firmware.closed_loop import ClosedLoop
from picoinfuse_firmware.options import DRUG, LOOP, Option
from picoinfuse_firmware.program import RATE, REPEAT, Phase, Program

MIN_MS = 60000
HOUR_MS = 3600000
ML = 1000000  # nanolitres
BASAL_NL_H = 80000
INSULIN = Option(DRUG, "insulin.uU", [10, 1])  # 10 U/mL
NUMBERS = [100, 110, 40000, 300000, 3000000, 75 * MIN_MS, 15 * MIN_MS]


def a_day():
    """The loop by itself."""
    loop = ClosedLoop(NUMBERS, 10, 1)
    drawn, glucose, dose_nl, rate_nl_h = 1, 120, 0, BASAL_NL_H
    for minute in range(1440):
        now_ms = minute * MIN_MS + 5 * 24 * HOUR_MS
        dose_nl += rate_nl_h // 60
        if minute in (420, 720, 1140):
            dose_nl += 400000
        loop.given(now_ms, dose_nl, BASAL_NL_H)
        if minute % 5 == 0:
            drawn = (1103515245 * drawn + 12345) % (1 << 31)
            glucose = max(30, min(410, glucose + (drawn >> 16) % 41 - 20))
            no = loop.reading(now_ms, glucose, 0) if (drawn >> 8) % 17 else ("silent", 0, 0)
            print(minute, glucose, no, loop.predicted_mg_dl, loop.state())
        rate_nl_h = loop.rate_nl_h(now_ms, BASAL_NL_H)
        print(rate_nl_h, loop.why)
    again = ClosedLoop(NUMBERS, 10, 1)
    again.restore(loop.state(), dose_nl + 12345, 37 * MIN_MS)
    print(again.state())


def program(numbers=NUMBERS, drug=INSULIN, basal=None, what="-"):
    phases = [basal or Phase(RATE, BASAL_NL_H, HOUR_MS, 0, HOUR_MS), Phase(REPEAT, to_nl=0, to_ms=24)]
    return Program(26700, 60 * ML, 50 * ML, FRICTION_MN, 300, 0, phases, [drug, Option(LOOP, what, numbers)])


def changed(place, number):
    numbers = list(NUMBERS)
    numbers[place] = number
    return program(numbers)


def refused(story):
    """What is no loop."""
    story.load(program(drug=Option(DRUG, "insulin.ng", [10, 1])))
    story.load(program(what="x"))
    story.load(program([100]))
    story.load(program(basal=Phase(RATE, BASAL_NL_H, HOUR_MS, ML)))
    story.load(program(basal=Phase(RATE, BASAL_NL_H, HOUR_MS, 0, HOUR_MS + 1)))
    for place, number in ((0, 79), (1, 99), (2, 1), (3, BASAL_NL_H), (4, -1), (5, MIN_MS), (6, MIN_MS)):
        story.load(changed(place, number))


def on_a_pump(story):
    """Readings that are taken and refused; the rate follows, falls to nothing, and comes back."""
    story.ask("glucose", 100, 0)  # no program has a loop yet
    story.ask("confirm", story.load(program()))
    story.ask("start", "00000001")
    story.go(60000)
    for mg_dl, age_ms in ((39, 0), (100, 16 * MIN_MS), (160, 0), (161, 0)):
        story.ask("glucose", mg_dl, age_ms)
    story.go(3000)
    story.ask("rate", ML, HOUR_MS)
    story.go(90000)
    story.ask("glucose", 300, 0)
    story.ask("glucose", 150, 0)
    story.go(5 * MIN_MS)
    story.ask("glucose", 102, 0)
    story.go(5 * MIN_MS)
    story.ask("glucose", 66, 0)
    story.go(3000)
    story.ask("status")
    story = story.after_power_cut()
    story.go(300)
    story.hello("c0ffee")
    story.ask("events_from", 1)
    story.ask("acknowledge")
    story.ask("resume", "00000002")
    story.go(20 * MIN_MS)
    story.ask("glucose", 100, 0)
    story.ask("status")
    story.ask("stop")


def main():
    a_day()
    story = Story()
    story.go(300)
    story.hello("c0ffee")
    refused(story)
    on_a_pump(story)
    print("end")


if __name__ == "__main__":
    main()
