"""Calibration by weighing: the diameter that follows, to the micrometre, and the file it is written into."""

from fractions import Fraction

import pytest

from picoinfuse import Program, syringe_file, syringes
from picoinfuse.calibrate import calibrate
from picoinfuse.errors import BadInput
from picoinfuse_sim import Bench

DAY = "2026-01-31"


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Your file, still to be written."""
    path = tmp_path / "deep" / "mine.toml"
    monkeypatch.setenv("PICOINFUSE_SYRINGES", str(path))
    return path


def test_the_diameter_goes_with_the_root_of_the_volume():
    """10 mL ordered, 9.9820 g of water are 10 mL; 1 % more volume is half a percent more diameter."""
    assert calibrate("BD 60 mL", "10 mL", "9.982 g", DAY).barrel_um == 26_700
    more = calibrate("BD 60 mL", "10 mL", "10.08182 g", DAY)
    assert more.factor == Fraction(101, 100)
    assert more.barrel_um == 26_833  # 26700 * sqrt(1.01) = 26833.2
    assert calibrate("BD 60 mL", "10 mL", "10.08182 g", DAY, density="1.008182 g/mL").barrel_um == 26_700


@pytest.mark.parametrize("grams", ["9.2", "9.6123", "9.99", "10.4", "10.9"])
def test_the_whole_micrometre_is_the_nearest_one(grams):
    found = calibrate("Terumo 20 mL", "10 mL", f"{grams} g", DAY)
    exact = 20_150 * (float(Fraction(grams) / Fraction("9.982"))) ** 0.5
    assert abs(found.barrel_um - exact) <= 0.5 + 1e-6


def test_the_row_says_when_and_by_how_much_and_is_known_at_once(path):
    found = calibrate("bd 60", "50 mL", "49.2 g", DAY)
    found.save(path)
    its = syringes.find("BD 60 mL")
    assert its.barrel_um == found.barrel_um
    assert its.friction_mn == 5_000
    assert its.source == "yours, calibrated 2026-01-31, 49.2 g where 50 mL were ordered, factor 0.98577"


def test_a_second_calibration_builds_on_the_first_and_takes_its_place(path):
    calibrate("BD 60 mL", "50 mL", "49.2 g", DAY).save(path)
    calibrate("BD 60 mL", "50 mL", "49.91 g", DAY).save(path)  # now it gives what is ordered
    assert len(syringe_file.read(path)) == 1
    assert abs(syringes.find("BD 60 mL").barrel_um - 26_700 * 0.98577**0.5) < 1


def given_ml(seed, from_ml=5.0, to_ml=45.0):
    """Weigh what comes out between two moments of an infusion, as the pump counts them: line and syringe are full."""
    bench = Bench(seed, "BD 60 mL", tolerances=True)
    bench.pump.start(Program.continuous("300 mL/h", "50 mL"))
    weighed, counted = [], []
    for ml in (from_ml, to_ml):
        bench.advance(ml / 300 * 3600 - bench.now_ms / 1000)
        weighed.append(bench.truth()["patient_ml"])
        counted.append(bench.pump.status().delivered_nl / 1e6)
    return weighed[1] - weighed[0], counted[1] - counted[0]


@pytest.mark.parametrize("seed", range(4))
def test_after_calibration_the_pump_gives_what_was_ordered_within_a_thousandth(path, seed):
    path.parent.mkdir()
    path.write_text("", "utf-8")
    weighed_ml, ordered_ml = given_ml(seed)
    found = calibrate("BD 60 mL", f"{ordered_ml:.6f} mL", f"{weighed_ml * 0.9982:.4f} g", DAY)
    before = weighed_ml / ordered_ml - 1
    found.save(path)
    weighed_ml, ordered_ml = given_ml(seed)
    after = weighed_ml / ordered_ml - 1
    assert abs(after) < 0.001
    assert abs(after) < abs(before)


def test_the_rest_of_your_file_stays_as_it_was(path):
    path.parent.mkdir()
    mine = '# of the ward\n\n[[syringe]]\nname = "Terumo 10 mL"  # the new lot\ninner_diameter_mm = 15.9\n'
    path.write_text(mine, "utf-8")
    calibrate("BD 60 mL", "50 mL", "49.2 g", DAY).save(path)
    assert path.read_text("utf-8").startswith(mine)
    calibrate("Terumo 10 mL", "5 mL", "5 g", DAY).save(path)
    text = path.read_text("utf-8")
    assert text.startswith("# of the ward\n\n[[syringe]]")
    assert [row.name for row in syringe_file.read(path)] == ["Terumo 10 mL", "BD 60 mL"]


@pytest.mark.parametrize(
    ("ordered", "weighed", "density", "words"),
    [
        ("10 mL", "8.9 g", "0.9982 g/mL", r"--weighed = '8\.9 g': is 8\.916 mL, -10\.8%.*limit is 10%"),
        ("10 mL", "11 g", "0.9982 g/mL", r"\+10\.2%.*limit is 10%"),
        ("10 mL", "9.9 mL", "0.9982 g/mL", r"--weighed = '9\.9 mL'.*9\.87 g"),
        ("10 mL", "0 g", "0.9982 g/mL", r"--weighed = '0 g'"),
        ("10 mL", "-1 g", "0.9982 g/mL", r"--weighed = '-1 g': is negative"),
        ("10 mL", "heavy", "0.9982 g/mL", r"--weighed = 'heavy'.*number"),
        ("10 mL", "9.9 g", "0 g/mL", r"--density = '0 g/mL'"),
        ("10 mL", "9.9 g", "19 g/mL", r"--density = '19 g/mL': is outside 0\.5 to 3"),
        ("10 mL", "9.9 g", "1 mL/g", r"--density = '1 mL/g'"),
        ("0.5 mL", "0.5 g", "0.9982 g/mL", r"--ordered = '0\.5 mL'.*least is 1 mL"),
        ("70 mL", "70 g", "0.9982 g/mL", r"--ordered = '70 mL'.*more than a BD 60 mL"),
        ("10 mL/h", "9.9 g", "0.9982 g/mL", r"--ordered = '10 mL/h'"),
    ],
)
def test_an_absurd_weighing_is_refused(ordered, weighed, density, words):
    with pytest.raises(BadInput, match=words):
        calibrate("BD 60 mL", ordered, weighed, DAY, density)


def test_a_damaged_file_is_not_written_over(path):
    path.parent.mkdir()
    path.write_text("[[syringe", "utf-8")
    with pytest.raises(BadInput, match="no valid TOML"):
        calibrate("BD 60 mL", "10 mL", "9.9 g", DAY)
    assert path.read_text("utf-8") == "[[syringe"
