"""A reaction to an infusion: it stays while drug comes in, goes without, and slower is borne, or nothing at all."""

import pytest

from picoinfuse.errors import BadInput
from picoinfuse.reaction import ANSWERS, GONE, MILD, MODERATE, SEVERE
from picoinfuse_sim.patient.reaction import KINDS, PEAKS, ReactingPatient, Reaction

RATE_ML_H = 120.0


class Ward:
    """A patient who is given drug at a rate, second by second."""

    def __init__(self, kind="allergy", severity=MODERATE, at_min=20):
        self.patient = ReactingPatient(Reaction(kind, at_min * 60_000, severity))
        self.now_ms = 0

    def give(self, ml_h, minutes):
        for _ in range(minutes * 60):
            self.now_ms += 1000
            self.patient.advance(self.now_ms, ml_h * 1e6 / 3600)
        return self.patient.symptoms


@pytest.mark.parametrize("severity", PEAKS)
def test_it_comes_at_its_time_and_gets_as_bad_as_it_is(severity):
    ward = Ward(severity=severity)
    assert ward.give(RATE_ML_H, 20) == 0
    assert ward.give(RATE_ML_H, 30) == pytest.approx(PEAKS[severity], rel=0.01)


def test_the_time_counts_from_the_first_drug_and_not_from_the_first_second():
    ward = Ward()
    ward.give(0, 60)
    assert ward.give(RATE_ML_H, 19) == 0
    assert ward.give(RATE_ML_H, 10) > 3


@pytest.mark.parametrize("severity", [MILD, MODERATE])
def test_as_a_nurse_answers_it_is_over_and_half_the_rate_is_borne(severity):
    ward, answer = Ward(severity=severity), ANSWERS[severity]
    ward.give(RATE_ML_H, 25)
    assert ward.give(0, 45) < GONE
    ward.give(0, answer.wait_ms // 60_000)
    assert ward.give(answer.resume_part * RATE_ML_H, 60) < GONE
    assert ward.give(RATE_ML_H, 20) > PEAKS[severity] / 2, "at the full rate it comes again"


def test_the_pumps_own_keep_vein_open_is_drug_and_keeps_it_up():
    ward = Ward()
    ward.give(RATE_ML_H, 25)
    assert ward.give(1.0, 60) > 5


def test_who_goes_on_too_early_has_it_again():
    ward = Ward()
    ward.give(RATE_ML_H, 25)
    assert ward.give(0, 5) > GONE
    assert ward.give(0.5 * RATE_ML_H, 20) > 5


def test_after_a_severe_one_nothing_is_borne_and_the_nurse_gives_nothing():
    ward = Ward(severity=SEVERE)
    ward.give(RATE_ML_H, 25)
    assert ward.give(0, 60) < GONE
    assert ward.give(0.05 * RATE_ML_H, 20) > 8
    assert ANSWERS[SEVERE].resume_part is None
    assert any("for good" in step for step in ANSWERS[SEVERE].steps())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_where_it_is(kind):
    ward = Ward(kind=kind)
    ward.give(RATE_ML_H, 60)
    symptoms, grade, celsius, breaths, arriving_ml_h = ward.patient.values()
    assert grade == 2
    assert (celsius > 38) == (kind == "fever")
    assert (breaths > 20) == (kind == "breathing")
    assert symptoms == pytest.approx(6, rel=0.01)
    assert arriving_ml_h == pytest.approx(RATE_ML_H, rel=1e-6)


@pytest.mark.parametrize("severity", ANSWERS)
def test_every_answer_stops_first_and_keeps_the_line_open_without_drug(severity):
    first, second, *_, last = ANSWERS[severity].steps()
    assert first == "stop the pump"
    assert "no drug" in second
    assert ANSWERS[severity].wait_ms >= 15 * 60_000
    assert ("50%" in last) == (severity != SEVERE)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("itch", 0, MILD), "kind = 'itch': the reactions are allergy, fever, breathing"),
        (("fever", 0, "bad"), "severity = 'bad': is not one of mild, moderate, severe"),
        (("fever", -1, MILD), "at = -1 ms"),
    ],
)
def test_what_cannot_be_is_explained(words, message):
    with pytest.raises(BadInput, match=message):
        Reaction(*words)
