"""Which instructions the two PIO state machines run: one makes the steps of a run, the other counts them at the pins.

The maker runs at 1 MHz, so one cycle is one microsecond of the board's clock; both come from the same crystal. A run
is three words: |count| - 1 and in bit 0 the level of DIR; the interval; the wait before the first step. The wait comes
last, since the time at which it is put is what it is counted from. Starved of words, the maker stands at a `pull`
with STEP low.
"""

# ruff: noqa: F821  (the decorator gives the instructions their names)

import rp2

WORDS = 3  # of one run; two runs wait in the queue of eight words, the third is in the registers
PULSE_US = 4  # STEP high: a DRV8825 wants 1.9, an A4988 1, a TMC2209 0.1
STEP_CYCLES = 6  # from one STEP edge to the next one, with an interval word of 0
RUN_CYCLES = 13  # from the last STEP edge of a run to the first one of the next, with a wait word of 0
PUT_CYCLES = 3  # from the third word to the first STEP edge, with a wait word of 0, if the maker stood

# What is put between the instructions of a machine. Such a one is done at once, whatever the clock divider, and the
# program goes on with the instruction in whose place it came (data sheets: RP2040 3.5.7, RP2350 11.5.7).
READ_X = 0x403E  # in(x, 30)
READ_Y = 0x405E  # in(y, 30)
PUSH = 0x8000  # push(noblock)
PULL = 0x8080  # pull(noblock); for the maker it also says: STEP low


@rp2.asm_pio(
    sideset_init=rp2.PIO.OUT_LOW,
    out_init=rp2.PIO.OUT_LOW,
    out_shiftdir=rp2.PIO.SHIFT_RIGHT,
    fifo_join=rp2.PIO.JOIN_TX,
)
def make_steps():
    """Side-set is STEP, `out` is DIR. DIR changes 6 us after a STEP edge and 7 us or more before the next one."""
    wrap_target()
    pull().side(0)
    out(pins, 1).side(0)
    out(y, 31).side(0)
    pull().side(0)
    mov(isr, osr).side(0)
    pull().side(0)
    mov(x, osr).side(0)
    label("wait")
    jmp(x_dec, "wait").side(0)
    mov(x, isr).side(1)[3]
    jmp(y_dec, "wait").side(0)
    wrap()


@rp2.asm_pio()
def count_steps():
    """Input 0 is STEP, the pin of `jmp` is DIR. x counts down the steps with DIR low, y those with DIR high."""
    wrap_target()
    wait(1, pin, 0)
    jmp(pin, "high")
    jmp(x_dec, "counted")
    jmp("counted")  # x was 0, and is 2**32 - 1 now
    label("high")
    jmp(y_dec, "counted")
    label("counted")
    wait(0, pin, 0)
    wrap()
