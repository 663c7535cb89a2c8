"""The lock level of a therapy: set with the start by who may, said before and after, and where it cannot be."""

from urllib.parse import quote, urlencode

import pytest

import peoples
from cabled import PORT, Cabled
from picoinfuse import Therapy, connect, locking
from picoinfuse.acting import LOCKS as WORDS
from picoinfuse.cli import main, who
from picoinfuse.describe import LOCKS
from picoinfuse.errors import Refused
from picoinfuse.rehearsal import world_of
from picoinfuse.status import LEVELS
from picoinfuse.therapy_file import TherapyFile
from picoinfuse_firmware import states
from picoinfuse_sim import Bench
from therapy_text import therapy_text

SHORT = '[[phases]]\nkind = "rate"\nrate = "60 mL/h"\nvolume = "1 mL"\n'
DEMAND = """
[demand]
dose = "1 mg"
rate = "60 mL/h"
lockout = "8 min"

[[limits]]
window = "1 h"
most = "100 mg"
"""
HEAD = 'name = "mine"\ntitle = "A therapy of a test"\nsource = "made up for a test"\n'


def therapy(lock):
    asks = {"asks": DEMAND} if lock == "pca" else {}
    return Therapy.parse(therapy_text(head=f'{HEAD}lock = "{lock}"\n', phases=SHORT, **asks))


def bench_with(person="anna", **rules):
    bench = Bench(seed=1, texts={"access": peoples.file(**{"level": 0, **rules})})
    if person:
        bench.pump.login(person, peoples.STAFF[person][1])
    return bench


def test_every_word_of_a_file_has_a_level():
    words = TherapyFile.model_fields["lock"].annotation.__args__
    assert set(words) == set(WORDS) == set(LOCKS)
    assert set(WORDS.values()) == set(range(len(LEVELS)))


@pytest.mark.parametrize(("lock", "level"), [("basic", 1), ("full", 2), ("pca", 3)])
def test_a_nurse_who_starts_a_therapy_locks_the_pump_as_it_orders(lock, level):
    bench = bench_with()
    assert f"{lock} is ordered: level {level} is set with the start" in locking.before_start(bench.pump, therapy(lock))
    assert bench.pump.status().lock == 0, "asking sets nothing"
    record = bench.pump.run(therapy(lock))
    assert bench.pump.status().lock == level
    assert record.result()["outcome"] == "complete"
    assert f"lock        level {level}, as ordered ({lock}): {LEVELS[level]}" in record.summary()


def test_at_pca_the_patient_cannot_pause_what_runs_and_gets_the_bolus():
    bench = bench_with()
    bench.pump.start(therapy("pca"))
    bench.pump.logout()
    bench.advance("5 s")
    bench.act("tap_start")
    bench.advance("2 s")
    bench.act("tap_bolus")
    bench.advance("5 s")
    assert bench.pump.status().state == states.INFUSING
    assert bench.pump.doses().given == 1


def test_a_child_who_presses_every_key_starts_stops_and_acknowledges_nothing():
    """Bug: the note of child-at-home said so, and its level left start and stop to the keys."""
    child = Therapy.read("child-at-home")
    bench = Bench(seed=1, syringe="BD 30 mL", filled_ml=27, texts={"access": peoples.file(level=0)})
    bench.pump.login("anna", peoples.STAFF["anna"][1])
    bench.pump.start(child)
    bench.pump.logout()
    bench.advance("5 s")
    for key in ("start", "bolus", "mute"):
        bench.act(f"tap_{key}")
        bench.advance("2 s")
    assert bench.pump.status().state == states.INFUSING
    bench.line.clamp()  # what the parents do to stop it at once
    bench.advance("2 min")
    assert bench.pump.status().state == states.ALARM
    bench.line.release()
    for key in ("hold_start", "tap_start"):
        bench.act(key)
        bench.advance("5 s")
    assert bench.pump.status().state == states.ALARM
    with pytest.raises(Refused, match="nobody is logged in"):
        bench.pump.stop()


def test_the_words_for_a_child_promise_no_bolus():
    bench = bench_with()
    record = bench.pump.run(therapy("keys"))
    assert "level 3, as ordered (keys): the patient may pause the sound, and no other key" in record.summary()


def test_an_open_therapy_leaves_the_level_that_the_rules_set():
    bench = bench_with(level=3)
    record = bench.pump.run(therapy("open"))
    assert bench.pump.status().lock == 3
    assert "lock  " not in record.summary()
    assert locking.before_start(bench.pump, therapy("open")) == ""


def test_a_level_that_stands_already_is_not_set_again():
    record = bench_with(level=2).pump.run(therapy("full"))
    assert "level 2, as ordered" in record.summary()
    assert not [event for event in record.events if event.what == "anna.lock"]


def test_without_people_it_cannot_and_the_therapy_runs():
    bench = Bench(seed=1)
    words = "full is ordered; nobody is known to this pump, so it cannot be locked"
    assert words in locking.before_start(bench.pump, therapy("full"))
    record = bench.pump.run(therapy("full"))
    assert record.result()["outcome"] == "complete"
    assert words in record.summary()


def test_another_level_that_stands_is_told():
    bench = bench_with()
    bench.pump.run(therapy("full"))
    bench.pump.lock(1)
    assert "full is ordered, and level 1 stands: the patient may start and stop, change the syringe" in (
        locking.after_start(bench.pump, therapy("full"))
    )


@pytest.mark.parametrize(("name", "level"), [("home-antibiotic", 2), ("child-at-home", 3), ("morphine-pca", 3)])
def test_the_shipped_ones_at_a_simulated_pump_with_people(tmp_path, name, level):
    path = tmp_path / "people.txt"
    path.write_text(peoples.file(level=0), "utf-8")
    world = urlencode({"access": str(path), **world_of(Therapy.read(name))}, quote_via=quote)
    with connect(f"sim://?{world}") as pump:
        pump.login("anna", peoples.STAFF["anna"][1])
        pump.start(name)
        assert f"level {level}, as ordered" in locking.after_start(pump, Therapy.read(name))
        assert pump.status().lock == level
        pump.stop()


def test_what_cannot_be_locked_is_told_once_where_the_therapy_is_left_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", "")
    Cabled(monkeypatch, seed=1)
    file = tmp_path / "mine.toml"
    file.write_text(therapy_text(head=f'{HEAD}lock = "full"\n', phases=SHORT), "utf-8")
    assert main(["run", str(file), "--detach", *PORT]) == 0
    assert capsys.readouterr().err.count("full is ordered; nobody is known to this pump") == 1


def test_the_command_says_so_before_and_after(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    people, file = tmp_path / "people.txt", tmp_path / "mine.toml"
    people.write_text(peoples.file(level=0), "utf-8")
    file.write_text(therapy_text(head=f'{HEAD}lock = "full"\n', phases=SHORT), "utf-8")
    monkeypatch.setenv(who.CODE, peoples.STAFF["anna"][1])
    assert main(["run", str(file), "--port", f"sim://?access={quote(str(people))}", "--user", "anna"]) == 0
    said = capsys.readouterr()
    assert "lock      full is ordered: level 2 is set with the start" in said.err
    assert "anna set the lock level 2" in said.err
    assert "lock        level 2, as ordered (full): the patient may start and stop" in said.out
    assert main(["run", str(file)]) == 0
    said = capsys.readouterr()
    assert "lock      full is ordered; nobody is known to this pump" in said.err
    assert "lock        full is ordered; nobody is known to this pump" in said.out
