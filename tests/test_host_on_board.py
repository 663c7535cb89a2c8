"""What a board says of itself and of its files is read exactly, and a board that does not fit is refused."""

import pytest

from fakeboard import FakeBoard
from picoinfuse import manifest, on_board
from picoinfuse.errors import InstallFailed, SilentPump, WrongDevice


class Says:
    """Answers everything with this, or raises it."""

    port = "COM5"

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, *arguments, **_):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_board_is_known_by_its_own_words():
    who = on_board.who(Says("platform rp2 1.28.0 4870 Raspberry Pi Pico with RP2040\n"))
    assert who == on_board.Who("rp2", "1.28.0", 4870, "Raspberry Pi Pico with RP2040")


def test_a_preview_counts_by_its_numbers():
    assert on_board.who(Says("platform rp2 1.24.0 4870 x\n")).micropython == "1.24.0"
    with pytest.raises(WrongDevice, match=r"1\.9\.4.*1\.24 or newer"):
        on_board.who(Says("platform rp2 1.9.4 0 x\n"))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("hello, I am a printer\n", "it said 'hello, I am a printer'"),
        ("platform rp2 1.28.0 many x\n", "does not answer as MicroPython does"),
        ("platform esp32 1.28.0 4870 x\n", "MicroPython on esp32"),
        (SilentPump("nothing"), "nothing came within 15 s"),
        (InstallFailed("odd"), "odd"),
    ],
)
def test_what_is_no_board_for_us_is_said(answer, says):
    with pytest.raises(WrongDevice, match=says):
        on_board.who(Says(answer))


def test_every_file_is_told_with_its_hash_and_size_and_nothing_is_changed(monkeypatch, tmp_path):
    board = FakeBoard(monkeypatch, tmp_path)
    files = {
        "picoinfuse_firmware/a b.py": b"x = 1\n",
        "picoinfuse_firmware/watch/air.mpy": bytes(1500),
        "main.py": b"print('mine')\n",
        "other.py": b"not asked for",
        "picoinfuse.json": b"{}",
        "picoinfuse_firmware/manifest.json": b'{"version": "0.0.9", "files": {}}',
    }
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    found = on_board.found(board)
    asked = {path: data for path, data in files.items() if path not in ("other.py", "picoinfuse.json")}
    assert found.hashes == {path: manifest.sha256(data) for path, data in asked.items()}
    assert found.sizes == {path: len(data) for path, data in asked.items()}
    assert set(found.folders) == {"picoinfuse_firmware", "picoinfuse_firmware/watch"}
    assert (found.version, found.other_start, found.configuration) == ("0.0.9", True, True)
    assert found.free_bytes > 0
    assert {path: (tmp_path / path).read_bytes() for path in files} == files


def test_an_empty_board_has_nothing(monkeypatch, tmp_path):
    found = on_board.found(FakeBoard(monkeypatch, tmp_path))
    assert (found.hashes, found.folders, found.version, found.configuration) == ({}, (), "", False)
    assert not found.other_start


def test_a_damaged_manifest_is_no_version(monkeypatch, tmp_path):
    (tmp_path / "picoinfuse_firmware").mkdir()
    (tmp_path / manifest.MANIFEST).write_bytes(b'{"version": "0.0')
    assert on_board.found(FakeBoard(monkeypatch, tmp_path)).version == ""


def test_half_an_answer_is_none():
    with pytest.raises(InstallFailed, match="did not tell all"):
        on_board.found(Says("file " + "0" * 64 + " 12 main.py\n"))
