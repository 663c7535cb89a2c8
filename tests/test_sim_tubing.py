"""What stands in the line: the drug arrives after the dead volume, air moves with the flow, a second pump shares."""

from itertools import count

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.circuit import AIR_MMHG, LOOK_MS
from picoinfuse_sim.line import Line, Tubing
from picoinfuse_sim.tubing import COMMON_NL, DETECTOR_NL, Passage, Plugs

DEAD_NL = Tubing().dead_nl
SECOND_MS = 1000


class Clock:
    """Runs a line on with a motor at so many mL/h, ten steps a second, and does what was planned at its time."""

    def __init__(self, line):
        self.line, self.planned, self.numbers = line, [], count()
        line.keep_time(lambda ms, action: self.planned.append((line.at_ms + ms, next(self.numbers), action)))

    def run(self, seconds, ml_h=0.0, every_ms=100):
        line = self.line
        for _ in range(round(seconds * 1000 / every_ms)):
            line.push(line.at_ms + every_ms, 1, 0, ml_h / 3.6 * every_ms)
            for row in sorted(self.planned, key=lambda row: row[:2]):
                if row[0] <= line.at_ms:
                    self.planned.remove(row)
                    row[2]()
        return line.account_at(line.at_ms)


def test_the_standard_tubing_holds_its_volume():
    assert pytest.approx(1.178e6, rel=1e-3) == DEAD_NL
    assert Tubing(length_m=3).dead_nl == 2 * DEAD_NL
    assert Tubing(bore_mm=2).dead_nl == 4 * DEAD_NL
    assert Tubing(length_m=3).nl_per_mmhg == 1600


def test_no_tubing_is_as_long_as_a_street():
    with pytest.raises(BadInput, match=r"length of the tubing = 50 m.*0.1 to 10 m"):
        Tubing(length_m=50)
    with pytest.raises(BadInput, match=r"bore of the tubing = 0 mm.*0.3 to 5 mm"):
        Tubing(bore_mm=0)


def test_what_is_pushed_in_comes_out_in_its_turn():
    tube = Plugs((100.0, 0.0, 0.0))
    assert tube.push((60.0, 60.0, 0.0)) == [(60.0, 0.0, 0.0)]
    assert sum(plug[1] for plug in tube.push((50.0, 50.0, 0.0))) == pytest.approx(10)
    assert tube.drug_nl == pytest.approx(100)
    assert len(tube.plugs) == 1
    out = tube.push((250.0, 0.0, 0.0))
    assert sum(plug[0] for plug in out) == pytest.approx(250)
    assert sum(plug[1] for plug in out) == pytest.approx(100)


def test_a_line_primed_with_drug_gives_drug_from_the_first_drop():
    account = Clock(Line(3000.0)).run(60, 10)
    assert account.drug_nl == pytest.approx(account.patient_nl)


def test_behind_saline_the_drug_arrives_after_the_dead_volume():
    line = Line(3000.0, filled="saline")
    dead_nl = DEAD_NL + COMMON_NL
    clock = Clock(line)
    early = clock.run(3600 * dead_nl / 10e6 - 10, 10)
    assert early.drug_nl == 0
    assert early.patient_nl == pytest.approx(dead_nl, rel=0.05)
    late = clock.run(600, 10)
    assert late.drug_nl == pytest.approx(late.patient_nl - dead_nl)


def test_another_syringe_comes_with_its_own_tubing_and_only_what_both_share_stays():
    line = Line(3000.0)
    clock = Clock(line)
    before = clock.run(600, 10)
    line.hang("saline")
    washed = clock.run(3600, 10)
    assert washed.patient_nl - before.patient_nl > COMMON_NL * 2
    assert washed.drug_nl - before.drug_nl == pytest.approx(COMMON_NL)
    line.hang("saline")
    line.hang("drug")
    after = clock.run(3600, 10)
    assert after.drug_nl - washed.drug_nl == pytest.approx(after.patient_nl - washed.patient_nl - COMMON_NL)
    with pytest.raises(BadInput, match="content of the syringe"):
        line.hang("air")


def test_air_that_is_taken_out_while_saline_hangs_becomes_no_drug():
    passage = Passage(1000.0, "air")
    passage.hang("saline")
    passage.remove_air()
    assert passage.own.drug_nl == passage.common.drug_nl == 0


def test_asking_changes_nothing():
    asked, alone = Line(3000.0, filled="saline"), Line(3000.0, filled="saline")
    for line in (asked, alone):
        for _ in range(200):
            line.push(line.at_ms + 1000, 1, 0, 10_000.0)
            if line is asked:
                line.account_at(line.at_ms)
    assert asked.account_at(asked.at_ms).drug_nl == alone.account_at(alone.at_ms).drug_nl > 0


