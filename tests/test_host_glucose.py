"""The relay between sensor and pump: each reading once, with its age; food covered once; what is refused is kept."""

from types import SimpleNamespace

import pytest

from picoinfuse.errors import BadInput, Refused
from picoinfuse.glucose import Decision, Meals, Relay, Seen, of_port, shares, tell, words
from picoinfuse.session import SessionLost


class FakePump:
    """A pump that answers readings and takes boluses, or refuses what is told."""

    def __init__(self, state="infusing"):
        self.told, self.boluses, self.refuses, self.waits = [], [], {}, True
        self.stream = SimpleNamespace(newest_ms=0, state=state)
        self.port = SimpleNamespace(truth=lambda: None)
        self.session = SimpleNamespace(ask=self._ask)
        self.restarts = 0

    def _ask(self, name, values):
        assert name == "glucose"
        if self.restarts:
            self.restarts -= 1
            raise SessionLost("restarted")
        self._refuse(name)
        self.told.append(values)
        return {"rate_nl_h": 80_000, "why": "in_range", "predicted_mg_dl": 101, "on_board_uu": 5}

    def _refuse(self, name):
        if self.refuses.get(name):
            raise Refused(self.refuses[name], 0, 0, "no")

    def bolus(self, volume, rate):
        self._refuse("bolus")
        self.boluses.append((volume, rate))

    def may_wait(self):
        return self.waits


class Sensor:
    """The newest reading, as a test sets it."""

    def __init__(self, **now):
        self.now = Seen(**{"now_s": 0.0, "at_s": -1.0, "mg_dl": 0, "announced_g": 0.0, **now})

    def __call__(self, port):
        return self.now if self.now.at_s >= 0 else None

    def shows(self, **changes):
        self.now = self.now._replace(**changes)


MEALS = Meals(grams_per_unit=15, u_per_ml=10)


def test_each_reading_is_told_once_with_its_age_and_the_answer_is_kept():
    pump, sensor = FakePump(), Sensor()
    relay = Relay(seen=sensor)
    relay.look(pump)
    assert pump.told == []  # before the first reading there is nothing to tell
    sensor.shows(now_s=307.0, at_s=300.0, mg_dl=112)
    relay.look(pump)
    relay.look(pump)
    sensor.shows(now_s=600.0, at_s=600.0, mg_dl=112)
    relay.look(pump)
    assert pump.told == [(112, 7000), (112, 0)]
    assert relay.decisions[0] == Decision(307.0, 112, 80_000, "in_range", 101, 5, "")


def test_a_refused_reading_is_kept_with_the_reason_and_not_told_again():
    pump, sensor = FakePump(), Sensor(at_s=300.0, now_s=300.0, mg_dl=250)
    relay = Relay(seen=sensor)
    pump.refuses["glucose"] = "glucose_jump"
    relay.look(pump)
    pump.refuses.clear()
    relay.look(pump)
    assert pump.told == []
    assert [(d.mg_dl, d.refused) for d in relay.decisions] == [(250, "glucose_jump")]


def test_after_a_restart_of_the_pump_the_reading_is_told_again():
    pump = FakePump()
    pump.restarts = 1
    assert tell(pump, 100).why == "in_range"


def test_announced_food_is_covered_once_and_more_of_it_again():
    pump, sensor = FakePump(), Sensor(at_s=300.0, now_s=300.0, mg_dl=100, announced_g=45.0)
    relay = Relay(MEALS, seen=sensor)
    relay.look(pump)
    relay.look(pump)
    sensor.shows(now_s=900.0, announced_g=65.0)
    relay.look(pump)
    assert pump.boluses == [("300000 nL", "10 mL/h"), ("133333 nL", "10 mL/h")]
    assert [(b.carbohydrate_g, b.given) for b in relay.boluses] == [(45.0, True), (20.0, True)]
    assert relay.boluses[0].units == pytest.approx(3.0)


