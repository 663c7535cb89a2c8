"""Options in human units: what travels, and what is said when they are written wrongly."""

import pytest

from picoinfuse import Option, Phase, Program
from picoinfuse.errors import BadInput, Refused
from picoinfuse.nurse import nurse
from picoinfuse_sim import Bench


def values(option):
    return option.compiled.values()


@pytest.mark.parametrize(
    ("name", "concentration", "what", "numbers"),
    [
        ("morphine", "1 mg/mL", "morphine.ng", [1, 1]),  # 1 mg in 1 mL: a nanogram in a nanolitre
        ("Morphine", "50 ug/mL", "morphine.ng", [1, 20]),
        ("insulin", "100 U/mL", "insulin.uU", [100, 1]),
        ("oxytocin", "10 U in 1 L", "oxytocin.uU", [1, 100]),
        ("Potassium Chloride", "40 mEq/L", "potassium-chloride.nEq", [1, 25]),
        ("lithium", "5 mmol/L", "lithium.nmol", [1, 200]),
        ("thirds", "1 mg in 3 mL", "thirds.ng", [1, 3]),
    ],
)
def test_a_drug_is_a_whole_ratio(name, concentration, what, numbers):
    assert values(Option.drug(name, concentration)) == ["drug", what, numbers]


MORPHINE = Option.drug("morphine", "2 mg/mL")


def test_a_limit_is_an_amount_of_the_drug_or_a_volume():
    assert values(Option.limit("10 mg", "1 h", MORPHINE)) == ["limit", "-", [3_600_000, 10_000_000]]
    assert values(Option.limit("5 mL", "4 h", MORPHINE)) == ["limit", "-", [14_400_000, 10_000_000]]
    assert values(Option.limit("8 mL", "1 h")) == ["limit", "-", [3_600_000, 8_000_000]]
    insulin = Option.drug("insulin", "100 U/mL")
    assert values(Option.limit("2.5 U", "1 h", insulin)) == ["limit", "-", [3_600_000, 2_500_000]]


def test_a_demand_is_a_dose_a_rate_and_a_lockout():
    assert values(Option.demand("1 mg", "120 mL/h", "6 min", MORPHINE)) == ["demand", "-", [500_000, 100, 3, 360_000]]
    assert values(Option.demand("1 mL", "100 mL/h", "30 min")) == ["demand", "-", [1_000_000, 250, 9, 1_800_000]]
    slow = Option.demand("1 mg", "2 mg/min", "10 min", MORPHINE)  # 1 mL/min
    assert values(slow) == ["demand", "-", [500_000, 50, 3, 600_000]]


def test_a_hold_is_a_time_and_a_rate_or_none():
    assert values(Option.hold("2 min", "5 mL/h")) == ["hold", "-", [120_000, 25, 18]]
    assert values(Option.hold("2 min", "2 mg/h", MORPHINE)) == ["hold", "-", [120_000, 5, 18]]
    assert values(Option.hold("90 s")) == ["hold", "-", [90_000, 0, 0]]


def test_weight_and_syringes():
    assert values(Option.weight("70.0009 kg")) == ["weight", "-", [70000]]
    assert values(Option.syringes(3)) == ["syringes", "-", [3]]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Option.drug("", "1 mg/mL"), "drug name = ''"),
        (lambda: Option.drug(7, "1 mg/mL"), "drug name = 7"),
        (lambda: Option.drug("a" * 25, "1 mg/mL"), "1 to 24"),
        (lambda: Option.drug("morphine", "1 mg"), "not an amount of drug in a volume"),
        (lambda: Option.drug("morphine", "0 mg/mL"), "more than 0"),
        (lambda: Option.drug("morphine", "1.000000000000001 mg/mL"), "too many digits"),
        (lambda: Option.limit("10 mg", "1 h"), "needs the concentration"),
        (lambda: Option.limit("10 mg/h", "1 h", MORPHINE), "is a rate"),
        (lambda: Option.limit("0 mg", "1 h", MORPHINE), "limit most = '0 mg'"),
        (lambda: Option.limit("10 U", "1 h", MORPHINE), "limit most"),
        (lambda: Option.limit("10 mg", "1 mL", MORPHINE), "limit window"),
        (lambda: Option.limit("0.0000001 ng", "1 h", MORPHINE), "less than the pump can count"),
        (lambda: Option.demand("1 mg/h", "100 mL/h", "6 min", MORPHINE), "demand dose"),
        (lambda: Option.demand("1 mg", "100 mL", "6 min", MORPHINE), "demand rate"),
        (lambda: Option.demand("1 mg", "100 mL/h", "soon", MORPHINE), "demand lockout"),
        (lambda: Option.hold("soon"), "hold after"),
        (lambda: Option.hold("2 min", "0 mL/h"), "leave it out to pause"),
        (lambda: Option.hold("2 min", "5 mL"), "hold rate"),
        (lambda: Option.weight("70 mL"), "weight"),
        (lambda: Option.weight("700 kg"), "500 kg"),
        (lambda: Option.syringes(0), "syringes = 0"),
        (lambda: Option.syringes(2.5), "syringes = 2.5"),
        (lambda: Option.syringes(True), "syringes = True"),
    ],
)
def test_what_is_written_wrongly_is_said_with_field_and_value(make, said):
    with pytest.raises(BadInput, match=said):
        make()


