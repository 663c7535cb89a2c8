"""What happens at power-on: the prompt or the pump; is everything whole; the parts put together; the loop that polls.

`/main.py` on the board is one line: `from picoinfuse_firmware.pico import main; main.run()`. Whoever returns from
`run` falls off the end of /main.py and so reaches MicroPython's prompt (sys.exit() would start /main.py again).
"""

import gc
import sys

import micropython

from . import way_back

ON_A_PROMPT_MS = 1000  # the LED changes so often at the prompt ...
ON_A_FAILURE_MS = 100  # ... and where no pump could be built
CTRL_C = 3
PACKAGE = "picoinfuse_firmware."
# Needed once at power-on: the names of all fields on the wire and in the configuration, and the first look at itself.
ONLY_AT_START = (
    "messages",
    "settings",
    "pico.manifest",
    "pico.configuration",
    "power_on",
    "selftest",
    "recovery",
    "narrow",
    "watch.boot",
)
GC_WHILE_BUILDING = 16384  # collected after so many bytes: else the garbage of imports cuts the heap into pieces


def run(make=None):
    """Be a pump; returns only to the prompt. make: in place of `pico` on another board.

    Most of the firmware is imported late, so that the outputs are safe before anything that is damaged shows.
    """
    outputs_off()
    why = way_back.wanted()
    if why:
        blink(ON_A_PROMPT_MS)
        print("PicoInfuse: at MicroPython's prompt, since " + why + ". The next start (switch off and on) is a pump.")
        return
    board = failure = None
    try:
        from . import manifest

        problem = manifest.problem()
        gc.collect()
        gc.threshold(GC_WHILE_BUILDING)
        micropython.kbd_intr(-1)  # from here on Ctrl-C is a byte like any other: nobody stops an infusion by it
        board, controller, health, back = build(problem, make)
        controller.poll()  # it looks at itself
        let_go()
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


def build(problem, make):
    """Return (board, controller, health, way back), the parts of a pump. problem: what was found so far, or ""."""
    from ..board import RESET_POWER, RESET_WATCHDOG
    from ..controller import Controller
    from . import watchdog
    from .health import Health

    cause = RESET_WATCHDOG if watchdog.fired() else RESET_POWER
    board, wire = (make or pico)(watchdog.Watchdog(), cause, problem)
    health = Health()
    back = way_back.WayBack(wire)
    board.health = health.numbers
    board.leave = back.leave
    return board, Controller(board), health, back


def pico(watchdog, cause, problem):
    """Return (board, wire) of a Pico as its configuration says it is wired."""
    from rp2 import Flash

    from . import configuration, pins
    from . import wire as wires
    from .board import PicoBoard
    from .sectors import Files, Sectors
    from .stepper import Stepper
    from .store import Store

    config, its_problem = configuration.read()
    wire = wires.uart(pins.UART_TX, pins.UART_RX) if config.wire_uart else wires.console()
    store = Store(Sectors(Flash(), Files()))
    stepper = Stepper(pins.STEP, pins.DIR, pins.ENABLE, config.min_interval_us, config.motor_reversed)
    board = PicoBoard(
        config=config,
        stepper=stepper,
        store=store,
        wire=wire,
        watchdog=watchdog,
        cause=cause,
        problem=problem or its_problem or store.problem,
    )
    return board, wire


def let_go():
    """Forget the modules that a running pump does not need, on MicroPython. Whoever imports one again reads it anew."""
    if sys.implementation.name != "micropython":
        return
    for name in ONLY_AT_START:
        if sys.modules.pop(PACKAGE + name, None) is None:
            continue
        folder, _, its_name = (PACKAGE + name).rpartition(".")
        delattr(sys.modules[folder], its_name)


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
