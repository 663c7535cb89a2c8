"""The commands `calibrate`: on simulated pumps with a simulated balance and mass, answers as options, and typed."""

import pytest

from picoinfuse import configuration
from picoinfuse.cli import ask, main

pytestmark = pytest.mark.usefixtures("own_folder")
FOUND = "sim://?seed={}&volume_error=2%"


def off_percent(said):
    """Return by how many percent the pump was off, as it was said."""
    return float(said.split(" of what it counted (")[1].split("%")[0])


@pytest.mark.parametrize("seed", range(3))
def test_a_screw_that_gives_2_percent_too_much_is_mended_to_a_thousandth(capsys, tmp_path, seed):
    port = FOUND.format(seed)
    assert main(["calibrate", "steps", "--port", port, "--out", "my.toml"]) == 0
    said = capsys.readouterr().out
    assert 1.8 < off_percent(said) < 2.2
    assert "volume_ppm  1000000 becomes 10" in said
    assert "95 % sure within 0." in said
    values = configuration.read(tmp_path / "my.toml")
    assert 1_019_000 < values["volume_ppm"] < 1_021_000
    assert values["volume_calibrated"] > 20_250_000
    assert main(["calibrate", "steps", "--port", f"{port}&config=my.toml"]) == 0
    assert abs(off_percent(capsys.readouterr().out)) <= 0.1


def test_the_typed_answers_make_the_same_result(capsys, monkeypatch):
    """A person at a terminal, with a real pump: the simulated one hides its balance."""
    monkeypatch.setattr("picoinfuse_sim.protocols.protocol_sim.Serial.truth", lambda port: None)
    asked = []

    def typed(question, **_):
        asked.append(question)
        if "balance" not in question:
            return ""
        return "15.257" if len(asked) == 3 else "15.257 g"  # the unit is forgotten once

    monkeypatch.setattr(ask.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(ask.typer, "prompt", typed)
    assert main(["calibrate", "steps", "--port", FOUND.format(1)]) == 0
    said = capsys.readouterr().out
    assert len(asked) == 1 + 2 * 3 + 1  # the syringe; the cup and the weight of each run; one asked again
    assert "has no unit" in said
    assert "95 % sure within 0.00%" in said
    # 15.257 g of water at 20 C are 15.257 * (1 - 0.0012/8) / (0.998207 - 0.0012) = 15.3005 mL; 14.9999 were counted
    assert "It gave 1.02005 of" in said


def test_every_answer_can_be_an_option(capsys):
    weighed = ["--weighed", "3.04 g", "--weighed", "3.05 g", "--weighed", "3.06 g", "--water", "25 degC"]
    assert main(["calibrate", "steps", "--port", "sim://", "--volume", "3 mL", "--yes", *weighed]) == 0
    said = capsys.readouterr().out
    assert off_percent(said) == pytest.approx(100 * (3.05 * (1 - 0.0012 / 8) / (0.997047 - 0.0012) / 3 - 1), abs=0.02)
    assert main(["calibrate", "steps", "--port", "sim://", "--volume", "3 mL", "--once", "--measured", "3.02 mL"]) == 0
    said = capsys.readouterr().out
    assert off_percent(said) == pytest.approx(0.67, abs=0.02)
    assert "one run says nothing of how sure" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--once", "--weighed", "13 g"], ["--weighed = '13 g'", "10%", "diameter of the syringe first"]),
        (["--once", "--weighed", "15 mL"], ["--weighed = '15 mL'", "9.87 g"]),
        (["--once", "--weighed", "heavy"], ["--weighed = 'heavy'"]),
        (["--once", "--measured", "0 mL"], ["--measured = '0 mL'", "nothing came"]),
        (["--weighed", "15 g"], ["--weighed", "1 of 3 runs; give it once for each"]),
        (["--weighed", "15 g", "--measured", "15 mL"], ["--measured", "not both"]),
        (
            ["--volume", "3 mL", "--weighed", "3 g", "--weighed", "3 g", "--weighed", "3.06 g"],
            ["3.06 g", "differ by 2.0%", "1%"],
        ),
        (["--runs", "2"], ["--runs = 2", "3 to 10", "--once"]),
        (["--runs", "11"], ["--runs = 11", "3 to 10"]),
        (["--water", "60 degC"], ["--water = '60 degC'", "5 to 40"]),
        (["--water", "warm"], ["--water = 'warm'"]),
        (["--volume", "30 mL"], ["--volume = '30 mL'", "91 mL", "60 mL"]),
        (["--volume", "0.5 mL"], ["--volume = '0.5 mL'", "least is 1 mL"]),
        (["--syringe", "BD 61 mL"], ["BD 61 mL", "BD 60 mL"]),
        (["--rate", "4000 mL/h"], ["4000 mL/h"]),
    ],
)
def test_nonsense_is_refused_in_one_line_and_nothing_is_written(capsys, tmp_path, arguments, words):
    port = ["--port", "sim://"]
    assert main(["calibrate", "steps", *port, "--out", "my.toml", *arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]
    assert not (tmp_path / "my.toml").exists()


def test_where_nobody_can_be_asked_the_option_is_named(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse_sim.protocols.protocol_sim.Serial.truth", lambda port: None)
    assert main(["calibrate", "steps", "--port", "sim://"]) == 2
    assert "--yes: is missing" in capsys.readouterr().err
    assert main(["calibrate", "steps", "--port", "sim://", "--yes"]) == 2
    assert "--weighed: is missing" in capsys.readouterr().err
    assert main(["calibrate", "force", "--port", "sim://"]) == 2
    assert "--mass: is missing" in capsys.readouterr().err


def test_a_load_cell_is_found_with_its_offset(capsys, tmp_path):
    """The simulated cell reads true but for its tare, some 100 mN: a zero of that, and the factor that it has."""
    assert main(["calibrate", "force", "--port", "sim://?seed=2", "--mass", "2 kg", "--out", "my.toml"]) == 0
    said = capsys.readouterr().out
    assert "has_force: false becomes true" in said
    values = configuration.read(tmp_path / "my.toml")
    assert values["force_counts_per_n"] == pytest.approx(10949, rel=0.002)
    assert abs(values["force_zero_counts"]) < 0.4 * 10949
    assert values["has_force"] == 1
    assert values["force_calibrated"] > 20_250_000


def test_another_factor_is_reckoned_back_to_the_same_counts(capsys, tmp_path):
    """A pump that reckons with another zero and factor has other raw counts for the same force."""
    text = configuration.toml(
        {
            **configuration.defaults(),
            "has_force": 1,
            "force_zero_counts": 5000,
            "force_counts_per_n": -20000,
            "force_calibrated": 20260131,
        }
    )
    (tmp_path / "my.toml").write_text(text, "utf-8")
    port = "sim://?seed=2&config=my.toml"
    assert main(["calibrate", "force", "--port", port, "--mass", "2 kg", "--out", "new.toml"]) == 0
    values = configuration.read(tmp_path / "new.toml")
    assert values["force_counts_per_n"] == pytest.approx(-20000, rel=0.002)
    assert "another cell" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mass", "50 g"], ["--mass = '50 g'", "100 g to 20 kg"]),
        (["--mass", "1 mL"], ["--mass = '1 mL'"]),
        (["--mass", "100 g", "--readings", "9"], ["--readings = 9", "10 to 1000"]),
    ],
)
def test_a_mass_that_is_none_is_refused(capsys, arguments, words):
    assert main(["calibrate", "force", "--port", "sim://", *arguments]) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words)


