"""When does the watchdog run, how long does it wait, and was it the one that restarted the board?

It starts with the first `feed`, which the first poll brings: so it runs long before the motor may, an idle pump that
hangs comes back too (it would answer nobody and show no alarm), and no start of the motor can forget it. It does not
run before the whole firmware stands: if that cannot be built, the prompt stays reachable. machine.WDT cannot be
stopped; the way back to the prompt is a reset (way_back.py).

It waits as long as an RP2040 can. The dose does not need it sooner, since a firmware that hangs lays no steps and the
motor stands after what lies ahead (at most 1.7 s). It must be longer than anything that holds Python up between two
feeds a second apart: one flash erase takes up to 0.4 s, and one write of a file may bring some of them.
"""

TIMEOUT_MS = 8388  # the most that the RP2040 counts; the simulator's board waits as long
# WATCHDOG_REASON (RP2040 data sheet 4.7.6, RP2350 12.9.7): bit 0, its timer; bit 1, a program asked for a reset.
# machine.reset() asks by the watchdog too, and machine.reset_cause() then says WDT_RESET: it cannot tell them apart.
REASONS = (("RP2040", 0x40058008), ("RP2350", 0x400D8008))
TIMED_OUT = 1


class Watchdog:
    """Feeds the watchdog of this board; nothing on a board (a PC) that has none."""

    def __init__(self):
        self._dog = None
        self._has = True

    def feed(self):
        """Say that the firmware is alive; the first call starts the watchdog."""
        if self._dog is not None:
            self._dog.feed()
        elif self._has:
            self._dog = self._start()
            self._has = self._dog is not None

    def _start(self):
        try:
            from machine import WDT
        except ImportError:
            return None
        return WDT(timeout=TIMEOUT_MS)


def fired():
    """Return whether the watchdog's timer ended the run before this one; a deliberate reset and a power cut did not."""
    import sys

    its_name = getattr(sys.implementation, "_machine", "")
    for chip, reason in REASONS:
        if chip in its_name:
            from machine import mem32

            return bool(mem32[reason] & TIMED_OUT)
    return False
