"""The drug library as a pharmacist writes it: exact numbers for the pump, one clear message for whatever is wrong."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picoinfuse.errors import BadInput, Refused
from picoinfuse.library import SHIPPED, Library
from picoinfuse.library_words import amount_words, limit_words
from picoinfuse.therapy import Therapy, shipped
from picoinfuse_firmware import library as firmware
from picoinfuse_firmware.library import NONE

HEAD = 'version = "ward-3"\npharmacist = "Hugo"\n'
DRUG = """
[drugs.morphine]
concentrations = ["1 mg/mL"]
source = "a test"
"""


def library(lines=""):
    return Library.parse(HEAD + DRUG + lines, "ward.toml")


def on_pump(its, name):
    """What the pump reads of a drug, from the file that would be written there."""
    found = firmware.Library(its.text.splitlines(keepends=True), name)
    assert (found.problem, found.version, found.check) == ("", its.version, its.check)
    return found.drug


def test_what_the_pharmacist_writes_is_what_the_pump_reads():
    its = library(
        'rate = { soft_max = "2 mg/h", hard_max = "0.1 mg/min" }\n'
        'rate_kg = { hard_max = "50 ug/kg/h" }\n'
        'bolus = { hard_min = "500 ug", soft_max = "2 mg" }\n'
        'lockout = { soft_min = "6 min" }\n'
        'weight = { hard_min = "3 kg", hard_max = "150 kg" }\n'
    )
    drug = on_pump(its, "morphine")
    assert (drug.unit, drug.concentrations) == ("ng", [(1, 1)])
    assert drug.limits == {
        "rate": (NONE, NONE, 2_000_000, 6_000_000),
        "rate_kg": (NONE, NONE, NONE, 50_000),
        "bolus": (500_000, NONE, 2_000_000, NONE),
        "lockout": (NONE, 360_000, NONE, NONE),
        "weight": (3_000, NONE, NONE, 150_000),
    }


@pytest.mark.parametrize(
    ("strength", "limit", "unit", "number"),
    [
        ("100 U/mL", "1 U/h", "uU", 10**6),
        ("10 mU/mL", "0.5 mU/min", "uU", 30_000),
        ("2 mmol/mL", "10 mmol/h", "nmol", 10**7),
        ("1 mEq/mL", "10 mEq/h", "nEq", 10**7),
        ("1 g in 50 mL", "1 g/h", "ng", 10**9),
    ],
)
def test_a_drug_is_counted_as_its_concentration_counts_it(strength, limit, unit, number):
    text = f'{HEAD}[drugs.x]\nconcentrations = ["{strength}"]\nsource = "s"\nrate = {{ hard_max = "{limit}" }}\n'
    drug = on_pump(Library.parse(text), "x")
    assert (drug.unit, drug.limits["rate"][3]) == (unit, number)


@settings(deadline=None)
@given(st.integers(1, 10**6))
def test_a_limit_that_is_no_whole_number_is_rounded_to_the_safe_side(amount):
    """A maximum per day as one per hour: never above what was written; a minimum never below."""
    its = library(f'rate = {{ soft_min = "{amount} ng/d", hard_max = "{amount} mg/d" }}\n')
    limits = on_pump(its, "morphine").limits["rate"]
    assert 0 <= Fraction(amount * 10**6, 24) - limits[3] < 1
    assert 0 <= limits[1] - Fraction(amount, 24) < 1


def test_the_shipped_library_is_read_by_the_pump_drug_by_drug():
    its = Library.read(SHIPPED)
    for name, drug in its.drugs.items():
        assert on_pump(its, name).limits == drug.limits
    assert "not reviewed" in its.file.pharmacist


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_therapy_given_eleven_times_as_fast_is_beyond_the_shipped_library(name):
    """Where the library limits the rate of its drug. As it is shipped it fits: tests/test_host_therapy.py."""
    program, its = Therapy.read(name).program, Library.read()
    drug = its.drugs.get(firmware.name_of(program.compiled))
    rates = [phase for phase in program.compiled.phases if phase.kind == "rate"]
    if drug is None or not {"rate", "rate_kg"} & set(drug.limits) or not rates:
        return
    fastest = max(rates, key=lambda phase: phase.rate_nl / phase.rate_ms)
    no = firmware.rate_refusal(drug, firmware.order_of(program.compiled), 11 * fastest.rate_nl, fastest.rate_ms, 0)
    assert no is not None


def test_a_therapy_without_a_concentration_says_no_drug_and_needs_a_reason():
    program = Therapy.read("hydration").program
    with pytest.raises(Refused, match="does not say which drug"):
        Library.read().attached(program)
    Library.read().attached(program, "fluid")


def test_whatever_has_no_published_source_says_that_it_is_a_teaching_value():
    for name, table in Library.read().file.drugs.items():
        assert "teaching value" in table.source, name


def test_another_library_has_another_check_value():
    assert library('rate = { hard_max = "2 mg/h" }').check != library('rate = { hard_max = "3 mg/h" }').check
    assert (
        Library.parse((HEAD + DRUG + 'rate = { hard_max = "2 mg/h" }').replace("ward-3", "ward-4")).check
        != library('rate = { hard_max = "2 mg/h" }').check
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('rate = { hard_max = "2 mg" }', r"drugs morphine rate hard_max = '2 mg': .*\(mass\) per time; .*'2 mg/h'"),
        ('rate = { hard_max = "2 mg/kg/h" }', r"rate hard_max = '2 mg/kg/h'"),
        ('rate_kg = { hard_max = "2 mg/h" }', r"rate_kg hard_max = '2 mg/h': .* per time and per kg"),
        ('rate = { hard_max = "2 U/h" }', r"rate hard_max = '2 U/h': is not what its concentration counts \(mass\)"),
        ('rate = { hard_max = "2 mL/h" }', r"rate hard_max = '2 mL/h'"),
        ('rate = { hard_max = "2" }', r"rate hard_max = '2': has no unit"),
        ('rate = { hard_max = "-2 mg/h" }', r"is negative"),
        ("rate = { hard_max = 2 }", r"drugs morphine rate hard_max = 2: must be text in quotes"),
        ("rate = 2", r"drugs morphine rate = 2: write a table"),
        ("rate = {}", r"drugs morphine rate: has no limit"),
        ('rate = { max = "2 mg/h" }', r"drugs morphine rate max = '2 mg/h': there is no such field; .*hard_max"),
        ('speed_kg = { hard_max = "2 mg/kg/h" }', r"drugs morphine speed_kg = .*there is no such field"),
        (
            'rate = { soft_max = "3 mg/h", hard_max = "2 mg/h" }',
            r"hard_max = '2 mg/h': is less than soft_max = '3 mg/h'",
        ),
        (
            'rate = { soft_min = "3 mg/h", soft_max = "2 mg/h" }',
            r"soft_max = '2 mg/h': is less than soft_min = '3 mg/h'",
        ),
        ('lockout = { hard_min = "5 mg" }', r"lockout hard_min = '5 mg': is mass, not a duration"),
        ('weight = { hard_max = "900 kg" }', r"weight hard_max = '900 kg': a body weighs"),
        ('dose = { hard_max = "9999999999999 g" }', r"dose hard_max = .*is more than a pump can count"),
        ('[drugs.Heroin]\nconcentrations = ["1 mg/mL"]\nsource = "s"', r"drugs Heroin: the name of a drug has 1 to 24"),
        ('[drugs.x]\nconcentrations = []\nsource = "s"', r"drugs x concentrations"),
        ('[drugs.x]\nsource = "s"', r"drugs x concentrations: is missing"),
        (
            '[drugs.x]\nconcentrations = ["1 mg"]\nsource = "s"',
            r"drugs x concentrations = '1 mg': .*not an amount of drug",
        ),
        ('[drugs.x]\nconcentrations = ["1 mg/mL", "1 U/mL"]\nsource = "s"', r"counts the drug otherwise"),
        ('[drugs.x]\nconcentrations = ["1 mg/mL", "1 g/L"]\nsource = "s"', r"concentrations = '1 g/L': is there twice"),
        ('[drugs.x]\nconcentrations = ["1 mg/mL"]', r"drugs x source: is missing"),
    ],
)
def test_what_is_wrong_is_told_with_drug_field_value_and_what_to_write(lines, said):
    with pytest.raises(BadInput, match=r"ward\.toml: .*" + said):
        library(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"version: is missing|pharmacist: is missing|drugs: is missing"),
        (HEAD, r"drugs: is missing"),
        (HEAD + "drugs = {}", r"drugs = \{\}"),
        ((HEAD + DRUG).replace("ward-3", "ward 3"), r"version = 'ward 3': write 1 to 24"),
        ((HEAD + DRUG).replace("pharmacist", "farmacist"), r"farmacist = .*there is no such field; the known ones are"),
        ("[", r"is no valid TOML"),
        ('name = "hydration"', r"name = 'hydration': there is no such field"),
    ],
)
def test_a_file_that_is_no_library_is_told_as_such(text, said):
    with pytest.raises(BadInput, match=said):
        Library.parse(text, "x.toml")


def test_files_that_cannot_be_read_are_told(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        Library.read(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * 200_001)
    with pytest.raises(BadInput, match="longer than 200000 bytes"):
        Library.read(tmp_path / "huge.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="no text in UTF-8"):
        Library.read(tmp_path / "bytes.toml")


def test_amounts_are_told_as_people_write_them():
    assert amount_words(1_500_000, "ng") == "1.5 mg"
    assert amount_words(999, "ng") == "999 ng"
    assert amount_words(0, "uU") == "0 uU"
    assert limit_words("rate_kg", 12_500, "ng") == "12.5 ug/kg/h"
    assert limit_words("lockout", 360_000, "ng") == "6 min"
    assert limit_words("weight", 70_500, "ng") == "70.5 kg"


def test_a_library_tells_of_the_drugs_that_are_asked_for():
    said = "\n".join(library('rate = { soft_max = "2 mg/h" }\n').lines())
    assert "morphine  1 mg/mL" in said
    assert "rate: soft max 2 mg/h" in said
    assert "source: a test" in said
    with pytest.raises(BadInput, match=r"drug = 'heroin': is not in library ward-3; it has morphine"):
        library().lines(["heroin"])
