"""The schema for editors: it takes every shipped therapy, and marks what a person mistypes."""

import json
import tomllib
from importlib.resources import files

import pytest

from picoinfuse.schema import schema, text
from picoinfuse.therapy import shipped
from therapy_text import therapy_text

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def validator():
    its = schema()
    jsonschema.Draft202012Validator.check_schema(its)
    return jsonschema.Draft202012Validator(its)


def complaints(validator, text):
    return [error.message for error in validator.iter_errors(tomllib.loads(text))]


@pytest.mark.parametrize("name", shipped())
def test_it_takes_every_shipped_therapy(validator, name):
    assert complaints(validator, (files("picoinfuse") / "therapies" / f"{name}.toml").read_text("utf-8")) == []


def test_it_takes_a_file_with_every_table(validator):
    more = """
[alarms]
occlusion = "high"
near_end = "5 min"
[schedule]
at = "08:00"
every = "8 h"
times = 3
between = "0.5 mL/h"
[demand]
dose = "1 mg"
rate = "60 mL/h"
lockout = "10 min"
[[limits]]
window = "1 h"
most = "10 mg"
[loop]
target_low = "100 mg/dL"
target_high = "110 mg/dL"
sensitivity = "50 mg/dL/U"
max_basal = "3 U/h"
max_on_board = "3 U"
"""
    assert complaints(validator, therapy_text(more=more)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('rate = "10 mL/h"', "rate = 10"),
        ('rate = "10 mL/h"', 'rate = "-10 mL/h"'),
        ('rate = "10 mL/h"', 'rate = "10"'),
        ('rate = "10 mL/h"', 'raet = "10 mL/h"'),
        ('kind = "rate"', 'kind = "rat"'),
        ('weight = "10 kg"', "weight = 10"),
        ('name = "mine"', 'name = "my own"'),
        ('name = "mine"', ""),
        ("[syringe]", "[syringes]"),
        ('filled = "50 mL"', "count = 0"),
        ("[drug]", '[drug]\nroute = "intramuscular"'),
        ("[patient]", '[schedule]\nat = "25:00"\n[patient]'),
        ("[patient]", 'place = "garden"\n[patient]'),
    ],
)
def test_it_marks_what_is_mistyped(validator, old, new):
    good = therapy_text()
    assert complaints(validator, good) == []
    assert old in good
    assert complaints(validator, good.replace(old, new))


def test_every_field_says_what_it_means_and_has_an_example_that_it_takes(validator):
    its = schema()
    for name, table in {**its["$defs"], "file": its}.items():
        for field, its_schema in table["properties"].items():
            if "$ref" in its_schema or "const" in its_schema or its_schema.get("items", {}).get("$ref"):
                continue
            if field in ("phases", "schedule", "demand", "loop"):
                continue
            assert its_schema.get("description"), f"{name} {field}"
            assert its_schema.get("examples"), f"{name} {field}"
            for example in its_schema["examples"]:
                jsonschema.validate(example, its_schema, jsonschema.Draft202012Validator)


def test_the_text_of_the_file_is_the_schema():
    assert json.loads(text()) == schema()
    assert '"null"' not in text()
