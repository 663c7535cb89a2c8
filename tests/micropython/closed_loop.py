"""A day of the closed loop by itself: the same decisions, digit by digit, on every interpreter.

Run as `micropython -X heapsize=320k closed_loop.py FIRMWARE_FOLDER`, or with CPython.
"""

import sys

sys.path.insert(0, sys.argv[1])

from picoinfuse_firmware.closed_loop import ClosedLoop

MIN_MS = 60000
BASAL_NL_H = 80000


def main():
    loop = ClosedLoop([100, 110, 40000, 300000, 3000000, 75 * MIN_MS, 15 * MIN_MS], 10000000, 1000000)
    drawn, glucose, dose_nl, rate_nl_h = 1, 120, 0, BASAL_NL_H
    for minute in range(1440):
        now_ms = minute * MIN_MS + 5 * 24 * 3600000
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
    again = ClosedLoop([100, 110, 40000, 300000, 3000000, 75 * MIN_MS, 15 * MIN_MS], 10000000, 1000000)
    again.restore(loop.state(), dose_nl + 12345, 37 * MIN_MS)
    print(again.state())
    print("end")


main()
