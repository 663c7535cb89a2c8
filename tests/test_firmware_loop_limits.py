"""Which closed loops are refused: each number of the option, and a program that is no basal rate."""

import pytest

from orders import HOUR_MS, bolus, kvo, order, pause, ramp, rate, repeat, step_of
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.loop_limits import check

MIN_MS = 60000


class Option:
    def __init__(self, kind, what="-", numbers=()):
        self.kind, self.what, self.numbers = kind, what, list(numbers)


U10 = Option("drug", "insulin.uU", [10_000_000, 1_000_000])  # 10 U/mL
NUMBERS = {
    "target_min_mg_dl": 100,
    "target_max_mg_dl": 110,
    "isf_ug_dl_per_u": 40_000,
    "max_basal_nl_h": 300_000,
    "max_on_board_uu": 3_000_000,
    "peak_ms": 75 * MIN_MS,
    "lost_ms": 15 * MIN_MS,
}
BASAL = rate(0.08, duration_ms=HOUR_MS)


def refusal(phases=(BASAL,), drug=U10, what="-", numbers=None, **changes):
    loop = Option("loop", what, {**NUMBERS, **changes}.values() if numbers is None else numbers)
    program = order(*phases, size_ml=5)
    program.options = [option for option in (drug, loop) if option]
    return check(loop, program, step_of(5), Config())


def test_a_usual_loop_is_taken():
    assert refusal() is None


def test_several_basal_rates_over_the_day_are_taken():
    day = [rate(ml_h, duration_ms=HOUR_MS) for ml_h in (0.06, 0.1, 0.08) for _ in range(8)]
    assert refusal([*day, repeat(0, 3)]) is None


def test_a_phase_lasts_an_hour_at_the_most():
    phases = [BASAL, repeat(0, 24), rate(0.08, duration_ms=HOUR_MS + 1)]
    assert refusal(phases) == ("loop_phase_too_long", HOUR_MS + 1, HOUR_MS)


@pytest.mark.parametrize(
    ("name", "least", "most", "reason"),
    [
        ("target_min_mg_dl", 80, 110, "target_range"),
        ("target_max_mg_dl", 100, 200, "target_range"),
        ("isf_ug_dl_per_u", 5000, 400_000, "sensitivity_range"),
        ("max_basal_nl_h", 80_001, 1_000_000, "max_basal_range"),  # above the basal rate; 10 U/h
        ("max_on_board_uu", 0, 20_000_000, "on_board_range"),
        ("peak_ms", 35 * MIN_MS, 120 * MIN_MS, "peak_range"),
        ("lost_ms", 10 * MIN_MS, 30 * MIN_MS, "lost_range"),
    ],
)
def test_each_number_has_its_range_and_the_refusal_says_value_and_limit(name, least, most, reason):
    assert refusal(**{name: least}) is None
    assert refusal(**{name: most}) is None
    if name == "target_min_mg_dl":  # above the upper one, it is the upper one that is refused
        assert refusal(**{name: 111}) == (reason, 110, 111)
    else:
        assert refusal(**{name: most + 1}) == (reason, most + 1, most)
    assert refusal(**{name: least - 1})[:2] == (reason, least - 1)
    assert refusal(**{name: -(10**17)})[0] == reason


def test_the_highest_basal_follows_the_concentration():
    u100 = Option("drug", "insulin.uU", [100_000_000, 1_000_000])
    assert refusal(drug=u100, max_basal_nl_h=100_000) is None
    assert refusal(drug=u100, max_basal_nl_h=100_001) == ("max_basal_range", 100_001, 100_000)


@pytest.mark.parametrize("drug", [None, Option("drug", "glucose.ng", [1, 1])])
def test_without_a_drug_in_units_of_activity_it_is_refused(drug):
    assert refusal(drug=drug) == ("loop_needs_insulin", 0, 0)


@pytest.mark.parametrize(
    "other",
    [
        rate(0.08, volume_ml=1),
        rate(0.08, volume_ml=1, duration_ms=HOUR_MS),
        ramp(0.08, 0.1, HOUR_MS),
        pause(HOUR_MS),
        bolus(0.1, 1),
        kvo(0.05, HOUR_MS),
    ],
)
def test_every_phase_must_be_a_constant_rate_for_a_time(other):
    assert refusal([BASAL, other]) == ("loop_needs_basal", 1, 0)


@pytest.mark.parametrize("count", [0, 6, 8])
def test_seven_numbers_are_needed(count):
    assert refusal(numbers=[100] * count) == ("bad_option", 0, count + 1)


def test_a_word_is_not_asked_for():
    assert refusal(what="x") == ("bad_option", 0, 0)
