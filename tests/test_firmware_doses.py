"""Limits hold whatever happens: no window of what was truly given holds more, reckoned by itself, step by step.

Stories are drawn: presses, boluses, changes of rate, pauses, power cuts at any write, other programs of the same drug
at another concentration. The truth is the time of every step that the motor made, on a clock that goes on while the
power is off; amounts are exact, in whole parts of a nanogram.
"""

import random
from fractions import Fraction

import pytest

from boards import (
    HOUR_MS,
    Flash,
    PowerFailed,
    Rig,
    TestBoard,
    bolus,
    kvo,
    ml,
    order,
    pause,
    ramp,
    rate,
    repeat,
    step_of,
)
from orders import demand, drug, limit
from picoinfuse_firmware.board import KEY_BOLUS, KEYS
from picoinfuse_firmware.ledger import LATE_MS

MINUTE_MS = 60000
STEP = step_of(5)
PARTS = 2 * STEP.pl_den * 1000  # of a nanogram: so a step of each concentration is a whole number of them
WINDOWS = ((10 * MINUTE_MS, 900_000), (30 * MINUTE_MS, 2_000_000))  # ng of morphine
LOCKOUT_MS = 2 * MINUTE_MS


class World:
    """A pump with one flash through all its starts; `steps`: what was truly given, (wall us, parts of a nanogram)."""

    def __init__(self, draw):
        self.draw = draw
        self.flash = Flash()
        self.wall_ms = 0
        self.steps = []
        self.given = []  # (wall ms, identity) of each demand that the pump said it gives
        self.per_step = 2 * STEP.pl_num
        self.ids = 0
        self.rig = None
        self.cuts = 0
        self.boot()

    def boot(self):
        board = TestBoard(has=(KEYS,), flash=self.flash)
        board.edges = []
        self.off_us = board.now_us - self.wall_ms * 1000
        self.rig = Rig(board)
        self.note()

    def note(self):
        board = self.rig.board
        board.steps()
        self.steps.extend([(edge - self.off_us, self.per_step) for edge in board.edges])
        board.edges.clear()
        self.wall_ms = (board.now_us - self.off_us) // 1000

    def cut(self):
        """The power fails now, and comes again after a while."""
        self.cuts += 1
        self.note()
        self.flash.dies_at = 0
        self.wall_ms += self.draw.choice((1, 1000, MINUTE_MS, 20 * MINUTE_MS))
        self.boot()

    def go(self, ms):
        self.rig.run(max(100, ms))
        self.note()

    def identity(self):
        self.ids += 1
        return "%08x" % self.ids

    def program(self, *phases, ng=1, nl=1, filled_ml=5, press=True):
        options = [drug("morphine.ng", ng, nl), *[limit(*window) for window in WINDOWS]]
        if press:
            options.append(demand(0.2 * nl / ng, 200, LOCKOUT_MS))
        return order(*phases, size_ml=5, filled_ml=filled_ml, options=options)

    def start(self, program):
        rig = self.rig
        if rig.state != "complete":
            rig.ask("stop")
        rig.run(1000)
        name, values = rig.stage(program)
        if name != "staged":
            return values[0]
        amount, volume_nl = program.options[0].numbers
        self.per_step = 2 * STEP.pl_num * amount // volume_nl
        rig.ok("confirm", values[0])
        rig.ok("start", self.identity())
        return None

    def press(self):
        identity = self.identity()
        at_ms = self.wall_ms
        if self.rig.ask("demand", identity)[0] == "ok":
            self.given.append((at_ms, identity))
            return True
        return False

    def key(self):
        before = len(self.rig.seen("demand", "given"))
        self.rig.board.pressed = KEY_BOLUS
        at_ms = self.wall_ms
        self.rig.run(200)
        self.rig.board.pressed = 0
        self.rig.run(200)
        self.note()
        if len(self.rig.seen("demand", "given")) > before:
            self.given.append((at_ms, "key"))

    def most_in(self, window_ms):
        """Return the most that any window of this length truly held, in nanograms."""
        most = held = first = 0
        for at_us, parts in self.steps:
            held += parts
            while self.steps[first][0] <= at_us - window_ms * 1000:
                held -= self.steps[first][1]
                first += 1
            most = max(most, held)
        return Fraction(most, PARTS)

    def assert_limits_hold(self):
        for window_ms, most in WINDOWS:
            assert self.most_in(window_ms) <= most, (window_ms, float(self.most_in(window_ms)))
        for one, other in zip(self.given, self.given[1:], strict=False):
            assert other[0] - one[0] >= LOCKOUT_MS - 100  # the press is told at most a poll late


