"""What is unsafe or contradictory though each field by itself is well: the body, the route, the keep-vein-open."""

import pytest

from picoinfuse import Therapy
from picoinfuse.errors import BadInput
from therapy_text import therapy_text


def refused(says, **parts):
    with pytest.raises(BadInput) as caught:
        Therapy.parse(therapy_text(**parts))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("patient", "says"),
    [
        ('weight = "80 kg"\nage = "6 months"', "patient age: below one year, and weight = 80 kg; the most is 20 kg"),
        ('weight = "20 kg"\nage = "40 years"', "patient age: 18 years or more, and weight = 20 kg; the least is 25 kg"),
        ('weight = "10 kg"\nheight = "1.8 m"', "are 3.1 kg/m2; people have 8 to 80 kg/m2"),
        ('weight = "200 kg"\nheight = "90 cm"', "are 246.9 kg/m2; people have 8 to 80 kg/m2"),
        ('weight = "70 kg"\nheight = "1.75 m"\nsurface = "1.2 m2"', "height and weight make about 1.84 m2"),
        ('weight = "0.1 kg"', "patient weight = '0.1 kg': a body weighs 0.2 kg to 500 kg"),
        ('height = "3 m"', "patient height = '3 m': a body is 0.2 m to 2.6 m tall"),
        ('age = "200 years"', "patient age = '200 years': an age is 0 to 130 years"),
        ('age = "70 kg"', "patient age = '70 kg': is mass, not a age"),
        ('surface = "5 m2"', "patient surface = '5 m2': a body has 0.1 m2 to 4 m2 of surface"),
    ],
)
def test_a_body_that_cannot_be_is_refused(patient, says):
    refused(says, patient=f"[patient]\n{patient}\n")


@pytest.mark.parametrize(
    "patient",
    [
        'weight = "0.9 kg"\nheight = "33 cm"\nage = "0 days"',
        'weight = "250 kg"\nheight = "1.8 m"\nage = "50 years"',
        'weight = "68 kg"\nheight = "1.75 m"\nsurface = "1.8 m2"',
        'weight = "10 kg"\nage = "12 months"',
    ],
)
def test_people_are_of_many_sizes(patient):
    assert Therapy.parse(therapy_text(patient=f"[patient]\n{patient}\n")).patient


def of_route(route, rate="10 mL/h"):
    return {
        "drug": f'[drug]\nname = "fluid"\nroute = "{route}"\n',
        "phases": f'[[phases]]\nkind = "rate"\nrate = "{rate}"\nvolume = "1 mL"\n',
    }


def test_one_site_under_the_skin_takes_at_most_60_ml_an_hour():
    Therapy.parse(therapy_text(**of_route("subcutaneous", "60 mL/h")))
    refused("phase 1 rate = '61 mL/h': 61 mL/h is above 60 mL/h: one site", **of_route("subcutaneous", "61 mL/h"))


def test_millilitres_in_place_of_microlitres_into_the_spinal_fluid_are_refused():
    Therapy.parse(therapy_text(**of_route("intrathecal", "100 uL/h")))
    refused(
        "phase 1 rate = '100 mL/h': 100 mL/h is above 1 mL/h: into the spinal", **of_route("intrathecal", "100 mL/h")
    )


def test_both_ends_of_a_ramp_are_looked_at():
    parts = of_route("subcutaneous")
    parts["phases"] = '[[phases]]\nkind = "ramp"\nrate = "10 mL/h"\nto = "70 mL/h"\nduration = "10 min"\n'
    refused("phase 1 to = '70 mL/h': 70 mL/h is above 60 mL/h", **parts)


def test_a_dose_over_a_time_is_a_rate_too():
    parts = of_route("subcutaneous")
    parts["phases"] = '[[phases]]\nkind = "rate"\nvolume = "10 mL"\nduration = "5 min"\n'
    refused("phase 1 volume = '10 mL': 120 mL/h is above 60 mL/h", **parts)


def test_a_fast_keep_vein_open_would_be_a_dose_that_nobody_counts():
    kvo = '[[phases]]\nkind = "kvo"\nrate = "500 mL/h"\nduration = "1 min"\n'
    refused("phase 2 rate: 500 mL/h is above 5 mL/h: keep-vein-open counts as no dose", kvo=kvo)


@pytest.mark.parametrize("route", ["intramuscular", "IM", "i.m.", "Intramuscular"])
def test_into_a_muscle_is_refused_with_the_reason(route):
    refused(
        f"drug route = '{route}': is not a pump route: a muscle is given one small injection by hand", **of_route(route)
    )
