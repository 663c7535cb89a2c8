"""The kinds of phases in a file: what each becomes on the pump, exactly, and what is refused."""

from fractions import Fraction

import pytest

from picoinfuse import Therapy
from picoinfuse.errors import BadInput
from therapy_text import therapy_text


def phases_of(text):
    return [phase.compiled.values() for phase in Therapy.parse(text).program.phases]


def cyclic(volume="2000 mL", duration="12 h", up="1 h", down="1 h"):
    fields = {"volume": volume, "duration": duration, "up": up, "down": down}
    return therapy_text(
        syringe='[syringe]\nname = "Monoject 140 mL"\ncount = 15\n',
        phases='[[phases]]\nkind = "cyclic"\n' + "".join(f'{name} = "{text}"\n' for name, text in fields.items()),
    )


def test_cyclic_nutrition_has_the_plateau_that_volume_and_times_make():
    """V / (T - (up + down) / 2), published: 2000 / 11 = 181.8 mL/h; exactly the volume, never more."""
    program = Therapy.parse(cyclic()).program
    up, flat, down = (phase.compiled for phase in program.phases)
    plateau_ml_h = Fraction(flat.rate_nl, flat.rate_ms) * 3600 / 1000
    assert float(plateau_ml_h) == pytest.approx(2000 / 11, abs=0.002)
    assert plateau_ml_h < Fraction(2000, 11)
    assert program.volume_nl == 2_000_000_000
    assert program.duration_ms == 12 * 3_600_000
    assert (up.kind, flat.kind, down.kind) == ("ramp", "rate", "ramp")
    assert (up.to_nl, up.to_ms) == (flat.rate_nl, flat.rate_ms) == (down.rate_nl, down.rate_ms)


def test_a_taper_may_be_longer_than_the_ramp():
    program = Therapy.parse(cyclic(up="30 min", down="2 h")).program
    assert program.volume_nl == 2_000_000_000
    assert program.duration_ms == 12 * 3_600_000


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"duration": "2 h"}, "phase 1 duration = '2 h': is not longer than up = '1 h' and down = '1 h' together"),
        ({"volume": "0.1 mL"}, "phase 1 volume = '0.1 mL': is so little in '12 h'"),
        ({"up": "0 h"}, "phase 1 up = '0 h': must be more than 0"),
        ({"volume": "2 mL/h"}, "phase 1 volume = '2 mL/h': is a rate"),
    ],
)
def test_a_cycle_that_cannot_be_is_refused(fields, says):
    with pytest.raises(BadInput) as caught:
        Therapy.parse(cyclic(**fields))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("weight", "ml_h"), [("3 kg", 12), ("10 kg", 40), ("15 kg", 50), ("20 kg", 60), ("70 kg", 110), ("10.5 kg", 41)]
)
def test_the_rule_4_2_1_makes_a_rate_of_a_weight(weight, ml_h):
    text = therapy_text(
        patient=f'[patient]\nweight = "{weight}"\n',
        phases='[[phases]]\nkind = "rate"\nrate = "4-2-1"\nduration = "20 min"\n',
    )
    its = Therapy.parse(text).program.phases[0].compiled
    assert Fraction(its.rate_nl, its.rate_ms) == Fraction(ml_h * 1_000_000, 3_600_000)


def test_the_rule_4_2_1_needs_a_weight():
    text = therapy_text(patient="", phases='[[phases]]\nkind = "rate"\nrate = "4-2-1"\nduration = "1 h"\n')
    with pytest.raises(BadInput, match=r"phase 1 rate = '4-2-1': needs the patient's weight; add \[patient\] weight"):
        Therapy.parse(text)


def test_a_repeat_goes_back_to_the_table_that_it_names_also_behind_one_that_becomes_three():
    text = therapy_text(
        phases="""
[[phases]]
kind = "cyclic"
volume = "5 mL"
duration = "1 h"
up = "10 min"
down = "10 min"
[[phases]]
kind = "rate"
rate = "10 mL/h"
duration = "10 min"
[[phases]]
kind = "repeat"
first = 2
times = 3
"""
    )
    rows = phases_of(text)
    assert [row[0] for row in rows] == ["ramp", "rate", "ramp", "rate", "repeat"]
    assert rows[4][5:] == [3, 3]  # back to the fourth phase of the program, three times in all


@pytest.mark.parametrize(
    ("first", "says"),
    [(2, "phase 2 first = 2: is not before the repeat itself; write 1 to 1"), (40, "phase 2 first = 40: is above 32")],
)
def test_a_repeat_of_what_comes_later_is_refused(first, says):
    text = therapy_text(extra=f'[[phases]]\nkind = "repeat"\ntimes = 2\nfirst = {first}\n')
    with pytest.raises(BadInput, match=says):
        Therapy.parse(text)


def test_a_repeat_of_nothing_is_refused():
    with pytest.raises(BadInput, match="phase 1 kind = 'repeat': there is no phase before it"):
        Therapy.parse(therapy_text(phases='[[phases]]\nkind = "repeat"\ntimes = 2\n'))


def test_every_bad_phase_is_told_at_once():
    text = therapy_text(
        phases="""
[[phases]]
kind = "rate"
rate = "-1 mL/h"
volume = "1 mL"
[[phases]]
kind = "pause"
duration = "3 mL"
"""
    )
    with pytest.raises(BadInput) as caught:
        Therapy.parse(text, "mine.toml")
    assert str(caught.value).splitlines() == [
        "mine.toml: phase 1 rate = '-1 mL/h': is negative; the least is 0",
        "mine.toml: phase 2 duration = '3 mL': is volume, not a duration; write e.g. phase 2 duration = '30 min'",
    ]
