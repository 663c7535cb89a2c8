"""A day of a closed loop on the real firmware: three meals, exercise, a lost sensor and one that is pressed."""

import importlib.util
from pathlib import Path

import pytest

from picoinfuse.errors import BadInput
from picoinfuse.rehearsal import PEOPLE
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.hovorka import Body
from picoinfuse_sim.patient.loop_day import live
from picoinfuse_sim.patient.plot_loop import plot
from picoinfuse_sim.settings import bench_of

DOCS = Path(__file__).parent.parent / "docs"
HOUR_S = 3600.0


def script():
    spec = importlib.util.spec_from_file_location("docs_closed_loop", DOCS / "closed_loop.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def docs():
    return script()


@pytest.fixture(scope="module")
def day(docs):
    """The day of the document, lived once."""
    return docs.day()


@pytest.fixture(scope="module")
def without(docs):
    return docs.day(follow=False)


def at(day, hours):
    """Return the last moment up to this time of the day."""
    return [moment for moment in day.moments if moment.at_s <= hours * HOUR_S][-1]


def test_the_document_tells_what_the_pump_does(docs, day, without):
    text = (DOCS / "closed-loop.md").read_text("utf-8")
    found = next(found for found in docs.PART.finditer(text) if found.group(2) == "day")
    assert found.group(3) == docs.told(day, without), "docs/closed-loop.md is stale: run `python docs/closed_loop.py`"


def test_the_document_tells_what_a_sensitivity_means(docs):
    text = docs.DOCUMENT.read_text("utf-8")
    found = next(found for found in docs.PART.finditer(text) if found.group(2) == "people")
    assert found.group(3) == docs.people(), "docs/closed-loop.md is stale: run `python docs/closed_loop.py`"


def test_the_shipped_loop_is_ordered_for_the_person_with_whom_it_is_run(docs):
    """Its basal rate, and how far a unit lowers glucose, are those of sensitivity 0.5, not of the published 1."""
    assert Body(70, 0.5).basal_u_h(110) == pytest.approx(0.8, abs=0.05)
    assert docs.falls_mg_dl(0.5) == pytest.approx(40, abs=2)
    assert docs.falls_mg_dl(1.0) > 70
    assert "sensitivity=0.5" in PEOPLE["insulin-loop"]


def test_the_rate_never_leaves_its_limits(docs, day):
    boluses = [bolus.at_s for bolus in day.boluses]
    for moment in day.moments:
        if not any(0 <= moment.at_s - bolus <= 400 for bolus in boluses):
            assert 0 <= moment.rate_u_h <= docs.LOOP.max_basal_u_h


def test_insulin_on_board_stays_below_its_limit_but_for_what_a_person_gave(docs, day):
    first_meal = day.boluses[0].at_s
    before = [d.on_board_uu / 1e6 for d in day.decisions if d.at_s < first_meal]
    assert 0 < max(before) <= docs.LOOP.max_on_board_u
    for bolus in day.boluses:
        least = next(d for d in day.decisions if d.at_s > bolus.at_s + 300)
        assert least.on_board_uu / 1e6 > 0.5 * bolus.units
    assert max(d.on_board_uu for d in day.decisions) / 1e6 < docs.LOOP.max_on_board_u + max(
        bolus.units for bolus in day.boluses
    )


def test_every_meal_gets_its_bolus_and_every_bolus_is_given(docs, day):
    assert [(round(b.at_s / HOUR_S), b.carbohydrate_g) for b in day.boluses] == [(7, 45), (12, 70), (19, 80)]
    assert all(bolus.given for bolus in day.boluses)
    assert sum(b.units for b in day.boluses) == pytest.approx(195 / docs.MEALS.grams_per_unit)


def test_while_the_sensor_is_lost_the_set_rate_runs_and_an_alarm_says_so(docs, day):
    assert any(name == "glucose_lost" and 3.2 < at_s / HOUR_S < 3.4 for name, at_s in day.alarms)
    assert at(day, 3.5).rate_u_h == pytest.approx(docs.LOOP.basal_u_h)


def test_a_pressed_sensor_is_not_believed(day):
    refused = [d for d in day.decisions if d.refused]
    assert refused
    assert all(22 <= d.at_s / HOUR_S < 22.6 and d.refused == "glucose_jump" for d in refused)


def test_exercise_makes_it_stop_and_glucose_does_not_fall_far(day):
    assert at(day, 17).rate_u_h == 0
    assert min(day.glucose_mg_dl) > 65


def test_the_loop_is_better_than_the_set_rate_where_that_is_wrong(docs):
    """Half the basal rate that he needs, and one and a half times as much: without a loop he is high, or low."""
    for part, worse in ((0.5, "high"), (1.5, "low")):
        loop = docs.LOOP.__class__(**{**vars(docs.LOOP), "basal_u_h": part * 0.82})
        days = [
            live(
                bench_of(
                    [("seed", "1"), ("syringe", "BD 10 mL"), ("ideal", "yes"), ("patient", "hovorka,sensitivity=0.5")]
                ),
                loop,
                None,
                8,
                follow=follow,
            )
            for follow in (True, False)
        ]
        with_loop, without = (day.glucose_mg_dl[-1] for day in days)
        if worse == "high":
            assert with_loop < without - 15
        else:
            assert with_loop > without + 10


def test_the_account_of_the_pump_is_what_its_rates_gave_and_the_patient_got_it(docs):
    bench = bench_of([("seed", "2"), ("syringe", "BD 10 mL"), ("patient", "hovorka,sensitivity=0.5,meals=30g@2h")])
    day = live(bench, docs.LOOP, docs.MEALS, 6)
    given_ml = day.moments[-1].given_u / docs.LOOP.u_per_ml
    assert bench.controller.delivery.dose_nl() / 1e6 == pytest.approx(given_ml, abs=0.001)
    truth = bench.truth()
    assert 0.85 * given_ml < truth["patient_ml"] < given_ml + 0.01  # the first of it presses the plunger on
    assert not {name for name, _ in day.alarms} - {"glucose_low", "glucose_lost", "near_end", "end"}


def test_power_fails_after_a_meal_and_insulin_on_board_is_what_it_was(docs):
    bench = bench_of(
        [
            ("seed", "1"),
            ("syringe", "BD 10 mL"),
            ("ideal", "yes"),
            ("patient", "hovorka,sensitivity=0.5,meals=60g@50min"),
        ]
    )
    relay = docs.live.__globals__["Relay"](docs.MEALS)
    pump = bench.pump
    pump.start(docs.LOOP.program(24, "BD 10 mL"))
    for _ in range(15):
        bench.advance(300)
        relay.look(pump)
    before = relay.decisions[-1].on_board_uu
    assert before > 3_500_000
    bench.power_cut(2 * HOUR_S)  # as long as it may be: to the pump no time passed
    bench.advance(2 * HOUR_S + 10)
    relay.look(pump)  # the pump takes the reading, though it stands in alarm
    pump.acknowledge()
    pump.resume()
    bench.advance(300)
    relay.look(pump)
    after = relay.decisions[-1].on_board_uu
    assert after > before - 100_000  # five minutes wear off little; the power cut took nothing
    assert relay.decisions[-1].rate_nl_h <= docs.LOOP.nl_h(docs.LOOP.basal_u_h)


def test_it_needs_somebody_with_a_sensor(docs):
    with pytest.raises(BadInput, match="needs a person with a glucose sensor"):
        live(Bench(), docs.LOOP, None)
    with pytest.raises(BadInput, match="needs a person with a glucose sensor"):
        live(bench_of([("patient", "oxytocin")]), docs.LOOP, None)


def test_its_picture_is_drawn(day, tmp_path):
    plot(day, tmp_path / "day.png")
    assert (tmp_path / "day.png").stat().st_size > 20_000
    with pytest.raises(BadInput, match="picture = "):
        plot(day, tmp_path / "day.nonsense")


def test_a_summary_says_what_it_is(day):
    text = day.summary()
    assert "teaching model, not for treating anyone" in text
    assert "in range (70 to 180 mg/dL)" in text
    assert "3 boluses for food" in text


def test_a_run_of_such_a_program_passes_the_readings_on_and_its_record_tells_the_time_in_range(docs, tmp_path):
    bench = bench_of(
        [("seed", "1"), ("syringe", "BD 10 mL"), ("ideal", "yes"), ("patient", "hovorka,sensitivity=0.5,start=200")]
    )
    record = bench.pump.run(docs.LOOP.program(2, "BD 10 mL"), out=tmp_path / "run")
    changes = [event for event in record.events if event.kind == "loop"]
    assert changes
    assert {event.what for event in changes} <= {"more", "on_board", "in_range", "less", "doubt"}
    text = record.summary()
    assert "of the time in range (70 to 180 mg/dL)" in text
    assert "teaching model" in text
    assert "announced" not in text
    record.plot(tmp_path / "run.png")