def test_blood_that_came_back_leaves_before_drug_does():
    line = Line(3000.0)
    clock = Clock(line)
    given_nl = clock.run(60, 10).drug_nl
    line.set_patient(60)
    back = clock.run(10)
    assert back.patient_nl < given_nl - 100_000
    assert back.drug_nl == pytest.approx(given_nl, abs=10_000)
    line.set_patient(10)
    again = clock.run(60)
    assert again.drug_nl == pytest.approx(again.patient_nl)


def test_what_runs_out_at_the_patients_end_while_priming_reaches_nobody():
    line = Line(3000.0, filled="air")
    clock = Clock(line)
    assert line.air_nl == DEAD_NL + COMMON_NL
    soft = line.compliance_nl_per_mmhg
    assert soft == pytest.approx(3000 + (DEAD_NL + COMMON_NL) / (AIR_MMHG + 10))
    line.disconnect("patient")
    primed = clock.run(30, 300)
    assert (primed.patient_nl, primed.drug_nl, primed.air_nl) == (0, 0, 0)
    assert primed.spilled_nl == pytest.approx(2.5e6 - line.stored_nl(line.at_ms))
    assert line.air_nl == pytest.approx(0, abs=1e-6)
    assert line.compliance_nl_per_mmhg == pytest.approx(3000)
    line.connect()
    given = clock.run(60, 10)
    assert given.air_nl == pytest.approx(0, abs=1e-6)
    assert given.drug_nl == pytest.approx(given.patient_nl, abs=40_000)  # the tip took back what the vein pressed in


def test_an_unprimed_line_gives_its_air_to_the_patient():
    account = Clock(Line(3000.0, filled="air")).run(3600, 5, every_ms=1000)
    assert account.air_nl == pytest.approx(DEAD_NL + COMMON_NL)
    assert account.drug_nl == pytest.approx(account.patient_nl - account.air_nl)


def test_a_bubble_passes_the_detector_and_then_the_cannula():
    line = Line(3000.0)
    clock = Clock(line)
    clock.run(60, 10)
    line.bubble(0.1)
    assert line.air_nl == 1e5
    seen = []
    for _ in range(600):
        clock.run(1, 10)
        if line.air_at_detector(line.at_ms):
            seen.append(line.account_at(line.at_ms).patient_nl)
    before_nl = seen[0] - DETECTOR_NL
    assert seen[-1] - seen[0] == pytest.approx(100_000, abs=6000)
    assert line.air_nl == pytest.approx(0, abs=1e-6)
    assert line.account_at(line.at_ms).air_nl == pytest.approx(100_000)
    assert line.compliance_nl_per_mmhg == 3000
    assert before_nl == pytest.approx(60 / 0.36 * 1000, rel=0.05)


def test_a_leak_above_the_patient_draws_air_in():
    line = Line(3000.0, height_cm=60)
    clock = Clock(line)
    line.leak(20)
    account = clock.run(1800, 5, every_ms=1000)
    sucked_nl = -account.leaked_nl
    assert sucked_nl == pytest.approx((60 / 1.36 - 10) / 20 / 3.6 * 1.8e6, rel=0.05)
    assert line.air_nl + account.air_nl == pytest.approx(sucked_nl, rel=1e-6)
    assert account.air_nl > 0
    passing = []
    for _ in range(20):
        clock.run(1, 5)
        passing.append(line.air_at_detector(line.at_ms))
    assert 0 < max(passing) < 2000  # a string of small bubbles


def test_a_bubble_arrives_as_late_as_the_dead_volume_is():
    line = Line(3000.0)
    clock = Clock(line)
    line.bubble(0.1)
    while not line.account_at(line.at_ms).air_nl:
        account = clock.run(1, 50)
    assert account.patient_nl == pytest.approx(DEAD_NL + COMMON_NL, abs=14_000 + 50 / 3.6 * LOOK_MS)


def test_air_softens_the_line_so_a_clamp_shows_later():
    hard, soft = Line(3000.0), Line(3000.0)
    soft.bubble(1)
    for line in (hard, soft):
        line.clamp()
        line.push(0, 100, 10, 3000.0)
    ratio = (hard.pressure_mmhg(1000) - 10) / (soft.pressure_mmhg(1000) - 10)
    assert ratio == pytest.approx((3000 + 1e6 / 770) / 3000)


def test_a_second_pump_presses_on_the_line_by_what_the_cannula_resists():
    line = Line(3000.0)
    line.second_pump(200)
    assert line.patient_mmhg == pytest.approx(10 + 200 * 0.016)
    line.second_pump(0)
    assert line.patient_mmhg == 10


def test_a_second_pump_that_starts_pushes_our_drug_out_of_the_common_part():
    line = Line(3000.0)
    clock = Clock(line)
    start = clock.run(600, 1)
    line.second_pump(100)
    fast = clock.run(20, 1)
    bolus_nl = fast.drug_nl - start.drug_nl
    ours_nl = fast.patient_nl - start.patient_nl
    assert ours_nl < 20 / 3.6 * 1000  # ours slows down a little while the line swells
    assert bolus_nl == pytest.approx(COMMON_NL + ours_nl, rel=0.01)
    assert fast.second_nl == pytest.approx(100 / 3.6 * 20_000)
    clock.run(60, 1)
    share = line.account_at(line.at_ms).passage.common.drug_nl / COMMON_NL
    assert share == pytest.approx(1 / 101, rel=0.15)