def phases_of(draw):
    """Draw the phases of a program, in mL of 1 mg/mL."""
    kind = draw.randrange(6)
    if kind == 0:
        return [rate(draw.choice((0.2, 1, 2)), 0, 3 * HOUR_MS)]
    if kind == 1:
        return [pause(3 * HOUR_MS)]
    if kind == 2:
        return [bolus(draw.choice((0.3, 0.8)), 100), rate(0.5, 0, 3 * HOUR_MS)]
    if kind == 3:  # a programmed bolus again and again
        return [bolus(0.3, 60), rate(0.5, 0, 7 * MINUTE_MS), repeat(0, 20)]
    if kind == 4:
        return [ramp(0.1, 2, 20 * MINUTE_MS), ramp(2, 0.1, 20 * MINUTE_MS), rate(1, 1), kvo(0.5)]
    return [rate(3, 0.05), bolus(0.4, 100), pause(MINUTE_MS), bolus(0.4, 100), rate(1, 0, 2 * HOUR_MS)]


def scaled(phases, ng, nl):
    """The same amounts at another concentration: volumes and rates times nl / ng."""
    for phase in phases:
        if phase.kind != "repeat":
            phase.rate_nl, phase.volume_nl = phase.rate_nl * nl // ng, phase.volume_nl * nl // ng
            phase.to_nl = phase.to_nl * nl // ng
    return phases


def act(world):
    """Do one thing that people do."""
    draw, rig = world.draw, world.rig
    what = draw.randrange(16)
    if rig.state == "alarm":
        rig.ask("acknowledge")
        rig.ask("resume", world.identity())
    elif rig.state == "paused":
        rig.ask("resume", world.identity())
    elif rig.state in ("idle", "complete", "staged", "ready", "kvo") or what == 0:
        ng, nl = draw.choice(((1, 1), (1, 2), (2, 1)))
        world.start(world.program(*scaled(phases_of(draw), ng, nl), ng=ng, nl=nl))
    elif what < 6:
        world.press()
    elif what < 8:
        world.key()
    elif what < 10:
        name, values = rig.ask("bolus", ml(draw.choice((0.05, 0.3, 1))), ml(draw.choice((5, 100))), HOUR_MS)
        if name == "proposed":
            rig.ask("apply", world.identity(), values[0])
    elif what < 12:
        name, values = rig.ask("rate", ml(draw.choice((0.1, 0.5, 1, 2, 4))), HOUR_MS)
        if name == "proposed":
            rig.ask("apply", world.identity(), values[0])
    elif what == 12:
        rig.ask("pause")
    elif what == 13:
        world.cut()
    elif what == 14:
        world.flash.dies_at = world.flash.saves + draw.randrange(1, 4)
        world.flash.late = draw.random() < 0.5
    else:
        world.press()
        world.press()


@pytest.mark.parametrize("seed", range(6))
def test_no_window_of_what_was_truly_given_holds_more_than_its_limit(seed):
    draw = random.Random(seed)
    world = World(draw)
    for _ in range(60):
        try:
            act(world)
            world.go(draw.choice((100, 1700, 10000, 40000, LOCKOUT_MS, LOCKOUT_MS)))
        except PowerFailed:
            world.cut()
    assert world.rig.controller.error is None
    world.assert_limits_hold()
    assert world.steps
    assert world.given


def test_the_limits_are_used_up_and_not_only_kept():
    """Half of them would be kept as well by a pump that gives nothing."""
    world = World(random.Random(1))
    assert world.start(world.program(pause(3 * HOUR_MS))) is None
    for _ in range(400):
        world.press()
        world.go(10000)
    world.assert_limits_hold()
    assert world.most_in(WINDOWS[0][0]) > 900_000 - 200_000 - 1000
    assert world.most_in(WINDOWS[1][0]) > 2_000_000 - 200_000 - 1000


# ---- what a drawn story hardly meets --------------------------------------------------------------------------


