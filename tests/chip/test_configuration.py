"""The configuration on the chip's own flash: set by the host's command, read by the firmware; and the raw load cell."""

import importlib.util
import sys
from pathlib import Path

import pytest

from picoinfuse import board_files, configuration
from picoinfuse.cli import force

pytestmark = pytest.mark.chip

READ = """
from picoinfuse_firmware.pico import configuration as c
i, p = c.read()
print(p or '-', i.pitch_um, len(i.has()))
"""


def bad_files():
    """Return the bad files of the test on CPython, which stands in a folder without a package."""
    path = Path(__file__).parents[1] / "pico" / "test_configuration.py"
    spec = importlib.util.spec_from_file_location("bad_files", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BAD


@pytest.mark.real
def test_the_host_sets_gets_and_the_firmware_reads_it_from_the_root(installed, tmp_path):
    from chip.emulator import Chip
    from chip.repl import Repl
    from chip.terminal import Terminal

    file, back = tmp_path / "my.toml", tmp_path / "back.toml"
    values = {**configuration.defaults(), "pitch_um": 8000, "has_keys": 1}
    file.write_text(configuration.toml(values), "utf-8")
    chip = Chip(flash=installed)
    with Terminal(chip) as terminal:
        command = (sys.executable, "-m", "picoinfuse", "config")
        said = terminal.call(*command, "set", str(file), "--port", terminal.port)
        assert "The pump starts anew" in said
        chip.run(2_000_000)
        terminal.call(*command, "get", str(back), "--port", terminal.port)
    assert configuration.read(back) == values
    assert chip.flash.read_files()["/picoinfuse.json"] == configuration.sealed(values)
    assert Repl(Chip(flash=chip.flash_image())).run(READ).split() == ["-", "8000", "1"]


def test_the_firmware_has_the_word_for_every_bad_file_and_says_what_it_costs(installed):
    from chip.emulator import Chip
    from chip.repl import Repl

    repl = Repl(Chip(flash=installed))
    assert repl.run(READ).split() == ["config_missing", "2000", "0"]
    for name, (content, word) in bad_files().items():
        data = content if isinstance(content, bytes) else content.encode()
        repl.run(
            f"with open('/picoinfuse.json', 'wb') as f: f.write({data!r})\n"
            if data
            else "open('/picoinfuse.json', 'wb').close()"
        )
        assert repl.run(READ).split() == [word, "2000", "0"], name
    good = configuration.sealed({**configuration.defaults(), "pitch_um": 8000})
    repl.run(board_files.replacing("picoinfuse.json", good))
    repl.run("import time; began = time.ticks_us()")
    assert repl.run(READ).split() == ["-", "8000", "0"]
    took_us = int(repl.run("print(time.ticks_diff(time.ticks_us(), began))"))
    print(f"read and checked in {took_us} us of the chip's time")
    assert took_us < 500_000


def test_the_load_cell_is_read_at_the_prompt(uf2):
    from chip.emulator import Chip
    from chip.parts import Hx711
    from chip.repl import Repl

    counts = iter([5, 123_456, -654_321, 8_388_607, -8_388_608, 0, *[7] * 99])
    cell = Hx711(force.DATA_PIN, force.CLOCK_PIN, lambda: next(counts), per_second=80)
    repl = Repl(Chip(uf2, parts=[cell]))
    said = repl.run(force.READ_CELL.format(data=force.DATA_PIN, clock=force.CLOCK_PIN, count=8))
    got = [int(line.split()[1]) for line in said.splitlines()]
    assert len(got) == 8
    assert got[-1] == 7
    assert cell.pulses_after == 25
    cell.silent = True
    assert repl.run(force.READ_CELL.format(data=force.DATA_PIN, clock=force.CLOCK_PIN, count=8)).strip() == "silent"
