"""The PCA patient: presses while it hurts, feels the lockout, sleeps when it is enough; a relative harms."""

from itertools import pairwise

import numpy as np
import pytest

from picoinfuse_sim import Bench
from picoinfuse_sim.patient.pca import BREATHS_PER_MIN, PRESSES_ABOVE, TOO_SLOW_PER_MIN, PcaPatient, effect

LOCKOUT_S = 8 * 60
DEMAND_NL = 1_000_000  # 1 mg of 1 mg/mL
OVER_S = 60


class Story:
    """A patient with a pump that knows demands and a lockout and nothing else: the worst that a pump may be.

    relative_every_s: somebody presses too, from the second hour on; 0: nobody.
    """

    def __init__(self, hours, seed=1, relative_every_s=0, lockout_s=LOCKOUT_S, **person):
        self.patient = PcaPatient(1.0, **person)
        self.now_s = 0
        self.lockout_s = lockout_s
        self.presses = []
        self.given = []
        self.asleep_presses = 0
        self.rows = []  # (hour, pain, sedation, breaths, presses, given)
        self.patient.meet(self.press, np.random.default_rng(seed))
        for second in range(1, int(hours * 3600) + 1):
            self.now_s = second
            running = self.given and second - self.given[-1] <= OVER_S
            self.patient.advance(second * 1000, DEMAND_NL / OVER_S if running else 0.0)
            if relative_every_s and second > 3600 and second % relative_every_s == 0:
                self.demand()
            if second % 60 == 0:
                its = self.patient
                row = (its.pain, its.sedation, its.breaths_per_min, its.presses, len(self.given))
                self.rows.append((second / 3600, *row))

    def press(self, key):
        assert key == "bolus"
        self.presses.append(self.now_s)
        self.asleep_presses += self.patient.asleep
        self.demand()

    def demand(self):
        if not self.given or self.now_s - self.given[-1] >= self.lockout_s:
            self.given.append(self.now_s)

    def least_breaths(self):
        return min(row[3] for row in self.rows)


@pytest.fixture(scope="module")
def alone():
    return Story(hours=12)


@pytest.fixture(scope="module")
def tormented():
    """Pain on which morphine hardly acts: this patient presses as often as it is possible to press."""
    return Story(hours=12, relief_ng_ml=80.0)


@pytest.fixture(scope="module")
def by_proxy():
    return Story(hours=12, relative_every_s=240)


def test_pain_is_relieved_and_comes_again(alone):
    pains = [row[1] for row in alone.rows]
    assert pains[0] > 6
    assert np.mean(pains[120:]) < PRESSES_ABOVE
    came_again = [a <= PRESSES_ABOVE < b for a, b in pairwise(pains[120:])]
    assert sum(came_again) >= 5


def test_who_is_in_pain_presses_and_who_is_not_does_not(alone):
    first_hour, last_hour = (sum(3600 * h <= s < 3600 * (h + 1) for s in alone.presses) for h in (0, 11))
    assert first_hour > 3 * last_hour > 0


def test_the_lockout_is_felt_and_pressed_against(alone):
    gaps = np.diff(alone.given)
    assert gaps.min() >= LOCKOUT_S
    assert len(alone.presses) > len(alone.given)
    first = [s for s in alone.presses if s < LOCKOUT_S]
    assert len(first) >= 2, "pressed again within the first lockout"


def test_nobody_who_presses_alone_stops_breathing(alone, tormented):
    assert alone.least_breaths() > 13
    assert tormented.least_breaths() > 9 > TOO_SLOW_PER_MIN


def test_a_sedated_patient_stops_pressing_and_wakes_up_to_press_again(tormented):
    assert tormented.asleep_presses == 0
    minutes = [row for row in tormented.rows if row[0] > 3]
    longest = pressed = 0
    for before, row in pairwise(minutes):
        pressed = 0 if row[4] > before[4] else pressed + 1
        longest = max(longest, pressed)
    # So often it hurts that an awake patient never waits for more than 5 minutes.
    assert 10 <= longest <= 60
    assert max(row[2] for row in minutes) < 6


def test_by_proxy_it_goes_on_while_the_patient_sleeps_and_the_breathing_falls(by_proxy):
    """The danger: the pump does what it is asked, within its lockout, and the patient's own brake is gone."""
    slept = next(row for row in by_proxy.rows if row[2] > 5.5)
    last = by_proxy.rows[-1]
    assert last[4] == slept[4], "asleep, the patient never pressed again"
    assert last[5] - slept[5] > 40, "and got dose after dose"
    assert last[3] < TOO_SLOW_PER_MIN < slept[3]
    hours = next(row[0] for row in by_proxy.rows if row[3] < TOO_SLOW_PER_MIN)
    assert 2 < hours < 8


def test_the_pain_is_the_same_however_often_somebody_presses(alone, by_proxy):
    def raw(story):
        return story.patient._source.at(12 * 3_600_000)

    assert raw(alone) == raw(by_proxy)


def test_the_same_seed_is_the_same_patient_and_another_seed_another(alone):
    again, other = Story(hours=2), Story(hours=2, seed=2)
    assert again.presses == [s for s in alone.presses if s <= 7200]
    assert other.presses != again.presses


def test_without_pain_nobody_presses():
    story = Story(hours=3, pain=0.0)
    assert story.presses == []
    assert story.least_breaths() == BREATHS_PER_MIN


def test_a_slow_effect_site_lets_the_patient_take_more_before_it_helps():
    quick, slow = Story(hours=2), Story(hours=2, peak_min=93.8)
    assert len(slow.given) > 1.5 * len(quick.given)


def test_an_effect_is_half_at_its_half_and_never_above_all():
    assert effect(16, 16, 4) == 0.5
    assert effect(0, 16, 4) == 0
    assert effect(1e9, 16, 4) == pytest.approx(1)
    falls = [effect(c, 16, 4) for c in range(100)]
    assert falls == sorted(falls)


def keys_pressed(bench, what="bolus"):
    return [event for event in bench.pump.events() if event.kind == "key" and event.what.startswith(what)]


def test_on_the_bench_the_patient_presses_the_real_key():
    bench = Bench(seed=3, patient=PcaPatient(1.0))
    bench.pump.status()
    bench.advance("20 min")
    pressed = bench.bedside.patient.presses
    assert pressed >= 4
    bench.pump.status()
    assert len(keys_pressed(bench)) == pressed
    again = Bench(seed=3, patient=PcaPatient(1.0))
    again.advance("20 min")
    assert again.bedside.patient.presses == pressed


def test_a_relative_presses_as_often_as_the_fault_says():
    bench = Bench(seed=3)
    bench.pump.status()
    bench.advance("1 min")
    bench.fault("by_proxy@on:2 min")
    bench.advance("8.5 min")
    bench.pump.status()
    assert len(keys_pressed(bench)) == 5
