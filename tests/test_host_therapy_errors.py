"""What pydantic finds wrong, in our words: field, value, what is allowed; long values cut short."""

import pytest

from picoinfuse import Therapy
from picoinfuse.errors import BadInput
from picoinfuse.therapy_errors import LONGEST_VALUE, shown, shown_name
from therapy_text import therapy_text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "A therapy of a test"', 'title = ""', "title = '': is empty; write at least 1 character"),
        ('title = "A therapy of a test"', f'title = "{"a" * 300}"', "is longer than 200 characters; write less"),
        ('title = "A therapy of a test"', 'title = ["a"]', "title = ['a']: must be text in quotes"),
        ('source = "made up for a test"', "", "source: is missing; add it"),
        ("[patient]", "notes = 3\n[patient]", "notes = 3: write a list, [...]"),
        ("[patient]", "notes = [3]\n[patient]", "notes 1 = 3: must be text in quotes"),
        ("[patient]", 'notes = [""]\n[patient]', "notes 1 = '': is empty"),
        ("[patient]", f"notes = {['x'] * 13}\n[patient]", "notes: there are 13; the most is 12"),
        ("[patient]", 'place = "garden"\n[patient]', "place = 'garden': is not one of 'hospital', 'clinic' or 'home'"),
        ("[patient]", 'lock = "open sesame"\n[patient]', "lock = 'open sesame': is not one of 'open', 'basic', 'full'"),
        ('filled = "50 mL"', "count = 0", "syringe count = 0: is below 1, the least"),
        ('filled = "50 mL"', "count = 2000", "syringe count = 2000: is above 100, the most"),
        ('filled = "50 mL"', 'count = "4"', "syringe count = '4': must be a whole number, without quotes and unit"),
        ('filled = "50 mL"', "count = 1.5", "syringe count = 1.5: must be a whole number"),
        ('filled = "50 mL"', "count = true", "syringe count = True: must be a whole number"),
        ('[syringe]\nname = "BD 60 mL"\nfilled = "50 mL"', "", "syringe: is missing; add it"),
        ('name = "mine"', 'name = "mine"\nphases = 3', "is no valid TOML"),
        ("[patient]", "limits = [3]\n[patient]", "limits 1 = 3: write it as a table [[limits]]"),
        ("[patient]", "demand = 3\n[patient]", "demand = 3: write it as a table [demand]"),
        ("[patient]", "[drive]\n[patient]", "[drive]: there is no such field in a therapy; is this the configuration"),
        ("[patient]", "[patience]\n[patient]", "[patience]: there is no such field in a therapy; is it spelled right?"),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_what_is_allowed(old, new, says):
    good = therapy_text()
    assert old in good
    with pytest.raises(BadInput) as caught:
        Therapy.parse(good.replace(old, new))
    assert says in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once_a_line_for_each():
    text = therapy_text(patient='[patient]\nweight = 10\nage = "old"\n').replace('kind = "rate"', 'kind = "rat"')
    with pytest.raises(BadInput) as caught:
        Therapy.parse(text, "mine.toml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 2  # units are looked at when the fields are well
    assert all(line.startswith("mine.toml: ") for line in lines)


def test_the_syringe_is_looked_at_though_the_patient_is_wrong():
    """A weight without a unit hid a syringe that does not exist until the weight was mended."""
    text = therapy_text(patient='[patient]\nweight = "10"\n').replace("BD 60 mL", "BD 55 mL")
    with pytest.raises(BadInput) as caught:
        Therapy.parse(text, "mine.toml")
    weight, syringe = str(caught.value).splitlines()
    assert "patient weight = '10': has no unit" in weight
    assert "syringe = 'BD 55 mL': unknown syringe" in syringe


def test_a_misspelt_field_is_not_told_as_missing_too():
    with pytest.raises(BadInput) as caught:
        Therapy.parse(therapy_text().replace("title", "titel"))
    assert str(caught.value) == "therapy: titel = 'A therapy of a test': there is no such field; is it spelled right?"


def test_a_long_value_is_cut_short():
    """Whole numbers of thousands of digits cannot even be written out."""
    for value in ("x" * 10_000, 10**5000, 16**20_000, [["x" * 1000]] * 1000, {"a": [1] * 999}):
        assert len(shown(value)) < 200


def test_a_long_or_unseen_name_is_cut_short():
    assert len(shown_name("x" * 10_000)) == LONGEST_VALUE
    assert shown_name("a\x00b") == "'a\\x00b'"