def test_the_pump_is_asked_early_and_its_refusal_names_the_field():
    program = Program.continuous("5 mL/h", "1 mL", options=[Option.syringes(101)])
    with pytest.raises(Refused, match="1 to 100"):
        program.check_limits()
    twice = Program.continuous("5 mL/h", "1 mL", options=[Option.drug("a", "1 mg/mL"), Option.drug("b", "2 mg/mL")])
    with pytest.raises(Refused, match="drug name = 'b'"):
        twice.check_limits()
    with pytest.raises(Refused, match="plan more syringes"):
        Program.continuous("5 mL/h", "121 mL", options=[Option.syringes(2)]).check_limits()
    Program.continuous("5 mL/h", "120 mL", options=[Option.syringes(2)]).check_limits()


def test_the_pump_takes_options_and_answers_the_same(bench):
    program = Program.continuous(
        "60 mL/h", "1 mL", options=[Option.drug("morphine", "1 mg/mL"), Option.weight("70 kg")]
    )
    assert bench.pump.load(program).check == program.check
    assert program.check != Program.continuous("60 mL/h", "1 mL").check
    assert [o.kind for o in bench.controller.program.options] == ["drug", "weight"]


def test_another_syringe_keeps_the_options():
    program = Program.continuous("5 mL/h", "15 mL", syringe="BD 10 mL", options=[Option.syringes(2)])
    assert values(program.with_syringe("BD 20 mL").options[0]) == ["syringes", "-", [2]]


def test_the_next_syringe_is_full_if_it_was_planned():
    half = {"syringe": "BD 10 mL", "filled": "5 mL"}
    assert Program.continuous("5 mL/h", "4 mL", **half).refill_nl == 5_000_000
    assert Program.continuous("5 mL/h", "9 mL", **half, options=[Option.syringes(2)]).refill_nl == 10_000_000


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_rehearsal_the_nurse_changes_every_planned_syringe(seed):
    """13 syringes of 5 mL: more than she would change if they were not planned."""
    bench = Bench(seed=seed, syringe="BD 5 mL", filled_ml=3)
    program = Program(
        [
            Phase.rate("100 mL/h", volume="30 mL"),
            Phase.bolus("2 mL", "200 mL/h"),
            Phase.rate("60 mL/h", volume="29 mL"),
        ],
        syringe="BD 5 mL",
        filled="3 mL",
        options=[Option.syringes(13)],
    )
    record = bench.pump.run(program, nurse=nurse("auto:30s", seed))
    its = record.result()
    assert its["outcome"] == "complete"
    assert its["delivered_ml"] == pytest.approx(61, abs=0.0001)
    assert {alarm["code"] for alarm in its["alarms"]} <= {"syringe_change", "near_end", "end"}
    assert [event.value for event in record.events if event.kind == "refill"][1:] == [5_000_000] * 12
    # Each plunger has to be pressed on before it moves: that part of a change never reaches the patient.
    assert 61 - 13 * 0.1 < bench.truth()["patient_ml"] < 61


def test_a_patient_presses_and_the_pump_counts(bench):
    """Morphine PCA in miniature: each press is told, given or not, on the screen and in the record."""
    drug = Option.drug("morphine", "1 mg/mL")
    program = Program(
        [Phase.pause("1 h")],
        options=[drug, Option.demand("1 mg", "200 mL/h", "6 min", drug), Option.limit("2.5 mg", "1 h", drug)],
    )
    pump = bench.pump
    pump.start(program)
    bench.advance("10 s")
    identity = pump.demand()
    with pytest.raises(Refused, match="lockout is 6 min"):
        pump.demand()
    bench.advance("6 min")
    bench.press("bolus")
    bench.advance("7 min")
    assert pump.outcome(identity).what == "done"
    with pytest.raises(Refused, match="a dose limit is reached") as refused:
        pump.demand()
    doses = pump.doses()
    assert (doses.asked, doses.given, doses.most) == (4, 2, (2_500_000,))
    assert doses.wait_ms == pytest.approx(refused.value.value, abs=2000)
    assert 2_000_000 <= doses.full[0] <= 2_001_000
    assert pump.status().delivered_nl == pytest.approx(2_000_000, abs=1000)
    assert [event.what for event in pump.events() if event.kind == "demand"] == [
        "given",
        "locked_out",
        "given",
        "limit_reached",
    ]


def test_what_was_given_is_asked_for_only_where_it_is_counted(bench):
    bench.pump.start(Program.continuous("60 mL/h", "1 mL"))
    with pytest.raises(Refused, match="no option"):
        bench.pump.doses()
    with pytest.raises(Refused, match="no option"):
        bench.pump.demand()


def test_a_host_that_looks_after_a_program_and_dies(bench):
    """The cable is pulled: the last rate for two minutes, then the one that was ordered for this."""
    pump = bench.pump
    pump.start(Program.continuous("20 mL/h", duration="1 h", options=[Option.hold("2 min", "3 mL/h")]))
    for _ in range(4):
        bench.advance("1 min")
        pump.stay()
    pump.rate("30 mL/h")
    bench.advance("119 s")
    assert pump.status().rate_nl_h == 30_000_000
    bench.act("unplug")
    bench.advance("10 min")
    bench.act("plug")
    status = pump.status()
    assert status.rate_nl_h == 3_000_000
    assert status.alarm_names == ["supervision_lost"]
    assert [event.what for event in pump.events() if event.kind == "hold"] == ["fallback"]
    pump.stay()
    assert pump.status().alarms == ()
