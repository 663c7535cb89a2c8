"""The automatic nurse: answers alarms as a person would, mends nothing, and gives up in the end."""

import pytest

from picoinfuse import Program
from picoinfuse.errors import BadInput
from picoinfuse.nurse import DELAY_MS, nurse
from picoinfuse_sim import Bench


def run(faults, order=None, *, seed=1, **options):
    bench = Bench(seed=seed, faults=faults, **options)
    return bench.pump.run(order or Program.continuous("40 mL/h", "10 mL"), nurse=nurse("auto:30s", seed))


def test_she_waits_until_the_clamp_is_open_and_resumes():
    record = run(["clamp@2min", "release@5min"])
    its = record.result()
    assert its["outcome"] == "complete"
    assert its["delivered_ml"] == pytest.approx(10, abs=0.001)
    assert "occlusion" in [alarm["code"] for alarm in its["alarms"]]
    assert its["duration_s"] > 15 * 60


def test_she_gives_up_a_clamp_that_stays():
    """After two restarts the pump itself says that it is enough."""
    its = run(["clamp@2min"]).result()
    assert its["outcome"] == "alarm"
    assert its["alarms"][-1]["code"] == "restarts"


def test_she_changes_an_empty_syringe():
    record = run(["empty@5min"])
    assert record.result()["outcome"] == "complete"
    assert [event.value for event in record.events if event.kind == "refill"][1:] == [60_000_000]


def test_she_does_not_restart_a_pump_that_is_not_to_be_trusted():
    record = run(["power_cut@2min"])
    assert record.result()["outcome"] == "alarm"
    assert record.result()["alarms"][-1]["code"] == "power_lost"


def test_a_nurse_who_was_told_to_goes_on_after_a_power_cut():
    bench = Bench(seed=1, faults=["power_cut@2min", "power_cut@9min"])
    record = bench.pump.run(Program.continuous("40 mL/h", "10 mL"), nurse=nurse("resume:30s", 1))
    its = record.result()
    assert its["outcome"] == "complete"
    assert its["delivered_ml"] == pytest.approx(10, abs=0.001)
    assert [alarm["code"] for alarm in its["alarms"]].count("power_lost") == 2
    uncertain_ml = bench.pump.status().uncertain_nl / 1e6
    assert 0 < uncertain_ml < 0.06
    turned_ml = bench.drive.turned_steps * 349.92e-6
    assert 10 - uncertain_ml - 0.001 <= turned_ml <= 10


def test_the_same_seed_is_the_same_nurse():
    first, again, other = (run(["clamp@2min", "release@8min"], seed=seed) for seed in (1, 1, 2))
    assert first.events == again.events
    assert first.events != other.events


def test_her_name():
    assert nurse("none") is None
    assert nurse("auto")._delay_ms == DELAY_MS
    assert nurse("auto:2 min")._delay_ms == 120_000
    assert nurse("resume:2 min")._delay_ms == 120_000
    for text in ("", "robot", "auto:", "none:3s", "auto:soon", "auto:-3s"):
        with pytest.raises(BadInput, match="nurse"):
            nurse(text)
