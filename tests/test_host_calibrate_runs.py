"""What a pump does for its calibration: primed, given, counted; and what is refused before anything moves."""

import pytest

from picoinfuse.calibrate_runs import Deliveries, forces_mn, has_force
from picoinfuse.cli import main
from picoinfuse.configuration import defaults
from picoinfuse.errors import BadInput, PicoInfuseError, PumpAlarm
from picoinfuse_firmware.config import Config
from picoinfuse_sim import Bench


def deliveries(bench, **options):
    return Deliveries(
        bench.pump, **{"syringe": "BD 60 mL", "volume": "10 mL", "rate": "120 mL/h", "runs": 3, **options}
    )


def test_the_pump_primes_once_and_gives_the_volume_each_time(bench):
    its = deliveries(bench)
    its.prepare()
    primed_ml = its.balance_ml()
    assert 0.8 < primed_ml < 1  # play and softness of the drive keep the rest
    for number in (1, 2):
        assert 0 <= 10_000_000 - its.give() < 350
        assert its.balance_ml() - primed_ml == pytest.approx(10 * number, rel=0.01)
    assert its.left_nl == pytest.approx(39e6, abs=1000)


def test_what_the_pump_ran_with_is_known_to_the_millionth():
    bench = Bench(0, config=Config(volume_ppm=1_020_000))
    its = deliveries(bench)
    its.prepare()
    assert its.agrees({**defaults(), "volume_ppm": 1_020_000})
    assert not its.agrees(defaults())
    assert not its.agrees({**defaults(), "volume_ppm": 1_020_010})
    assert not its.agrees({**defaults(), "volume_ppm": 1_020_000, "pitch_um": 2001})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"volume": "20 mL"}, r"--volume = '20 mL': 3 of it and 1 mL of priming are 61 mL, and 60 mL are in"),
        ({"filled": "30 mL"}, "30 mL are in the syringe"),
        ({"volume": "0.9 mL"}, "least is 1 mL"),
        ({"volume": "10 mL/h"}, "--volume"),
        ({"prime": "some"}, "--prime"),
        ({"filled": "full"}, "--filled"),
        ({"syringe": "BD 61 mL"}, "BD 61 mL"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_moves(bench, options, words):
    with pytest.raises(BadInput, match=words):
        deliveries(bench, **options)
    assert bench.board.steps_forward() == 0


def test_how_much_was_primed_is_told_and_ctrl_c_stops_that_as_well(bench):
    """Priming was silent, and after Ctrl-C the motor went on to the end of it."""
    its = deliveries(bench)
    told = []

    def press(done, of):
        told.append((done, of))
        if done > 300_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        its.prepare(press)
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1][1] == 1_000_000
    stopped = bench.board.steps_forward()
    bench.advance("1 min")
    assert bench.board.steps_forward() == stopped
    assert bench.pump.status().state == "idle"


def test_the_whole_of_the_priming_is_told(bench):
    told = []
    deliveries(bench).prepare(lambda done, of: told.append((done, of)))
    assert told[0][0] < 100_000
    assert 0 <= 1_000_000 - told[-1][0] < 350


def test_how_much_was_given_is_told_and_ctrl_c_stops_the_pump(bench):
    its = deliveries(bench)
    its.prepare()
    told = []

    def press(done, of):
        told.append((done, of))
        if done > 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        its.give(press)
    assert len(told) > 2
    assert told[-1][0] > 1_000_000
    assert told[-1][1] == 10_000_000
    assert bench.pump.status().state == "idle"


def test_an_alarm_ends_a_run_and_says_which(bench):
    its = deliveries(bench)
    its.prepare()
    bench.line.clamp()
    with pytest.raises(PumpAlarm, match="occlusion"):
        its.give()


def test_the_force_is_told_as_often_as_was_asked(bench):
    assert has_force(bench.pump)
    assert len(forces_mn(bench.pump, 25)) == 25
    assert not has_force(Bench(0, absent=["force"]).pump)


def test_a_pump_that_falls_silent_is_not_waited_for_for_ever(bench):
    bench.pump.hello()
    bench.at("2 s", bench.host_unplugged)
    with pytest.raises(PicoInfuseError):
        forces_mn(bench.pump, 1000)


@pytest.mark.usefixtures("own_folder")
def test_a_file_that_was_changed_since_the_pump_started_is_noticed(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse.pump_configuration.of_simulated", lambda port: {**defaults(), "pitch_um": 2010})
    assert main(["calibrate", "steps", "--port", "sim://", "--out", "my.toml"]) == 2
    assert "is not the one that the pump ran with" in capsys.readouterr().err