def started(*phases):
    world = World(random.Random(1))
    assert world.start(world.program(*phases)) is None
    return world


def ask_bolus(world, volume_ml, ml_h=100):
    """Return the reason for which a bolus was refused, or "" when it is given."""
    name, values = world.rig.ask("bolus", ml(volume_ml), ml(ml_h), HOUR_MS)
    if name == "refused":
        return values[0]
    world.rig.ok("apply", world.identity(), values[0])
    return ""


def test_a_bolus_that_takes_longer_than_the_window_counts_until_it_is_over_and_a_window_more():
    world = started(pause(3 * HOUR_MS))
    assert ask_bolus(world, 0.3, 1) == ""  # 18 minutes: 0.17 mg of it in the last ten
    world.go(18 * MINUTE_MS + 2000)
    assert ask_bolus(world, 0.65) == "dose_limit"
    world.go(10 * MINUTE_MS + LATE_MS)
    assert ask_bolus(world, 0.65) == ""
    world.go(5 * MINUTE_MS)
    world.assert_limits_hold()


def test_a_basal_that_flowed_before_the_power_failed_counts_for_a_window_more():
    world = started(rate(3.5, 0, HOUR_MS))
    world.go(12 * MINUTE_MS)
    world.cut()
    world.rig.ok("acknowledge")
    assert world.start(world.program(rate(0.1, 0, HOUR_MS))) is None
    assert ask_bolus(world, 0.4) == "dose_limit"
    world.go(30 * MINUTE_MS + LATE_MS)
    assert ask_bolus(world, 0.4) == ""
    world.go(MINUTE_MS)
    world.assert_limits_hold()


def test_after_a_power_cut_a_programs_own_boluses_do_not_come_closer_than_a_limit_allows():
    """Without an encoder a quarter of a turn counts as given and its time as over: the next one would come at once."""
    world = started(bolus(0.4, 100), rate(0.2, 0, 9 * MINUTE_MS), repeat(0, 10))
    world.go(9 * MINUTE_MS + 30000)  # the second one is given
    world.cut()
    world.rig.ok("acknowledge")
    assert world.rig.ask("resume", world.identity())[1][0] == "dose_limit"
    refused = 0
    while world.rig.ask("resume", world.identity())[0] == "refused":
        world.go(MINUTE_MS)
        refused += 1
        assert refused < 15
    world.go(40 * MINUTE_MS)
    world.assert_limits_hold()


def test_a_bolus_of_the_program_that_was_only_laid_is_not_counted():
    world = started(rate(0.5, 0, 2 * MINUTE_MS), bolus(0.4, 100), rate(0.5, 0, HOUR_MS))
    companion = world.rig.controller.requests.companions[0]
    world.go(2 * MINUTE_MS - 600)
    assert [row[1:] for row in companion.ledger.boluses] == [[400_000]]
    world.rig.ok("pause")
    assert companion.ledger.boluses == []
    world.go(MINUTE_MS)
    world.rig.ok("resume", world.identity())
    world.go(MINUTE_MS)
    assert [row[1:] for row in companion.ledger.boluses] == [[400_000]]


def test_what_was_given_counts_for_another_program_at_another_concentration_and_not_for_another_drug():
    world = started(pause(HOUR_MS))
    assert ask_bolus(world, 0.8) == ""
    world.go(2 * MINUTE_MS)
    weaker = world.program(bolus(0.2, 100), rate(0.1, 0, HOUR_MS), ng=1, nl=2)  # 0.1 mg, and 0.05 mg/h
    assert world.start(weaker) == "dose_limit"
    stronger = world.program(bolus(0.05, 100), rate(0.1, 0, HOUR_MS), ng=2, nl=1)  # 0.1 mg, and 0.2 mg/h
    assert world.start(stronger) == "dose_limit"
    other = order(bolus(0.8, 100), size_ml=5, options=[drug("heparin.uU", 1, 1), limit(10 * MINUTE_MS, 900_000)])
    assert world.rig.stage(other)[0] == "staged"
    world.rig.ok("stop")
    world.go(10 * MINUTE_MS)
    assert world.start(weaker) is None
    world.go(2 * MINUTE_MS)
    world.assert_limits_hold()


