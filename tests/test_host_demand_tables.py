"""Demand, limits over time and loop: from the words of a file to the whole numbers that travel, and what is refused."""

import pytest

from picoinfuse import Therapy
from picoinfuse.demand_tables import word
from picoinfuse.errors import BadInput
from picoinfuse_firmware import drug
from therapy_text import therapy_text

DEMAND = '[demand]\ndose = "1 mg"\nrate = "60 mL/h"\nlockout = "8 min"\n'
HOUR = '[[limits]]\nwindow = "1 h"\nmost = "10 mg"\n'
FOUR = '[[limits]]\nwindow = "4 h"\nmost = "40 mg"\n'


def lines(**parts):
    return [option.compiled.text() for option in Therapy.parse(therapy_text(**parts)).program.options]


def refused(says, **parts):
    with pytest.raises(BadInput) as caught:
        Therapy.parse(therapy_text(**parts))
    assert says in str(caught.value)


def test_pca_becomes_whole_numbers():
    """1 mg/mL is 1 ng in a nanolitre; 1 mg a millilitre at 1 nL in 60 us; 10 mg in an hour, 40 mg in four."""
    assert lines(demand=DEMAND, hour=HOUR, four=FOUR) == [
        "+drug morphine.ng 1,1",
        "+weight - 10000",
        "+demand - 1000000,50,3,480000",
        "+limit - 3600000,10000000",
        "+limit - 14400000,40000000",
    ]


def test_the_drug_travels_with_every_program_that_knows_its_concentration():
    assert lines() == ["+drug morphine.ng 1,1", "+weight - 10000"]
    assert lines(drug='[drug]\nname = "saline"\n') == []


def test_a_demand_by_weight_and_a_limit_by_volume():
    found = lines(
        demand='[demand]\ndose = "0.02 mg/kg"\nrate = "12 mL/h"\nlockout = "10 min"\n',
        hour='[[limits]]\nwindow = "1 h"\nmost = "1 mL"\n',
    )
    assert found[2:] == ["+demand - 200000,10,3,600000", "+limit - 3600000,1000000"]


def test_without_a_concentration_limits_are_volumes():
    drug = '[drug]\nname = "bupivacaine with fentanyl"\nroute = "epidural"\n'
    demand = '[demand]\nvolume = "6 mL"\nrate = "120 mL/h"\nlockout = "20 min"\n'
    found = lines(drug=drug, patient="", demand=demand, hour='[[limits]]\nwindow = "1 h"\nmost = "24 mL"\n')
    assert found == ["+demand - 6000000,100,3,1200000", "+limit - 3600000,24000000"]


def test_units_of_activity_and_of_substance():
    limit = '[[limits]]\nwindow = "1 h"\nmost = "{}"\n'
    oxytocin = '[drug]\nname = "Oxytocin, syn."\nconcentration = "10 mU/mL"\n'
    found = lines(drug=oxytocin, patient="", hour=limit.format("200 mU"))
    assert found == ["+drug oxytocin-syn.uU 1,100", "+limit - 3600000,200000"]
    potassium = '[drug]\nname = "KCl"\nconcentration = "0.4 mmol/mL"\n'
    assert lines(drug=potassium, patient="", hour=limit.format("10 mmol"))[0] == "+drug kcl.nmol 2,5"


def test_a_limit_is_never_raised_by_rounding():
    drug = '[drug]\nname = "x"\nconcentration = "3 mg/mL"\n'
    found = lines(drug=drug, patient="", hour='[[limits]]\nwindow = "1 h"\nmost = "1.0000009 mg"\n')
    assert found[-1] == "+limit - 3600000,1000000"


INSULIN = '[drug]\nname = "insulin"\nconcentration = "10 U/mL"\nroute = "subcutaneous"\n'
LOOP = {
    "target_low": "100 mg/dL",
    "target_high": "110 mg/dL",
    "sensitivity": "40 mg/dL/U",
    "max_basal": "3 U/h",
    "max_on_board": "3 U",
}


def loop(**fields):
    return "[loop]\n" + "".join(f'{name} = "{text}"\n' for name, text in {**LOOP, **fields}.items())


