"""The wire of a Pico: whole lines or nothing, and whatever the host does, no call takes long."""

import sys
import types

from hypothesis import given, settings
from hypothesis import strategies as st

from pico.stand_ins import BYTE_US, LOOK_US, STUCK_US, console
from picoinfuse_firmware.wire import MAX_LINE

LINE = b"$0 event 17 93000 alarm occlusion 512*0badcafe\n"
LONGEST_CALL_US = 70 * (BYTE_US + LOOK_US)


def timed(clock, call, *arguments):
    """Return (what the call returned, how many microseconds it took)."""
    began = clock.us
    done = call(*arguments)
    return done, clock.us - began


def test_a_line_is_taken_whole_and_sent_while_the_board_waits():
    _, wire, port, _ = console()
    assert wire.write(LINE) == len(LINE)
    assert port.sent == b""  # a poll spends no time on it
    wire.wait(100)
    assert port.sent == LINE


def test_lines_keep_their_order_and_the_ring_goes_round():
    _, wire, port, _ = console()
    sent = b""
    for n in range(50):
        line = b"$%d line*\n" % n
        assert wire.write(line) == len(line)
        sent += line
        if n % 7 == 3:
            wire.wait(100)
    wire.wait(100)
    assert port.sent == sent


def test_what_has_no_room_is_refused_whole_and_can_come_again():
    wires, wire, port, _ = console()
    port.takes = 0
    for _ in range(wires.LINES):
        assert wire.write(LINE) == len(LINE)
    assert wire.write(LINE) == 0
    port.takes = 1 << 30
    wire.wait(100)
    assert wire.write(LINE) == len(LINE)
    big = b"x" * 600 + b"\n"
    wire.wait(100)
    assert wire.write(big) == len(big)
    assert wire.write(big) == 0  # the bytes are bounded as well as the lines


def test_a_line_that_never_fits_is_dropped_and_not_waited_for():
    _, wire, port, _ = console()
    assert wire.write(b"x" * 2000) == 2000
    wire.wait(100)
    assert port.sent == b""


def test_a_host_that_does_not_read_blocks_no_call():
    _, wire, port, clock = console()
    port.takes = 20
    for _ in range(20):
        _, took_us = timed(clock, wire.write, LINE)
        assert took_us == 0
        _, took_us = timed(clock, wire.wait, 100)
        assert took_us <= 100000 + LONGEST_CALL_US
    port.takes = 1 << 30
    for _ in range(20):
        wire.wait(100)
    assert port.sent == LINE * (len(port.sent) // len(LINE))  # it reads again: nothing is torn
    assert len(port.sent) > 0


def test_a_flooding_host_still_gets_answers_and_no_call_takes_long():
    _, wire, port, clock = console()
    wire.write(LINE)
    for _ in range(10):
        port.incoming += b"$17 status*00000000\n" * 20
        data, took_us = timed(clock, wire.read)
        assert 0 < len(data) <= 64
        assert took_us <= LONGEST_CALL_US
        _, took_us = timed(clock, wire.wait, 100)
        assert took_us <= LONGEST_CALL_US  # it does not wait while bytes wait
    assert port.sent == LINE


def test_nothing_came_is_told_at_once():
    _, wire, port, clock = console()
    assert timed(clock, wire.read) == (None, 5)
    port.incoming += b"abc"
    assert wire.read() == b"abc"


def test_waiting_ends_when_a_byte_comes():
    _, wire, port, clock = console()
    port.later.append((clock.us + 20000, b"$1 status*"))
    _, took_us = timed(clock, wire.wait, 100)
    assert 20000 <= took_us < 21000
    _, wire, _, clock = console()
    _, took_us = timed(clock, wire.wait, 100)
    assert 100000 <= took_us <= 101000


def test_waiting_ends_when_a_byte_comes_also_while_the_host_takes_nothing():
    _, wire, port, clock = console()
    port.takes = 0
    wire.write(LINE)
    port.later.append((clock.us + 20000, b"$1 status*"))
    _, took_us = timed(clock, wire.wait, 100)
    assert 20000 <= took_us < 22000


def test_without_time_to_wait_a_part_is_sent_and_the_rest_later():
    _, wire, port, clock = console()
    wire.write(LINE * 4)
    _, took_us = timed(clock, wire.wait, 0)
    assert took_us <= LONGEST_CALL_US
    assert LINE * 4 != bytes(port.sent) != b""
    for _ in range(10):
        wire.wait(0)
    assert port.sent == LINE * 4


def test_a_cable_pulled_in_mid_write_holds_the_board_up_once_and_never_again():
    """MicroPython says that there is room and then tries for half a second; the motor has more than that ahead."""
    _, wire, port, _ = console()
    port.takes = 10
    wire.write(LINE)
    wire.write(LINE)
    wire.wait(10)
    port.unplugged = True
    for _ in range(50):
        wire.write(LINE)
        wire.wait(100)
    assert port.blocked_us == STUCK_US
    port.unplugged, port.takes = False, 1 << 30
    port.sent.clear()
    wire.wait(100)
    assert port.sent == b""  # until the host speaks nobody knows that it is there
    port.incoming += b"$1 status*"
    wire.read()
    wire.write(LINE)
    wire.wait(100)
    assert port.sent == LINE


def test_a_uart_keeps_the_longest_request_that_comes_during_one_poll(monkeypatch):
    """Bug: it kept 64 bytes, what comes in 6 ms; a poll or a collection takes longer and tore the request."""
    wires, _, port, _ = console()
    made = []

    class Pin:
        IN, PULL_UP = 0, 1

        def __init__(self, *how):
            pass

    def uart(number, baud, **how):
        made.append(how)
        return port

    monkeypatch.setitem(sys.modules, "machine", types.SimpleNamespace(UART=uart, Pin=Pin))
    wires.uart(0, 1)
    assert made[0]["rxbuf"] > MAX_LINE


def test_before_the_board_leaves_its_last_words_are_sent():
    _, wire, port, clock = console()
    wire.write(LINE * 10)
    port.incoming += b"more"
    wire.drain(200)
    assert port.sent == LINE * 10
    port.takes = 0
    wire.write(LINE)
    _, took_us = timed(clock, wire.drain, 200)
    assert took_us < 200000 + LONGEST_CALL_US


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 400), st.booleans()), max_size=40))
def test_whatever_the_host_takes_it_gets_whole_lines_in_order(steps):
    _, wire, port, clock = console()
    port.takes = 0
    taken = b""
    for number, (size, takes, floods) in enumerate(steps):
        line = b"%d" % number * size + b"\n"
        if wire.write(line):
            taken += line
        port.takes += takes
        if floods:
            port.incoming += b"x" * 300
        _, took_us = timed(clock, wire.read)
        assert took_us <= LONGEST_CALL_US
        _, took_us = timed(clock, wire.wait, 3)
        assert took_us <= 3000 + LONGEST_CALL_US
    port.takes = 1 << 30
    port.incoming.clear()
    wire.drain(10000)
    assert port.sent == taken
