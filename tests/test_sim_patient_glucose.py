"""A person with diabetes: fed with what left the cannula, eating, moving, wearing a sensor with troubles."""

from math import isnan

import numpy as np
import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.patient.catalogue import parse
from picoinfuse_sim.patient.glucose import Exercise, GlucosePatient, Meal, Trouble
from picoinfuse_sim.patient.hovorka import Body, Hovorka
from picoinfuse_sim.settings import bench_of

MIN = 60_000
HOUR = 60 * MIN
QUIET = {"noise_mg_dl": 0.0, "gaps_per_day": 0.0}


def person(**events):
    patient = GlucosePatient(Hovorka(Body(sensitivity=0.5), 120), 10.0, "somebody", **{**QUIET, **events})
    patient.meet(lambda key: None, np.random.default_rng(0))
    return patient


def live(patient, hours, u_h):
    """Let him live for so long with so much insulin, and return the signs at each minute, by name."""
    rows = []
    start = patient._now_ms // MIN
    for minute in range(start + 1, start + round(hours * 60) + 1):
        patient.advance(minute * MIN, u_h / 60 / 10 * 1e6)
        rows.append(dict(zip([s.name for s in patient.signs], patient.values(), strict=True)))
    return rows


BASAL = Body(sensitivity=0.5).basal_u_h(120)


def test_at_his_basal_rate_he_stays_where_he_is_and_the_sensor_says_so():
    last = live(person(), 12, BASAL)[-1]
    assert last["glucose_mg_dl"] == pytest.approx(120, abs=0.01)
    assert (last["sensor_mg_dl"], last["sensor_at_s"]) == (120, 12 * 3600)


def test_before_the_first_reading_there_is_none():
    first = live(person(), 1 / 60, BASAL)[0]
    assert isnan(first["sensor_mg_dl"]), "0 mg/dL would be a reading, and nobody lives with it"
    assert first["sensor_at_s"] == -1


def test_a_meal_raises_glucose_and_is_announced_unless_it_is_kept_quiet():
    rows = live(person(meals=[Meal(HOUR, 50.0), Meal(2 * HOUR, 20.0, announced=False)]), 4, BASAL)
    assert [rows[minute]["announced_g"] for minute in (59, 60, 239)] == [0, 50, 50]
    assert rows[59]["glucose_mg_dl"] == pytest.approx(120, abs=0.1)
    assert rows[60]["gut_g"] == pytest.approx(40, rel=0.01)  # four fifths can be absorbed
    assert rows[239]["glucose_mg_dl"] > 250


def test_exercise_begins_and_ends_at_its_time():
    rows = live(person(exercise=[Exercise(HOUR, 0.5, HOUR)]), 3, BASAL)
    glucose = [row["glucose_mg_dl"] for row in rows]
    assert glucose[59] == pytest.approx(120, abs=0.1)
    assert glucose[119] < 90
    fall_per_min = glucose[118] - glucose[119]
    assert abs(glucose[178] - glucose[179]) < fall_per_min / 3


def test_twice_the_concentration_is_twice_the_insulin():
    one = GlucosePatient(Hovorka(), 10.0, "")
    two = GlucosePatient(Hovorka(), 20.0, "")
    for patient, ml in ((one, 0.2), (two, 0.1)):
        for minute in range(1, 61):
            patient.advance(minute * MIN, ml / 60 * 1e6)
    assert one.body.insulin_mu_l == pytest.approx(two.body.insulin_mu_l, rel=1e-12)


@pytest.mark.parametrize("what", ["lost", "stuck", "pressed"])
def test_trouble_with_the_sensor_begins_and_ends_at_its_time(what):
    rows = live(person(troubles=[Trouble(HOUR, what, 30 * MIN)]), 3, 0.0)
    steady = live(person(), 3, 0.0)
    same = [
        minute + 1
        for minute in range(180)
        if repr(rows[minute]["sensor_mg_dl"]) == repr(steady[minute]["sensor_mg_dl"])  # nan before the first one
        and rows[minute]["sensor_at_s"] == steady[minute]["sensor_at_s"]
    ]
    wrong = set(range(1, 181)) - set(same)
    assert wrong  # and only while it lasts, until the next reading
    assert min(wrong) >= 60
    assert max(wrong) < 95


