"""The drug library: no hard limit is passed by any way round, soft ones by a reason only, and damage is noticed."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import libraries
from libraries import H_MS, MG, ML, UNIT
from orders import bolus, kvo, order, ramp, rate, repeat
from picoinfuse_firmware import library
from picoinfuse_firmware.library import NONE, PARAMETERS, Library, Order
from picoinfuse_firmware.options import Option
from picoinfuse_firmware.texts import DAMAGED


def drug(name, text=None):
    found = Library((text or libraries.sealed()).splitlines(keepends=True), name)
    assert found.problem == ""
    return found.drug


MORPHINE, REMIFENTANIL = drug("morphine"), drug("remifentanil")
IN_1_MG_ML = Order("ng", MG, ML)
IN_2_MG_ML = Order("ng", 2 * MG, ML)


def remifentanil(weight_g, overrides=()):
    return Order("ng", 50000, ML, weight_g, overrides)


def reason(refusal):
    return None if refusal is None else refusal[0]


# ---- what could hurt first: too much drug ----------------------------------------------------------------------


def test_a_dose_within_all_limits_is_not_refused():
    assert library.program_refusal(MORPHINE, IN_1_MG_ML, order(rate(1, 10), bolus(1, 60), rate(2, 5))) is None


@pytest.mark.parametrize(
    ("program", "broken", "value", "limit"),
    [
        (order(rate(1, 1), rate(5.000001, 1)), "hard_limit.rate", 5000001, 5 * MG),
        (order(ramp(0.1, 6, 60000)), "hard_limit.rate", 6 * MG, 5 * MG),
        (order(ramp(6, 0.1, 60000)), "hard_limit.rate", 6 * MG, 5 * MG),
        (order(rate(1, 1), kvo(5.1)), "hard_limit.rate", 5100000, 5 * MG),
        (order(bolus(5.1, 10), rate(1, 1)), "hard_limit.bolus", 5100000, 5 * MG),
        (order(bolus(1, 61), rate(1, 1)), "hard_limit.speed", 61 * MG, 60 * MG),
        (order(rate(1, 10), repeat(0, 11), size_ml=60), None, 0, 0),  # 110 mL do not fit into the syringe: not ours
        (order(rate(3, 1)), "soft_limit.rate", 3 * MG, 2 * MG),
        (order(bolus(0.4, 60), rate(1, 1)), "soft_limit.bolus", 400000, 500000),
    ],
)
def test_the_first_limit_that_a_program_breaks_is_told_with_value_and_limit(program, broken, value, limit):
    if broken is None:
        assert reason(library.program_refusal(MORPHINE, IN_1_MG_ML, program)) == "hard_limit.dose"
    else:
        assert library.program_refusal(MORPHINE, IN_1_MG_ML, program) == (broken, value, limit)


def test_a_hard_limit_is_told_before_a_soft_one_wherever_it_stands():
    """Else a person overrides the soft one and is only then told that it cannot be."""
    program = order(rate(3, 1), bolus(0.1, 60), rate(6, 1))
    assert reason(library.program_refusal(MORPHINE, IN_1_MG_ML, program)) == "hard_limit.rate"


def test_a_reason_passes_the_soft_limits_it_names_and_no_other():
    program = order(rate(3, 1), bolus(3, 60), rate(1, 1))
    rate_no, bolus_no = PARAMETERS.index("rate"), PARAMETERS.index("bolus")
    for overrides, broken in (
        ((), "soft_limit.rate"),
        ((rate_no,), "soft_limit.bolus"),
        ((bolus_no,), "soft_limit.rate"),
        ((rate_no, bolus_no), None),
    ):
        its = Order("ng", MG, ML, 0, overrides)
        assert reason(library.program_refusal(MORPHINE, its, program)) == broken


def test_no_reason_passes_a_hard_limit():
    everything = Order("ng", MG, ML, 0, tuple(range(len(PARAMETERS))))
    for program in (order(rate(6, 1)), order(bolus(6, 60), rate(1, 1)), order(rate(1, 1), bolus(1, 100))):
        assert reason(library.program_refusal(MORPHINE, everything, program)).startswith("hard_limit")


# ---- ways round ----------------------------------------------------------------------------------------------


def test_a_limit_is_not_passed_by_naming_a_thinner_concentration():
    """6 mL/h of 1 mg/mL are too much; called 0.5 mg/mL they would be 3 mg/h. The library does not know that one."""
    program = order(rate(6, 1))
    assert reason(library.program_refusal(MORPHINE, IN_1_MG_ML, program)) == "hard_limit.rate"
    for amount, volume_nl in (
        (MG // 2, ML),
        (MG, 2 * ML),
        (MG, ML + 1),
        (MG - 1, ML),
        (1, 10**18),
        (0, ML),
        (-MG, -ML),
    ):
        no = library.program_refusal(MORPHINE, Order("ng", amount, volume_nl), program)
        assert reason(no) == "drug_concentration"


def test_a_concentration_is_a_ratio_however_it_is_written():
    assert library.drug_refusal(MORPHINE, Order("ng", 50 * MG, 50 * ML)) is None
    assert library.program_refusal(MORPHINE, IN_2_MG_ML, order(rate(3, 1))) == ("hard_limit.rate", 6 * MG, 5 * MG)


def test_a_limit_is_not_passed_by_another_unit():
    """A million micro-units are no million nanograms."""
    for unit in ("uU", "nmol", "mg", "", "NG"):
        assert reason(library.drug_refusal(MORPHINE, Order(unit, MG, ML))) == "drug_unit"


def test_a_limit_per_kg_is_not_passed_by_leaving_the_weight_out():
    for weight_g in (0, -70000):
        assert reason(library.drug_refusal(REMIFENTANIL, remifentanil(weight_g))) == "weight_missing"


def test_a_weight_that_no_patient_has_is_refused_and_an_odd_one_wants_a_reason():
    assert reason(library.drug_refusal(REMIFENTANIL, remifentanil(2999))) == "hard_limit.weight"
    assert reason(library.drug_refusal(REMIFENTANIL, remifentanil(150001))) == "hard_limit.weight"
    assert reason(library.drug_refusal(REMIFENTANIL, remifentanil(120000))) == "soft_limit.weight"
    assert library.drug_refusal(REMIFENTANIL, remifentanil(120000, (PARAMETERS.index("weight"),))) is None


def test_a_weight_typed_ten_times_too_high_meets_the_limit_that_is_not_per_kg():
    """15 kg typed as 150 kg: 100 ug/kg/h ... the absolute limit of 2 mg/h still holds."""
    heavy = remifentanil(150000, tuple(range(len(PARAMETERS))))
    no = library.rate_refusal(REMIFENTANIL, heavy, 41 * ML, H_MS, 0)
    assert no == ("hard_limit.rate", 2050000, 2 * MG)


def test_limits_per_kg_follow_the_weight():
    child, adult = remifentanil(10000), remifentanil(70000)
    # 4 mL/h of 50 ug/mL are 200 ug/h: 20 ug/kg/h in the child, 2.9 in the adult.
    assert library.rate_refusal(REMIFENTANIL, child, 4 * ML, H_MS, 0) == ("hard_limit.rate_kg", 20000, 12000)
    assert library.rate_refusal(REMIFENTANIL, adult, 4 * ML, H_MS, 0) is None
    assert reason(library.bolus_refusal(REMIFENTANIL, child, ML, 60 * ML, H_MS, ML)) == "hard_limit.bolus_kg"
    assert library.bolus_refusal(REMIFENTANIL, adult, ML // 2, 60 * ML, H_MS, ML) is None
    assert reason(library.rate_refusal(REMIFENTANIL, child, ML, H_MS, 11 * ML)) == "hard_limit.dose_kg"


def test_rate_and_bolus_of_a_person_obey_as_a_program_does():
    assert library.rate_refusal(MORPHINE, IN_1_MG_ML, 6 * ML, H_MS, 0) == ("hard_limit.rate", 6 * MG, 5 * MG)
    assert reason(library.rate_refusal(MORPHINE, IN_1_MG_ML, 3 * ML, H_MS, 0)) == "soft_limit.rate"
    assert reason(library.rate_refusal(MORPHINE, IN_1_MG_ML, ML, H_MS, 101 * ML)) == "hard_limit.dose"
    assert reason(library.bolus_refusal(MORPHINE, IN_1_MG_ML, 6 * ML, 60 * ML, H_MS, 6 * ML)) == "hard_limit.bolus"
    assert reason(library.bolus_refusal(MORPHINE, IN_1_MG_ML, ML, 61 * ML, H_MS, ML)) == "hard_limit.speed"
    # One bolus after the other, each within its limit: the dose of the whole program ends it.
    assert reason(library.bolus_refusal(MORPHINE, IN_1_MG_ML, ML, 60 * ML, H_MS, 100 * ML + 1)) == "hard_limit.dose"


def test_what_a_patient_may_ask_for_is_limited_too():
    def judged(demand=(ML, 60 * ML, H_MS, 480000), windows=((H_MS, 10 * MG), (4 * H_MS, 40 * MG))):
        asked = [Option("demand", "-", demand), *[Option("limit", "-", window) for window in windows]]
        return reason(library.program_refusal(MORPHINE, IN_1_MG_ML, order(rate(1, 10), options=asked)))

    assert judged() is None
    assert judged((6 * ML, 60 * ML, H_MS, 480000)) == "hard_limit.bolus"
    assert judged((ML, 61 * ML, H_MS, 480000)) == "hard_limit.speed"
    assert judged((ML, 60 * ML, H_MS, 299999)) == "hard_limit.lockout"
    assert judged((ML, 60 * ML, H_MS, 359999)) == "soft_limit.lockout"
    assert judged(windows=[(H_MS, 21 * MG), (4 * H_MS, 40 * MG)]) == "hard_limit.in_1h"
    assert judged(windows=[(H_MS, 11 * MG), (4 * H_MS, 40 * MG)]) == "soft_limit.in_1h"
    assert judged(windows=[(H_MS, 10 * MG)]) == "limit_missing.in_4h"
    assert judged(windows=[]) == "limit_missing.in_1h"
    # What bounds four hours bounds one hour; what bounds one does not bound four.
    assert judged(windows=[(4 * H_MS, 10 * MG)]) is None


def test_the_fastest_basal_rate_that_a_closed_loop_may_come_to_is_limited_too():
    def looped(max_basal_nl_h):
        numbers = [100, 120, 50000, max_basal_nl_h, 1000000, 4500000, 1200000]
        return reason(
            library.program_refusal(MORPHINE, IN_1_MG_ML, order(rate(1, 10), options=[Option("loop", "-", numbers)]))
        )

    assert looped(2 * ML) is None
    assert looped(2 * ML + 1) == "soft_limit.rate"
    assert looped(5 * ML + 1) == "hard_limit.rate"


def test_a_closed_loop_may_always_give_less():
    oxytocin, its = drug("oxytocin"), Order("uU", 10000, ML)
    assert reason(library.rate_refusal(oxytocin, its, ML, H_MS, ML)) == "soft_limit.rate"
    assert library.rate_refusal(oxytocin, its, ML, H_MS, ML, least=False) is None
    assert reason(library.rate_refusal(oxytocin, its, 300 * ML, H_MS, ML, least=False)) == "hard_limit.rate"


# ---- whether a program may be given at all --------------------------------------------------------------------


LINES = libraries.sealed().splitlines(keepends=True)
CHECK = Library(LINES).check
MADE_WITH = Option("library", "test-1", [CHECK])
ITS_DRUG = Option("drug", "morphine.ng", [1, 1])


def judged(*options, phases=None, lines=LINES):
    return library.judge(lines, order(*(phases or [rate(1, 10)]), options=options))[0]


def test_a_program_says_which_library_it_was_made_with_and_it_must_be_this_one():
    assert judged(MADE_WITH, ITS_DRUG) is None
    assert judged(ITS_DRUG) == ("other_library", 0, CHECK)
    assert judged(Option("library", "test-1", [CHECK - 1]), ITS_DRUG) == ("other_library", CHECK - 1, CHECK)
    other = libraries.file(version="test-2").splitlines(keepends=True)
    assert judged(MADE_WITH, ITS_DRUG, lines=other)[0] == "other_library"
    assert judged(MADE_WITH, ITS_DRUG, lines=None) == ("other_library", CHECK, 0)
    assert judged(ITS_DRUG, lines=None) is None


def test_a_damaged_library_lets_no_program_pass():
    damaged = ["x", *LINES]
    assert judged(MADE_WITH, ITS_DRUG, lines=damaged) == ("library_damaged", 0, 0)
    assert judged(lines=damaged) == ("library_damaged", 0, 0)


def test_a_drug_that_the_library_does_not_know_is_not_given_under_another_name():
    assert judged(MADE_WITH, Option("drug", "morphin.ng", [1, 1])) == ("unknown_drug", 0, 3)


def test_a_program_that_does_not_say_its_drug_needs_a_reason():
    """Else leaving the drug out would be the way around every limit, unseen."""
    too_fast = (rate(100, 10),)
    assert judged(MADE_WITH, phases=too_fast) == ("soft_limit.drug", 0, 0)
    passed = Option("override", "calibration", [PARAMETERS.index("drug")])
    assert judged(MADE_WITH, passed, phases=too_fast) is None
    assert judged(MADE_WITH, Option("override", "calibration", [0]), phases=too_fast)[0] == "soft_limit.drug"
    # And it is no way around for a drug that is named.
    assert judged(MADE_WITH, ITS_DRUG, passed, phases=too_fast)[0] == "hard_limit.rate"


def test_overrides_and_weight_of_a_program_reach_the_limits():
    soft = (rate(3, 10),)
    assert judged(MADE_WITH, ITS_DRUG, phases=soft)[0] == "soft_limit.rate"
    assert judged(MADE_WITH, ITS_DRUG, Option("override", "pain", [PARAMETERS.index("rate")]), phases=soft) is None
    assert judged(MADE_WITH, Option("drug", "remifentanil.ng", [50000, ML]), phases=soft)[0] == "weight_missing"
    weight = Option("weight", "-", [10000])
    assert (
        judged(MADE_WITH, Option("drug", "remifentanil.ng", [50000, ML]), weight, phases=soft)[0]
        == "hard_limit.rate_kg"
    )


@pytest.mark.parametrize(
    ("option", "bad"),
    [
        (Option("library", "test-1", [1]), None),
        (Option("library", "-", [1]), None),
        (Option("library", "a.b", [1]), 0),
        (Option("library", "x" * 25, [1]), 0),
        (Option("library", "test-1", []), 1),
        (Option("library", "test-1", [1, 2]), 1),
        (Option("library", "test-1", [-1]), 1),
        (Option("override", "pain", [0, 5]), None),
        (Option("override", "x" * 21, [0]), 0),
        (Option("override", "pain", []), 1),
        (Option("override", "pain", [len(PARAMETERS)]), 1),
        (Option("override", "pain", [0, -1]), 2),
        (Option("override", "pain", [3, 3]), 2),
    ],
)
def test_an_option_is_well_formed_or_told_where_it_is_not(option, bad):
    no = library.check(option, order(rate(1, 10), options=[option]), None, None)
    assert no == (None if bad is None else ("bad_option", 0, bad))


def test_a_vein_is_kept_open_below_the_least_dose_and_a_phase_is_not():
    oxytocin = drug("oxytocin")
    its = Order("uU", 10000, ML)
    assert reason(library.program_refusal(oxytocin, its, order(rate(2, 1)))) == "soft_limit.rate"
    assert library.program_refusal(oxytocin, its, order(rate(3, 1), kvo(0.1))) is None
    assert library.program_refusal(oxytocin, its, order(ramp(0.1, 3, 60000))) is None
    assert reason(library.rate_refusal(oxytocin, its, 2 * ML, H_MS, ML)) == "soft_limit.rate"
    assert UNIT == 10**6


@settings(deadline=None)
@given(
    nl=st.integers(1, 10**9),
    ms=st.integers(1, 10**8),
    amount=st.integers(1, 10**12),
    volume=st.integers(1, 10**9),
    weight=st.integers(1, 200000),
    limits=st.lists(st.integers(0, 10**15), min_size=4, max_size=4).map(sorted),
)
def test_judgement_is_that_of_exact_fractions(nl, ms, amount, volume, weight, limits):
    """Nothing is lost by rounding: exactly at a limit is within it, by however little beyond is not."""
    its = library.Drug("x", "ng", [(amount, volume)], {"rate": (NONE,) * 4, "rate_kg": tuple(limits)})
    per_kg_h = Fraction(nl * 3600000, ms) * Fraction(amount, volume) / Fraction(weight, 1000)
    no = library.rate_refusal(its, Order("ng", amount, volume, weight), nl, ms, 0)
    hard_min, soft_min, soft_max, hard_max = limits
    if not hard_min <= per_kg_h <= hard_max:
        assert no[0] == "hard_limit.rate_kg"
    elif not soft_min <= per_kg_h <= soft_max:
        assert no[0] == "soft_limit.rate_kg"
    else:
        assert no is None
    if no is not None:
        assert no[2] in limits
        assert no[1] != no[2]
        assert abs(no[1] - per_kg_h) < 1


# ---- the file ------------------------------------------------------------------------------------------------


def test_a_library_has_version_check_value_and_drugs():
    found = Library(libraries.sealed().splitlines(keepends=True), "oxytocin")
    assert (found.problem, found.version, found.count) == ("", "test-1", 3)
    assert libraries.sealed().endswith(f"check {found.check:08x}\n")
    assert (found.drug.name, found.drug.unit, found.drug.concentrations) == ("oxytocin", "uU", [(10000, ML)])
    assert found.drug.limits == {"rate": (NONE, 30000, 1200000, 2400000)}
    assert Library(libraries.sealed().splitlines(keepends=True), "heroin").drug is None


def test_a_changed_letter_anywhere_is_noticed_and_no_drug_is_given_out():
    text = libraries.sealed()
    for at in range(len(text)):
        if text[at] != "7":
            found = Library((text[:at] + "7" + text[at + 1 :]).splitlines(keepends=True), "morphine")
            assert found.problem
            assert found.drug is None


@pytest.mark.parametrize(
    "row",
    [
        "",
        "drug x.ng",
        "drug x conc=1/1",
        "drug x.mg conc=1/1 rate=-,-,-,1",
        "drug x.ng rate=-,-,-,1",
        "drug x.ng conc= rate=-,-,-,1",
        "drug x.ng conc=1 rate=-,-,-,1",
        "drug x.ng conc=0/1 rate=-,-,-,1",
        "drug x.ng conc=1/1 rate=-,-,-,-",
        "drug x.ng conc=1/1 rate=1",
        "drug x.ng conc=1/1 rate=4,3,2,1",
        "drug x.ng conc=1/1 rate=-,-,2,1",
        "drug x.ng conc=1/1 rate=-,-,-,1 rate=-,-,-,9",
        "drug x.ng conc=1/1 conc=2/1 rate=-,-,-,1",
        "drug x.ng conc=1/1 speed_kg=-,-,-,1",
        "drug x.ng conc=1/1 rate=-,-,-,-1",
        "drug x.ng conc=1/1 rate=-,-,-,1.5",
        "drug x.ng conc=1/1 rate=-,-,-,1000000000000000001",
        "drug x.ng conc=1/1,2/1,3/1,4/1,5/1,6/1,7/1,8/1,9/1 rate=-,-,-,1",
        "drug x.y.ng conc=1/1 rate=-,-,-,1",
        "drug .ng conc=1/1 rate=-,-,-,1",
        "drog x.ng conc=1/1 rate=-,-,-,1",
    ],
)
def test_a_line_that_is_no_drug_is_damage_even_with_the_right_check_value(row):
    assert Library(libraries.file(row).splitlines(keepends=True), "x").problem == DAMAGED


def test_a_drug_that_stands_there_twice_is_damage():
    again = "drug morphine.ng conc=1/1 rate=-,-,-,999999999999"
    text = libraries.file(libraries.MORPHINE, again)
    found = Library(text.splitlines(keepends=True), "morphine")
    assert (found.problem, found.drug) == (DAMAGED, None)


@pytest.mark.parametrize("version", ["", "two words", "x" * 25, "a.b", "ü"])
def test_a_version_is_one_word(version):
    assert Library(libraries.file(version=version).splitlines(keepends=True)).problem == DAMAGED