def test_without_a_drug_volumes_are_counted():
    world = World(random.Random(1))
    options = [limit(10 * MINUTE_MS, ml(0.5)), demand(0.2, 200, LOCKOUT_MS)]
    program = order(pause(HOUR_MS), size_ml=5, options=options)
    rig = world.rig
    rig.ready(program)
    rig.ok("start", world.identity())
    for _ in range(2):
        assert world.press()
        world.go(LOCKOUT_MS + 100)
    name, values = rig.ask("demand", world.identity())
    assert (name, values[0]) == ("refused", "limit_reached")
    world.go(values[1])
    assert world.press()


def test_the_account_is_told():
    world = started(pause(HOUR_MS))
    asked, given, wait_ms, full, most = world.rig.ask("doses")[1]
    assert (asked, given, wait_ms, most) == (0, 0, 0, [900_000, 2_000_000])
    assert all(0 < one < 300 for one in full)  # two motor steps at the edges
    assert world.press()
    assert not world.press()
    asked, given, wait_ms, full, most = world.rig.ask("doses")[1]
    assert (asked, given, most) == (2, 1, [900_000, 2_000_000])
    assert LOCKOUT_MS - 500 <= wait_ms <= LOCKOUT_MS
    assert all(200_000 <= one <= 200_300 for one in full)
    bare = Rig()
    assert bare.ask("doses") == ("refused", ["not_ordered", 0, 0])
    assert bare.ask("demand", "00000001") == ("refused", ["not_ordered", 0, 0])


def test_a_faster_rate_and_a_press_in_the_same_moment_are_reckoned_together():
    world = started(rate(0.5, 0, HOUR_MS))
    rig = world.rig
    name, values = rig.ask("rate", ml(3.9), HOUR_MS)
    assert name == "proposed"
    seq = rig.seq
    rig.send(seq + 1, "apply", world.identity(), values[0])
    rig.send(seq + 2, "demand", world.identity())  # both come in one poll, before anything is laid
    rig.poll()
    rig.poll()
    assert rig.answers[0][1] == "ok"
    assert rig.answers[1][2][0] == "limit_reached"


def test_a_rate_that_waits_in_a_pause_counts_however_long_the_pause_is():
    world = started(rate(0.5, 0, HOUR_MS))
    name, values = world.rig.ask("rate", ml(3), HOUR_MS)
    assert name == "proposed"
    world.rig.ok("apply", world.identity(), values[0])
    world.go(5000)
    full = world.rig.ask("doses")[1][3]
    assert full[1] == pytest.approx(1_500_000, rel=0.01)
    world.rig.ok("pause")
    world.go(40 * MINUTE_MS)
    assert world.rig.ask("doses")[1][3] == full


def test_the_pump_remembers_few_drugs_and_says_so():
    world = World(random.Random(1))
    for i in range(5):
        name = f"drug{i}.ng"
        world.rig.start(order(bolus(0.1, 100), pause(MINUTE_MS), size_ml=5, options=[drug(name)]))
        world.rig.run_until("complete")
        world.rig.ok("stop")
    another = order(bolus(0.1, 100), pause(MINUTE_MS), size_ml=5, options=[drug("drug5.ng")])
    assert world.rig.stage(another) == ("refused", ["too_many_drugs", 5, 4])
    assert world.rig.stage(order(pause(MINUTE_MS), bolus(0.1, 100), size_ml=5, options=[drug(name)]))[0] == "staged"
    world.rig.ok("stop")
    world.rig.controller.now_ms += 24 * HOUR_MS  # a day of powered time
    world.rig.start(another)


def test_a_bolus_of_the_program_that_has_to_wait_for_another_counts_when_it_comes():
    """It waits for the patient's slow one, and so comes closer to the next of the program."""
    phases = [pause(MINUTE_MS), bolus(0.5, 100), pause(805000), bolus(0.5, 100), pause(HOUR_MS)]
    options = [drug("morphine.ng", 1, 1), *[limit(*window) for window in WINDOWS], demand(0.2, 3.6, LOCKOUT_MS)]
    program = order(*phases, size_ml=5, options=options)
    world = World(random.Random(1))
    assert world.start(program) is None
    world.go(55000)
    assert not world.press()
    assert world.rig.seen("demand")[-1]["what"] == "limit_reached"
    world.go(20 * MINUTE_MS)
    world.assert_limits_hold()