def test_without_a_ratio_food_is_not_covered():
    pump, sensor = FakePump(), Sensor(at_s=300.0, now_s=300.0, mg_dl=100, announced_g=45.0)
    Relay(seen=sensor).look(pump)
    assert pump.boluses == []


def test_a_bolus_that_cannot_be_given_now_is_asked_for_again_for_a_quarter_of_an_hour():
    pump, sensor = FakePump(), Sensor(at_s=300.0, now_s=300.0, mg_dl=100, announced_g=45.0)
    relay = Relay(MEALS, seen=sensor)
    pump.refuses["bolus"] = "bolus_running"
    relay.look(pump)
    assert relay.boluses == []
    sensor.shows(now_s=1199.0)
    relay.look(pump)
    assert relay.boluses == []
    sensor.shows(now_s=1200.0)
    relay.look(pump)
    assert [(b.units, b.given) for b in relay.boluses] == [(pytest.approx(3.0), False)]
    pump.refuses.clear()
    relay.look(pump)
    assert pump.boluses == []  # it was given up, and is not given late


def test_a_bolus_that_is_refused_for_good_is_not_asked_for_again():
    pump, sensor = FakePump(), Sensor(at_s=300.0, now_s=300.0, mg_dl=100, announced_g=45.0)
    relay = Relay(MEALS, seen=sensor)
    pump.refuses["bolus"] = "volume_exceeds_syringe"
    relay.look(pump)
    assert [b.given for b in relay.boluses] == [False]


def test_it_looks_every_ten_seconds_of_the_pumps_clock_and_asks_the_nurse_each_time():
    pump, sensor = FakePump(), Sensor(at_s=300.0, now_s=300.0, mg_dl=100)
    asked = []
    nurse = SimpleNamespace(attend=lambda pump: asked.append(1) or len(asked) < 4)
    relay = Relay(seen=sensor, nurse=nurse)
    answers = []
    for now_ms in (0, 1000, 9999, 10_000):
        pump.stream.newest_ms = now_ms
        sensor.shows(at_s=300.0 + now_ms)
        answers.append(relay.attend(pump))
    assert answers == [True, True, True, False]
    assert len(pump.told) == 2


def test_without_a_nurse_an_alarm_ends_the_waiting_as_ever():
    relay = Relay(seen=Sensor())
    assert relay.attend(FakePump())
    assert not relay.attend(FakePump(state="alarm"))
    waits_in_vain = FakePump()
    waits_in_vain.waits = False
    assert not relay.attend(waits_in_vain)


def test_the_signs_of_a_simulated_patient_are_its_sensor():
    def port(truth):
        return SimpleNamespace(truth=lambda: truth)

    assert of_port(port(None)) is None
    assert of_port(port({"now_s": 5.0})) is None
    signs = {"now_s": 301.5, "sensor_at_s": -1.0, "sensor_mg_dl": 0.0, "announced_g": 0.0}
    assert of_port(port(signs)) is None
    assert of_port(port({**signs, "sensor_at_s": 300.0, "sensor_mg_dl": 98.0})) == Seen(301.5, 300.0, 98, 0.0)


@pytest.mark.parametrize("bad", [{"grams_per_unit": 0, "u_per_ml": 10}, {"grams_per_unit": 15, "u_per_ml": 1e9}])
def test_a_ratio_that_makes_no_sense_is_refused(bad):
    with pytest.raises(BadInput, match="is above 0 and below 1000"):
        Meals(**bad)


def test_shares_of_the_time_are_counted_at_their_edges():
    its = shares([53, 54, 69, 70, 180, 181, 100, 100, 100, 100])
    assert its == {"in_range": pytest.approx(0.6), "low": 0.3, "very_low": 0.1, "high": 0.1}
    assert words(its) == ("60% of the time in range (70 to 180 mg/dL), 30% below 70 (10% below 54), 10% above 180")
    with pytest.raises(BadInput):
        shares([])