def test_the_loop_becomes_whole_numbers():
    found = lines(drug=INSULIN, loop=loop())
    assert found[0] == "+drug insulin.uU 10,1"
    assert found[-1] == "+loop - 100,110,40000,300000,3000000,4500000,900000"


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"demand": DEMAND}, "[demand]: there is no limit over time; add [[limits]] with window = '1 h' and most"),
        ({"demand": DEMAND.replace("8 min", "0 min"), "l": HOUR}, "demand lockout = '0 min': must be more than 0"),
        ({"demand": DEMAND.replace("8 min", "30 s"), "l": HOUR}, "demand lockout = '30 s': is outside 1 min to 6 h"),
        ({"demand": DEMAND.replace("8 min", "7 h"), "l": HOUR}, "demand lockout = '7 h': is outside 1 min to 6 h"),
        (
            {"demand": DEMAND.replace("60 mL/h", "1 mL/h"), "l": HOUR},
            "demand lockout = '8 min': one bolus alone takes 1 h; write more than that, or a faster rate",
        ),
        (
            {"demand": DEMAND.replace('dose = "1 mg"', ""), "l": HOUR},
            "demand volume: is missing; what a patient asks for",
        ),
        (
            {"demand": DEMAND.replace("1 mg", "1 mg/h"), "l": HOUR},
            "demand dose = '1 mg/h': is a rate; what a patient asks",
        ),
        (
            {"demand": DEMAND.replace("1 mg", "11 mg").replace("60 mL", "600 mL"), "l": HOUR},
            "limits 1 most = '10 mg': is less than one bolus",
        ),
        ({"l": HOUR.replace("1 h", "1 min")}, "limits 1 window = '1 min': is outside 10 min to 24 h"),
        ({"l": HOUR.replace("10 mg", "10 mg/h")}, "limits 1 most = '10 mg/h': is a rate, not a volume"),
        ({"l": HOUR, "m": HOUR}, "limits 2 window = '1 h': is that of limits 1 too"),
        ({"l": HOUR, "m": FOUR.replace("40", "8")}, "limits: what may be given in 1 h is not less than in 4 h"),
        ({"l": HOUR, "m": FOUR, "n": FOUR}, "limits: there are 3; the most is 2"),
        ({"l": HOUR.replace("10 mg", "1e-9 ug")}, "limits 1 most = '1e-9 ug': must be at least 1 nL"),
        ({"l": "limits = 3\n", "syringe": ""}, "syringe: is missing; add it"),
        ({"head": 'name = "m"\ntitle = "t"\nsource = "s"\nlock = "pca"\n'}, "lock = 'pca': there is no [demand]"),
        (
            {"head": 'name = "m"\ntitle = "t"\nsource = "s"\nlock = "keys"\n', "demand": DEMAND, "l": HOUR},
            "lock = 'keys': there is a [demand]",
        ),
        (
            {"loop": loop(max_basal="3 mL/h")},
            "[loop]: needs [drug] concentration in units, e.g. '10 U/mL'",
        ),
    ],
)
def test_what_is_unsafe_or_at_odds_is_refused(parts, says):
    refused(says, **parts)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("target_low", "6 mmol/L", "loop target_low = '6 mmol/L': is no glucose in mg/dL; write e.g. '100 mg/dL'"),
        ("target_low", "120 mg/dL", "loop target_low = '120 mg/dL': is above target_high = '110 mg/dL'"),
        ("sensitivity", "50 mg/dL", "loop sensitivity = '50 mg/dL': is no glucose in mg/dL/U"),
        ("sensitivity", "0 mg/dL/U", "loop sensitivity = '0 mg/dL/U': is no glucose in mg/dL/U"),
        ("max_basal", "0 U/h", "loop max_basal = '0 U/h': must be more than 0"),
        ("max_on_board", "3 U/h", "loop max_on_board = '3 U/h': is a rate"),
        ("peak", "0 min", "loop peak = '0 min': must be more than 0"),
        ("lost", "15", "loop lost = '15': has no unit"),
    ],
)
def test_a_loop_that_is_written_wrongly_is_refused(field, value, says):
    refused(says, drug=INSULIN, loop=loop(**{field: value}))


@pytest.mark.parametrize(
    ("name", "travels"),
    [
        ("Morphine", "morphine"),
        ("floxuridine (FUDR)", "floxuridine-fudr"),
        ("methotrexate, without preservative", "methotrexate-without-pre"),
        ("bupivacaine  with fentanyl", "bupivacaine-with-fentany"),
        ("5-fluorouracil", "5-fluorouracil"),
        ("Ünïcode", "n-code"),
        ("???", "drug"),
        ("a" * 23 + " b", "a" * 23),
    ],
)
def test_any_name_travels_as_a_word_that_the_pump_takes(name, travels):
    assert word(name) == travels
    assert drug.is_name(word(name))


@pytest.mark.parametrize(
    ("concentration", "most", "counts"),
    [
        ("1 mg/mL", "10 mL", 10_000_000),  # ng
        ("1 mg in 3 mL", "10 mL", 3_333_333),  # never more than written
        ("100 U/mL", "5 U", 5_000_000),  # uU
        ("0.4 mmol/mL", "0.4 mmol", 400_000),  # nmol
        ("2 mEq/mL", "1 mL", 2_000_000),  # nEq
    ],
)
def test_a_limit_counts_in_the_unit_of_the_drug_and_is_floored(concentration, most, counts):
    drug = f'[drug]\nname = "x"\nconcentration = "{concentration}"\n'
    found = lines(drug=drug, patient="", hour=f'[[limits]]\nwindow = "1 h"\nmost = "{most}"\n')
    assert found[-1] == f"+limit - 3600000,{counts}"
