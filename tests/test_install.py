"""What `install` does to a board and in which order, and that it can be cut off anywhere. On MicroPython: see there."""

import itertools
import json

import pytest

from fakeboard import AFTER, BEFORE, HALF, CutOff, FakeBoard
from picoinfuse import bootsel, manifest
from picoinfuse import install as installing
from picoinfuse.errors import BadInput, InstallFailed, NoPump, SeveralPumps, WrongDevice
from picoinfuse_firmware import settings


@pytest.fixture
def board(monkeypatch, tmp_path, small_firmware):
    folder = tmp_path / "board"
    folder.mkdir()
    return FakeBoard(monkeypatch, folder)


@pytest.fixture
def small_firmware(monkeypatch, tmp_path):
    """A firmware of six files: quick to copy again and again."""
    folder = tmp_path / "firmware" / "picoinfuse_firmware"
    for name in ("__init__", "dose", "wire", "watch/__init__", "watch/air", "pico/main", "pico/make_journal"):
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", "utf-8")
    monkeypatch.setattr(manifest, "firmware_folder", lambda: folder)
    return folder


def put(board, **options):
    said = []
    done = installing.install(board.port, said.append, **options)
    return done, said


def starts(board):
    return (board.folder / "main.py").exists()


def is_whole(board):
    """Whether what main.py of the firmware checks is true: the manifest is there and every file agrees with it."""
    try:
        files = json.loads((board.folder / manifest.MANIFEST).read_text("utf-8"))["files"]
    except (OSError, ValueError):
        return False
    return all(
        (board.folder / path).exists() and manifest.sha256((board.folder / path).read_bytes()) == digest
        for path, digest in files.items()
    )


def test_an_empty_board_gets_firmware_configuration_journal_manifest_and_start_file(board, small_firmware):
    done, said = put(board)
    wanted = {f"picoinfuse_firmware/{path.relative_to(small_firmware)}" for path in small_firmware.rglob("*.py")}
    assert board.files() == wanted | {manifest.MANIFEST, "main.py", "picoinfuse.json"}
    assert (board.folder / "main.py").read_text("utf-8") == "from picoinfuse_firmware.pico import main; main.run()\n"
    assert is_whole(board)
    assert (done.before, done.after) == ("", manifest.version("picoinfuse"))
    assert "the journal's sectors are prepared" in said
    assert any("none ->" in line for line in said)


def test_the_bare_configuration_passes_the_firmwares_own_check(board):
    put(board)
    values = json.loads((board.folder / "picoinfuse.json").read_text("utf-8"))
    assert settings.check(values) == ""
    assert settings.has(values) == ()


def test_the_start_file_comes_last_and_the_manifest_before_it(board):
    put(board)
    copies = [call[-1] for call in board.calls if call[:2] == ("fs", "cp")]
    assert copies[-2:] == [f":{manifest.MANIFEST}", ":main.py"]


def test_a_second_run_copies_nothing_and_changes_nothing(board):
    put(board)
    before = {path: (board.folder / path).stat().st_mtime_ns for path in board.files()}
    board.calls.clear()
    done, said = put(board)
    assert done.copied == done.removed == ()
    assert not [call for call in board.calls if call[:2] == ("fs", "cp")]
    assert {path: (board.folder / path).stat().st_mtime_ns for path in board.files()} == before
    assert "to do: change nothing: every file agrees" in said


def test_only_what_differs_is_copied(board, small_firmware):
    put(board)
    (small_firmware / "dose.py").write_text("# another dose\n", "utf-8")
    done, _ = put(board)
    assert done.copied == ("picoinfuse_firmware/dose.py",)
    assert is_whole(board)


def test_what_another_version_left_is_removed_with_its_folder(board):
    put(board)
    stale = board.folder / "picoinfuse_firmware" / "last_year" / "of.py"
    stale.parent.mkdir()
    stale.write_text("x = 1\n", "utf-8")
    done, _ = put(board)
    assert done.removed == ("picoinfuse_firmware/last_year/of.py",)
    assert not stale.parent.exists()


