"""Programs: human units in, the firmware's whole numbers out; refusals say where."""

from fractions import Fraction

import pytest

from picoinfuse import Phase, Program, Refused
from picoinfuse.errors import BadInput
from picoinfuse.syringes import Syringe


def values(phase):
    return phase.compiled.values()


def test_a_constant_rate_until_a_volume_is_given():
    program = Program.continuous(rate="5 mL/h", volume="10 mL")
    assert [values(p) for p in program.phases] == [["rate", 25, 18, 10_000_000, 0, 0, 0]]
    assert program.compiled.load_values() == [26_700, 60_000_000, 60_000_000, 5_000, 300, 180_000, 1, 0]
    assert program.volume_nl == 10_000_000
    assert program.duration_ms == 7_200_000
    assert program.check == program.compiled.check()


def test_a_volume_over_a_time_is_given_at_the_exact_rate_that_follows():
    phase = Phase.rate(volume="50 mL", duration="36 min")
    assert Fraction(phase.compiled.rate_nl, phase.compiled.rate_ms) == Fraction(50_000_000, 36 * 60_000)
    assert phase.compiled.duration() == 36 * 60_000


def test_every_kind_of_phase():
    assert values(Phase.ramp("5 mL/h", "10 mL/h", "1 min")) == ["ramp", 25, 18, 0, 60_000, 25, 9]
    assert values(Phase.pause("5 s")) == ["pause", 0, 0, 0, 5_000, 0, 0]
    assert values(Phase.bolus("2 mL", "100 mL/h")) == ["bolus", 250, 9, 2_000_000, 0, 0, 0]
    assert values(Phase.kvo("1 mL/h")) == ["kvo", 5, 18, 0, 0, 0, 0]
    assert values(Phase.repeat(3, 2)) == ["repeat", 0, 0, 0, 0, 1, 3]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Phase.rate("5 mL/h"), "volume: is missing"),
        (lambda: Phase.rate(volume="5 mL"), "rate: is missing"),
        (lambda: Phase.rate("0 mL/h", volume="5 mL"), "rate = '0 mL/h': must be more than 0"),
        (lambda: Phase.rate("5 mL/h", volume="0 mL"), "volume = '0 mL': must be at least 1 nL"),
        (lambda: Phase.rate("5 mL/h", volume="5 mL/h"), "is a rate, not a volume"),
        (lambda: Phase.rate("5 mL/h", duration="0 s"), "duration = '0 s': must be more than 0"),
        (lambda: Phase.bolus("21 L", "5 mL/h"), "more than 20 L"),
        (lambda: Phase.repeat(0), "times = 0"),
        (lambda: Phase.repeat(True), "times = True"),
        (lambda: Program.continuous("5 mL/h", "1 mL", syringe="BX"), "unknown syringe"),
        (lambda: Program.continuous("5 mL/h", "1 mL", occlusion="5 mL"), "alarms occlusion = '5 mL'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(make, says):
    with pytest.raises(BadInput) as caught:
        make()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("program", "reason", "says"),
    [
        (
            Program.continuous("2000 mL/h", "10 mL"),
            "rate_too_high",
            "phase 1 rate = '2000 mL/h': the rate 2000 mL/h is above 1200 mL/h",
        ),
        (Program.continuous("5 mL/h", "10 mL", filled="9 mL"), "volume_exceeds_syringe", "10 mL are ordered, 9 mL"),
        (Program.continuous("5 mL/h", "10 mL", filled="61 mL"), "filled_too_much", "syringe filled = '61 mL'"),
        (Program.continuous("5 mL/h", "1 mL", occlusion="20 mmHg"), "occlusion_range", "alarms occlusion = '20 mmHg'"),
        (
            Program.continuous("5 mL/h", "1 mL", occlusion="100 mmHg"),
            "threshold_below_friction",
            "alarms occlusion = '100 mmHg': an occlusion threshold of 100 mmHg: friction alone can look like 134 mmHg",
        ),
        (
            Program.continuous(
                "5 mL/h", "1 mL", syringe=Syringe("dry", 26_700, 60_000_000, 20_000, 2_200), occlusion="low"
            ),
            "threshold_below_friction",
            "alarms occlusion = 'low': an occlusion threshold of 150 mmHg",
        ),
        (Program([Phase.ramp("5 mL/h", "3000 mL/h", "1 min")]), "rate_too_high", "phase 1 to = '3000 mL/h'"),
        (Program([Phase.bolus("3 nL", "5 mL/h")]), "volume_too_small", "phase 1 volume = '3 nL'"),
        (Program([Phase.repeat(2)]), "bad_repeat", "phase 1"),
        (Program([]), "too_many_phases", "0 phases"),
    ],
)
def test_an_early_answer_from_the_limits_names_field_value_and_limit(program, reason, says):
    with pytest.raises(Refused) as caught:
        program.check_limits()
    assert caught.value.reason == reason
    assert says in str(caught.value)


def test_another_syringe_is_another_program_of_the_same_order():
    program = Program.continuous("5 mL/h", "10 mL")
    other = program.with_syringe("Terumo 30 mL")
    assert other.phases == program.phases
    assert (other.compiled.barrel_um, other.filled_nl) == (23_100, 30_000_000)
    assert other.check != program.check
