# ruff: noqa: F821  (the words of the PIO assembler are there when rp2 reads them)
"""The light on the Pico: lit for 33 ms by every step that leaves the STEP pin, by a state machine of its own.

It watches the pin and not the firmware: what blinks was stepped, also while the firmware hangs, and it costs a poll
nothing. Above 30 steps a second the flashes run into each other. On a Pico W this light hangs on the radio's chip and
stays dark; a light from GPIO 25 to ground, with 330 Ohm, does the same.
"""

import rp2
from machine import Pin

from . import pins

MACHINE = 5  # in the second PIO block, beside the load cell's
LIT_US = 32 * (32 * 32 + 2)


@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def _blink():
    wrap_target()
    wait(1, pin, 0)
    set(pins, 1)
    set(x, 31)
    label("lit")
    set(y, 31)
    label("a_millisecond")
    jmp(y_dec, "a_millisecond")[31]
    jmp(x_dec, "lit")
    set(pins, 0)
    wait(0, pin, 0)
    wrap()


def start():
    """Let it blink from now on; returns its state machine. A pulse has to be 2 us long: it looks once in 1 us."""
    machine = rp2.StateMachine(MACHINE, _blink, freq=1000000, in_base=Pin(pins.STEP), set_base=Pin(pins.LED))
    machine.active(1)
    return machine
