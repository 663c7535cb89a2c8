"""Syringes of your own: a file that goes before the shipped one, and one clear message for whatever is wrong in it."""

import os
from pathlib import Path

import pytest

from picoinfuse import Program, syringes
from picoinfuse.errors import BadInput

ACME = """\
[[syringe]]
name = "Acme 25 mL"
inner_diameter_mm = 21.2
capacity_ml = 25
friction_n = "3"
compliance_ul_mmhg = 1.8
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write your file and return its path."""

    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, "utf-8")
        monkeypatch.setenv("PICOINFUSE_SYRINGES", str(path))
        return path

    return write


def test_a_syringe_of_your_file_is_known_like_ours(own):
    own(ACME)
    assert syringes.find("acme 25") == syringes.Syringe("Acme 25 mL", 21_200, 25_000_000, 3_000, 1_800)
    assert Program.continuous("5 mL/h", "1 mL", syringe="Acme 25 mL").compiled.barrel_um == 21_200
    assert len(syringes.catalogue()) == 22


def test_your_row_goes_before_ours_and_what_it_does_not_say_stays(own):
    own('[[syringe]]\nname = "bd 60"\ninner_diameter_mm = 26.55\n')
    its = syringes.find("BD 60 mL")
    assert its == syringes.Syringe("BD 60 mL", 26_550, 60_000_000, 5_000, 2_200)
    assert its.source == "yours"
    assert syringes.find("BD 30 mL").source == syringes.SHIPPED
    assert len(syringes.catalogue()) == 21


def test_a_file_that_changes_is_read_again(own):
    own(ACME)
    assert syringes.find("Acme 25 mL").barrel_um == 21_200
    path = own(ACME.replace("21.2", "21.3"))
    os.utime(path, ns=(1, 1))  # a file written within the same tick of the file system's clock
    assert syringes.find("Acme 25 mL").barrel_um == 21_300


def test_without_the_variable_it_is_looked_for_where_this_system_keeps_such_files(tmp_path, monkeypatch):
    from picoinfuse import syringe_file

    monkeypatch.delenv("PICOINFUSE_SYRINGES", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert syringe_file.place() == tmp_path / "picoinfuse" / "syringes.toml"
    assert syringe_file.existing() is None
    assert len(syringes.catalogue()) == 21
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    assert syringe_file.place() == tmp_path / "roaming" / "picoinfuse" / "syringes.toml"
    monkeypatch.setattr("sys.platform", "darwin")
    assert Path("Library", "Application Support", "picoinfuse").as_posix() in syringe_file.place().as_posix()


def test_a_file_that_is_named_and_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PICOINFUSE_SYRINGES", str(tmp_path / "nothing.toml"))
    with pytest.raises(BadInput, match=r"PICOINFUSE_SYRINGES = .*nothing\.toml.*no such file"):
        syringes.find("BD 60 mL")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("21.2", "-1", ["mine.toml: syringe 1 'Acme 25 mL' inner_diameter_mm = -1: is outside 3 to 45"]),
        ("21.2", "60", ["inner_diameter_mm = 60: is outside 3 to 45"]),
        ("21.2", "21.2005", ["inner_diameter_mm = '21.2005': is finer than 0.001"]),
        ("21.2", "nan", ["inner_diameter_mm = 'nan': must be a number"]),
        ("21.2", "true", ["inner_diameter_mm = True: must be a number"]),
        ("21.2", '"21.2 mm"', ["inner_diameter_mm = '21.2 mm': must be a number without a unit"]),
        ("21.2", '"21.2/0"', ["inner_diameter_mm = '21.2/0'", "number"]),
        ("21.2", "4", ["inner_diameter_mm = 4:", "mm long; the limits are 10 and 300 mm"]),
        ("capacity_ml = 25", "capacity_ml = 2500", ["capacity_ml = 2500: is outside 0.5 to 1000"]),
        ('"3"', '"31"', ["friction_n = '31': is outside 0.001 to 30"]),
        ("compliance_ul_mmhg = 1.8\n", "", ["'Acme 25 mL' compliance_ul_mmhg: is missing"]),
        ("friction_n", "fricton_n", ["fricton_n = '3': there is no such field", "friction_n"]),
        ('name = "Acme 25 mL"\n', "", ["syringe 1 name: is missing"]),
        ('"Acme 25 mL"', '""', ["syringe 1 name = '': string should have at least 1"]),
        ('"Acme 25 mL"', '" Acme"', ["name = ' Acme': has blanks"]),
        ("[[syringe]]", "[syringe]", ["its own [[syringe]]"]),
        ("[[syringe]]", "[[syringes]]", ["syringes: there is no such field"]),
        ("[[syringe]]", "[[syringe", ["is no valid TOML", "line 1"]),
        (ACME, ACME + ACME, ["syringe 2 name = 'Acme 25 mL': is there twice"]),
        (ACME, "syringe = [3]", ["syringe 1", "3"]),
    ],
)
def test_what_is_wrong_is_named_with_file_row_field_value_and_limit(own, old, new, words):
    assert old in ACME
    own(ACME.replace(old, new))
    with pytest.raises(BadInput) as error:
        syringes.catalogue()
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("data", "words"), [(b"\xff\xfe", "no text in UTF-8"), (b"#" * 1_000_001, "longer than")])
def test_another_file_is_not_taken_for_one(own, data, words):
    own("").write_bytes(data)
    with pytest.raises(BadInput, match=words):
        syringes.catalogue()
