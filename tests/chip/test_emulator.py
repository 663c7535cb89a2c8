"""What the tests on the chip lean on is so: exact PIO, deep queues, looped pins, a patient host, resets, power cuts."""

from itertools import pairwise

import pytest

pytestmark = pytest.mark.chip

MS = 125_000  # cycles

BLINK = """
import rp2, machine, time
from machine import Pin
@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def blink():
    pull()
    mov(y, osr)
    wrap_target()
    mov(x, y)
    set(pins, 1)
    label("high")
    jmp(x_dec, "high")
    mov(x, y)
    set(pins, 0)
    label("low")
    jmp(x_dec, "low")
    wrap()
"""


@pytest.fixture
def new_chip(uf2):
    """A function that gives a chip at its raw prompt, and that prompt."""
    from chip.emulator import Chip
    from chip.repl import Repl

    def new(**keywords):
        chip = Chip(uf2, **keywords)
        return chip, Repl(chip)

    return new


def gaps(edges):
    return {after - before for (before, _), (after, _) in pairwise(edges)}


@pytest.mark.parametrize(("count", "divider"), [(100, 1), (7, 25), (1000, 125), (50_000, 125)])
def test_a_pio_loop_has_exact_periods_whether_the_processor_sleeps_or_works(new_chip, count, divider):
    chip, repl = new_chip()
    edges = chip.record(3)
    repl.run(BLINK + f"m = rp2.StateMachine(0, blink, freq={125_000_000 // divider}, set_base=Pin(3))\nm.active(1)")
    repl.start(f"m.put({count})\nfor i in range(1000): pass\ntime.sleep_ms(5)\n")
    gap = (count + 3) * divider  # mov, set and count + 1 jumps
    chip.run(8000 + 4 * gap // 125)
    assert len(edges) > 3
    assert gaps(edges) == {gap}


def test_a_countdown_can_be_stopped_and_asked_how_far_it_came(new_chip):
    _, repl = new_chip()
    left = repl.run(
        BLINK
        + """
m = rp2.StateMachine(0, blink, freq=1_000_000, set_base=Pin(3))
m.active(1)
m.put(100_000)
time.sleep_ms(20)
m.active(0)
m.exec("mov(isr, x)")
m.exec("push()")
print(m.get())
m.active(1)
time.sleep_ms(10)
m.active(0)
m.exec("mov(isr, x)")
m.exec("push()")
print(m.get())
"""
    )
    first, second = map(int, left.split())
    assert first == pytest.approx(80_000, abs=300)
    assert first - second == pytest.approx(10_000, abs=300)


def test_a_dma_channel_feeds_a_state_machine_word_by_word(new_chip):
    chip, repl = new_chip()
    edges = chip.record(3)
    repl.run(
        """
import rp2, machine
from array import array
from machine import Pin
@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW, fifo_join=rp2.PIO.JOIN_TX)
def pulses():
    pull()
    mov(x, osr)
    set(pins, 1)
    set(pins, 0)
    label("rest")
    jmp(x_dec, "rest")
m = rp2.StateMachine(0, pulses, freq=1_000_000, set_base=Pin(3))
m.active(1)
gaps = array("I", [10 * i for i in range(1, 41)])
d = rp2.DMA()
d.config(read=gaps, write=m, count=40, ctrl=d.pack_ctrl(size=2, inc_write=False, treq_sel=0), trigger=True)
while d.active():
    pass
d.close()
"""
    )
    chip.run(5000)
    rising = [cycle for cycle, level in edges if level]
    assert [after - before for before, after in pairwise(rising)] == [(10 * i + 5) * 125 for i in range(1, 40)]


def test_joined_queues_hold_eight_words(new_chip):
    _, repl = new_chip()
    program = """
import rp2
@rp2.asm_pio(fifo_join=rp2.PIO.JOIN_TX)
def joined():
    pull()
@rp2.asm_pio()
def plain():
    pull()
for program in (joined, plain):
    m = rp2.StateMachine(0, program)
    put = 0
    while m.tx_fifo() < (8 if program is joined else 4):
        m.put(put)
        put += 1
    print(put)
"""
    assert repl.run(program) == "8\n4\n"


def test_an_output_is_seen_by_the_inputs_of_its_pin(new_chip):
    _, repl = new_chip()
    program = """
import rp2
from machine import Pin
@rp2.asm_pio()
def counts_edges():
    label("again")
    wait(1, pin, 0)
    wait(0, pin, 0)
    jmp(x_dec, "again")
m = rp2.StateMachine(0, counts_edges, in_base=Pin(8))
m.exec("set(x, 0)")
m.active(1)
p = Pin(8, Pin.OUT, value=0)
for i in range(17):
    p.on()
    p.off()
m.exec("mov(isr, invert(x))")
m.exec("push()")
print(m.get() + 1)
"""
    assert repl.run(program) == "17\n"


def test_what_is_typed_in_one_go_arrives_whole(new_chip):
    _, repl = new_chip()
    text = "".join(chr(33 + i * 7 % 89) for i in range(5000)).replace("'", "q").replace("\\", "s")
    assert repl.run(f"print('{text}')") == text + "\n"


def test_a_host_that_does_not_read_gets_it_later(new_chip):
    chip, _ = new_chip()
    chip.usb.reads = False
    chip.type(b"print('x' * 10)\x04")
    chip.run(100_000)
    assert chip.read() == b""
    chip.usb.reads = True
    assert b"x" * 10 in chip.read_until(b"\x04>")


def test_an_idle_chip_sleeps(new_chip):
    chip, _ = new_chip()
    chip.run(1000)
    before = chip.rp2040.core.cycles
    chip.run(1_000_000)
    assert chip.rp2040.core.cycles - before < MS


def test_a_watchdog_that_is_not_fed_resets_the_chip_once(new_chip):
    from chip.repl import Repl

    chip, repl = new_chip()
    repl.start("import machine; w = machine.WDT(timeout=500)\nwhile True: machine.idle()")
    began_us = chip.now_us
    chip.run(3_000_000)
    assert [round(reset - began_us, -4) for reset in chip.resets] == [500_000]
    repl = Repl(chip)
    assert repl.run("import machine; print(machine.reset_cause() == machine.WDT_RESET)") == "True\n"


def test_power_goes_and_comes_and_files_stay(new_chip):
    from chip.repl import Repl

    chip, repl = new_chip()
    repl.run("f = open('note', 'w'); f.write('kept'); f.close()\nlost = 1")
    chip.cut_power()
    chip.run(1_000_000)
    assert chip.flash.read_files() == {"/note": b"kept"}
    chip.power_up()
    repl = Repl(chip)
    assert repl.run("print(open('note').read(), 'lost' in globals())") == "kept False\n"


def test_an_erase_takes_its_time_and_power_may_go_in_it(new_chip):
    chip, repl = new_chip()
    repl.run("import rp2, time; f = rp2.Flash()")
    took_us = repl.run("t = time.ticks_us(); f.ioctl(6, 300); print(time.ticks_diff(time.ticks_us(), t))")
    assert int(took_us) == pytest.approx(45_000, rel=0.05)
    assert chip.flash.erased[-1] == 0xA0000 + 300 * 4096
    repl.run("f.writeblocks(300, b'\\x00' * 4096)")
    chip.flash.cut_at, chip.flash.cut_part = 0, 0.5
    repl.start("f.ioctl(6, 300)")
    chip.run(100_000)
    assert chip.rp2040 is None
    block = chip.flash_image()[0xA0000 + 300 * 4096 :][:4096]
    assert block == b"\xff" * 2048 + b"\x00" * 2048


def test_the_same_calls_give_the_same_cycles(new_chip):
    chip, repl = new_chip()
    repl.run("import os; print(os.listdir())")
    other, repl = new_chip()
    repl.run("import os; print(os.listdir())")
    assert chip.cycles == other.cycles
    assert chip.rp2040.core.cycles == other.rp2040.core.cycles
