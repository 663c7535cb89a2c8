"""The simulated board: the tick counter and its wrap, the run queue, exact halts, sensors, flash and wire buffers."""

import numpy as np
import pytest

from picoinfuse import syringes
from picoinfuse_firmware.board import RESERVE, STATE, TICKS_MASK
from picoinfuse_sim.board import SEND_BUFFER, PowerFailed, SimBoard
from picoinfuse_sim.drive import Drive
from picoinfuse_sim.ideal import IdealPlant
from picoinfuse_sim.line import Line
from picoinfuse_sim.senses import DRIFT_MN, FORCE_NOISE_MN, OFFSET_MN
from picoinfuse_sim.syringe import Syringe


def us(board):
    """The board's microsecond clock, not wrapped."""
    return board.now_ms * 1000


def build(noise=False, seed=0, **options):
    rng = np.random.default_rng(seed)
    row = syringes.find("BD 60 mL")
    fitted = Syringe(row, row.capacity_nl, 2000, 3200, rng=rng, friction_varies=False)
    plant = IdealPlant(Drive(3200, 4096), fitted, Line(3000.0))
    return SimBoard(plant, rng=rng, noise=noise, record_edges=True, **options)


@pytest.fixture
def board():
    return build()


def edges_after_boot(board):
    board.bring_plant()
    return [at_us - board.boot_ms * 1000 for at_us in board.edges]


def test_ticks_wrap_a_few_seconds_after_power_on(board):
    assert board.ticks_ms() == TICKS_MASK + 1 - 5000
    board.advance(4999)
    assert board.ticks_ms() == TICKS_MASK
    board.advance(1)
    assert board.ticks_ms() == 0
    board.idle(17)
    assert board.ticks_ms() == 17


def test_the_microsecond_clock_wraps_with_the_ticks(board):
    board.advance(4999)
    board.move(2, 1_000, 0)  # 0 is the wrap, one millisecond ahead, and not the past
    board.advance(10)
    assert edges_after_boot(board) == [5_000_000, 5_001_000]


def test_a_run_is_made_on_its_schedule(board):
    board.move(3, 10_000, (us(board) + 50_000) & TICKS_MASK)
    board.advance(49)
    assert board.steps() == 0
    board.advance(1)
    assert board.steps() == 1
    board.advance(1000)
    assert board.steps() == board.steps_forward() == 3
    assert edges_after_boot(board) == [50_000, 60_000, 70_000]


def test_a_run_in_the_past_starts_at_once(board):
    board.advance(1000)
    board.move(2, 10_000, (us(board) - 400_000) & TICKS_MASK)
    board.advance(1000)
    assert edges_after_boot(board) == [1_000_000, 1_010_000]


def test_a_run_may_lie_minutes_ahead(board):
    board.move(1, 10_000, (us(board) + 500_000_000) & TICKS_MASK)
    board.advance(499_999)
    assert board.steps() == 0
    board.advance(1)
    assert board.steps() == 1


def test_runs_follow_each_other_and_none_replaces_another(board):
    start = us(board)
    board.move(2, 10_000, start & TICKS_MASK)
    board.move(2, 20_000, (start + 30_000) & TICKS_MASK)
    board.move(-1, 10_000, (start + 70_000) & TICKS_MASK)
    board.advance(1000)
    assert edges_after_boot(board) == [0, 10_000, 30_000, 50_000, 70_000]
    assert (board.steps(), board.steps_forward(), board.steps_reverse()) == (3, 4, 1)


def test_a_run_that_overlaps_waits_for_the_one_before(board):
    start = us(board)
    board.move(2, 10_000, start & TICKS_MASK)
    board.move(1, 10_000, start & TICKS_MASK)
    board.advance(1000)
    assert edges_after_boot(board) == [0, 10_000, 10_500]  # the shortest interval of the motor


def test_three_runs_fit_and_no_more(board):
    assert board.room() == 3
    for i in range(3):
        board.move(2, 10_000, (us(board) + i * 20_000) & TICKS_MASK)
    assert board.room() == 0
    with pytest.raises(RuntimeError, match="full"):
        board.move(1, 10_000, 0)
    board.advance(20)
    assert board.room() == 1
    board.advance(1000)
    assert board.room() == 3


@pytest.mark.parametrize(("count", "interval_us"), [(0, 1000), (3, 0), (3, -5)])
def test_a_run_of_nothing_is_refused(board, count, interval_us):
    with pytest.raises(ValueError, match="neither may be 0"):
        board.move(count, interval_us, 0)


def test_halt_is_exact_and_final(board):
    board.move(100, 10_000, us(board) & TICKS_MASK)
    board.move(100, 10_000, (us(board) + 1_000_000) & TICKS_MASK)
    board.now_ms += 123
    assert board.halt() == 13
    board.advance(10_000)
    assert board.steps() == board.steps_forward() == len(board.edges) == 13
    assert board.room() == 3


def test_what_is_seen_does_not_depend_on_when_one_looks():
    seen = []
    for every_ms in (1, 37, 5_000):
        board = build()
        board.move(50, 20_000, us(board) & TICKS_MASK)
        end_ms = board.now_ms + 5_000
        while board.now_ms < end_ms:
            board.now_ms = min(board.now_ms + every_ms, end_ms)
            board.force_mn()
        seen.append(
            (board.steps(), board.encoder(), board.edges, pytest.approx(board.plant.line.pressure_mmhg(end_ms)))
        )
    assert seen[0] == seen[1] == seen[2]


