"""Due steps against an independent computation in fractions, written from the specification and not from the code.

The specification: a step is pi/4 (355/113) d**2 pitch / steps_per_turn. A phase by volume ends in the first whole
millisecond in which its volume is reached and has then given exactly that; a phase by time ends when it has flowed so
long. A change takes effect at the horizon (up to where steps are laid when it is asked for). A hold takes effect at
once, and what a person asked for beyond it takes effect with it. Boluses flow beside, one after the other. Due steps
are all that has flowed, in steps, floored once.
"""

import random
from fractions import Fraction

import pytest

import boards
from boards import HOUR_MS, Bed, TestBoard, bolus, ml, order, pause, ramp, rate, repeat, step_of
from picoinfuse_firmware.delivery import CHUNK_MS, LOOKAHEAD_MS, Delivery
from picoinfuse_firmware.due import Due
from picoinfuse_firmware.limits import MAX_RATE_BITS
from picoinfuse_firmware.program import BOLUS, PAUSE, RAMP, RATE, REPEAT

NEVER_MS = 1 << 60


def nl_of_a_step(size_ml):
    """A step in nanolitres, from the drive's figures: 2 mm a turn of 3200 steps."""
    return Fraction(355, 113) / 4 * boards.BARREL_UM[size_ml] ** 2 * 2000 / 3200 / 1000000


def unrolled(phases):
    """The phases in the order in which they run."""
    out = []
    for i, phase in enumerate(phases):
        if phase.kind == REPEAT:
            out += unrolled(phases[phase.to_nl : i]) * (phase.to_ms - 1)
        else:
            out.append(phase)
    return out


