"""Where a delivery stands: another one that comes to stand there gives exactly the rest."""

import pytest

from boards import HOUR_MS, Bed, bolus, kvo, ml, order, pause, ramp, rate, repeat, step_of
from picoinfuse_firmware.checkpoint import read, write
from picoinfuse_firmware.stand import stand
from picoinfuse_firmware.standing import KVO_IS_OVER, RUNS, place_of

STEP = step_of(60)
PROGRAMS = {
    "rates": [rate(200, 0.02), rate(37, 0.003, 5000), rate(90, 0, 400)],
    "ramps": [ramp(5, 195, 3500), ramp(195, 1, 2100), rate(50, 0.01)],
    "loop": [rate(150, 0.01), pause(300), ramp(10, 140, 700), repeat(1, 3), rate(60, 0.004), repeat(4, 2)],
    "keep-vein-open": [rate(150, 0.01), kvo(20, 900), rate(90, 0.01), repeat(0, 2), kvo(5, 400)],
    "begins with keep-vein-open": [kvo(20, 900), rate(90, 0.01)],
}


def run_to(phases, ms):
    """A Bed that ran until this millisecond and was held there."""
    bed = Bed(phases)
    bed.start()
    while bed.now_ms < ms and not bed.ended:
        bed.poll()
        bed.wait(min(100, ms - bed.now_ms))
    bed.hold()
    return bed


def goes_on(bed, phases, steps=None):
    """Another Bed that stands where this one stands, by way of the record."""
    place = read(write(place_of(bed.delivery), "check"), "check")
    other = Bed(phases)
    dropped_nl = stand(other.delivery, place, place.given if steps is None else steps)
    return other, dropped_nl


@pytest.mark.parametrize("name", PROGRAMS)
def test_held_at_any_time_and_set_up_again_it_gives_the_rest_as_the_one_that_was_only_held(name):
    phases = PROGRAMS[name]
    whole = Bed(phases)
    whole.start()
    whole.finish()
    for ms in range(0, whole.now_ms, 53):
        bed = run_to(phases, ms)
        if bed.ended:
            break
        other, dropped_nl = goes_on(bed, phases)
        assert dropped_nl == 0
        assert abs(other.delivery.remaining_ms(0) - bed.delivery.remaining_ms(bed.now_ms)) <= 1, ms
        assert other.steps() == bed.steps()
        assert other.steps("kvo") == bed.steps("kvo")
        held = bed.board.steps()
        other.wait(5000)
        for one in (bed, other):
            one.start()
            one.finish()
        # What was due of the running step is written down in whole nanolitres, so the last step may be missing.
        assert 0 <= bed.steps() - other.steps() <= 1, ms
        assert abs(bed.steps("kvo") - other.steps("kvo")) <= 1
        assert held + other.board.steps() == other.steps() + other.steps("kvo")


def test_a_place_of_which_the_same_is_written_again():
    phases = PROGRAMS["loop"]
    for ms in range(0, 4000, 97):
        bed = run_to(phases, ms)
        other, _ = goes_on(bed, phases)
        assert vars(place_of(other.delivery)) == vars(read(write(place_of(bed.delivery), ""), ""))


def test_the_place_says_whether_a_phase_runs():
    bed = Bed([rate(150, 0.1), kvo(20, 2900), rate(90, 0.1)])
    assert place_of(bed.delivery).entered == 0
    bed.start()
    seen = []
    while not bed.ended:
        bed.poll()
        place = place_of(bed.delivery)
        if (place.phase, place.entered) not in seen:
            seen.append((place.phase, place.entered))
        bed.wait(100)
    assert seen == [(0, RUNS), (1, 0), (1, RUNS), (2, KVO_IS_OVER), (2, RUNS), (3, 0)]


def test_a_rate_goes_on_behind_what_was_reserved_and_never_beyond_its_phase():
    phases = [rate(100, 0.05), pause(1000), rate(100, 0.05)]
    bed = run_to(phases, 1000)
    given = bed.steps()
    for reserved in (1, 10, 100, 1000):
        place = place_of(bed.delivery)
        place.reserved = given + reserved
        other = Bed(phases)
        assert stand(other.delivery, place, place.reserved) == 0
        assert other.steps() == min(given + reserved, STEP.steps_in(ml(0.05)))
        assert abs(place.used_nl - min(ml(0.05), STEP.nl_of(given + reserved))) <= STEP.nl_of(1)
        other.start()
        other.finish()
        assert STEP.steps_in(ml(0.1)) - other.steps() in (0, 1)
        assert other.board.steps() == other.steps() - min(given + reserved, STEP.steps_in(ml(0.05)))


@pytest.mark.parametrize("phase", [ramp(20, 180, 20000), ramp(180, 20, 20000), rate(100, 0, 20000)])
def test_a_phase_by_time_goes_on_at_the_time_by_which_so_much_is_given(phase):
    bed = run_to([phase], 7300)
    for reserved in (1, 100, 300, 100000):
        place = place_of(bed.delivery)
        place.reserved = place.given + reserved
        other = Bed([phase])
        stand(other.delivery, place, place.reserved)
        other.start()
        other.finish()
        whole = STEP.steps_in(ml(100) * 20000 // HOUR_MS)
        # To the next edge of a tread, for a ramp: a second of it.
        assert -STEP.steps_in(ml(180) // 3600) - 2 <= other.steps() - whole <= 0
        assert other.steps() >= min(place.reserved, whole - 1)


def test_a_motor_that_runs_away_is_written_down_as_far_as_it_ran():
    bed = Bed([rate(200, 1)])
    bed.start()
    bed.run(3000)
    bed.board._forward += 5000
    place = read(write(place_of(bed.delivery), ""), "")
    assert place.reserved == place.laid == place.given == bed.steps() > 5000


def test_a_count_that_is_known_to_be_less_than_what_was_laid_drops_the_rest():
    bed = Bed([rate(200, 1)])
    bed.start()
    bed.run(3000)
    place = place_of(bed.delivery)
    place.reserved = place.laid + 500
    other = Bed([rate(200, 1)])
    dropped_nl = stand(other.delivery, place, place.given)
    assert dropped_nl == pytest.approx(STEP.nl_of(place.laid - place.given), abs=STEP.nl_of(1) + 1)
    assert other.delivery.added_nl() == -dropped_nl


def test_boluses_that_run_and_wait_are_dropped():
    phases = [bolus(0.1, 36), bolus(0.2, 360), rate(36, 0.1)]
    bed = run_to(phases, 2000)
    other, dropped_nl = goes_on(bed, phases)
    assert dropped_nl == pytest.approx(ml(0.3) - ml(36) * 2000 // HOUR_MS, abs=2)
    other.start()
    other.finish()
    ordered = order(*phases).volume_nl() - dropped_nl
    assert STEP.steps_in(ordered) - other.steps() in (0, 1)
