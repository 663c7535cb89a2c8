"""The host of a target dies: the pump holds its last rate for a set time and falls back as ordered; teaching models."""

import pytest

import picoinfuse as pi
from killed_tci import SCHNIDER, killed_at
from picoinfuse.errors import BadInput
from picoinfuse.pump import Pump
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse


def test_without_an_order_for_it_the_pump_pauses_and_says_so():
    tci, bench = killed_at(200)
    held_nl_h = tci._rate_nl_h
    someone = Pump(bench.port())
    bench.advance("19 s")
    assert someone.status().rate_nl_h == held_nl_h > 10_000_000
    bench.advance("20 s")
    status = someone.status()
    assert (status.state, status.rate_nl_h) == ("paused", 0)
    assert "supervision_lost" in status.alarm_names
    before = bench.truth()["effect_ug_ml"]
    bench.advance("5 min")
    assert bench.truth()["effect_ug_ml"] < before / 2
    assert someone.status().delivered_nl == status.delivered_nl


def test_with_a_fallback_it_goes_on_with_that():
    _, bench = killed_at(200, fallback="20 mL/h")
    someone = Pump(bench.port())
    bench.advance("40 s")
    status = someone.status()
    assert (status.state, status.rate_nl_h) == ("infusing", 20_000_000)
    assert "supervision_lost" in status.alarm_names
    bench.advance("5 min")
    assert someone.status().delivered_nl - status.delivered_nl == pytest.approx(20e6 / 12, rel=0.01)
    assert 0.5 < bench.truth()["effect_ug_ml"] < 4


@pytest.mark.parametrize("hold", ["20 s", "1 min"])
@pytest.mark.parametrize("seconds", [1, 6, 9, 12, 19, 29, 39, 49])
def test_whenever_it_dies_the_plasma_stays_below_its_ceiling(seconds, hold):
    """Also in the middle of the fastest rate: each rate is one that may be held until the pump falls back."""
    _, bench = killed_at(seconds, hold=hold, max_rate="1200 mL/h", max_concentration="9 ug/mL")
    highest = 0.0
    for _ in range(120):
        bench.advance("1 s")
        highest = max(highest, bench.truth()["plasma_ug_ml"])
    assert highest < 9
    assert Pump(bench.port()).status().state == "paused"
    if seconds < 10:
        assert highest > 4, "it is the ceiling that is tried here"


def test_a_host_that_lives_is_never_missed():
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True)
    tci = pi.Tci(SCHNIDER, target="2 ug/mL@0min,0 ug/mL@4min", duration="15 min", hold="20 s")
    record = bench.pump.run(tci)
    assert {alarm["code"] for alarm in record.alarms()} == {"near_end", "end"}
    assert tci.refused == []
    assert record.seen[-1][2] < 0.5


@pytest.mark.parametrize("fallback", [None, "20 mL/h"])
def test_who_comes_back_brings_the_model_up_and_goes_on(fallback):
    tci, bench = killed_at(200, fallback=fallback)
    bench.advance("3 min")
    low = bench.truth()["effect_ug_ml"]
    assert low < 3
    again = Pump(bench.port())
    tci.attach(again)
    assert tci.body.effect == pytest.approx(low, rel=0.1)
    if fallback is None:
        assert again.status().state == "paused"
        again.resume()  # a person's word, never the host's own
    again.wait(on_telemetry=tci.telemetry, on_event=tci.event)
    assert bench.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)
    assert "supervision_lost" not in again.status().alarm_names


@pytest.mark.parametrize(
    ("fallback", "message"),
    [
        ("700 mL/h", "fallback = '700 mL/h': is 0.01 mL/h to max_rate = 600 mL/h, or left out, and the pump pauses"),
        ("0 mL/h", "fallback = '0 mL/h': is 0.01 mL/h to max_rate"),
        ("200 mL/h", r"fallback = '200 mL/h': leads to 20.\d ug/mL in the plasma in the end, above max_concentration"),
        ("20 mL", "fallback = '20 mL': is a volume, not a rate"),
    ],
)
def test_a_fallback_that_is_no_safe_rate_is_refused(fallback, message):
    with pytest.raises(BadInput, match=message):
        pi.Tci(SCHNIDER, target="4 ug/mL", duration="5 min", fallback=fallback)