def test_configuration_journal_and_other_files_stay(board):
    put(board)
    kept = {"picoinfuse.json": b"mine", "journal/00": b"records", "boot.py": b"# theirs\n", "lib/x.py": b"y"}
    for path, data in kept.items():
        (board.folder / path).parent.mkdir(exist_ok=True)
        (board.folder / path).write_bytes(data)
    (board.folder / "picoinfuse_firmware" / "dose.py").write_text("old", "utf-8")
    put(board)
    assert {path: (board.folder / path).read_bytes() for path in kept} == kept


def test_the_start_file_of_somebody_else_is_kept(board):
    (board.folder / "main.py").write_text("print('my weather station')\n", "utf-8")
    _, said = put(board)
    assert (board.folder / "main_before_picoinfuse.py").read_text("utf-8") == "print('my weather station')\n"
    assert "to do: keep the main.py that is there as main_before_picoinfuse.py" in said


def test_a_dry_run_says_everything_and_changes_nothing(board):
    (board.folder / "main.py").write_text("print('mine')\n", "utf-8")
    done, said = put(board, dry_run=True)
    assert board.files() == {"main.py"}
    assert len(done.copied) == 7
    assert any(line.startswith("would copy 7 files: __init__.py") for line in said)
    assert "would write the bare configuration picoinfuse.json: every sensor absent" in said
    assert said[-1] == "Nothing was changed"


def test_versions_are_told_before_and_after(board, small_firmware):
    put(board)
    path = board.folder / manifest.MANIFEST
    path.write_text(path.read_text("utf-8").replace(manifest.version("picoinfuse"), "0.0.9"), "utf-8")
    done, said = put(board)
    assert done.before == "0.0.9"
    assert f"firmware 0.0.9 -> {done.after}; 9 files agree by SHA-256" in said


CALLS = 15  # of mpremote in a first installation, or somewhat fewer


@pytest.mark.parametrize(("at", "when"), list(itertools.product(range(CALLS), (BEFORE, HALF, AFTER))))
@pytest.mark.parametrize("old", [False, True], ids=["empty", "older firmware"])
def test_cut_off_anywhere_it_does_not_start_half_and_a_second_run_repairs_it(board, small_firmware, at, when, old):
    if old:
        put(board)
        (board.folder / "picoinfuse_firmware" / "gone.py").write_text("x = 1\n", "utf-8")
        (small_firmware / "dose.py").write_text("# another dose\n", "utf-8")
        (small_firmware / "watch" / "air.py").write_text("# another air\n", "utf-8")
        (board.folder / "picoinfuse.json").write_bytes(b"mine")
    old_files = {path: (board.folder / path).read_bytes() for path in board.files()}
    board.calls.clear()
    board.dies_at = (at, when)
    try:
        put(board)
    except CutOff:
        untouched = {path: (board.folder / path).read_bytes() for path in board.files()} == old_files
        assert untouched or not starts(board) or is_whole(board)
    else:
        assert at >= len(board.calls), "it was not cut off"
    board.dies_at = None
    put(board)
    assert starts(board)
    assert is_whole(board)
    assert "picoinfuse_firmware/gone.py" not in board.files()
    if old:
        assert (board.folder / "picoinfuse.json").read_bytes() == b"mine"
    else:
        assert settings.check(json.loads((board.folder / "picoinfuse.json").read_text("utf-8"))) == ""


def test_the_number_of_calls_above_is_enough(board):
    put(board)
    assert len(board.calls) <= CALLS


def test_a_cut_is_said(board):
    board.dies_at = (3, BEFORE)
    said = []
    with pytest.raises(CutOff):
        installing.install(board.port, said.append)
    assert said[-1] == "It is not whole. The board does not start a half firmware: run picoinfuse install again"