def test_random_runs_and_halts_are_counted_to_the_step():
    rng = np.random.default_rng(7)
    board = build()
    expected_steps = 0
    for _ in range(300):
        if board.room() and rng.random() < 0.8:
            steps = int(rng.integers(1, 40)) * int(rng.choice([1, 1, 1, -1]))
            board.move(steps, int(rng.integers(500, 40_000)), (us(board) + int(rng.integers(0, 200_000))) & TICKS_MASK)
        board.now_ms += int(rng.integers(0, 400))
        if rng.random() < 0.1:
            expected_steps = board.halt()
            assert board.steps() == expected_steps
    board.now_ms += 100_000
    assert board.steps_forward() + board.steps_reverse() == len(board.edges)
    assert board.edges == sorted(board.edges)
    assert min(np.diff(board.edges)) >= 500


def test_the_encoder_tells_what_the_screw_turned(board):
    board.move(3200, 500, us(board) & TICKS_MASK)
    board.advance(800)
    assert board.encoder() == 1601 * 4096 // 3200
    board.advance(10_000)
    assert board.encoder() == 4096


def test_a_stuck_encoder_reads_what_it_read(board):
    board.move(3200, 500, us(board) & TICKS_MASK)
    board.advance(800)
    before = board.encoder()
    board.senses.stick_encoder()
    board.advance(10_000)
    assert board.encoder() == before
    board.senses.stick_encoder(False)
    assert board.encoder() == 4096


def test_force_is_pressure_and_friction_in_whole_millinewton(board):
    expected_mn = 10 * board.plant.syringe.mn_per_mmhg + 5000
    assert board.force_mn() == round(expected_mn)
    board.move(100, 1_000, us(board) & TICKS_MASK)
    board.advance(200)
    assert board.force_mn() == round(board.plant.force_mn(board.now_ms)) > expected_mn


def test_force_noise_is_what_is_stated_and_comes_from_the_seed():
    one, same, other = build(True, 3), build(True, 3), build(True, 4)
    readings = [one.force_mn() for _ in range(10_000)]
    assert np.std(readings) == pytest.approx(FORCE_NOISE_MN, rel=0.05)
    assert np.mean(readings) == pytest.approx(one.plant.force_mn(one.now_ms), abs=3 * (OFFSET_MN + DRIFT_MN))
    assert readings == [same.force_mn() for _ in range(10_000)]
    assert readings[:10] != [other.force_mn() for _ in range(10)]


def test_the_end_switch_closes_when_the_plunger_presses_on_the_end(board):
    assert not board.at_end()
    board.move(3, 1_000, us(board) & TICKS_MASK)
    board.advance(1)
    board.plant.empty()
    assert not board.at_end()
    board.advance(1)
    assert board.at_end()


def test_flash_keeps_the_last_record(board):
    assert board.load(STATE) is None
    board.save(STATE, b"one")
    board.save(STATE, b"two")
    assert board.load(STATE) == b"two"
    assert board.load(RESERVE) is None
    with pytest.raises(ValueError, match="at most 512"):
        board.save(STATE, bytes(513))
    with pytest.raises(ValueError, match="as reserve: at most 112"):
        board.save(RESERVE, bytes(113))
    assert board.load(STATE) == b"two"


def test_power_that_fails_at_a_save_leaves_the_record_before_or_the_new_one(board):
    board.save(STATE, b"one")
    flash = board.flash
    for late, kept in ((False, b"one"), (True, b"new")):
        flash.failing, flash.late = flash.saves + 1, late
        with pytest.raises(PowerFailed):
            board.save(STATE, b"new")
        assert board.load(STATE) == kept


def test_the_angle_of_the_screw_is_that_within_its_turn_and_does_not_begin_at_0(board):
    counts, steps = board.config.encoder_counts_per_turn, board.config.steps_per_turn
    board.plant.drive.turned_steps = 3 * steps + 800
    assert board.angle() == counts // 4
    board.plant.drive.turned_steps = -800
    assert board.angle() == 3 * counts // 4


def test_read_gives_at_most_256_bytes_and_nothing_when_there_is_nothing(board):
    assert not board.read()
    board.received += bytes(range(256)) + b"more"
    assert board.read() == bytes(range(256))
    assert board.read() == b"more"
    assert not board.read()


def test_a_host_that_does_not_read_leaves_only_so_much_room(board):
    assert board.write(bytes(1000)) == 1000
    assert board.write(bytes(100)) == SEND_BUFFER - 1000
    assert board.write(b"x") == 0
    board.sent.clear()
    assert board.write(b"x") == 1


def test_without_a_cable_everything_is_taken_and_lost(board):
    board.unplugged = True
    assert board.write(bytes(5000)) == 5000
    assert not board.sent


def test_the_signal_is_remembered(board):
    board.signal(3, True)
    assert board.shown == (3, True)


def test_the_log_goes_on_over_power_cuts_and_keeps_as_many_as_a_pico(board):
    assert board.log_range() == (0, 0)
    assert board.logged(0) is None
    assert [board.log(b"%d" % i) for i in range(1, 5)] == [1, 2, 3, 4]
    later = SimBoard(board.plant, flash=board.flash)
    assert later.log_range() == (1, 4)
    for i in range(5, 3105):
        later.log(b"%d" % i)
    assert later.log_range() == (105, 3104)
    assert (later.logged(104), later.logged(105), later.logged(3104)) == (None, b"105", b"3104")
    assert later.logged(3105) is None
