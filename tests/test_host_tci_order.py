"""What a person orders of a target-controlled infusion: what is read, and what is refused by name, value and limit."""

import pytest

import picoinfuse as pi
from picoinfuse.errors import BadInput
from picoinfuse.tci_order import TciOrder, at, targets, words

SCHNIDER = pi.TciModel.schnider()


def order(model=SCHNIDER, **fields):
    return TciOrder.read(model, **{"target": "4 ug/mL", "duration": "10 min", **fields})


def test_targets_have_times():
    read = targets("4 ug/mL@0min, 3 ug/mL@20 min,0 ug/mL@1h", 15)
    assert read == ((0, 4), (1_200_000, 3), (3_600_000, 0))
    assert [at(read, minute * 60_000) for minute in (0, 19.99, 20, 59, 60, 600)] == [4, 4, 3, 3, 0, 0]
    assert targets("2500 ng/mL", 15) == ((0, 2.5),) == targets("2.5 mg/L", 15)
    assert words(read) == "4 ug/mL, 3 from 20 min on, 0 from 1 h on"


def test_the_program_is_one_phase_of_all_that_may_be_given():
    its = order(filled="50 mL", syringes=2, occlusion="low")
    (phase,) = its.program.compiled.phases
    assert (phase.kind, phase.volume_nl, phase.duration_ms) == ("rate", 110_000_000, 600_000)
    assert phase.rate_nl * 3_600_000 // phase.rate_ms == its.first_nl_h == its.most_nl_h == 600_000_000
    assert its.program.occlusion_mmhg == 150
    assert [option.kind for option in its.program.options][:2] == ["drug", "weight"]
    its.program.check_limits()


def test_a_stronger_drug_needs_a_lower_rate():
    once, twice = (order(concentration=text, target="0.5 ug/mL") for text in ("10 mg/mL", "1 g in 50 mL"))
    assert twice.mg_ml == 2 * once.mg_ml
    assert twice.first_nl_h == pytest.approx(once.first_nl_h / 2, rel=1e-6)
    assert twice.needs_nl() == pytest.approx(once.needs_nl() / 2, rel=1e-3)


def test_a_small_syringe_bounds_the_rate():
    assert order(syringe="BD 5 mL", target="1 ug/mL").most_nl_h == 514_040_157
    assert order(syringe="BD 60 mL").most_nl_h == 600_000_000
    assert order(max_rate="1200 mL/h").most_nl_h == 1_200_000_000


