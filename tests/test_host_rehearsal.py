"""A rehearsal: the simulated world fits the therapy, every alarm is counted, and the same seed gives the same run."""

import pytest

from picoinfuse import Therapy
from picoinfuse.rehearsal import HEAD, rehearse, world_of
from picoinfuse.therapy import shipped
from picoinfuse_sim.settings import bench_of
from therapy_text import therapy_text

SHORT = therapy_text(phases='[[phases]]\nkind = "rate"\nrate = "60 mL/h"\nvolume = "1 mL"\n')


@pytest.mark.parametrize("name", shipped())
def test_the_simulated_world_knows_everything_that_it_is_told_of_a_therapy(name):
    therapy = Therapy.read(name)
    bench = bench_of(world_of(therapy).items())
    assert bench.syringe.kind.name == therapy.program.syringe.name


def test_of_a_full_syringe_in_a_vein_nothing_more_is_said():
    assert world_of(Therapy.read("hydration")) == {"syringe": "BD 60 mL"}


def test_routes_are_named_as_the_world_names_them():
    assert world_of(Therapy.read("nutrition"))["route"] == "central vein"
    assert world_of(Therapy.read("hepatic-fudr"))["route"] == "intra-arterial"


def test_a_row_tells_what_was_ordered_given_and_heard():
    row, record = rehearse(Therapy.parse(SHORT), seed=3)
    assert row.outcome == "complete"
    assert row.alarms == {"near_end": 1, "end": 1}  # it takes less time than the warning comes before its end
    assert 0 <= row.programmed_ml - row.delivered_ml < 0.001
    assert row.duration_s == pytest.approx(60, abs=1)
    assert row.cells()[:2] == ["mine", "1 min"]
    assert len(row.cells()) == len(HEAD)
    assert record.result()["outcome"] == "complete"
    assert row.data()["therapy"] == "mine"


def test_the_same_seed_gives_the_same_run():
    runs = [rehearse(Therapy.parse(SHORT), seed=seed)[1] for seed in (5, 5, 6)]
    assert runs[0].rows == runs[1].rows
    assert runs[0].rows != runs[2].rows
