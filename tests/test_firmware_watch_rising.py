"""Pressure rising: a clamp is told early, friction by itself is not, and the warning goes with the pressure."""

import pytest

from boards import Rig, ml, order, rate
from picoinfuse_firmware.alarms import PRESSURE_RISING
from picoinfuse_firmware.dose import force_of_pressure_mn
from picoinfuse_firmware.watch.rising import SAMPLES, RisingWatch
from plunger import PlungerBoard

ORDER = order(rate(5, 10))
HALF_MN = force_of_pressure_mn(300, ORDER.barrel_um) // 2
SOFT = {5: (600, 1400), 20: (800, 1600), 60: (1100, 1900)}
FRICTION = {5: 1000, 20: 2500, 60: 5000}


class Shown:
    """What a trend shows: the force now, the lowest of the window, and whether it was ever steady."""

    rise_mn = 2500

    def __init__(self, now_mn, low_mn=5000, settled=True):
        self.now_mn, self.low_mn, self.settled = now_mn, low_mn, settled


def said(*shown):
    """Return what the watch says to one look after another; the friction is 5 N."""
    watch = RisingWatch(ORDER)
    return [watch.look(one, 5000) for one in shown]


def test_a_rise_beyond_what_friction_does_is_told_after_some_looks_in_a_row():
    assert said(*[Shown(7501)] * SAMPLES) == [0] * (SAMPLES - 1) + [PRESSURE_RISING]
    assert said(*[Shown(7500)] * 100) == [0] * 100
    assert said(*[Shown(7501), Shown(7501), Shown(7500)] * 30) == [0] * 90


def test_before_the_force_was_steady_a_rise_is_the_plunger_being_pushed_together():
    assert said(*[Shown(9000, settled=False)] * 100) == [0] * 100


def test_above_half_of_the_threshold_and_the_friction_once_more_it_is_told_in_any_case():
    level_mn = 5000 + HALF_MN + 5000
    assert said(*[Shown(level_mn + 1, level_mn, False)] * SAMPLES)[-1] == PRESSURE_RISING
    assert said(*[Shown(level_mn, level_mn, False)] * SAMPLES)[-1] == 0


def test_it_ends_when_half_of_the_rise_is_gone():
    rising = [Shown(8000)] * SAMPLES
    assert said(*rising, Shown(6300), Shown(6251), Shown(6250), Shown(8000))[SAMPLES:] == [12, 12, 0, 0]
    level_mn = 5000 + HALF_MN + 5000
    high = [Shown(level_mn + 1, level_mn)] * SAMPLES
    assert said(*high, Shown(level_mn - 1249, level_mn), Shown(level_mn - 1250, level_mn))[SAMPLES:] == [12, 0]


@pytest.mark.parametrize(("size_ml", "part"), [(5, 2), (20, 3), (60, 5)])
@pytest.mark.parametrize("ml_h", [5, 20])
def test_a_clamp_is_told_in_a_part_of_the_time_to_the_alarm(size_ml, part, ml_h):
    spring, line = SOFT[size_ml]
    rig = Rig(PlungerBoard(size_ml, FRICTION[size_ml], spring, line))
    rig.start(order(rate(ml_h, 4), size_ml=size_ml))
    rig.run(3600000 * 8 // 10 // ml_h)  # 0.8 mL
    assert rig.alarms == []
    rig.board.clamp()
    clamped_ms = rig.now_ms
    rig.run_until("alarm", 2000000)
    warned_ms = rig.seen("alarm", "pressure_rising")[0]["at_ms"] - clamped_ms
    alarm_ms = rig.seen("alarm", "occlusion")[0]["at_ms"] - clamped_ms
    assert warned_ms * part < alarm_ms
    # What friction does not do by itself, in spring and line; three looks and the smoothing.
    volume_nl = rig.controller.lookout.trend.rise_mn / rig.board.mn_per_mmhg * (spring + line)
    assert volume_nl * 3.6 / ml_h <= warned_ms <= volume_nl * 3.6 / ml_h * 1.15 + 6000
    assert [e["what"] for e in rig.seen("alarm_end")] == ["pressure_rising"], "an occlusion takes its place"


def test_the_motor_goes_on_and_the_warning_ends_by_itself_when_the_clamp_is_opened():
    rig = Rig(PlungerBoard())
    rig.start(order(rate(20, 10)))
    rig.run(120000)
    rig.board.clamp()
    for _ in range(1000):
        if rig.alarms:
            break
        rig.poll()
    assert rig.alarms == ["pressure_rising"]
    assert rig.state == "infusing"
    assert rig.board.shown[0] == 1
    rig.board.clamp(False)
    rig.run(10000)
    assert rig.alarms == []
    rig.run(60000)
    assert len(rig.seen("alarm")) == 1


def test_starting_pausing_and_titrating_with_an_open_line_warn_of_nothing():
    rig = Rig(PlungerBoard())
    rig.start(order(rate(20, 10)))
    rig.run(120000)
    rig.ok("pause")
    rig.run(5000)
    rig.resume()
    for ml_h in (100, 5, 60, 1):
        rig.change("rate", ml(ml_h), 3600000)
        rig.run(60000)
    assert rig.alarms == []


def test_a_line_that_was_closed_from_the_start_is_told_by_the_level():
    rig = Rig(PlungerBoard())
    rig.board.clamp()
    rig.start(order(rate(20, 10)))
    rig.run_until("alarm", 2000000)
    warned, stopped = rig.seen("alarm")
    assert (warned["what"], stopped["what"]) == ("pressure_rising", "occlusion")
    assert 200 < warned["value"] < 240


def test_a_pause_ends_it():
    rig = Rig(PlungerBoard())
    rig.start(order(rate(20, 10)))
    rig.run(120000)
    rig.board.clamp()
    rig.run(60000)
    assert rig.alarms == ["pressure_rising"]
    rig.ok("pause")
    assert rig.alarms == []
