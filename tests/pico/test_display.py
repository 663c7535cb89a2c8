"""The display: what is sent and when, and a pump that goes on without one."""

import sys
import types

import pytest

LINES = ("INFUSING", "5.000 mL/h")


@pytest.fixture
def driver(pico, monkeypatch):
    """A stand-in for micropython-lib's ssd1306: it keeps what it was told; `fails` is a display that is gone."""

    class SSD1306_I2C:  # noqa: N801 (the driver's own name)
        fails = False

        def __init__(self, width, height, i2c, addr):
            assert (width, height, addr) == (128, 64, 0x3C)
            self.show()

        def fill(self, colour):
            self.texts = []

        def text(self, text, x, y):
            assert 0 <= y <= 64 - 8
            self.texts.append(text)

        def show(self):
            if self.fails:
                raise OSError(5, "EIO")
            self.pictures.append(list(getattr(self, "texts", [])))

    SSD1306_I2C.pictures = []
    module = types.ModuleType("ssd1306")
    module.SSD1306_I2C = SSD1306_I2C
    monkeypatch.setitem(sys.modules, "ssd1306", module)
    return SSD1306_I2C


def display(pico):
    return pico.display.Display(pico.bus.Bus())


def test_a_picture_is_sent_when_there_is_the_time_and_only_if_it_differs(pico, driver):
    its = display(pico)
    its.show(LINES)
    its.draw(39)
    assert driver.pictures == [[]]
    its.draw(90)
    assert driver.pictures == [[], list(LINES)]
    its.draw(90)
    its.show(tuple(LINES))
    its.draw(90)
    assert len(driver.pictures) == 2
    its.show(("PAUSED",))
    its.draw(90)
    assert driver.pictures[-1] == ["PAUSED"]


def test_the_bus_is_patient_only_for_the_picture(pico, driver):
    its = display(pico)
    its.show(LINES)
    its.draw(90)
    assert pico.world.i2c_timeouts == [2000, 50000, 2000, 50000, 2000]


def test_eight_lines_fit(pico, driver):
    its = display(pico)
    its.show(("",) * 7)
    its.draw(90)
    assert len(driver.pictures[-1]) == 7


def test_without_the_driver_or_the_display_the_pump_goes_on_and_says_so(pico, driver, monkeypatch):
    driver.fails = True
    its = display(pico)
    assert its.show(LINES) == "display_silent"
    its.draw(90)
    monkeypatch.setitem(sys.modules, "ssd1306", None)
    assert display(pico).problem == "display_driver_missing"


def test_a_display_that_goes_is_not_tried_again(pico, driver):
    its = display(pico)
    driver.fails = True
    assert its.show(LINES) == ""
    its.draw(90)
    driver.fails = False
    assert its.show(("PAUSED",)) == "display_silent"
    its.draw(90)
    assert driver.pictures == [[]]
    assert pico.world.i2c_timeouts[-1] == 2000
