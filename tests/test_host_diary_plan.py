"""The doses of a program, and the walk through it: as the firmware does it, to the second."""

import pytest

from picoinfuse import Phase, Program
from picoinfuse.diary_plan import Walk, doses_of, pieces_of
from picoinfuse_sim import Bench

H = 3_600_000
RATE, KVO, PAUSE = Phase.rate("50 mL/h", volume="10 mL"), Phase.kvo("1 mL/h", duration="468 min"), Phase.pause("1 h")


def plan(*phases):
    return pieces_of(Program(phases).compiled)


def test_repeats_are_unrolled_in_the_order_in_which_they_run():
    pieces = plan(RATE, PAUSE, Phase.repeat(3), KVO, RATE, Phase.repeat(2, first=4))
    assert [piece.index for piece in pieces] == [0, 1, 0, 1, 0, 1, 3, 4, 3, 4]


def test_a_dose_is_what_is_given_without_a_gap():
    ramp = Phase.ramp("10 mL/h", "50 mL/h", "1 h")
    doses = doses_of(plan(ramp, RATE, KVO, Phase.bolus("1 mL", "100 mL/h"), RATE, PAUSE, Phase.bolus("2 mL", "60 mL/h"),
                          PAUSE))  # fmt: skip
    assert [dose.number for dose in doses] == [1, 2, 3]
    assert [dose.volume_nl for dose in doses] == [40e6, 11e6, 2e6]
    assert [dose.length_ms for dose in doses] == [1.2 * H, 0.2 * H, 2 / 60 * H]
    assert [dose.offset_ms for dose in doses] == [0, 9 * H, 10.2 * H]


def test_a_program_without_a_gap_is_one_dose_and_one_without_end_has_no_end():
    (dose,) = doses_of(plan(RATE, Phase.kvo("1 mL/h")))
    assert (dose.offset_ms, dose.length_ms, dose.volume_nl) == (0, 0.2 * H, 10e6)
    assert Walk(plan(Phase.kvo("1 mL/h"))).left_ms() == float("inf")


STORY = (
    Phase.ramp("10 mL/h", "100 mL/h", "2 min"),
    Phase.rate("60 mL/h", volume="2 mL"),
    Phase.pause("90 s"),
    Phase.bolus("0.2 mL", "200 mL/h"),
    Phase.rate("30 mL/h", duration="2 min"),
    Phase.kvo("1 mL/h", duration="3 min"),
    Phase.repeat(3, first=2),
)


def told(bench):
    """Device times of the phases that the pump told, with their indices, from the first on."""
    events = [event for event in bench.pump.events() if event.kind == "phase"]
    return [(event.at_ms - events[0].at_ms, event.value) for event in events]


def test_the_walk_enters_each_phase_when_the_pump_does():
    bench = Bench(seed=1)
    bench.pump.start(Program(STORY))
    bench.advance("40 min")
    walk = Walk(pieces_of(Program(STORY).compiled))
    walk.advance(40 * 60_000)
    walked = [(at_ms, walk.pieces[i].index) for i, at_ms in walk.begun.items() if i < len(walk.pieces)]
    walked = [row for row in walked if STORY[row[1]].kind != "bolus"]
    pump = told(bench)
    assert [index for _, index in walked] == [index for _, index in pump]
    # Up to a tenth of a second at each turn between dose and keep-vein-open (docs/tour.md).
    assert all(
        abs(ours - its) < 100 * (1 + i) for i, ((ours, _), (its, _)) in enumerate(zip(walked, pump, strict=True))
    )
    assert walk.volume_nl == pytest.approx(bench.pump.status().delivered_nl, abs=400)


