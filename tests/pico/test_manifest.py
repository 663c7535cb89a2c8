"""A firmware that is not whole is found, whatever is wrong with it."""

import hashlib
import json

import pytest

from picoinfuse_firmware.pico import manifest

FILES = {
    "picoinfuse_firmware/__init__.py": b"",
    "picoinfuse_firmware/dose.mpy": bytes(range(256)) * 5,
    "picoinfuse_firmware/watch/air.mpy": b"x" * manifest.PIECE,
}


@pytest.fixture
def board(tmp_path, monkeypatch):
    """A folder with a whole firmware, as the working folder: that is where a Pico's files are."""
    monkeypatch.chdir(tmp_path)
    for path, data in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in FILES.items()}
    (tmp_path / manifest.PATH).write_text(json.dumps({"version": "1", "files": hashes}))
    return tmp_path


def test_a_whole_firmware_has_no_problem(board):
    assert manifest.problem() == ""
    (board / "main.py").write_text("print('mine')")
    (board / "picoinfuse_firmware" / "notes.txt").write_text("only modules count")
    assert manifest.problem() == ""


@pytest.mark.parametrize("path", FILES)
def test_one_bit_or_one_byte_more_or_a_missing_file_is_damage(board, path):
    for damaged in (FILES[path] + b"x", FILES[path][:-1] + b"?", None):
        if damaged is None:
            (board / path).unlink()
        else:
            (board / path).write_bytes(damaged)
        assert manifest.problem() == manifest.DAMAGED


@pytest.mark.parametrize("path", ["picoinfuse_firmware/dose.py", "picoinfuse_firmware/watch/old.mpy"])
def test_a_module_left_behind_is_damage_since_it_could_run_in_place_of_another(board, path):
    (board / path).write_text("x = 1\n")
    assert manifest.problem() == manifest.DAMAGED


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"files": {}}', '{"files": []}', '{"files": 7}', "\xff"])
def test_half_an_installation_has_no_good_manifest(board, text):
    if text is None:
        (board / manifest.PATH).unlink()
    else:
        (board / manifest.PATH).write_text(text, "latin-1")
    assert manifest.problem() == manifest.DAMAGED
