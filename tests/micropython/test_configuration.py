"""The configuration on the real MicroPython: read there, written there by mpremote, and whole after every power cut."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import picoinfuse as pi
from picoinfuse import board_files, configuration, pump_configuration
from picoinfuse.cli import main
from picoinfuse_firmware.pico import configuration as on_pico

pytestmark = pytest.mark.micropython

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
READER = """
import sys
sys.path.insert(0, sys.argv[1])
from picoinfuse_firmware.pico import configuration
for path in sys.argv[2:]:
    config, problem = configuration.read(path)
    print(problem or "-", config.pitch_um, len(config.has()))
"""


def bad_files():
    """Return the bad files of the test on CPython, which stands in a folder without a package."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("bad_files", HERE.parent / "pico" / "test_configuration.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BAD


def test_it_finds_the_same_words_for_every_bad_file(micropython, tmp_path):
    reader = tmp_path / "reader.py"
    reader.write_text(READER, "utf-8")
    good = tmp_path / "good.json"
    good.write_bytes(configuration.sealed({**configuration.defaults(), "pitch_um": 8000, "has_keys": 1}))
    paths, words = [good], ["- 8000 1"]
    for number, (content, word) in enumerate(bad_files().values()):
        path = tmp_path / f"{number}.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(path)
        words.append(f"{word} 2000 0")
    paths.append(tmp_path / "none.json")
    words.append("config_missing 2000 0")
    command = [*micropython, str(reader), str(FIRMWARE), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == words


def test_a_power_cut_at_every_write_and_erase_of_littlefs_leaves_a_whole_file(micropython, tmp_path):
    values = configuration.defaults()
    old, new = configuration.sealed(values), configuration.sealed({**values, "pitch_um": 8000})
    files = {"program": board_files.replacing("picoinfuse.json", new).encode(), "old": old, "new": new}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = [*micropython, str(HERE / "config_cut.py"), str(FIRMWARE), *(str(tmp_path / name) for name in files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    words = done.stdout.splitlines()[-1].split()  # before it: files that were open when the power went
    cuts, olds, news = int(words[1]), int(words[3]), int(words[5])
    assert cuts == olds + news
    assert olds > 10


def test_set_and_get_really_go_by_mpremote(installed, tmp_path, capsys):
    """The whole way: a file for people, the board's flash, and what the firmware on it makes of it."""
    vm = installed
    file, back = tmp_path / "my.toml", tmp_path / "back.toml"
    assert main(["config", "new", str(file)]) == 0
    file.write_text(file.read_text("utf-8").replace("pitch_um = 2000", "pitch_um = 8000"), "utf-8")

    (vm.folder / "picoinfuse.json").unlink()  # the bare one, of the installation
    assert main(["config", "show", "--port", vm.port]) == 0
    assert "there is no configuration on the pump" in capsys.readouterr().out
    assert main(["config", "get", str(back), "--port", vm.port]) == 2
    assert "config new" in capsys.readouterr().err
    assert not back.exists()

    assert main(["config", "set", str(file), "--port", vm.port]) == 0
    said = capsys.readouterr().out
    assert "pitch_um: 2000 becomes 8000" in said
    assert "It counts from the next start" in said  # a PC cannot be reset
    there = vm.folder / "picoinfuse.json"
    assert on_pico.read(str(there))[0].pitch_um == 8000
    asked = "from picoinfuse_firmware.pico import configuration as c; print(c.read('picoinfuse.json')[0].pitch_um)"
    assert vm.mpremote("exec", asked).split() == ["8000"]

    assert main(["config", "get", str(back), "--port", vm.port]) == 0
    assert configuration.read(back) == configuration.read(file)

    first = there.read_bytes()
    file.write_text(file.read_text("utf-8").replace("has_keys = false", "has_keys = true"), "utf-8")
    assert main(["config", "set", str(file), "--port", vm.port]) == 0
    assert (vm.folder / "picoinfuse.json.old").read_bytes() == first
    assert json.loads(there.read_bytes())["has_keys"] == 1
    assert sorted(path.name for path in vm.folder.glob("picoinfuse.json*")) == [
        "picoinfuse.json",
        "picoinfuse.json.old",
    ]

    there.write_bytes(there.read_bytes().replace(b"8000", b"2000"))
    capsys.readouterr()
    assert main(["config", "show", "--port", vm.port]) == 0
    assert "THE PUMP DOES NOT INFUSE (config_check)" in capsys.readouterr().out


def test_a_bad_file_does_not_reach_the_board(vm, tmp_path, capsys):
    file = tmp_path / "my.toml"
    file.write_text(configuration.toml(configuration.defaults()).replace("pitch_um = 2000", "pitch_um = 1"), "utf-8")
    assert main(["config", "set", str(file), "--port", vm.port]) == 2
    assert "pitch_um = 1" in capsys.readouterr().err
    assert list(vm.folder.iterdir()) == []


def test_a_pump_that_infuses_is_not_touched(installed, tmp_path, capsys):
    """The firmware runs on the board for the PC, and a therapy is under way."""
    vm = installed
    file = tmp_path / "my.toml"
    assert main(["config", "new", str(file)]) == 0
    assert main(["config", "set", str(file), "--port", vm.port]) == 0
    before = (vm.folder / "picoinfuse.json").read_bytes()
    vm.run_pump()
    with pi.connect(vm.port) as pump:
        pump.start(pi.Program.continuous(rate="5 mL/h", volume="10 mL"))
    file.write_text(file.read_text("utf-8").replace("has_keys = false", "has_keys = true"), "utf-8")
    capsys.readouterr()
    assert main(["config", "set", str(file), "--port", vm.port]) == 2
    said = capsys.readouterr().err
    assert "the pump is infusing; nothing was changed" in said
    assert "picoinfuse stop" in said
    assert (vm.folder / "picoinfuse.json").read_bytes() == before
    with pi.connect(vm.port) as pump:
        assert pump.status().state == "infusing"


def test_change_keeps_the_rest(vm):
    values = {**configuration.defaults(), "pitch_um": 8000}
    pump_configuration.change(vm.port, lambda before, problem: values)
    before, after, starts = pump_configuration.change(
        vm.port, lambda before, problem: {**before, "volume_ppm": 1_020_000, "volume_calibrated": 20260131}
    )
    assert before == values
    assert after == {**values, "volume_ppm": 1_020_000, "volume_calibrated": 20260131}
    assert starts is (sys.platform == "rp2")
    assert on_pico.parsed((vm.folder / "picoinfuse.json").read_bytes())[1] == ""
