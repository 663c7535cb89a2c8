"""Which programs the pump refuses, with the reason, the value and the limit; and that it never alters a number."""

import pytest

from boards import BARREL_UM, FRICTION_MN, HOUR_MS, bolus, kvo, ml, order, pause, ramp, rate, repeat
from picoinfuse_firmware import limits, program_limits, reasons
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.program import Phase, Program

CONFIG = Config()


def refusal(order_):
    return program_limits.program(order_, CONFIG)


@pytest.mark.parametrize("size_ml", BARREL_UM)
@pytest.mark.parametrize("ml_h", [0.1, 1, 5, 40, 200])
def test_the_usual_rates_are_accepted_with_every_syringe(size_ml, ml_h):
    assert refusal(order(rate(ml_h, 1), size_ml=size_ml)) is None


REFUSED = [
    ("too_many_phases", order()),
    ("too_many_phases", order(*[rate(5, 0.1)] * 33)),
    ("barrel_range", Program(2999, ml(1), ml(1), 0, 300, 0, [rate(5, 1)])),
    ("barrel_range", Program(45001, ml(1), ml(1), 0, 300, 0, [rate(5, 1)])),
    ("volume_too_large", Program(26700, 10**9 + 1, ml(60), 0, 300, 0, [rate(5, 1)])),
    ("filled_too_much", order(rate(5, 1), filled_ml=61)),
    ("filled_too_much", order(rate(5, 1), filled_ml=-1)),
    ("stroke_too_long", Program(12060, ml(20), ml(17), 0, 300, 0, [rate(5, 1)])),
    ("friction_range", Program(26700, ml(60), ml(60), -1, 300, 0, [rate(5, 1)])),
    ("friction_range", Program(26700, ml(60), ml(60), 30001, 300, 0, [rate(5, 1)])),
    ("occlusion_range", order(rate(5, 1), occlusion_mmhg=49)),
    ("occlusion_range", order(rate(5, 1), occlusion_mmhg=1001)),
    ("threshold_below_friction", order(rate(5, 1), occlusion_mmhg=133)),
    ("threshold_below_friction", Program(26700, ml(60), ml(60), 20000, 300, 0, [rate(5, 1)])),
    ("duration_too_long", order(rate(5, 1), near_end_ms=-1)),
    ("duration_too_long", order(rate(5, 1), near_end_ms=2678400001)),
    ("unknown_kind", order(Phase("dance", 1, 1, 1))),
    ("bad_number", order(rate(5, 0))),  # neither volume nor time
    ("bad_number", order(Phase("rate", ml(5), HOUR_MS, ml(1), 0, 1, 0))),
    ("bad_number", order(Phase("rate", ml(5), HOUR_MS, ml(1), 0, 0, 1))),
    ("bad_number", order(Phase("rate", ml(5), HOUR_MS, -1))),
    ("bad_number", order(Phase("ramp", ml(5), HOUR_MS, 5, 1000, ml(6), HOUR_MS))),
    ("bad_number", order(Phase("kvo", ml(5), HOUR_MS, 5, 1000))),
    ("bad_number", order(Phase("pause", 1, 0, 0, 1000), rate(5, 1))),
    ("bad_number", order(Phase("pause", 0, 1, 0, 1000), rate(5, 1))),
    ("bad_number", order(Phase("bolus", ml(5), HOUR_MS, ml(1), 1000))),
    ("duration_too_short", order(rate(5, 1, -1))),
    ("duration_too_long", order(rate(5, 1, 2678400001))),
    ("duration_too_short", order(pause(0), rate(5, 1))),
    ("duration_too_short", order(ramp(1, 5, 0))),
    ("rate_too_high", order(rate(1201, 1))),
    ("rate_too_low", order(rate(0.005, 1))),
    ("rate_too_high", order(ramp(5, 1201, 1000))),
    ("rate_too_low", order(Phase("ramp", ml(5), HOUR_MS, 0, 1000, 0, 0))),
    ("rate_too_high", order(bolus(1, 1201), rate(5, 1))),
    ("kvo_not_last", order(kvo(1), rate(5, 1))),
    ("volume_too_small", order(rate(5, 0.0003))),
    ("volume_too_small", order(bolus(0, 5), rate(5, 1))),
    ("volume_too_large", order(Phase("rate", ml(5), HOUR_MS, 10**9 + 1))),
    ("volume_exceeds_syringe", order(rate(100, 60.000001))),
    ("volume_exceeds_syringe", order(rate(100, 20), bolus(1, 10), repeat(0, 3))),
    ("nothing_ordered", order(pause(1000))),
    ("nothing_ordered", order(kvo(1, 1000))),
    ("bad_repeat", order(repeat(0, 2), rate(5, 1))),
    ("bad_repeat", order(rate(5, 1), repeat(1, 2))),
    ("bad_repeat", order(rate(5, 1), repeat(-1, 2))),
    ("bad_repeat", order(rate(5, 1), repeat(0, 0))),
    ("bad_repeat", order(rate(5, 0.01), repeat(0, 1001))),
    ("bad_repeat", order(rate(5, 1), rate(6, 1), repeat(0, 2), repeat(0, 2))),
    ("bad_repeat", order(bolus(1, 5), repeat(0, 2), rate(5, 1))),  # takes no time
    ("bad_repeat", order(rate(5, 1), Phase("repeat", 1, 0, 0, 0, 0, 2))),
    ("bad_repeat", order(rate(5, 1), Phase("repeat", 0, 1, 0, 0, 0, 2))),
    ("bad_repeat", order(rate(5, 1), Phase("repeat", 0, 0, 1, 0, 0, 2))),
    ("bad_repeat", order(rate(5, 1), Phase("repeat", 0, 0, 0, 1, 0, 2))),
    # Bug: a repeat of very short phases was accepted, and starved the motor.
    ("duration_too_short", order(rate(500, 0, 10), rate(400, 0, 10), repeat(0, 1000))),
    ("duration_too_long", order(rate(0.01, 0, 2678400000), rate(0.01, 0, 2678400000))),
    ("rate_too_high", order(bolus(1, 700), rate(600, 5))),
    ("rate_too_high", order(bolus(1, 700), ramp(1, 600, 5000))),
]