def test_on_the_bench_he_gets_what_left_the_cannula_and_not_what_was_ordered():
    """The line is clamped for two hours: he has no insulin, whatever the pump has done by then."""
    glucose = {}
    for clamped in (False, True):
        bench = bench_of(
            [("patient", "hovorka,sensitivity=0.5,noise=0,gaps=0"), ("syringe", "BD 5 mL"), ("ideal", "yes")]
        )
        bench.pump.start(program())
        if clamped:
            bench.line.clamp()
        bench.advance("3 h")
        glucose[clamped] = bench.truth()["glucose_mg_dl"]
    assert glucose[True] > glucose[False] + 5


def program():
    from picoinfuse import Program

    return Program.continuous(rate="0.08 mL/h", volume="1 mL", syringe="BD 5 mL")


def test_the_same_seed_is_the_same_day_and_another_seed_another_one():
    def readings(seed):
        bench = bench_of([("seed", str(seed)), ("patient", "hovorka,meals=45g@30min")])
        bench.advance("3 h")
        return bench.bedside.patient.sensor.readings

    assert readings(1) == readings(1)
    assert [r.mg_dl for r in readings(1)] != [r.mg_dl for r in readings(2)]


def test_the_text_of_a_day_is_read():
    patient = parse(
        "hovorka,weight=60 kg,sensitivity=0.7,start=140,concentration=100 U/mL,meals=45g@7h/70@12.5h:quiet,"
        "exercise=0.5@17h:1h,trouble=lost@10h:30min/stuck@1h:2h,noise=5,lag=10,gaps=0"
    )
    assert patient.title.startswith("hovorka: 60 kg, sensitivity 0.7, from 140 mg/dL, exercise 0.5@17h:1h, ")
    assert patient.values()[0] == pytest.approx(140)
    live(patient, 18, 0.0)
    assert patient.announced_g == 45


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("meals=45g", "'45g' is not WHAT@TIME; write e.g. 45g@7h/70g@12h"),
        ("meals=45g@7h/", "'' is not WHAT@TIME"),
        ("meals=45kg@7h", "meal = '45kg': write a number and its unit (g)"),
        ("meals=900g@7h", "meal = '900g': is outside 0 to 300 g"),
        ("meals=45g@7h:loud", "'loud' after the time: only 'quiet' can stand there"),
        ("meals=45g@soon", "time = 'soon'"),
        ("exercise=0.5@7h", "says not for how long; write e.g. 0.5@17h:1h"),
        ("exercise=2@7h:1h", "effort = '2': is outside 0 to 1"),
        ("exercise=0.5@7h:0s", "'0s' is no time"),
        ("trouble=broken@7h:1h", "trouble = 'broken': is none of: lost, stuck, pressed"),
        ("trouble=lost@7h", "says not for how long; write e.g. lost@10h:30min"),
        ("concentration=10 mg/mL", "insulin is counted in units; write e.g. '10 U/mL'"),
        ("concentration=900 U/mL", "concentration = 900 U/mL: insulin is above 0 and up to 500 U/mL"),
        ("weight=5", "weight = '5': is outside 20 to 200 kg"),
        ("sensitivity=9", "sensitivity = '9': is outside 0.3 to 3 times"),
        ("start=20", "start = '20': is outside 50 to 250 mg/dL"),
    ],
)
def test_what_is_wrong_in_the_text_of_a_day_is_explained(text, message):
    with pytest.raises(BadInput) as caught:
        parse(f"hovorka,{text}")
    assert message in str(caught.value)


def test_an_event_before_the_beginning_is_refused():
    with pytest.raises(BadInput, match="an event at -1 ms"):
        person(meals=[Meal(-1, 10.0)])