def test_a_file_that_differs_is_named_and_nothing_starts(board):
    board.spoils = "picoinfuse_firmware/wire.py"
    with pytest.raises(InstallFailed, match=r"wire\.py.*Run it again"):
        put(board)
    assert not starts(board)


def test_a_journal_that_cannot_be_used_is_not_lost_without_a_word(board):
    board.journal = "problem journal_damaged"
    with pytest.raises(InstallFailed, match=r"journal_damaged.*--new-journal"):
        put(board)
    assert not starts(board)
    board.journal = "journal made"
    put(board, new_journal=True)
    assert "anew=True" in next(call[1] for call in reversed(board.calls) if "make_journal" in call[1])


def test_a_pc_has_no_flash_for_a_journal(board):
    board.platform = "linux"
    put(board)
    assert not any("make_journal" in call[1] for call in board.calls)


def test_too_little_room_is_said_before_anything_is_changed(board, monkeypatch):
    monkeypatch.setattr(manifest, "SPARE_BYTES", 1 << 60)
    with pytest.raises(InstallFailed, match=r"too full: \d+ kB are free and \d+ kB more.*Nothing was changed"):
        put(board)
    assert board.files() == set()


@pytest.mark.parametrize(
    ("platform", "version", "says"),
    [("esp32", "1.28.0", "MicroPython on esp32"), ("rp2", "1.23.0", r"runs MicroPython 1\.23\.0.*1\.24 or newer")],
)
def test_a_board_that_does_not_fit_is_refused_before_anything_is_written(board, platform, version, says):
    board.platform, board.version = platform, version
    with pytest.raises(WrongDevice, match=says):
        put(board)
    assert len(board.calls) == 1


def test_no_pico_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(installing, "picos", list)
    monkeypatch.setattr(installing, "present", list)
    monkeypatch.setattr(bootsel, "waiting", str)
    with pytest.raises(NoPump, match=r"ports present: none.*BOOTSEL.*docs/hardware\.md"):
        installing.install()


def test_a_pico_without_micropython_is_seen_and_it_is_said_how_to_put_it_there(monkeypatch):
    monkeypatch.setattr(installing, "picos", list)
    monkeypatch.setattr(bootsel, "waiting", lambda: "an RP2040 in BOOTSEL mode is plugged in")
    with pytest.raises(NoPump, match=r"an RP2040 in BOOTSEL mode.*micropython\.org/download.*RPI-RP2"):
        installing.install()


def test_several_picos_are_listed_and_the_person_chooses(monkeypatch):
    monkeypatch.setattr(installing, "picos", lambda: ["/dev/ttyACM0", "/dev/ttyACM1"])
    with pytest.raises(SeveralPumps, match=r"/dev/ttyACM0, /dev/ttyACM1.*--port"):
        installing.install()


def test_one_pico_is_taken(monkeypatch):
    monkeypatch.setattr(installing, "picos", lambda: ["COM5"])
    assert installing.find_port() == "COM5"


def test_a_simulated_pump_is_no_board_to_install_on():
    with pytest.raises(BadInput, match="sim://"):
        installing.install("sim://")


def test_progress_is_told_up_to_the_whole(board):
    seen = []
    put(board, progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] > 0
    assert seen == sorted(seen)


def test_a_batch_is_of_one_folder_and_not_too_long():
    sizes = {"a/1": 13_000, "a/2": 2000, "a/3": 2000, "b/4": 10, "a/b/5": 50_000}
    batches = list(installing._batches(tuple(sizes), sizes))
    assert batches == [("a", ["a/1", "a/2"]), ("a", ["a/3"]), ("a/b", ["a/b/5"]), ("b", ["b/4"])]
    many = {f"a/{number}": 1 for number in range(20)}
    assert [len(paths) for _, paths in installing._batches(tuple(many), many)] == [8, 8, 4]