def ceil(fraction):
    return -(-fraction.numerator // fraction.denominator)


class Flow:
    """One thing that flows: until its volume is given or its time is over."""

    def __init__(self, from_ms, nl_per_ms, volume=None, duration_ms=None, ramp_to=None):
        self.from_ms = from_ms  # of the present rate
        self.nl_per_ms = nl_per_ms
        self.given = Fraction(0)
        self.volume = volume
        self.left_ms = duration_ms
        self.slope = Fraction(0) if ramp_to is None else (ramp_to - nl_per_ms) / duration_ms
        self.flowed_ms = 0

    def in_time(self, ms):
        """What flows in the next `ms`: of a ramp, the straight line between its exact values at whole seconds."""
        if not self.slope:
            return self.nl_per_ms * ms

        def exact(t):
            return self.nl_per_ms * t + self.slope * t * t / 2

        def stair(t):
            low = t // 1000 * 1000
            high = min(low + 1000, self.flowed_ms + self.left_ms)
            return exact(low) if t == low else exact(low) + (exact(high) - exact(low)) * Fraction(t - low, high - low)

        return stair(self.flowed_ms + ms) - stair(self.flowed_ms)

    def ms_to_end(self):
        ends = []
        if self.left_ms is not None:
            ends.append(self.left_ms)
        if self.volume is not None:
            ends.append(ceil((self.volume - self.given) / self.nl_per_ms))
        return min(ends)

    def flow(self, ms):
        self.given += self.in_time(ms)
        if self.volume is not None:
            self.given = min(self.given, self.volume)
        self.flowed_ms += ms
        if self.left_ms is not None:
            self.left_ms -= ms

    def after(self, ms):
        given = self.given + self.in_time(ms)
        return given if self.volume is None else min(given, self.volume)


class Specification:
    """What ought to have flowed by now; `due` is asked with times that do not go back."""

    def __init__(self, phases, size_ml):
        self.phases = unrolled(phases)
        self.step_nl = nl_of_a_step(size_ml)
        self.now_ms = 0  # up to here everything is summed up
        self.ends_ms = NEVER_MS  # when the first of the flows is over
        self.running = False
        self.closed = Fraction(0)  # given by flows that are over
        self.basal = None
        self.bolus = None
        self.waiting = []  # boluses
        self.changes = []  # (at_ms, what, numbers) a person asked for
        self.index = -1

    def flows(self):
        return [flow for flow in (self.basal, self.bolus) if flow is not None]

    def start(self, now_ms):
        self.now_ms = now_ms
        self.running = True
        if self.index < 0:
            self.next_phase()
        self.look_ahead()

    def look_ahead(self):
        self.ends_ms = min((self.now_ms + flow.ms_to_end() for flow in self.flows()), default=NEVER_MS)

    def next_phase(self):
        self.index += 1
        while self.index < len(self.phases) and self.phases[self.index].kind == BOLUS:
            phase = self.phases[self.index]
            self.add_bolus(phase.volume_nl, Fraction(phase.rate_nl, phase.rate_ms))
            self.index += 1
        if self.index == len(self.phases):
            self.basal = None
            return
        phase = self.phases[self.index]
        if phase.kind == PAUSE:
            self.basal = Flow(self.now_ms, Fraction(0), None, phase.duration_ms)
            return
        flow = Fraction(phase.rate_nl, phase.rate_ms)
        to = Fraction(phase.to_nl, phase.to_ms) if phase.kind == RAMP else None
        self.basal = Flow(self.now_ms, flow, phase.volume_nl or None, phase.duration_ms or None, to)

    def add_bolus(self, volume_nl, nl_per_ms):
        if self.bolus is None:
            self.bolus = Flow(self.now_ms, nl_per_ms, volume_nl)
        else:
            self.waiting.append((volume_nl, nl_per_ms))

    def make(self, what, numbers):
        if what == "rate":
            self.basal.nl_per_ms = numbers[0]
        else:
            self.add_bolus(*numbers)

    def go_to(self, to_ms):
        """Make all that ends or changes by then. Between such moments nothing need be summed up."""
        while self.running:
            at_ms = min(self.ends_ms, self.changes[0][0]) if self.changes else self.ends_ms
            if at_ms > to_ms:
                return
            self.sum_up(at_ms)
            if self.bolus is not None and self.bolus.ms_to_end() <= 0:
                self.closed += self.bolus.given
                self.bolus = None
                if self.waiting:
                    self.add_bolus(*self.waiting.pop(0))
            if self.basal is not None and self.basal.ms_to_end() <= 0:
                self.closed += self.basal.given
                self.next_phase()
            while self.changes and self.changes[0][0] == at_ms:
                self.make(*self.changes.pop(0)[1:])
            self.look_ahead()

    def sum_up(self, now_ms):
        for flow in self.flows():
            flow.flow(now_ms - self.now_ms)
        self.now_ms = now_ms

    def hold(self, now_ms):
        self.go_to(now_ms)
        if self.running:
            self.sum_up(now_ms)
        self.running = False
        for change in self.changes:
            self.make(*change[1:])
        self.changes = []

    def due(self, now_ms):
        self.go_to(now_ms)
        ms = now_ms - self.now_ms if self.running else 0
        return sum((flow.after(ms) for flow in self.flows()), start=self.closed) // self.step_nl


class Bedside(Bed):
    """A Delivery, its board and the specification, polled together."""

    def __init__(self, phases, size_ml=60):
        super().__init__(phases, size_ml)
        self.board.edges = None
        self.specification = Specification(phases, size_ml)
        self.polls = 0

    def start(self):
        super().start()
        self.specification.start(self.now_ms)

    def hold(self):
        super().hold()
        self.specification.hold(self.now_ms)

    def poll(self):
        """Lay what is to be laid and compare; half of the polls come at odd milliseconds."""
        delivery, now_ms = self.delivery, self.now_ms
        super().poll()
        if delivery.running:
            assert delivery.horizon_ms < now_ms + LOOKAHEAD_MS + CHUNK_MS
            assert delivery.horizon_ms >= now_ms + LOOKAHEAD_MS or delivery.turn or not self.board.room()
        due = self.specification.due(now_ms)
        assert delivery.due_steps(now_ms) == due, f"at {now_ms} ms"
        if delivery.running:
            # One step, and a millisecond of motion: a run is even, its interval rounded to whole microseconds.
            assert abs(delivery.steps_given(delivery.dose) - due) <= 3, f"at {now_ms} ms"
        self.polls += 1


# Basal and bolus together stay below what the drive does with the smallest syringe, as limits.py sees to.
# Rates that people order: whole and tenths of mL/h, weight-based doses of a drug, and ratios that nobody would order.
def realistic(random_):
    return random_.choice((random_.randrange(1, 240) * 1000000, random_.randrange(1, 2400) * 100000)), HOUR_MS


def by_dose(random_):
    return random_.choice((5000000, 25000000, 70000000, 7000000)) * random_.randrange(1, 9), HOUR_MS * 3


def odd(random_):
    ms = random_.randrange(1000000, 9999999)
    return ms * random_.randrange(1, 60) + random_.randrange(1, 999), ms


def test_due_steps_are_exact_at_every_poll_over_ten_thousand_changes_pauses_and_boluses():
    random_ = random.Random(20260)
    changes = pauses = boluses = not_exact = polls = 0
    while changes + pauses + boluses < 10000:
        size_ml = random_.choice((5, 20, 60))
        # Orders of many phases; a phase of one volume after the other keeps the ratios within bounds.
        bed = Bedside(
            [rate(60, 0.7), bolus(0.2, 90), ramp(3, 50, 12345), pause(2777), rate(5, 0, 41234), repeat(0, 1000)],
            size_ml,
        )
        bed.start()
        for _ in range(700):
            for _ in range(random_.randrange(1, 15)):
                bed.poll()
                bed.wait(100 if random_.random() < 0.5 else random_.randrange(20, 180))
            bed.poll()
            delivery = bed.delivery
            act = random_.random()
            if act < 0.70:
                family = random_.choice((realistic, realistic, realistic, by_dose, by_dose, odd))
                nl, ms = family(random_)
                if delivery.can_change(bed.now_ms):
                    if delivery.added_by(nl, ms)[-1] > MAX_RATE_BITS:
                        not_exact += 1
                        continue
                    bed.specification.changes.append((delivery.horizon_ms, "rate", (Fraction(nl, ms),)))
                    delivery.change_rate(nl, ms)
                    changes += 1
            elif act < 0.80:
                numbers = random_.randrange(2000, 300000), *realistic(random_)
                bed.specification.changes.append(
                    (delivery.horizon_ms, "bolus", (numbers[0], Fraction(numbers[1], numbers[2])))
                )
                delivery.give_bolus(*numbers)
                boluses += 1
            if act > 0.9 or random_.random() < 0.15:  # often right after a change, inside the look-ahead
                for _ in range(random_.randrange(0, 8)):
                    bed.wait(random_.randrange(1, 180))
                    bed.poll()
                bed.hold()
                bed.poll()
                bed.wait(random_.randrange(0, 20000))
                bed.poll()
                bed.start()
                pauses += 1
        polls += bed.polls
    print(f"{changes} changes, {pauses} pauses, {boluses} boluses, {not_exact} not exact, {polls} polls")
    assert changes > 3000
    assert pauses > 1500
    assert boluses > 700


@pytest.mark.parametrize(("nl", "ms", "size_ml"), [(5000000, HOUR_MS, 60), (5000000, 3 * HOUR_MS, 5)])
def test_due_steps_are_exact_at_every_poll_of_a_day(nl, ms, size_ml):
    """5 mL/h, and 5/3 mL/h, which is no whole number of anything."""
    board = TestBoard(has=())
    flow = boards.Phase(RATE, nl, ms, 200 * 1000000, 0)
    delivery = Delivery(board, [flow], step_of(size_ml), board.ticks_ms())
    step_nl = nl_of_a_step(size_ml)
    per_ms = Fraction(nl, ms) / step_nl
    num, den = per_ms.numerator, per_ms.denominator
    delivery.start(0)
    lay_ms = 0
    for now_ms in range(0, 24 * HOUR_MS, 100):
        if now_ms >= lay_ms:
            lay_ms = delivery.lay(now_ms)
            assert abs(board.steps() - num * now_ms // den) <= 1
        assert delivery.dose.due.at(now_ms) == num * now_ms // den
        board.now_us += 100000
    assert abs(board.steps() * step_nl - Fraction(nl, ms) * 24 * HOUR_MS) <= step_nl


def test_no_fraction_is_lost_when_many_phases_end():
    """Three thousand little volumes, none of them a whole number of steps."""
    due = Due(step_of(60))
    given = 0
    for i in range(3000):
        due.open(i * 1000, given, 1, 1234, 1000)
        given += 1234
    assert due.at(3000 * 1000) == given // nl_of_a_step(60)


def test_what_is_asked_for_now_is_not_disturbed_by_what_is_laid_ahead():
    due = Due(step_of(60))
    due.open(0, 0, 1, 1000, 1)
    before = due.at(900)
    due.open(1000, 1000000, 1, 0, 1)
    assert due.at(900) == before
    assert due.at(1000) == due.at(5000) == Fraction(1000000) // nl_of_a_step(60)
    due.forget(999)
    assert due.at(900) == before
    due.forget(1000)
    assert due.at(2000) == Fraction(1000000) // nl_of_a_step(60)
    due.open(500, 3, 1, 0, 1)  # taken back
    assert due.at(2000) == 0


def test_steps_that_were_due_before_the_flow_came_to_rest_are_laid_at_once():
    due = Due(step_of(60))
    due.open(700, 1000000, 1, 0, 1)
    count, first_us, interval_us = due.run(0, 1700)
    assert (count, first_us, interval_us) == (Fraction(1000000) // nl_of_a_step(60), 700000, 0)
    assert due.run(count, 1700) == (0, 0, 0)


@pytest.mark.parametrize("nl_h", [10000, 5000000, 200000000, 499999999])
def test_the_first_step_of_a_run_comes_in_the_microsecond_in_which_it_is_due(nl_h):
    due = Due(step_of(5))
    due.open(123, 7, 3, nl_h, HOUR_MS)
    until_ms = 123 + 40000
    count, first_us, interval_us = due.run(0, until_ms)
    step_nl = nl_of_a_step(5)
    when_us = 123000 + ceil((step_nl - Fraction(7, 3)) / Fraction(nl_h, HOUR_MS) * 1000)
    if count:
        assert first_us == when_us
    else:
        assert when_us > until_ms * 1000
    if count > 1:
        last_us = 123000 + (step_nl * count - Fraction(7, 3)) / Fraction(nl_h, HOUR_MS) * 1000
        assert abs(first_us + (count - 1) * interval_us - last_us) <= count


def test_an_order_is_delivered_within_one_step_whatever_was_changed_on_the_way():
    """The pump itself keeps the account of what is ordered, changes included."""
    random_ = random.Random(7)
    rig = boards.Rig()
    rig.start(order(rate(20, 0, 60000), rate(30, 1), ramp(10, 90, 30500), rate(2, 0, 45000), repeat(0, 4)))
    while rig.state != "complete":
        rig.run(random_.randrange(1, 60) * 100)
        if rig.state == "infusing":
            name, values = rig.ask("rate", ml(random_.randrange(1, 400)) // 7, HOUR_MS)
            if name == "proposed":
                assert rig.ask("apply", rig.new_id(), values[0])[0] in ("ok", "refused")
            if random_.random() < 0.2 and rig.state == "infusing":
                name, values = rig.ask("bolus", ml(0.3), ml(300), HOUR_MS)
                if name == "proposed":
                    assert rig.ask("apply", rig.new_id(), values[0])[0] in ("ok", "refused")
            if random_.random() < 0.5 and rig.state == "infusing":
                rig.ok("pause")
                rig.run(random_.randrange(1, 30) * 100)
                rig.resume()
    status = rig.status()
    assert len(rig.seen("rate")) > 20
    assert 0 <= status["ordered_nl"] - status["delivered_nl"] <= nl_of_a_step(60) + 1