def test_a_mass_that_is_not_on_the_cell_is_noticed(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse_sim.protocols.protocol_sim.Serial.act", lambda port, action: False)
    assert main(["calibrate", "force", "--port", "sim://", "--mass", "1 kg"]) == 2
    assert "Is the mass on the cell" in capsys.readouterr().err


def test_a_simulated_pump_without_a_cell_says_so(capsys):
    assert main(["calibrate", "force", "--port", "sim://?absent=force", "--mass", "1 kg"]) == 2
    assert "no load cell" in capsys.readouterr().err


def test_ctrl_c_while_it_primes_stops_the_motor_and_says_that_nothing_was_stored(capsys, monkeypatch, tmp_path):
    from picoinfuse import Pump
    from picoinfuse.cli import bar

    stopped = []
    stop = Pump.stop
    monkeypatch.setattr(Pump, "stop", lambda pump: (stopped.append(pump.status().state), stop(pump)))

    def press(self, done, total):
        if done > 300_000:
            raise KeyboardInterrupt

    monkeypatch.setattr(bar.Bar, "at", press)
    assert main(["calibrate", "steps", "--port", "sim://", "--out", "my.toml"]) == 5
    captured = capsys.readouterr()
    assert "Priming: 1 mL." in captured.out
    assert "The motor stands. Nothing was stored" in captured.err
    assert captured.err.endswith("picoinfuse: interrupted\n")
    assert stopped[0] == "priming"
    assert not (tmp_path / "my.toml").exists()


def test_ctrl_c_at_the_question_what_was_weighed_drops_the_program(capsys, monkeypatch):
    from picoinfuse import Pump

    monkeypatch.setattr("picoinfuse_sim.protocols.protocol_sim.Serial.truth", lambda port: None)
    monkeypatch.setattr(ask.sys.stdin, "isatty", lambda: True, raising=False)
    states = []
    stop = Pump.stop
    monkeypatch.setattr(Pump, "stop", lambda pump: (stop(pump), states.append(pump.status().state)))

    def typed(question, **_):
        if "balance reads" in question:
            raise ask.typer.Abort
        return ""

    monkeypatch.setattr(ask.typer, "prompt", typed)
    assert main(["calibrate", "steps", "--port", "sim://"]) == 5
    assert "Nothing was stored" in capsys.readouterr().err
    assert states == ["idle"]


def test_the_help_says_which_calibration_is_for_what(capsys):
    assert main(["calibrate", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "picoinfuse syringes calibrate" in said
    assert main(["syringes", "calibrate", "--help"]) == 0
    assert "picoinfuse calibrate steps" in " ".join(capsys.readouterr().out.split())
