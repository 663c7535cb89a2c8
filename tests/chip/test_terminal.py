"""Another program reaches the chip through a pseudo-terminal: mpremote lists, copies and runs."""

import sys

import pytest

pytestmark = [pytest.mark.chip, pytest.mark.real]


def test_mpremote_copies_a_file_and_runs_a_line(uf2, tmp_path):
    from chip.emulator import Chip
    from chip.terminal import Terminal

    note = tmp_path / "note.txt"
    note.write_text("kept " * 200)
    chip = Chip(uf2)
    with Terminal(chip) as terminal:
        mpremote = (sys.executable, "-m", "mpremote", "connect", terminal.port, "resume")
        terminal.call(*mpremote, "cp", str(note), ":note.txt")
        assert terminal.call(*mpremote, "exec", "print(len(open('note.txt').read()))") == "1000\n"
    assert chip.flash.read_files()["/note.txt"] == note.read_bytes()
