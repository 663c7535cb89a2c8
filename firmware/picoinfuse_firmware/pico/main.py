"""What happens at power-on: the prompt or the pump; is everything whole; the loop that polls.

`/main.py` on the board is one line: `from picoinfuse_firmware.pico import main; main.run()`. Whoever returns from
`run` falls off the end of /main.py and so reaches MicroPython's prompt (sys.exit() would start /main.py again).
"""

import gc
import sys

import micropython

from ..modules import forget
from . import way_back

ON_A_PROMPT_MS = 1000  # the LED changes so often at the prompt ...
ON_A_FAILURE_MS = 100  # ... and where no pump could be built
CTRL_C = 3
# Needed once at power-on: the names of all fields on the wire and in the configuration, the first look at itself, and
# what goes on with a program that a power cut interrupted.
ONLY_AT_START = (
    "messages",
    "settings",
    "pico.manifest",
    "pico.configuration",
    "pico.parts",
    "pico.journal_map",
    "power_on",
    "selftest",
    "recovery",
    "program_limits",
    "stand",
    "narrow",
    "watch.boot",
)
GC_WHILE_BUILDING = 16384  # collected after so many bytes: else the garbage of imports cuts the heap into pieces


def run(make=None):
    """Be a pump; returns only to the prompt. make: in place of `parts.pico` on another board.

    All but this is imported late, so that the outputs are safe before anything that is damaged shows.
    """
    outputs_off()
    why = way_back.wanted()
    if why:
        blink(ON_A_PROMPT_MS)
        print("PicoInfuse: at MicroPython's prompt, since " + why + ". The next start (switch off and on) is a pump.")
        return
    board = failure = None
    try:
        problem = damage()
        gc.collect()
        gc.threshold(GC_WHILE_BUILDING)
        micropython.kbd_intr(-1)  # from here on Ctrl-C is a byte like any other: nobody stops an infusion by it
        board, controller, health, back = build(problem, make)
        controller.poll()  # it looks at itself
        forget(*ONLY_AT_START)
        gc.threshold(-1)  # nothing is collected inside a poll
        health.collect()
        serve(board, controller, health, back)
    except Exception as error:
        failure = error
    outputs_off()
    micropython.kbd_intr(CTRL_C)
    if board is not None:
        board.halt()
    if failure is not None:
        blink(ON_A_FAILURE_MS)
        print("PicoInfuse: no pump, nothing will move; the firmware failed. Install it again (docs/hardware.md).")
        sys.print_exception(failure)


def damage():
    """Return what is wrong with the files of the firmware, as a word; "" if they are whole."""
    from . import manifest  # in a function of its own, since a name in `run` would keep it

    return manifest.problem()


def build(problem, make):
    """Return (board, controller, health, way back), the parts of a pump."""
    from . import parts

    return parts.build(problem, make or parts.pico)


def serve(board, controller, health, back):
    """Poll for ever, or until the firmware is left. An exception beside a poll stops the motor as one inside does."""
    from time import ticks_diff, ticks_us

    while not back.left:
        began = ticks_us()
        try:
            ms = controller.poll()
            health.polled(ticks_diff(ticks_us(), began))
            health.tidy()
            ms -= ticks_diff(ticks_us(), began) // 1000
            board.idle(ms if ms > 0 else 0)
        except Exception as error:
            controller.failed(error)


def outputs_off():
    """STEP low and the driver off, whoever held the pins before; as the resistors on the board do in a reset."""
    try:
        from machine import Pin

        from . import pins

        Pin(pins.STEP, Pin.OUT, value=0)
        Pin(pins.ENABLE, Pin.OUT, value=1)
    except ImportError:
        pass  # a PC has no pins; and where `pins` is lost, the pins are as a reset leaves them: nothing is driven


def blink(every_ms):
    """Let the LED of the board change so often, also while somebody types at the prompt."""
    try:
        from machine import Pin, Timer

        led = Pin("LED", Pin.OUT)
    except (ImportError, ValueError, TypeError):
        return  # a PC has none
    Timer(period=every_ms, callback=lambda timer: led.toggle())
