"""The keys of sim://, serve and run --world: each reaches the world it names, and a bad value is explained."""

import json

import pytest

import peoples
from picoinfuse import configuration
from picoinfuse.cli import main
from picoinfuse.cli.address import address, pairs
from picoinfuse.errors import BadInput
from picoinfuse.library import Library
from picoinfuse_firmware.board import SENSORS
from picoinfuse_sim.settings import ONCE, bench_of


def test_each_key_reaches_the_world():
    bench = bench_of(
        [
            ("seed", "3"),
            ("syringe", "BD 20 mL"),
            ("filled", "15 mL"),
            ("absent", "encoder, keys"),
            ("route", "epidural"),
            ("height", "-68 cm"),
            ("captured", "no"),
            ("fault", "clamp@1min"),
            ("fault", "release@2min"),
        ]
    )
    assert bench.syringe.kind.name == "BD 20 mL"
    assert bench.plant.content_nl() == pytest.approx(15e6)
    assert bench.board.has == tuple(name for name in SENSORS if name not in ("encoder", "keys"))
    assert bench.line.route.name == "epidural"
    assert bench.line.patient_mmhg == pytest.approx(10 + 68 / 1.36)
    assert not bench.plant.captured


def test_people_and_a_drug_library_lie_on_the_pump_as_they_are(tmp_path):
    """Also a damaged file: what the pump makes of it is to be seen."""
    (tmp_path / "people.txt").write_text(peoples.file(), "utf-8")
    (tmp_path / "damaged.txt").write_bytes(b"\xff\x00")
    bench = bench_of([("access", str(tmp_path / "people.txt")), ("library", "teaching")])
    assert "".join(bench.board.text("access")) == peoples.file()
    assert "".join(bench.board.text("library")) == Library.read().text
    assert bench_of([]).board.text("access") is None
    damaged = bench_of([("access", str(tmp_path / "damaged.txt"))])
    damaged.advance("3 s")
    assert (damaged.pump.problem(), damaged.pump.status().state) == ("access_damaged", "alarm")
    with pytest.raises(BadInput, match="cannot be read"):
        bench_of([("access", str(tmp_path / "none.txt"))])


def test_chance_of_the_simulated_pump_comes_from_the_seed():
    one, same, other = bench_of([]), bench_of([]), bench_of([("seed", "1")])
    drawn = one.board.entropy()
    assert drawn == same.board.entropy()
    assert len({drawn, one.board.entropy(), other.board.entropy()}) == 3


def test_a_cold_fluid_and_another_cannula_resist_more():
    usual = bench_of([]).line.resistance_mmhg_h_per_ml
    cold = bench_of([("fluid", "4 degC")]).line.resistance_mmhg_h_per_ml
    assert cold == pytest.approx(1.55 * usual, rel=0.02)
    assert bench_of([("cannula", "24G")]).line.resistance_mmhg_h_per_ml == pytest.approx(usual + 0.033 - 0.016)


def test_tolerances_change_the_barrel_and_ideal_leaves_every_error_away():
    real, ideal = bench_of([("tolerances", "yes")]), bench_of([("ideal", "yes")])
    catalogue_nl = ideal.syringe.step_nl
    assert 0 < abs(real.syringe.step_nl / catalogue_nl - 1) < 0.01
    assert bench_of([("tolerances", "no")]).syringe.step_nl == pytest.approx(catalogue_nl, rel=1e-12)
    assert {ideal.board.force_mn() for _ in range(20)} == {round(ideal.plant.force_mn(ideal.board.now_ms))}


def test_the_example_of_every_key_can_be_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-pump.toml").write_text(configuration.toml(configuration.defaults()), "utf-8")
    (tmp_path / "people.txt").write_text(peoples.file(), "utf-8")
    for key, (_, read, example, meaning) in ONCE.items():
        read(example)
        assert meaning, key
        bench_of([(key, example)] if key not in ("captured", "filled") else [])


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("absnt", "encoder", "absnt = 'encoder': unknown key; the known ones are: seed, syringe"),
        ("absent", "encodr", "absent = 'encodr': unknown sensor; the known ones are: force, encoder"),
        ("route", "nose", "the known ones are peripheral vein"),
        ("cannula", "3G", "the known ones are 24G"),
        ("height", "3", "height = '3': write a number and its unit (cm, mm, m)"),
        ("height", "9 m", "height = '9 m': is outside -200 to 200 cm"),
        ("fluid", "80 degC", "fluid = '80 degC': is outside 0 to 45 degC"),
        ("captured", "maybe", "captured = 'maybe': write yes or no"),
        ("speed", "3", "speed = '3': is no part of the world"),
        ("fault", "clamp", "says no time"),
    ],
)
def test_what_cannot_be_is_explained(key, value, message, capsys):
    with pytest.raises(BadInput) as caught:
        bench_of([(key, value)])
    assert message in str(caught.value)
    assert main(["serve", "--world", f"{key}={value}"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("text", ["absent", "=encoder", "absent=", ""])
def test_a_world_is_a_key_and_a_value(text):
    with pytest.raises(BadInput, match="write KEY=VALUE"):
        pairs([text])


def test_the_world_of_run_travels_in_the_address_and_goes_before_the_therapy():
    url = address("sim://?seed=2", world=["absent=encoder,keys", "syringe=BD 20 mL"], syringe="BD 60 mL")
    assert url == "sim://?seed=2&absent=encoder%2Ckeys&syringe=BD%2020%20mL"
    with pytest.raises(BadInput, match="say it once"):
        address("sim://", seed=1, world=["seed=2"])
    with pytest.raises(BadInput, match="--world: only a simulated pump has that"):
        address("/dev/ttyACM0", world=["absent=encoder"])


def test_without_an_encoder_nobody_sees_that_the_screw_stands_and_the_pump_says_complete(capsys, tmp_path, small):
    words = ["run", small, "--fault", "stall@10s", "--json", "--out"]
    assert main([*words, str(tmp_path / "with")]) == 3
    alarms = json.loads(capsys.readouterr().out.splitlines()[-1])["alarms"]
    assert [alarm["code"] for alarm in alarms] == ["near_end", "motor_stalled"]  # a dose of less than three minutes
    assert main([*words, str(tmp_path / "without"), "--world", "absent=encoder"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["outcome"] == "complete"
    assert result["delivered_ml"] == pytest.approx(1, abs=0.01)
    assert result["patient_ml"] < 0.2


def test_a_configuration_makes_the_pump_that_it_describes(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(configuration.toml({**configuration.defaults(), "pitch_um": 4000, "has_encoder": 1}), "utf-8")
    bench = bench_of([("config", str(path))])
    assert bench.board.has == ("encoder",)
    assert bench.syringe.step_nl == pytest.approx(2 * bench_of([]).syringe.step_nl)
    assert bench_of([("config", str(path)), ("absent", "keys")]).board.has == tuple(n for n in SENSORS if n != "keys")


def test_a_screw_with_an_error_moves_further_and_the_pump_does_not_know():
    plain, wrong = bench_of([]), bench_of([("volume_error", "2%")])
    assert wrong.syringe.step_nl == pytest.approx(1.02 * plain.syringe.step_nl)
    assert sum(wrong.drive.advances_um) == pytest.approx(2040)
    assert vars(wrong.config) == vars(plain.config)
    assert bench_of([("volume_error", "-0.5 %")]).syringe.step_nl == pytest.approx(0.995 * plain.syringe.step_nl)
    for text in ("11%", "-11", "much", "1/0", "nan", "2 mL"):
        with pytest.raises(BadInput, match=r"volume_error = .*-10% to 10%"):
            bench_of([("volume_error", text)])
