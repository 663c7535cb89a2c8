"""Whatever stands in a therapy file, the answer is a therapy or a message that names a field: never a traceback.

Files are made from the schema: every field with a good value, and some with a wrong, huge, absurd or contradictory one.
"""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from picoinfuse import Therapy
from picoinfuse.errors import BadInput, Refused
from picoinfuse.schema import schema
from picoinfuse.therapy import _build, _checked

ITS = schema()
TABLES = ITS["$defs"]
NUMBERS = ("0", "1", "3", "0.1", "60", "-1", "1e9", "1e-9", "9" * 40, "1e99", ".5", "4-2-1", "nan", "")
UNITS = ("mL", "mL/h", "h", "min", "mg", "mg/h", "mg/kg", "ug/kg/min", "U/h", "mg/m2", "mg/mL", "kg", "m2", "m",
         "years", "mmHg", "mg/dL", "mg/dL/U", "", "furlong", "mL/mL", "g in 50 mL", "in 0 mL", "/")  # fmt: skip
ABSURD = (
    None, True, 0, -1, 3, 10**400, 1.5, float("nan"), float("inf"), [], {}, [[]], [{}], {"kind": "rate"}, "", " ", "x",
    "\x00", "\n", "a" * 5000, "BD 60 mL", "now", "25:00", "pca", "intramuscular", "repeat", "high",
)  # fmt: skip

wrong = st.one_of(
    st.sampled_from(ABSURD),
    st.builds(lambda number, unit: f"{number} {unit}", st.sampled_from(NUMBERS), st.sampled_from(UNITS)),
    st.text(max_size=20),
    st.integers(),
    st.recursive(st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=2), max_leaves=3),
)


def good(its):
    """Return a strategy for a value that the schema allows: an example of the field, or a table of such."""
    if "$ref" in its:
        return table(TABLES[its["$ref"].rpartition("/")[2]])
    if "const" in its:
        return st.just(its["const"])
    if its.get("type") == "array" and "examples" not in its:
        inner = its["items"]
        choices = inner.get("oneOf", [inner])
        return st.lists(st.one_of([good(one) for one in choices]), min_size=1, max_size=3)
    choices = list(its.get("examples", []))
    if its.get("type") == "integer":
        choices += [its["minimum"], its["maximum"]]
    return st.sampled_from(choices + its.get("enum", []))


def table(its):
    """Return a strategy for a table: what is required, and some of the rest; now and then with a wrong value."""
    fields = its["properties"]
    required = {name: good(fields[name]) for name in its.get("required", [])}
    optional = {name: good(field) for name, field in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def places(its):
    """Return every (container, key) in nested tables and lists."""
    pairs = its.items() if isinstance(its, dict) else enumerate(its) if isinstance(its, list) else ()
    for key, value in list(pairs):
        yield its, key
        yield from places(value)


@st.composite
def files(draw):
    """Return a file of the schema with up to three things in it wrong, missing or too many."""
    its = draw(table(ITS))
    for _ in range(draw(st.integers(0, 3))):
        container, key = draw(st.sampled_from(list(places(its)) or [(its, "name")]))
        what = draw(st.sampled_from(("value", "missing", "more")))
        if what == "missing":
            container.pop(key, None) if isinstance(container, dict) else container.pop(key)
        elif what == "more" and isinstance(container, dict):
            container[draw(st.sampled_from(("rate", "raet", "drive", "volume", "kind", "\x00")))] = draw(wrong)
        else:
            container[key] = draw(wrong)
    return its


def answer(fields):
    """Read a file of these fields as far as to the pump's limits; return its message, "" if the pump would take it."""
    try:
        therapy = _build(_checked(fields))
        therapy.program.check_limits()
    except (BadInput, Refused) as error:
        return str(error)
    return ""


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_a_file_is_a_therapy_or_a_message(fields):
    said = answer(fields)
    for line in said.splitlines():
        assert 5 < len(line) < 600, said
        assert ":" in line, said
        assert "Traceback" not in line
        assert "pydantic" not in line


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200))
def test_any_text_is_a_therapy_or_a_message(text):
    with pytest.raises(BadInput):
        Therapy.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "9" * 5000,  # int() of so many digits raises
        "x = 0x" + "f" * 20_000,  # and repr() of this one
        "x = " + "[" * 3000 + "]" * 3000,
        "a." * 5000 + "b = 1",
        "name = 1979-05-27T07:32:00Z",
        'name = "x"\n' * 2,
        "[[phases]]\n" * 2000,
    ],
    ids=["digits", "hexadecimal", "deep", "dotted", "a date", "twice", "phases"],
)
def test_texts_that_break_readers_get_a_message(text):
    with pytest.raises(BadInput) as caught:
        Therapy.parse(text, "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")
    assert max(len(line) for line in str(caught.value).splitlines()) < 700


def test_every_example_of_the_schema_is_toml_that_can_be_written():
    """What the fuzz is made from is not wrong throughout: files of good values are read."""
    assert answer(tomllib.loads("""
        name = "my-therapy"
        title = "t"
        source = "s"
        [drug]
        name = "d"
        [syringe]
        name = "BD 60 mL"
        [[phases]]
        kind = "rate"
        rate = "40 mL/h"
        volume = "40 mL"
    """)) == ""  # fmt: skip