def test_the_models_say_who_it_is():
    assert SCHNIDER.title == "propofol-schnider: 40 y, 70 kg, 170 cm, male"
    assert SCHNIDER.patient == "propofol-schnider,age=40,weight=70,height=170,sex=male"
    assert pi.TciModel.marsh(80, 1.2).patient == "propofol-marsh,weight=80,ke0=1.2"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"target": ""}, r"target = '': write e.g. '4 ug/mL' or '4 ug/mL@0min,3 ug/mL@20min'"),
        ({"target": 4}, "target = 4: write e.g."),
        ({"target": "4"}, "target = '4': has no unit"),
        ({"target": "4 ug"}, "target = '4 ug': is no concentration in the body; write e.g. target = '4 ug/mL'"),
        ({"target": "4 mg/h"}, "is no concentration in the body"),
        ({"target": "4 U/mL"}, "is no concentration in the body"),
        ({"target": "-4 ug/mL"}, "target = '-4 ug/mL': is negative"),
        ({"target": "0 ug/mL"}, "the first one must be more than 0"),
        ({"target": "4 mg/mL"}, "target = '4 mg/mL': is above max_concentration = 15 ug/mL; if it is meant, raise"),
        ({"target": "4 ug/mL@5min"}, "the first one holds from the start"),
        ({"target": "4 ug/mL,3 ug/mL"}, "'3 ug/mL' has no time; write e.g. '3 ug/mL@20min'"),
        ({"target": "4 ug/mL@0min,3 ug/mL@9min,2 ug/mL@9min"}, "the times must rise from one to the next"),
        ({"target": "4 ug/mL@0min,3 ug/mL@soon"}, "target = 'soon': does not begin with a number"),
        ({"max_concentration": "0 ug/mL"}, "max_concentration = '0 ug/mL': is above 0 and at most 50 ug/mL"),
        ({"max_concentration": "15 mg/mL"}, "max_concentration = '15 mg/mL': .* is the unit right"),
        ({"concentration": "10 U/mL"}, "concentration = '10 U/mL': propofol comes in 0.1 to 100 mg/mL"),
        ({"concentration": "1 g/mL"}, "concentration = '1 g/mL': propofol comes in 0.1 to 100 mg/mL"),
        ({"concentration": "10 mg"}, "concentration = '10 mg': is mass, not an amount of drug in a volume"),
        ({"site": "brain"}, "site = 'brain': is not one of plasma, effect"),
        ({"duration": "25 h"}, "duration = '25 h': is 1 s to 24 h"),
        ({"duration": "10 mL"}, "duration = '10 mL': is volume, not a duration"),
        ({"every": "2 s"}, "every = '2 s': is 5 s to 1 min"),
        ({"every": "10.5 s"}, "every = '10.5 s': .* whole number of seconds"),
        ({"hold": "15 s"}, "hold = '15 s': is 20 s to 10 min"),
        ({"hold": "11 min"}, "hold = '11 min': is 20 s to 10 min"),
        ({"max_rate": "1300 mL/h"}, "max_rate = '1300 mL/h': a BD 60 mL in this drive gives 0.01 to 1200 mL/h"),
        ({"max_rate": "600 mL/h", "syringe": "BD 5 mL"}, "a BD 5 mL in this drive gives 0.01 to 514.04 mL/h"),
        ({"max_rate": "0.01 mL/h"}, "max_rate = '0.01 mL/h'"),
        ({"max_rate": "10 mg/h"}, "max_rate = '10 mg/h': needs the concentration"),
        ({"syringe": "BD 61 mL"}, "BD 61 mL"),
        ({"syringes": 0}, "syringes = 0: must be a whole number from 1 on"),
        ({"model": "schnider"}, r"model = 'schnider': is no model; make one with TciModel.schnider\(...\)"),
    ],
)
def test_what_cannot_be_ordered_is_named(fields, message):
    with pytest.raises(BadInput, match=message):
        order(**fields)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: pi.TciModel.schnider(age_y=12), "age = 12 y: the model propofol-schnider holds for 25 to 81 y"),
        (lambda: pi.TciModel.schnider(sex="m"), "sex = 'm'"),
        (lambda: pi.TciModel.marsh(8), "weight = 8 kg"),
        (lambda: pi.TciModel.marsh(70, 0.01), "ke0 = 0.01 /min: the effect site follows with 0.05 to 5 /min"),
        (lambda: pi.TciModel.marsh(70, float("nan")), "ke0 = nan /min"),
    ],
)
def test_whom_a_model_does_not_know_it_refuses(build, message):
    with pytest.raises(BadInput, match=message):
        build()


def test_more_than_there_is_in_the_syringes_is_refused_with_what_it_needs():
    with pytest.raises(
        BadInput, match=r"duration = 1 h: the model needs 69.9 mL .* 60 mL are there; plan more syringes"
    ):
        pi.Tci(SCHNIDER, target="4 ug/mL", duration="1 h")
    pi.Tci(SCHNIDER, target="4 ug/mL", duration="1 h", syringes=2)
    pi.Tci(SCHNIDER, target="4 ug/mL", duration="1 h", concentration="20 mg/mL")


def test_an_unknown_field_is_a_mistake_of_the_script():
    with pytest.raises(TypeError, match="max_dose"):
        pi.Tci(SCHNIDER, target="4 ug/mL", max_dose="1 g")
