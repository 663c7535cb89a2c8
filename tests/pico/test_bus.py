"""The I2C bus: short time-outs, but for a picture, and a part that holds SDA is given the clocks it waits for."""

from picoinfuse_firmware.pico import pins


def test_a_transfer_is_given_up_after_two_milliseconds_but_a_picture_may_take_its_time(pico):
    bus = pico.bus.Bus()
    bus.patient()
    bus.quick()
    assert pico.world.i2c_timeouts == [2000, 50000, 2000]
    assert bus.i2c is pico.machine.I2C.one


def test_a_part_that_holds_sda_gets_nine_clocks_and_no_more(pico):
    clocks = []
    pico.world.levels[pins.SDA] = 0
    value = pico.machine.Pin.value

    def watched(pin, level=None):
        if pin.gpio == pins.SCL and level is not None:
            clocks.append(level)
        if pin.gpio == pins.SDA and level is None:
            return 0 if len(clocks) < released * 2 else 1
        return value(pin, level)

    pico.machine.Pin.value = watched
    for released in (0, 3, 99):
        clocks.clear()
        pico.bus.Bus()
        assert clocks == [0, 1] * min(released, 9)