@pytest.mark.parametrize(("reason", "order_"), REFUSED, ids=[f"{i}-{row[0]}" for i, row in enumerate(REFUSED)])
def test_what_is_refused_has_a_reason_that_people_can_read(reason, order_):
    before = order_.load_values(), [phase.values() for phase in order_.phases]
    found, value, limit = refusal(order_)
    assert found == reason
    assert reasons.REASONS[found].format(value=value, limit=limit)
    assert before == (order_.load_values(), [phase.values() for phase in order_.phases]), "no number was altered"


@pytest.mark.parametrize(
    "order_",
    [
        order(rate(100, 60)),
        order(rate(5, 1), occlusion_mmhg=134),
        Program(26700, ml(60), ml(60), 20000, 600, 0, [rate(5, 1)]),
        Program(26700, ml(60), ml(60), 0, 50, 0, [rate(5, 1)]),
        order(*[rate(5, 0.1)] * 32),
        order(bolus(1, 599), rate(600, 5)),
        order(rate(5, 0.01), repeat(0, 1000)),
        order(rate(5, 1), kvo(1)),
        order(kvo(1, 1000), rate(5, 1), kvo(2, 5000), rate(5, 1)),
        order(ramp(1, 1200, 60000), ramp(1200, 1, 60000)),
        order(rate(300, 0, 100), pause(100), repeat(0, 1000)),
    ],
)
def test_what_can_be_done_is_accepted(order_):
    assert refusal(order_) is None
    assert FRICTION_MN <= limits.MAX_FRICTION_MN


def test_twenty_newton_of_friction_look_like_268_mmhg_in_a_large_syringe_and_may_double():
    assert program_limits.least_occlusion_mmhg(26700, 20000) == 536
    assert dict(limits.OCCLUSION_LEVELS) == {"low": 150, "medium": 300, "high": 600}
    assert refusal(Program(26700, ml(60), ml(60), 20000, 150, 0, [rate(5, 1)])) == (
        "threshold_below_friction",
        150,
        536,
    )