def test_and_when_it_stops_our_drug_waits_in_the_common_part():
    line = Line(3000.0)
    clock = Clock(line)
    line.second_pump(99)
    clock.run(120, 1)
    line.second_pump(0)
    stopped = clock.run(1, 1)
    later = clock.run(600, 1)
    given_nl, moved_nl = later.drug_nl - stopped.drug_nl, later.patient_nl - stopped.patient_nl
    assert moved_nl == pytest.approx(600 / 3.6 * 1000, rel=0.05)
    assert given_nl < 0.05 * moved_nl


def test_behind_a_clamp_at_the_cannula_both_pumps_fill_our_line():
    line = Line(3000.0)
    clock = Clock(line)
    line.second_pump(50)
    clock.run(60, 10)
    line.clamp("common")
    from_mmhg, from_ms = line.pressure_mmhg(line.at_ms), line.at_ms
    account = clock.run(20, 10)
    rise = line.pressure_mmhg(line.at_ms) - from_mmhg
    assert rise == pytest.approx((50 + 10) / 3.6 * (line.at_ms - from_ms) / 3000, rel=1e-4)
    before_nl = account.patient_nl
    line.release("common")
    after = clock.run(30)
    assert after.patient_nl - before_nl == pytest.approx(3000 * rise, rel=0.02)


def test_with_a_check_valve_the_second_pump_cannot():
    line = Line(3000.0, valve=True)
    line.second_pump(50)
    line.clamp("common")
    Clock(line).run(20)
    assert line.pressure_mmhg(line.at_ms) == pytest.approx(10)


def test_the_shares_of_a_mixture_add_up():
    passage = Passage(1000.0, "drug")
    drug = sum(passage.pass_on(10.0, 30.0)[0] for _ in range(40_000))
    assert drug + passage.common.drug_nl == pytest.approx(400_000 + COMMON_NL)
    assert passage.common.drug_nl == pytest.approx(COMMON_NL / 4)


def test_a_kink_that_closes_over_four_hours_is_a_staircase_of_exact_pieces():
    line = Line(3000.0)
    clock = Clock(line)
    line.kink(80, over_s=4 * 3600)
    clock.run(2 * 3600, 5, every_ms=1000)
    assert line.pressure_mmhg(line.at_ms) == pytest.approx(10 + 5 * 40, rel=0.05)
    clock.run(2 * 3600, 5, every_ms=1000)
    assert line.open_mmhg_h_per_ml == pytest.approx(80 + Line(3000.0).open_mmhg_h_per_ml)
    assert not clock.planned


def test_straightening_ends_a_kink_that_was_closing():
    line = Line(3000.0)
    clock = Clock(line)
    line.kink(80, over_s=60)
    clock.run(30, 5)
    line.unkink()
    clock.run(60, 5)
    assert line.open_mmhg_h_per_ml == Line(3000.0).open_mmhg_h_per_ml


def test_a_kink_that_closes_needs_a_clock():
    with pytest.raises(RuntimeError, match="needs a clock"):
        Line(3000.0).kink(80, over_s=60)


@pytest.mark.parametrize("valve", [False, True])
def test_a_disconnected_line_spills_and_gives_nothing(valve):
    line = Line(3000.0, valve=valve)
    clock = Clock(line)
    before = clock.run(60, 10)
    line.disconnect()
    open_ = clock.run(60, 10)
    assert line.pressure_mmhg(line.at_ms) == pytest.approx(0, abs=1)
    assert not line.wary
    assert open_.patient_nl == before.patient_nl
    assert open_.spilled_nl == pytest.approx(60 / 0.36 * 1000 + 3000 * 10, rel=0.1)
    line.connect()
    back = clock.run(60, 10)
    assert back.spilled_nl == pytest.approx(open_.spilled_nl, rel=1e-3)


def test_a_power_cut_moves_the_counter_and_nothing_else():
    one, other = Line(3000.0, filled="saline"), Line(3000.0, filled="saline")
    for line in (one, other):
        line.second_pump(20)
        line.kink(50, "common")
        line.push(1000, 100, 100, 3500.0)
        line.clamp("upstream")  # from here on the tubing runs empty by itself, in minutes
        if line is other:
            line.settle(20_000)
            line.start_at(-5000)
            line.settle(10_000 - 5000)
        else:
            line.settle(30_000)
    assert other.account_at(5000).second_nl == pytest.approx(one.account_at(30_000).second_nl)
    assert other.flow_ml_h(5000) == pytest.approx(one.flow_ml_h(30_000)) != 0
    assert other.pressure_mmhg(5000) == pytest.approx(one.pressure_mmhg(30_000))
