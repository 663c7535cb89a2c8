"""The body that the host follows: what is taken back was never given, and nothing else changes."""

import pytest

from picoinfuse.models import drugs
from picoinfuse.models.compartments import Compartments
from picoinfuse.tci_body import REMEMBERED, TciBody

SCHNIDER = drugs.schnider(40, 70, 170, "male")
MG_ML = 10.0


def told(*rows):
    """A body that was told (seconds since the start, mL in all)."""
    body = TciBody(SCHNIDER, MG_ML)
    for seconds, millilitres in rows:
        body.bring(round(seconds * 1000), round(millilitres * 1e6))
    return body


def same(one, other):
    assert one.model.state == pytest.approx(other.model.state, rel=1e-12, abs=1e-15)
    assert one.now_ms == other.now_ms


def test_what_is_told_is_given_evenly():
    body, plain = told((10, 1), (30, 1.5)), Compartments(SCHNIDER)
    plain.advance(10_000, 10.0)
    plain.advance(20_000, 5.0)
    assert (body.plasma, body.effect) == (plain.plasma_per_l, plain.effect_per_l)


def test_what_is_taken_back_was_never_given():
    """10 mL/h for half a minute into a closed line, then a rest, then the draw-back."""
    body = told((60, 5), (70, 5.3), (80, 5.6), (90, 5.9), (300, 5.9), (301, 5.0))
    same(body, told((60, 5), (70, 5), (80, 5), (90, 5), (300, 5), (301, 5)))


def test_part_of_a_row_can_be_taken_back():
    body = told((60, 5), (70, 5.3), (80, 5.6), (81, 5.4))
    same(body, told((60, 5), (70, 5.3), (80, 5.4), (81, 5.4)))


def test_after_it_drug_counts_again():
    body = told((60, 5), (90, 6), (91, 5), (100, 5.5))
    same(body, told((60, 5), (90, 5), (91, 5), (100, 5.5)))


def test_taking_back_twice_and_more_than_there_is():
    same(told((60, 1), (61, 0.5), (62, 0)), told((60, 0), (61, 0), (62, 0)))
    assert told((60, 1), (61, -3)).plasma == 0


def test_what_is_older_than_it_remembers_stays():
    rows = [(second, second / 1000) for second in range(1, REMEMBERED + 100)]
    body = told(*rows, (rows[-1][0] + 1, 0))
    forgotten = told(*rows[:99])
    assert 0 < body.model.infused == pytest.approx(forgotten.model.infused, rel=1e-9)


def test_time_goes_forward_only():
    body = told((60, 1))
    body.bring(60_000, 2_000_000)
    body.bring(30_000, 3_000_000)
    same(body, told((60, 1)))
    body.bring(61_000, 1_500_000)
    same(body, told((60, 1), (61, 1.5)))