def test_a_changed_rate_moves_what_comes_later_as_it_does_on_the_pump():
    bench = Bench(seed=1)
    bench.pump.start(Program([RATE, PAUSE, RATE]))
    bench.advance("6 min")
    bench.pump.rate("25 mL/h")
    changed = bench.pump.events()[-1]
    bench.advance("2 h")
    begun = [event.at_ms for event in bench.pump.events() if event.kind == "phase"]
    walk = Walk(plan(RATE, PAUSE, RATE))
    walk.advance(changed.at_ms - begun[0])
    walk.change_rate(changed.value)
    walk.advance(2 * H)
    assert walk.shift_ms == pytest.approx(6 * 60_000, abs=3000)
    # The change takes effect behind what was laid ahead, at most 1.7 s of it.
    assert walk.begun[1] == pytest.approx(begun[1] - begun[0], abs=2000)


def test_a_rate_is_changed_only_where_there_is_one():
    walk = Walk(plan(PAUSE, RATE))
    walk.change_rate(1_000_000)
    assert walk.shift_ms == 0
    walk.advance(10 * H)
    walk.change_rate(1_000_000)
    assert walk.at == 2
    assert walk.rate() == 0


@pytest.mark.parametrize("minutes", [0.5, 2.5, 3.9, 5, 9, 13.37, 25])
def test_the_place_of_a_volume_is_the_place_of_its_time(minutes):
    by_time, by_volume = Walk(pieces_of(Program(STORY).compiled)), Walk(pieces_of(Program(STORY).compiled))
    by_time.advance(minutes * 60_000)
    by_volume.to_volume(by_time.volume_nl)
    assert by_volume.volume_nl == pytest.approx(by_time.volume_nl, abs=1001)
    if by_time.rate() > 0:
        assert by_volume.now_ms == pytest.approx(by_time.now_ms, abs=100)
    else:  # in a gap a volume tells no time: it stays where the gap begins
        assert by_volume.at == by_time.at
        assert by_volume.now_ms == pytest.approx(by_time.begun[by_time.at], abs=100)


def test_a_volume_that_is_less_than_a_step_short_of_a_dose_ends_it():
    walk = Walk(plan(RATE, PAUSE, RATE))
    walk.to_volume(9_999_700)
    assert (walk.at, walk.volume_nl) == (1, 10e6)


def test_more_than_is_ordered_ends_the_program():
    walk = Walk(plan(RATE, PAUSE))
    walk.to_volume(99e6)
    assert walk.at == 2
    walk = Walk(plan(RATE, Phase.kvo("1 mL/h")))
    walk.to_volume(99e6)
    assert walk.at == 1


def test_a_phase_that_the_pump_tells_is_the_next_of_its_kind():
    walk = Walk(plan(RATE, Phase.repeat(4)))
    walk.advance(11 * 60_000)
    assert walk.meet(0)  # it is a minute behind: the second pass begins
    assert walk.at == 1
    walk.advance(12 * 60_000 + 2_000)
    assert walk.meet(0)  # it is two seconds ahead: this pass, the third, begins only now
    assert walk.at == 2
    assert not walk.meet(7)


def test_after_a_power_cut_in_a_gap_the_walk_may_be_minutes_ahead_and_goes_back():
    pieces = plan(RATE, PAUSE, Phase.repeat(3))
    walk = Walk(pieces)
    walk.advance(0.2 * H + 50 * 60_000)
    walk.power_lost()
    walk.advance(18 * 60_000)
    assert walk.at == 2  # so it thinks, since eight minutes
    assert walk.meet(0)
    assert (walk.at, walk.volume_nl) == (2, 10e6)
    assert walk.begun[2] == walk.now_ms
    walk.advance(12 * 60_000)
    assert (walk.at, walk.volume_nl) == (3, 20e6)


def test_between_dose_and_keep_vein_open_the_pump_says_where_it_is():
    walk = Walk(plan(RATE, KVO, Phase.repeat(2)))
    walk.advance(11 * 60_000)
    assert walk.turn(True)
    assert (walk.at, walk.volume_nl) == (1, 10e6)
    walk.advance(100 * 60_000)
    assert not walk.turn(True)  # resumed in it
    assert walk.turn(False)
    assert walk.at == 2
