"""Does this start belong to the pump or to MicroPython's prompt, and how is the prompt reached from a running pump?

Two ways: a file that stands for one start only, written before the reset that `leave` makes; and the mute key, held
while power comes (on a bare Pico: a wire from its pin to ground). A reset, since the watchdog cannot be stopped. After
a reset by the watchdog the key does not count: somebody may just be muting the alarm of a pump that hung.
"""

import os

from . import watchdog

FLAG = "picoinfuse_prompt"  # in the root of the file system
HELD_MS = 50  # a key that is pressed for so long is meant


def wanted():
    """Return why this start goes to the prompt, as words, or "". The file counts once."""
    try:
        os.remove(FLAG)
        return "a host asked for it"
    except OSError:
        pass
    return "the mute key is held" if _key_is_held() and not watchdog.fired() else ""


def _key_is_held():
    try:
        from time import sleep_ms

        from machine import Pin

        from . import pins
    except ImportError:
        return False  # a PC has no keys
    key = Pin(pins.KEY_MUTE, Pin.IN, Pin.PULL_UP)
    for _ in range(HELD_MS):
        sleep_ms(1)
        if key.value():
            return False
    return True


class WayBack:
    """`Board.leave` of one board. left: the firmware is to be left, on a board (a PC) that cannot reset itself."""

    def __init__(self, wire):
        self._wire = wire
        self.left = False

    def leave(self):
        """Write the file, let the last answer go, and reset. Raises OSError if the file cannot be written."""
        with open(FLAG, "w"):
            pass
        self._wire.drain(200)
        self.left = True
        try:
            from machine import reset
        except ImportError:
            return
        reset()
