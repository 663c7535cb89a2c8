"""The encoder: turns added up over 0 and 4095, and silent without bus or magnet."""

import pytest

GOOD = 0x20


def encoder(pico, angle=100, status=GOOD):
    pico.world.parts[0x36] = {0x0B: status, 0x0C: angle >> 8, 0x0D: angle & 255}
    return pico.as5600.As5600(pico.bus.Bus())


def turn(pico, its, angle, status=GOOD):
    """Let the screw stand there, a poll later."""
    pico.world.parts[0x36] = {0x0B: status, 0x0C: 0xF0 | angle >> 8, 0x0D: angle & 255}  # the upper bits mean nothing
    pico.world.wait(100)
    return its.encoder()


def test_it_counts_from_where_it_stood_first_and_knows_the_angle(pico):
    its = encoder(pico, 100)
    assert its.encoder() == 0
    assert its.angle == 100
    assert turn(pico, its, 300) == 200
    assert its.angle == 300


@pytest.mark.parametrize("step", [1, 819, 2047, -1, -819, -2047])
def test_turns_are_added_up_both_ways(pico, step):
    its = encoder(pico, 4000)
    its.encoder()
    for i in range(1, 30):
        assert turn(pico, its, (4000 + i * step) % 4096) == i * step


def test_at_the_highest_rate_a_look_in_every_poll_and_one_delayed_by_an_erase_are_soon_enough(pico):
    from picoinfuse_firmware.config import Config

    config = Config()
    a_ms = 4096 * 1000 // (config.min_interval_us * config.steps_per_turn)  # counts in a millisecond, floored
    assert (a_ms + 1) * (100 + 400) < 4096 // 2


def test_two_looks_in_one_poll_are_one_transfer(pico):
    its = encoder(pico)
    its.encoder()
    pico.world.parts[0x36][0x0D] = 120
    assert its.encoder() == 0
    pico.world.wait(10)
    assert its.encoder() == 20


def test_a_magnet_that_is_gone_is_silence(pico):
    its = encoder(pico)
    assert not its.silent()
    pico.world.parts[0x36][0x0B] = 0x10  # too weak, and none detected
    pico.world.wait(500)
    assert not its.silent()
    pico.world.wait(100)
    assert its.silent()
    assert its.status == 0x10
    assert turn(pico, its, 150) == 50
    assert not its.silent()


@pytest.mark.parametrize("what", ["gone", "hangs"])
def test_a_bus_that_fails_is_silence_and_is_not_tried_in_every_poll(pico, what):
    its = encoder(pico)
    its.encoder()
    if what == "gone":
        pico.world.parts.clear()
    pico.world.bus_hangs = what == "hangs"
    tries = []
    read = pico.machine.I2C.readfrom_mem_into
    pico.machine.I2C.readfrom_mem_into = lambda *given: tries.append(0) or read(*given)
    for _ in range(10):
        pico.world.wait(100)
        assert its.encoder() == 0
    assert its.silent()
    assert len(tries) <= 6
    assert len(pico.world.i2c_timeouts) == 1 + len(tries), "begun anew after each: found on the emulated chip"


def test_an_encoder_that_never_answered_is_silent_at_once(pico):
    its = pico.as5600.As5600(pico.bus.Bus())
    assert its.silent()
    assert its.angle == -1
