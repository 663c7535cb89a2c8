"""A day of infusion in virtual time: how much memory is free after each of some hours, with nothing else going on.

Run as `micropython -X heapsize=256k a_day.py FIRMWARE_FOLDER HOURS`, or with CPython, which has no such number. Every
poll is made in the first and the last two hours; with `all` as third argument, in every hour.
"""

import gc
import sys

from story import Story  # first: it sets the heap and the path up

from picoinfuse_firmware import program as programs

HOUR_MS = 3600000
BARREL_UM = 38400  # of a 140 mL syringe: a day at 5 mL/h fits
ML = 1000000
TELEMETRY_MS = 1000
POLL_US = 100000
SELDOM_US = 5 * POLL_US  # in the hours between: the look-ahead of 0.7 s bears it, and telemetry goes every second
OFTEN_HOURS = 2  # at either end


def free_bytes():
    gc.collect()
    return gc.mem_free() if hasattr(gc, "mem_free") else 0


def main():
    hours = int(sys.argv[2])
    story = Story()
    board = story.board
    story.hello("c0ffee")
    phases = [programs.Phase(programs.RATE, 5 * ML, HOUR_MS, 5 * ML * (hours + 1))]
    order = programs.Program(BARREL_UM, 140 * ML, 130 * ML, 5000, 300, 0, phases)
    story.ask("confirm", story.load(order))
    story.ask("start", "00000001")
    story.ask("telemetry_every", TELEMETRY_MS)
    controller = story.controller
    poll = controller.poll
    if hasattr(gc, "threshold"):
        gc.threshold(-1)  # all is imported: a collection when the heap is full is the hardest case, and the quickest
    everywhere = sys.argv[3:] == ["all"]
    for hour in range(1, hours + 1):
        often = everywhere or hour <= OFTEN_HOURS or hour > hours - OFTEN_HOURS
        step_us = POLL_US if often else SELDOM_US
        end = board.us + HOUR_MS * 1000
        while board.us < end:
            poll()
            board.tx = b""  # the host reads all, and keeps it to itself
            board.us += step_us
        print("hour", hour, "free", free_bytes(), controller.state, controller.delivery.dose_nl())
    print("end")


if __name__ == "__main__":
    main()
