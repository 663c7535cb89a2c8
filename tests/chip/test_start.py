"""A chip starts as a pump, serves every kind of host, is left for the prompt, and is bitten by its watchdog.

The start, the loop, the wire and the watchdog are the Pico's; behind them is the toy board of tests/micropython, so
that what is measured here does not depend on the motor.
"""

from pathlib import Path

import pytest

from chip.conftest import BOOT_US, compiled_with, sealed
from picoinfuse_firmware import VERSION, alarms, messages, wire
from picoinfuse_firmware import program as programs

pytestmark = pytest.mark.chip

BOARDS = Path(__file__).parents[1] / "micropython"
ML, HOUR_MS = 1_000_000, 3_600_000
ORDER = programs.Program(
    26700, 60 * ML, 50 * ML, 5000, 300, 0, [programs.Phase(programs.RATE, 200 * ML, HOUR_MS, 5 * ML)]
)
HANG_MS = 10_000  # time to start and to be told to infuse
# Hangs in a poll so long after power came, and not after the watchdog restarted the chip.
HANGS = f"""
import pc_board, time, machine
began = time.ticks_ms()
if machine.mem32[0x40058008] == 0:
    force = pc_board.PcBoard.force_mn
    def hang(self):
        while time.ticks_diff(time.ticks_ms(), began) > {HANG_MS}:
            pass
        return force(self)
    pc_board.PcBoard.force_mn = hang
pc_board.run()
"""


class Pump:
    """A chip that runs the firmware, and a host that speaks frames to it."""

    def __init__(self, uf2, files):
        from chip.emulator import Chip

        self.chip = Chip(uf2, files=files)
        self.said = []  # every line that came, decoded if it is a frame
        self._rest = b""
        self._seq = 0

    def boot(self):
        starts = self.chip.usb.connections
        assert self.chip.run_until(lambda: self.chip.usb.connections > starts, 1_000_000)
        began = self.chip.now_us
        self.chip.run(BOOT_US)
        while (answer := self.ask("hello", "abcd", VERSION, messages.FINGERPRINT))[1][4] == "selftest":
            assert self.chip.now_us < began + 3 * BOOT_US
        print(f"started and tested itself in at most {(self.chip.now_us - began) / 1e6:.1f} s")
        return answer

    def listen(self):
        *lines, self._rest = (self._rest + self.chip.read()).split(b"\n")
        self.said += [wire.decode(line) or line for line in lines]
        return self.said

    def ask(self, name, *values, limit_us=4_000_000):
        """Return (name of the answer, values, milliseconds that it took)."""
        self._seq = 0 if name == "hello" else self._seq + 1
        self.listen().clear()
        began = self.chip.now_us
        self.chip.type(wire.encode(self._seq, name, values))
        while self.chip.now_us < began + limit_us:
            self.chip.run(2000)
            for frame in self.listen():
                if isinstance(frame, tuple) and frame[0] == self._seq and frame[1] not in ("event", "telemetry"):
                    return frame[1], frame[2], (self.chip.now_us - began) / 1000
        raise AssertionError(f"no answer to {name}: {self.said}")

    def start(self):
        self.ask("load", *ORDER.load_values())
        self.ask("phase", 0, *ORDER.phases[0].values())
        check = self.ask("stage")[1][0]
        self.ask("confirm", check)
        assert self.ask("start", "0000abcd")[0] == "ok"

    def is_infusing(self):
        return self.ask("status")[1][2] == "infusing"


@pytest.fixture
def power(uf2, tmp_path):
    """What gives power to a chip whose main.py is this; compiled, sealed and with the toy board beside it."""

    def power(main):
        files = compiled_with(tmp_path, BOARDS / "toy_board.py", BOARDS / "pc_board.py")
        inside = sealed({path: data for path, data in files.items() if "/" in path})
        return Pump(uf2, {**files, **inside, "main.py": main.encode()})

    return power


def test_a_chip_is_a_pump_whatever_the_host_does_and_is_left_for_the_prompt(power):
    from chip.repl import Repl

    pump = power("import pc_board; pc_board.run()")
    chip = pump.chip
    name, welcome, _ = pump.boot()
    assert (name, welcome[4], welcome[-1]) == ("welcome", "idle", "-")
    pump.start()
    pump.ask("telemetry_every", 1000)
    assert pump.ask("leave")[:2] == ("refused", ["not_idle", 0, 0])

    chip.type(b"\x03\x03\r\n\x04")  # Ctrl-C and Ctrl-D are noise
    assert pump.is_infusing()

    def given_in_three_seconds(host):
        """Return how many steps were made while a host does something three times a second; the pump goes on."""
        before = pump.ask("status")[1][5]
        for _ in range(3):
            host()
            chip.run(1_000_000)
        chip.usb.reads = True
        return pump.ask("status")[1][5] - before

    def stops_reading():
        chip.usb.reads = False

    rates = [
        given_in_three_seconds(host)
        for host in (lambda: None, stops_reading, lambda: chip.type(b"$17 status*00000000\n" * 20))
    ]
    assert max(rates) - min(rates) < 0.05 * rates[0]
    chip.usb.close()
    chip.run(1_500_000)
    chip.usb.open()
    assert pump.is_infusing()
    assert [line for line in pump.said if not isinstance(line, tuple)] == []  # nothing is torn

    name, health, took_ms = pump.ask("health")
    print("health", dict(zip(messages.TABLE[name][0], health, strict=True)), f"answered in {took_ms:.0f} ms")
    assert took_ms < 60
    assert health[1] < 100_000  # us of the longest poll, in which a program is started; 700 ms of steps are laid ahead
    assert health[5] > 90_000  # bytes free at the least
    pump.ask("stop")
    assert pump.ask("leave")[0] == "ok"
    assert chip.run_until(lambda: chip.resets, 2_000_000)
    repl = Repl(chip)
    assert "picoinfuse_prompt" not in repl.run("import os; print(os.listdir())")
    # By MicroPython's own word the watchdog did it; the register says that a program asked for it.
    assert repl.run("import machine; print(machine.reset_cause(), machine.mem32[0x40058008])") == "3 2\n"
    repl.start("machine.reset()")
    assert chip.run_until(lambda: len(chip.resets) == 2, 1_000_000)
    assert pump.boot()[1][4] == "idle"
    assert pump.ask("status")[1][12] == []  # no alarm: the watchdog did not fire


def test_a_firmware_that_hangs_is_restarted_by_the_watchdog_and_says_so(power):
    pump = power(HANGS)
    chip = pump.chip
    pump.boot()
    pump.start()
    assert chip.run_until(lambda: chip.resets, 22_000_000, 20_000)
    assert 8.0 < (chip.resets[0] - 1000 * HANG_MS) / 1e6 < 12.0
    assert pump.boot()[1][4] == "alarm"
    assert alarms.WATCHDOG in pump.ask("status")[1][12]
