"""`picoinfuse archive`: fetch, list, show, merge; and every command at a real pump notes when it met it."""

import csv
import json
import shutil

import pytest

from cabled import PORT, Cabled
from picoinfuse.archive import Archive
from picoinfuse.archive_place import chosen, folder, journals
from picoinfuse.cli import main


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder of the archives of this test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    return tmp_path / "pumps"


@pytest.fixture
def cabled(home, monkeypatch):
    return Cabled(monkeypatch, seed=1)


def test_the_log_is_fetched_and_shown_with_dates(cabled, capsys):
    assert main(["archive", "fetch", *PORT]) == 0
    said = capsys.readouterr().out
    assert "2 new entries of pump" in said
    assert main(["archive", "fetch", *PORT]) == 0
    assert "0 new entries" in capsys.readouterr().out
    assert main(["archive", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["entry", "start", "since", "when", "what"]
    assert lines[1].split(maxsplit=5)[-1] == "the pump is on (start number 1)"
    assert lines[1].split()[3] == "2023-11-15"


def test_a_therapy_that_went_on_alone_is_read_later(cabled, small, capsys):
    bench = cabled.bench
    assert main(["run", small, "--detach", *PORT]) == 0
    bench.host_unplugged()
    bench.advance("50 s")
    bench.power_cut(300.0)
    bench.advance("400 s")
    bench.host_unplugged(False)
    capsys.readouterr()
    assert main(["archive", "fetch", *PORT]) == 0
    capsys.readouterr()
    assert main(["archive", "show", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["pump"] == bench.board.flash.journal_id
    assert data["gaps"] == data["problems"] == []
    assert [row["n"] for row in data["entries"]] == list(range(1, bench.board.flash.last_entry + 1))
    started = next(row for row in data["entries"] if row["kind"] == "program")
    lost = next(row for row in data["entries"] if row["what"] == "power_lost")
    assert started["earliest"] < started["latest"] < lost["earliest"] < lost["latest"]
    with chosen(None) as archive:
        (program,) = archive.programs().values()
    assert program["title"] == "A small one"
    assert program["text"].startswith("26700 ")


def test_gaps_and_wrong_clocks_are_shown_where_they_are(cabled, capsys, tmp_path):
    bench = cabled.bench
    assert main(["archive", "fetch", *PORT]) == 0
    for i in range(6):
        bench.board.log(b"1 9000 M audio %d" % i)
    bench.board.flash.log[3] = b"torn"
    cabled.wrong_s = 7200.0
    assert main(["archive", "fetch", *PORT]) == 0
    capsys.readouterr()
    assert main(["archive", "show", "--csv", "log.csv"]) == 0
    assert main(["archive", "show"]) == 0
    said = capsys.readouterr().out
    assert "entry 4: missing, a power cut tore them" in said.split("\n5  ")[0]
    assert "Mind that the clock of a computer was wrong" in said
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["n", "boot", "at_ms", "kind", "what", "value", "earliest", "latest"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "5", "6", "7", "8"]
    assert main(["archive", "show", "--last", "2", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert ([row["n"] for row in data["entries"]], data["gaps"]) == ([7, 8], [])


def test_what_another_computer_fetched_is_merged(cabled, home, capsys, tmp_path, monkeypatch):
    assert main(["archive", "fetch", *PORT]) == 0
    (file,) = home.glob("*.sqlite")
    other = tmp_path / "from-the-clinic.sqlite"
    shutil.copyfile(file, other)
    file.unlink()
    capsys.readouterr()
    assert main(["archive", "merge", str(other)]) == 0
    assert "2 new entries" in capsys.readouterr().out
    assert main(["archive", "merge", str(other)]) == 0
    assert "0 new entries" in capsys.readouterr().out
    assert main(["archive", "merge", str(file)]) == 2
    assert "is the archive of this computer itself" in capsys.readouterr().err
    assert main(["archive", "merge", "nowhere.sqlite"]) == 2
    assert "there is no such archive" in capsys.readouterr().err


def test_several_pumps_are_listed_and_one_has_to_be_named(home, monkeypatch, capsys):
    assert main(["archive", "show"]) == 2
    assert "There is no archive in" in capsys.readouterr().err
    names = []
    for seed in (1, 2):
        cabled = Cabled(monkeypatch, seed=seed)
        assert main(["archive", "fetch", *PORT]) == 0
        names.append(cabled.bench.board.flash.journal_id)
    capsys.readouterr()
    assert main(["archive", "list"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}  entries 1 to 2, 0 missing, met last on 2023-11-15" in said for name in names)
    assert main(["archive", "show"]) == 2
    assert f"say which pump: {', '.join(sorted(names))}" in capsys.readouterr().err
    assert main(["archive", "show", names[0]]) == 0
    assert main(["archive", "show", "12345678"]) == 2
    assert "pump = '12345678': has no archive" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["status"], ["log"], ["stop"], ["run", "SMALL"], ["run", "SMALL", "--detach"]])
def test_every_command_at_a_pump_notes_when_it_met_it(command, cabled, small, capsys):
    if command == ["stop"]:
        assert main(["run", small, "--detach", *PORT]) == 0
    assert main([small if word == "SMALL" else word for word in command] + PORT) == 0
    with chosen(None) as archive:
        contacts = archive.contacts()
        assert contacts[-1].boot == 1
        assert abs(contacts[-1].wall_ms / 1000 - cabled.clock()) < 10
        assert len(archive.programs()) == ("run" in command or "stop" in command)


def test_an_archive_that_cannot_be_written_stops_no_infusion(cabled, home, small, capsys):
    home.write_text("a file where the folder should be")
    assert main(["run", small, *PORT]) == 0
    said = capsys.readouterr().err
    assert "this contact is not noted in the archive" in said
    assert "Traceback" not in said


def test_a_simulated_pump_of_this_process_leaves_nothing_behind(home, small, capsys):
    assert main(["run", small]) == 0
    assert not home.exists()
    assert main(["archive", "fetch", "--port", "sim://"]) == 2
    assert "this pump ends with this command" in capsys.readouterr().err


def test_nothing_is_kept_where_nobody_wants_it(monkeypatch, small, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    Cabled(monkeypatch, seed=1)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", "")
    assert main(["run", small, *PORT]) == 0
    for command in (["list"], ["show"], ["fetch", *PORT]):
        assert main(["archive", *command]) == 2
        assert "PICOINFUSE_ARCHIVE is empty" in capsys.readouterr().err
    assert journals() == []


def test_the_usual_folder_is_the_systems_one_for_data(monkeypatch, tmp_path):
    monkeypatch.delenv("PICOINFUSE_ARCHIVE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert folder() == tmp_path / "picoinfuse" / "pumps"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert folder() == tmp_path / "local" / "picoinfuse" / "pumps"
    monkeypatch.setattr("sys.platform", "darwin")
    assert folder().parts[-4:] == ("Library", "Application Support", "picoinfuse", "pumps")


def test_a_file_with_a_strange_name_in_the_folder_is_left_alone(home):
    home.mkdir()
    (home / "photos.sqlite").write_bytes(b"x")
    Archive(home / "0badcafe.sqlite", "0badcafe").close()
    assert journals() == ["0badcafe"]
