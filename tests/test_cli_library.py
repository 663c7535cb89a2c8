"""The commands `library`: shown, checked, and put onto a pump as the compact file that it reads."""

import pytest

from picoinfuse import board_files
from picoinfuse.cli import main
from picoinfuse.library import Library
from picoinfuse_firmware import library as firmware

WARD = """
version = "ward-3"
pharmacist = "Hugo"
[drugs.morphine]
concentrations = ["1 mg/mL"]
source = "a test"
rate = { soft_max = "2 mg/h", hard_max = "5 mg/h" }
"""


@pytest.fixture
def ward(tmp_path):
    path = tmp_path / "ward.toml"
    path.write_text(WARD, "utf-8")
    return str(path)


def test_the_shipped_library_is_shown_with_sources_and_limits(capsys):
    assert main(["library", "show"]) == 0
    said = capsys.readouterr().out
    assert "teaching" in said
    assert "For teaching only" in said
    for name in Library.read().drugs:
        assert f"\n{name}  " in said


def test_one_drug_of_a_file_is_shown(ward, capsys):
    assert main(["library", "show", ward, "--drug", "morphine"]) == 0
    assert "rate: soft max 2 mg/h, hard max 5 mg/h" in capsys.readouterr().out
    assert main(["library", "show", ward, "--drug", "heroin"]) == 2
    assert "drug = 'heroin': is not in library ward-3; it has morphine" in capsys.readouterr().err


def test_a_good_file_is_said_to_be_good_and_a_bad_one_why_not(ward, tmp_path, capsys):
    assert main(["library", "check", ward]) == 0
    assert f"good. Version ward-3, 1 drug, check value {Library.read(ward).check:08x}" in capsys.readouterr().out
    bad = tmp_path / "bad.toml"
    bad.write_text(WARD.replace("5 mg/h", "1 mg/h"), "utf-8")
    assert main(["library", "check", str(bad)]) == 2
    assert "drugs morphine rate hard_max = '1 mg/h': is less than soft_max = '2 mg/h'" in capsys.readouterr().err


def test_therapies_are_judged_by_a_library(capsys):
    assert main(["library", "check", "teaching", "--therapy", "ceftriaxone", "--therapy", "hydration"]) == 0
    said = capsys.readouterr().out
    assert "ceftriaxone: within all limits." in said
    assert "hydration: the program does not say which drug it gives" in said


def test_a_therapy_that_a_library_refuses_is_status_2(ward, capsys):
    """It was 0, so that a script took a refused therapy for a good one."""
    assert main(["library", "check", ward, "--therapy", "ceftriaxone"]) == 2
    assert "ceftriaxone: the drug library of the pump has no such drug (it has 1 in all)" in capsys.readouterr().out


def test_a_library_is_put_onto_a_pump_as_the_file_that_the_pump_reads(ward, monkeypatch, capsys):
    written = {}
    monkeypatch.setattr(board_files, "at_prompt", lambda port, *, wait: True)
    monkeypatch.setattr(board_files, "read_file", lambda mpremote, path, most: None)
    monkeypatch.setattr(board_files, "replace_file", lambda mpremote, path, data: written.update({path: data}))
    monkeypatch.setattr(board_files, "restart", lambda mpremote: True)
    assert main(["library", "install", ward, "--port", "/dev/ttyACM0"]) == 0
    assert list(written) == ["library.txt"]
    found = firmware.Library(written["library.txt"].decode().splitlines(keepends=True), "morphine")
    assert (found.problem, found.version, found.drug.limits["rate"][3]) == ("", "ward-3", 5_000_000)
    assert "The pump starts anew" in capsys.readouterr().out


def test_a_simulated_pump_keeps_no_library_and_says_how_it_gets_one(ward, capsys):
    assert main(["library", "install", ward, "--port", "sim://"]) == 2
    assert "sim://?library=FILE" in capsys.readouterr().err
