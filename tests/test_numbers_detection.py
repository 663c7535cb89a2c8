"""Each alarm of the drive comes within the published time, in every syringe and at every rate of the table."""

import pytest

import picoinfuse as pi
from measure import start, times_ms, until_alarm
from picoinfuse.errors import PumpAlarm
from picoinfuse_sim import Bench
from picoinfuse_sim.detection import BOLUS_ML_H, RATES_ML_H, SLIP, SYRINGES, detection, table

AT_WORST_COUNTS = 39  # 3.4 degrees between two readings: everything that watch/flow.py names, added up


def infusing(syringe, ml_h, share=0.98):
    bench = Bench(seed=1, syringe=syringe)
    volume_ml = float(syringe.split()[1]) * share
    start(bench, pi.Program.continuous(rate=f"{ml_h:g} mL/h", volume=f"{volume_ml:g} mL", syringe=syringe))
    return bench


def alarm_after(bench, name, fault_s):
    """Wait for an alarm; it must be this one. Return the seconds since fault_s, on the pump's clock."""
    until_alarm(bench)
    with pytest.raises(PumpAlarm) as caught:
        bench.pump.wait()
    assert caught.value.name == name
    return times_ms(bench.pump, "alarm", name)[0] / 1000 - fault_s


def onsets(published, syringe, ml_h):
    """With the infusion, in the midst of the first window, and after it has slid on; as far as the syringe lasts."""
    left_s = float(syringe.split()[1]) * 0.9 / ml_h * 3600 - published.slip_s
    return sorted({max(0, min(onset, left_s)) for onset in (1.0, 0.6 * published.slip_s, 1.7 * published.slip_s)})


@pytest.mark.parametrize("ml_h", RATES_ML_H)
@pytest.mark.parametrize("syringe", SYRINGES)
def test_a_slip_of_a_fifth_is_under_delivery_within_the_published_time(syringe, ml_h):
    published = detection(syringe, ml_h)
    if published.outlasts_syringe:
        assert published.slip_s * ml_h / 3600 > float(syringe.split()[1])
        return
    for onset_s in onsets(published, syringe, ml_h):
        bench = infusing(syringe, ml_h)
        bench.advance(onset_s)
        bench.drive.slip(SLIP)
        after_s = alarm_after(bench, "under_delivery", bench.controller.now_ms / 1000)
        assert published.slip_s / 3 < after_s <= published.slip_s


@pytest.mark.parametrize("ml_h", RATES_ML_H)
@pytest.mark.parametrize("syringe", SYRINGES)
def test_a_screw_that_stands_is_motor_stalled_within_the_published_time(syringe, ml_h):
    published = detection(syringe, ml_h)
    for onset_s in (0.3, 10.7, 61.2):
        bench = infusing(syringe, ml_h)
        bench.advance(onset_s)
        bench.drive.stall()
        after_s = alarm_after(bench, "motor_stalled", bench.controller.now_ms / 1000)
        assert after_s <= published.stall_s


@pytest.mark.parametrize("ml_h", RATES_ML_H)
@pytest.mark.parametrize("syringe", SYRINGES)
def test_a_screw_that_turns_a_fifth_too_far_is_over_delivery_within_the_published_time(syringe, ml_h):
    """Before the guard, whose alarm needs a restart."""
    published = detection(syringe, ml_h)
    for onset_s in onsets(published, syringe, ml_h):
        bench = infusing(syringe, ml_h)
        bench.advance(onset_s)
        bench.drive.slip(-SLIP)
        after_s = alarm_after(bench, "over_delivery", bench.controller.now_ms / 1000)
        assert after_s <= published.overturn_s


@pytest.mark.parametrize("ml_h", RATES_ML_H)
@pytest.mark.parametrize("syringe", SYRINGES)
def test_a_slip_of_a_fifth_in_a_bolus_is_under_delivery_within_the_published_time(syringe, ml_h):
    published = detection(syringe, ml_h)
    bench = infusing(syringe, ml_h, share=0.35)
    bench.advance(10.0)
    bench.drive.slip(SLIP)
    before_s = bench.controller.now_ms / 1000
    bench.pump.bolus(f"{min(8, float(syringe.split()[1]) * 0.6):g} mL", rate=f"{BOLUS_ML_H:g} mL/h")
    assert alarm_after(bench, "under_delivery", before_s) <= published.bolus_slip_s + 3  # till it began


def test_an_encoder_as_wrong_as_its_stated_uncertainty_allows_is_no_alarm():
    """A sound drive whose encoder is as wrong as it may be, at the rates where the windows are shortest."""
    for syringe in SYRINGES:
        bench = infusing(syringe, 1.0)
        sound = bench.drive.encoder_counts

        def wrong(*since, sound=sound):
            counts = sound(*since)
            return counts + (AT_WORST_COUNTS if counts // 600 % 2 else 0)

        bench.drive.encoder_counts = wrong
        bench.advance("3 h")
        assert not [e for e in bench.pump.events() if e.kind == "alarm"]


def test_the_published_table_names_each_syringe_at_each_rate_once():
    rows = table()
    assert [(row.syringe, row.rate_ml_h) for row in rows] == [(s, r) for s in SYRINGES for r in RATES_ML_H]
    for row in rows:
        assert row.slip_s >= 900
        assert row.bolus_slip_s >= 60
        assert row.stall_s < row.overturn_s <= row.slip_s


@pytest.mark.parametrize("ml_h", [1.0, 5.0, 50.0])
def test_drawing_back_after_an_occlusion_and_going_on_confuses_no_window_and_not_the_guard(ml_h):
    bench = infusing("BD 20 mL", ml_h)
    for _ in range(2):  # the third restart in ten minutes has an alarm of its own
        bench.advance("10 min" if ml_h < 50 else "1 min")
        bench.act("clamp")
        with pytest.raises(PumpAlarm, match="occlusion"):
            bench.pump.wait()
        bench.advance("3 min")
        bench.act("release")
        bench.pump.acknowledge()
        bench.pump.resume()
    assert bench.board.steps_reverse() > 400, "it was drawn back, by more than the guard lets a running motor go back"
    bench.advance("1 h" if ml_h < 50 else "10 min")
    told = {event.what for event in bench.pump.events() if event.kind == "alarm"}
    assert not told & {"guard", "motor_stalled", "over_delivery", "under_delivery", "rate_unreachable", "system_fault"}


def test_a_slip_that_began_before_an_occlusion_is_told_after_it():
    bench = infusing("BD 20 mL", 20.0)
    bench.drive.slip(SLIP)
    bench.advance("5 min")
    bench.act("clamp")
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    infused_s = bench.controller.now_ms / 1000
    bench.advance("3 min")
    bench.act("release")
    bench.pump.acknowledge()
    bench.pump.resume()
    after_s = alarm_after(bench, "under_delivery", bench.controller.now_ms / 1000)
    assert infused_s + after_s <= detection("BD 20 mL", 20.0).slip_s + 60
